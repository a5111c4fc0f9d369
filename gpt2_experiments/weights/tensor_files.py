"""Files of tensors: safetensors, and PyTorch's own, of which nothing but the tensors is read."""

import contextlib
import errno
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gpt2_experiments.shared.errors import UserError


def save_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write a safetensors file; OSError names the file where that fails, as on a full disk."""
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


@contextlib.contextmanager
def open_weights(weights: Path) -> Iterator[Any]:
    """The open safetensors file; its tensors are views of the mapped file."""
    try:
        with safe_open(weights, framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise UserError(
            f"{weights}: damaged ({error}); replace it, or remove it if it was converted from a checkpoint beside it"
        ) from error


def load_pickled(path: Path) -> dict[str, Tensor]:
    """The state dict that `torch.save` wrote; in the newer of its two formats the tensors are views of the mapped file.

    A pickle can hold any program. PyTorch's restricted reader knows tensors and plain containers, and refuses the rest.
    """
    try:
        state = torch.load(path, map_location="cpu", mmap=zipfile.is_zipfile(path), weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path}: is damaged, or holds something else than tensors, of which nothing was run; replace it"
        ) from error
    except Exception as error:  # whatever a damaged file makes of the reader
        raise UserError(f"{path}: damaged ({type(error).__name__}: {error}); replace it") from error
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise UserError(f"{path}: holds something else than tensors by their names; save a model's state dict")
    return dict(state)

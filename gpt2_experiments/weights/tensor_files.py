"""Files of tensors: safetensors, and PyTorch's own, of which nothing but the tensors is read."""

import contextlib
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from gpt2_experiments.shared.errors import UserError


@contextlib.contextmanager
def open_weights(weights: Path) -> Iterator[Any]:
    """The open safetensors file; its tensors are views of the mapped file."""
    try:
        with safe_open(weights, framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise UserError(f"{weights}: damaged ({error}); replace it, or remove it to have it converted again") from error


def load_pickled(path: Path) -> dict[str, Tensor]:
    """The state dict that `torch.save` wrote; in the newer of its two formats the tensors are views of the mapped file.

    A pickle can hold any program. PyTorch's restricted reader knows tensors and plain containers, and refuses the rest.
    """
    try:
        state = torch.load(path, map_location="cpu", mmap=zipfile.is_zipfile(path), weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UserError(f"{path}: cannot be read as a file of tensors alone ({reason}); replace it") from error
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise UserError(f"{path}: holds something else than tensors by their names; save a model's state dict")
    return dict(state)

"""The names that readers' notebooks import from the book's file of this name: GPT-2's weights as numpy arrays."""

import re
from pathlib import Path
from typing import Any

from gpt2_experiments.shared.http_download import download_file
from gpt2_experiments.weights.hparams import read_hparams
from gpt2_experiments.weights.released import download_gpt2
from gpt2_experiments.weights.tensorflow_checkpoint import CHECKPOINT, TensorFlowCheckpoint

__all__ = ["download_and_load_gpt2", "download_file", "load_gpt2_params_from_tf_ckpt"]


def download_and_load_gpt2(model_size: str, models_dir: str | Path) -> tuple[dict[str, int], dict[str, Any]]:
    """Download a released GPT-2 where needed, and read it.

    Args:
        model_size: `124M`, `355M`, `774M` or `1558M`.
        models_dir: Has a folder for each size.

    Returns:
        The contents of `hparams.json`, and the dict of `load_gpt2_params_from_tf_ckpt`.
    """
    folder = download_gpt2(model_size, models_dir)
    settings = read_hparams(folder)
    return settings, load_gpt2_params_from_tf_ckpt(folder / CHECKPOINT, settings)


def load_gpt2_params_from_tf_ckpt(ckpt_path: str | Path, settings: dict[str, int]) -> dict[str, Any]:
    """The book's nested dict of numpy arrays.

    Args:
        ckpt_path: The checkpoint's prefix, `.../model.ckpt`.
        settings: The contents of `hparams.json`.

    Returns:
        `wte`, `wpe`, the final norm's `g` and `b`, and `blocks`: a list of dicts such as
        `{"attn": {"c_attn": {"w": [in, out], "b": [out]}}}`.
    """
    checkpoint = TensorFlowCheckpoint(Path(ckpt_path), settings)
    params: dict[str, Any] = {"blocks": [{} for _ in range(settings["n_layer"])]}
    for name in checkpoint.variables:
        *groups, last = name.removeprefix("model/").removeprefix("ln_f/").split("/")
        target = params
        for group in groups:
            layer = re.fullmatch(r"h(\d+)", group)
            target = params["blocks"][int(layer[1])] if layer else target.setdefault(group, {})
        values = checkpoint.read(name)
        target[last] = values[0] if values.ndim == 3 else values
    return params

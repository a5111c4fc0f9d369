"""`hparams.json` of a folder of weights: the shape of its model."""

import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gpt2_experiments.shared.errors import UserError

HPARAMS_FILE = "hparams.json"
NOT_RENAMED: Mapping[str, str] = types.MappingProxyType({})
HPARAMS_KEYS = ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")


def read_hparams(folder: Path) -> dict[str, int]:
    """The shape of the model, from the folder's `hparams.json`; `UserError` names what is wrong in it."""
    path = folder / HPARAMS_FILE
    try:
        hparams = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: not found; name a folder in the released layout") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); replace it, or remove it to have --model download it") from error
    if not isinstance(hparams, dict):
        raise UserError(f"{path}: not an object with the keys {', '.join(HPARAMS_KEYS)}; replace it")
    return checked_hparams(path, hparams)


def checked_hparams(path: Path, hparams: Mapping[str, Any], called: Mapping[str, str] = NOT_RENAMED) -> dict[str, int]:
    """The shape that a file gives; `UserError` names what is wrong in it, `called` how the keys are called there."""
    problems = [
        f"{path}: {called.get(key, key)} is {json.dumps(hparams[key])}, not a whole number above 0; put it right"
        if key in hparams
        else f"{path}: {called.get(key, key)} is missing; add it"
        for key in HPARAMS_KEYS
        if type(hparams.get(key)) is not int or hparams[key] < 1
    ]
    if not problems and hparams["n_embd"] % hparams["n_head"]:
        problems = [f"{path}: n_embd {hparams['n_embd']} is not divisible by n_head {hparams['n_head']}; put it right"]
    if problems:
        raise UserError(*problems)
    return {key: hparams[key] for key in HPARAMS_KEYS}


def model_config(hparams: dict[str, int]) -> dict[str, Any]:
    """The book's model settings for a released shape."""
    return {
        "vocab_size": hparams["n_vocab"],
        "context_length": hparams["n_ctx"],
        "emb_dim": hparams["n_embd"],
        "n_heads": hparams["n_head"],
        "n_layers": hparams["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }

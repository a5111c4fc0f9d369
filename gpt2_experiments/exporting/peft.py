"""A run's LoRA as an adapter for PEFT, exact: nothing is merged.

PEFT divides its alpha by the rank, the suite does not. It has one layer where the suite has query, key and value.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from gpt2_experiments.exporting.huggingface import their_name
from gpt2_experiments.exporting.parts import OUTPUT, LowRank
from gpt2_experiments.weights.tensor_files import save_tensors

ADAPTER_FILE, CONFIG_FILE, BASE_FOLDER = "adapter_model.safetensors", "adapter_config.json", "base"
PREFIX = "base_model.model."


def write_peft(folder: Path, adapters: Mapping[str, LowRank]) -> None:
    """Write the adapter of a model that is in the folder's `base`."""
    tensors = {}
    for name, adapter in adapters.items():
        tensors[adapter_name(name, "A")] = adapter.down.contiguous()
        tensors[adapter_name(name, "B")] = adapter.up.contiguous()
    save_tensors(folder / ADAPTER_FILE, tensors)
    ranks = {name: adapter.down.shape[0] for name, adapter in adapters.items()}
    alone = ranks[OUTPUT]
    joined = next(name for name, adapter in adapters.items() if adapter.n_parts > 1)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": None,  # it is in `base`, which PEFT would look for on the hub
        "inference_mode": True,
        "r": alone,
        "lora_alpha": adapters[OUTPUT].scale * alone,
        "rank_pattern": {_layer_of(joined): ranks[joined]},
        "alpha_pattern": {_layer_of(joined): adapters[joined].scale * ranks[joined]},
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": True,
        "target_modules": sorted({_layer_of(name) for name in adapters}),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def adapter_name(variable: str, matrix: str) -> str:
    """PEFT's name of a matrix, A or B, of a variable's adapter."""
    return f"{PREFIX}{their_name(variable).removesuffix('.weight')}.lora_{matrix}.weight"


def _layer_of(variable: str) -> str:
    """The last part of the layer's name, by which PEFT finds it."""
    return their_name(variable).removesuffix(".weight").split(".")[-1]


def merged_with(folder: Path, base: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a base, by GPT-2's variables, becomes with the adapter in the folder, by PEFT's formula."""
    tensors = load_file(folder / ADAPTER_FILE)
    config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    merged = dict(base)
    for name, tensor in base.items():
        if adapter_name(name, "A") in tensors:
            down, up = (tensors[adapter_name(name, matrix)] for matrix in "AB")
            layer = _layer_of(name)
            alpha = config["alpha_pattern"].get(layer, config["lora_alpha"])
            scale = alpha / config["rank_pattern"].get(layer, config["r"])
            merged[name] = torch.addmm(tensor, up, down, alpha=scale)
    return merged

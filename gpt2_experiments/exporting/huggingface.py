"""A model as `transformers` saves GPT-2, for its `from_pretrained` and all that reads such folders."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gpt2_experiments.entries.prompt_styles import PromptStyle
from gpt2_experiments.exporting.parts import OUTPUT
from gpt2_experiments.exporting.templates import chat_template
from gpt2_experiments.weights.huggingface import CONFIG_FILE, HEAD, PREFIX, SAFE, SHAPE, theirs_of
from gpt2_experiments.weights.tensor_files import save_tensors
from gpt2_experiments.weights.tokenizer import (
    END_OF_TEXT,
    THEIR_MERGES_FILE,
    USE_FILE,
    VOCABULARY_FILE,
    WHOLE_FILE,
    Vocabulary,
)

TORCH_TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def write_huggingface(
    folder: Path,
    tensors: Mapping[str, Tensor],
    hparams: dict[str, int],
    vocabulary: Vocabulary,
    style: PromptStyle,
    max_new_tokens: int,
    dtype: str,
) -> None:
    """Write weights, configuration, tokenizer and chat template into a folder.

    `tensors`: the parameters by GPT-2's variables (`parts.variables_of`).
    """
    named = {their_name(name): _theirs(name, tensor).to(TORCH_TYPES[dtype]) for name, tensor in tensors.items()}
    save_tensors(folder / SAFE, named)
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), vocabulary.end_of_text)
    config = _config(hparams, tied=OUTPUT not in tensors, dtype=dtype)
    _write(folder / CONFIG_FILE, config | ends)
    _write(folder / "generation_config.json", {"do_sample": False, "max_new_tokens": max_new_tokens} | ends)
    write_tokenizer(folder, vocabulary, hparams["n_ctx"])
    (folder / "chat_template.jinja").write_text(chat_template(style), "utf-8")


def their_name(variable: str) -> str:
    """transformers' name of a variable."""
    return HEAD if variable == OUTPUT else f"{PREFIX}{theirs_of(variable)}"


def _theirs(variable: str, tensor: Tensor) -> Tensor:
    """The tensor as transformers has it: the matrices of the layers are `[in, out]`."""
    return tensor.T.contiguous() if variable.endswith("/w") else tensor.contiguous()


def _config(hparams: dict[str, int], tied: bool, dtype: str) -> dict[str, Any]:
    """What `config.json` says of the model; without `tie_word_embeddings` a head of its own would be lost."""
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        **{theirs: hparams[ours] for ours, (theirs, _) in SHAPE.items()},
        "n_ctx": hparams["n_ctx"],
        "n_inner": None,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "tie_word_embeddings": tied,
        "torch_dtype": str(TORCH_TYPES[dtype]).removeprefix("torch."),
    }


def write_tokenizer(folder: Path, vocabulary: Vocabulary, context_length: int) -> None:
    """Write the tokenizer in both forms, for fast and for slow tokenizers, and how it is to be used."""
    ids = {**vocabulary.ids, **vocabulary.special}
    merges = [f"{first} {second}" for first, second in vocabulary.merges]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False) | {"special": True}
    whole = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        # Of the special tokens only the end: the model was trained on texts in which no others are looked for.
        "added_tokens": [{"id": vocabulary.end_of_text, "content": END_OF_TEXT} | flags],
        "normalizer": None,
        "pre_tokenizer": BYTE_LEVEL,
        "post_processor": BYTE_LEVEL | {"trim_offsets": False},
        "decoder": BYTE_LEVEL,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "vocab": ids, "merges": merges},
    }
    _write(folder / WHOLE_FILE, whole)
    _write(folder / VOCABULARY_FILE, ids)
    (folder / THEIR_MERGES_FILE).write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    ends = dict.fromkeys(("bos_token", "eos_token", "pad_token", "unk_token"), END_OF_TEXT)
    use = {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False, "clean_up_tokenization_spaces": False}
    _write(folder / USE_FILE, use | {"model_max_length": context_length} | ends)


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")

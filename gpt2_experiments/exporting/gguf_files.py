"""A model, or a LoRA alone, as a GGUF file for llama.cpp and what is built on it; written by the package `gguf`."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gpt2_experiments.entries.prompt_styles import PromptStyle
from gpt2_experiments.exporting.parts import OUTPUT, LowRank
from gpt2_experiments.exporting.templates import chat_template
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.tokenizer import END_OF_TEXT, Vocabulary

REQUIREMENTS = "requirements/export.txt"
ARCHITECTURE, NAME = "gpt2", "GPT-2"  # a name with "phi3" in it would have llama.cpp look for that model's tokens
TENSORS = {  # GPT-2's layers: llama.cpp's
    "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "output": "output",
    "ln_1": "attn_norm", "attn/c_attn": "attn_qkv", "attn/c_proj": "attn_output",
    "ln_2": "ffn_norm", "mlp/c_fc": "ffn_up", "mlp/c_proj": "ffn_down",
}  # fmt: skip
VARIABLE = re.compile(r"(?:model/)?(?:h(?P<layer>\d+)/)?(?P<name>.*?)(?:/(?P<kind>[wgb]))?")
QUANTIZED = {"f32": "F32", "f16": "F16", "bf16": "BF16", "q8_0": "Q8_0"}  # gguf's names of the types
FILE_TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "bf16": "MOSTLY_BF16", "q8_0": "MOSTLY_Q8_0"}
SHAPE = {  # our words for a model's shape: llama.cpp's
    "n_ctx": "context_length", "n_embd": "embedding_length", "n_layer": "block_count",
    "n_head": "attention.head_count",
}  # fmt: skip
ALWAYS_F32 = ("token_embd.weight", "position_embd.weight")  # and all that is no matrix
BLOCK = 32  # values that q8_0 quantizes together


def check_gguf(dtype: str, width: int) -> None:
    """`UserError` where the package is missing, or the type cannot hold rows of this width."""
    _gguf()
    if dtype == "q8_0" and width % BLOCK:
        raise UserError(f"--dtype q8_0: takes {BLOCK} values together, the model's width is {width}; choose f16")


def write_gguf(
    path: Path,
    tensors: Mapping[str, Tensor],
    hparams: dict[str, int],
    vocabulary: Vocabulary,
    style: PromptStyle,
    dtype: str,
) -> None:
    """Write a model; `tensors` are its parameters by GPT-2's variables (`parts.variables_of`)."""
    gguf = _gguf()
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    writer.add_name(NAME)
    writer.add_context_length(hparams["n_ctx"])
    writer.add_embedding_length(hparams["n_embd"])
    writer.add_feed_forward_length(4 * hparams["n_embd"])
    writer.add_block_count(hparams["n_layer"])
    writer.add_head_count(hparams["n_head"])
    writer.add_layer_norm_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType[FILE_TYPES[dtype]])
    _add_tokenizer(gguf, writer, vocabulary, hparams["n_vocab"])
    writer.add_chat_template(chat_template(style))
    for variable, tensor in tensors.items():
        name, values = gguf_name(variable), tensor.numpy().astype(np.float32)
        kind = gguf.GGMLQuantizationType.F32
        if values.ndim > 1 and name not in ALWAYS_F32:
            kind = gguf.GGMLQuantizationType[QUANTIZED[dtype]]
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    _finish(writer)


def write_gguf_adapter(path: Path, adapters: Mapping[str, LowRank]) -> None:
    """Write a LoRA alone.

    llama.cpp has one alpha, which it divides by each matrix's own rank: where ranks were added up, B makes up for it.
    """
    gguf = _gguf()
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(NAME)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, adapters[OUTPUT].scale * adapters[OUTPUT].down.shape[0])
    for variable, adapter in adapters.items():
        writer.add_tensor(f"{gguf_name(variable)}.lora_a", adapter.down.contiguous().numpy())
        writer.add_tensor(f"{gguf_name(variable)}.lora_b", (adapter.n_parts * adapter.up).contiguous().numpy())
    _finish(writer)


def gguf_name(variable: str) -> str:
    """llama.cpp's name of a variable: `blk.0.attn_qkv.weight` of `model/h0/attn/c_attn/w`."""
    match = VARIABLE.fullmatch(variable)
    assert match is not None
    block = f"blk.{match['layer']}." if match["layer"] else ""
    return f"{block}{TENSORS[match['name']]}.{'bias' if match['kind'] == 'b' else 'weight'}"


class GGUFModel(NamedTuple):
    """What a file holds of a model."""

    tensors: dict[str, Tensor]  # by their names in it, float32
    hparams: dict[str, int]
    vocabulary: Vocabulary


def read_gguf(path: Path) -> GGUFModel:
    """Read a model's file; tokens that are marked as unused only fill up the vocabulary."""
    gguf = _gguf()
    reader = gguf.GGUFReader(path)
    fields = reader.fields
    shape = {name: fields[f"{ARCHITECTURE}.{key}"].contents() for name, key in SHAPE.items()}
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    ids = {token: at for at, token in enumerate(tokens) if kinds[at] == gguf.TokenType.NORMAL}
    end = fields["tokenizer.ggml.eos_token_id"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    vocabulary = Vocabulary(ids, {tokens[end]: end}, merges, path, path)
    return GGUFModel(_tensors(gguf, reader), shape | {"n_vocab": len(tokens)}, vocabulary)


def _tensors(gguf: Any, reader: Any) -> dict[str, Tensor]:
    return {
        tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
        for tensor in reader.tensors
    }


def merged_with_adapter(path: Path, base: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a base, by GPT-2's variables, becomes with the adapter, by llama.cpp's formula."""
    gguf = _gguf()
    reader = gguf.GGUFReader(path)
    alpha = float(reader.fields[gguf.Keys.Adapter.LORA_ALPHA].contents())
    matrices, merged = _tensors(gguf, reader), dict(base)
    for variable, tensor in base.items():
        down, up = (matrices.get(f"{gguf_name(variable)}.lora_{which}") for which in "ab")
        if down is not None and up is not None:
            merged[variable] = torch.addmm(tensor, up, down, alpha=alpha / up.shape[1])
    return merged


def _add_tokenizer(gguf: Any, writer: Any, vocabulary: Vocabulary, n_vocab: int) -> None:
    """The tokens by their ids; rows without one get an unused one. Without an end its id would be that of a comma."""
    tokens = [f"[unused {at}]" for at in range(n_vocab)]
    kinds = [gguf.TokenType.UNUSED] * n_vocab  # as are special tokens but for the end: no text has them
    for token, at in vocabulary.ids.items():
        tokens[at], kinds[at] = token, gguf.TokenType.NORMAL
    tokens[vocabulary.end_of_text], kinds[vocabulary.end_of_text] = END_OF_TEXT, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{first} {second}" for first, second in vocabulary.merges])
    writer.add_bos_token_id(vocabulary.end_of_text)
    writer.add_eos_token_id(vocabulary.end_of_text)
    writer.add_add_bos_token(False)


def _finish(writer: Any) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _gguf() -> Any:
    """The package, which only exports need."""
    try:
        return importlib.import_module("gguf")
    except ImportError:
        raise UserError(f"--to: needs the package gguf; pip install -r {REQUIREMENTS}") from None

"""What is exported for llama.cpp has the names, types and values that its architecture `gpt2` reads."""

import gguf
import numpy as np
import pytest
import torch

from export_model import main
from gpt2_experiments.exporting.gguf_files import gguf_name
from gpt2_experiments.exporting.parts import OUTPUT
from gpt2_experiments.exporting.templates import chat_template
from gpt2_experiments.weights.tensorflow_checkpoint import checkpoint_variables

TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16"}
WIDTH = 16  # of the small model


@pytest.fixture
def exported(run_folder, tmp_path):
    def export(variant, to, dtype="f32"):
        main([str(run_folder(variant)), "--to", to, "--dtype", dtype, "--output_dir", str(tmp_path / "out")])
        return tmp_path / "out"

    return export


def test_the_names_are_those_of_the_architecture(tuned):
    hparams = tuned("baseline")[0].source.hparams
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPT2, hparams["n_layer"])
    for variable in (*checkpoint_variables(hparams), OUTPUT):
        name, kind = gguf_name(variable).rsplit(".", 1)
        theirs = variable.removeprefix("model/").replace("/w", "").replace("/b", "").replace("/g", "").replace("/", ".")
        theirs = {"output": "lm_head"}.get(theirs, theirs)
        layer = f"h.{theirs[1:]}" if theirs.startswith("h") else theirs
        assert names.get_name(f"transformer.{layer}") == name or names.get_name(layer) == name
        assert kind == ("bias" if variable.endswith("/b") else "weight")


@pytest.mark.parametrize("dtype", TYPES)
def test_the_values_are_the_models(dtype, exported, tuned):
    _, model, _ = tuned("lora")
    tensors = {
        tensor.name: tensor for tensor in gguf.GGUFReader(exported("lora", "gguf", dtype) / "model.gguf").tensors
    }
    state = model.state_dict()
    block = "trf_blocks.1.att."
    qkv = torch.cat([state[f"{block}W_{part}.weight"] for part in ("query", "key", "value")])
    expected = {
        "blk.1.attn_qkv.weight": qkv,
        "blk.0.ffn_down.weight": state["trf_blocks.0.ff.layers.2.weight"],
        "output.weight": state["out_head.weight"],
        "token_embd.weight": state["tok_emb.weight"],
        "position_embd.weight": state["pos_emb.weight"],
        "output_norm.bias": state["final_norm.shift"],
    }
    rounded = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[dtype]
    for name, values in expected.items():
        kept = name in ("token_embd.weight", "position_embd.weight", "output_norm.bias")
        assert tensors[name].tensor_type.name == ("F32" if kept else TYPES[dtype])
        found = gguf.quants.dequantize(tensors[name].data, tensors[name].tensor_type)
        np.testing.assert_array_equal(found, (values if kept else values.to(rounded).float()).numpy())
    assert len(tensors) == 5 + 1 + 12 * 2 - 1


def test_tokens_ends_and_template_are_the_runs(exported, tuned):
    run, _, tokenizer = tuned("phi3_prompt")
    reader = gguf.GGUFReader(exported("phi3_prompt", "gguf") / "model.gguf")
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert len(fields["tokenizer.ggml.tokens"]) == tokenizer.n_vocab
    assert fields["tokenizer.ggml.token_type"][tokenizer.eot_token] == gguf.TokenType.CONTROL
    ends = [fields[f"tokenizer.ggml.{end}_token_id"] for end in ("bos", "eos")]
    assert ends == [tokenizer.eot_token] * 2
    assert fields["tokenizer.ggml.add_bos_token"] is False
    assert fields["tokenizer.chat_template"] == chat_template(run.style)
    assert fields["general.name"] == "GPT-2"  # of one with "phi3" in it llama.cpp would look for Phi-3's tokens
    assert (fields["gpt2.context_length"], fields["gpt2.feed_forward_length"]) == (256, 4 * WIDTH)


def test_the_adapter_adds_what_lora_adds(exported, tuned):
    """By llama.cpp's formula: alpha divided by the rank of each matrix, times B times A."""
    _, model, _ = tuned("lora")
    folder = exported("lora", "gguf_adapter")
    adapter, base = gguf.GGUFReader(folder / "adapter.gguf"), gguf.GGUFReader(folder / "base.gguf")
    alpha = adapter.fields["adapter.lora.alpha"].contents()
    assert alpha == 16 * 16
    matrices = {tensor.name: tensor.data for tensor in adapter.tensors}
    for tensor in base.tensors:
        if f"{tensor.name}.lora_a" in matrices:
            down, up = (matrices[f"{tensor.name}.lora_{which}"] for which in "ab")
            merged = tensor.data + alpha / up.shape[1] * up @ down
            if tensor.name == "output.weight":
                np.testing.assert_allclose(merged, model.out_head.weight.detach().numpy(), atol=1e-5)
            if tensor.name == "blk.1.attn_qkv.weight":
                key = model.trf_blocks[1].att.W_key.weight.detach().numpy()
                np.testing.assert_allclose(merged[WIDTH : 2 * WIDTH], key, atol=1e-5)
    assert len(matrices) == 2 * (1 + 2 * 4)

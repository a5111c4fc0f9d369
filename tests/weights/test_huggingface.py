"""Folders in Hugging Face's layout are read to what transformers makes of them; what the model cannot be is refused."""

import json
import os
import pickle
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from support.hub_server import COMMIT, serving_hub
from support.paths import ROOT, TINY
from support.small_checkpoint import N_VOCAB
from transformers import GPT2Config, GPT2LMHeadModel, GPT2TokenizerFast

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.huggingface import HuggingFaceFolder
from gpt2_experiments.weights.loading import load_gpt2
from gpt2_experiments.weights.tokenizer import encoding_of, huggingface_vocabulary, load_tokenizer

BUFFERS = {"attn.bias": torch.ones(1, 1, 64, 64).tril().bool(), "attn.masked_bias": torch.tensor(-1e4)}


def theirs(**config):
    """A small GPT-2 of transformers with random weights, no bias or scale of which is 0 or 1."""
    torch.manual_seed(0)
    shape = {"vocab_size": N_VOCAB, "n_positions": 64, "n_embd": 32, "n_head": 4, "n_layer": 2}
    model = GPT2LMHeadModel(GPT2Config(**shape | config)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def with_slow_tokenizer(folder):
    """Add the tokenizer of gpt2-tiny in the older of the two forms."""
    (folder / "vocab.json").write_bytes((TINY / "encoder.json").read_bytes())
    (folder / "merges.txt").write_bytes((TINY / "vocab.bpe").read_bytes())
    return folder


def with_fast_tokenizer(folder, *added):
    """Add it as a tokenizer.json."""
    tokenizer = GPT2TokenizerFast(str(TINY / "encoder.json"), str(TINY / "vocab.bpe"))
    tokenizer.add_tokens(list(added))
    tokenizer.save_pretrained(folder)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink(missing_ok=True)
    return folder


def theirs_in(folder, n_rows=N_VOCAB):
    """The tokenizer of the folder, for an embedding of so many rows."""
    return encoding_of(huggingface_vocabulary(folder, n_rows), n_rows)


def saved(model, folder, **options):
    model.save_pretrained(folder, **options)
    return with_slow_tokenizer(folder)


def rewritten(model, folder, change, pickled=False, **options):
    """The folder with its tensors changed, in one file of either format."""
    saved(model, folder)
    state = change(load_file(folder / "model.safetensors"))
    if pickled:
        (folder / "model.safetensors").unlink()
        torch.save(state, folder / "pytorch_model.bin", **options)
    else:
        save_file(state, folder / "model.safetensors")
    return folder


def old_names(state):
    """Without the prefix, with the buffers of old versions: as openai-community/gpt2 is."""
    buffers = {f"h.{layer}.{name}": tensor.clone() for layer in range(2) for name, tensor in BUFFERS.items()}
    return {name.removeprefix("transformer."): tensor for name, tensor in state.items()} | buffers


def in_halves(state):
    return {name: tensor.half() for name, tensor in state.items()}


def untied(folder):
    return saved(theirs(tie_word_embeddings=False), folder)


def padded(folder):
    model = theirs()
    model.resize_token_embeddings(N_VOCAB + 7)
    return saved(model, folder)


KINDS = {
    "as transformers saves it": lambda folder: saved(theirs(), folder),
    "sharded": lambda folder: saved(theirs(), folder, max_shard_size="50KB"),
    "bfloat16": lambda folder: saved(theirs().bfloat16(), folder),
    "head of its own": untied,
    "padded vocabulary": padded,
    "old names": lambda folder: rewritten(theirs(), folder, old_names),
    "pickled in float16": lambda folder: rewritten(theirs(), folder, lambda state: in_halves(old_names(state)), True),
    "pickled long ago": lambda folder: rewritten(
        theirs(), folder, dict, True, _use_new_zipfile_serialization=False
    ),
    "same activation by another name": lambda folder: saved(theirs(activation_function="gelu_pytorch_tanh"), folder),
    "inner width said": lambda folder: saved(theirs(n_inner=128), folder),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_logits_of_transformers(kind, tmp_path):
    folder = KINDS[kind](tmp_path / "model")
    model, tokenizer = load_gpt2(folder)
    tokens = torch.randint(0, N_VOCAB, (2, 64), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32)(tokens).logits
        torch.testing.assert_close(model(tokens), expected, rtol=0, atol=1e-4)
    assert tokenizer.n_vocab == model.tok_emb.num_embeddings == expected.shape[-1]
    assert all(parameter.is_contiguous() for parameter in model.parameters())


def test_a_head_that_the_config_ties_is_left_out_with_a_word(tmp_path, capsys):
    folder = rewritten(theirs(), tmp_path / "model", lambda state: state | {"lm_head.weight": torch.ones(N_VOCAB, 32)})
    model, _ = load_gpt2(folder)
    assert model.out_head.weight.equal(model.tok_emb.weight)
    assert "lm_head.weight is left out, as transformers does" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"activation_function": "gelu"}, "activation_function is 'gelu'; the model here knows 'gelu_new'"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx is True"),
        ({"n_inner": 64}, "n_inner is 64; the model here knows 128 alone"),
        ({"n_embd": None}, "n_embd is null, not a whole number"),
        ({"model_type": "gpt_neo"}, "model_type is 'gpt_neo'"),
        ({"add_cross_attention": True}, "add_cross_attention is True"),
        ({"layer_norm_epsilon": 1e-6}, "layer_norm_epsilon is 1e-06"),
        ({"quantization_config": {"bits": 4}}, "quantization_config is"),
        ({"n_embd": "wide"}, 'n_embd is "wide", not a whole number'),
        ({"n_head": 5}, "n_embd 32 is not divisible by n_head 5"),
        ({"n_layer": 3}, "h.2.ln_1.weight is missing"),
        ({"n_layer": 1}, r"12 differences; take both from one model: h\.1\..* is unknown"),
        ({"n_positions": 32}, r"wpe.weight has shape \[64, 32\] instead of \[32, 32\]"),
        ({"vocab_size": 100}, "has no row in an embedding of 100"),
        ({"tie_word_embeddings": False}, "lm_head.weight is missing"),
    ],
)  # fmt: skip
def test_what_the_model_cannot_be_is_refused_with_the_reason(settings, said, tmp_path):
    folder = saved(theirs(), tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | settings))
    with pytest.raises(UserError, match=said):
        load_gpt2(folder)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "neither model.safetensors nor pytorch_model.bin"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"{}" * 20), "model.safetensors: damaged"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json: not JSON"),
        (lambda folder: (folder / "config.json").write_text("[]"), "not an object with a model's settings"),
        (lambda folder: (folder / "merges.txt").unlink(), "merges.txt: not found"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "not a byte-level BPE tokenizer"),
    ],
)
def test_a_damaged_file_is_named(spoil, said, tmp_path):
    folder = saved(theirs(), tmp_path / "model")
    spoil(folder)
    with pytest.raises(UserError, match=said):
        load_gpt2(folder)


@pytest.mark.parametrize("n_bytes", [0, 1, 1000, 20_000])
@pytest.mark.parametrize("new_format", [True, False])
def test_a_pickle_that_breaks_off_is_damaged(n_bytes, new_format, tmp_path):
    folder = rewritten(theirs(), tmp_path / "model", dict, True, _use_new_zipfile_serialization=new_format)
    path = folder / "pytorch_model.bin"
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(UserError, match=r"pytorch_model\.bin: (is )?damaged"):
        load_gpt2(folder)


def test_an_adapter_alone_and_a_classifier_are_called_so(tmp_path):
    folder = saved(theirs(), tmp_path / "model")
    state = load_file(folder / "model.safetensors")
    save_file(state | {"score.weight": torch.ones(2, 32)}, folder / "model.safetensors")
    with pytest.raises(UserError, match=r"it is a classifier \(score\.weight\)"):
        load_gpt2(folder)
    (folder / "config.json").rename(folder / "adapter_config.json")
    with pytest.raises(UserError, match="merge the adapter there into its model"):
        HuggingFaceFolder(folder).state()


def test_a_missing_shard_is_named(tmp_path):
    folder = saved(theirs(), tmp_path / "model", max_shard_size="50KB")
    next(folder.glob("model-00002-*")).unlink()
    with pytest.raises(UserError, match=r"model-00002-of-\d+.safetensors are missing, which"):
        load_gpt2(folder)


class Program:
    """What a pickle should never be allowed to do."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("write", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content, 2))])
def test_nothing_in_a_pickle_is_executed(write, tmp_path):
    folder = saved(theirs(), tmp_path / "model")
    (folder / "model.safetensors").unlink()
    write({"wte.weight": Program(f"touch {tmp_path / 'executed'}")}, folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"holds something else than tensors, of which nothing was run; replace it$"):
        load_gpt2(folder)
    assert not (tmp_path / "executed").exists()


# Tokenizers


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory):
    """Of the released layout, of the two forms in Hugging Face's, and transformers' own."""
    slow, fast = tmp_path_factory.mktemp("slow"), tmp_path_factory.mktemp("fast")
    return (
        load_tokenizer(TINY),
        theirs_in(with_slow_tokenizer(slow)),
        theirs_in(with_fast_tokenizer(fast)),
        GPT2TokenizerFast.from_pretrained(fast),
    )


@given(st.text())
def test_every_form_of_the_tokenizer_encodes_the_same(tokenizers, text):
    released, slow, fast, transformers = tokenizers
    assert slow.encode_ordinary(text) == fast.encode_ordinary(text) == released.encode_ordinary(text)
    assert transformers.encode(text, split_special_tokens=True) == released.encode_ordinary(text)


def test_every_form_of_the_tokenizer_encodes_the_data_set_the_same(tokenizers):
    released, slow, fast, transformers = tokenizers
    for entry in json.loads((ROOT / "instruction-data.json").read_text("utf-8")):
        text = "\n".join(entry.values())
        tokens = transformers.encode(text)
        assert slow.encode_ordinary(text) == fast.encode_ordinary(text) == released.encode_ordinary(text) == tokens


def test_added_tokens_are_special_and_rows_without_one_get_one(tmp_path):
    folder = with_fast_tokenizer(tmp_path, "[PAD]", "[SEP]")
    tokenizer = theirs_in(folder, N_VOCAB + 5)
    assert tokenizer.n_vocab == N_VOCAB + 5
    assert tokenizer.decode([N_VOCAB, N_VOCAB + 1]) == "[PAD][SEP]"
    assert tokenizer.decode([N_VOCAB + 4]) == f"<|unused {N_VOCAB + 4}|>"
    assert N_VOCAB not in tokenizer.encode_ordinary("a [PAD]")
    assert theirs_in(folder).n_vocab == N_VOCAB  # added, but the embedding has no rows


def test_an_older_tokenizer_file_is_read(tmp_path):
    """Without the model's type, which files of the first versions do not tell; merges as texts."""
    path = with_fast_tokenizer(tmp_path) / "tokenizer.json"
    whole = json.loads(path.read_text("utf-8"))
    del whole["model"]["type"]
    whole["model"]["merges"] = [" ".join(merge) for merge in whole["model"]["merges"]]
    path.write_text(json.dumps(whole))
    text = "The quick brown fox \u65e5\u672c"
    assert theirs_in(tmp_path).encode_ordinary(text) == load_tokenizer(TINY).encode_ordinary(text)


def test_tokens_that_texts_have_stay_ordinary_though_they_were_added(tmp_path, capsys):
    with_slow_tokenizer(tmp_path)
    ids = json.loads((tmp_path / "vocab.json").read_text("utf-8"))
    used = {"added_tokens_decoder": {str(ids["!"]): {"content": "!"}, str(N_VOCAB): {"content": "[SEP]"}}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(used))
    tokenizer = theirs_in(tmp_path, N_VOCAB + 1)
    assert tokenizer.encode_ordinary("Go!") == load_tokenizer(TINY).encode_ordinary("Go!")
    assert tokenizer.decode([N_VOCAB]) == "[SEP]"
    assert "texts are cut into tokens without [SEP], which transformers would look for" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            lambda whole: whole["model"].update(merges=[[1, 2]]),
            "[1-9][0-9]* tokens there are made by no merge|stands for",
        ),
        (lambda whole: whole["pre_tokenizer"].update(add_prefix_space=True), "cuts texts in another way"),
        (lambda whole: whole.update(normalizer={"type": "NFC"}), "cuts texts in another way"),
        (lambda whole: whole["model"].update(type="WordPiece"), "cuts texts in another way"),
        (lambda whole: whole["model"]["vocab"].update(again=5), "several tokens have the same id"),
        (lambda whole: whole["model"]["merges"].pop(), "1 tokens there are made by no merge"),
    ],
)
def test_another_kind_of_tokenizer_is_refused(edit, said, tmp_path):
    path = with_fast_tokenizer(tmp_path) / "tokenizer.json"
    whole = json.loads(path.read_text("utf-8"))
    edit(whole)
    path.write_text(json.dumps(whole))
    with pytest.raises(UserError, match=rf"tokenizer\.json: .*{said}"):
        theirs_in(tmp_path)


# The hub


LOADING = """
import sys
from pathlib import Path
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.loading import load_tokenizer_of
from gpt2_experiments.weights.sources import find_source
try:
    source = find_source(None, sys.argv[1], "gpt2", None, check=False, tokenizer_only=len(sys.argv) > 2)
    n_vocab = load_tokenizer_of(source).n_vocab
except UserError as error:
    sys.exit(f"error: {error}")
print(source.name, source.hparams["n_embd"], n_vocab, *map(Path.exists, source.weight_files[:1]))
"""


@pytest.fixture
def hub(tmp_path):
    saved(theirs(), tmp_path / "hub" / "org" / "small")
    rewritten(theirs(), tmp_path / "hub" / "org" / "pickled", dict, True)
    with serving_hub(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def load(tmp_path):
    """Find a source in a process of its own, as the library reads its environment once."""

    def load(server, *arguments, **more):
        environment = os.environ | {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "cache"), **more}
        command = [sys.executable, "-c", LOADING, *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)

    return load


@pytest.mark.parametrize("name", ["small", "pickled"])
def test_a_model_of_the_hub_is_downloaded_once_and_read_offline(hub, load, name):
    expected = f"{name} 32 {N_VOCAB} True\n"
    assert load(hub, f"hf:org/{name}").stdout == expected
    asked = len(hub.requests)
    assert not any("README" in request for request in hub.requests)
    assert load(hub, f"hf:org/{name}@{COMMIT}", HF_HUB_OFFLINE="1").stdout == expected
    assert len(hub.requests) == asked


def test_for_the_tokenizer_no_weights_are_downloaded(hub, load):
    failed = load(hub, "hf:org/small", "tokenizer only")
    assert "neither model.safetensors nor" in failed.stderr  # the program asks for them, and they are not there
    assert any("vocab.json" in request for request in hub.requests)
    assert not any("safetensors" in request for request in hub.requests)


@pytest.mark.parametrize("name", ["hf:org/missing", f"hf:org/small@{40 * 'b'}"])
def test_what_the_hub_does_not_have_is_said_in_a_line(hub, load, name):
    run = load(hub, name)
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: --weights {name}: cannot be had")
    assert len(run.stderr.splitlines()) == 1

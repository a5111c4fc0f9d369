"""Checkpoint folders become models: converted once, mapped, checked, and equal to what TensorFlow reads."""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest
import safetensors.torch
import torch
from support.paths import ROOT
from support.released_checkpoint import write_released_checkpoint
from support.small_checkpoint import N_VOCAB, TINY
from support.transformers_peer import transformers_model
from support.weights_server import serving

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights import released
from gpt2_experiments.weights.hparams import model_config
from gpt2_experiments.weights.loading import load_gpt2
from gpt_download import download_and_load_gpt2, load_gpt2_params_from_tf_ckpt
from previous_chapters import load_weights_into_gpt

HPARAMS = {"n_vocab": N_VOCAB, "n_ctx": 24, "n_embd": 16, "n_head": 2, "n_layer": 2}
DATA_FILE = "model.ckpt.data-00000-of-00001"
SLIM = ("model.safetensors", "hparams.json", "encoder.json", "vocab.bpe")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """(folder in the released layout, its variables); not to be changed."""
    folder = tmp_path_factory.mktemp("release")
    return folder, write_released_checkpoint(folder, HPARAMS, TINY)


@pytest.fixture
def folder(release, tmp_path):
    """A release that has not been converted."""
    return shutil.copytree(release[0], tmp_path / "weights")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_same_weights(model, other):
    names, others = model.state_dict(), other.state_dict()
    assert names.keys() == others.keys()
    assert [name for name in names if not names[name].equal(others[name])] == []


def book_model(params):
    """The model that the book's functions make."""
    model = GPTModel(model_config(HPARAMS))
    load_weights_into_gpt(model, params)
    return model


def test_parameters_are_the_checkpoints_variables(release, folder):
    _, variables = release
    weights = {name: tensor.detach().numpy() for name, tensor in load_gpt2(folder)[0].named_parameters()}
    assert (weights["tok_emb.weight"] == variables["model/wte"]).all()
    assert (weights["out_head.weight"] == variables["model/wte"]).all()
    assert (weights["pos_emb.weight"] == variables["model/wpe"]).all()
    assert (weights["final_norm.scale"] == variables["model/ln_f/g"]).all()
    for part, name in enumerate(("W_query", "W_key", "W_value")):
        columns = slice(16 * part, 16 * (part + 1))
        weight, bias = weights[f"trf_blocks.1.att.{name}.weight"], weights[f"trf_blocks.1.att.{name}.bias"]
        assert (variables["model/h1/attn/c_attn/w"][0, :, columns] == weight.T).all()
        assert (bias == variables["model/h1/attn/c_attn/b"][columns]).all()
    assert (variables["model/h0/mlp/c_proj/w"][0] == weights["trf_blocks.0.ff.layers.2.weight"].T).all()
    assert (weights["trf_blocks.0.norm2.shift"] == variables["model/h0/ln_2/b"]).all()


def test_the_model_is_the_one_that_the_books_functions_make(folder):
    params = load_gpt2_params_from_tf_ckpt(folder / "model.ckpt", HPARAMS)
    assert_same_weights(load_gpt2(folder)[0], book_model(params))


def test_the_books_download_gives_the_books_dict(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(released, "KNOWN_SHA256", {})  # of GPT-2's vocabulary, which this release does not have
    shutil.copytree(folder, tmp_path / "server" / "355M")
    with serving(tmp_path / "server") as server:
        monkeypatch.setenv(released.WEIGHTS_URL_VARIABLE, server.url)
        settings, params = download_and_load_gpt2(model_size="355M", models_dir=str(tmp_path / "gpt2"))
    assert settings == HPARAMS
    assert params.keys() == {"blocks", "wte", "wpe", "g", "b"}
    assert params["blocks"][1].keys() == {"ln_1", "attn", "mlp", "ln_2"}
    assert params["blocks"][1]["mlp"]["c_fc"]["w"].shape == (16, 64)
    assert_same_weights(book_model(params), load_gpt2(folder)[0])


def test_parameters_can_be_trained_and_the_file_stays(folder):
    model, _ = load_gpt2(folder)
    before = digest(folder / "model.safetensors")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    model(torch.tensor([[1, 2, 3]])).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in model.parameters():
            assert parameter.dtype == torch.float32
            assert parameter.is_leaf
            parameter.add_(1)
    assert not model.tok_emb.weight.equal(load_gpt2(folder)[0].tok_emb.weight)
    assert digest(folder / "model.safetensors") == before


def test_the_head_has_its_own_memory_and_the_masks_share_theirs(folder):
    model, _ = load_gpt2(folder)
    assert model.out_head.weight.data_ptr() != model.tok_emb.weight.data_ptr()
    assert {buffer.data_ptr() for _, buffer in model.named_buffers()} == {model.trf_blocks[0].att.mask.data_ptr()}
    assert_same_weights(model, book_model(load_gpt2_params_from_tf_ckpt(folder / "model.ckpt", HPARAMS)))


def test_a_second_load_neither_converts_nor_imports_tensorflow(folder):
    load_gpt2(folder)
    stat = (folder / "model.safetensors").stat()
    program = (
        f"import sys; from gpt2_experiments.weights.loading import load_gpt2; model, _ = load_gpt2({str(folder)!r}); "
        "print('tensorflow' in sys.modules, sum(p.double().sum().item() for p in model.parameters()))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    total = sum(parameter.double().sum().item() for parameter in load_gpt2(folder)[0].parameters())
    assert run.stdout == f"False {total}\n"
    assert (folder / "model.safetensors").stat().st_ino == stat.st_ino


@pytest.mark.parametrize("kept", [SLIM, ("hparams.json", "encoder.json", "vocab.bpe", DATA_FILE, "model.ckpt.index")])
def test_either_kind_of_weights_is_enough(folder, kept, tmp_path):
    model, _ = load_gpt2(folder)
    (tmp_path / "part").mkdir()
    for name in kept:
        shutil.copy(folder / name, tmp_path / "part")
    assert_same_weights(load_gpt2(tmp_path / "part")[0], model)


def test_a_folder_that_cannot_be_written_works_once_it_is_converted(folder):
    model, _ = load_gpt2(folder)
    (folder / ".weights.lock").unlink()
    (folder / ".weights.lock").mkdir()  # root may write anywhere; a folder cannot be locked by anybody
    assert_same_weights(load_gpt2(folder)[0], model)


def test_a_changed_checkpoint_is_converted_again(folder):
    first = load_gpt2(folder)[0].tok_emb.weight.clone()
    variables = write_released_checkpoint(folder, HPARAMS, TINY, seed=1)
    second = load_gpt2(folder)[0].tok_emb.weight
    assert not second.equal(first)
    assert second.equal(torch.from_numpy(variables["model/wte"]))


def test_somebodys_own_safetensors_file_is_taken_as_it_is(folder):
    """It was not made from the checkpoint beside it, so it is not replaced either."""
    load_gpt2(folder)
    tensors = safetensors.torch.load_file(folder / "model.safetensors")
    tensors["out_head.weight"] = torch.ones_like(tensors["tok_emb.weight"])
    safetensors.torch.save_file(tensors, folder / "model.safetensors")
    assert load_gpt2(folder)[0].out_head.weight.eq(1).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_weights_are_widened(folder, dtype):
    load_gpt2(folder)
    tensors = safetensors.torch.load_file(folder / "model.safetensors")
    narrow = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    safetensors.torch.save_file(narrow, folder / "model.safetensors")
    model, _ = load_gpt2(folder)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.pos_emb.weight.equal(tensors["pos_emb.weight"].to(dtype).float())


def test_weights_of_another_type_are_refused(folder):
    load_gpt2(folder)
    tensors = safetensors.torch.load_file(folder / "model.safetensors")
    safetensors.torch.save_file(
        {name: tensor.double() for name, tensor in tensors.items()}, folder / "model.safetensors"
    )
    with pytest.raises(UserError, match="has values of type float64; save them as float32"):
        load_gpt2(folder)


def test_the_embedded_model_loads():
    model, tokenizer = load_gpt2(TINY)
    assert tokenizer.n_vocab == model.tok_emb.num_embeddings
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def set_hparams(folder, **changes):
    """Change `hparams.json`; None removes a key."""
    hparams = json.loads((folder / "hparams.json").read_bytes()) | changes
    hparams = {key: value for key, value in hparams.items() if value is not None}
    (folder / "hparams.json").write_text(json.dumps(hparams))


@pytest.mark.parametrize("converted", [False, True])
def test_all_differences_from_hparams_are_in_one_error(folder, converted):
    if converted:
        load_gpt2(folder)
    set_hparams(folder, n_layer=3, n_ctx=32)
    with pytest.raises(UserError) as error:
        load_gpt2(folder)
    message = str(error.value)
    assert "\n" not in message
    expected = (
        (
            f"{folder}/model.safetensors",
            "trf_blocks.2.att.W_key.weight is missing",
            "pos_emb.weight has shape [24, 16] instead of [32, 16]",
            "17 differences",
        )
        if converted
        else (
            f"{folder}/model.ckpt",
            "model/h2/attn/c_attn/w is missing",
            "model/wpe has shape [24, 16] instead of [32, 16]",
            "13 differences",
        )
    )
    assert [part for part in expected if part not in message] == []


def test_unknown_tensors_are_named(folder):
    set_hparams(folder, n_layer=1)
    with pytest.raises(UserError, match=r"12 differences.*model/h1/attn/c_attn/b is unknown"):
        load_gpt2(folder)


@pytest.mark.parametrize("with_head", [True, False])
def test_hugging_faces_layout_is_called_by_its_name_in_one_short_line(folder, with_head):
    """As `save_pretrained` writes it, with the language model's head (names behind a prefix) and without."""
    model = transformers_model(load_gpt2(folder)[0])
    (model if with_head else model.transformer).save_pretrained(folder)
    with pytest.raises(UserError, match="holds GPT-2 in Hugging Face's layout") as refused:
        load_gpt2(folder)
    assert len(str(refused.value).replace(str(folder), "")) < 350


@pytest.mark.parametrize("n_layer", [1, 40])
def test_however_many_tensors_differ_the_error_is_a_short_line(folder, n_layer):
    set_hparams(folder, n_layer=n_layer)
    with pytest.raises(UserError, match=r"; and \d+ more$") as refused:
        load_gpt2(folder)
    assert len(str(refused.value).replace(str(folder), "")) < 400


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"n_ctx": None, "n_head": None}, ["n_ctx is missing", "n_head is missing"]),
        ({"n_vocab": 0, "n_embd": "16"}, ["n_vocab is 0, not a whole number above 0", "n_embd is \"16\", not a"]),
        ({"n_layer": 2.0}, ["n_layer is 2.0, not a whole number"]),
        ({"n_head": 3}, ["n_embd 16 is not divisible by n_head 3"]),
        ({"n_vocab": 4000}, [f"n_vocab is 4000, the tokenizer beside it has {N_VOCAB} tokens"]),
    ],
)  # fmt: skip
def test_wrong_hparams_are_reported_together(folder, changes, messages):
    set_hparams(folder, **changes)
    with pytest.raises(UserError) as error:
        load_gpt2(folder)
    assert len(error.value.messages) == len(messages)
    for reported, message in zip(error.value.messages, messages, strict=True):
        assert reported.startswith(f"{folder / 'hparams.json'}: ")
        assert message in reported


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "nor config.json"), ("<html>", "not JSON"), ("[1]", "not an object with the keys n_vocab")],
)
def test_hparams_that_are_no_hparams(folder, content, message):
    (folder / "hparams.json").unlink()
    if content:
        (folder / "hparams.json").write_text(content)
    with pytest.raises(UserError, match=f"hparams.json:? {message}"):
        load_gpt2(folder)


def test_a_folder_without_weights_is_reported(folder):
    (folder / DATA_FILE).unlink()
    with pytest.raises(UserError, match=f"has neither model.safetensors nor {DATA_FILE}; .* --model gpt2-tiny"):
        load_gpt2(folder)


def test_damaged_weights_are_reported(folder):
    load_gpt2(folder)
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-1])
    with pytest.raises(UserError, match=r"model.safetensors: damaged .* or remove it"):
        load_gpt2(folder)


@pytest.mark.parametrize("file", [DATA_FILE, "model.ckpt.index"])
@pytest.mark.parametrize("change", [lambda content: content[:-9], lambda content: b"", lambda content: content[::-1]])
def test_a_damaged_checkpoint_is_reported(folder, file, change):
    (folder / file).write_bytes(change((folder / file).read_bytes()))
    with pytest.raises(UserError, match=r"model.ckpt: TensorFlow cannot read it \(.*\); replace"):
        load_gpt2(folder)
    assert not list(folder.glob("*safetensors*"))

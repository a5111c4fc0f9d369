"""Every name that readers' notebooks import is there, has the book's signature, and computes what the book's does."""

import inspect
import sys
import types

import numpy as np
import pytest
import tiktoken
import torch
from support.paths import TINY
from support.plain import (
    PlainAttention,
    PlainBlock,
    PlainGELU,
    PlainLayerNorm,
    plain_add_lora,
    plain_generate,
    plain_loader,
    plain_loader_loss,
    plain_loss,
    plain_train,
)
from support.released_checkpoint import write_released_checkpoint
from support.small_models import CONFIG, END, small_models
from support.weights_server import serving
from torch import nn

import appendix_E
import gpt_download
import previous_chapters
from appendix_E import LinearWithLoRA, LoRALayer, replace_linear_with_lora
from gpt2_experiments.weights.tokenizer import load_tokenizer
from gpt_download import download_and_load_gpt2, download_file, load_gpt2_params_from_tf_ckpt
from previous_chapters import (
    GELU,
    FeedForward,
    GPTDatasetV1,
    GPTModel,
    LayerNorm,
    MultiHeadAttention,
    TransformerBlock,
    assign,
    calc_loss_batch,
    calc_loss_loader,
    create_dataloader_v1,
    evaluate_model,
    generate,
    generate_and_print_sample,
    generate_text_simple,
    load_weights_into_gpt,
    plot_losses,
    text_to_token_ids,
    token_ids_to_text,
    train_model_simple,
)

SIGNATURES = {
    previous_chapters: {
        "GPTDatasetV1": "txt tokenizer max_length stride",
        "create_dataloader_v1":
            "txt batch_size=4 max_length=256 stride=128 shuffle=True drop_last=True num_workers=0",
        "MultiHeadAttention": "d_in d_out context_length dropout num_heads qkv_bias=False",
        "LayerNorm": "emb_dim",
        "GELU": "",
        "FeedForward": "cfg",
        "TransformerBlock": "cfg",
        "GPTModel": "cfg",
        "generate_text_simple": "model idx max_new_tokens context_size",
        "generate": "model idx max_new_tokens context_size temperature=0.0 top_k=None eos_id=None",
        "train_model_simple":
            "model train_loader val_loader optimizer device num_epochs eval_freq eval_iter start_context tokenizer",
        "evaluate_model": "model train_loader val_loader device eval_iter",
        "generate_and_print_sample": "model tokenizer device start_context",
        "assign": "left right",
        "load_weights_into_gpt": "gpt params",
        "text_to_token_ids": "text tokenizer",
        "token_ids_to_text": "token_ids tokenizer",
        "calc_loss_batch": "input_batch target_batch model device",
        "calc_loss_loader": "data_loader model device num_batches=None",
        "plot_losses": "epochs_seen tokens_seen train_losses val_losses",
    },
    gpt_download: {
        "download_and_load_gpt2": "model_size models_dir",
        "download_file": "url destination backup_url=None",
        "load_gpt2_params_from_tf_ckpt": "ckpt_path settings",
    },
    appendix_E: {
        "LoRALayer": "in_dim out_dim rank alpha",
        "LinearWithLoRA": "linear rank alpha",
        "replace_linear_with_lora": "model rank alpha",
    },
}  # fmt: skip
TEXT = "The cat sat on the mat, and the dog looked at the cat.\nEvery effort<|endoftext|> moves you. " * 3


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer(TINY)


def padded_batch(width, batch=3, length=7):
    return torch.randn(batch, length, width, generator=torch.Generator().manual_seed(1))


def batches(number, seed=3):
    """Batches of two sequences of random tokens."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(CONFIG["vocab_size"] - 1, (number, 2, 10), generator=generator)
    return [(sequences[:, :-1], sequences[:, 1:]) for sequences in tokens]


def same_weights(*modules):
    """Give all modules the random values of a new state for the first; the state dicts have the same keys."""
    for parameter in modules[0].parameters():
        nn.init.normal_(parameter, std=0.3)
    for module in modules[1:]:
        module.load_state_dict(modules[0].state_dict())


def assert_same_state(module, other):
    state, others = module.state_dict(), other.state_dict()
    assert state.keys() == others.keys()
    assert [name for name in state if not state[name].equal(others[name])] == []


@pytest.mark.parametrize("module", SIGNATURES, ids=lambda module: module.__name__)
def test_signatures_are_the_books(module):
    assert sorted(module.__all__) == sorted(SIGNATURES[module])
    for name, expected in SIGNATURES[module].items():
        parameters = list(inspect.signature(getattr(module, name)).parameters.values())
        n_parameters = len(expected.split())
        found = [str(parameter.replace(annotation=parameter.empty)) for parameter in parameters[:n_parameters]]
        assert " ".join(found) == expected, name
        assert all(parameter.default is not parameter.empty for parameter in parameters[n_parameters:]), name


def test_windows_of_a_text(tokenizer):
    ids = tokenizer.encode(TEXT, allowed_special="all")
    assert ids.count(tokenizer.eot_token) == 3
    dataset = GPTDatasetV1(TEXT, tokenizer, max_length=6, stride=4)
    starts = [start for start in range(0, len(ids), 4) if start + 6 < len(ids)]
    expected = [(ids[start : start + 6], ids[start + 1 : start + 7]) for start in starts]
    assert [(inputs.tolist(), targets.tolist()) for inputs, targets in dataset] == expected
    assert len(dataset) == len(dataset.input_ids) == len(dataset.target_ids) == len(expected)
    assert len(GPTDatasetV1("cat", tokenizer, max_length=6, stride=4)) == 0


def test_batches_of_windows_are_in_gpt2s_tokens(gpt2_encoding, monkeypatch):
    monkeypatch.setattr(tiktoken, "get_encoding", {"gpt2": gpt2_encoding}.__getitem__)
    ids = gpt2_encoding.encode(TEXT, allowed_special="all")
    n_windows = (len(ids) - 1) // 5
    assert n_windows % 4
    loader = create_dataloader_v1(TEXT, batch_size=4, max_length=5, stride=5, shuffle=False, drop_last=False)
    inputs, targets = zip(*loader, strict=True)
    assert [len(batch) for batch in inputs] == [4] * (n_windows // 4) + [n_windows % 4]
    assert torch.cat(inputs).flatten().tolist() == ids[: 5 * n_windows]
    assert torch.cat(targets).flatten().tolist() == ids[1 : 5 * n_windows + 1]

    torch.manual_seed(2)
    shuffled = [batch for batch, _ in create_dataloader_v1(TEXT, max_length=5, stride=5)]
    assert [batch.shape for batch in shuffled] == [(4, 5)] * (n_windows // 4)
    assert not torch.cat(shuffled).equal(torch.cat(inputs[:-1]))
    long = gpt2_encoding.encode(TEXT * 30, allowed_special="all")
    assert len(create_dataloader_v1(TEXT * 30)) == len(range(0, len(long) - 256, 128)) // 4 > 0


def test_attention_is_the_plain_one():
    width = CONFIG["emb_dim"]
    attention = MultiHeadAttention(
        d_in=width, d_out=width, context_length=CONFIG["context_length"], dropout=0.0, num_heads=4, qkv_bias=True
    )
    plain = PlainAttention(CONFIG)
    same_weights(plain, attention)
    x = padded_batch(width)
    torch.testing.assert_close(attention(x), plain(x), atol=1e-5, rtol=0)


def test_attention_to_another_width_without_biases():
    attention = MultiHeadAttention(5, 8, 7, 0.0, 2)
    assert attention.W_query.bias is None
    same_weights(attention)
    x = padded_batch(5)
    query, key, value = (x @ w.weight.T for w in (attention.W_query, attention.W_key, attention.W_value))
    context = torch.zeros(3, 7, 8)
    for row in range(3):
        for head in (slice(0, 4), slice(4, 8)):
            for last in range(7):
                scores = key[row, : last + 1, head] @ query[row, last, head] / 2
                context[row, last, head] = scores.softmax(0) @ value[row, : last + 1, head]
    torch.testing.assert_close(attention(x), attention.out_proj(context), atol=1e-5, rtol=0)


def test_attentions_dropout_is_for_training_alone():
    attention = MultiHeadAttention(8, 8, 7, 1.0, 2)
    x = padded_batch(8)
    assert attention(x).eq(attention.out_proj.bias).all()
    without = MultiHeadAttention(8, 8, 7, 0.0, 2)
    without.load_state_dict(attention.state_dict())
    assert attention.eval()(x).equal(without(x))


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="d_out 8 is not divisible by num_heads 3"):
        MultiHeadAttention(8, 8, 7, 0.0, 3)


def test_layer_norm_gelu_and_feed_forward_are_the_plain_ones():
    x = 3 * padded_batch(CONFIG["emb_dim"]) + 1
    norm, plain = LayerNorm(CONFIG["emb_dim"]), PlainLayerNorm(CONFIG["emb_dim"])
    same_weights(plain, norm)
    torch.testing.assert_close(norm(x), plain(x), atol=1e-5, rtol=0)
    torch.testing.assert_close(GELU()(x), PlainGELU()(x), atol=1e-6, rtol=0)
    feed_forward, plain = FeedForward(CONFIG), PlainBlock(CONFIG).ff
    same_weights(plain, feed_forward)
    torch.testing.assert_close(feed_forward(x), plain.layers(x), atol=1e-5, rtol=0)


def test_block_is_the_plain_one():
    block, plain = TransformerBlock(CONFIG), PlainBlock(CONFIG)
    same_weights(plain, block)
    x = padded_batch(CONFIG["emb_dim"])
    torch.testing.assert_close(block(x), plain(x), atol=1e-5, rtol=0)
    plain.load_state_dict(block.state_dict())


def test_blocks_dropout_is_for_training_alone():
    block = TransformerBlock(CONFIG | {"drop_rate": 1.0})
    x = padded_batch(CONFIG["emb_dim"])
    assert block(x).equal(x)
    without = TransformerBlock(CONFIG)
    without.load_state_dict(block.state_dict())
    assert block.eval()(x).equal(without(x))


def test_the_parts_make_the_model():
    model, plain = small_models()
    tokens = batches(1)[0][0]
    x = model.tok_emb(tokens) + model.pos_emb(torch.arange(tokens.shape[1]))
    for layer in model.trf_blocks:
        block = TransformerBlock(CONFIG)
        block.load_state_dict(layer.state_dict())
        x = block(x)
    norm = LayerNorm(CONFIG["emb_dim"])
    norm.load_state_dict(model.final_norm.state_dict())
    logits = GPTModel.forward(model, tokens)
    torch.testing.assert_close(model.out_head(norm(x)), logits, atol=1e-4, rtol=0)
    torch.testing.assert_close(plain(tokens), logits, atol=1e-4, rtol=0)


def test_initial_weights_of_a_seed_are_drawn_in_the_books_order():
    torch.manual_seed(123)
    model = GPTModel(CONFIG)
    torch.manual_seed(123)
    expected = {
        "tok_emb": nn.Embedding(CONFIG["vocab_size"], CONFIG["emb_dim"]),
        "pos_emb": nn.Embedding(CONFIG["context_length"], CONFIG["emb_dim"]),
        **{f"trf_blocks.{layer}": TransformerBlock(CONFIG) for layer in range(CONFIG["n_layers"])},
        "out_head": nn.Linear(CONFIG["emb_dim"], CONFIG["vocab_size"], bias=False),
    }
    for name, module in expected.items():
        assert_same_state(model.get_submodule(name), module)
    torch.manual_seed(123)
    attention = MultiHeadAttention(5, 8, 7, 0.0, 2)
    torch.manual_seed(123)
    for name in ("W_query", "W_key", "W_value"):
        assert_same_state(attention.get_submodule(name), nn.Linear(5, 8, bias=False))
    assert_same_state(attention.out_proj, nn.Linear(8, 8))


def test_simple_generation_is_the_plain_greedy_one():
    """Past the end of the context too, and for several rows."""
    model, plain = small_models()
    prompts = [[5, 6, 7], [8, 9, 10]]
    found = generate_text_simple(model, torch.tensor(prompts), max_new_tokens=60, context_size=CONFIG["context_length"])
    assert found.tolist() == [prompt + plain_generate(plain, prompt, 60) for prompt in prompts]


def test_generation_ends_and_samples():
    model, plain = small_models()
    prompt = [5, 6, 7]
    new = plain_generate(plain, prompt, 20)
    end = new[10]
    found = generate(model, torch.tensor([prompt]), 20, CONFIG["context_length"], eos_id=end)
    assert found.tolist() == [prompt + new[: new.index(end)]]
    likeliest = generate(model, torch.tensor([prompt]), 20, CONFIG["context_length"], temperature=2.0, top_k=1)
    assert likeliest.tolist() == [prompt + new]
    sampled = generate(model, torch.tensor([prompt]), 20, CONFIG["context_length"], temperature=5.0, top_k=50)
    assert sampled.tolist() != likeliest.tolist()


def test_text_becomes_tokens_and_tokens_text(tokenizer):
    ids = text_to_token_ids(TEXT, tokenizer)
    assert ids.tolist() == [tokenizer.encode(TEXT, allowed_special="all")]
    assert token_ids_to_text(ids, tokenizer) == TEXT


def test_losses_and_evaluation_are_the_plain_ones():
    model, plain = small_models()
    train, val = batches(4), batches(3, seed=4)
    expected = plain_loss(plain, *train[0]).item()
    assert calc_loss_batch(*train[0], model, "cpu").item() == pytest.approx(expected, 1e-5)
    expected = plain_loader_loss(plain, train, 3)
    assert calc_loss_loader(train, model, "cpu", num_batches=3) == pytest.approx(expected, 1e-5)
    expected = plain_loader_loss(plain, train, 2), plain_loader_loss(plain, val, 2)
    assert evaluate_model(model, train, val, "cpu", 2) == pytest.approx(expected, 1e-5)


def test_a_loop_of_ones_own_trains_as_the_plain_one():
    """As in the book's appendix D: the loss of a batch, backward, gradients clipped, a step."""
    models = small_models()
    losses = []
    for model, loss_of in zip(models, (lambda *args: calc_loss_batch(*args, "cpu"), None), strict=True):
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        for inputs, targets in batches(5):
            optimizer.zero_grad()
            loss = loss_of(inputs, targets, model) if loss_of else plain_loss(model, inputs, targets)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            losses.append(loss.item())
    assert losses[:5] == pytest.approx(losses[5:], abs=1e-4)


def test_training_has_the_plain_implementations_losses(tokenizer, monkeypatch):
    monkeypatch.setattr(previous_chapters, "generate_and_print_sample", lambda *_: None)
    generator = torch.Generator().manual_seed(5)
    items = [(2, torch.randint(CONFIG["vocab_size"] - 1, (n,), generator=generator).tolist()) for n in range(3, 25)]

    def loader(shuffle):
        return plain_loader(items, 4, shuffle, END, 20, mask_prompts=False)

    model, plain = small_models()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    torch.manual_seed(7)
    losses = train_model_simple(model, loader(True), loader(False), optimizer, "cpu", 2, 3, 2, "Hello", tokenizer)[:2]
    expected = plain_train(plain, loader(True), loader(False), 7, 2, 3, 2, 1e-3)
    assert losses[0] == pytest.approx([train_loss for _, train_loss, _ in expected], abs=1e-4)
    assert losses[1] == pytest.approx([val_loss for _, _, val_loss in expected], abs=1e-4)


class CountingSGD(torch.optim.SGD):
    """Counts its steps, and the parameters that have a gradient at each."""

    def __init__(self, parameters, **options):
        super().__init__(parameters, **options)
        self.with_gradient = []

    def step(self, closure=None):
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        self.with_gradient.append(sum(parameter.grad is not None for parameter in parameters))
        return super().step(closure)


def test_training_uses_the_optimizer_once_a_step_with_all_gradients(tokenizer, monkeypatch, capsys):
    """Also with matrices large enough for the suite's own runs to use their gradients one by one."""
    samples = []
    monkeypatch.setattr(previous_chapters, "generate_and_print_sample", lambda *args: samples.append(args))
    model = GPTModel(CONFIG | {"vocab_size": 2**17, "n_layers": 1})
    assert model.out_head.weight.numel() >= 2**22
    optimizer = CountingSGD(model.parameters(), lr=1e-3)
    train_losses, val_losses, tokens_seen = train_model_simple(
        model, batches(3), batches(1), optimizer, "cpu", num_epochs=2, eval_freq=2, eval_iter=1,
        start_context="Hello", tokenizer=tokenizer,
    )  # fmt: skip
    assert optimizer.with_gradient == [len(list(model.parameters()))] * 6
    assert tokens_seen == [18, 54, 90]
    assert len(train_losses) == len(val_losses) == 3
    assert samples == [(model, tokenizer, "cpu", "Hello")] * 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Ep 1 (Step 000000)", "Ep 1 (Step 000002)", "Ep 2 (Step 000004)"]


def test_samples_are_printed_after_each_epochs_last_losses(tokenizer, capsys):
    model = GPTModel(CONFIG | {"vocab_size": tokenizer.n_vocab})
    optimizer = torch.optim.AdamW(model.parameters())
    train_model_simple(model, batches(2), batches(1), optimizer, "cpu", 2, 1, 1, "Hello\nthere", tokenizer)
    lines = capsys.readouterr().out.splitlines()
    losses = ["Ep 1 (Step 000000)", "Ep 1 (Step 000001)", "Ep 2 (Step 000002)", "Ep 2 (Step 000003)"]
    expected = [*losses[:2], "Hello there", *losses[2:], "Hello there"]
    assert len(lines) == len(expected)
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected


def test_a_sample_is_the_greedy_continuation_on_one_line(tokenizer, capsys):
    model = GPTModel(CONFIG | {"vocab_size": tokenizer.n_vocab})
    generate_and_print_sample(model, tokenizer, "cpu", "Hello\nthere")
    ids = generate_text_simple(model, text_to_token_ids("Hello\nthere", tokenizer), 50, CONFIG["context_length"])
    assert capsys.readouterr().out == token_ids_to_text(ids, tokenizer).replace("\n", " ") + "\n"


def test_losses_are_plotted_and_shown_in_a_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    history = torch.linspace(0, 2, 3), [10, 20, 30], [3.0, 2.0, 1.0], [3.5, 2.5, 2.0]
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert plot_losses(*history) is None
    assert (tmp_path / "loss-plot.pdf").read_bytes().startswith(b"%PDF")

    shown = []
    display = types.SimpleNamespace(Image=lambda filename: (tmp_path / filename).read_bytes(), display=shown.append)
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    plot_losses(*history)
    assert [image[:4] for image in shown] == [b"\x89PNG"]


def test_assigned_values_are_a_parameter_of_their_own():
    left, right = nn.Parameter(torch.zeros(2, 3)), np.arange(6.0).reshape(3, 2).T
    parameter = assign(left, right)
    assert isinstance(parameter, nn.Parameter)
    assert parameter.requires_grad
    assert parameter.dtype == left.dtype
    assert parameter.tolist() == right.tolist()
    right[:] = 7
    assert parameter.tolist() == [[0, 2, 4], [1, 3, 5]]
    assert left.eq(0).all()
    assert assign(left, torch.ones(2, 3)).tolist() == [[1, 1, 1]] * 2


@pytest.mark.parametrize("shape", [(3, 2), (6,), (1, 2, 3)])
def test_values_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="shape"):
        assign(torch.zeros(2, 3), np.zeros(shape))


HPARAMS = {"n_vocab": 50257, "n_ctx": 24, "n_embd": 16, "n_head": 2, "n_layer": 2}


@pytest.fixture(scope="module")
def release(tmp_path_factory, gpt2_tokenizer_dir):
    """(folder of sizes in the released layout, the variables of its 124M); not to be changed."""
    folder = tmp_path_factory.mktemp("release")
    return folder, write_released_checkpoint(folder / "124M", HPARAMS, gpt2_tokenizer_dir)


def assert_params(params, variables):
    assert params.keys() == {"blocks", "wte", "wpe", "g", "b"}
    assert [block.keys() for block in params["blocks"]] == [{"ln_1", "attn", "ln_2", "mlp"}] * HPARAMS["n_layer"]
    expected = {("wte",): "wte", ("wpe",): "wpe", ("g",): "ln_f/g", ("b",): "ln_f/b"}
    for layer in range(HPARAMS["n_layer"]):
        for group in ("attn/c_attn", "attn/c_proj", "mlp/c_fc", "mlp/c_proj"):
            expected |= {("blocks", layer, *group.split("/"), last): f"h{layer}/{group}/{last}" for last in "wb"}
        expected |= {
            ("blocks", layer, norm, last): f"h{layer}/{norm}/{last}" for norm in ("ln_1", "ln_2") for last in "gb"
        }
    assert len(expected) == len(variables)
    for path, name in expected.items():
        values = params
        for key in path:
            values = values[key]
        assert isinstance(values, np.ndarray)
        assert values.tolist() == variables[f"model/{name}"].squeeze().tolist()


def test_a_checkpoint_becomes_the_books_dict(release):
    folder, variables = release
    assert_params(load_gpt2_params_from_tf_ckpt(str(folder / "124M" / "model.ckpt"), HPARAMS), variables)


def test_download_of_a_release_gives_its_settings_and_the_books_dict(release, tmp_path, monkeypatch):
    folder, variables = release
    with serving(folder) as server:
        monkeypatch.setenv("GPT2_WEIGHTS_URL", server.url)
        settings, params = download_and_load_gpt2(model_size="124M", models_dir=str(tmp_path / "gpt2"))
    assert settings == HPARAMS
    assert_params(params, variables)
    with pytest.raises(ValueError, match="124"):
        download_and_load_gpt2("124", tmp_path)


def test_a_file_is_downloaded_once(release, tmp_path, capsys):
    destination = str(tmp_path / "settings.json")
    with serving(release[0]) as server:
        for _ in range(2):
            download_file(f"{server.url}/none", destination, backup_url=f"{server.url}/124M/hparams.json")
    assert (tmp_path / "settings.json").read_bytes() == (release[0] / "124M" / "hparams.json").read_bytes()
    assert capsys.readouterr().out.count("already exists and is up-to-date") == 1


def small_params():
    """(the book's dict for `CONFIG`, the model it is made from)."""
    model, _ = small_models(seed=1)
    with torch.no_grad():
        model.out_head.weight.copy_(model.tok_emb.weight)
    state = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    blocks = []
    for layer in range(CONFIG["n_layers"]):
        own = {name.removeprefix(f"trf_blocks.{layer}."): value for name, value in state.items()}
        projections = ("att.W_query", "att.W_key", "att.W_value")
        blocks.append({
            "ln_1": {"g": own["norm1.scale"], "b": own["norm1.shift"]},
            "ln_2": {"g": own["norm2.scale"], "b": own["norm2.shift"]},
            "attn": {
                "c_attn": {
                    "w": np.concatenate([own[f"{name}.weight"].T for name in projections], axis=1),
                    "b": np.concatenate([own[f"{name}.bias"] for name in projections]),
                },
                "c_proj": {"w": own["att.out_proj.weight"].T, "b": own["att.out_proj.bias"]},
            },
            "mlp": {
                "c_fc": {"w": own["ff.layers.0.weight"].T, "b": own["ff.layers.0.bias"]},
                "c_proj": {"w": own["ff.layers.2.weight"].T, "b": own["ff.layers.2.bias"]},
            },
        })  # fmt: skip
    params = {"wte": state["tok_emb.weight"], "wpe": state["pos_emb.weight"], "blocks": blocks}
    return params | {"g": state["final_norm.scale"], "b": state["final_norm.shift"]}, model


def test_the_books_dict_fills_a_model():
    params, expected = small_params()
    model = GPTModel(CONFIG)
    load_weights_into_gpt(model, params)
    assert_same_state(model, expected)
    assert model.out_head.weight.data_ptr() != model.tok_emb.weight.data_ptr()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"context_length": 32}, r"pos_emb has shape \(32, 32\), its weights have \(48, 32\)"),
        ({"vocab_size": 100}, "tok_emb has shape"),
        ({"n_layers": 2}, "3 blocks of weights for a model of 2"),
    ],
)
def test_a_dict_of_another_shape_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        load_weights_into_gpt(GPTModel(CONFIG | changes), small_params()[0])


def test_lora_layers_add_their_product():
    x = padded_batch(6)
    layer = LoRALayer(6, 4, rank=2, alpha=3)
    assert layer(x).eq(0).all()
    linear = nn.Linear(6, 4)
    wrapped = LinearWithLoRA(linear, rank=2, alpha=3)
    same_weights(layer, wrapped.lora)
    torch.testing.assert_close(layer(x), 3 * (x @ layer.A @ layer.B))
    torch.testing.assert_close(wrapped(x), linear(x) + layer(x), atol=1e-5, rtol=0)


def test_lora_on_the_books_parts_is_the_plain_one():
    small = CONFIG | {"emb_dim": 8, "n_heads": 2, "context_length": 7}
    attention, plain = MultiHeadAttention(8, 8, 7, 0.0, 2, qkv_bias=True), PlainAttention(small)
    models = GPTModel(CONFIG), small_models(lora=True)[1]
    replace_linear_with_lora(attention, rank=2, alpha=1)
    replace_linear_with_lora(models[0], rank=4, alpha=2)
    plain_add_lora(plain, rank=2, alpha=1)
    same_weights(attention, plain)
    same_weights(*models)
    assert isinstance(attention.W_query, LinearWithLoRA)
    torch.testing.assert_close(attention(padded_batch(8)), plain(padded_batch(8)), atol=1e-5, rtol=0)
    tokens = batches(1)[0][0]
    torch.testing.assert_close(models[0](tokens), models[1](tokens), atol=1e-3, rtol=1e-4)

"""A batch computed as the tree of its distinct prefixes gives the losses and gradients of the plain way."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.device import DEVICE
from support.plain import plain_collate, plain_loss
from support.small_models import CONFIG, END, small_models

from gpt2_experiments.experiment.training import backward
from gpt2_experiments.model import losses
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.losses import evaluation_losses, training_loss
from gpt2_experiments.model.prefix_tree import PrefixTree

pytestmark = pytest.mark.cuda

PREAMBLE = [7, 8, 9, 10, 11]

# Few different tokens, so that sequences share beginnings often.
sequences = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9), min_size=1, max_size=6)

# name: (prompt length, token list) of each entry, longest allowed
BATCHES = {
    "ragged with a common preamble": ([(6, [*PREAMBLE, *range(n, 3 * n)]) for n in range(2, 10)], None),
    "one entry": ([(3, [4, 5, 6, 7, 8])], None),
    "one token": ([(1, [4])], None),
    "identical entries": ([(6, [*PREAMBLE, 1, 2, 3])] * 4, None),
    "an entry that is a prefix of another": ([(2, PREAMBLE), (2, [*PREAMBLE, 1, 2]), (2, [*PREAMBLE, 1])], None),
    "same tokens, other prompt length": ([(2, [*PREAMBLE, 1, 2]), (5, [*PREAMBLE, 1, 2])], None),
    "no common beginning": ([(1, [n, n + 1, n + 2]) for n in range(5)], None),
    "truncated": ([(6, [*PREAMBLE, *range(n)]) for n in (2, 5, 9, 30)], 8),
    "one entry wholly masked": ([(14, [*PREAMBLE, *range(20)]), (3, [*PREAMBLE, 1, 2])], 10),
}
MODELS = {name: small_models(lora=name == "lora") for name in ("full", "lora")}


@given(sequences)
def test_tree_holds_each_distinct_prefix_once_and_spells_every_sequence(sequences):
    tree = PrefixTree.of(sequences)
    prefixes = {tuple(sequence[: end + 1]) for sequence in sequences for end in range(len(sequence))}
    assert len(tree.tokens) == len(prefixes)
    for row, sequence in enumerate(sequences):
        nodes = tree.node_of[row, : len(sequence)]
        assert tree.tokens[nodes].tolist() == sequence
        assert tree.positions[nodes].tolist() == list(range(len(sequence)))
    assert torch.equal(tree.node_of.flatten()[tree.occurrence_of], torch.arange(len(prefixes)))


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("mask_prompts", [False, True])
def test_loss_and_every_gradient_equal_the_oracles(name, kind, mask_prompts):
    batch, longest = BATCHES[name]
    model, plain = MODELS[kind]
    inputs, targets = plain_collate(batch, END, longest, mask_prompts)
    assert_same_gradients(model, plain, training_loss((inputs, targets), model), inputs, targets)


def assert_same_gradients(model, plain, loss, inputs, targets):
    """Compare `loss` and its gradients with the oracle's."""
    expected = plain_loss(plain, inputs, targets)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    model.zero_grad()
    plain.zero_grad()
    loss.backward()
    expected.backward()
    compare_gradients(model, plain)


def compare_gradients(model, plain):
    theirs = dict(plain.named_parameters())
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            torch.testing.assert_close(
                parameter.grad, theirs[name].grad, rtol=1e-4, atol=1e-5, msg=lambda m, n=name: n + m
            )
        else:
            assert parameter.grad is None


@settings(max_examples=40, deadline=None)
@given(sequences, st.booleans(), st.integers(1, 12), st.data())
def test_any_batch_has_the_oracles_loss_and_gradient(token_lists, mask_prompts, longest, data):
    batch = [(data.draw(st.integers(1, len(tokens))), tokens) for tokens in token_lists]
    inputs, targets = plain_collate(batch, END, longest, mask_prompts)
    if (targets != -100).any():
        model, plain = MODELS["full"]
        assert_same_gradients(model, plain, training_loss((inputs, targets), model), inputs, targets)


def test_head_in_several_chunks_gives_the_same(monkeypatch, by_onednn):
    monkeypatch.setitem(losses.HEAD_ROWS, DEVICE, 7)
    model, plain = MODELS["lora"]
    inputs, targets = plain_collate(BATCHES["ragged with a common preamble"][0], END, None, False)
    assert_same_gradients(model, plain, training_loss((inputs, targets), model), inputs, targets)
    assert evaluation_losses([(inputs, targets)], model).item() == pytest.approx(
        plain_loss(plain, inputs, targets).item(), abs=1e-5
    )


@pytest.mark.parametrize("trained", ["trf_blocks.2", ""])
def test_a_frozen_head_leaves_the_other_gradients_the_same(trained, monkeypatch):
    """A head without trainable parameters, over several chunks of rows."""
    monkeypatch.setitem(losses.HEAD_ROWS, DEVICE, 7)
    model, plain = small_models(seed=1)
    for either in (model, plain):
        for name, parameter in either.named_parameters():
            parameter.requires_grad = name.startswith(trained or "tok_emb")
    inputs, targets = plain_collate(BATCHES["ragged with a common preamble"][0], END, None, False)
    assert_same_gradients(model, plain, training_loss((inputs, targets), model), inputs, targets)


def test_dropout_differs_between_sequences_so_nothing_is_shared():
    model = GPTModel(CONFIG | {"drop_rate": 0.5}).to(DEVICE)
    inputs, targets = (part.to(DEVICE) for part in plain_collate(BATCHES["identical entries"][0], END, None, False))
    torch.manual_seed(1)
    loss = training_loss((inputs, targets), model)
    torch.manual_seed(1)
    expected = torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)
    assert model(inputs)[0].ne(model(inputs)[1]).any()


def test_losses_are_float32_under_autocast():
    model, plain = MODELS["full"]
    batch = plain_collate(BATCHES["ragged with a common preamble"][0], END, None, False)
    with torch.autocast(DEVICE, torch.bfloat16, cache_enabled=False):
        taken = [training_loss(batch, model), *evaluation_losses([batch], model)]
    for loss in taken:
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(plain_loss(plain, *batch).item(), rel=5e-3)


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_the_heads_gradients_under_autocast_are_close_to_the_oracles(kind, monkeypatch):
    monkeypatch.setitem(losses.HEAD_ROWS, DEVICE, 7)  # several chunks, whose bfloat16 products are added up in float32
    model, plain = MODELS[kind]
    batch = plain_collate(BATCHES["ragged with a common preamble"][0], END, None, False)
    model.zero_grad()
    plain.zero_grad()
    with torch.autocast(DEVICE, torch.bfloat16, cache_enabled=False):
        training_loss(batch, model).backward()
    plain_loss(plain, *batch).backward()
    theirs = dict(plain.named_parameters())
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and name.startswith("out_head"):
            assert parameter.grad.dtype == torch.float32
            difference = (parameter.grad - theirs[name].grad).norm() / theirs[name].grad.norm()
            assert difference < 0.05, name


def test_backward_works_once():
    model, _ = MODELS["full"]
    loss = training_loss(plain_collate(BATCHES["one entry"][0], END, None, False), model)
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="works once"):
        loss.backward()


@pytest.mark.parametrize("micro_batch_size", [1, 3, 8, 100])
def test_micro_batches_leave_loss_and_gradient_unchanged(micro_batch_size):
    model, plain = MODELS["full"]
    batch = plain_collate(BATCHES["ragged with a common preamble"][0], END, None, True)
    model.zero_grad()
    plain.zero_grad()
    loss = backward(batch, model, micro_batch_size)
    expected = plain_loss(plain, *batch)
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    compare_gradients(model, plain)


def test_batches_evaluated_together_keep_their_own_means():
    model, plain = MODELS["full"]
    batches = [plain_collate(batch, END, longest, True) for batch, longest in BATCHES.values()]
    means = evaluation_losses(batches, model)
    assert means.tolist() == pytest.approx([plain_loss(plain, *batch).item() for batch in batches], abs=1e-5)


def test_a_batch_without_targets_changes_nothing():
    model, _ = MODELS["full"]
    inputs = torch.ones(2, 5, dtype=torch.long)
    model.zero_grad()
    loss = training_loss((inputs, torch.full_like(inputs, -100)), model)
    loss.backward()
    assert loss.item() == 0
    assert all(parameter.grad is None for parameter in model.parameters())


def test_padded_forward_pass_equals_the_oracles_logits():
    model, plain = MODELS["lora"]
    tokens = torch.randint(
        CONFIG["vocab_size"], (3, CONFIG["context_length"]), generator=torch.Generator().manual_seed(1)
    ).to(DEVICE)
    torch.testing.assert_close(model(tokens), plain(tokens), rtol=1e-4, atol=1e-4)

"""Training steps whose shapes are rounded up, for graphs, are the plain ones. Without a GPU they run as they stand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.device import DEVICE
from support.plain import plain_collate, plain_loss
from support.small_models import END, small_models

from gpt2_experiments.experiment import graphed_steps
from gpt2_experiments.experiment.graphed_steps import GraphedLosses, GraphedSteps
from gpt2_experiments.model.losses import loss_of_tree, tree_and_pairs

pytestmark = pytest.mark.cuda


def random_batches(n_batches):
    """Batches of three sequences of many lengths, which come in several shapes, some of them more than once."""
    generator = torch.Generator().manual_seed(4)
    for _ in range(n_batches):
        lengths = torch.randint(4, 30, (3,), generator=generator).tolist()
        items = [(2, torch.randint(END, (length,), generator=generator).tolist()) for length in lengths]
        yield plain_collate(items, END, None, False)


@pytest.mark.parametrize("lora", [False, True])
def test_losses_and_weights_are_the_plain_ones(lora, monkeypatch):
    monkeypatch.setattr(graphed_steps, "NODES", 16)
    monkeypatch.setattr(graphed_steps, "PLACES", 8)
    model, plain = small_models(lora)
    ours, theirs = (
        torch.optim.AdamW(either.parameters(), lr=1e-3, fused=True, capturable=DEVICE == "cuda")
        for either in (model, plain)
    )
    step = GraphedSteps(model, ours)
    for batch in random_batches(12):
        loss = step(batch)
        expected = plain_loss(plain, *batch)
        expected.backward()
        theirs.step()
        theirs.zero_grad()
        assert loss.item() == pytest.approx(expected.item(), abs=1e-4)
    for name, weight in plain.named_parameters():
        if not name.endswith("W_key.bias"):  # whose gradient is zero: AdamW makes steps of its rounding
            torch.testing.assert_close(
                model.get_parameter(name), weight, rtol=0, atol=2e-4, msg=lambda m, n=name: n + m
            )


def test_losses_of_several_batches_are_the_plain_ones(monkeypatch):
    monkeypatch.setattr(graphed_steps, "NODES", 16)
    monkeypatch.setattr(graphed_steps, "PLACES", 8)
    model, plain = small_models()
    losses_of, batches = GraphedLosses(model.eval()), list(random_batches(12))
    with torch.no_grad():
        for start in (0, 2, 4, 5, 9, 0):
            several = batches[start : start + 3]
            expected = [plain_loss(plain, *batch).item() for batch in several]
            assert losses_of(several, model).tolist() == pytest.approx(expected, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=9), min_size=1, max_size=5), st.integers(0, 9))
def test_padding_changes_neither_loss_nor_gradients(token_lists, more):
    model, _ = small_models()
    inputs, targets = plain_collate([(1, tokens) for tokens in token_lists], END, None, False)
    tree, pairs = tree_and_pairs([(inputs, targets)], [int((targets != -100).sum())])
    padded = tree.padded(len(tree.tokens) + more, tree.node_of.shape[1] + more), pairs.padded(len(pairs.targets) + more)
    losses, gradients = [], []
    for given_tree, given_pairs in ((tree, pairs), padded):
        loss = loss_of_tree(given_tree.to(model.device), given_pairs.to(model.device), model)
        loss.backward()
        losses.append(loss.item())
        gradients.append([weight.grad.clone() for weight in model.parameters()])
        model.zero_grad()
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)

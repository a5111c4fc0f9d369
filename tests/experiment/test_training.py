"""Training steps and evaluations: the plain implementation's numbers, with less memory."""

import math

import pytest
import torch
from support.device import DEVICE
from support.plain import plain_collate, plain_loader_loss, plain_train
from support.small_models import CONFIG, END, small_models
from torch.utils.data import DataLoader

from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.experiment import training
from gpt2_experiments.experiment.training import (
    Schedule,
    TrainingState,
    evaluate_model,
    mean_loss,
    train_step,
    train_steps,
)

pytestmark = pytest.mark.cuda


def loader(shuffle):
    generator = torch.Generator().manual_seed(5)
    items = [
        (2, torch.randint(CONFIG["vocab_size"] - 1, (length,), generator=generator).tolist()) for length in range(3, 25)
    ]
    return DataLoader(
        items, 4, shuffle=shuffle, drop_last=shuffle, collate_fn=lambda batch: plain_collate(batch, END, 20, False)
    )


def loaders():
    return Loaders(loader(True), loader(False))


def adamw(model):
    return torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, fused=True, capturable=DEVICE == "cuda")


@pytest.mark.parametrize("step_in_backward", [False, True])
def test_losses_are_the_plain_implementations(step_in_backward, monkeypatch):
    monkeypatch.setattr(training, "LARGE_GRADIENT", 500)
    model, plain = small_models()
    torch.manual_seed(7)
    state = TrainingState()
    schedule = Schedule(num_epochs=2, eval_freq=3, eval_iter=2, step_in_backward=step_in_backward)
    steps = [new.step for new in train_steps(model, loaders(), adamw(model), schedule, state)]
    assert steps == list(range(1, 11))
    expected = plain_train(plain, *loaders(), 7, 2, 3, 2, 1e-3)
    assert [at.step for at in state.evaluations] == [row[0] for row in expected]
    assert [at.train_loss for at in state.evaluations] == pytest.approx([row[1] for row in expected], abs=1e-4)
    assert [at.val_loss for at in state.evaluations] == pytest.approx([row[2] for row in expected], abs=1e-4)


def test_a_state_tells_whether_the_last_step_was_evaluated():
    model, _ = small_models()
    state = TrainingState()
    new = [
        state.new_evaluation is not None
        for _ in train_steps(model, loaders(), adamw(model), Schedule(2, eval_freq=3, eval_iter=1), state)
    ]
    assert new == [step % 3 == 0 for step in range(10)]


@pytest.mark.parametrize("lora", [False, True])
@pytest.mark.parametrize("micro_batch_size", [None, 3])
def test_stepping_in_backward_changes_no_bit_and_leaves_no_gradient(lora, micro_batch_size, monkeypatch):
    """Frozen weights may be among the optimizer's parameters."""
    weights = []
    for large in (500, math.inf):
        monkeypatch.setattr(training, "LARGE_GRADIENT", large)
        model = small_models(lora)[0]
        sizes = [weight.numel() for weight in model.parameters() if weight.requires_grad]
        assert min(sizes) < 500 <= max(sizes)
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        for batch in loader(False):
            train_step(batch, model, optimizer, micro_batch_size, step_in_backward=True)
            assert all(weight.grad is None for weight in model.parameters())
        weights.append(model.state_dict())
    for name, weight in weights[0].items():
        assert torch.equal(weight, weights[1][name]), name


def test_large_gradients_do_not_exist_together(monkeypatch):
    monkeypatch.setattr(training, "LARGE_GRADIENT", 1000)
    model = small_models()[0]
    large = [weight for weight in model.parameters() if weight.numel() >= 1000]
    together = []
    for weight in large:
        weight.register_post_accumulate_grad_hook(
            lambda _: together.append(sum(weight.grad is not None for weight in large))
        )
    train_step(next(iter(loader(False))), model, torch.optim.AdamW(model.parameters()), step_in_backward=True)
    assert together == [1] * len(large)


@pytest.mark.parametrize("micro_batch_size", [None, 3])
def test_an_optimizer_of_ones_own_is_used_once_a_step_after_backward(micro_batch_size, monkeypatch):
    """Optimizers that count their steps, or look at all gradients, would go wrong inside backward()."""
    monkeypatch.setattr(training, "LARGE_GRADIENT", 1)
    model = small_models()[0]
    gradients = []

    class Counting(torch.optim.SGD):
        def step(self):
            gradients.append(sum(weight.grad is not None for weight in model.parameters()))
            super().step()

    train_step(next(iter(loader(False))), model, Counting(model.parameters(), lr=0.1), micro_batch_size)
    assert gradients == [len(list(model.parameters()))]


def test_mean_losses_are_the_plain_ones_and_batches_without_targets_do_not_count():
    model, plain = small_models()
    batches = list(loader(False))
    for n_batches in (1, 2, None, 100):
        expected = plain_loader_loss(plain, batches, n_batches or len(batches))
        assert mean_loss(batches, model, n_batches) == pytest.approx(expected, abs=1e-5)
    masked = [(inputs, torch.full_like(targets, -100)) for inputs, targets in batches]
    assert mean_loss([*masked, batches[0]], model) == mean_loss(batches[:1], model)
    assert math.isnan(mean_loss(masked, model))


@pytest.mark.parametrize("is_training", [True, False])
def test_evaluation_gives_the_mode_back(is_training):
    model, _ = small_models()
    model.train(is_training)
    evaluate_model(model, *loaders(), 1)
    assert model.training is is_training

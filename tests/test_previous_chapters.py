"""What readers' notebooks import from `previous_chapters` does what the book's functions do."""

import math

import pytest
import torch
from support.plain import plain_collate, plain_loader_loss, plain_loss, plain_train
from support.small_checkpoint import TINY
from support.small_models import CONFIG, END, small_models
from torch.utils.data import DataLoader

from gpt2_experiments.experiment.training import (
    calc_loss_batch,
    calc_loss_loader,
    evaluate_model,
    generate_and_print_sample,
    text_to_token_ids,
    token_ids_to_text,
    train_model_simple,
    train_step,
)
from gpt2_experiments.model import kept_memory
from gpt2_experiments.weights.tokenizer import load_tokenizer

EPOCHS, EVAL_FREQ, EVAL_ITER = 2, 3, 2


def loader(shuffle):
    generator = torch.Generator().manual_seed(5)
    items = [
        (2, torch.randint(CONFIG["vocab_size"] - 1, (length,), generator=generator).tolist()) for length in range(3, 25)
    ]
    return DataLoader(
        items, 4, shuffle=shuffle, drop_last=shuffle, collate_fn=lambda batch: plain_collate(batch, END, 20, False)
    )


@pytest.fixture
def tokenizer():
    return load_tokenizer(TINY)


def test_train_model_simple_has_the_plain_implementations_losses(tokenizer, capsys, monkeypatch):
    monkeypatch.setattr("gpt2_experiments.experiment.training.generate_and_print_sample", lambda *_: print("sample"))
    model, plain = small_models()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    torch.manual_seed(7)
    train_losses, val_losses, tokens_seen = train_model_simple(
        model, loader(True), loader(False), optimizer, "cpu", EPOCHS, EVAL_FREQ, EVAL_ITER, "Hello", tokenizer
    )
    expected = plain_train(plain, loader(True), loader(False), 7, EPOCHS, EVAL_FREQ, EVAL_ITER, 1e-3)
    assert train_losses == pytest.approx([row[1] for row in expected], abs=1e-4)
    assert val_losses == pytest.approx([row[2] for row in expected], abs=1e-4)
    assert len(tokens_seen) == len(train_losses)
    assert capsys.readouterr().out.count("sample") == EPOCHS


@pytest.mark.parametrize("lora", [False, True])
@pytest.mark.parametrize("micro_batch_size", [None, 3])
def test_stepping_in_backward_changes_no_bit_and_leaves_no_gradient(lora, micro_batch_size, monkeypatch):
    """Frozen weights may be among the optimizer's parameters."""
    monkeypatch.setattr("gpt2_experiments.model.kept_memory.LARGE", 500)
    weights = []
    for large in (500, math.inf):
        monkeypatch.setattr("gpt2_experiments.experiment.training.LARGE_GRADIENT", large)
        model = small_models(lora)[0]
        sizes = [weight.numel() for weight in model.parameters() if weight.requires_grad]
        assert min(sizes) < 500 <= max(sizes)
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        for batch in loader(False):
            train_step(batch, model, optimizer, torch.device("cpu"), micro_batch_size)
            assert all(weight.grad is None for weight in model.parameters())
        weights.append(model.state_dict())
    for name, weight in weights[0].items():
        assert torch.equal(weight, weights[1][name]), name


def test_large_gradients_do_not_exist_together(monkeypatch):
    monkeypatch.setattr("gpt2_experiments.experiment.training.LARGE_GRADIENT", 1000)
    model = small_models()[0]
    large = [weight for weight in model.parameters() if weight.numel() >= 1000]
    together = []
    for weight in large:
        weight.register_post_accumulate_grad_hook(
            lambda _: together.append(sum(weight.grad is not None for weight in large))
        )
    train_step(next(iter(loader(False))), model, torch.optim.AdamW(model.parameters()), torch.device("cpu"), None)
    assert together == [1] * len(large)


def test_one_block_of_memory_serves_the_gradients_of_head_and_embedding_in_all_steps(monkeypatch):
    monkeypatch.setattr("gpt2_experiments.experiment.training.LARGE_GRADIENT", 1000)
    model = small_models()[0]
    monkeypatch.setattr("gpt2_experiments.model.kept_memory.LARGE", model.out_head.weight.nbytes)
    assert model.out_head.weight.nbytes == max(weight.nbytes for weight in model.parameters())
    kept_memory.release()
    blocks = []
    for weight in (model.out_head.weight, model.tok_emb.weight):
        weight.register_post_accumulate_grad_hook(lambda weight: blocks.append(weight.grad.data_ptr()))
    optimizer = torch.optim.AdamW(model.parameters())
    for batch in loader(False):
        train_step(batch, model, optimizer, torch.device("cpu"), None)
    assert len(blocks) == 2 * len(loader(False))
    assert len(set(blocks)) == 1


def test_kept_memory_goes_once_to_a_tensor_of_its_shape_and_can_be_released(monkeypatch):
    monkeypatch.setattr("gpt2_experiments.model.kept_memory.LARGE", 64)
    kept_memory.release()
    kept = torch.ones(16)
    kept_memory.keep(kept)
    kept_memory.keep(torch.ones(15))  # too small to be kept
    for other in (torch.ones(15), torch.ones(17), torch.ones(16, dtype=torch.float64), torch.ones(4, 4)):
        assert kept_memory.empty_like(other).data_ptr() != kept.data_ptr()
    assert kept_memory.empty_like(torch.zeros(16)) is kept
    assert kept_memory.empty_like(torch.zeros(16)) is not kept
    kept_memory.keep(kept)
    kept_memory.release()
    assert kept_memory.empty_like(torch.zeros(16)) is not kept


def test_losses_of_batches_and_loaders():
    model, plain = small_models()
    batches = list(loader(False))
    with torch.no_grad():
        assert calc_loss_batch(*batches[0], model, "cpu").item() == pytest.approx(
            plain_loss(plain, *batches[0]).item(), abs=1e-5
        )
    assert calc_loss_batch(*batches[0], model, "cpu").item() == pytest.approx(
        plain_loss(plain, *batches[0]).item(), abs=1e-5
    )
    for n_batches in (1, 2, None, 100):
        expected = plain_loader_loss(plain, batches, n_batches or len(batches))
        assert calc_loss_loader(batches, model, "cpu", n_batches) == pytest.approx(expected, abs=1e-5)
    masked = [(inputs, torch.full_like(targets, -100)) for inputs, targets in batches]
    assert calc_loss_loader([*masked, batches[0]], model, "cpu") == calc_loss_loader(batches[:1], model, "cpu")
    assert math.isnan(calc_loss_loader(masked, model, "cpu"))


@pytest.mark.parametrize("training", [True, False])
def test_evaluation_gives_the_mode_back(training):
    model, _ = small_models()
    model.train(training)
    evaluate_model(model, loader(True), loader(False), "cpu", 1)
    assert model.training is training


def test_text_and_tokens(tokenizer):
    ids = text_to_token_ids("Every effort<|endoftext|>", tokenizer)
    assert ids.shape[0] == 1
    assert ids[0, -1] == tokenizer.eot_token
    assert token_ids_to_text(ids, tokenizer) == "Every effort<|endoftext|>"


def test_sample_is_printed_on_one_line(tokenizer, capsys):
    from gpt2_experiments.weights.released import load_gpt2

    model, _ = load_gpt2(TINY)
    generate_and_print_sample(model, tokenizer, "cpu", "First\nsecond")
    assert capsys.readouterr().out.startswith("First second")

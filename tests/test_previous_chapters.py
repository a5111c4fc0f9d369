"""What readers' notebooks import from `previous_chapters` does what the book's functions do."""

import math

import pytest
import torch
from support.paths import TINY
from support.plain import plain_collate, plain_loader_loss, plain_loss, plain_train
from support.small_models import CONFIG, END, small_models
from torch.utils.data import DataLoader

from gpt2_experiments.weights.loading import load_gpt2
from gpt2_experiments.weights.tokenizer import load_tokenizer
from previous_chapters import (
    calc_loss_batch,
    calc_loss_loader,
    evaluate_model,
    generate_and_print_sample,
    text_to_token_ids,
    token_ids_to_text,
    train_model_simple,
)

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
    monkeypatch.setattr("previous_chapters.generate_and_print_sample", lambda *_: print("sample"))
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
    model, _ = load_gpt2(TINY)
    generate_and_print_sample(model, tokenizer, "cpu", "First\nsecond")
    assert capsys.readouterr().out.startswith("First second")

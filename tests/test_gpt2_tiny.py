"""gpt2-tiny is the model its card describes: small, whole, and pretrained."""

import json

import torch
from support.small_checkpoint import TINY

from gpt2_experiments.model.losses import evaluation_losses
from gpt2_experiments.shared.files import sha256_of
from gpt2_experiments.weights.loading import load_gpt2

SENTENCES = (
    "The opposite of hot is cold.",
    "She opened the door and walked into the garden.",
    "We were told that the meeting would begin at noon.",
    "A lake is a large body of water with land on every side.",
)


def mean_loss(model, tokens):
    return evaluation_losses([(torch.tensor([tokens[:-1]]), torch.tensor([tokens[1:]]))], model)


def test_it_is_small():
    model, tokenizer = load_gpt2(TINY)
    n_parameters = sum(parameter.numel() for parameter in model.parameters()) - model.out_head.weight.numel()
    assert 5e6 <= n_parameters <= 8e6
    assert tokenizer.n_vocab == 8000
    assert sum(path.stat().st_size for path in TINY.iterdir()) < 30e6


def test_the_record_is_of_these_weights_and_the_card_has_its_figures():
    record = json.loads((TINY / "pretraining.json").read_text("utf-8"))
    assert record["model.safetensors_sha256"] == sha256_of(TINY / "model.safetensors")
    card = (TINY / "MODEL_CARD.md").read_text("utf-8")
    for figure in (
        f"{record['held_out']['perplexity_per_token']:.2f}",
        f"{record['held_out']['perplexity_per_byte']:.3f}",
        f"{record['held_out']['bits_per_byte']:.3f}",
        f"{record['texts']['training']['tokens']:,}",
        f"{record['texts']['held_out']['tokens']:,}",
        f"{record['texts']['tasks']['documents']:,}",
        f"{record['dialogues']['kept']:,}",
        record["model.safetensors_sha256"],
    ):
        assert figure in card


def test_it_tells_english_from_the_same_words_in_disorder():
    model, tokenizer = load_gpt2(TINY)
    for sentence in SENTENCES:
        tokens = tokenizer.encode_ordinary(sentence)
        disorder = tokenizer.encode_ordinary(" ".join(reversed(sentence.split())))
        assert mean_loss(model, tokens) < mean_loss(model, disorder) - 0.5

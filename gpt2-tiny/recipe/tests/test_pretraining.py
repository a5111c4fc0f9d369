"""Pretraining: the recipe is followed, a killed run ends with the same bits, text and tokens are as promised."""

import multiprocessing
import os
import signal
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.plain import PlainGPT, plain_loss
from wordnet_folder import write_wordnet

import pretrain_tiny
import pretraining
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import Stopped, UserError
from gpt2_experiments.weights.tokenizer import END_OF_TEXT, load_tokenizer
from muon import Muon
from pretrain_tiny import tokenize, train_tokenizer
from pretraining import Recipe, Streams, doubled, initial_model, pretrain, stream_loss, weights_to_save, window_batch
from pretraining_text import HELD_OUT, TRAINING, Source, clean, gather
from wordnet_prose import paragraphs

SMALL = Recipe(
    n_vocab=50, n_ctx=16, n_embd=16, n_head=2, n_layer=2, steps=10, text_windows=2, doubled_windows=1, task_windows=1,
    warmup_steps=2, eval_freq=4, threads=1,
)  # fmt: skip


def stream(length, seed):
    """Random tokens."""
    return torch.randint(SMALL.n_vocab, (length,), generator=torch.Generator().manual_seed(seed))


STREAMS = Streams(text=stream(700, 1), tasks=stream(60, 3), held_out=stream(100, 2))
HELD = STREAMS.held_out


def weights_of(folder, stop=None):
    """The small recipe's weights, as bytes, from where `folder` stands."""
    model, _ = pretrain(SMALL, STREAMS, {}, UnfinishedRun(folder), stop or StopSignals())
    return {name: weight.numpy().tobytes() for name, weight in weights_to_save(model).items()}


class KilledAt:
    """In the place of `StopSignals`: the process is killed when it is asked for the `n`-th time."""

    def __init__(self, n):
        self.n, self.asked = n, count(1)

    @property
    def received(self):
        if next(self.asked) == self.n:
            os.kill(os.getpid(), signal.SIGKILL)
        return None


def killed(folder, n):
    pretraining.CHECKPOINT_STEPS = 3
    weights_of(folder, KilledAt(n))


def test_killed_again_and_again_it_ends_with_the_same_bits(tmp_path):
    processes = multiprocessing.get_context("forkserver")
    for n in (9, 8, 6):  # asked once or twice a step: killed after some steps, each time further on
        process = processes.Process(target=killed, args=(tmp_path / "killed", n))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert weights_of(tmp_path / "killed") == weights_of(tmp_path / "undisturbed")


def test_training_lowers_the_loss_on_a_text_with_a_pattern(tmp_path):
    pattern = torch.arange(2000) % 7
    streams = Streams(pattern, pattern[:60], held_out=pattern[:200])
    model, evaluations = pretrain(SMALL, streams, {}, UnfinishedRun(tmp_path / "run"), StopSignals())
    assert [at["step"] for at in evaluations] == [4, 8, 10]
    assert evaluations[-1]["held_out_loss"] < evaluations[0]["held_out_loss"]
    assert model.out_head.weight is model.tok_emb.weight


def test_an_epoch_has_every_window_once_and_targets_are_one_further():
    numbers = Streams(torch.arange(701), -torch.arange(1, 70), HELD)
    recipe = replace(SMALL, doubled_windows=0, text_windows=3)
    per_epoch = (701 - 1 - 16) // 16
    batches = [window_batch(numbers, step, recipe) for step in range(2 * per_epoch // 3)]
    inputs, targets = (torch.cat([batch[part][:3] for batch in batches]) for part in (0, 1))
    assert torch.equal(targets, inputs + 1)
    for epoch in inputs[:, 0].split(per_epoch):
        assert torch.equal(epoch.sort().values.diff(), torch.full((len(epoch) - 1,), 16))
    tasks, after = (torch.cat([batch[part][3:] for batch in batches]) for part in (0, 1))
    assert (tasks < 0).all()
    assert torch.equal(after, tasks - 1)


def test_as_many_windows_are_doubled_as_the_recipe_says():
    numbers = replace(STREAMS, text=torch.arange(1000), tasks=torch.arange(1000))
    recipe = replace(SMALL, n_ctx=100, text_windows=1, doubled_windows=3, task_windows=2)
    inputs, targets = window_batch(numbers, 0, recipe)
    assert (targets == inputs + 1).all(dim=1).tolist() == [True, False, False, False, True, True]


@pytest.mark.parametrize("short", ["text", "tasks"])
def test_too_short_a_stream_is_refused(short):
    with pytest.raises(ValueError, match="30 tokens"):
        window_batch(replace(STREAMS, **{short: stream(30, 1)}), 0, SMALL)


def test_the_rate_goes_up_stays_and_comes_down_to_nearly_nothing():
    recipe = Recipe(steps=1000, warmup_steps=50, decay_share=0.5)
    shares = [recipe.share_of_rate(step) for step in range(1000)]
    assert shares[:50] == pytest.approx([(step + 1) / 50 for step in range(50)])
    assert shares[50:500] == [1.0] * 450
    assert shares[500:] == pytest.approx([(1000 - step) / 500 for step in range(500, 1000)])


def test_too_few_steps_are_refused(capsys):
    with pytest.raises(SystemExit):
        pretrain_tiny.main(["--steps", "0"])
    assert "--steps 0: at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("changed", ["text", "tasks", "held_out"])
def test_a_run_is_not_gone_on_with_another_stream_or_code(tmp_path, changed):
    stop = StopSignals()
    stop.received = signal.SIGTERM  # as if it came in the first step
    with pytest.raises(Stopped):
        pretrain(SMALL, STREAMS, {"code": "1"}, UnfinishedRun(tmp_path), stop)
    others = replace(STREAMS, **{changed: getattr(STREAMS, changed) + 1})
    with pytest.raises(UserError, match=f"{changed}_sha256"):
        pretrain(SMALL, others, {"code": "1"}, UnfinishedRun(tmp_path), StopSignals())
    with pytest.raises(UserError, match="code"):
        pretrain(SMALL, STREAMS, {"code": "2"}, UnfinishedRun(tmp_path), StopSignals())


def test_muon_in_bfloat16_is_pytorchs():
    torch.manual_seed(1)
    start = [torch.randn(shape) for shape in ((64, 64), (96, 32), (32, 96))]
    ours, theirs = ([torch.nn.Parameter(matrix.clone()) for matrix in start] for _ in range(2))
    optimizers = Muon(ours, 0.02, 0.1, torch.bfloat16), torch.optim.Muon(theirs, 0.02, 0.1)
    for _ in range(3):
        for one, other in zip(ours, theirs, strict=True):
            one.grad = torch.randn_like(one)
            other.grad = one.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    assert all(map(torch.equal, ours, theirs))


@given(st.integers(1, 600), st.integers(0, 2**32))
def test_a_doubled_window_has_each_of_its_passages_twice(length, seed):
    window = torch.arange(length)
    result = doubled(window, torch.Generator().manual_seed(seed)).tolist()
    assert len(result) == length
    start = at = 0
    while at < length:
        size = next((n for n in range(1, length - at) if result[at + n] == start), length - at)  # until it starts again
        assert size < 128
        assert size >= 8 or at + size == length
        passage = list(range(start, start + size))
        assert result[at : at + 2 * size] == (passage * 2)[: length - at]
        start, at = start + size, at + 2 * size


@pytest.mark.parametrize("length", [2, 16, 17, 18, 33, 100])
def test_stream_loss_is_the_plain_mean_over_windows(length):
    model = initial_model(SMALL)
    plain = PlainGPT(model.cfg)
    plain.load_state_dict(model.state_dict())
    total = 0.0
    with torch.no_grad():
        for start in range(0, length - 1, SMALL.n_ctx):
            window = HELD[start : min(start + SMALL.n_ctx + 1, length)]
            total += plain_loss(plain, window[None, :-1], window[None, 1:]).item() * (len(window) - 1)
    assert stream_loss(model, HELD[:length], SMALL.n_ctx) == pytest.approx(total / (length - 1), abs=1e-5)


def test_the_tokenizer_is_readable_and_gives_every_text_back(tmp_path):
    documents = [path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    train_tokenizer(documents, 600, tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    assert tokenizer.n_vocab == 600
    assert tokenizer.eot_token == 599
    tokens = tokenize([*documents[:2], "naïve 答え"], tokenizer)
    assert tokenizer.decode(tokens.tolist()) == END_OF_TEXT.join([*documents[:2], "naïve 答え", ""])


def test_wordnet_becomes_prose(tmp_path):
    prose = list(paragraphs(write_wordnet(tmp_path)))
    assert prose[:4] == [
        "Animal (noun): a living being. Animals need food.",
        "House cat (noun, a kind of animal): a small animal that purrs. Another word for house cat is puss.",
        "Felix (noun): a cat with a name. Felix is a house cat.",
        "Bird (noun, a kind of animal): an animal that flies. Another word for bird is fowl.",
    ]
    assert 'Purr (verb): make a soft sound. She purred all night. For example, "purr".' in prose
    assert "Quick (adjective): not slow. The opposite of quick is slow." in prose
    assert prose[-1] == "Softly (adverb): in a soft way."


def test_every_document_is_in_one_split_the_same_each_time(tmp_path):
    documents = [f"Document {number} says “hello”." for number in range(3000)]
    source = Source("debian", "made-up", "1", "public domain", lambda _: [*documents, *documents])
    (tmp_path / "packages" / "made-up-1").mkdir(parents=True)
    texts = gather([source], tmp_path)
    assert sorted(texts[TRAINING] + texts[HELD_OUT]) == sorted(map(clean, documents))
    assert 30 <= len(texts[HELD_OUT]) <= 90
    assert gather([source], tmp_path) == texts
    fewer = gather([Source("debian", "made-up", "1", "public domain", lambda _: documents[:1000])], tmp_path)
    assert set(fewer[HELD_OUT]) <= set(texts[HELD_OUT])


def test_clean_leaves_plain_ascii_punctuation():
    dash, left, right, quote, dots = map(chr, (0x2014, 0x201C, 0x201D, 0x2019, 0x2026))
    assert clean(f" {left}It{quote}s late{right}{dash}he said{dots}  ") == '"It\'s late" - he said...'

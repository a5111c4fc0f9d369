"""The data set itself: its form, its variety, its lengths, its splits, and every answer that can be computed."""

import json
import math
import re
from collections import Counter
from statistics import mean

import build_instruction_data as build
import numpy as np
import pytest
from computed_entries import computed_entries
from scipy import sparse
from support import solve_computed

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES

MAX_SHARE = 0.02  # of one template, or of one opening of five words
ALPACA = PROMPT_STYLES["alpaca"]
COMPUTED = [entry for entries in computed_entries().values() for entry in entries]


@pytest.fixture(scope="module")
def entries():
    return json.loads(build.TARGET.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def splits(entries):
    train_end = int(0.85 * len(entries))
    test_end = train_end + int(0.10 * len(entries))
    return {"train": entries[:train_end], "test": entries[train_end:test_end], "validation": entries[test_end:]}


@pytest.fixture(scope="module")
def kind_of():
    """The kind of an entry, by its instruction and input."""
    return {question(entry): kind for kind, entries in build.entries_by_kind().items() for entry in entries}


def question(entry):
    return entry["instruction"], entry["input"]


# Form


def test_file_is_what_the_build_makes():
    assert build.TARGET.read_bytes() == build.render(build.arrange(build.entries_by_kind()))


def test_schema(entries):
    assert len(entries) == 1100
    for entry in entries:
        assert list(entry) == ["instruction", "input", "output"]
        assert all(isinstance(text, str) and text == text.strip() for text in entry.values())
        assert entry["instruction"]
        assert entry["output"]


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"instruction": "Name a tree.", "output": "Oak"}, "fields"),
        ({"instruction": "Name a tree.", "input": None, "output": "Oak"}, "fields"),
        ({"instruction": "Name a tree.", "input": "", "output": ""}, "empty"),
        ({"instruction": "Name a tree.", "input": "", "output": "Oak "}, "white space"),
    ],
)
def test_build_refuses_a_bad_entry(entry, complaint):
    total, problem = build.problems({"trees": [entry]})
    assert total == "1 entries instead of 1100"
    assert problem.startswith("trees, entry 1: ")
    assert complaint in problem


# Variety


def test_no_exact_duplicates(entries):
    assert len({question(entry) for entry in entries}) == len(entries)


def similarities(texts):
    """The Jaccard similarity of the sets of character 5-grams, for every pair of texts; 0 on the diagonal."""
    grams = [sorted({text[start : start + 5] for start in range(len(text) - 4)}) for text in texts]
    number = {gram: column for column, gram in enumerate({gram for of_text in grams for gram in of_text})}
    columns = [number[gram] for of_text in grams for gram in of_text]
    ends = np.cumsum([0, *map(len, grams)])
    occurs = sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(texts), len(number)))
    shared = (occurs @ occurs.T).toarray()
    sizes = shared.diagonal()
    jaccard = shared / (sizes[:, None] + sizes[None, :] - shared)
    np.fill_diagonal(jaccard, 0)
    return jaccard


def test_similarities_of_known_texts():
    # abcdefg has the 5-grams abcde, bcdef, cdefg; bcdefgh has bcdef, cdefg, defgh: 2 shared of 4.
    assert similarities(["abcdefg", "bcdefgh", "12345"]).tolist() == [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]


def test_no_near_duplicates(entries, splits):
    jaccard = similarities([" ".join(question(entry)).lower() for entry in entries])
    train = len(splits["train"])
    assert jaccard.max() <= 0.8
    assert jaccard[train:, :train].max() <= 0.6


def masked(instruction):
    """An instruction without its quoted text, numbers and proper names."""
    masked_quotes = re.sub(r"(?<!\w)(['\"]).+?\1(?!\w)", "<text>", instruction)
    masked_numbers = re.sub(r"\d+(?:[.,:/]\d+)*", "<number>", masked_quotes)
    return re.sub(r"(?<=[a-z,>] )[A-Z]\w+(?: [A-Z]\w+)*", "<name>", masked_numbers)


def test_masked_instruction():
    assert masked("Who wrote 'Emma', the novel of 1815 set in Highbury?") == (
        "Who wrote <text>, the novel of <number> set in <name>?"
    )


def test_no_template_is_frequent(entries):
    template, count = Counter(masked(entry["instruction"]) for entry in entries).most_common(1)[0]
    assert count <= MAX_SHARE * len(entries), template


def test_no_opening_is_frequent(entries):
    openings = Counter(" ".join(entry["instruction"].lower().split()[:5]) for entry in entries)
    opening, count = openings.most_common(1)[0]
    assert count <= MAX_SHARE * len(entries), opening


def test_at_least_thirty_kinds(kind_of):
    assert len(set(kind_of.values())) >= 30


# Lengths


def test_lengths_in_gpt2_tokens(entries, gpt2_encoding):
    prompts = [ALPACA.prompt(entry) for entry in entries]
    full_texts = [prompt + ALPACA.training_suffix(entry) for prompt, entry in zip(prompts, entries, strict=True)]
    prompt_lengths, full_lengths, output_lengths = (
        [len(tokens) for tokens in gpt2_encoding.encode_ordinary_batch(texts)]
        for texts in (prompts, full_texts, [entry["output"] for entry in entries])
    )
    assert 40 <= mean(prompt_lengths) <= 70
    assert 8 <= mean(output_lengths) <= 20
    assert max(full_lengths) <= 128


def test_gpt2_encoding_is_gpt2s(gpt2_encoding):
    assert gpt2_encoding.encode_ordinary("### Response:\nCrocodile, Elephant") == [
        *(21017, 18261, 25, 198, 34, 12204, 375, 576, 11, 42651),
    ]


# Splits


def test_split_sizes(splits):
    assert {name: len(split) for name, split in splits.items()} == {"train": 935, "test": 110, "validation": 55}


def test_every_split_holds_the_kinds_in_proportion(splits, kind_of):
    """Of n entries, n / 10 test and n / 20 validate, rounded up or down; the rest trains."""
    counts = {name: Counter(kind_of[question(entry)] for entry in split) for name, split in splits.items()}
    for kind, total in Counter(kind_of.values()).items():
        assert counts["test"][kind] in (math.floor(total / 10), math.ceil(total / 10)), kind
        assert counts["validation"][kind] in (math.floor(total / 20), math.ceil(total / 20)), kind


def test_every_split_has_about_half_of_its_inputs_empty(splits):
    for split in splits.values():
        assert 0.4 <= mean(not entry["input"] for entry in split) <= 0.6


# Computed answers


def test_computed_entries_are_in_the_file(entries):
    assert len(COMPUTED) == 198
    assert all(entry in entries for entry in COMPUTED)


@pytest.mark.parametrize("entry", COMPUTED, ids=lambda entry: entry["instruction"])
def test_computed_answer(entry):
    assert len(solve_computed.matches(entry)) == 1, "exactly one rule must recognise the question"
    assert solve_computed.mistake(entry) is None


def test_every_rule_of_the_solver_is_used():
    assert {match.re for entry in COMPUTED for match in solve_computed.matches(entry)} == set(solve_computed.RULES)


OPPOSITES = {"Yes": "No", "No": "Yes", "even": "odd", "true": "false", "wrong": "right", "AM": "PM", "PM": "AM"}


def following(items, item):
    """The item after the given one, the first one after the last."""
    return items[(items.index(item) + 1) % len(items)]


CORRUPTIONS = {
    r"\d": lambda digit: following("0123456789", digit),
    "|".join(solve_computed.WEEKDAYS): lambda day: following(solve_computed.WEEKDAYS, day),
    "|".join(solve_computed.MONTHS): lambda month: following(solve_computed.MONTHS, month),
    rf"\b(?:{'|'.join(OPPOSITES)})\b": OPPOSITES.get,
    r"(?<=')\w(?=\w*')|\b[a-z](?=,)": lambda letter: following("abcdefghijklmnopqrstuvwxyz", letter),
    r"\b[IVXLC]{2,}\b": lambda numeral: numeral + "I",
}


def corrupted(entry):
    """Yield the entry's output with one thing changed: a digit, a day, a month, a verdict, a quoted word, its end."""
    output = entry["output"]
    for pattern, change in CORRUPTIONS.items():
        for match in re.finditer(pattern, output):
            yield output[: match.start()] + change(match[0]) + output[match.end() :]
    if solve_computed.is_exact(entry):
        yield output[:-1]
        yield output + ", 1"


@pytest.mark.parametrize("entry", COMPUTED, ids=lambda entry: entry["instruction"])
def test_wrong_answer_is_found(entry):
    wrong_outputs = list(corrupted(entry))
    assert wrong_outputs
    for wrong in wrong_outputs:
        assert solve_computed.mistake(entry | {"output": wrong}) is not None, wrong

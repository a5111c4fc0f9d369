"""Drills with sentences, words and numbers say what is true of them."""

import os
import random
import re
import subprocess
import sys
from itertools import pairwise
from operator import add, mul, sub

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill_words import Dictionary, common_lexicon
from drills import CLAUSES, KINDS, NUMBERS, SENTENCES, WORDS, drills, lines_and_sentences, plain_sentences
from word_drills import (
    EXCHANGEABLE,
    FUNCTION_WORDS,
    UNITS,
    definition_drill,
    edit_drill,
    gap_drill,
    kind_drill,
    list_drill,
    number_drill,
    spelling_drill,
    synonym_drill,
    unit_drill,
)

TEXTS = [
    "The old clock struck ten, and nobody moved.",
    "She painted the kitchen door green on a rainy afternoon.",
    "We never found out who had left the basket there.",
    "It's hard to believe that they walked so far.",
    "I saw a lantern behind the bakery window.",
    "My brother was really proud of his new boat.",
]
DICTIONARY = Dictionary(
    {"wren": "a small bird"},
    [("big", "large")],
    [("hot", "cold")],
    {"bird": ["owl", "wren", "crow"], "tool": ["axe", "saw", "hoe"], "sport": ["golf", "tennis", "boxing"]},
)
ARGUMENTS = ((CLAUSES, common_lexicon()), (SENTENCES, TEXTS), (WORDS, DICTIONARY))
OPERATIONS = {"+": add, "and": add, "-": sub, "minus": sub, "x": mul, "times": mul}
IRREGULAR = {"inches": "inch", "feet": "foot", "centuries": "century"}
randoms = st.integers(0, 2**32).map(random.Random)


def drill_of(kind, rng):
    return kind(rng) if kind in NUMBERS else next(kind(rng, argument) for kinds, argument in ARGUMENTS if kind in kinds)


def written(count, seed):
    return list(drills(count, seed, [common_lexicon()], DICTIONARY, TEXTS))


@given(randoms)
def test_a_gap_is_filled_with_the_words_that_give_the_sentence(rng):
    gapped, *lines = gap_drill(rng, TEXTS).split("\n")
    (sentence,) = [text for text in TEXTS if text in lines[-1]]
    beginning, end = gapped.split("___")
    assert sentence.startswith(beginning)
    assert sentence.endswith(end)
    missing = sentence[len(beginning) : len(sentence) - len(end)]
    if lines[0].startswith("Either"):
        assert f"'{missing}'" in lines[0]
        return
    assert missing in FUNCTION_WORDS
    assert lines == [f"Complete: {sentence}"] or lines[0] == f"The missing word is '{missing}'."


@given(randoms)
def test_edits_are_of_the_sentence_and_claims_are_true(rng):
    first, *lines = edit_drill(rng, TEXTS).split("\n")
    sentence = f"{first.strip(chr(39)).rstrip('.')}."
    assert sentence in TEXTS
    said = re.findall(r"[\w']+", sentence)
    for line in lines:
        if line.startswith("Without"):
            word, rest = re.fullmatch(r"Without '(.+)': (.+)", line).groups()
            at = said.index(word)
            assert re.findall(r"[\w']+", rest) == [*said[:at], *said[at + 1 :]]
        elif line.startswith("With '"):
            new, old, rest = re.fullmatch(r"With '(.+)' in place of '(.+)': (.+)", line).groups()
            differing = [pair for pair in zip(said, re.findall(r"[\w']+", rest), strict=True) if pair[0] != pair[1]]
            assert differing == [(old, new)]
            assert any({old, new} <= set(group) for group in EXCHANGEABLE)
        elif line.startswith("In reverse"):
            assert [word.lower() for word in line.split(": ")[1].split()[::-1]] == [word.lower() for word in said]
        elif line.startswith("The first"):
            assert line == f"The first word is '{said[0]}', and the last word is '{said[-1]}'."
        elif line.startswith("After"):
            before, after = re.fullmatch("After '(.+)' comes '(.+)'.", line).groups()
            assert [pair for pair in pairwise(said) if pair[0] == before] == [(before, after)]
        elif line.startswith("The sentence has"):
            assert line == f"The sentence has {len(said)} words."
        elif line.startswith("The longest"):
            longest = re.search("is '([^ ]+)'.$", line)[1]
            assert [word for word in said if len(word) >= len(longest)] == [longest]
        else:
            assert line.startswith(("In direct speech: ", "The sentence again: ", "Who said that", "Is it true"))
            assert sentence[1:-1] in line


def test_a_fragment_is_not_reported_as_a_statement():
    fragments = ["The rawness of the midnight air.", "A plant having long stiff hairs."]
    for seed in range(50):
        assert "true that" not in edit_drill(random.Random(seed), fragments)


@given(randoms)
def test_misspelled_words_are_put_right(rng):
    text = spelling_drill(rng, TEXTS)
    form = r"With (a|two) spelling mistakes?: (.+)\nCorrected: (.+?)(?:\nThe correct spelling is '(.+)'\.)?"
    if in_sentence := re.fullmatch(form, text):
        count, wrong, right, word = in_sentence.groups()
        assert right in TEXTS
        differing = [pair for pair in zip(wrong.split(), right.split(), strict=True) if pair[0] != pair[1]]
        assert len(differing) == {"a": 1, "two": 2}[count]
        assert word == (differing[0][1].strip(".,") if count == "a" else None)
        return
    right = re.search(r"(?:spelled|word is) '(.+)'\.$", text)[1]
    wrong = (set(re.findall(r"'(\w+)' is wrong|(\w+), (\w+)\n", text)[0]) - {"", right}).pop()
    assert any(right in re.findall(r"[\w']+", sentence) for sentence in TEXTS)
    assert wrong[0] == right[0]
    assert wrong[-1] == right[-1]


@given(randoms)
def test_lists_are_put_in_order(rng):
    text = list_drill(rng, TEXTS)
    before, claims = re.fullmatch(r"(.+?)\n((?:(?:In|The) .+\n?)+)", text, re.DOTALL).groups()
    listed = re.split(", | |\n", before)
    joined = f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else listed[0]
    assert set(claims.split("\n")) <= {
        f"In alphabetical order: {', '.join(sorted(listed))}",
        f"In reverse order: {', '.join(listed[::-1])}",
        f"The first word is '{listed[0]}', and the last word is '{listed[-1]}'.",
        f"In one line: {', '.join(listed)}",
        *(f"The longest word is '{word}'." for word in listed if all(len(word) > len(o) for o in listed if o != word)),
        f"In one sentence: The words are {joined}.",
    }


@given(randoms)
def test_what_is_said_of_kinds_is_true(rng):
    kind_of = {word: kind for kind, found in DICTIONARY.categories.items() for word in found}
    *given_text, said = re.split(r"\n|(?<=\?) ", kind_drill(rng, DICTIONARY))
    if sorted_kinds := re.fullmatch(r"(\w+): (\w+), (\w+)\. (\w+): (\w+)\.", said):
        one, first, second, other, third = sorted_kinds.groups()
        assert [kind_of[word] for word in (first, second, third)] == [one.lower(), one.lower(), other.lower()]
    elif pair := re.fullmatch(r"The (\w+) words are '(\w+)' and '(\w+)'\.", said):
        assert {kind_of[word] for word in pair.groups()[1:]} == {pair[1]}
    elif stranger := re.fullmatch(r"The word '(\w+)' does not belong with the others\.", said):
        assert [kind_of[word] for word in given_text[0].split(", ")].count(kind_of[stranger[1]]) == 1
    else:
        form = r"(?:The word '|An? )?(\w+)'? (?:is|names) an? (\w+)\."
        word, kind = re.fullmatch(form, said).groups()
        assert kind_of[word.lower()] == kind
        assert word.lower() in given_text[0]


def test_meanings_are_those_of_the_dictionary():
    rngs = [random.Random(seed) for seed in range(200)]
    assert {definition_drill(rng, DICTIONARY) for rng in rngs} == {
        "What is the meaning of 'wren'? The word 'wren' means a small bird.",
        "What do we call a small bird? A small bird is called 'wren'.",
        "Which word means a small bird? The word 'wren' means a small bird.",
        "A small bird is called 'wren'.",
        "A word for a small bird is 'wren'.",
    }
    assert {line for rng in rngs for line in synonym_drill(rng, DICTIONARY).split("\n")} == {
        "Another word for 'big' is 'large'.",
        "The word 'large' means much the same as 'big'.",
        "What is a synonym of 'big'? A synonym of 'big' is 'large'.",
        "'Big' and 'large' have a similar meaning.",
        "The opposite of 'hot' is 'cold'.",
        "What is the opposite of 'hot'? The opposite of 'hot' is 'cold'.",
        "'Hot' is the opposite of 'cold'.",
    }


@given(randoms)
def test_arithmetic_is_right(rng):
    for line in number_drill(rng).replace("\nFrom", " From").split("\n"):
        if ordered := re.fullmatch(r"([\d, ]+) From small to large: ([\d, ]+)", line):
            numbers, in_order = ([int(number) for number in part.split(", ")] for part in ordered.groups())
            assert in_order == sorted(numbers)
        elif compared := re.fullmatch(
            r"Of (\d+) and (\d+), the larger number is (\d+), and the smaller number is (\d+)\.", line
        ):
            one, two, larger, smaller = map(int, compared.groups())
            assert (larger, smaller) == (max(one, two), min(one, two))
        else:
            form = r"(?:The (sum) of )?(\d+) (\+|-|x|minus|times|and) (\d+) (?:=|is) (\d+)\.?"
            _, left, operation, right, result = re.fullmatch(form, line).groups()
            assert OPERATIONS[operation](int(left), int(right)) == int(result)


@given(randoms)
def test_units_are_converted_rightly(rng):
    text = re.sub("inches|feet|centuries", lambda plural: IRREGULAR[plural[0]], unit_drill(rng))
    quantities = re.findall(r"([\d,]+) ([a-z]+?)s?\b", text)
    small, _, size = next(row for row in UNITS if {unit for _, unit in quantities} == {*row[:2]})
    values = [int(number.replace(",", "")) * (1 if unit == small else size) for number, unit in quantities]
    if " and " in text:
        first, again, *summands = values
        assert first == again == sum(summands)
    else:
        assert len(set(values)) == 1


@pytest.mark.parametrize("kind", KINDS)
@given(rng=randoms)
def test_drills_are_tidy_text(kind, rng):
    for line in drill_of(kind, rng).split("\n"):
        assert re.fullmatch(r"[ -~]+", line)
        assert line == " ".join(line.split())


def test_drills_depend_on_the_seed_alone():
    random.seed(1)
    assert written(50, 7) == written(50, 7) != written(50, 8)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_drills_are_the_same_in_every_process(hash_seed):
    command = "import test_word_drills as t; print('\\n\\n'.join(t.written(300, 7)))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    assert process.stdout.rstrip("\n") == "\n\n".join(written(300, 7))


def test_plain_sentences_have_4_to_14_plain_words_and_come_once():
    documents = ["He saw it. " + " ".join(TEXTS), "In 1904 he left. Tom Sawyer came home late.", TEXTS[0]]
    assert plain_sentences(documents) == TEXTS
    assert plain_sentences(["Another word for big is large or great."]) == []


def test_a_text_is_cut_into_sentences_lines_and_what_follows_a_colon():
    assert lines_and_sentences("Negative: He left. She stayed?\nNo") == {"Negative", "He left.", "She stayed?", "No"}

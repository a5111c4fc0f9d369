"""Exercises ask in words for what the drills name with labels, and each shows its text and its answer."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_word_drills import DICTIONARY, TEXTS, written

from drill_words import common_adjectives, common_lexicon
from drills import drills
from exercises import HEADINGS, TASKS, exercises, framed
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES

BARKS = "The dog barks.\nIn the past tense: The dog barked."


def asked(drill, count=300):
    """All the exercises that a drill becomes in so many draws."""
    return set(exercises([drill] * count, seed=1))


@pytest.mark.parametrize(
    ("drill", "exercise"),
    [
        (BARKS, "Put the sentence into the past tense.\nThe dog barks.\nThe dog barked."),
        (BARKS, "Rewrite this sentence in the past tense: The dog barks.\nThe dog barked."),
        (BARKS, "What is 'The dog barks.' in the past tense?\nThe dog barked."),
        ("He sat.\nWith 'must': He must sit.", "Use 'must' in this sentence.\nHe sat.\nHe must sit."),
        ("Sit.\nPolitely: Please sit.", "Say this politely.\nSit.\nPlease sit."),
        ("I ran.\nThe verb is 'ran'.", "Find the verb in the sentence.\nI ran.\nThe verb is 'ran'."),
        ("With a mistake: He sit.\nCorrected: He sits.", "Correct this sentence.\nHe sit.\nHe sits."),
        ("With a spelling mistake: It raned.\nCorrected: It rained.", "Correct the spelling.\nIt raned.\nIt rained."),
        ("b, a\nIn alphabetical order: a, b", "Arrange these words from A to Z.\nb, a\na, b"),
        ("b\na\nIn one line: b, a", "Separate the words by commas.\nb\na\nb, a"),
        ("It rains.\nIs it true that it rains? Yes, it rains.", "Is it true that it rains?\nIt rains.\nYes, it rains."),
        ("Which word means a fear? The word 'awe' means a fear.",
         "Which word means a fear?\nThe word 'awe' means a fear."),
        ("3 x 4 = 12\n3 times 4 is 12.", "Multiply 3 by 4.\n3 times 4 is 12."),
        ("9, 7\nFrom small to large: 7, 9", "Order the numbers by size.\n9, 7\n7, 9"),
        ("120 minutes\n120 minutes is 2 hours.", "Convert 120 minutes to hours.\n120 minutes is 2 hours."),
    ],
)  # fmt: skip
def test_a_drill_becomes_a_task_its_text_and_the_answer(drill, exercise):
    assert exercise in asked(drill)


def test_each_named_change_is_asked_for_and_its_text_alone_is_given():
    drill = "The dog barks.\nNegative: The dog does not bark.\nQuestion: Does the dog bark?"
    found = [exercise.rpartition("\n") for exercise in asked(drill)]
    assert {answer for _, _, answer in found} == {"The dog does not bark.", "Does the dog bark?"}
    assert all(task.count("dog") == task.count("The dog barks.") == 1 for task, _, _ in found)


def test_a_drill_without_a_named_change_becomes_none():
    assert asked("In the passive voice.\nHe saw me.\nI was seen by him.") == set()


@pytest.fixture(scope="module")
def many():
    return list(drills(12_000, 5, [common_lexicon()], DICTIONARY, TEXTS))


def test_each_row_of_the_tables_is_asked(many, monkeypatch):
    marked = [(beginning, (f"Row {number}.",), of_text) for number, (beginning, _, of_text) in enumerate(TASKS)]
    monkeypatch.setattr("exercises.TASKS", marked)
    rows = {int(found[1]) for text in exercises(many, seed=5) if (found := re.match(r"Row (\d+)[.:]", text))}
    assert [TASKS[row][0].pattern for row in {*range(len(TASKS))} - rows] == []


def test_an_answer_is_the_drills_and_its_task_is_tidy(many):
    for drill in many[:3000]:
        for exercise in exercises([drill], seed=3):
            task, _, answer = exercise.rpartition("\n")
            assert answer in drill
            assert not set("{}") & set(exercise)
            assert re.fullmatch(r"[A-Z'][ -~\n]+", task)


@given(st.integers(0, 2**32))
def test_a_frame_keeps_task_text_and_answer_in_their_order(seed):
    documents = ["Copy this.\nIt is late.\nIt is late!", "Why?\nSo.", "Sort.\nb\na\na, b"]
    for document, text in zip(documents, framed(documents, seed), strict=True):
        task, *lines = map(re.escape, document.split("\n"))
        given, answer = "\n".join(lines[:-1]), lines[-1]
        assert re.search(f"{task}\n(?:.*{given}\n)?.*{answer}$", text, re.DOTALL)
        for style in PROMPT_STYLES.values():
            assert style.before_instruction not in text
            assert style.response_header not in text


def test_frames_have_all_headings_and_some_none():
    texts = list(framed(["Copy this.\nIt is late.\nIt is late!"] * 2000, seed=1))
    assert "Copy this.\n\nIt is late.\n\nIt is late!" in texts
    assert all(any(heading in text for text in texts) for headings in HEADINGS for heading in headings)


@given(st.integers(0, 2**32))
def test_exercises_depend_on_the_seed_alone(seed):
    random.seed(seed)
    made = written(20, 7)
    assert list(exercises(made, seed)) == list(exercises(made, seed))
    assert list(framed(made, seed)) == list(framed(made, seed))


def test_people_and_things_have_adjectives_with_their_article():
    lexicon = replace(common_lexicon(), adjectives=common_adjectives())
    text = "\n".join(drills(500, 2, [lexicon], DICTIONARY, TEXTS))
    assert re.search(r"\ban (?:old|easy|empty|ugly|expensive|interesting|unclear) [a-z]+", text)
    assert not re.search(r"\ba (?:old|easy|empty|ugly|expensive|interesting|unclear)\b", text)
    assert not re.search(r"\ban (?:new|young|sad|happy|poor|rich)\b", text)

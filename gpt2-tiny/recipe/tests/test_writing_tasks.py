"""The tasks of writing and judging have good answers."""

import random
import re

import pytest

from drill_words import common_lexicon
from workbook import answer_tasks, style_tasks, writing_tables, writing_tasks
from workbook.book import WRITING_TASKS

LEXICON = common_lexicon()
SEEDS = range(200)


def tasks(kind):
    return [kind(random.Random(seed), LEXICON) for seed in SEEDS]


def given(task):
    """The text, also where it stands within the ask."""
    return task.text or task.ask.split(": ", 1)[1]


@pytest.mark.parametrize("kind", WRITING_TASKS, ids=lambda kind: kind.__name__)
def test_every_kind_gives_complete_lines_and_the_same_again(kind):
    assert tasks(kind) == tasks(kind)
    for task in tasks(kind):
        assert task.ask
        assert task.answer
        assert all("\n" not in part and part == part.strip() and "  " not in part for part in task)
        assert not re.search("[{}]", task.ask.replace("{it}", "") + task.text + task.answer)
        assert task.text or "{it}" not in task.ask
        assert not re.search(r"\ba (?!one\b)[aeio]", f"{task.ask} {task.answer}")
        assert not task.ask[0].islower()


@pytest.mark.parametrize("name", [name for name, value in vars(writing_tables).items() if isinstance(value, list)])
def test_tables_have_no_duplicates(name):
    rows = getattr(writing_tables, name)
    assert len(set(rows)) == len(rows)
    if isinstance(rows[0], tuple):
        assert len({len(row) for row in rows}) == 1
        assert all(all(row) for row in rows)


def test_wordings_are_several_and_distinct():
    wordings = {
        name: value
        for module in (writing_tasks, style_tasks, answer_tasks)
        for name, value in vars(module).items()
        if name.isupper() and not hasattr(writing_tables, name) and _is_wordings(value)
    }
    assert len(wordings) >= len(WRITING_TASKS) - 1
    for name, rows in wordings.items():
        assert 6 <= len(rows) <= 15, name
        if name not in ("REASON", "YES_NO_ASKS"):  # which mostly ask the question itself
            assert len(set(rows)) == len(rows), name


def _is_wordings(value):
    return isinstance(value, list) and isinstance(value[0], str) and bool(re.search("[.?:}]", value[0]))


def test_the_words_asked_for_stand_in_the_sentence():
    for task in tasks(writing_tasks.sentence_with_word):
        (word,) = re.findall("'(.*?)'", task.ask)
        assert word in re.findall(r"\w+", task.answer.lower())
    for task in tasks(writing_tasks.sentence_with_words):
        asked = task.text.split(", ") if task.text else re.findall("'(.*?)'", task.ask) or task.ask[23:-1].split(", ")
        assert len(asked) == 2
        assert set(asked) <= set(re.findall(r"\w+", task.answer.lower()))
    for task in tasks(writing_tasks.sentence_beginning):
        assert task.answer.split()[0].rstrip(",") in task.ask


@pytest.mark.parametrize("kind", [style_tasks.shorten, style_tasks.no_repetition])
def test_what_is_shortened_is_shorter(kind):
    for task in tasks(kind):
        assert len(task.answer) < len(given(task))


def test_the_answer_says_the_question_again():
    for task in tasks(answer_tasks.which_person):
        predicate = " ".join(task.answer.split()[2:])[:-1]
        assert predicate in task.ask
    for task in tasks(answer_tasks.which_thing):
        name = " ".join(task.answer.split()[:2])
        assert name in task.ask
        assert task.ask[:-1].endswith(task.answer[:-1].split()[-1])
    for task in tasks(answer_tasks.either_or):
        assert task.answer.split(" is ")[1][:-1] in task.ask


def test_the_thing_asked_of_stands_in_the_answer():
    for task in tasks(answer_tasks.use_of):
        assert task.answer.split(" is used")[0].lower() in task.ask.lower()
    for task in tasks(answer_tasks.effect):
        assert task.answer.removeprefix("If ").split(", ")[0] in task.ask


def test_summaries_keep_every_deed():
    for task in tasks(style_tasks.summary):
        deeds = [re.sub(r"^(Then )?\S+ ", "", part) for part in given(task)[:-1].split(". ")][1:]
        assert all(deed in task.answer for deed in deeds)


def test_the_opposite_sentiment_differs_in_one_word():
    for task in tasks(style_tasks.opposite_sentiment):
        before, after = given(task).split(), task.answer.split()
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1

"""The workbook has tasks of every kind, laid out as exercises are, and is the same again for the same seed."""

import random
from collections import Counter
from typing import get_type_hints

import pytest
from test_sentence_tasks import MATERIAL

from drill_words import common_lexicon
from workbook import book
from workbook.book import (
    CORRECTION_TASKS,
    FORM_TASKS,
    NUMBER_TASKS,
    READING_TASKS,
    WORD_TASKS,
    WRITING_TASKS,
    laid_out,
    workbook,
)
from workbook.tasks import Task

TABLES = (FORM_TASKS, CORRECTION_TASKS, READING_TASKS, WORD_TASKS, NUMBER_TASKS, WRITING_TASKS)
MODULES = [module for name, module in vars(book).items() if name.endswith("_tasks")]


def test_every_kind_stands_in_one_table_and_says_what_it_is():
    kinds = {
        value
        for module in MODULES
        for name, value in vars(module).items()
        if callable(value) and value.__module__ == module.__name__ and name[0] != "_" and name != "task_from"
        and get_type_hints(value).get("return") is Task
    }  # fmt: skip
    assert Counter(kind for table in TABLES for kind in table) == dict.fromkeys(kinds, 1)
    assert all(kind.__doc__ and "\n" not in kind.__doc__ for kind in kinds)
    assert len(kinds) > 170


def test_a_text_stands_below_behind_a_colon_or_within_its_task():
    task = Task("Copy {it}.", "It rains.", "It rains!")
    assert {laid_out(task, random.Random(seed)) for seed in range(200)} > {
        "Copy the sentence.\nIt rains.\nIt rains!",
        "Copy 'It rains.'.\nIt rains!",
        "Copy this sentence: It rains.\nIt rains!",
    }
    assert laid_out(Task("Say no.", "", "No."), random.Random(1)) == "Say no.\nNo."
    assert laid_out(Task("List them.", "a\nb", "a, b"), random.Random(1)) == "List them.\na\nb\na, b"


def test_a_workbook_has_all_parts_in_their_shares_and_is_the_same_again(monkeypatch):
    made = {name: Counter() for name in ("sentences", "words", "numbers", "writing")}

    def of_kind(name, number):
        def kind(rng, *arguments):
            made[name][number] += 1
            assert len(arguments) == (name != "numbers")
            return Task(f"Write {name} {number}.", "", f"{rng.random()}")

        return kind

    names = {"FORM_TASKS": "sentences", "CORRECTION_TASKS": "sentences", "READING_TASKS": "sentences",
             "WORD_TASKS": "words", "NUMBER_TASKS": "numbers", "WRITING_TASKS": "writing"}  # fmt: skip
    for table, name in names.items():
        monkeypatch.setattr(book, table, {of_kind(name, 1): 1, of_kind(name, 3): 3})
    arguments = (MATERIAL, object(), common_lexicon())  # the kinds here ask nothing of a vocabulary
    texts = list(workbook(4000, 5, *arguments))
    shares = [made[name].total() / 4000 for name in made]
    assert shares == pytest.approx(book.SHARES, abs=0.04)
    assert all(counts[3] / counts.total() == pytest.approx(0.75, abs=0.08) for counts in made.values())
    assert list(workbook(4000, 5, *arguments)) == texts
    assert set(texts).isdisjoint(workbook(4000, 6, *arguments))

"""Tasks with sentences: every kind is well made, depends on its arguments alone, and its answer is right."""

import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_word_drills import DICTIONARY, TEXTS

from drill_words import NAMES, common_adjectives, common_lexicon
from word_drills import words_of
from workbook import correction_tasks, form_tasks, reading_tasks
from workbook.book import CORRECTION_TASKS, FORM_TASKS, READING_TASKS
from workbook.tasks import Material

KINDS = FORM_TASKS | CORRECTION_TASKS | READING_TASKS
WORDS = replace(
    DICTIONARY,
    synonyms=[*DICTIONARY.synonyms, ("buy", "sell"), ("dog", "hound")],
    opposites=[*DICTIONARY.opposites, ("hot", "cold"), ("up", "down")],
)
MATERIAL = Material([replace(common_lexicon(), adjectives=common_adjectives())], WORDS, TEXTS)
seeds = st.integers(0, 2**32)


def made(kind, seed):
    return kind(random.Random(seed), MATERIAL)


def many(kind, count=300):
    return [made(kind, seed) for seed in range(count)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(seeds)
def test_ask_and_answer_have_one_line_and_depend_on_the_seed_alone(kind, seed):
    task = made(kind, seed)
    assert task == made(kind, seed)
    assert all(part and "\n" not in part and "  " not in part and "{0" not in part for part in (task.ask, task.answer))
    assert task.ask[-1] in ".?'"
    assert task.ask[0].isupper()
    if "{it}" in task.ask:
        assert task.text
        assert "\n" not in task.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_is_asked_for_in_several_ways(kind):
    assert len({re.sub("'[^']*'", "", task.ask) for task in many(kind)}) > 2


def test_no_answer_is_the_text():
    found = {(task.text, task.answer) for kind in KINDS for task in many(kind, 30)}
    assert all(text != answer for text, answer in found)


@given(seeds)
def test_a_passive_sentence_made_active_is_the_sentence_that_it_was_made_of(seed):
    passive, active = (made(kind, seed) for kind in (form_tasks.passive, form_tasks.active))
    assert (passive.text, passive.answer) == (active.answer, active.text)
    assert " by " in passive.answer
    assert re.search(r"\b(be|been|being|is|are|am|was|were)\b", passive.answer, re.I)


@given(seeds)
def test_questions_and_statements_have_the_same_words_but_for_do(seed):
    task = made(form_tasks.statement, seed)
    assert task.text.endswith("?")
    assert task.answer.endswith(".")
    asked, said = (Counter(word[:3] for word in words_of(text.lower())) for text in (task.text, task.answer))
    assert len(set(asked - said) - {"did", "doe", "do"}) <= 1  # a verb with an irregular past may differ
    assert len(words_of(task.text)) - len(words_of(task.answer)) in (0, 1)


@given(seeds)
def test_joined_sentences_keep_all_their_words(seed):
    task = made(form_tasks.joined, seed)
    in_text = re.split(r"(?<=\.) (?=[A-Z])", task.text)
    sentences = in_text if task.text else re.findall("(?:from|and) '([^']+)'", task.ask)
    assert len(sentences) == 2
    answer = task.answer.lower()
    assert all(sentence.rstrip(".").lower() in answer for sentence in sentences)


@given(seeds)
def test_two_verbs_take_the_tense_together(seed):
    task = made(form_tasks.tense_of_two_verbs, seed)
    assert " and " in task.answer
    assert ("will " in task.answer) == ("future" in re.sub("(of|from) the future", "", task.ask))


@given(seeds)
def test_right_spellings_are_those_of_the_text(seed):
    task = made(correction_tasks.spelling, seed)
    assert task.answer in TEXTS
    assert len(task.text.split()) == len(task.answer.split())


@given(seeds)
def test_a_mistake_is_in_one_word(seed):
    for kind in (correction_tasks.agreement_mistake, correction_tasks.form_mistake):
        wrong, right = (words_of(text) for text in made(kind, seed)[1:])
        assert len(wrong) == len(right)
        assert sum(one != other for one, other in zip(wrong, right, strict=True)) == 1


@given(seeds)
def test_no_is_said_once(seed):
    task = made(correction_tasks.double_negative, seed)
    assert "n't " in task.answer
    assert re.sub("no(?:thing|body| one)", "", task.text) == re.sub("any(?:thing|body|one)", "", task.answer)


@given(seeds)
def test_a_gap_is_filled_and_nothing_else_is_changed(seed):
    for kind in (correction_tasks.gap, correction_tasks.confused_words):
        task = made(kind, seed)
        before, after = re.split(r"___|\([^)]*\)", task.text)
        assert task.answer.lower().startswith(before.lower())
        assert task.answer.endswith(after)


@given(seeds)
def test_direct_speech_gets_quotation_marks_and_no_other_words(seed):
    task = made(correction_tasks.direct_speech, seed)
    assert task.answer.count('"') == 2
    assert '"' not in task.text
    assert re.findall(r"[\w']+", task.answer.lower()) == re.findall(r"[\w']+", task.text.lower())


@given(seeds)
def test_moved_words_are_the_words(seed):
    task = made(reading_tasks.moved_words, seed)
    given_words = (task.text or re.search(": '(.*)'\\.$", task.ask)[1]).split()
    assert not Counter(task.answer.split()) - Counter(given_words)
    assert len(given_words) - len(task.answer.split()) == ("eave out" in task.ask or "rop" in task.ask)


@given(seeds)
def test_names_are_found_and_sorted(seed):
    task = made(reading_tasks.people_named, seed)
    names = [word for word in re.findall(r"\w+", task.text) if word in NAMES]
    if "alphabet" in task.ask:
        assert task.answer.split(", ") == sorted(names)
    elif "How many" in task.ask:
        assert f" {len(names)} " in task.answer
    else:
        assert [word for word in re.findall(r"\w+", task.answer) if word in NAMES] == names


@given(seeds)
def test_what_is_counted_is_counted_right(seed):
    task = made(reading_tasks.counted, seed)
    (number,) = re.findall(r"\d+", task.answer)
    if "comma" in task.ask:
        assert task.text.count(",") == int(number)
    elif "sentence" in task.ask.replace("{it}", ""):
        assert len(re.findall("[.?!]", task.text)) == int(number)
    else:
        assert len(task.text.split()) == int(number)


@given(seeds)
def test_words_that_are_found_stand_in_the_sentence(seed):
    task = made(reading_tasks.words_found, seed)
    found = re.findall("'([^']+)'", task.answer)
    assert set(found) <= set(words_of(task.text))
    assert ("s are" in task.answer) == (len(found) > 1)


def test_exchanged_words_are_verbs_or_adjectives_of_the_dictionary():
    tasks = many(reading_tasks.word_exchanged)
    assert {"sells", "sold"} & (words := {word for task in tasks for word in words_of(task.answer)})
    assert {"hot", "cold"} <= words
    assert not {"hound", "up", "down"} & words

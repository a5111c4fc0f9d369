"""Drills ask in many wordings and answer as the rule says; layouts keep what is asked and answered."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import MATERIAL

import drills as kinds
from drills import HEADINGS, INTRODUCTIONS, KINDS, MARKS, drills, laid_out, with_headings, words_of
from gpt2_experiments.entries.prompt_styles import format_input, format_input_phi

randoms = st.integers(0, 2**32).map(random.Random)


@given(randoms, st.sampled_from(list(KINDS)))
def test_every_wording_of_a_kind_can_be_filled(rng, make):
    text, answer, *values = make(rng, MATERIAL)
    assert answer
    assert "\n" not in text + answer
    for wording in KINDS[make][1]:
        asked = wording.replace("{it}", "it").format(*values)
        assert "{" not in asked
        assert asked[-1] in ".?"
        assert text or "{it}" not in wording


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (kinds.question, r"(?:Did|Do|Does|Was|Were|Is|Are|Am|Will|Had|Has|Have) .+\?"),
        (kinds.question_tag, r".+, \w+(?:n't)? \w+\?"),
        (kinds.negative, r".*(?:not|n't).*[.?]"),
        (kinds.in_full, r".+ (?:not|cannot) .+\."),
        (kinds.polite, r"(?:Could you please|Would you please|Please) .+[.?]"),
        (kinds.not_to, r"Do not .+\."),
        (kinds.part_of_sentence, r"The (?:verb|subject|object) is '.+'\."),
        (kinds.pronoun, r"(?:He|She|They) .+\."),
    ],
)
@given(randoms)
def test_an_answer_has_the_form_that_is_asked_for(make, pattern, rng):
    assert re.fullmatch(pattern, make(rng, MATERIAL)[1])


@given(randoms, st.sampled_from([kinds.agreement, kinds.verb_form]))
def test_a_mistake_is_one_of_the_verb(rng, make):
    wrong, right, *_ = make(rng, MATERIAL)
    assert wrong != right
    assert len(set(wrong.split()) ^ set(right.split())) <= 4


@given(randoms)
def test_joined_sentences_keep_their_words(rng):
    text, answer, conjunction = kinds.joined(rng, MATERIAL)
    first, second = re.fullmatch(r"(.+)\. (.+)\.", text).groups()
    assert re.fullmatch(rf"{first},? {conjunction} {second}\.", answer, re.IGNORECASE)


@given(randoms, st.sampled_from([kinds.choice, kinds.gap, kinds.spelling, kinds.exchanged]))
def test_one_word_of_the_texts_sentence_is_another(rng, make):
    text, answer, *values = make(rng, MATERIAL)
    assert {text, answer} & {*MATERIAL.sentences}
    if make is kinds.choice:
        assert [kinds.with_another_word(text, "___", word) == answer for word in values].count(True) == 1
    assert sum(one != other for one, other in zip(words_of(text), words_of(answer), strict=True)) == 1


@given(randoms)
def test_what_does_not_belong_is_of_the_other_category(rng):
    text, answer = kinds.odd_one(rng, MATERIAL)
    outside = [set(text.split(", ")) - {*nouns} for nouns in MATERIAL.categories.values()]
    assert {answer.split("'")[1]} in outside


def test_forms_and_articles_are_those_of_the_words():
    made = {kinds.form(random.Random(seed), MATERIAL)[1] for seed in range(300)}
    assert "The past participle of 'write' is 'written'." in made
    assert "The superlative of 'tall' is 'tallest'." in made
    assert not any("'blicky'" in answer for answer in made)  # not gradable


@given(randoms)
def test_reported_speech_has_nothing_of_the_speakers(rng):
    text, answer = kinds.reported(rng, MATERIAL)
    assert not re.search(r"\b(I|you|we|my|your|our)\b", answer, re.IGNORECASE)
    assert "said, " in text


def test_all_kinds_come_about_as_often_as_the_table_says_and_the_seed_decides():
    first = list(drills(3000, 1, MATERIAL))
    assert first == list(drills(3000, 1, MATERIAL)) != list(drills(3000, 2, MATERIAL))
    asked = [ask for ask, _, _ in first]
    share = KINDS[kinds.synonym][0] / sum(often for often, _ in KINDS.values())
    assert sum("synonym" in ask or "another word" in ask for ask in asked) > 0.5 * share * len(asked)
    quoted = [text for ask, text, _ in first if any(f"'{sentence}'" in ask for sentence in MATERIAL.sentences)]
    assert quoted == [""] * len(quoted) != []


def test_a_document_has_what_is_asked_then_the_text_then_the_answer():
    tasks = [(f"Do {n}.", f"Text {n}." if n % 2 else "", f"Answer {n}.") for n in range(500)]
    documents = list(laid_out(tasks, 3))
    for (ask, text, answer), document in zip(tasks, documents, strict=True):
        places = [document.index(part) for part in (ask[:-1], text, answer) if part]
        assert places == sorted(places)
        assert document.endswith(answer)
    assert all(any(mark.format(heading="Task", part="Do") in document for document in documents) for mark in MARKS)
    headings = {name for names in HEADINGS for name in names}
    framed = sum(document.split("\n")[0].strip("#[]<>:. ") in headings or document.startswith(INTRODUCTIONS)
                 for document in documents)  # fmt: skip
    assert 0.5 < framed / len(documents) < 0.8


@given(randoms)
def test_no_layout_is_a_prompt_styles(rng):
    before = with_headings(("Greet Emma.", "", "Hello."), rng).split("Greet Emma.")[0]
    for style in (format_input, format_input_phi):
        assert before != style({"instruction": "Greet Emma.", "input": "", "output": ""}).split("Greet Emma.")[0]

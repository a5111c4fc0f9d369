"""Clauses are English in every form."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import MATERIAL

from clauses import MODALS, TENSES, Clause, NounPhrase, random_clause
from english_words import Verb

STEAL, WAIT = Verb.of("steal"), Verb.of("wait")
BAKER = Clause(NounPhrase("the baker", pronoun="she"), STEAL, NounPhrase("two knives", plural=True), "at noon")
randoms = st.integers(0, 2**32).map(random.Random)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "The baker stole two knives at noon."),
        ({"tense": "past perfect"}, "The baker had stolen two knives at noon."),
        ({"tense": "present perfect continuous"}, "The baker has been stealing two knives at noon."),
        ({"negative": True}, "The baker did not steal two knives at noon."),
        ({"mood": "question"}, "Did the baker steal two knives at noon?"),
        ({"mood": "question", "negative": True, "tense": "must"}, "Must the baker not steal two knives at noon?"),
        ({"mood": "tag"}, "The baker stole two knives at noon, didn't she?"),
        ({"mood": "tag", "tense": "past perfect", "negative": True},
         "The baker had not stolen two knives at noon, had she?"),
        ({"passive": True}, "Two knives were stolen by the baker at noon."),
        ({"passive": True, "tense": "can", "negative": True}, "Two knives cannot be stolen by the baker at noon."),
        ({"passive": True, "tense": "present perfect", "mood": "question"},
         "Have two knives been stolen by the baker at noon?"),
        ({"passive": True, "mood": "tag"}, "Two knives were stolen by the baker at noon, weren't they?"),
    ],
)  # fmt: skip
def test_a_clause_is_said_in_every_form(form, sentence):
    assert Clause(**vars(BAKER) | form).say() == sentence


def test_pronouns_and_contractions():
    not_now = {"tense": "present continuous", "negative": True}
    clauses = (("I", {"tense": "present continuous", "mood": "tag"}), ("I", not_now), ("they", not_now),
               ("he", {"tense": "future", "negative": True}),
               ("you", {"tense": "can", "negative": True, "mood": "tag"}))  # fmt: skip
    said = [Clause(NounPhrase(text, plural=text == "they"), WAIT, None, "", **form).say(True) for text, form in clauses]
    assert said == ["I am waiting, aren't I?", "I am not waiting.", "They aren't waiting.", "He won't wait.",
                    "You can't wait, can you?"]  # fmt: skip


def test_within_a_sentence_only_names_and_i_keep_their_capital():
    said = [Clause(NounPhrase(subject), WAIT, None, "").within() for subject in ("the baker", "Emma", "I")]
    assert said == ["the baker waited.", "Emma waited.", "I waited."]


@given(randoms, st.sampled_from([*TENSES, *MODALS]), st.booleans(), st.booleans())
def test_a_random_clause_is_what_is_wanted_of_the_materials_words(rng, tense, passive, negative):
    wanted = {"tense": tense, "passive": passive, "negative": negative}
    if passive and tense == "present perfect continuous":
        return
    clause = random_clause(rng, MATERIAL, **wanted)
    assert {key: getattr(clause, key) for key in wanted} == wanted
    assert clause.object or not passive
    nouns = {form for noun in (*MATERIAL.people, *MATERIAL.things) for form in (noun.singular, noun.plural)}
    assert not clause.object or clause.object.text.split()[-1] in nouns

"""Nouns, verbs and their forms."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from english_words import Noun, Verb, article, capital, listed, misspell, uncapital

randoms = st.integers(0, 2**32).map(random.Random)


@pytest.mark.parametrize(
    "forms",
    ["stop stops stopped stopped stopping", "carry carries carried carried carrying", "cut cuts cut cut cutting",
     "write writes wrote written writing", "overcome overcomes overcame overcome overcoming"],
)  # fmt: skip
def test_forms_of_verbs(forms):
    base, present, *others = forms.split()
    verb = Verb.of(base)
    assert verb.form("present", is_third_singular=True) == present
    assert verb.form("present", is_third_singular=False) == verb.form("base", is_third_singular=True) == base
    assert [verb.form(name, is_third_singular=True) for name in ("past", "participle", "ing")] == others


@pytest.mark.parametrize(("noun", "plural"), [("box", "boxes"), ("lady", "ladies"), ("policeman", "policemen")])
def test_plurals(noun, plural):
    assert Noun.counted(noun) == Noun(noun, plural, ("it",))


def test_words_in_a_sentence():
    with_a = ["cat", "uniform", "useful", "unit", "European", "one", "utensil", "utility", "union", "host", "human"]
    with_an = ["owl", "hour", "unimportant", "utter", "urn", "heir", "honest", "uncle", "usher", "umbrella", "oak"]
    assert {word: article(word) for word in (*with_a, *with_an)} == dict.fromkeys(with_a, "a") | dict.fromkeys(
        with_an, "an"
    )
    assert (capital("an owl"), uncapital("The cat")) == ("An owl", "the cat")
    assert (uncapital("I see"), uncapital("I'm late"), uncapital("It is")) == ("I see", "I'm late", "it is")
    assert (listed(["a"], "or"), listed(["a", "b", "c"], "and")) == ("a", "a, b and c")


@given(st.text("abcdefghij", min_size=4, max_size=12), randoms)
def test_a_misspelled_word_is_another_one_with_the_same_ends(word, rng):
    misspelled = misspell(word, rng)
    assert misspelled != word
    assert (misspelled[0], misspelled[-1]) == (word[0], word[-1])
    assert abs(len(misspelled) - len(word)) <= 1


def test_of_a_short_word_the_last_letter_is_doubled_and_no_known_word_comes_out():
    assert misspell("at", random.Random(1)) == "att"
    assert "form" not in {misspell("from", random.Random(seed), {"form"}) for seed in range(50)}

"""Nouns, verbs and their forms."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from english_words import Noun, Verb, article, capital, listed, misspell, uncapital

randoms = st.integers(0, 2**32).map(random.Random)


@pytest.mark.parametrize(
    ("base", "present", "past", "participle", "ing"),
    [
        ("stop", "stops", "stopped", "stopped", "stopping"),
        ("carry", "carries", "carried", "carried", "carrying"),
        ("play", "plays", "played", "played", "playing"),
        ("agree", "agrees", "agreed", "agreed", "agreeing"),
        ("watch", "watches", "watched", "watched", "watching"),
        ("write", "writes", "wrote", "written", "writing"),
        ("cut", "cuts", "cut", "cut", "cutting"),
        ("overcome", "overcomes", "overcame", "overcome", "overcoming"),
        ("bless", "blesses", "blessed", "blessed", "blessing"),
    ],
)
def test_forms_of_verbs(base, present, past, participle, ing):
    verb = Verb.of(base)
    assert verb.form("present", is_third_singular=True) == present
    assert verb.form("present", is_third_singular=False) == verb.form("base", is_third_singular=True) == base
    for name, form in (("past", past), ("participle", participle), ("ing", ing)):
        assert verb.form(name, is_third_singular=True) == form


@pytest.mark.parametrize(("noun", "plural"), [("box", "boxes"), ("lady", "ladies"), ("policeman", "policemen")])
def test_plurals(noun, plural):
    assert Noun.counted(noun) == Noun(noun, plural, ("it",))


def test_words_in_a_sentence():
    assert (article("owl"), article("cat")) == ("an", "a")
    assert (capital("an owl"), uncapital("The cat")) == ("An owl", "the cat")
    assert (uncapital("I see"), uncapital("I'm late"), uncapital("It is")) == ("I see", "I'm late", "it is")
    assert (listed(["a"], "or"), listed(["a", "b", "c"], "and")) == ("a", "a, b and c")


@given(st.text("abcdefghij", min_size=4, max_size=12), randoms)
def test_a_misspelled_word_is_another_one_with_the_same_ends(word, rng):
    misspelled = misspell(word, rng)
    assert misspelled != word
    assert (misspelled[0], misspelled[-1]) == (word[0], word[-1])
    assert abs(len(misspelled) - len(word)) <= 1


def test_of_a_short_word_the_last_letter_is_doubled():
    assert misspell("at", random.Random(1)) == "att"

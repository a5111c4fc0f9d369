"""The drills' words are taken from WordNet's files as they are meant there."""

import pytest
from wordnet_folder import write_wordnet

import drill_words
from drill_words import (
    common_adjectives,
    common_lexicon,
    wordnet_adjectives,
    wordnet_dictionary,
    wordnet_lexicon,
)
from english_words import Noun, Verb


@pytest.fixture
def wordnet(tmp_path):
    return write_wordnet(tmp_path)


def test_nouns_are_sorted_by_their_first_meaning_and_have_their_plurals(wordnet):
    lexicon = wordnet_lexicon(wordnet)
    assert lexicon.people == [Noun("thief", "thieves", ("he", "she"))]  # no names, no insults
    (_, things), (_, people) = lexicon.actions
    assert people == lexicon.people
    names = [("animal", "animals"), ("bird", "birds"), ("goose", "geese"), ("wren", "wrens"), ("porridge", "")]
    assert things == [Noun(*name) for name in names]  # `pliers` has no singular


def test_verbs_are_sorted_by_their_frames(wordnet):
    lexicon = wordnet_lexicon(wordnet)
    assert [[verb.base for verb in verbs] for verbs, _ in lexicon.actions] == [["pet", "draw", "sketch"], ["pet"]]
    assert lexicon.intransitive == [Verb("purr", "purrs", "purred", "purred", "purring")]


def test_adjectives_are_wordnets_or_the_tables(wordnet):
    assert wordnet_adjectives(wordnet) == ["quick", "slow"]
    assert {"hot", "cold", "hardworking"} < {*common_adjectives()}


def test_the_dictionary_has_the_first_meanings(wordnet, monkeypatch):
    monkeypatch.setattr(drill_words, "CATEGORIES", ["animal", "bird"])
    dictionary = wordnet_dictionary(wordnet, is_held_out=lambda text: False)
    assert dictionary.definitions["wren"] == "a small bird"
    assert dictionary.definitions.keys().isdisjoint({"goose", "cad"})  # two definitions in one, an insult
    assert sorted(dictionary.synonyms) == [("draw", "sketch"), ("sketch", "draw")]
    assert dictionary.opposites == [("quick", "slow"), ("slow", "quick")]
    assert dictionary.categories == {"animal": ["bird", "goose", "wren"], "bird": ["goose", "wren"]}


def test_the_dictionary_knows_nothing_of_what_is_held_out(wordnet, monkeypatch):
    monkeypatch.setattr(drill_words, "CATEGORIES", ["bird"])
    held_out = ("Wren (noun, a kind of bird)", "Quick", "Draw")
    dictionary = wordnet_dictionary(wordnet, is_held_out=lambda text: text.startswith(held_out))
    assert "wren" not in dictionary.definitions
    assert dictionary.synonyms == []
    assert dictionary.opposites == []
    assert dictionary.categories["bird"] == ["goose"]


@pytest.mark.parametrize(
    ("person", "pronouns"),
    [
        ("queen", ("she",)), ("policewoman", ("she",)), ("actress", ("she",)), ("uncle", ("he",)),
        ("policeman", ("he",)), ("grandson", ("he",)), ("person", ("he", "she")), ("teacher", ("he", "she")),
    ],
)  # fmt: skip
def test_people_have_their_pronouns(person, pronouns, monkeypatch):
    monkeypatch.setattr(drill_words, "PEOPLE", [person])
    (noun,) = common_lexicon().people
    assert noun.pronouns == pronouns


def test_common_nouns_are_counted_or_not():
    nouns = {noun.singular: noun for _, things in common_lexicon().actions for noun in things}
    assert (nouns["knife"].plural, nouns["bread"].plural, nouns["box"].plural) == ("knives", "", "boxes")
    assert (nouns["visitor"].pronouns, nouns["box"].pronouns) == (("he", "she"), ("it",))

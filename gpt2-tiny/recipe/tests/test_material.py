"""The drills' words are taken from WordNet's files as they are meant there, where the text has them often."""

import pytest
from wordnet_folder import write_wordnet

import material
from english_words import Noun, Verb
from material import NO_OBJECT, SOMEBODY, THING, gather_material, person, plain_sentences

TEXT = [
    "animal animals bird birds goose geese wren wrens thief thieves cad purr pet draw sketch quick "
    "quicker quickest slow resemble softly"
]


@pytest.fixture
def gathered(tmp_path, monkeypatch):
    """What `gather_material` makes of the small WordNet, of a text, and of a rule for what is held out."""
    monkeypatch.setattr(material, "LEAST_COUNT", 1)
    monkeypatch.setattr(material, "CATEGORIES", ["animal", "bird"])
    folder = write_wordnet(tmp_path)
    return lambda held_out=(), text=TEXT: gather_material(
        folder, text, lambda paragraph: paragraph.startswith(held_out)
    )


def test_nouns_are_sorted_by_their_first_meaning_and_have_their_plurals(gathered):
    found = gathered()
    assert found.people == [Noun("thief", "thieves", ("he", "she"))]  # no names, no insults
    assert [noun.singular for noun in found.things] == ["animal", "bird", "goose", "wren"]
    assert found.things[2].plural == "geese"


def test_verbs_are_sorted_by_their_frames(gathered):
    verbs = gathered().verbs
    assert [verb.base for verb in verbs[THING]] == ["pet", "draw", "sketch"]  # `resemble` has no passive
    assert [verb.base for verb in verbs[SOMEBODY]] == ["pet"]
    assert verbs[NO_OBJECT] == [Verb("purr", "purrs", "purred", "purred", "purring")]


def test_what_is_known_of_words_is_their_first_meaning(gathered):
    found = gathered()
    assert found.definitions["wren"] == "a small bird"
    assert found.definitions.keys().isdisjoint({"goose", "cad"})  # two definitions in one, an insult
    assert sorted(found.synonyms) == [("draw", "sketch"), ("sketch", "draw")]
    assert found.opposites == [("quick", "slow"), ("slow", "quick")]
    assert found.categories == {"animal": ["bird", "goose", "wren"], "bird": ["goose", "wren"]}
    assert (found.adjectives, found.gradable) == (["quick", "slow"], ["quick"])
    assert found.parts_of_speech["purr"] == "verb"


def test_nothing_is_known_of_what_is_held_out_or_rare(gathered):
    found = gathered(held_out=("Wren (noun, a kind of bird)", "Quick", "Draw"))
    assert "wren" not in found.definitions
    assert (found.synonyms, found.opposites) == ([], [])
    assert found.categories["bird"] == ["goose"]
    assert [noun.singular for noun in gathered(text=["A bird, birds."]).things] == ["bird"]


def test_people_have_their_pronouns():
    found = {word: person(word).pronouns for word in ("queen", "actress", "policeman", "grandson", "person", "teacher")}
    assert list(found.values()) == [("she",), ("she",), ("he",), ("he",), ("he", "she"), ("he", "she")]


def test_plain_sentences_are_whole_short_and_of_plain_words():
    text = "It snowed all day long. Peter saw Mary there. We stayed. Another word for a is b c. They left at 5 today."
    assert plain_sentences([text, text]) == ["It snowed all day long."]

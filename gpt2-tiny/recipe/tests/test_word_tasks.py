"""Tasks about words are of one line, always the same for the same random numbers, and their answers are right."""

import random

import pytest
from wordnet_folder import write_wordnet

from workbook import letter_tasks, word_tasks
from workbook.book import WORD_TASKS
from workbook.vocabulary import Person, Sense, Vocabulary, vocabulary

KINDS_BY_NAME = {kind.__name__: kind for kind in WORD_TASKS}
NOUNS = ["canoe", "window", "lantern", "pepper", "garden", "saddle", "bottle", "carpet"]
MEANINGS = {"fix": "mend", "cold": "hot", "quiet": "calm", "still": "calm"}
KINDS = {
    "bird": ["owl", "swan", "crow", "hawk"],
    "tool": ["hammer", "rake", "axe", "saw"],
    "metal": ["iron", "tin", "zinc", "lead"],
}


@pytest.fixture
def known():
    senses = {
        "noun": [Sense(word, "thing", f"a thing of the {word[::-1]} sort") for word in NOUNS],
        "verb": [Sense(word, "verb", f"go {word}") for word in ("simmer", "mend", "fix", "drift", "gallop", "sneeze")],
        "adjective": [
            Sense(word, "adjective", f"very {word[:2]}") for word in ("hot", "cold", "big", "frugal", "calm")
        ],
        "phrase": [Sense("hit the roof", "verb", "get very angry")],
    }
    every = {sense.word for known in senses.values() for sense in known}
    return Vocabulary(
        senses=senses, kinds=KINDS,
        described={kind: [Sense(word, "thing", f"a {kind} so called") for word in KINDS[kind]] for kind in KINDS},
        synonyms={"verb": [("fix", "mend")], "noun": [], "adjective": [("calm", "quiet", "still")]},
        opposites={"adjective": [("hot", "cold"), ("cold", "hot"), ("happy", "unhappy")], "noun": [], "verb": []},
        related={word: frozenset([MEANINGS.get(word, word)]) for word in {*every, "quiet", "still"}},
        parts={"noun": NOUNS, "verb": ["simmer"], "adjective": ["frugal"], "adverb": ["softly"]},
        derived=[("adjective", "careful", "adverb", "carefully")], compounds=[("rain", "bow")],
        forms={"plural": [("knife", "knives"), ("owl", "owls")], "past tense": [("go", "went"), ("mend", "mended")]},
        capitals=[("Oslo", "Norway")], places={"Oslo": "a city in Norway"},
        people=[Person("Georges Bizet", "French", "composer", "composer", "1838", "1875")],
    )  # fmt: skip


def made(kind, known, number=60):
    rng = random.Random(5)
    return [kind(rng, known) for _ in range(number)]


@pytest.mark.parametrize("kind", WORD_TASKS, ids=lambda kind: kind.__name__)
def test_tasks_have_one_line_and_are_reproducible(kind, known):
    tasks = made(kind, known)
    assert tasks == made(kind, known)
    for task in tasks:
        assert task.ask
        assert task.answer
        assert not set("".join(task)) & set("{}\n")
    assert len({task.ask for task in tasks}) > 3


ANSWERS = {
    "prefix": {"With the prefix 'un-', 'happy' becomes 'unhappy'."},
    "derivation": {"An adverb formed from 'careful' is 'carefully'."},
    "phrase": {"To 'hit the roof' is to get very angry."},
    "capital_city": {"Oslo is the capital of Norway.", "The capital of Norway is Oslo."},
    "place": {"Oslo is a city in Norway."},
    "person": {"Georges Bizet was a French composer."},
    "life_dates": {"Georges Bizet was born in 1838 and died in 1875."},
    "alike": {"Both are birds.", "Both are tools.", "Both are metals."},
    "form": {
        "The plural of 'knife' is 'knives'.", "The plural of 'owl' is 'owls'.",
        "The past tense of 'go' is 'went'.", "The past tense of 'mend' is 'mended'.",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_say_what_is_known(name, known):
    assert {task.answer for task in made(KINDS_BY_NAME[name], known)} == ANSWERS[name]


def test_words_are_sorted(known):
    for task in made(word_tasks.two_headings, known):
        for group in task.answer.rstrip(".").split(". "):
            heading, members = group.split(": ")
            kind = heading.lower().removesuffix("s")
            assert {*members.split(", ")} <= {*KINDS.get(kind, word_tasks.BY_PLACE.get(kind, ()))}
    for task in made(letter_tasks.alphabet, known):
        if "comes first" not in task.answer:
            assert task.answer.split(", ") == sorted(task.answer.split(", "))


def test_letters_and_spellings_are_right(known):
    for task in made(letter_tasks.letters, known):
        if task.answer.endswith("letters."):
            _, word, number = task.answer.replace(" letters.", "").split("'")
            assert int(number.split()[-1]) == len(word)
    for task in made(letter_tasks.spelling_choice, known):
        assert task.answer.split("'")[1] in known.spelled


def test_synonyms_and_antonyms_are_told_from_other_words(known):
    pairs = {"synonyms": [{"fix", "mend"}], "antonyms": [{"hot", "cold"}, {"happy", "unhappy"}]}
    pairs["synonyms"] += [{"calm", "quiet"}, {"calm", "still"}, {"quiet", "still"}]
    for task in made(word_tasks.is_related, known):
        verdict, one, _, other, relation = task.answer.split("'")
        assert ({one, other} in pairs[relation.strip(" .").split()[-1]]) == verdict.startswith("Yes")


def test_wordnet_is_read_without_what_is_held_out(tmp_path, monkeypatch):
    folder = write_wordnet(tmp_path)
    (folder / "index.adv").write_text("softly r 1 0 1 1 00000080\n")
    (folder / "cntlist.rev").write_text(
        "goose%1:05:00:: 1 9\nwren%1:05:00:: 1 9\nquick%3:00:00:: 1 9\nslow%3:00:00:: 1 9\n"
    )
    monkeypatch.setattr("workbook.vocabulary.MEMBERS", {"bird": ("bird", "goose wren")})
    everything = vocabulary(folder, lambda text: False)
    assert {sense.sentence for sense in everything.senses["noun"]} == {
        "A 'goose' is a bird that bites.", "A 'wren' is a small bird."
    }  # fmt: skip
    assert everything.opposites["adjective"] == [("quick", "slow"), ("slow", "quick")]
    assert ("goose", "geese") in everything.forms["plural"]
    less = vocabulary(folder, lambda text: text.startswith(("Wren (noun, a kind of bird)", "Quick")))
    assert [sense.word for sense in less.described["bird"]] == ["goose"]
    assert less.opposites["adjective"] == []

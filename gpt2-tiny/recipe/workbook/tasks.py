"""A task of a workbook, and what those with sentences are made of."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from drill_words import PLACES, Dictionary, Lexicon, words
from english_words import article, capital
from grammar_drills import Clause, be, random_clause

TENSE_NAMES = {
    "present": ("simple present", "present tense", "present"),
    "past": ("simple past", "past tense", "past"),
    "future": ("future", "future tense", "future with 'will'"),
    "present continuous": ("present continuous", "present progressive"),
    "past continuous": ("past continuous", "past progressive"),
    "present perfect": ("present perfect",),
    "past perfect": ("past perfect",),
    "present perfect continuous": ("present perfect continuous",),
}
PRESENT_PAST = ("present", "past")
AGES, QUALITIES = words("old young"), words("tall small quiet happy hungry tired famous lucky proud clever")


class Task(NamedTuple):
    """What is asked, the text that it is asked of, and the answer.

    `{it}` in `ask` stands for the text, which has one line then. Asks and answers have one line.
    """

    ask: str
    text: str  # empty: the task has none
    answer: str


def worded(rng: random.Random, wordings: Sequence[str], text: str, answer: str, **values: str) -> Task:
    """A task in one of the wordings; `{text}` in it stands for the text, which is not given again then."""
    wording = rng.choice(wordings)
    ask = capital(wording.format(text=text, it="{it}", **values))
    return Task(ask, "" if "{text}" in wording else text, answer)


@dataclass(frozen=True)
class Material:
    """What the sentences are made of, and sentences of texts."""

    lexicons: Sequence[Lexicon]
    dictionary: Dictionary
    sentences: Sequence[str]

    @cached_property
    def verb_synonyms(self) -> list[tuple[str, str]]:
        """Pairs of verbs that can have an object and mean the same."""
        verbs = {verb.base for lexicon in self.lexicons for verbs, _ in lexicon.actions for verb in verbs}
        return [pair for pair in self.dictionary.synonyms if verbs.issuperset(pair)]

    @cached_property
    def adjective_opposites(self) -> list[tuple[str, str]]:
        """Pairs of adjectives that mean the opposite."""
        adjectives = {word for lexicon in self.lexicons for word in lexicon.adjectives}
        return [pair for pair in self.dictionary.opposites if adjectives.issuperset(pair)]


SentenceTask = Callable[[random.Random, Material], Task]


def clause_about_others(rng: random.Random, material: Material, with_object: bool = False) -> Clause:
    """A clause about others than the speaker and the one spoken to."""
    while True:
        clause = random_clause(rng, rng.choice(material.lexicons))
        if clause.subject.text not in ("I", "you", "we") and (clause.object or not with_object):
            return clause


def tense_name(tense: str, rng: random.Random) -> str:
    """What a grammar book calls the tense."""
    return rng.choice(TENSE_NAMES[tense])


def there_is(rng: random.Random, material: Material) -> tuple[str, str]:
    """The verb after `there`, and what there is in some place."""
    thing, tense = clause_about_others(rng, material, with_object=True).object, rng.choice(PRESENT_PAST)
    noun = thing.noun
    number = rng.choice(words("two three four five many some several"))
    text = f"{number} {noun}" if thing.plural else f"{article(noun)} {noun}"
    return be(tense, thing), f"{text} {rng.choice(PLACES)}"

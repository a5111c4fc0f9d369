"""Clauses with words put together at random, and how they are said in other tenses, voices and moods."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from english_words import Noun, Verb, article, capital, uncapital, words
from material import NO_OBJECT, SOMEBODY, THING, Material

# tense: auxiliaries, the form of the verb after them, and what a grammar book calls it
TENSES = {
    "present": ((), "present", ("simple present", "present tense")),
    "past": ((), "past", ("simple past", "past tense")),
    "future": (("will",), "base", ("future tense", "future with 'will'")),
    "present continuous": (("be present",), "ing", ("present continuous", "present progressive")),
    "past continuous": (("be past",), "ing", ("past continuous", "past progressive")),
    "present perfect": (("have",), "participle", ("present perfect",)),
    "past perfect": (("had",), "participle", ("past perfect",)),
    "present perfect continuous": (("have", "been"), "ing", ("present perfect continuous",)),
}
MODALS = {modal: ((modal,), "base", ()) for modal in ("must", "can", "should")}
PASSIVE_BE = {"present": "be present", "past": "be past", "base": "be", "ing": "being", "participle": "been"}
NAMES = dict.fromkeys(words("Carlos Tom Ben Amir Peter Omar Jack Leo Mark David Felix Hugo Ivan Simon"), "he")
NAMES |= dict.fromkeys(words("Maria Anna Sofia Lucy Nina Emma Grace Ruth Julia Alice Clara Helen Rosa Eva"), "she")
OBJECT_PRONOUNS = {"he": "him", "she": "her", "they": "them", "we": "us", "I": "me", "you": "you"}
DETERMINERS = words("the the the my our your her his a")  # the likeliest more than once
SPEAKERS = re.compile(r"\b(I|you|we|my|your|our)\b", re.IGNORECASE)
PLACES = (
    "in the garden", "at the station", "near the river", "in the kitchen", "behind the house", "on the beach",
    "in the park", "at school", "in the village", "under the tree", "in the library", "by the window", "on the hill",
    "at the market", "on the bridge", "along the road", "in the city", "at the museum", "next to the lake",
    "outside the shop",
)  # fmt: skip
TIMES = ("after lunch", "before dinner", "at noon", "with a friend", "without help", "with great care", "in a hurry")


@dataclass(frozen=True)
class NounPhrase:
    """A subject or an object."""

    text: str
    plural: bool = False
    pronoun: str = "it"  # that stands for one of it as a subject

    @property
    def is_third_singular(self) -> bool:
        """Whether its verb is in the third person singular."""
        return not self.plural and self.text not in ("I", "you")

    @property
    def reference(self) -> str:
        """The pronoun that stands for it as a subject."""
        return self.text if self.text in OBJECT_PRONOUNS else "they" if self.plural else self.pronoun


@dataclass(frozen=True)
class Clause:
    """Who does what, and how it is said."""

    subject: NounPhrase
    verb: Verb
    object: NounPhrase | None
    adverbial: str
    tense: str = "past"
    passive: bool = False
    negative: bool = False
    mood: str = "statement"  # or question, or tag

    @property
    def exists(self) -> bool:
        """Whether English has the form."""
        return not self.passive or (self.object is not None and self.tense != "present perfect continuous")

    def say(self, contracted: bool = False) -> str:
        """The sentence; `contracted` makes one word of auxiliary and `not`."""
        subject = self.object if self.passive and self.object else self.subject
        auxiliaries, verb = self._verb_group(subject, with_do=self.negative or self.mood == "question")
        sign = ["not"] if self.negative else []  # apart from the auxiliary in questions alone
        if self.negative and self.mood != "question":
            auxiliaries[0], sign = _negative(auxiliaries[0], contracted and auxiliaries[0] != "am"), []
        first, others = auxiliaries[:1], auxiliaries[1:]
        beginning = [*first, subject.text] if self.mood == "question" else [subject.text, *first]
        agent = OBJECT_PRONOUNS.get(self.subject.text, self.subject.text)
        things = [f"by {agent}"] if self.passive else [self.object.text] if self.object else []
        text = " ".join([*beginning, *sign, *others, verb, *things, *filter(None, [self.adverbial])])
        end = {"statement": ".", "question": "?", "tag": f", {self._tag(subject)}?"}[self.mood]
        return capital(text) + end

    def within(self) -> str:
        """The clause as it is said within a sentence."""
        return self.say() if self.subject.text in NAMES else uncapital(self.say())

    def _verb_group(self, subject: NounPhrase, with_do: bool) -> tuple[list[str], str]:
        """Auxiliaries and verb; `with_do`: there is an auxiliary in any case, as negatives, questions and tags need."""
        auxiliaries, form, _ = (TENSES | MODALS)[self.tense]
        if self.passive:
            auxiliaries, form = (*auxiliaries, PASSIVE_BE[form]), "participle"
        if with_do and not auxiliaries:
            auxiliaries, form = (_do(self.tense, subject),), "base"
        agreeing = {"be present": be("present", subject), "be past": be("past", subject), "have": _have(subject)}
        return [agreeing.get(word, word) for word in auxiliaries], self.verb.form(form, subject.is_third_singular)

    def _tag(self, subject: NounPhrase) -> str:
        """The question tag: `didn't she`."""
        (first, *_), _ = self._verb_group(subject, with_do=True)
        return f"{first if self.negative else _negative(first, contracted=True)} {subject.reference}"


def _negative(auxiliary: str, contracted: bool) -> str:
    """The auxiliary with `not`, in one word where there is one; `aren't I`, but `I am not`."""
    if not contracted:
        return {"can": "cannot"}.get(auxiliary, f"{auxiliary} not")
    return {"will": "won't", "can": "can't", "am": "aren't"}.get(auxiliary, f"{auxiliary}n't")


def be(tense: str, subject: NounPhrase) -> str:
    """The form of `be`."""
    if tense == "present":
        return "am" if subject.text == "I" else "is" if subject.is_third_singular else "are"
    return "was" if subject.is_third_singular or subject.text == "I" else "were"


def _have(subject: NounPhrase) -> str:
    return "has" if subject.is_third_singular else "have"


def _do(tense: str, subject: NounPhrase) -> str:
    return "did" if tense == "past" else "does" if subject.is_third_singular else "do"


def noun_phrase(rng: random.Random, nouns: Sequence[Noun], adjectives: Sequence[str]) -> NounPhrase:
    """One of the nouns with a determiner, some with an adjective, some in the plural."""
    noun, determiner = rng.choice(nouns), rng.choice(DETERMINERS)
    pronoun = rng.choice(noun.pronouns)
    described = [rng.choice(adjectives)] if rng.random() < 0.2 else []
    if rng.random() < 0.25:
        determiner = rng.choice(("the", "two", "three", "some")) if determiner == "a" else determiner
        return NounPhrase(" ".join([determiner, *described, noun.plural]), plural=True, pronoun=pronoun)
    if determiner == "a":
        determiner = article((described or [noun.singular])[0])
    return NounPhrase(" ".join([determiner, *described, noun.singular]), pronoun=pronoun)


def random_clause(rng: random.Random, material: Material, **fixed: Any) -> Clause:
    """A statement in any tense, but for what is fixed; it has an object where that is to be passive."""
    while not (clause := replace(_random_statement(rng, material), **fixed)).exists:
        pass
    return clause


def _random_statement(rng: random.Random, material: Material) -> Clause:
    subject, tense = random_subject(rng, material), rng.choice(list(TENSES))
    adverbial = rng.choice(PLACES + TIMES) if rng.random() < 0.4 else ""
    frame = rng.choices((NO_OBJECT, THING, SOMEBODY), (1, 2, 1))[0]
    if frame == NO_OBJECT:
        return Clause(subject, rng.choice(material.verbs[frame]), None, adverbial or rng.choice(PLACES), tense)
    nouns = material.things if frame == THING else material.people
    thing = noun_phrase(rng, nouns, material.adjectives)
    return Clause(subject, rng.choice(material.verbs[frame]), thing, adverbial, tense)


def random_subject(rng: random.Random, material: Material) -> NounPhrase:
    """A name, a pronoun, or somebody."""
    kind = rng.random()
    if kind < 0.2:
        name, pronoun = rng.choice(list(NAMES.items()))
        return NounPhrase(name, pronoun=pronoun)
    if kind < 0.35:
        pronoun = rng.choice(list(OBJECT_PRONOUNS))
        return NounPhrase(pronoun, plural=pronoun in ("they", "we"))
    return noun_phrase(rng, material.people, material.adjectives)


def clause_about_others(rng: random.Random, material: Material, **fixed: Any) -> Clause:
    """A sentence that speaks neither of `I` nor `you` nor `we`, nor of what is theirs."""
    while SPEAKERS.search((clause := random_clause(rng, material, **fixed)).say()):
        pass
    return clause

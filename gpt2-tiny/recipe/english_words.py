"""Nouns and verbs with their forms, and what is done to a word or text in a sentence.

The forms are LemmInflect's (https://lemminflect.readthedocs.io), the first where it has several.
"""

import random
import re
from collections.abc import Container
from dataclasses import dataclass

from lemminflect import getInflection

VOWEL_SOUND = re.compile(
    r"(?!uni[^mn]|us[aeu]|uten|ut[io]|uri|eu|ewe|one\b|once)[aeiou]|hour|heir|honest|honou?r", re.IGNORECASE
)


@dataclass(frozen=True)
class Verb:
    """A verb's forms."""

    base: str
    third: str  # third person singular
    past: str
    participle: str
    ing: str

    @classmethod
    def of(cls, base: str) -> "Verb":
        """The verb; past and participle are the same where they can be."""
        third, past, ing = (getInflection(base, tag)[0] for tag in ("VBZ", "VBD", "VBG"))
        participles = getInflection(base, "VBN")
        return cls(base, third, past, past if past in participles else participles[0], ing)

    def form(self, name: str, is_third_singular: bool) -> str:
        """The form `base`, `past`, `participle`, `ing`, or `present`, which its subject decides."""
        if name == "present":
            return self.third if is_third_singular else self.base
        return getattr(self, name)


@dataclass(frozen=True)
class Noun:
    """A noun, and the pronouns that may stand for it as a subject."""

    singular: str
    plural: str = ""  # empty: it is not counted
    pronouns: tuple[str, ...] = ("it",)

    @classmethod
    def counted(cls, singular: str, pronouns: tuple[str, ...] = ("it",)) -> "Noun":
        """The noun with its plural."""
        return cls(singular, getInflection(singular, "NNS")[0], pronouns)


def words(text: str) -> list[str]:
    """What stands between spaces."""
    return text.split()


def article(word: str) -> str:
    """`a` or `an`, by the sound that the word begins with."""
    return "an" if VOWEL_SOUND.match(word) else "a"


def with_article(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"{article(noun)} {noun}"


def misspell(word: str, rng: random.Random, known: Container[str] = ()) -> str:
    """Two inner letters swapped, one left out, or one doubled; else the last doubled. The result is no known word."""
    ways = []
    if len(word) > 3:
        at = rng.randrange(1, len(word) - 2)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        ways = [swapped, word[:at] + word[at + 1 :], word[: at + 1] + word[at:]]
    return rng.choice([way for way in ways if way != word and way not in known] or [word + word[-1]])


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text with a small letter at its beginning, but for the word `I`."""
    return text if text == "I" or text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def listed(words: list[str], last: str) -> str:
    """The words with commas between them, and `last` before the last one."""
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else words[0]

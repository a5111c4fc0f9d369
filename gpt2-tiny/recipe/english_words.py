"""Nouns and verbs with their forms, and what is done to a word or text in a sentence.

The forms are LemmInflect's (https://lemminflect.readthedocs.io), the first where it has several.
"""

import random
from dataclasses import dataclass

from lemminflect import getInflection


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


def article(word: str) -> str:
    """`a` or `an`, by the first letter."""
    return "an" if word[0] in "aeiou" else "a"


def with_article(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"{article(noun)} {noun}"


def misspell(word: str, rng: random.Random) -> str:
    """Two inner letters swapped, one left out, or one doubled; of shorter words the last is doubled."""
    if len(word) < 4:
        return word + word[-1]
    at = rng.randrange(1, len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    ways = (swapped, word[:at] + word[at + 1 :], word[: at + 1] + word[at:])
    return rng.choice([way for way in ways if way != word])


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text with a small letter at its beginning, but for the word `I`."""
    return text if text == "I" or text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def listed(words: list[str], last: str) -> str:
    """The words with commas between them, and `last` before the last one."""
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else words[0]


def series(words: list[str]) -> str:
    """The words with `and` before the last one: `a and b`, `a, b, and c`."""
    return ", ".join([*words[:-1], f"and {words[-1]}"]) if len(words) > 2 else " and ".join(words)

"""Entries about words, letters and texts: what they ask, and the answers.

Every function returns the values that an entry's templates are filled with. Where numbers are drawn, it returns a
`Draw` that does so when it is given a random generator. Texts are given, so nothing is left to draw.
"""

import random
from collections.abc import Callable

from draws import Values, drawn, joined, out_of_order

VOWELS = "aeiou"


# Lists of words


@drawn
def ordered_words(
    rng: random.Random, words: str, key: Callable[[str], object] | None = None, descending: bool = False
) -> Values:
    """Return the comma-separated words out of order, in order, and the first of them in order."""
    in_order = sorted(words.split(", "), key=key, reverse=descending)
    shuffled = out_of_order(in_order, rng)
    return {
        "list": joined(shuffled),
        "and_list": joined(shuffled, ", and "),
        "answer": joined(in_order),
        "first": in_order[0],
    }


def last_name(name: str) -> str:
    """Return the last word of a person's name."""
    return name.split()[-1]


# Letters and words of a text


def word_facts(word: str) -> Values:
    """Return a word's letters counted, sorted, reversed and spelled."""
    vowels = sum(letter in VOWELS for letter in word)
    return {
        "word": word,
        "letters": len(word),
        "vowels": vowels,
        "consonants": len(word) - vowels,
        "sorted": joined(sorted(word), ", and "),
        "backward": word[::-1],
        "spelled": "-".join(word.upper()),
    }


def letter_in_word(letter: str, word: str) -> Values:
    """Return how often the letter stands in the word."""
    return {"letter": letter, "word": word, "answer": word.count(letter)}


def one_of(first: str, second: str, choose: Callable[[str, str], str]) -> Values:
    """Return two words and the one that `choose` prefers."""
    return {"x": first, "y": second, "answer": choose(first, second)}


def words_where(words: str, condition: Callable[[str], bool]) -> Values:
    """Return the comma-separated words, and how many there are that meet the condition."""
    return {"list": words, "answer": sum(map(condition, words.split(", ")))}


def letters_between(first: str, last: str) -> Values:
    """Return how many letters of the alphabet run from the first to the last, both counted."""
    return {"x": first, "y": last, "answer": ord(last) - ord(first) + 1}


def text_facts(text: str) -> Values:
    """Return a text's words, sentences, commas and capitals counted, and its longest word."""
    words = [word.strip(",.!?") for word in text.split()]
    longest = max(words, key=len)
    return {
        "text": text,
        "words": len(words),
        "ands": words.count("and"),
        "sentences": sum(text.count(mark) for mark in ".!?"),
        "commas": text.count(","),
        "capitals": sum(character.isupper() for character in text),
        "longest": longest,
        "letters": len(longest),
    }


# Reversed and recased texts


def rewritten(text: str, rewrite: Callable[[str], str]) -> Values:
    """Return a text and its rewritten form."""
    return {"text": text, "answer": rewrite(text)}


def words_reversed(text: str) -> str:
    """Return the words of a text from last to first."""
    return " ".join(reversed(text.split()))


def items_reversed(text: str) -> str:
    """Return the comma-separated items of a list from last to first."""
    return ", ".join(reversed(text.split(", ")))


def ends_swapped(text: str) -> str:
    """Return the text with its first and last word exchanged."""
    first, *middle, last = text.split()
    return " ".join([last, *middle, first])


def words_capitalized(text: str) -> str:
    """Return the text with a capital letter at the start of every word."""
    return " ".join(word.capitalize() for word in text.split())


def first_letter_capitalized(text: str) -> str:
    """Return the text with its first letter in uppercase and the rest as it is."""
    return text[0].upper() + text[1:]


@drawn
def reversed_digits(rng: random.Random, count: int) -> Values:
    """Return a number of different digits, none of them zero, and the digits from last to first."""
    digits = rng.sample("123456789", count)
    return {"number": "".join(digits), "answer": "".join(reversed(digits))}

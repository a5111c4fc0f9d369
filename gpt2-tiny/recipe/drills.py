"""Drills of a grammar book, written by rule: which kinds there are, how often each comes, and a stream of them."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from drill_words import Dictionary, Lexicon
from grammar_drills import (
    exercise_drill,
    joining_drill,
    mistake_drill,
    opposite_drill,
    parts_drill,
    possession_drill,
    question_drill,
    request_drill,
    sentence_drill,
)
from word_drills import (
    definition_drill,
    edit_drill,
    gap_drill,
    kind_drill,
    list_drill,
    number_drill,
    spelling_drill,
    synonym_drill,
    unit_drill,
)

PLAIN_SENTENCE = re.compile(  # 4 to 14 plain words, no capital but the first; not the set phrases of wordnet_prose
    r"(?:^|(?<=[.?!:] ))(?!Another word for|The opposite of|[A-Z]\w+ is an? )"
    r"[A-Z][a-z]*(?:'[a-z]+)?(?:,? [a-z]+(?:'[a-z]+)?){3,13}\.",
    re.MULTILINE,
)
CLAUSES: dict[Callable[[random.Random, Lexicon], str], int] = {  # kind of drill: how often
    sentence_drill: 16,
    exercise_drill: 14,
    question_drill: 6,
    parts_drill: 3,
    mistake_drill: 3,
    joining_drill: 4,
    opposite_drill: 3,
    possession_drill: 1,
    request_drill: 2,
}
SENTENCES: dict[Callable[[random.Random, list[str]], str], int] = {
    edit_drill: 10,
    gap_drill: 6,
    spelling_drill: 6,
    list_drill: 4,
}
WORDS: dict[Callable[[random.Random, Dictionary], str], int] = {kind_drill: 5, definition_drill: 4, synonym_drill: 3}
NUMBERS: dict[Callable[[random.Random], str], int] = {number_drill: 2, unit_drill: 2}
KINDS = CLAUSES | SENTENCES | WORDS | NUMBERS


def drills(
    count: int, seed: int, lexicons: Sequence[Lexicon], dictionary: Dictionary, sentences: list[str]
) -> Iterator[str]:
    """`count` drills, which depend on the arguments alone; a clause has the words of one of the lexicons."""
    rng = random.Random(seed)
    for kind in rng.choices(list(KINDS), list(KINDS.values()), k=count):
        if kind in CLAUSES:
            yield kind(rng, rng.choice(lexicons))
        elif kind in SENTENCES:
            yield kind(rng, sentences)
        elif kind in WORDS:
            yield kind(rng, dictionary)
        else:
            yield kind(rng)


def lines_and_sentences(text: str) -> set[str]:
    """The text's parts, what stands before a colon apart from what stands after it."""
    return {part.strip() for part in re.split(r"(?<=[.?!])\s|\n|: ", text)}


def plain_sentences(documents: Iterable[str]) -> list[str]:
    """The documents' sentences of 4 to 14 plain words, each once."""
    return list(dict.fromkeys(sentence for text in documents for sentence in PLAIN_SENTENCE.findall(text)))

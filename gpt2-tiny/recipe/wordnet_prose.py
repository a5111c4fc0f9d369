"""WordNet's database as short English paragraphs: a word, what it means, how it is used, what it is related to."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from english_words import capital, listed, with_article

PARTS = {"noun": ("n", "noun"), "verb": ("v", "verb"), "adj": ("a", "adjective"), "adv": ("r", "adverb")}  # data.<file>
HYPERNYM, INSTANCE, ANTONYM = "@", "@i", "!"  # pointer symbols, wninput(5WN)
TAXON = re.compile(r"(genus|family|order|class|phylum|subfamily|suborder|superfamily|division) [A-Z]")
EXAMPLE = re.compile(r'"([^"]+)"')
MOST_SYNONYMS = 4


@dataclass(frozen=True)
class Pointer:
    """A relation to another synset, or between a word of this one and a word of that one."""

    symbol: str
    target: str  # "<offset><part letter>"
    source_word: int  # counted from 1; 0: the whole synset
    target_word: int


@dataclass(frozen=True)
class Synset:
    """A set of words that share a meaning; the line format is wndb(5WN)."""

    part: str
    words: list[str]
    pointers: list[Pointer]
    definition: str
    examples: list[str]
    topic: int  # the number of its lexicographer file, lexnames(5WN)
    frames: frozenset[int]  # of sentences in which all words of a verb's synset can stand, wninput(5WN)


@cache  # every other function needs them, and reading takes seconds
def read_synsets(folder: Path) -> dict[str, Synset]:
    """All synsets of the `data.*` files by `<offset><part letter>`, in the files' order."""
    synsets = {}
    for file, (letter, part) in PARTS.items():
        for line in records(folder / f"data.{file}"):
            synsets[line[:8] + letter] = _parse(line, part)
    return synsets


def records(path: Path) -> Iterator[str]:
    """The lines of a file of the database, after the licence."""
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("  "):
            yield line


def _parse(line: str, part: str) -> Synset:
    data, gloss = line.split(" | ", 1)
    fields = data.split()
    n_words = int(fields[3], 16)
    words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in fields[4 : 4 + 2 * n_words : 2]]
    at = 4 + 2 * n_words
    pointers = []
    for start in range(at + 1, at + 1 + 4 * int(fields[at]), 4):
        symbol, offset, letter, source_target = fields[start : start + 4]
        letter = "a" if letter == "s" else letter
        pointers.append(Pointer(symbol, offset + letter, int(source_target[:2], 16), int(source_target[2:], 16)))
    definition = gloss.split('"')[0].strip(" ;:")
    frames = frozenset(int(number) for number in re.findall(r"\+ (\d\d) 00", data)) if part == "verb" else frozenset()
    return Synset(part, words, pointers, definition, EXAMPLE.findall(gloss), int(fields[1]), frames)


def common_senses(folder: Path, file: str) -> dict[str, Synset]:
    """The first meaning of each plain word that WordNet has counted in texts; `file` as in `PARTS`."""
    synsets, senses = read_synsets(folder), {}
    for line in records(folder / f"index.{file}"):
        word, letter, _, n_symbols, *rest = line.split()
        _, n_counted, first, *_ = rest[int(n_symbols) :]
        synset = synsets[first + letter]
        is_plain = word.isalpha() and word in synset.words  # a name has a capital there
        if is_plain and int(n_counted):
            senses[word] = synset
    return senses


def ancestors(synset: Synset, synsets: dict[str, Synset], symbols: Collection[str] = (HYPERNYM,)) -> Iterator[Synset]:
    """What the synset is a kind of, or by `INSTANCE` an instance of, directly and beyond."""
    for pointer in synset.pointers:
        if pointer.symbol in symbols:
            above = synsets[pointer.target]
            yield above
            yield from ancestors(above, synsets, symbols)


def antonyms(synset: Synset, synsets: dict[str, Synset]) -> Iterator[tuple[str, str]]:
    """Words of the synset and their opposites."""
    for pointer in synset.pointers:
        if pointer.symbol == ANTONYM:
            yield _opposites(pointer, synset, synsets)


def _opposites(pointer: Pointer, synset: Synset, synsets: dict[str, Synset]) -> tuple[str, str]:
    """The two words that such a pointer joins."""
    target = synsets[pointer.target]
    return synset.words[max(pointer.source_word - 1, 0)], target.words[max(pointer.target_word - 1, 0)]


def paragraphs(folder: Path) -> Iterator[str]:
    """One paragraph a synset. Names of biological taxa, a tenth of the nouns, are left out."""
    synsets = read_synsets(folder)
    for synset in synsets.values():
        if not TAXON.match(synset.words[0]):
            yield paragraph(synset, synsets)


def paragraph(synset: Synset, synsets: dict[str, Synset]) -> str:
    """What WordNet says of the synset, in sentences."""
    return " ".join(_sentences(synset, synsets))


def _sentences(synset: Synset, synsets: dict[str, Synset]) -> Iterator[str]:
    word, *others = synset.words
    kinds = [synsets[pointer.target].words[0] for pointer in synset.pointers if pointer.symbol == HYPERNYM]
    kind = f", a kind of {kinds[0]}" if kinds and synset.part == "noun" else ""
    yield f"{capital(word)} ({synset.part}{kind}): {synset.definition}."
    for example in synset.examples:
        yield _sentence(example)
    if others:
        yield f"Another word for {word} is {listed(others[:MOST_SYNONYMS], 'or')}."
    for pointer in synset.pointers:
        if pointer.symbol == ANTONYM:
            yield "The opposite of {} is {}.".format(*_opposites(pointer, synset, synsets))
        elif pointer.symbol == INSTANCE:
            yield f"{word} is {with_article(synsets[pointer.target].words[0])}."


def _sentence(text: str) -> str:
    """An example with a capital at its beginning and a mark at its end, where it is long enough to be a sentence."""
    text = text.strip()
    if " " not in text:
        return f'For example, "{text}".'
    return capital(text) if text[-1] in ".?!" else f"{capital(text)}."

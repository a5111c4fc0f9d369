"""WordNet's database as short English paragraphs: a word, what it means, how it is used, what it is related to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


def read_synsets(folder: Path) -> dict[str, Synset]:
    """All synsets of the `data.*` files by `<offset><part letter>`, in the files' order."""
    synsets = {}
    for file, (letter, part) in PARTS.items():
        for line in (folder / f"data.{file}").read_text("utf-8").splitlines():
            if not line.startswith("  "):  # the licence
                synsets[line[:8] + letter] = _parse(line, part)
    return synsets


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
    return Synset(part, words, pointers, definition, EXAMPLE.findall(gloss))


def paragraphs(folder: Path) -> Iterator[str]:
    """One paragraph a synset. Names of biological taxa, a tenth of the nouns, are left out."""
    synsets = read_synsets(folder)
    for synset in synsets.values():
        if not TAXON.match(synset.words[0]):
            yield " ".join(_sentences(synset, synsets))


def _sentences(synset: Synset, synsets: dict[str, Synset]) -> Iterator[str]:
    word, *others = synset.words
    kinds = [synsets[pointer.target].words[0] for pointer in synset.pointers if pointer.symbol == HYPERNYM]
    kind = f", a kind of {kinds[0]}" if kinds and synset.part == "noun" else ""
    yield f"{capital(word)} ({synset.part}{kind}): {synset.definition}."
    for example in synset.examples:
        yield _sentence(example)
    if others:
        yield f"Another word for {word} is {_join(others[:MOST_SYNONYMS], 'or')}."
    for pointer in synset.pointers:
        target = synsets[pointer.target]
        if pointer.symbol == ANTONYM:
            opposite = target.words[max(pointer.target_word - 1, 0)]
            yield f"The opposite of {synset.words[max(pointer.source_word - 1, 0)]} is {opposite}."
        elif pointer.symbol == INSTANCE:
            yield f"{word} is {_article(target.words[0])}."


def _sentence(text: str) -> str:
    """An example with a capital at its beginning and a mark at its end, where it is long enough to be a sentence."""
    text = text.strip()
    if " " not in text:
        return f'For example, "{text}".'
    return capital(text) if text[-1] in ".?!" else f"{capital(text)}."


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _article(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _join(words: list[str], last: str) -> str:
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else words[0]

"""Which questions are nearly the same: by the character 5-grams that they have in common."""

import math
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

GRAM = 5  # characters
NEARLY = 0.6  # Jaccard similarity from which two texts count as nearly the same
COMMON_SHARE, LEAST_COMMON = 0.02, 10  # a gram is common that so many of the texts have
PUNCTUATION = re.compile(r"[.,;:!?\"'`()\[\]{}\u2018-\u201f\u2026]+")  # not the signs of formulas and names: +-*/%#&@

Pair = tuple[int, int, float]  # the numbers of two texts, from 0, and their similarity


def similar_pairs(texts: Sequence[str], others: Sequence[str], least: float = NEARLY) -> Iterator[Pair]:
    """The pairs of a text and another whose sets of 5-grams have a Jaccard similarity of at least `least`.

    That holds of all their 5-grams, and of those that are not common: else all questions of one form, or after one
    system prompt, would be the same. Case, punctuation and spacing make no difference. All such pairs are found: of two
    sets so similar one of the rarest few of the one is among the rarest few of the other, so that only such pairs are
    compared (prefix filtering: Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007).
    """
    ours, theirs = _by_rarity(texts, others)
    having: dict[int, list[int]] = defaultdict(list)
    for at, other in enumerate(theirs):
        for gram in _first_few(other.rare, least):
            having[gram].append(at)
    for number, text in enumerate(ours):
        present, present_rare = set(text.all), set(text.rare)
        for at in sorted({at for gram in _first_few(text.rare, least) for at in having.get(gram, ())}):
            if _jaccard(present_rare, theirs[at].rare) >= least:
                similarity = _jaccard(present, theirs[at].all)
                if similarity >= least:
                    yield number, at, similarity


class _Grams:
    """The grams of a text as numbers, the rarest first: all of them, and those that are not common."""

    def __init__(self, numbers: array, n_rare: int):
        self.all = numbers
        self.rare = numbers[:n_rare] if n_rare else numbers  # of a text of common grams alone: all


def _by_rarity(*collections: Sequence[str]) -> list[list[_Grams]]:
    """The grams of all texts, numbered from the rarest on."""
    numbers: dict[str, int] = {}
    counts: Counter[int] = Counter()
    texts = []
    for text in (text for collection in collections for text in collection):
        found = array("I", (numbers.setdefault(gram, len(numbers)) for gram in grams(text)))
        counts.update(found)
        texts.append(found)
    most = max(LEAST_COMMON, COMMON_SHARE * len(texts))
    in_order = sorted(numbers.values(), key=lambda number: (counts[number], number))
    rank = array("I", bytes(4 * len(in_order)))
    for place, number in enumerate(in_order):
        rank[number] = place
    n_rare_grams = sum(count <= most for count in counts.values())
    ranked = [array("I", sorted(rank[number] for number in found)) for found in texts]
    made = iter([_Grams(found, sum(place < n_rare_grams for place in found)) for found in ranked])
    return [[next(made) for _ in collection] for collection in collections]


def _first_few(ranks: array, least: float) -> Iterable[int]:
    """So many of the rarest grams that a set that is similar enough must have one of them."""
    return ranks[: len(ranks) - math.ceil(least * len(ranks)) + 1]


def _jaccard(present: set[int], other: array) -> float:
    common = len(present.intersection(other))
    return common / (len(present) + len(other) - common)


def plain(text: str) -> str:
    """The text composed (NFC), in small letters, without punctuation, its words one space apart."""
    return " ".join(PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text).casefold()).split())


def grams(text: str) -> list[str]:
    """The runs of five characters of the plain text, each once, in order; the whole of a shorter one."""
    text = plain(text)
    return list(dict.fromkeys(text[start : start + GRAM] for start in range(max(1, len(text) - GRAM + 1))))

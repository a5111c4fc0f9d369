"""Which questions are nearly the same: by the character 5-grams that they have in common."""

import math
import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

GRAM = 5  # characters
NEARLY = 0.6  # Jaccard similarity from which two texts count as nearly the same
COMMON_SHARE, LEAST_COMMON = 0.02, 10  # a gram is common that so many of the texts have
MARGIN = 1e-9  # by which a product of floats may be off where it should be a whole number
PUNCTUATION = re.compile(r"[.,;:!?\"'`()\[\]{}\u2018-\u201f\u2026]+")  # not the signs of formulas and names: +-*/%#&@

Pair = tuple[int, int, float]  # the numbers of two texts, from 0, and their similarity


def similar_pairs(texts: Sequence[str], others: Sequence[str] | None = None, least: float = NEARLY) -> Iterator[Pair]:
    """The pairs of a text and another whose sets of 5-grams have a Jaccard similarity of at least `least`.

    That holds of all their 5-grams, and of those that are not common: else all questions of one form, or after one
    system prompt, would be the same. Case, punctuation and spacing make no difference. All such pairs are found, in no
    certain order: of two sets so similar one of the rarest few of the one is among the rarest few of the other, so that
    only such pairs are compared, each text with those that are no larger (prefix filtering: Bayardo, Ma and Srikant
    2007; Xiao, Wang, Lin and Yu 2008).

    Args:
        texts: From which the first of each pair is.
        others: From which the second is; None: the pairs are of `texts` alone, each once, the earlier text first.
        least: The similarity from which a pair counts, above 0.
    """
    sets = _by_rarity([*texts, *(others or ())])
    sides = [0] * len(texts) + [1] * len(others or ())
    opposite = (0,) if others is None else (1, 0)
    order = sorted(range(len(sets)), key=lambda at: len(sets[at].rare))
    sizes = [len(sets[at].rare) for at in order]
    having: list[dict[int, list[int]]] = [defaultdict(list) for _ in opposite]  # by gram, of each side: places in order
    for place, at in enumerate(order):
        side, present, present_rare = sides[at], set(sets[at].all), set(sets[at].rare)
        for smaller in map(order.__getitem__, _candidates(sets[at].rare, having[opposite[side]], sizes, least)):
            if _jaccard(present_rare, sets[smaller].rare) >= least:
                similarity = _jaccard(present, sets[smaller].all)
                if similarity >= least:
                    first, second = sorted((at, smaller))
                    yield first, second if others is None else second - len(texts), similarity
        for gram in _first_few(sets[at].rare, 2 * least / (1 + least)):  # so much of it a larger one has at least
            having[side][gram].append(place)


def _candidates(rare: array, having: Mapping[int, list[int]], sizes: list[int], least: float) -> set[int]:
    """The places, in the order of their sizes, of all sets so far that may be similar enough to this one.

    Such a set has at least `least` of this one's size. Where the first gram that they have in common is this one's
    `n`-th, they have no more than its grams from there on in common, which suffices for a set that is not too large.
    """
    found: set[int] = set()
    begin = bisect_left(sizes, least * len(rare) - MARGIN)
    for n, gram in enumerate(_first_few(rare, least)):
        if places := having.get(gram):
            end = bisect_right(sizes, (len(rare) - n) * (1 + least) / least - len(rare) + MARGIN)
            found.update(places[bisect_left(places, begin) : bisect_left(places, end)])
    return found


class _Grams(NamedTuple):
    """The grams of a text as numbers, the rarest first: all of them, and those that are not common.

    A text of common grams alone has in their place a number that it shares with texts of exactly the same grams: it is
    like these, and no others.
    """

    all: array
    rare: array


def _by_rarity(texts: Sequence[str]) -> list[_Grams]:
    """The grams of all texts, numbered from the rarest on."""
    numbers: dict[str, int] = {}
    counts: Counter[int] = Counter()
    found = []
    for text in texts:
        found.append(array("I", (numbers.setdefault(gram, len(numbers)) for gram in grams(text))))
        counts.update(found[-1])
    most = max(LEAST_COMMON, COMMON_SHARE * len(texts))
    in_order = sorted(numbers.values(), key=lambda number: (counts[number], number))
    rank = array("I", bytes(4 * len(in_order)))
    for place, number in enumerate(in_order):
        rank[number] = place
    n_rare = sum(count <= most for count in counts.values())
    ranked = (array("I", sorted(rank[number] for number in text)) for text in found)
    common: dict[bytes, int] = {}  # the texts of common grams alone, numbered after all grams
    return [
        _Grams(text, text[: bisect_left(text, n_rare)] or array("I", [_numbered(common, text) + len(rank)]))
        for text in ranked
    ]


def _numbered(known: dict[bytes, int], text: array) -> int:
    """The number of a text, the same for each of its grams."""
    return known.setdefault(text.tobytes(), len(known))


def _first_few(ranks: array, share: float) -> Iterable[int]:
    """So many of the rarest grams that a set with `share` of them all has one of these; the rest is less than that."""
    return ranks[: len(ranks) - math.ceil(share * len(ranks) - MARGIN) + 1]


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

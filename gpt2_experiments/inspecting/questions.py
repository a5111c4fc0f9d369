"""Entries that ask the same, or nearly, within a split and in several, and questions that have several answers."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any

from gpt2_experiments.entries.leaks import asked, numbers_by_question
from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, Entry
from gpt2_experiments.entries.similarity import plain, similar_pairs
from gpt2_experiments.entries.splits import SPLIT_NAMES, Splits

MOST_EXAMPLES = 50  # of pairs, and of questions with several answers, that are kept; the counts are of all
MOST_ANSWERS = 5  # of one question that are kept
MOST_SHOWN = 1000  # characters of a text

Position = tuple[str, int]  # a split, and the number of an entry in it
Pair = tuple[float, int, int]  # the similarity of two entries, and minus their numbers


@dataclass
class Alike:
    """The entries of two splits, or of one, that ask the same."""

    same: set[int] = field(default_factory=set)  # numbers in the second split, whose question is the same
    nearly: set[int] = field(default_factory=set)
    same_pairs: list[Pair] = field(default_factory=list)  # heaps of examples
    near_pairs: list[Pair] = field(default_factory=list)


def keep(pairs: list[Pair], similarity: float, first: int, second: int) -> None:
    """Add a pair of entries to a heap, which keeps the most similar ones, and of these the first."""
    add = heapq.heappush if len(pairs) < MOST_EXAMPLES else heapq.heappushpop
    add(pairs, (similarity, -first, -second))


def find_alike(splits: Splits) -> dict[tuple[str, str], Alike]:
    """What any two splits that have entries have in common, and what each has in itself."""
    found = {pair: Alike() for pair in combinations_with_replacement(splits.filled, 2)}
    questions = [
        (split, question, numbers)
        for split in splits.filled
        for question, numbers in numbers_by_question(splits.entries(split)).items()
    ]
    for split, _, numbers in questions:
        if len(numbers) > 1:
            found[split, split].same.update(numbers)
            keep(found[split, split].same_pairs, 1.0, numbers[0], numbers[1])
    for one, other, similarity in similar_pairs([question for _, question, _ in questions]):
        (first, question, ours), (second, also, theirs) = questions[one], questions[other]
        alike = found[first, second]
        asking, pairs = (alike.same, alike.same_pairs) if question == also else (alike.nearly, alike.near_pairs)
        asking.update(theirs, ours if first == second else ())
        keep(pairs, similarity, ours[0], theirs[0])
    return found


def describe_alike(splits: Splits, pair: tuple[str, str], alike: Alike) -> dict[str, Any]:
    """How many entries ask what others ask, and the pairs that are most alike."""
    first, second = pair
    same, nearly = (
        [place_of(splits, (second, number)) for number in sorted(numbers)]
        for numbers in (alike.same, alike.nearly - alike.same)
    )
    return {
        "first": SPLIT_NAMES[first],
        "second": SPLIT_NAMES[second],
        "same": len(same),
        "nearly": len(nearly),
        "same_places": same,
        "near_places": nearly,
        "examples": [
            {
                "similarity": similarity,
                "first": described(splits, (first, -one)),
                "second": described(splits, (second, -other)),
            }
            for similarity, one, other in sorted(alike.same_pairs + alike.near_pairs, reverse=True)
        ],
    }


def described(splits: Splits, position: Position) -> dict[str, str]:
    """An entry with its place, its texts shortened."""
    split, number = position
    entry = splits.entries(split)[number]
    return {"place": place_of(splits, position)} | {name: clipped(entry[name], MOST_SHOWN) for name in ENTRY_FIELDS}


def clipped(text: str, most: int) -> str:
    """The beginning of a text that is longer than so many characters."""
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most:,} characters more)"


def place_of(splits: Splits, position: Position) -> str:
    """Where an entry stands, with its source where there are several."""
    split, number = position
    return splits.where(split, number) if len(splits.sources) > 1 else splits.places[split][number]


def several_answers(splits: Splits) -> dict[str, Any]:
    """The questions, in any split, that are answered in more than one way; spacing alone makes no other answer."""
    by_question: Mapping[str, dict[str, list[Position]]] = defaultdict(dict)
    for position, entry in positions(splits):
        by_question[plain(asked(entry))].setdefault(" ".join(entry["output"].split()), []).append(position)
    several = [answers for answers in by_question.values() if len(answers) > 1]
    return {
        "questions": len(several),
        "entries": sum(len(asking) for answers in several for asking in answers.values()),
        "examples": [
            [described(splits, asking[0]) for asking in list(answers.values())[:MOST_ANSWERS]]
            for answers in several[:MOST_EXAMPLES]
        ],
    }


def positions(splits: Splits) -> Iterator[tuple[Position, Entry]]:
    """All entries with their positions."""
    for split in splits.filled:
        for number, entry in enumerate(splits.entries(split)):
            yield (split, number), entry

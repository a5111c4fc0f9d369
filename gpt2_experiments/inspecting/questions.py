"""Entries that ask the same, or nearly, within a split and in several, and questions that have several answers."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any

from gpt2_experiments.entries.leaks import asked, numbers_by_question
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.similarity import plain, similar_pairs
from gpt2_experiments.entries.splits import SPLIT_NAMES, Splits

MOST_EXAMPLES = 50  # of pairs, and of questions with several answers, that are kept; the counts are of all
MOST_ANSWERS = 5  # of one question that are kept

Position = tuple[str, int]  # a split, and the number of an entry in it


@dataclass
class Alike:
    """The entries of two splits, or of one, that ask the same."""

    same: set[int] = field(default_factory=set)  # numbers in the second split, whose question is the same
    nearly: set[int] = field(default_factory=set)
    pairs: list[tuple[float, int, int]] = field(default_factory=list)  # a heap: similarity, minus the numbers

    def add(self, similarity: float, first: int, second: int) -> None:
        """A pair of entries; the most similar ones are kept, of these the first."""
        add = heapq.heappush if len(self.pairs) < MOST_EXAMPLES else heapq.heappushpop
        add(self.pairs, (similarity, -first, -second))


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
            found[split, split].add(1.0, numbers[0], numbers[1])
    for one, other, similarity in similar_pairs([question for _, question, _ in questions]):
        (first, question, ours), (second, also, theirs) = questions[one], questions[other]
        alike = found[first, second]
        which = alike.same if question == also else alike.nearly
        which.update(theirs, ours if first == second else ())
        alike.add(similarity, ours[0], theirs[0])
    return found


def describe_alike(splits: Splits, pair: tuple[str, str], alike: Alike) -> dict[str, Any]:
    """How many entries ask what others ask, and the pairs that are most alike."""
    first, second = pair
    return {
        "first": SPLIT_NAMES[first],
        "second": SPLIT_NAMES[second],
        "same": len(alike.same),
        "nearly": len(alike.nearly - alike.same),
        "examples": [
            {
                "similarity": similarity,
                "first": described(splits, (first, -one)),
                "second": described(splits, (second, -other)),
            }
            for similarity, one, other in sorted(alike.pairs, reverse=True)
        ],
    }


def described(splits: Splits, position: Position) -> dict[str, str]:
    """An entry with its place."""
    split, number = position
    entry = splits.entries(split)[number]
    return {"place": place_of(splits, position), **{name: entry[name] for name in ("instruction", "input", "output")}}


def place_of(splits: Splits, position: Position) -> str:
    """Where an entry stands, with its source where there are several."""
    split, number = position
    return splits.where(split, number) if len(splits.sources) > 1 else splits.places[split][number]


def several_answers(splits: Splits) -> dict[str, Any]:
    """The questions, in any split, that are answered in more than one way, but for case, punctuation and spacing."""
    by_question: Mapping[str, dict[str, list[Position]]] = defaultdict(dict)
    for position, entry in positions(splits):
        by_question[plain(asked(entry))].setdefault(plain(entry["output"]), []).append(position)
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

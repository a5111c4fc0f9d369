"""Test and validation entries that stand in the training data, or nearly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.similarity import plain, similar_pairs
from gpt2_experiments.entries.splits import SPLIT_NAMES, Splits

HELD_OUT = ("test", "val")  # the splits that should be new to the model


@dataclass(frozen=True, eq=False)
class Leaks:
    """Held-out and training entries that ask nearly the same, by their numbers in their splits, from 0."""

    held_out: Mapping[str, set[int]]  # by split
    training: set[int]
    example: str  # two such entries by their places; empty: there are none

    @property
    def counts(self) -> dict[str, int]:
        """How many entries of each held-out split leak."""
        return {SPLIT_NAMES[split]: len(numbers) for split, numbers in self.held_out.items()}

    def says(self, dropped: bool) -> str:
        """What a run says of them in a line; empty where there is nothing to say."""
        if not self.example:
            return ""
        if dropped:
            return f"{len(self.training)} training entries are left out: they ask what held-out entries ask, or nearly"
        counts = " and ".join(f"{count} {name} entries" for name, count in self.counts.items() if count)
        return (
            f"{counts} ask what training entries ask, or nearly (such as {self.example}): their scores and losses tell "
            f"less; --drop_leaked leaves those training entries out"
        )


def find_leaks(splits: Splits) -> Leaks:
    """The leaks; entries ask nearly the same where `similarity` says so, whatever their answers are."""
    training = numbers_by_question(splits.train)  # each question once: there may be thousands of one
    questions = [
        (split, question, numbers)
        for split in HELD_OUT
        for question, numbers in numbers_by_question(splits.entries(split)).items()
    ]
    held_out: dict[str, set[int]] = {split: set() for split in HELD_OUT}
    leaked: set[int] = set()
    first: tuple[int, int] | None = None  # the example: pairs come in no certain order
    theirs = list(training.values())
    for one, other, _ in similar_pairs([question for _, question, _ in questions], list(training)):
        split, _, numbers = questions[one]
        held_out[split].update(numbers)
        leaked.update(theirs[other])
        first = min(first or (one, other), (one, other))
    if first is None:
        return Leaks(held_out, leaked, example="")
    split, _, numbers = questions[first[0]]
    example = f"{splits.where(split, numbers[0])} and {splits.places['train'][theirs[first[1]][0]]}"
    return Leaks(held_out, leaked, example)


def numbers_by_question(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """The numbers of the entries that ask the same, but for case, punctuation and spacing."""
    numbers: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        numbers.setdefault(plain(asked(entry)), []).append(number)
    return numbers


def asked(entry: Entry) -> str:
    """What an entry asks: its instruction and its input."""
    return f"{entry['instruction']}\n{entry['input']}"


def without_leaked(splits: Splits, leaks: Leaks) -> Splits:
    """The splits without the training entries that ask what others ask."""
    kept = [number for number in range(len(splits.train)) if number not in leaks.training]
    places = splits.places["train"]
    return replace(
        splits,
        train=[splits.train[number] for number in kept],
        places={**splits.places, "train": [places[number] for number in kept]},
    )

"""Training text that shares no six words in a row with a test or validation entry of `instruction-data.json`."""

import re
from collections.abc import Iterable

from gpt2_experiments.entries.splits import split_entries
from gpt2_experiments.shared.bundled import INSTRUCTION_DATA
from gpt2_experiments.shared.files import read_json

IN_A_ROW = 6

Runs = set[tuple[str, ...]]


def runs_of(text: str) -> Runs:
    """All runs of six words, in small letters and without punctuation."""
    words = re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower())
    return set(zip(*(words[start:] for start in range(IN_A_ROW)), strict=False))


def runs_of_entries() -> Runs:
    """Those of each field of the test and the validation entries."""
    _, test, validation = split_entries(read_json(INSTRUCTION_DATA))
    return {run for entry in (*test, *validation) for text in entry.values() for run in runs_of(text)}


def apart(documents: Iterable[str], taken: Runs) -> tuple[list[str], int]:
    """The documents that have none of the runs, and the number of the others."""
    documents = list(documents)
    kept = [document for document in documents if taken.isdisjoint(runs_of(document))]
    return kept, len(documents) - len(kept)

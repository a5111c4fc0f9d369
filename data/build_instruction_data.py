"""Build instruction-data.json from the written entries (data/written) and the computed ones (computed_entries.py)."""

import argparse
import json
import os
import random
import sys
from pathlib import Path

from computed_entries import SEED, Entry, computed_entries

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_DIR = ROOT / "data" / "written"
TARGET = ROOT / "instruction-data.json"

FIELDS = ("instruction", "input", "output")
TOTAL = 1100

# Of every 20 entries dealt, 17 train, 2 test and 1 validates. A split's places lie evenly spaced, so a kind of n
# entries, dealt in one go, gives n / 10 to the test set and n / 20 to validation, both rounded up or down.
ROUND = 20
TEST_PLACES = (4, 14)
VALIDATION_PLACES = (9,)


def entries_by_kind() -> dict[str, list[Entry]]:
    """Return all entries by kind, the kinds in alphabetical order."""
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in WRITTEN_DIR.glob("*.json")}
    return dict(sorted((written | computed_entries()).items()))


def problems(by_kind: dict[str, list[Entry]]) -> list[str]:
    """Say what is wrong with the entries: their number, fields or outer white space."""
    total = sum(map(len, by_kind.values()))
    found = [] if total == TOTAL else [f"{total} entries instead of {TOTAL}"]
    for kind, entries in by_kind.items():
        for number, entry in enumerate(entries, start=1):
            if tuple(entry) != FIELDS or not all(isinstance(text, str) for text in entry.values()):
                found.append(f"{kind}, entry {number}: the fields must be the strings {', '.join(FIELDS)}")
            elif not entry["instruction"] or not entry["output"]:
                found.append(f"{kind}, entry {number}: instruction or output is empty")
            elif any(text != text.strip() for text in entry.values()):
                found.append(f"{kind}, entry {number}: white space at the start or end of a field")
    return found


def deck(by_kind: dict[str, list[Entry]], rng: random.Random) -> list[Entry]:
    """Stack the kinds, each of them shuffled.

    Within a kind the entries with an empty input lie together, first and last in turn, so that the splits share these
    about evenly as well.
    """
    stacked: list[Entry] = []
    for number, entries in enumerate(by_kind.values()):
        shuffled = rng.sample(entries, len(entries))
        stacked += sorted(shuffled, key=lambda entry: bool(entry["input"]), reverse=number % 2 == 1)
    return stacked


def arrange(by_kind: dict[str, list[Entry]], seed: int = SEED) -> list[Entry]:
    """Order the entries so that the training, test and validation split each hold the kinds in proportion."""
    rng = random.Random(seed)
    train, test, validation = [], [], []
    for place, entry in enumerate(deck(by_kind, rng)):
        turn = place % ROUND
        split = test if turn in TEST_PLACES else validation if turn in VALIDATION_PLACES else train
        split.append(entry)
    for split in (train, test, validation):
        rng.shuffle(split)
    return train + test + validation


def render(entries: list[Entry]) -> bytes:
    """Return the entries as they stand in the file."""
    return (json.dumps(entries, indent=4, ensure_ascii=False) + "\n").encode("utf-8")


def write(content: bytes) -> None:
    """Put the content into the target file, which is never seen half-written."""
    beside = TARGET.with_suffix(".part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(TARGET)


def kinds_table(by_kind: dict[str, list[Entry]]) -> str:
    """Return the kinds with their counts as a Markdown table."""
    computed = computed_entries()
    rows = [
        f"| {kind.replace('_', ' ')} | {len(entries)} | {'computed' if kind in computed else 'written'} |"
        for kind, entries in by_kind.items()
    ]
    return "\n".join(["| kind | entries | made |", "|---|---:|---|", *rows])


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="only say whether the file is up to date; exit 1 if not")
    action.add_argument("--table", action="store_true", help="only print the kinds with their counts")
    return parser.parse_args()


def main() -> int:
    """Write or check the file, or print the table of kinds."""
    arguments = parse_arguments()
    by_kind = entries_by_kind()
    if found := problems(by_kind):
        print("\n".join(f"error: {problem}" for problem in found), file=sys.stderr)
        return 1
    if arguments.table:
        print(kinds_table(by_kind))
        return 0
    content = render(arrange(by_kind))
    up_to_date = TARGET.exists() and TARGET.read_bytes() == content
    if not arguments.check and not up_to_date:
        write(content)
    state = "up to date" if up_to_date else "out of date" if arguments.check else "written"
    print(f"{TARGET.name}: {state}")
    return int(arguments.check and not up_to_date)


if __name__ == "__main__":
    raise SystemExit(main())

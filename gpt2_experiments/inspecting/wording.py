"""How the instructions begin, and in which scripts the texts are written."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, Entry
from gpt2_experiments.entries.similarity import plain

OPENING_WORDS = (2, 5)
MOST_OPENINGS = 10
WIDTHS = ("FULLWIDTH", "HALFWIDTH", "MATHEMATICAL", "MODIFIER")  # words before the script in a character's name


def openings(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The first words of instructions that begin most of the entries; of a shorter instruction all words."""
    instructions = [plain(entry["instruction"]).split() for entry in entries]
    described = []
    for n_words in OPENING_WORDS:
        counts = Counter(" ".join(words[:n_words]) for words in instructions)
        frequent = [{"opening": opening, "entries": count} for opening, count in counts.most_common(MOST_OPENINGS)]
        described.append({"words": n_words, "different": len(counts), "most_frequent": frequent})
    return described


def scripts(entries: Sequence[Entry], places: Sequence[str]) -> dict[str, Any]:
    """The shares of the scripts among all letters, and the entries of which another script than the first is most."""
    total: Counter[str] = Counter()
    mainly: list[str] = []
    for entry in entries:
        found = script_counts("".join(entry[field] for field in ENTRY_FIELDS))
        total.update(found)
        mainly.append(found.most_common(1)[0][0] if found else "")
    main = total.most_common(1)[0][0] if total else ""
    others = [place for place, script in zip(places, mainly, strict=True) if script not in ("", main)]
    return {
        "shares": {script: count / total.total() for script, count in total.most_common()},
        "in_another": len(others),
        "first_in_another": others[0] if others else None,
    }


def script_counts(text: str) -> Counter[str]:
    """The letters of a text, counted by script."""
    counts: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if script := script_of(character):
            counts[script] += count
    return counts


@cache
def script_of(character: str) -> str:
    """The script of a letter, by the character's name (`CYRILLIC SMALL LETTER A`); of anything else an empty text."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    words = [word for word in unicodedata.name(character, "UNNAMED").split() if word not in WIDTHS]
    return words[0].capitalize() if words[0] != "CJK" else words[0]

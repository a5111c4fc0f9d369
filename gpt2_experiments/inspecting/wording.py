"""How the instructions begin, and in which scripts the texts are written."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import regex

from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, Entry
from gpt2_experiments.entries.similarity import plain
from gpt2_experiments.inspecting.questions import clipped

OPENING_WORDS = (2, 5)
MOST_OPENINGS = 10
MOST_SHOWN = 60  # characters of an opening
ALONE = (  # scripts of languages that data sets are likely to be in
    "Latin", "Greek", "Cyrillic", "Armenian", "Georgian", "Hebrew", "Arabic", "Ethiopic", "Devanagari", "Bengali",
    "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan",
    "Myanmar", "Khmer", "Mongolian", "Hangul",
)  # fmt: skip
TOGETHER = {
    "": ("Common", "Inherited"),  # letters of no script, such as the micro sign
    "Chinese and Japanese": ("Han", "Hiragana", "Katakana", "Bopomofo"),  # which their texts mix
}
SCRIPTS = {
    name: regex.compile("|".join(rf"\p{{Script={script}}}" for script in scripts))
    for name, scripts in (TOGETHER | {script: (script,) for script in ALONE}).items()
}


def openings(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The first words of instructions that begin most of the entries; of a shorter instruction all words."""
    instructions = [plain(entry["instruction"]).split() for entry in entries]
    described = []
    for n_words in OPENING_WORDS:
        counts = Counter(" ".join(words[:n_words]) for words in instructions)
        frequent = [
            {"opening": clipped(opening, MOST_SHOWN), "entries": count}
            for opening, count in counts.most_common(MOST_OPENINGS)
        ]
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
    """The script of a letter by Unicode; empty for other characters and for letters of no script."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    return next((name for name, pattern in SCRIPTS.items() if pattern.match(character)), "another")

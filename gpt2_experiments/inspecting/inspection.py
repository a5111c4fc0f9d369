"""What a data set holds, as plain data: what inspection.json holds and what the report and the page show."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import tiktoken

from gpt2_experiments import __version__
from gpt2_experiments.entries.prompt_styles import PromptStyle
from gpt2_experiments.entries.similarity import NEARLY
from gpt2_experiments.entries.splits import SPLIT_NAMES, Splits
from gpt2_experiments.inspecting.lengths import PARTS, Lengths, Limits, beyond, bin_width, describe, histogram, measure
from gpt2_experiments.inspecting.questions import describe_alike, find_alike, place_of, positions, several_answers
from gpt2_experiments.inspecting.wording import openings, scripts


def inspect(splits: Splits, tokenizer: tiktoken.Encoding, style: PromptStyle, limits: Limits) -> dict[str, Any]:
    """All that is told of a data set.

    Args:
        splits: Its entries.
        tokenizer: Whose tokens are counted.
        style: How the entries are put to the model.
        limits: What becomes of long ones.
    """
    lengths = {
        split: measure(splits.entries(split), tokenizer, style, limits.allowed_max_length) for split in splits.filled
    }
    width = bin_width(np.concatenate([measured.text for measured in lengths.values()]))
    everything = [(place_of(splits, position), entry) for position, entry in positions(splits)]
    places, entries = [place for place, _ in everything], [entry for _, entry in everything]
    return {
        "suite_version": __version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": [
            {
                "holds": name,
                "source": data.source,
                "sha256": data.sha256,
                "entries": len(data.entries),
                "says": data.says,
                "skipped": data.skipped,
            }
            for name, data in splits.sources.items()
        ],
        "entries": len(entries),
        "prompt_style": style.name,
        **limits._asdict(),
        "bin_width": width,
        "splits": [describe_split(splits, split, measured, limits, width) for split, measured in lengths.items()],
        "nearly": NEARLY,
        "alike": [describe_alike(splits, pair, alike) for pair, alike in find_alike(splits).items()],
        "several_answers": several_answers(splits),
        "openings": openings(entries),
        "scripts": scripts(entries, places),
    }


def describe_split(splits: Splits, split: str, lengths: Lengths, limits: Limits, width: int) -> dict[str, Any]:
    """A split's figures; the bins of the histogram are `width` tokens wide, as those of all splits."""
    entries = splits.entries(split)
    where = [place_of(splits, (split, number)) for number in range(len(entries))]
    empty = [place for place, entry in zip(where, entries, strict=True) if not entry["output"].strip()]
    parts: dict[str, np.ndarray] = {part: getattr(lengths, part) for part in PARTS}
    return {
        "name": SPLIT_NAMES[split],
        "entries": len(entries),
        "with_input": sum(bool(entry["input"]) for entry in entries),
        "empty_outputs": len(empty),
        "first_empty_output": empty[0] if empty else None,
        "lengths": {part: describe(found, where) for part, found in parts.items()},
        "histogram": histogram(lengths.text, width),
        **beyond(split, lengths, limits),
    }

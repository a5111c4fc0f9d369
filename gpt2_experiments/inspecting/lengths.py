"""How long entries are in tokens, and what a cut takes from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tiktoken

from gpt2_experiments.entries.datasets import StyledDataset
from gpt2_experiments.entries.prompt_styles import Entry, PromptStyle

PARTS = {"prompt": "prompt", "output": "output", "text": "prompt and response"}  # what is measured of an entry
HISTOGRAM_BINS = 25


@dataclass(frozen=True, eq=False)
class Lengths:
    """The lengths of a split's entries in tokens, each `[entries]`."""

    prompt: np.ndarray
    output: np.ndarray
    text: np.ndarray  # as it is trained on: prompt, response header and output
    n_cut: int  # entries longer than the limit
    n_lost: int  # of these, entries of whose output nothing is left


def measure(entries: Sequence[Entry], tokenizer: tiktoken.Encoding, style: PromptStyle, limit: int) -> Lengths:
    """The lengths of entries that are put to the model in a style, and cut to `limit` tokens."""
    texts = StyledDataset(entries, tokenizer, style, with_instruction_length=True)
    lengths = np.array([len(token_ids) for token_ids in texts.token_ids])
    return Lengths(
        prompt=np.array(texts.instruction_lengths),
        output=np.array([len(tokenizer.encode_ordinary(entry["output"])) for entry in entries]),
        text=lengths,
        n_cut=int((lengths > limit).sum()),
        n_lost=sum(texts.loses_response(index, limit) for index in range(len(entries))),
    )


def describe(lengths: np.ndarray, places: Sequence[str]) -> dict[str, Any]:
    """The middle and the end of a distribution of lengths."""
    return {
        "mean": float(lengths.mean()),
        "median": float(np.median(lengths)),
        "percentile_95": float(np.quantile(lengths, 0.95)),
        "longest": int(lengths.max()),
        "longest_at": places[int(lengths.argmax())],
    }


def histogram(lengths: np.ndarray, longest: float) -> list[int]:
    """How many lengths there are in each of the bins between 0 and `longest`."""
    counts, _ = np.histogram(lengths, HISTOGRAM_BINS, (0, longest))
    return counts.tolist()

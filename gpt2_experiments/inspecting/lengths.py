"""How long entries are in tokens, and what a cut takes from them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tiktoken

from gpt2_experiments.entries.datasets import StyledDataset
from gpt2_experiments.entries.prompt_styles import Entry, PromptStyle

PARTS = {"prompt": "prompt", "output": "output", "text": "prompt and response"}  # what is measured of an entry
HISTOGRAM_BINS = 25
MOST_BEYOND = 0.005  # the share of the entries that may be too long for the histogram, and stand in its last bin


class Limits(NamedTuple):
    """What a run makes of long entries, in tokens."""

    allowed_max_length: int  # training and validation entries are cut to it
    context_length: int  # what is longer after that, and a longer prompt of a test entry, is refused


@dataclass(frozen=True, eq=False)
class Lengths:
    """The lengths of a split's entries in tokens, each `[entries]`."""

    prompt: np.ndarray
    output: np.ndarray
    text: np.ndarray  # as it is trained on: prompt, response header and output
    n_lost: int  # entries of whose output the cut leaves nothing


def measure(
    entries: Sequence[Entry], tokenizer: tiktoken.Encoding, style: PromptStyle, allowed_max_length: int
) -> Lengths:
    """The lengths of entries that are put to the model in a style."""
    texts = StyledDataset(entries, tokenizer, style, with_instruction_length=True)
    lengths = np.array([len(token_ids) for token_ids in texts.token_ids])
    return Lengths(
        prompt=np.array(texts.instruction_lengths),
        output=np.array([len(tokenizer.encode_ordinary(entry["output"])) for entry in entries]),
        text=lengths,
        n_lost=sum(texts.loses_response(index, allowed_max_length) for index in range(len(entries))),
    )


def beyond(split: str, lengths: Lengths, limits: Limits) -> dict[str, int | None]:
    """How many entries are cut, lose their output to the cut, and are too long for the model.

    Test entries are not cut: the model is given their prompts.
    """
    if split == "test":
        return {"cut": None, "lost": None, "too_long": int((lengths.prompt > limits.context_length).sum())}
    kept = np.minimum(lengths.text, limits.allowed_max_length)
    return {
        "cut": int((lengths.text > limits.allowed_max_length).sum()),
        "lost": lengths.n_lost,
        "too_long": int((kept > limits.context_length).sum()),
    }


def describe(lengths: np.ndarray, places: Sequence[str]) -> dict[str, Any]:
    """The middle and the end of a distribution of lengths."""
    return {
        "mean": float(lengths.mean()),
        "median": float(np.median(lengths)),
        "percentile_95": float(np.quantile(lengths, 0.95)),
        "longest": int(lengths.max()),
        "longest_at": places[int(lengths.argmax())],
    }


def bin_width(lengths: np.ndarray) -> int:
    """The width of bins, whole tokens, so that few of the lengths are beyond the last one."""
    end = np.quantile(lengths, 1 - MOST_BEYOND, method="higher")
    return math.ceil((int(end) + 1) / HISTOGRAM_BINS)


def histogram(lengths: np.ndarray, width: int) -> list[int]:
    """How many lengths there are in each bin; the last one has all that are longer too."""
    return np.bincount(np.minimum(lengths // width, HISTOGRAM_BINS - 1), minlength=HISTOGRAM_BINS).tolist()

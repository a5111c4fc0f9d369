"""What a run reads: the entries in their splits, the weights and tokenizer, the token lists; each read once.

Runs that follow one another in a process share what they have in common.
"""

import copy
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import tiktoken
import torch
from torch.utils.data import DataLoader

from gpt2_experiments.entries.datasets import (
    ENTRY_FIELDS,
    StyledDataset,
    custom_collate_fn,
    custom_collate_with_masking_fn,
    download_and_load_file,
    split_entries,
)
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.experiment.settings import ALPACA_URL, Settings, is_url
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.bundled import TINY_FOLDER, TINY_MODEL
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.weights.released import MODELS, download_gpt2, load_gpt2

ALPACA_FILE = "alpaca_data.json"
ALPACA_ENTRIES = 52_002
ALPACA_FIRST = "Give three tips for staying healthy."  # the instruction that Stanford Alpaca's file begins with

Made = TypeVar("Made")


@dataclass(frozen=True)
class Splits:
    """The entries of a data file."""

    file: Path
    train: list[Entry]
    test: list[Entry]
    val: list[Entry]


class ExperimentInputs:
    """The inputs of the runs of a process; nothing is read or tokenized twice.

    Args:
        several: more than one run asks for the model, so each gets a copy.
    """

    def __init__(self, several: bool):
        self.several = several
        self._kept: dict[Hashable, Any] = {}

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` makes, from memory where it was made before."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def splits(self, settings: Settings) -> Splits:
        """The splits of the run's data, checked."""
        splits = self._once(("splits", settings.data), lambda: load_splits(settings.data))
        check_alpaca(settings, splits)
        check_splits(splits, settings.batch_size)
        return splits

    def weights(self, settings: Settings) -> tuple[str, Path]:
        """The model's name and the folder it is in, downloaded if need be."""
        return self._once(("weights", settings.model, settings.weights), lambda: find_weights(settings))

    def model(self, settings: Settings) -> tuple[GPTModel, tiktoken.Encoding]:
        """The untuned model, for the caller to change, and its tokenizer."""
        _, folder = self.weights(settings)
        model, tokenizer = self._once(("model", folder), lambda: load_gpt2(folder, torch.device(settings.device)))
        return (copy.deepcopy(model) if self.several else model), tokenizer

    def loaders(
        self, settings: Settings, tokenizer: tiktoken.Encoding, context_length: int
    ) -> tuple[DataLoader, DataLoader]:
        """Loaders of padded batches: training shuffled, its incomplete last batch dropped; validation in order."""
        variant, splits = settings.variant, self.splits(settings)
        collate = partial(
            custom_collate_with_masking_fn if variant.mask_instructions else custom_collate_fn,
            pad_token_id=tokenizer.eot_token,
            allowed_max_length=settings.allowed_max_length,
        )
        train_set, val_set = self._once(
            ("token lists", splits.file, tokenizer, variant.style, variant.mask_instructions),
            lambda: [
                StyledDataset(split, tokenizer, PROMPT_STYLES[variant.style], variant.mask_instructions)
                for split in (splits.train, splits.val)
            ],
        )
        for dataset, first in ((train_set, 1), (val_set, len(splits.train) + len(splits.test) + 1)):
            check_lengths(dataset, first, context_length, splits.file, settings.allowed_max_length)
        return (
            DataLoader(train_set, settings.batch_size, shuffle=True, drop_last=True, collate_fn=collate),
            DataLoader(val_set, settings.batch_size, collate_fn=collate),
        )


def load_splits(data: str) -> Splits:
    """The splits of a data set, downloaded first where it is named by a URL."""
    path = local_data_file(data)
    entries = download_and_load_file(path, data) if is_url(data) else read_entries(path, ENTRY_FIELDS)
    return Splits(path, *split_entries(entries))


def local_data_file(data: str) -> Path:
    """Where the data set is kept: each URL under a name of its own, so that no data set is taken for another."""
    if data == ALPACA_URL:
        return Path(ALPACA_FILE)
    if is_url(data):
        return Path(f"data-{hashlib.sha256(data.encode()).hexdigest()[:12]}.json")
    return Path(data)


def check_alpaca(settings: Settings, splits: Splits) -> None:
    """Raise `UserError` where the variant wants Stanford Alpaca's data and the file is another."""
    n_entries = len(splits.train) + len(splits.test) + len(splits.val)
    is_alpaca = n_entries == ALPACA_ENTRIES and splits.train[0]["instruction"] == ALPACA_FIRST
    if settings.variant.alpaca_data and not is_alpaca:
        raise UserError(
            f"{splits.file}: not Stanford Alpaca's data set, which has {ALPACA_ENTRIES:,} entries and begins with "
            f"'{ALPACA_FIRST}'; remove the file to download it again, or name the right one with --data"
        )


def check_splits(splits: Splits, batch_size: int) -> None:
    """Raise `UserError` where a split has too few entries to do its part."""
    problems = [
        f"{splits.file}: too few entries, none is left for the {name} set; at least 10 are needed"
        for name, split in (("test", splits.test), ("validation", splits.val))
        if not split
    ]
    if len(splits.train) < batch_size:
        problems.append(
            f"{splits.file}: {len(splits.train)} training entries do not fill one batch; "
            f"use --batch_size {max(len(splits.train), 1)} or less, or more data"
        )
    if problems:
        raise UserError(*problems)


def find_weights(settings: Settings) -> tuple[str, Path]:
    """The model's name with its size where it is a released one, and the folder it is in, downloaded if need be."""
    if settings.weights:
        return Path(settings.weights).resolve().name, Path(settings.weights)
    if settings.model == TINY_MODEL:
        return TINY_MODEL, TINY_FOLDER
    size = MODELS[settings.model].size
    folder = download_gpt2(size, settings.models_dir, settings.weights_url, settings.check_weights)
    return f"{settings.model} ({size})", folder


def model_label(name: str, model: GPTModel) -> str:
    """The model's name with its size; sizes are counted as GPT-2's are, the output head sharing the embedding."""
    millions = (sum(p.numel() for p in model.parameters()) - model.out_head.weight.numel()) / 1e6
    return name if name.endswith(")") else f"{name} ({millions:.0f}M)"


def check_lengths(
    dataset: StyledDataset, first_number: int, context_length: int, data_file: Path, allowed_max_length: int
) -> None:
    """Raise `UserError` for an entry longer than the context; warn of entries that are cut or have nothing to teach.

    `first_number` is the number in the data file, from 1, of the data set's first entry.
    """
    lengths = dataset.lengths(allowed_max_length)
    for number, (n_inputs, _) in enumerate(lengths, start=first_number):
        if n_inputs > context_length:
            raise UserError(
                f"{data_file}: entry {number} has {n_inputs} tokens, the model's context {context_length}; "
                f"cut entries with --allowed_max_length {context_length}"
            )
    n_cut = sum(len(token_ids) > allowed_max_length for token_ids in dataset.token_ids)
    n_silent = sum(n_targets == 0 for _, n_targets in lengths)
    if n_silent == len(lengths):
        raise UserError(
            f"{data_file}: --allowed_max_length {allowed_max_length} cuts the response off every entry "
            f"from {first_number} to {first_number + len(lengths) - 1}; raise it"
        )
    last_number = first_number + len(lengths) - 1
    if n_cut:
        warn(f"{n_cut} of the entries {first_number} to {last_number} are cut to {allowed_max_length} tokens")
    if n_silent:
        warn(
            f"{n_silent} of the entries {first_number} to {last_number} lose their whole response to the cut: "
            "their prompts are masked, so they teach nothing"
        )

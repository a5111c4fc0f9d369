"""Entries become token lists, and these padded batches."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import tiktoken
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry, PromptStyle
from gpt2_experiments.entries.splits import Splits
from gpt2_experiments.shared.errors import UserError, warn

Masked = tuple[int, list[int]]  # (instruction_length, token_ids)


class StyledDataset(Dataset):
    """Entries as token lists, prompt and response in one of the prompt styles.

    With `with_instruction_length`, items are `(instruction_length, token_ids)` instead of `token_ids`.
    """

    def __init__(
        self,
        data: Sequence[Entry],
        tokenizer: tiktoken.Encoding,
        style: PromptStyle,
        with_instruction_length: bool = False,
    ):
        # encode_ordinary: "<|endoftext|>" inside an entry is text like any other, never the special token.
        encode = tokenizer.encode_ordinary
        prompts = [style.prompt(entry) for entry in data]
        self.token_ids = [
            encode(prompt + style.training_suffix(entry)) for prompt, entry in zip(prompts, data, strict=True)
        ]
        self.instruction_lengths = [len(encode(prompt)) for prompt in prompts] if with_instruction_length else None

    def __getitem__(self, index: int) -> list[int] | Masked:
        if self.instruction_lengths is None:
            return self.token_ids[index]
        return self.instruction_lengths[index], self.token_ids[index]

    def __len__(self) -> int:
        return len(self.token_ids)

    def lengths(self, allowed_max_length: int) -> list[tuple[int, int]]:
        """(input tokens, targets) of each entry when it is cut to `allowed_max_length`."""
        masked = self.instruction_lengths or [1] * len(self)  # the first target predicts the second token
        cut = [min(len(token_ids), allowed_max_length) for token_ids in self.token_ids]
        return [(length, max(length - mask + 1, 0)) for length, mask in zip(cut, masked, strict=True)]


class InstructionDataset(StyledDataset):
    """Token lists in the Alpaca style."""

    def __init__(self, data: Sequence[Entry], tokenizer: tiktoken.Encoding):
        super().__init__(data, tokenizer, PROMPT_STYLES["alpaca"])


class InstructionDatasetPhi(StyledDataset):
    """Token lists in the Phi-3 style."""

    def __init__(self, data: Sequence[Entry], tokenizer: tiktoken.Encoding):
        super().__init__(data, tokenizer, PROMPT_STYLES["phi3"])


class InstructionDatasetWithMasking(StyledDataset):
    """`(instruction_length, token_ids)` in the Alpaca style."""

    def __init__(self, data: Sequence[Entry], tokenizer: tiktoken.Encoding):
        super().__init__(data, tokenizer, PROMPT_STYLES["alpaca"], with_instruction_length=True)


def custom_collate_fn(
    batch: Sequence[list[int]],
    pad_token_id: int = 50256,
    ignore_index: int = -100,
    allowed_max_length: int | None = None,
    device: str | torch.device = "cpu",
) -> tuple[Tensor, Tensor]:
    """Inputs and targets, both `[batch, longest]`: targets are the inputs shifted by one.

    Each row ends with one `pad_token_id` to predict; targets after it are `ignore_index`. Padding is known by the rows'
    lengths, not by its value: a `pad_token_id` inside a token list is a token like any other.
    """
    return custom_collate_with_masking_fn(
        [(0, token_ids) for token_ids in batch], pad_token_id, ignore_index, allowed_max_length, device
    )


def custom_collate_with_masking_fn(
    batch: Sequence[Masked],
    pad_token_id: int = 50256,
    ignore_index: int = -100,
    allowed_max_length: int | None = None,
    device: str | torch.device = "cpu",
) -> tuple[Tensor, Tensor]:
    """As `custom_collate_fn`, with the targets that belong to the instruction ignored too."""
    longest = max(len(token_ids) for _, token_ids in batch)
    inputs = torch.full((len(batch), longest), pad_token_id)
    targets = torch.full((len(batch), longest), ignore_index)
    for row, (instruction_length, token_ids) in enumerate(batch):
        inputs[row, : len(token_ids)] = torch.tensor(token_ids, dtype=torch.long)
        targets[row, : len(token_ids)] = torch.tensor([*token_ids[1:], pad_token_id], dtype=torch.long)
        targets[row, : max(instruction_length - 1, 0)] = ignore_index
    return inputs[:, :allowed_max_length].to(device), targets[:, :allowed_max_length].to(device)


class Loaders(NamedTuple):
    """Padded batches: of the training entries, shuffled anew each pass, and of the validation entries in order."""

    train: DataLoader
    val: DataLoader


def tokenized(
    splits: Splits, tokenizer: tiktoken.Encoding, style: PromptStyle, with_instruction_length: bool
) -> tuple[StyledDataset, StyledDataset]:
    """The training and the validation entries as token lists."""
    train, val = (
        StyledDataset(split, tokenizer, style, with_instruction_length) for split in (splits.train, splits.val)
    )
    return train, val


def padded_batches(
    train_set: StyledDataset, val_set: StyledDataset, batch_size: int, pad_token_id: int, allowed_max_length: int
) -> Loaders:
    """Loaders of both; of training entries an incomplete last batch is dropped."""
    masked = train_set.instruction_lengths is not None
    collate = partial(
        custom_collate_with_masking_fn if masked else custom_collate_fn,
        pad_token_id=pad_token_id,
        allowed_max_length=allowed_max_length,
    )
    return Loaders(
        DataLoader(train_set, batch_size, shuffle=True, drop_last=True, collate_fn=collate),
        DataLoader(val_set, batch_size, collate_fn=collate),
    )


def check_lengths(
    splits: Splits, train_set: StyledDataset, val_set: StyledDataset, context_length: int, allowed_max_length: int
) -> None:
    """Raise `UserError` for an entry longer than the context; warn of entries that are cut or have nothing to teach."""
    after_test = len(splits.train) + len(splits.test) + 1
    for dataset, first_number in ((train_set, 1), (val_set, after_test)):
        _check_lengths(dataset, first_number, context_length, splits.file, allowed_max_length)


def _check_lengths(
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

"""Entries become token lists, and these padded batches."""

from collections.abc import Sequence
from functools import partial
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
        self._encode = tokenizer.encode_ordinary
        self._data, self._style = data, style
        prompts = [style.prompt(entry) for entry in data]
        self.token_ids = [
            self._encode(prompt + style.training_suffix(entry)) for prompt, entry in zip(prompts, data, strict=True)
        ]
        self.instruction_lengths = (
            [len(self._encode(prompt)) for prompt in prompts] if with_instruction_length else None
        )

    def __getitem__(self, index: int) -> list[int] | Masked:
        if self.instruction_lengths is None:
            return self.token_ids[index]
        return self.instruction_lengths[index], self.token_ids[index]

    def __len__(self) -> int:
        return len(self.token_ids)

    def loses_response(self, index: int, allowed_max_length: int) -> bool:
        """Whether the cut leaves not even the first token of an entry's response to be predicted."""
        if len(self.token_ids[index]) <= allowed_max_length:
            return False
        without_response = self._style.prompt(self._data[index]) + self._style.training_suffix(
            self._data[index] | {"output": ""}
        )
        return len(self._encode(without_response)) > allowed_max_length


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


class Prompts(NamedTuple):
    """What the tuned model is asked: test entries, their prompts as token lists, and the places of those left out."""

    entries: list[Entry]
    token_ids: list[list[int]]
    dropped: list[str]


def prompts_of(
    splits: Splits, tokenizer: tiktoken.Encoding, style: PromptStyle, context_length: int, drop_long: bool
) -> Prompts:
    """The prompts of the test entries.

    One that is longer than the context would lose its beginning, the instruction, before the first word is written:
    `UserError`, unless such entries are to be left out (`drop_long`).
    """
    prompts = [tokenizer.encode_ordinary(style.prompt(entry)) for entry in splits.test]
    long = [index for index, prompt in enumerate(prompts) if len(prompt) > context_length]
    if long and (not drop_long or len(long) == len(prompts)):
        way_out = "" if len(long) == len(prompts) else ", or leave them out with --drop_long_prompts"
        raise UserError(
            f"{splits.where('test', long[0])}: the prompt of this test entry has {len(prompts[long[0]])} tokens, the "
            f"model's context {context_length} ({len(long)} of {len(prompts)} are too long); shorten them{way_out}"
        )
    if long:
        warn(f"{len(long)} of the test entries are left out: their prompts are longer than {context_length} tokens")
    kept = [index for index, prompt in enumerate(prompts) if len(prompt) <= context_length]
    return Prompts(
        [splits.test[index] for index in kept],
        [prompts[index] for index in kept],
        [splits.places["test"][index] for index in long],
    )


def check_lengths(
    splits: Splits, train_set: StyledDataset, val_set: StyledDataset, context_length: int, allowed_max_length: int
) -> None:
    """Raise `UserError` for an entry longer than the context, and for a split that loses all its responses to the cut.

    Warns of entries that are cut, and of those that lose their whole response.
    """
    for split, name, dataset in (("train", "training", train_set), ("val", "validation", val_set)):
        for index, token_ids in enumerate(dataset.token_ids):
            if min(len(token_ids), allowed_max_length) > context_length:
                raise UserError(
                    f"{splits.where(split, index)}: has {len(token_ids)} tokens, the model's context {context_length}; "
                    f"cut entries with --allowed_max_length {context_length}"
                )
        _check_responses(dataset, name, allowed_max_length, splits.source)


def _check_responses(dataset: StyledDataset, name: str, allowed_max_length: int, source: str) -> None:
    """What the cut leaves of the responses of a split, which is called `name`."""
    n_cut = sum(len(token_ids) > allowed_max_length for token_ids in dataset.token_ids)
    n_silent = sum(dataset.loses_response(index, allowed_max_length) for index in range(len(dataset)))
    if n_silent == len(dataset):
        raise UserError(
            f"{source}: --allowed_max_length {allowed_max_length} cuts the response off every {name} entry; raise it"
        )
    if n_cut:
        warn(f"{n_cut} of the {name} entries are cut to {allowed_max_length} tokens")
    if n_silent:
        taught = "; masked, they teach the response header at most" if dataset.instruction_lengths else ""
        warn(f"{n_silent} of the {name} entries lose their whole response to the cut{taught}")

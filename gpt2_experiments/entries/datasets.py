"""Instruction entries: downloaded, split, made into token lists and padded batches."""

from collections.abc import Sequence
from pathlib import Path

import tiktoken
import torch
from torch import Tensor
from torch.utils.data import Dataset

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry, PromptStyle
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.shared.http_download import DownloadError, download_file

ENTRY_FIELDS = ("instruction", "input", "output")
TRAIN_SHARE, TEST_SHARE = 0.85, 0.10  # the rest validates

Masked = tuple[int, list[int]]  # (instruction_length, token_ids)


def format_input(entry: Entry) -> str:
    """The prompt of an entry in the Alpaca style."""
    return PROMPT_STYLES["alpaca"].prompt(entry)


def format_input_phi(entry: Entry) -> str:
    """The prompt of an entry in the Phi-3 style."""
    return PROMPT_STYLES["phi3"].prompt(entry)


def download_and_load_file(file_path: str | Path, url: str) -> list[Entry]:
    """Entries of `file_path`, which is downloaded from `url` first where it does not exist."""
    if not Path(file_path).exists():
        try:
            download_file(url, file_path)
        except DownloadError as error:
            raise DownloadError(f"{error}; check the network, or put the data set there yourself") from error
    return read_entries(file_path, ENTRY_FIELDS)


def split_entries(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Contiguous splits (train, test, validation): the first 85%, the next 10%, the rest."""
    train_end = int(len(entries) * TRAIN_SHARE)
    test_end = train_end + int(len(entries) * TEST_SHARE)
    return list(entries[:train_end]), list(entries[train_end:test_end]), list(entries[test_end:])


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

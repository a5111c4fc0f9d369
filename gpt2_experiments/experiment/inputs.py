"""What a run reads: the entries in their splits, the weights and the tokenizer, the token lists.

Runs that follow one another in a process share what they have in common.
"""

import copy
from functools import cache
from typing import Any

import tiktoken
import torch

from gpt2_experiments.entries.datasets import (
    Loaders,
    Prompts,
    check_lengths,
    padded_batches,
    prompts_of,
    tokenized,
)
from gpt2_experiments.entries.leaks import Leaks, find_leaks, without_leaked
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.entries.splits import Splits, check_alpaca, check_sizes, read_splits
from gpt2_experiments.experiment.outputs import run_identity
from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.files import sha256_of
from gpt2_experiments.weights.loading import load_model
from gpt2_experiments.weights.released import MODELS
from gpt2_experiments.weights.sources import Source, find_source


class Inputs:
    """The inputs of the runs of a process; nothing is read or tokenized twice.

    Args:
        several: more than one run asks for the model, so each gets a copy.
    """

    def __init__(self, several: bool):
        self._several = several
        self._splits = cache(read_splits)
        self._leaks = cache(find_leaks)
        self._without_leaked = cache(without_leaked)
        self._source = cache(find_source)
        self._model = cache(load_model)
        self._tokenized = cache(tokenized)
        self._check_lengths = cache(check_lengths)  # so that its warnings are said once
        self._prompts = cache(prompts_of)
        self._sha256 = cache(sha256_of)

    def check(self, settings: Settings) -> None:
        """Read all that the run will read; `UserError` for what is wrong with it."""
        model, tokenizer = self._untuned(settings)
        self.loaders(settings, tokenizer, model.context_length)
        self.prompts(settings, tokenizer, model.context_length)

    def splits(self, settings: Settings) -> Splits:
        """The splits of the run's data, checked, without the training entries that are to be left out."""
        splits = self._splits(settings.data_set)
        if settings.variant.alpaca_data:
            check_alpaca(splits)
        if settings.drop_leaked:
            splits = self._without_leaked(splits, self._leaks(splits))
        check_sizes(splits, settings.batch_size)
        return splits

    def leaks(self, settings: Settings) -> Leaks:
        """The held-out entries that stand in the training data, with those training entries that are left out."""
        return self._leaks(self._splits(settings.data_set))

    def source(self, settings: Settings) -> Source:
        """Where the model is, downloaded if need be."""
        return self._source(*settings.where)

    def model(self, settings: Settings) -> tuple[GPTModel, tiktoken.Encoding]:
        """The untuned model, for the caller to change, and its tokenizer."""
        model, tokenizer = self._untuned(settings)
        return (copy.deepcopy(model) if self._several else model), tokenizer

    def _untuned(self, settings: Settings) -> tuple[GPTModel, tiktoken.Encoding]:
        """The model as it is kept, and its tokenizer."""
        return self._model(self.source(settings), torch.device(settings.device))

    def loaders(self, settings: Settings, tokenizer: tiktoken.Encoding, context_length: int) -> Loaders:
        """The run's padded batches, whose lengths are checked."""
        variant, splits = settings.variant, self.splits(settings)
        style = PROMPT_STYLES[variant.style]
        sets = self._tokenized(splits, tokenizer, style, variant.mask_instructions)
        self._check_lengths(splits, *sets, context_length, settings.allowed_max_length)
        return padded_batches(*sets, settings.batch_size, tokenizer.eot_token, settings.allowed_max_length)

    def prompts(self, settings: Settings, tokenizer: tiktoken.Encoding, context_length: int) -> Prompts:
        """What the tuned model is asked, checked to fit its context."""
        style = PROMPT_STYLES[settings.variant.style]
        return self._prompts(self.splits(settings), tokenizer, style, context_length, settings.drop_long_prompts)

    def identity(self, settings: Settings) -> dict[str, Any]:
        """All that decides the run's numbers."""
        source = self.source(settings)
        weights = {path.name: self._sha256(path) for path in (*source.weight_files, *source.shape_and_tokenizer_files)}
        data = {name: data.sha256 for name, data in self.splits(settings).sources.items()}
        return run_identity(settings, data, weights)


def model_label(name: str | None, source: Source, model: GPTModel) -> str:
    """The model's name with its size; sizes are counted as GPT-2's are, the output head sharing the embedding.

    Args:
        name: The model's, of which `MODELS` know the size; None: it is called as its source.
    """
    if name in MODELS:
        return f"{name} ({MODELS[name].size})"
    millions = (sum(p.numel() for p in model.parameters()) - model.out_head.weight.numel()) / 1e6
    return f"{name or source.name} ({millions:.0f}M)"

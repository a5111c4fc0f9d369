"""How long several runs will take, from a few timed steps of each variant."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import tiktoken
import torch
from torch.optim import AdamW
from torch.utils.data import DataLoader

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.experiment.inputs import ExperimentInputs
from gpt2_experiments.experiment.settings import PRECISIONS, Settings
from gpt2_experiments.experiment.stages import RESPONSE_BLOCK, autocast
from gpt2_experiments.experiment.training import evaluate_model, train_step
from gpt2_experiments.model.generation import complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import merged_model, replace_linear_with_lora

TIMED_STEPS = 3  # after one that warms up
TIMED_TOKENS = 4  # of each response


def say_estimate(runs: Sequence[Settings], inputs: ExperimentInputs) -> None:
    """Print how many runs there are and about how long they take, run by run and together."""
    seconds = {}  # of each variant: a seed changes nothing
    for settings in runs:
        if settings.variant.suffix not in seconds:
            seconds[settings.variant.suffix] = estimate(settings, inputs)
    print(f"{len(runs)} runs, estimated from {TIMED_STEPS} timed steps and {TIMED_TOKENS} tokens of each variant:")
    for settings in runs:
        print(f"  {settings.output_dir}: {seconds[settings.variant.suffix] / 60:.1f} minutes")
    total = sum(seconds[settings.variant.suffix] for settings in runs)
    print(f"Estimated time: {total / 60:.0f} minutes; runs that are complete, or partly done, take less", flush=True)


def estimate(settings: Settings, inputs: ExperimentInputs) -> float:
    """Seconds a run will take: training with its evaluations, and the responses. The timed model is thrown away."""
    model, tokenizer = inputs.model(settings)
    device = torch.device(settings.device)
    loaders = inputs.loaders(settings, tokenizer, model.context_length)
    if settings.variant.lora:
        model.requires_grad_(False)
        replace_linear_with_lora(model, settings.lora_rank, settings.lora_alpha)
        model.to(device)
    return training_seconds(model, *loaders, settings, device) + response_seconds(model, tokenizer, inputs, settings)


def training_seconds(
    model: GPTModel, train_loader: DataLoader, val_loader: DataLoader, settings: Settings, device: torch.device
) -> float:
    """Seconds of all steps and evaluations."""
    with autocast(settings):
        steps = train(model, train_loader, settings, device)
        next(steps)  # warms up
        step = timed(lambda: list(islice(steps, TIMED_STEPS)), device) / TIMED_STEPS
        evaluation = timed(lambda: evaluate_model(model, train_loader, val_loader, device, settings.eval_iter), device)
    n_steps = settings.num_epochs * len(train_loader)
    return n_steps * step + (n_steps // settings.eval_freq + 2) * evaluation


def train(model: GPTModel, loader: DataLoader, settings: Settings, device: torch.device) -> Iterator[None]:
    """Training steps, one each time it is asked."""
    optimizer = AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=0.0, fused=True)
    while True:
        for batch in loader:
            train_step(batch, model, optimizer, device, settings.micro_batch_size)
            yield


def response_seconds(
    model: GPTModel, tokenizer: tiktoken.Encoding, inputs: ExperimentInputs, settings: Settings
) -> float:
    """Seconds of all responses, each as long as the longest reference: the last ones decide a batch's time."""
    device, style = torch.device(settings.device), PROMPT_STYLES[settings.variant.style]
    test = inputs.splits(settings).test
    prompts = [tokenizer.encode_ordinary(style.prompt(entry)) for entry in test[:RESPONSE_BLOCK]]
    longest = max(len(tokenizer.encode_ordinary(style.training_suffix(entry))) for entry in test)
    merged = merged_model(model, PRECISIONS[settings.precision])

    def respond(n_tokens: int) -> float:
        completions = complete(merged, prompts, n_tokens, None, settings.generation_rows)
        return timed(lambda: list(completions), device)

    first = respond(1)  # above all the prompts
    token = (respond(1 + TIMED_TOKENS) - first) / TIMED_TOKENS
    return (first + token * (min(longest, settings.max_new_tokens) - 1)) * len(test) / len(prompts)


def timed(work: Callable[[], object], device: torch.device) -> float:
    """Seconds that `work` takes, on a GPU until it is done there."""
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began

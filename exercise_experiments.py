"""One instruction-finetuning experiment with GPT-2, from the data to saved responses.

    python exercise_experiments.py --exercise_solution lora

The variants are exercises 7.1 to 7.4 of *Build a Large Language Model From Scratch*.
"""

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import tiktoken
import torch
from torch.utils.data import DataLoader

from appendix_E import add_lora, count_trainable
from checkpoint_conversion import WEIGHTS_FILE
from checkpoints import UnfinishedRun
from command_line import StopSignals, UserError, run_command, suite_version, warn
from entry_file import read_entries
from experiment_record import machine_record, peak_memory_bytes, plot_losses, versions
from experiment_settings import ALPACA_URL, HOME, TINY_MODEL, Settings, is_url, parse_settings
from files import locked, sha256_of, whole_file, write_json
from gpt_download import HPARAMS_FILE, MODELS, download_gpt2, load_gpt2
from gpt_model import GPTModel
from gpt_tokenizer import ENCODER_FILE, MERGES_FILE
from instruction_data import (
    ENTRY_FIELDS,
    InstructionDataset,
    InstructionDatasetPhi,
    InstructionDatasetWithMasking,
    StyledDataset,
    custom_collate_fn,
    custom_collate_with_masking_fn,
    download_and_load_file,
    format_input,
    format_input_phi,
    split_entries,
)
from previous_chapters import TrainingState
from prompt_styles import PROMPT_STYLES, Entry
from resumable_run import ResumableTraining, memory_advice, respond

__all__ = [
    "InstructionDataset",
    "InstructionDatasetPhi",
    "InstructionDatasetWithMasking",
    "custom_collate_fn",
    "custom_collate_with_masking_fn",
    "download_and_load_file",
    "format_input",
    "format_input_phi",
    "main",
    "plot_losses",
]

ALPACA_FILE = "alpaca_data.json"
ALPACA_ENTRIES = 52_002
ALPACA_FIRST = "Give three tips for staying healthy."  # the instruction that Stanford Alpaca's file begins with
RULE = 50 * "-"

MODEL_FILES = (WEIGHTS_FILE, HPARAMS_FILE, ENCODER_FILE, MERGES_FILE)  # what decides the numbers, of a model's folder
WEIGHTS_OUTPUT = "{model}-sft{suffix}.pth"
RESPONSES_FILE = "instruction-data-with-response{suffix}.json"
PLOT_FILE = "loss-plot{suffix}.pdf"
RECORD_FILE = "experiment{suffix}.json"
UNFINISHED_FOLDER = "unfinished{suffix}"
LOCK_FILE = ".experiment{suffix}.lock"


def main(arguments: list[str] | None = None) -> None:
    """Run the experiment that the command line describes."""
    settings = parse_settings(arguments)
    with locked(settings.output(LOCK_FILE), f"--output_dir {settings.output_dir}", wait=False), memory_advice():
        run_experiment(settings)


def run_experiment(settings: Settings) -> None:
    """All steps of one experiment, in the order of what is printed."""
    seconds: dict[str, float] = {}
    device = torch.device(settings.device)
    print_versions()
    data_file, entries = load_entries(settings)
    train, test, val = split_entries(entries)
    check_splits(data_file, train, test, val, settings.batch_size)
    print(f"Training set length: {len(train)}\nValidation set length: {len(val)}\nTest set length: {len(test)}\n{RULE}")
    print(f"Device: {device}\n{RULE}", flush=True)

    with timed(seconds, "loading"):
        name, folder = find_weights(settings)
        model, tokenizer = load_gpt2(folder, device)
        label = model_label(name, model)
        train_loader, val_loader = build_loaders(train, val, tokenizer, settings)
    for dataset, first in ((train_loader.dataset, 1), (val_loader.dataset, len(train) + len(test) + 1)):
        check_lengths(dataset, first, model.context_length, data_file, settings.allowed_max_length)
    print(f"Loaded model: {label}\n{RULE}", flush=True)

    identity = run_identity(settings, data_file, folder)
    unfinished = UnfinishedRun(settings.output(UNFINISHED_FOLDER))
    if settings.resume and not unfinished.has_work() and is_complete(settings, identity):
        unfinished.remove()
        print(f"This run is complete: {settings.output(RECORD_FILE)}")
        return
    unfinished.begin(identity, settings.resume)
    if settings.variant.lora:
        torch.manual_seed(settings.seed)
        add_lora(model, settings.lora_rank, settings.lora_alpha)
        model.to(device)

    sample_prompt = PROMPT_STYLES[settings.variant.style].prompt(val[0])
    with StopSignals() as stop, unfinished:
        training = ResumableTraining(model, settings, unfinished, stop)
        state = training.run(train_loader, val_loader, tokenizer, sample_prompt)
        del training  # the optimizer's memory is free for the responses
        print(f"Training completed in {state.seconds / 60:.2f} minutes.")
        files = [*save_plot(state, len(train_loader), settings), save_weights(model, label, settings)]
        print(f"{RULE}\nGenerating responses", flush=True)
        with timed(seconds, "responses"):
            responses = respond(model, tokenizer, test, settings, unfinished, stop)
    files.append(save_responses(test, responses, settings))
    print(f"Responses saved as {files[-1].name}\nModel saved as {files[-2].name}", flush=True)
    write_json(
        settings.output(RECORD_FILE),
        {
            **settings.record(),
            "identity": identity,
            "model_label": label,
            "trainable_parameters": count_trainable(model),
            "data_file": {"path": str(data_file), "sha256": identity["data_sha256"]},
            "splits": {"train": len(train), "test": len(test), "validation": len(val)},
            "initial_losses": dict(zip(("train_loss", "val_loss"), state.initial_losses, strict=True)),
            "evaluations": [asdict(evaluation) for evaluation in state.evaluations],
            "tokens_seen": state.tokens_seen,
            "seconds": seconds | {"training": state.seconds},
            "peak_memory_bytes": peak_memory_bytes(device),
            "files": [file.name for file in files],
            **machine_record(device),
        },
    )
    unfinished.remove()


def print_versions() -> None:
    """Print the versions of the packages whose behaviour shows in the numbers."""
    for package, version in versions().items():
        print(f"{package} version: {version}")
    print(RULE)


def load_entries(settings: Settings) -> tuple[Path, list[Entry]]:
    """The data file, downloaded first where it is named by a URL, and its entries."""
    path = local_data_file(settings.data)
    entries = download_and_load_file(path, settings.data) if is_url(settings.data) else read_entries(path, ENTRY_FIELDS)
    is_alpaca = len(entries) == ALPACA_ENTRIES and entries[0]["instruction"] == ALPACA_FIRST
    if settings.variant.alpaca_data and not is_alpaca:
        raise UserError(
            f"{path}: not Stanford Alpaca's data set, which has {ALPACA_ENTRIES:,} entries and begins with "
            f"'{ALPACA_FIRST}'; remove the file to download it again, or name the right one with --data"
        )
    return path, entries


def local_data_file(data: str) -> Path:
    """Where the data set is kept: each URL under a name of its own, so that no data set is taken for another."""
    if data == ALPACA_URL:
        return Path(ALPACA_FILE)
    if is_url(data):
        return Path(f"data-{hashlib.sha256(data.encode()).hexdigest()[:12]}.json")
    return Path(data)


def check_splits(
    data_file: Path, train: Sequence[Entry], test: Sequence[Entry], val: Sequence[Entry], batch_size: int
) -> None:
    """Raise `UserError` where a split has too few entries to do its part."""
    problems = [
        f"{data_file}: too few entries, none is left for the {name} set; at least 10 are needed"
        for name, split in (("test", test), ("validation", val))
        if not split
    ]
    if len(train) < batch_size:
        problems.append(
            f"{data_file}: {len(train)} training entries do not fill one batch; "
            f"use --batch_size {max(len(train), 1)} or less, or more data"
        )
    if problems:
        raise UserError(*problems)


def find_weights(settings: Settings) -> tuple[str, Path]:
    """The model's name with its size where it is a released one, and the folder it is in, downloaded if need be."""
    if settings.weights:
        return Path(settings.weights).resolve().name, Path(settings.weights)
    if settings.model == TINY_MODEL:
        return TINY_MODEL, HOME / TINY_MODEL
    size = MODELS[settings.model].size
    folder = download_gpt2(size, settings.models_dir, settings.weights_url, settings.check_weights)
    return f"{settings.model} ({size})", folder


def model_label(name: str, model: GPTModel) -> str:
    """The model's name with its size; sizes are counted as GPT-2's are, the output head sharing the embedding."""
    millions = (sum(p.numel() for p in model.parameters()) - model.out_head.weight.numel()) / 1e6
    return name if name.endswith(")") else f"{name} ({millions:.0f}M)"


def run_identity(settings: Settings, data_file: Path, folder: Path) -> dict[str, Any]:
    """All that decides a run's numbers, as plain data: a run goes on only with the same."""
    return {
        **settings.identity(),
        "data_sha256": sha256_of(data_file),
        **{f"{name}_sha256": sha256_of(folder / name) for name in MODEL_FILES},
        "suite": suite_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def is_complete(settings: Settings, identity: dict[str, Any]) -> bool:
    """Whether the same run has written its record, and all files named in it are still there."""
    try:
        record = json.loads(settings.output(RECORD_FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return record.get("identity") == identity and all(settings.output(name).exists() for name in record["files"])


def build_loaders(
    train: Sequence[Entry], val: Sequence[Entry], tokenizer: tiktoken.Encoding, settings: Settings
) -> tuple[DataLoader, DataLoader]:
    """Loaders of padded batches: training shuffled, its incomplete last batch dropped; validation in order."""
    variant = settings.variant
    style = PROMPT_STYLES[variant.style]
    collate = partial(
        custom_collate_with_masking_fn if variant.mask_instructions else custom_collate_fn,
        pad_token_id=tokenizer.eot_token,
        allowed_max_length=settings.allowed_max_length,
    )
    train_set, val_set = (StyledDataset(split, tokenizer, style, variant.mask_instructions) for split in (train, val))
    return (
        DataLoader(train_set, settings.batch_size, shuffle=True, drop_last=True, collate_fn=collate),
        DataLoader(val_set, settings.batch_size, collate_fn=collate),
    )


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


def save_plot(state: TrainingState, steps_per_epoch: int, settings: Settings) -> list[Path]:
    """Plot the losses of all evaluations; returns the PDF and the PNG."""
    pdf = settings.output(PLOT_FILE)
    history = state.evaluations
    plot_losses(
        [(at.step + 1) / steps_per_epoch for at in history],
        [at.tokens_seen for at in history],
        [at.train_loss for at in history],
        [at.val_loss for at in history],
        pdf,
    )
    print(f"Plot saved as {pdf.name}")
    return [pdf, pdf.with_suffix(".png")]


def save_weights(model: GPTModel, label: str, settings: Settings) -> Path:
    """Save the state dict under the model's name; with LoRA it holds base and adapter side by side."""
    path = settings.output(WEIGHTS_OUTPUT, model=re.sub(r"[ ()]", "", label))
    with whole_file(path) as file:
        try:
            torch.save(model.state_dict(), file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # the disk is full; PyTorch's own complaint hides it
                raise error.__context__ from None
            raise
    return path


def save_responses(test: Sequence[Entry], responses: Sequence[str], settings: Settings) -> Path:
    """Save the test entries with their responses."""
    path = settings.output(RESPONSES_FILE)
    write_json(path, [entry | {"model_response": text} for entry, text in zip(test, responses, strict=True)])
    return path


@contextlib.contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage takes."""
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began


if __name__ == "__main__":
    run_command(main)

"""One instruction-finetuning experiment with GPT-2, from the data to saved responses.

    python exercise_experiments.py --exercise_solution lora

The variants are exercises 7.1 to 7.4 of *Build a Large Language Model From Scratch*.
"""

import contextlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from gpt2_experiments import __version__
from gpt2_experiments.entries.datasets import (
    InstructionDataset,
    InstructionDatasetPhi,
    InstructionDatasetWithMasking,
    custom_collate_fn,
    custom_collate_with_masking_fn,
    download_and_load_file,
    format_input,
    format_input_phi,
)
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry
from gpt2_experiments.experiment.inputs import ExperimentInputs, Splits, model_label
from gpt2_experiments.experiment.outputs import (
    machine_record,
    peak_memory_bytes,
    plot_losses,
    reset_peak_memory,
    versions,
)
from gpt2_experiments.experiment.run_estimate import say_estimate
from gpt2_experiments.experiment.settings import Settings, parse_runs
from gpt2_experiments.experiment.stages import ResumableTraining, memory_advice, respond
from gpt2_experiments.experiment.training import TrainingState
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import add_lora, count_trainable
from gpt2_experiments.shared.commands import StopSignals, run_command
from gpt2_experiments.shared.files import locked, sha256_of, whole_file, write_json
from gpt2_experiments.weights.released import HPARAMS_FILE
from gpt2_experiments.weights.tensorflow_checkpoint import WEIGHTS_FILE
from gpt2_experiments.weights.tokenizer import ENCODER_FILE, MERGES_FILE

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

RULE = 50 * "-"

MODEL_FILES = (WEIGHTS_FILE, HPARAMS_FILE, ENCODER_FILE, MERGES_FILE)  # what decides the numbers, of a model's folder
WEIGHTS_OUTPUT = "{model}-sft{suffix}.pth"
RESPONSES_FILE = "instruction-data-with-response{suffix}.json"
PLOT_FILE = "loss-plot{suffix}.pdf"
RECORD_FILE = "experiment{suffix}.json"
UNFINISHED_FOLDER = "unfinished{suffix}"
LOCK_FILE = ".experiment{suffix}.lock"


def main(arguments: list[str] | None = None) -> None:
    """Run the experiments that the command line describes, one after the other."""
    runs = parse_runs(arguments)
    inputs = ExperimentInputs(several=len(runs) > 1)
    with memory_advice():
        if len(runs) > 1:
            say_estimate(runs, inputs)
        for number, settings in enumerate(runs, start=1):
            if len(runs) > 1:
                print(f"{RULE}\nRun {number} of {len(runs)}: {settings.output_dir}\n{RULE}", flush=True)
            with locked(settings.output(LOCK_FILE), f"--output_dir {settings.output_dir}", wait=False):
                run_experiment(settings, inputs)


def run_experiment(settings: Settings, inputs: ExperimentInputs) -> None:
    """All steps of one experiment, in the order of what is printed."""
    seconds: dict[str, float] = {}
    device = torch.device(settings.device)
    reset_peak_memory(device)
    print_versions()
    splits = inputs.splits(settings)
    print_sizes(splits)
    print(f"Device: {device}\n{RULE}", flush=True)

    with timed(seconds, "loading"):
        name, folder = inputs.weights(settings)
        model, tokenizer = inputs.model(settings)
        train_loader, val_loader = inputs.loaders(settings, tokenizer, model.context_length)
    label = model_label(name, model)
    print(f"Loaded model: {label}\n{RULE}", flush=True)

    identity = run_identity(settings, splits.file, folder)
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

    sample_prompt = PROMPT_STYLES[settings.variant.style].prompt(splits.val[0])
    with StopSignals() as stop, unfinished:
        training = ResumableTraining(model, settings, unfinished, stop)
        state = training.run(train_loader, val_loader, tokenizer, sample_prompt)
        del training  # the optimizer's memory is free for the responses
        print(f"Training completed in {state.seconds / 60:.2f} minutes.")
        files = [*save_plot(state, len(train_loader), settings), save_weights(model, label, settings)]
        print(f"{RULE}\nGenerating responses", flush=True)
        with timed(seconds, "responses"):
            responses = respond(model, tokenizer, splits.test, settings, unfinished, stop)
    files.append(save_responses(splits.test, responses, settings))
    print(f"Responses saved as {files[-1].name}\nModel saved as {files[-2].name}", flush=True)
    save_record(settings, identity, label, model, splits, state, seconds, files)
    unfinished.remove()


def print_versions() -> None:
    """Print the versions of the packages whose behaviour shows in the numbers."""
    for package, version in versions().items():
        print(f"{package} version: {version}")
    print(RULE)


def print_sizes(splits: Splits) -> None:
    """Print how many entries each split has."""
    print(f"Training set length: {len(splits.train)}")
    print(f"Validation set length: {len(splits.val)}")
    print(f"Test set length: {len(splits.test)}\n{RULE}")


def run_identity(settings: Settings, data_file: Path, folder: Path) -> dict[str, Any]:
    """All that decides a run's numbers, as plain data: a run goes on only with the same."""
    return {
        **settings.identity(),
        "data_sha256": sha256_of(data_file),
        **{f"{name}_sha256": sha256_of(folder / name) for name in MODEL_FILES},
        "suite": __version__,
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


def save_record(
    settings: Settings,
    identity: dict[str, Any],
    label: str,
    model: GPTModel,
    splits: Splits,
    state: TrainingState,
    seconds: dict[str, float],
    files: Sequence[Path],
) -> None:
    """Save what the run was, what it measured and which files it wrote; a run that has this file is whole."""
    device = torch.device(settings.device)
    write_json(
        settings.output(RECORD_FILE),
        {
            **settings.record(),
            "identity": identity,
            "model_label": label,
            "trainable_parameters": count_trainable(model),
            "data_file": {"path": str(splits.file), "sha256": identity["data_sha256"]},
            "splits": {"train": len(splits.train), "test": len(splits.test), "validation": len(splits.val)},
            "initial_losses": dict(zip(("train_loss", "val_loss"), state.initial_losses, strict=True)),
            "evaluations": [asdict(evaluation) for evaluation in state.evaluations],
            "tokens_seen": state.tokens_seen,
            "seconds": seconds | {"training": state.seconds},
            "peak_memory_bytes": peak_memory_bytes(device),
            "files": [file.name for file in files],
            **machine_record(device),
        },
    )


@contextlib.contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage takes."""
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began


if __name__ == "__main__":
    run_command(main)

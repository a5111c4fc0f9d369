"""One instruction-finetuning experiment with GPT-2, from the data to saved responses; or several, one after the other.

    python exercise_experiments.py --exercise_solution lora

The variants are exercises 7.1 to 7.4 of *Build a Large Language Model From Scratch*.
"""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.memory import keep_freed_memory, memory_advice, reset_peak_memory
from gpt2_experiments.devices.sharding import shard
from gpt2_experiments.entries.datasets import (
    InstructionDataset,
    InstructionDatasetPhi,
    InstructionDatasetWithMasking,
    custom_collate_fn,
    custom_collate_with_masking_fn,
)
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, format_input, format_input_phi
from gpt2_experiments.entries.splits import Splits, download_and_load_file
from gpt2_experiments.experiment.finished_run import FinishedRun
from gpt2_experiments.experiment.inputs import Inputs, model_label
from gpt2_experiments.experiment.outputs import (
    plot_losses,
    record_of,
    save_plot,
    save_record,
    save_responses,
    save_weights,
    versions,
)
from gpt2_experiments.experiment.progress import TrainingProgress
from gpt2_experiments.experiment.settings import Settings, parse_runs
from gpt2_experiments.experiment.stages import put_lora_on, respond, train, whole_model
from gpt2_experiments.experiment.training import sample_text
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.shared.commands import StopSignals, run_command
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.sweeping.claims import claimed, is_claimed
from gpt2_experiments.sweeping.processes import run_in_processes, threads_of_each
from gpt2_experiments.sweeping.progress import SweepProgress
from gpt2_experiments.sweeping.ray_cluster import run_on_ray

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


def main(arguments: list[str] | None = None) -> None:
    """Run the experiments that the command line describes, one after the other, or shared out among processes."""
    with ranks.joined():
        runs = parse_runs(arguments)
        if runs[0].ray or runs[0].processes > 1:
            torch.set_num_threads(threads_of_each(runs[0]))  # for what is said of the runs here
        keep_freed_memory()
        inputs = Inputs(several=len(runs) > 1)
        with memory_advice():
            if len(runs) > 1:
                with ranks.first_before_others():
                    check_runs(runs, inputs)  # what is wrong with the last one is said before the first one runs
            progress = SweepProgress(runs, [settings.n_steps(len(inputs.splits(settings).train)) for settings in runs])
            if runs[0].ray:
                run_on_ray(Path(__file__), runs, progress)
            elif runs[0].processes > 1:
                run_in_processes(Path(__file__), sys.argv[1:] if arguments is None else arguments, runs, progress)
            else:
                run_all(runs, inputs, progress)


def run_all(runs: Sequence[Settings], inputs: Inputs, progress: SweepProgress) -> None:
    """The experiments that no other process has, one after the other; `UserError` with what was wrong with any."""
    problems: list[str] = []
    with contextlib.closing(claimed(runs)) as own_runs:
        for settings in own_runs:
            progress.begin(settings)
            if len(runs) > 1:
                print_run_header(runs.index(settings) + 1, len(runs), settings.output_dir, progress)
            try:
                run_experiment(settings, inputs, progress)
            except UserError as error:
                if len(runs) == 1 or ranks.count() > 1:  # the other ranks are in the middle of this run
                    raise
                warn(f"{error}; the runs that are left need nothing of this one")
                problems += [f"{settings.output_dir}: {message}" for message in error.messages]
    if problems:
        raise UserError(*problems)


def main_of_one(settings: Settings) -> None:
    """One experiment of a sweep, by a process that has been given it."""
    keep_freed_memory()
    with memory_advice():
        inputs = Inputs(several=False)
        run_all([settings], inputs, SweepProgress([settings], [0]))


def run_experiment(settings: Settings, inputs: Inputs, progress: SweepProgress) -> None:
    """All steps of one experiment, in the order of what is printed."""
    if ranks.count() > 1:
        with ranks.first_before_others():
            inputs.check(settings)
    device, variant, files = torch.device(settings.device), settings.variant, settings.files
    seconds: dict[str, float] = {}
    reset_peak_memory(device)
    print_versions()
    splits = inputs.splits(settings)
    n_steps = settings.n_steps(len(splits.train))
    print_sizes(splits)
    leaks = inputs.leaks(settings)
    if said := leaks.says(settings.drop_leaked):
        warn(said)
    print(f"Device: {device}\n{RULE}", flush=True)

    with timed(seconds, "loading"):
        model, tokenizer = inputs.model(settings)
        loaders = inputs.loaders(settings, tokenizer, model.context_length)
        prompts = inputs.prompts(settings, tokenizer, model.context_length)
    label = model_label(settings.model, inputs.source(settings), model)
    print(f"Loaded model: {label}\n{RULE}", flush=True)

    identity = inputs.identity(settings)
    unfinished = UnfinishedRun(files.unfinished)
    finished = finished_run(settings)
    if ranks.from_first(bool(finished and finished.check(identity, settings.resume, settings.overwrite))):
        unfinished.remove()
        print("\n".join(finished.says(identity) if finished else ()), flush=True)
        return
    unfinished.begin(identity, settings.resume)
    if variant.lora:
        put_lora_on(model, settings.seed, settings.lora_rank, settings.lora_alpha)
    if settings.shard:
        shard(model, model.trf_blocks, "hidden_rows")

    sample_prompt = PROMPT_STYLES[variant.style].prompt(splits.val[0])
    told = TrainingProgress(n_steps, lambda: sample_text(model, tokenizer, sample_prompt), progress)
    with StopSignals(second_leaves=ranks.count() == 1) as stop, unfinished:
        state = train(model, loaders, settings, unfinished, stop, told)
        if settings.shard:
            model = whole_model(model)
        print(f"Training completed in {state.seconds / 60:.2f} minutes.")
        if replaced := FinishedRun.find(files):
            replaced.remove()
        save_plot(files, state.evaluations, len(loaders.train))
        save_weights(files.weights(label), model)
        print(f"{RULE}\nGenerating responses", flush=True)
        with timed(seconds, "responses"):
            responses = respond(model, tokenizer, prompts.token_ids, settings, unfinished, stop)
        save_responses(files.responses, prompts.entries, responses)
        print(f"Responses saved as {files.responses.name}\nModel saved as {files.weights(label).name}", flush=True)
        record = record_of(settings, identity, model, splits, leaks, prompts.dropped, state)
        record |= {"model_label": label, "seconds": seconds | {"training": state.seconds}}
        save_record(files.record, record, [*files.plots, files.weights(label), files.responses])
        unfinished.remove()
        if stop.received:  # too late to stop this run, not the next one
            stop.leave(f"stopped; this run is complete: {files.record}")


def check_runs(runs: Sequence[Settings], inputs: Inputs) -> None:
    """Read all that the runs will read, and look at what is in their places; `UserError` with all that is wrong."""
    problems: list[str] = []
    for settings in runs:
        try:
            if settings.resume and is_claimed(settings):
                continue  # the process that is making it has looked
            computed_elsewhere = settings.ray or settings.processes > 1
            inputs.check(replace(settings, device="cpu") if computed_elsewhere else settings)
            identity = inputs.identity(settings)
            UnfinishedRun(settings.files.unfinished).check(identity, settings.resume)
            if finished := finished_run(settings):
                finished.check(identity, settings.resume, settings.overwrite)
        except UserError as error:
            problems += error.messages
    if problems:
        raise UserError(*dict.fromkeys(problems))


def finished_run(settings: Settings) -> FinishedRun | None:
    """The finished run in the place of this one; None where there is work of an unfinished one, to be gone on with."""
    found = FinishedRun.find(settings.files)
    return None if UnfinishedRun(settings.files.unfinished).has_work() else found


def print_run_header(number: int, n_runs: int, output_dir: str, progress: SweepProgress) -> None:
    """Print which of several runs begins, and how far all of them are."""
    print(f"{RULE}\nRun {number} of {n_runs}: {output_dir} ({progress})\n{RULE}", flush=True)


def print_versions() -> None:
    """Print the versions of the packages whose behaviour shows in the numbers."""
    for package, version in versions().items():
        print(f"{package} version: {version}")
    print(RULE)


def print_sizes(splits: Splits) -> None:
    """Print how the data was read, where that needs saying, and how many entries each split has."""
    for data in splits.sources.values():
        if data.says:
            print(f"{data.source}: {data.says}")
    if splits.skipped:
        warn(f"{splits.skipped} rows of the data are at fault and left out")
    print(f"Training set length: {len(splits.train)}")
    print(f"Validation set length: {len(splits.val)}")
    print(f"Test set length: {len(splits.test)}\n{RULE}")


@contextlib.contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage takes."""
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

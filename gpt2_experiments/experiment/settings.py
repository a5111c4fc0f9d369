"""What can be set in an experiment, and the runs that a command line describes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.selection import DEVICES, PRECISIONS, check_device, check_precision, choose_device
from gpt2_experiments.entries.settings import DataSettings, data_problems, source_problems
from gpt2_experiments.experiment.run_files import RunFiles
from gpt2_experiments.experiment.variants import JOINT, VARIANTS, Variant, combine
from gpt2_experiments.shared.bundled import TINY_MODEL
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.shared.files import make_output_dir
from gpt2_experiments.shared.settings import as_plain_data, changeable, parse, range_problems, setting
from gpt2_experiments.weights.settings import ModelSettings, model_source, weights_problems

DESCRIPTION = "One instruction-finetuning experiment with GPT-2: losses, a plot, responses, the tuned weights."
CHECKPOINT_SECONDS = 600  # between checkpoints where --checkpoint_every does not say

# Settings that a model has of its own: chosen by the validation loss on the suite's data set (gpt2-tiny/MODEL_CARD.md).
MODEL_DEFAULTS: dict[str, dict[str, Any]] = {
    TINY_MODEL: {"num_epochs": 3},
}
OF_THE_COMMAND = ("sweep", "seeds", "processes", "ray", "ray_cpus", "ray_gpus")  # settings, not of one run
OWN_DEFAULTS = {name: variant.defaults for name, variant in VARIANTS.items()} | MODEL_DEFAULTS


@dataclass(frozen=True)
class VariantSettings:
    """What is changed, of which the command line and its help speak first."""

    exercise_solution: tuple[str, ...] = setting(
        ("baseline",), f"one variant, or several that combine: {', '.join(VARIANTS)}", metavar="NAME"
    )
    sweep: tuple[str, ...] = setting(
        (),
        f"a run of each of these variants, each in its own folder of --output_dir; {JOINT} combines: "
        f"baseline lora phi3_prompt{JOINT}lora",
        metavar="NAME",
        instead_of="exercise_solution",
    )

    @property
    def variant(self) -> Variant:
        """The variant that the run is of."""
        return combine(self.exercise_solution)


@dataclass(frozen=True)
class SharingSettings:
    """Who makes the runs of a sweep."""

    processes: int = setting(
        1,
        "processes on this machine that share the runs; its threads and GPUs are divided among them",
        least=1,
        changeable=True,
    )
    ray: str | None = setting(
        None,
        "have a Ray cluster make the runs; local: started here for them",
        metavar="ADDRESS",
        changeable=True,
        instead_of="processes",
    )
    ray_cpus: int = setting(1, "CPUs that --ray gives each run", least=1, changeable=True)
    ray_gpus: float = setting(0.0, "GPUs that --ray gives each run; 0.25: four share one", least=0, changeable=True)


@dataclass(frozen=True)
class Settings(SharingSettings, DataSettings, ModelSettings, VariantSettings):
    """What decides what a command computes and where it goes.

    A single run has no `sweep` and no `seeds`; its `device` is the one it computes on.
    """

    drop_leaked: bool = setting(
        False, "leave out training entries that ask nearly the same as a test or validation entry"
    )
    output_dir: str = setting(".", "where everything the run makes goes", metavar="DIR", changeable=True)
    seed: int = setting(123, "seed of the shuffle and of the LoRA matrices", least=0)
    seeds: tuple[int, ...] = setting(
        (), "a run with each of these seeds, each in its own folder", least=0, instead_of="seed"
    )
    num_epochs: int = setting(2, "passes over the training entries", least=1)
    batch_size: int = setting(8, "entries a training step", least=1)
    learning_rate: float = setting(5e-5, "AdamW's learning rate", least=0)
    weight_decay: float = setting(0.1, "AdamW's weight decay", least=0)
    eval_freq: int = setting(5, "training steps between two evaluations", least=1)
    eval_iter: int = setting(5, "batches of each split an evaluation takes", least=1)
    max_new_tokens: int = setting(256, "tokens a response may have", least=1)
    drop_long_prompts: bool = setting(
        False,
        "leave out test entries whose prompts are longer than the model's context",
        changeable=True,  # a run without it has no such entries
    )
    lora_rank: int = setting(16, "rank of the LoRA matrices", least=1)
    lora_alpha: float = setting(16, "factor of the LoRA product; not divided by the rank", least=0)
    device: str = setting("auto", "auto: cuda, else mps, else cpu", choices=DEVICES)
    shard: bool = setting(
        False,
        "share out weights, gradients and AdamW's state among the ranks of torchrun, for models too large for one",
        changeable=True,
    )
    precision: str = setting(
        "fp32",
        "type of the matrix products; fp32 is the reference's, tf32 is for NVIDIA's GPUs alone",
        choices=tuple(PRECISIONS),
    )
    micro_batch_size: int | None = setting(
        None,
        "entries computed at once in training, where memory is short",
        least=1,
        default_is="all",
        changeable=True,  # it shows in the last digits alone, and is what to lower where memory was short
    )
    generation_rows: int | None = setting(
        None, "responses generated at once", least=1, default_is="chosen from the free memory", changeable=True
    )
    checkpoint_every: int | None = setting(
        None,
        "training steps between two checkpoints; each epoch has one anyway",
        least=1,
        default_is=f"{CHECKPOINT_SECONDS // 60} minutes",
        changeable=True,
    )
    resume: bool = setting(
        False, "go on where an interrupted run of the same settings stopped; a finished one is kept", changeable=True
    )
    overwrite: bool = setting(False, "make a finished run in the same place anew", changeable=True)

    @property
    def files(self) -> RunFiles:
        """The files of the run."""
        return RunFiles(Path(self.output_dir), self.variant.suffix)

    def n_steps(self, n_entries: int) -> int:
        """Training steps of the run with so many training entries; an incomplete batch is no step."""
        return self.num_epochs * (n_entries // self.batch_size)

    def record(self) -> dict[str, Any]:
        """The settings of a single run as plain data."""
        plain = as_plain_data(self) | {"exercise_solution": list(self.exercise_solution)}
        plain["models_dir"] = os.path.abspath(self.models_dir)  # a record may be read from elsewhere
        if self.weights is not None and os.path.exists(self.weights):
            plain["weights"] = os.path.abspath(self.weights)
        return {name: value for name, value in plain.items() if name not in OF_THE_COMMAND}

    def identity(self) -> dict[str, Any]:
        """The settings that decide a run's numbers."""
        deciding = {name: value for name, value in self.record().items() if name not in changeable(Settings)}
        return deciding | {"fields": sorted(self.fields)}


def parse_runs(arguments: Sequence[str] | None = None) -> list[Settings]:
    """The runs that a command line describes, checked; all that is wrong with them is reported in one error.

    One run writes into `--output_dir`; the runs of `--sweep` and `--seeds` each into a folder of its own in there.
    """
    given = parse(Settings, DESCRIPTION, arguments, own=OWN_DEFAULTS)
    usage_problems = range_problems(Settings, given) + data_problems(given)
    variants, variant_problems = asked_variants(given)
    seeds = given.get("seeds", ())
    usage_problems += (
        variant_problems + twice("sweep", [variant.suffix for variant in variants]) + twice("seeds", seeds)
    )
    runs = [run_settings(variant, seed, given) for variant in variants for seed in seeds or [None]]
    usage_problems += sharing_problems(runs)
    places = [problem for run in runs for problem in weights_problems(run.weights) + source_problems(run.data_set)]
    devices = [problem for run in runs for problem in device_problems(run)]
    problems = usage_problems + devices + places
    if problems:
        problems = list(dict.fromkeys(problems))
        raise UsageError(*problems) if usage_problems else UserError(*problems)
    for run in runs:
        make_output_dir(run.output_dir)
    n_processes = min(runs[0].processes, len(runs))
    return [replace(run, device=device_of(run), processes=n_processes) for run in runs]


def sharing_problems(runs: Sequence[Settings]) -> list[str]:
    """What is wrong with how runs are to be shared out among processes, or a run among ranks."""
    run, problems = runs[0], []
    flag = "--ray" if run.ray else "--processes"
    if run.ray or run.processes > 1:
        if len(runs) == 1:
            problems.append(f"{flag}: there is one run; name several with --sweep or --seeds")
        if run.overwrite and not run.resume:
            problems.append(f"{flag} --overwrite: needs --resume too, or processes would make anew what others made")
        if ranks.count() > 1:
            problems.append(f"{flag}: torchrun has started {ranks.count()} ranks for each run; choose one of the two")
    if run.shard and ranks.count() == 1:
        problems.append("--shard: there is one rank; start several with torchrun")
    if 1 < ranks.count() > min(each.batch_size for each in runs):
        problems.append(
            f"--batch_size {run.batch_size}: each of {ranks.count()} ranks needs an entry of a batch; start fewer"
        )
    return problems


def asked_variants(given: Mapping[str, Any]) -> tuple[list[Variant], list[str]]:
    """The variants that a command line names (the baseline where none is usable), and what is wrong with the others."""
    alone = given.get("exercise_solution", Settings().exercise_solution)
    variants: list[Variant] = []
    problems: list[str] = []
    for names in [item.split(JOINT) for item in given["sweep"]] if "sweep" in given else [alone]:
        try:
            variants.append(combine(names))
        except UsageError as error:
            problems += error.messages
    return variants or [VARIANTS["baseline"]], problems


def twice(flag: str, values: Sequence[Any]) -> list[str]:
    """A message for each value that is given more than once."""
    return [
        f"--{flag}: {value} is named twice; name each run once"
        for value in dict.fromkeys(values)
        if values.count(value) > 1
    ]


def run_settings(variant: Variant, seed: int | None, given: Mapping[str, Any]) -> Settings:
    """A run's settings: what is given goes before the variant's own, those before the model's, those before the rest.

    A run that is one of several has its own folder; one of a folder of weights has no model's name.
    """
    is_one_of_several = "sweep" in given or "seeds" in given
    source = model_source(given)
    values = {
        **MODEL_DEFAULTS.get(source["model"], {}),
        **variant.defaults,
        **{name: value for name, value in given.items() if name not in ("sweep", "seeds")},
        **source,
        "exercise_solution": variant.names,
    }
    run = Settings(**values if seed is None else values | {"seed": seed})
    folder = f"{variant.suffix.removeprefix('-')}-seed{run.seed}"
    return replace(run, output_dir=str(Path(run.output_dir) / folder)) if is_one_of_several else run


def device_problems(run: Settings) -> list[str]:
    """What is wrong with the device of a run; of Ray's machines this one knows little."""
    if run.ray:
        return check_precision(device_of(run), run.precision)
    problems = check_device(run.device, run.precision)
    if ranks.count() > 1 and not problems:
        device, n_here = device_of(run), ranks.local_count()
        if device == "mps":
            problems.append("--device mps: ranks cannot compute there; use --device cpu, or start one process")
        if device == "cuda" and n_here > torch.cuda.device_count():
            problems.append(f"--device cuda: {torch.cuda.device_count()} GPUs, {n_here} ranks; start one rank a GPU")
    return problems


def device_of(run: Settings) -> str:
    """The name of the device that a run computes on; on Ray `auto` is what a run is given."""
    if run.ray and run.device == "auto":
        return "cuda" if run.ray_gpus else "cpu"
    return choose_device(run.device)

"""What can be set in an experiment: the variants, every default, the command line, and their checks."""

import argparse
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from gpt2_experiments.shared.bundled import INSTRUCTION_DATA, TINY_MODEL
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.weights.released import MODELS, WEIGHTS_URL_VARIABLE

ALPACA_URL = "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/main/alpaca_data.json"


@dataclass(frozen=True)
class Variant:
    """One row of `VARIANTS`, or several combined."""

    names: tuple[str, ...]
    suffix: str  # of every file a run writes
    style: str = "alpaca"  # a name in PROMPT_STYLES
    mask_instructions: bool = False
    lora: bool = False
    alpaca_data: bool = False
    defaults: dict[str, Any] = field(default_factory=dict)  # settings that differ from DEFAULTS


VARIANTS = {
    variant.names[0]: variant
    for variant in (
        Variant(("baseline",), "-baseline"),
        Variant(("phi3_prompt",), "-phi3-prompt", style="phi3"),
        Variant(("mask_instructions",), "-mask-instructions", mask_instructions=True),
        Variant(
            ("alpaca_52k",),
            "-alpaca52k",
            alpaca_data=True,
            defaults={"data": ALPACA_URL, "batch_size": 4, "allowed_max_length": 512},
        ),
        Variant(("lora",), "-lora", lora=True),
    )
}

JOINT = "+"  # between the variants of a combined run of --sweep


class Number(NamedTuple):
    """A setting that is a number."""

    default: float | None
    type: type
    least: float
    help: str


LARGEST = 2**63 - 1  # what PyTorch takes as a seed; more than enough for all others

NUMBERS = {
    "seed": Number(123, int, 0, "seed of the shuffle and of the LoRA matrices"),
    "num_epochs": Number(2, int, 1, "passes over the training entries"),
    "batch_size": Number(8, int, 1, "entries a training step"),
    "allowed_max_length": Number(1024, int, 2, "tokens an entry is cut to"),
    "learning_rate": Number(5e-5, float, 0, "AdamW's learning rate"),
    "weight_decay": Number(0.1, float, 0, "AdamW's weight decay"),
    "eval_freq": Number(5, int, 1, "training steps between two evaluations"),
    "eval_iter": Number(5, int, 1, "batches of each split an evaluation takes"),
    "max_new_tokens": Number(256, int, 1, "tokens a response may have"),
    "lora_rank": Number(16, int, 1, "rank of the LoRA matrices"),
    "lora_alpha": Number(16, float, 0, "factor of the LoRA product; not divided by the rank"),
    "micro_batch_size": Number(
        None, int, 1, "entries computed at once in training, where memory is short (default: all)"
    ),
    "checkpoint_every": Number(
        None,
        int,
        1,
        "training steps between two checkpoints (default: 10 minutes; each epoch anyway)",
    ),
    "generation_rows": Number(None, int, 1, "responses generated at once (default: chosen from the free memory)"),
}
AVAILABLE = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available, "cpu": lambda: True}
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}

DEFAULTS: dict[str, Any] = {
    "model": "gpt2-medium",
    "weights": None,
    "models_dir": "gpt2",
    "weights_url": None,
    "check_weights": False,
    "data": str(INSTRUCTION_DATA),
    "output_dir": ".",
    "device": "auto",
    "precision": "fp32",
    "resume": False,
} | {name: number.default for name, number in NUMBERS.items()}

# Settings that a model has of its own: chosen by the validation loss on the suite's data set (gpt2-tiny/MODEL_CARD.md).
MODEL_DEFAULTS: dict[str, dict[str, Any]] = {
    TINY_MODEL: {"num_epochs": 3},
}


# What a run may change when it goes on: where things are, when to save, and how much is computed at once, which shows
# in the last bits alone and is what to lower where memory was short.
CHANGEABLE = {
    "weights", "models_dir", "weights_url", "check_weights", "data", "output_dir", "checkpoint_every", "resume",
    "micro_batch_size", "generation_rows",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything that decides what a run computes and where it goes."""

    variant: Variant
    model: str
    weights: str | None
    models_dir: str
    weights_url: str | None
    check_weights: bool
    data: str
    output_dir: str
    seed: int
    num_epochs: int
    batch_size: int
    allowed_max_length: int
    learning_rate: float
    weight_decay: float
    eval_freq: int
    eval_iter: int
    max_new_tokens: int
    lora_rank: int
    lora_alpha: float
    device: str
    precision: str
    micro_batch_size: int | None
    generation_rows: int | None
    checkpoint_every: int | None
    resume: bool

    def output(self, pattern: str, **parts: str) -> Path:
        """A file of this run; `{suffix}` in the pattern is the variant's, other parts are given."""
        return Path(self.output_dir) / pattern.format(suffix=self.variant.suffix, **parts)

    def identity(self) -> dict[str, Any]:
        """The settings that decide a run's numbers."""
        return {name: value for name, value in self.record().items() if name not in CHANGEABLE}

    def record(self) -> dict[str, Any]:
        """The settings as plain data; the variant by its names."""
        values = asdict(self)
        del values["variant"]
        return {"exercise_solution": list(self.variant.names), **values}


def combine(names: list[str]) -> Variant:
    """The variant that changes all that the named ones change; `UsageError` where they cannot be combined."""
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise UsageError(
            f"--exercise_solution: unknown variant {', '.join(unknown)}; choose from {', '.join(VARIANTS)}"
        )
    if "baseline" in names and len(set(names)) > 1:
        raise UsageError("--exercise_solution: baseline changes nothing, so it combines with no other variant")
    rows = [variant for name, variant in VARIANTS.items() if name in names]
    combined = rows[0]
    for row in rows[1:]:
        combined = Variant(
            combined.names + row.names,
            combined.suffix + row.suffix,
            row.style if row.style != Variant.style else combined.style,
            combined.mask_instructions or row.mask_instructions,
            combined.lora or row.lora,
            combined.alpaca_data or row.alpaca_data,
            combined.defaults | row.defaults,
        )
    return combined


def parse_runs(arguments: list[str] | None = None) -> list[Settings]:
    """The runs that a command line describes, checked; all that is wrong with them is reported in one error.

    One run writes into `--output_dir`; the runs of `--sweep` and `--seeds` each into a folder of its own in there.
    """
    given = {name: value for name, value in vars(build_parser().parse_args(arguments)).items() if value is not None}
    usage_problems = check_numbers(given)
    seeds, sweep = given.pop("seeds", None), given.pop("sweep", None)
    alone = given.pop("exercise_solution", ["baseline"])
    variants = []
    for names in [alone] if sweep is None else [item.split(JOINT) for item in sweep]:
        try:
            variants.append(combine(names))
        except UsageError as error:
            usage_problems += error.messages
    usage_problems += check_different(variants, seeds or [])
    runs = [
        build_settings(variant, given if seed is None else given | {"seed": seed})
        for variant in variants or [VARIANTS["baseline"]]
        for seed in seeds or [None]
    ]
    if sweep or seeds:
        runs = [replace(run, output_dir=str(Path(run.output_dir) / run_folder(run))) for run in runs]
    problems = usage_problems + [problem for run in runs for problem in check_device(run) + check_places(run)]
    if problems:
        problems = list(dict.fromkeys(problems))
        raise UsageError(*problems) if usage_problems else UserError(*problems)
    for run in runs:
        make_output_dir(run)
    return [replace(run, device=choose_device(run.device)) for run in runs]


def check_different(variants: list[Variant], seeds: list[int]) -> list[str]:
    """A message where the same run is asked for twice."""
    suffixes = [variant.suffix for variant in variants]
    return [
        f"--{flag}: {value} is named twice; name each run once"
        for flag, values in (("sweep", suffixes), ("seeds", seeds))
        for value in dict.fromkeys(values)
        if values.count(value) > 1
    ]


def build_settings(variant: Variant, given: dict[str, Any]) -> Settings:
    """What is given goes before the variant's own settings, those before the model's, those before the general ones."""
    model = None if "weights" in given else given.get("model", DEFAULTS["model"])
    return Settings(**(DEFAULTS | MODEL_DEFAULTS.get(model, {}) | variant.defaults | given), variant=variant)


def run_folder(settings: Settings) -> str:
    """The folder of a run that is one of several."""
    return f"{settings.variant.suffix.removeprefix('-')}-seed{settings.seed}"


def check_numbers(given: dict[str, Any]) -> list[str]:
    """One message for each number out of range."""
    values = [(name, name, given[name]) for name in NUMBERS if name in given]
    values += [("seeds", "seed", seed) for seed in given.get("seeds", [])]
    return [
        f"--{flag}: {value} is not between {NUMBERS[name].least} and {LARGEST}; choose a value that is"
        for flag, name, value in values
        if not NUMBERS[name].least <= value <= LARGEST
    ]


def build_parser() -> argparse.ArgumentParser:
    """The command line; a flag that is not given is None."""
    parser = argparse.ArgumentParser(
        description="One instruction-finetuning experiment with GPT-2: losses, a plot, responses, the tuned weights.",
    )
    add = parser.add_argument
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--exercise_solution",
        nargs="+",
        metavar="NAME",
        help=f"one variant, or several that combine: {', '.join(VARIANTS)} (default: baseline)",
    )
    which.add_argument(
        "--sweep",
        nargs="+",
        metavar="NAME",
        help=f"a run of each of these variants, each in its own folder of --output_dir; {JOINT} combines: "
        f"baseline lora phi3_prompt{JOINT}lora",
    )
    how_often = parser.add_mutually_exclusive_group()
    seed = NUMBERS["seed"]
    how_often.add_argument("--seed", type=seed.type, metavar="N", help=f"{seed.help} (default: {seed.default})")
    how_often.add_argument(
        "--seeds", nargs="+", type=seed.type, metavar="N", help="a run with each of these seeds, each in its own folder"
    )
    add("--model", choices=[TINY_MODEL, *MODELS], help=f"the model to finetune (default: {DEFAULTS['model']})")
    add(
        "--weights",
        metavar="DIR",
        help="finetune the checkpoint in this folder of the released layout instead of --model",
    )
    add("--models_dir", metavar="DIR", help=f"where downloaded weights are kept (default: {DEFAULTS['models_dir']})")
    add(
        "--weights_url",
        metavar="URL",
        help=f"a mirror to try first (or the environment variable {WEIGHTS_URL_VARIABLE})",
    )
    add("--check_weights", action="store_true", default=None, help="compare the digests of downloaded weights again")
    add("--data", metavar="PATH|URL", help="the data set (default: instruction-data.json; alpaca_52k: its URL)")
    add("--output_dir", metavar="DIR", help=f"where everything the run makes goes (default: {DEFAULTS['output_dir']})")
    for name, number in NUMBERS.items():
        if name == "seed":
            continue
        rows = {row.names[0]: row.defaults for row in VARIANTS.values()} | MODEL_DEFAULTS
        own = "".join(f"; {row}: {defaults[name]}" for row, defaults in rows.items() if name in defaults)
        add(
            f"--{name}",
            type=number.type,
            metavar="N",
            help=number.help + ("" if number.default is None else f" (default: {number.default}{own})"),
        )
    add("--device", choices=["auto", "cpu", "cuda", "mps"], help="auto: cuda, else mps, else cpu (default: auto)")
    add("--precision", choices=list(PRECISIONS), help="type of the matrix products (default: fp32, the reference's)")
    add(
        "--resume",
        action="store_true",
        default=None,
        help="go on where an interrupted run of the same settings stopped",
    )
    return parser


def check_device(settings: Settings) -> list[str]:
    """What the device that was asked for cannot do."""
    if settings.device != "auto" and not AVAILABLE[settings.device]():
        return [f"--device {settings.device}: PyTorch finds no such device here; use --device auto"]
    on_cuda = choose_device(settings.device) == "cuda"
    if settings.precision == "bf16" and on_cuda and not torch.cuda.is_bf16_supported():
        return ["--precision bf16: this GPU does not know bfloat16; use fp32"]
    return []


def choose_device(name: str) -> str:
    """The device's name; `auto` is cuda, else mps, else cpu."""
    return next(device for device, there in AVAILABLE.items() if there()) if name == "auto" else name


def check_places(settings: Settings) -> list[str]:
    """What is wrong with the files that the settings name."""
    problems = []
    if settings.weights is not None and not (Path(settings.weights) / "hparams.json").is_file():
        problems.append(f"--weights {settings.weights}: no hparams.json there; name a folder in the released layout")
    if not is_url(settings.data) and not Path(settings.data).is_file():
        problems.append(f"--data {settings.data}: no such file; name a JSON file of entries or a URL")
    return problems


def make_output_dir(settings: Settings) -> None:
    """Make the output folder where it is missing; `UserError` where that fails or nothing can be written in it."""
    folder = Path(settings.output_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output_dir {folder}: cannot be made ({error.strerror}); name another folder") from error
    if not os.access(folder, os.W_OK):
        raise UserError(f"--output_dir {folder}: cannot be written; name another folder")


def is_url(data: str) -> bool:
    """Whether `--data` names something to download."""
    return data.startswith(("http://", "https://"))

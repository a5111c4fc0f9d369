"""What a run leaves: the plot, the weights, the responses, and the record of the run."""

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.memory import peak_memory_bytes
from gpt2_experiments.devices.ranks import first_only
from gpt2_experiments.entries.leaks import Leaks
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.splits import Splits
from gpt2_experiments.experiment.run_files import RunFiles
from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.experiment.training import Evaluation, TrainingState
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import count_trainable
from gpt2_experiments.shared.files import sha256_of, whole_file, write_json

PACKAGES = ("matplotlib", "tiktoken", "torch", "tqdm", "tensorflow")  # as the book's script prints them
PACKAGE_FOLDER = Path(__file__).resolve().parents[1]
# What decides the numbers of a run, of the suite's code: folders and files in the package.
DECIDING_CODE = (
    "model",
    "entries",
    *(
        f"weights/{name}.py"
        for name in (
            "hparams",
            "huggingface",
            "loading",
            "sources",
            "tensor_files",
            "tensorflow_checkpoint",
            "tokenizer",
        )
    ),
    "devices/graphs.py",
    "devices/ranks.py",
    "devices/selection.py",
    "devices/sharding.py",
    *(f"experiment/{name}.py" for name in ("variants", "inputs", "graphed_steps", "training", "stages")),
)


def run_identity(settings: Settings, data_sha256: dict[str, str], weights_sha256: dict[str, str]) -> dict[str, Any]:
    """All that decides a run's numbers, as plain data: a run goes on only with the same.

    `data_sha256`: of the data set's files, by what they hold; `weights_sha256`: of the model's files, by their names.
    """
    return {
        **settings.identity(),
        **{f"{name}_sha256": digest for name, digest in (data_sha256 | weights_sha256).items()},
        "code_sha256": code_digest(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        **({"ranks": ranks.count()} if ranks.count() > 1 else {}),
    }


def code_digest() -> str:
    """A digest of the suite's modules that decide a run's numbers."""
    places = [PACKAGE_FOLDER / name for name in DECIDING_CODE]
    files = [path for place in places for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    # Not flags and their words: their values are in an identity.
    files = [path for path in files if path.stem != "settings"]
    digests = [(path.relative_to(PACKAGE_FOLDER).as_posix(), sha256_of(path)) for path in files]
    return hashlib.sha256(json.dumps(digests).encode()).hexdigest()


@first_only
def save_plot(files: RunFiles, history: Sequence[Evaluation], steps_per_epoch: int) -> None:
    """Plot the losses of all evaluations."""
    plot_losses(
        [(at.step + 1) / steps_per_epoch for at in history],
        [at.tokens_seen for at in history],
        [at.train_loss for at in history],
        [at.val_loss for at in history],
        files.plot,
    )
    print(f"Plot saved as {files.plot.name}")


def plot_losses(
    epochs_seen: Sequence[float],
    tokens_seen: Sequence[int],
    train_losses: Sequence[float],
    val_losses: Sequence[float],
    plot_name: str | Path,
) -> None:
    """Plot both losses over epochs, with a second x axis of tokens seen, to `plot_name` and as a .png beside it."""
    from matplotlib.figure import Figure  # half a second that only the end of a run needs

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(epochs_seen, train_losses, label="Training loss")
    axes.plot(epochs_seen, val_losses, linestyle="-.", label="Validation loss")
    axes.set_xlabel("Epochs")
    axes.set_ylabel("Loss")
    axes.legend(loc="upper right")
    token_axes = axes.twiny()
    token_axes.plot(tokens_seen, train_losses, alpha=0)  # invisible; it sets the scale
    token_axes.set_xlabel("Tokens seen")
    named = Path(plot_name) if Path(plot_name).suffix else Path(plot_name).with_suffix(".pdf")
    for path in dict.fromkeys((named, named.with_suffix(".png"))):
        with whole_file(path) as file:
            no_date = {"CreationDate": None} if path.suffix == ".pdf" else None  # the same losses make the same file
            figure.savefig(file, format=path.suffix[1:], dpi=150, metadata=no_date)


@first_only
def save_weights(path: Path, model: GPTModel) -> None:
    """Save the state dict; with LoRA it holds base and adapter side by side."""
    with whole_file(path) as file:
        try:
            torch.save(model.state_dict(), file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # the disk is full; PyTorch's own complaint hides it
                raise error.__context__ from None
            raise


@first_only
def save_responses(path: Path, test: Sequence[Entry], responses: Sequence[str]) -> None:
    """Save the test entries with their responses."""
    write_json(path, [entry | {"model_response": text} for entry, text in zip(test, responses, strict=True)])


def record_of(
    settings: Settings,
    identity: dict[str, Any],
    model: GPTModel,
    splits: Splits,
    leaks: Leaks,
    dropped: Sequence[str],
    state: TrainingState,
) -> dict[str, Any]:
    """What a run was and what it measured, as plain data. `dropped`: the places of test entries that were left out."""
    return {
        **settings.record(),
        "identity": identity,
        "data_sources": {name: {"source": data.source, "sha256": data.sha256} for name, data in splits.sources.items()},
        "skipped_rows": splits.skipped,
        "leaked_entries": leaks.counts,
        "dropped_training_entries": len(leaks.training) if settings.drop_leaked else 0,
        "splits": {"train": len(splits.train), "test": len(splits.test), "validation": len(splits.val)},
        "dropped_test_entries": list(dropped),
        "trainable_parameters": count_trainable(model),
        "initial_losses": dict(zip(("train_loss", "val_loss"), state.initial_losses, strict=True)),
        "evaluations": [asdict(evaluation) for evaluation in state.evaluations],
        "tokens_seen": state.tokens_seen,
        "peak_memory_bytes": ranks.largest(peak_memory_bytes(model.device))[0],
        **machine_record(model.device),
    }


@first_only
def save_record(path: Path, record: dict[str, Any], files: Iterable[Path]) -> None:
    """Save a run's record with the names of the files it wrote; a run that has this file is whole."""
    write_json(path, record | {"files": [file.name for file in files]})


def machine_record(device: torch.device) -> dict[str, Any]:
    """Versions, device and time, as plain data."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **versions()},
        "device": {"type": device.type, "name": name, "threads": torch.get_num_threads(), "ranks": ranks.count()},
        "platform": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Versions of the packages that matter to the numbers; TensorFlow's is not imported for it."""
    return {package: _version(package) for package in PACKAGES}


def _version(package: str) -> str:
    """Installed version of a package; on Linux the suite installs TensorFlow as tensorflow-cpu."""
    for name in (package, f"{package}-cpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"

"""What a run leaves for other tools and for the eye: the environment it ran in, and the loss plot."""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from gpt2_experiments.shared.files import whole_file

PEAK_RESET = Path("/proc/self/clear_refs")
PACKAGES = ("matplotlib", "tiktoken", "torch", "tqdm", "tensorflow")  # as the book's script prints them


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


def machine_record(device: torch.device) -> dict[str, Any]:
    """Versions, device and time, as plain data."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **versions()},
        "device": {"type": device.type, "name": name, "threads": torch.get_num_threads()},
        "platform": platform.platform(),
    }


def reset_peak_memory(device: torch.device) -> None:
    """Let `peak_memory_bytes` count from now on, where the system can: on CUDA and on Linux."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif PEAK_RESET.exists():
        PEAK_RESET.write_text("5")  # man 5 proc_pid_clear_refs


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory used so far: PyTorch's on a GPU, the process's resident memory elsewhere."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if os.name == "nt":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


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

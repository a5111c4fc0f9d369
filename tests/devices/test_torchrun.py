"""Ranks that PyTorch's own launcher starts: what ends one of them ends all with one line, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from support.paths import ROOT
from support.rank_processes import LIMIT, run_on_ranks
from support.run_numbers import assert_same, assert_same_bits
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main

COMMAND = ROOT / "exercise_experiments.py"
WITHOUT_MEMORY = """
import os
import exercise_experiments
from gpt2_experiments.experiment import training
from gpt2_experiments.shared.commands import run_command

def backward(*_):
    raise MemoryError

if os.environ["RANK"] == "1":
    training.backward = backward
run_command(exercise_experiments.main)
"""


class Torchrun:
    """`torchrun` with two ranks, under way; it and they are killed at the end, or when they take too long."""

    def __init__(self, script: Path, arguments: list[str]):
        words = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(script), *arguments]
        self.process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.lines: list[str] = []

    def __enter__(self) -> "Torchrun":
        self._watchdog = threading.Timer(LIMIT, self._kill)
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.cancel()
        self._kill()

    def _kill(self) -> None:
        for process in (*psutil.Process().children(recursive=True),):
            if str(COMMAND) in " ".join(process.cmdline()):
                process.kill()

    def until(self, beginning: str) -> None:
        """Read what is printed, until a line begins so."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines += line.replace("\r", "\n").splitlines()
            if any(printed.startswith(beginning) for printed in self.lines):
                return
        raise AssertionError("\n".join(self.lines))

    def rank(self, number: int) -> psutil.Process:
        """The process of a rank."""
        return next(
            process
            for process in psutil.Process(self.process.pid).children(recursive=True)
            if process.environ().get("RANK") == str(number)
        )

    def end(self) -> list[str]:
        """The lines of all that was printed, when it has ended."""
        output, _ = self.process.communicate(timeout=LIMIT)
        self.lines += output.replace("\r", "\n").splitlines()
        return self.lines


@pytest.fixture(scope="module")
def common(tmp_path_factory, first_entries):
    """What all runs of this file have on their command lines; responses are six blocks for several ranks."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    data = first_entries(50)
    return [
        "--weights", str(weights), "--data", str(data), *OPTIONS, "--batch_size", "4", "--eval_freq", "2",
        "--checkpoint_every", "2",
    ]  # fmt: skip


def errors(lines):
    """The lines that say so; they may stand behind a progress bar, which is another process's."""
    return [line[line.index("error: ") :] for line in lines if "error: " in line]


def test_a_killed_rank_is_named_and_the_run_goes_on_with_any_number_of_ranks(common, tmp_path):
    with Torchrun(COMMAND, [*common, "--output_dir", str(tmp_path / "killed")]) as run:
        run.until("Ep 1 (Step 000004)")
        run.rank(1).kill()
        assert errors(run.end()) == [
            "error: rank 1 of 2: killed, or its machine or connection is gone; go on with the same command and --resume"
        ]
    for name in ("one", "two", "three"):
        shutil.copytree(tmp_path / "killed", tmp_path / name)
    jobs = {name: [*common, "--output_dir", str(tmp_path / name)] for name in ("undisturbed", "one", "two", "three")}
    run_on_ranks(2, [jobs["undisturbed"], [*jobs["two"], "--resume"]])
    assert_same_bits(tmp_path / "two", tmp_path / "undisturbed")
    main([*jobs["one"], "--resume"])
    run_on_ranks(3, [[*jobs["three"], "--resume"]])
    for name in ("one", "three"):
        assert_same(tmp_path / name, tmp_path / "undisturbed")


def test_a_stop_signal_to_torchrun_is_answered_with_a_checkpoint(common, tmp_path):
    stopped = [*common, "--output_dir", str(tmp_path / "stopped")]
    with Torchrun(COMMAND, stopped) as run:
        run.until("Ep 1 (Step 000004)")
        run.process.send_signal(signal.SIGTERM)
        lines = run.end()
    assert not errors(lines)
    said = [line for line in lines if line.startswith("stopped after step ")]
    assert len(said) == 1
    step = int(said[0].split()[3].rstrip(";"))
    assert (tmp_path / "stopped" / "unfinished-baseline" / f"step-{step:08d}.json").exists()
    run_on_ranks(2, [[*stopped, "--resume"], [*common, "--output_dir", str(tmp_path / "undisturbed")]])
    assert_same_bits(tmp_path / "stopped", tmp_path / "undisturbed")


def test_a_signal_that_one_rank_gets_stops_all_while_responding(common, tmp_path):
    stopped = [*common, "--output_dir", str(tmp_path / "stopped"), "--max_new_tokens", "150"]
    with Torchrun(COMMAND, stopped) as run:
        run.until("Generating responses")
        run.process.send_signal(signal.SIGTERM)
        lines = run.end()
    assert not errors(lines)
    assert [line for line in lines if line.startswith("stopped while responding; go on")]
    run_on_ranks(2, [[*stopped, "--resume"]])
    main([*stopped[:-4], "--output_dir", str(tmp_path / "alone"), "--max_new_tokens", "150"])
    assert_same(tmp_path / "stopped", tmp_path / "alone")


def test_what_one_rank_lacks_is_said_once_with_its_number(common, tmp_path):
    script = tmp_path / "without_memory.py"
    script.write_text(WITHOUT_MEMORY)
    with Torchrun(script, [*common, "--output_dir", str(tmp_path / "output")]) as run:
        assert errors(run.end()) == [
            "error: rank 1 of 2: out of memory; set --micro_batch_size to less than 4 and go on with --resume, or "
            "choose a smaller --model"
        ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--batch_size", "1"], "--batch_size 1: each of 2 ranks needs an entry of a batch; start fewer"),
        (["--data", "missing.json"], "missing.json"),
        (["--learning_rate", "1e10"], "lower --learning_rate"),
    ],
)
def test_what_is_wrong_for_all_ranks_is_said_once(options, message, common, tmp_path):
    with Torchrun(COMMAND, [*common, *options, "--output_dir", str(tmp_path)]) as run:
        (error,) = errors(run.end())
    assert message in error

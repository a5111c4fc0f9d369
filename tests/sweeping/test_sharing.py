"""Several processes share the runs of a sweep: each is made once, and what one leaves behind another goes on with."""

import os
import signal
import subprocess
import sys

import pytest
from support.kill_harness import Plan, Run
from support.paths import ROOT
from support.run_numbers import assert_same_bits
from support.small_sweep import FOLDERS

from gpt2_experiments.experiment.settings import parse_runs
from gpt2_experiments.shared.errors import UsageError

LIMIT = 240  # seconds


def test_the_runs_of_a_killed_process_are_taken_over(sweep, alone, tmp_path):
    output = tmp_path / "output"
    killed = Plan(signals={"write .step-00000004.json.part": [signal.SIGKILL]})
    processes = []
    for number, plan in enumerate((killed, Plan())):
        (tmp_path / str(number)).mkdir()
        processes.append(Run([*sweep, "--resume"], output, tmp_path / str(number), plan))
    first, second = (process.end() for process in processes)
    assert first.code == -signal.SIGKILL
    assert (second.code, second.errors) == (0, [])
    assert "Going on after step 2" in second.out
    for name in FOLDERS:
        assert_same_bits(output / name, alone / name)


def test_processes_that_one_command_starts_share_the_runs(sweep, alone, tmp_path):
    outcome = run_command([*sweep, "--output_dir", str(tmp_path), "--processes", "2"])
    assert outcome.returncode == 0, outcome.stderr
    assert "100%" in outcome.stderr
    assert "4 done" in outcome.stderr
    for name in FOLDERS:
        assert_same_bits(tmp_path / name, alone / name)
    made = [
        [line.split()[4] for line in log.read_text().splitlines() if line.startswith("Run ")]
        for log in sorted(tmp_path.glob("process-*.log"))
    ]
    assert len(made) == 2
    assert {str(tmp_path / name) for name in FOLDERS} == {folder for folders in made for folder in folders}
    again = run_command([*sweep, "--output_dir", str(tmp_path), "--processes", "2"])
    assert again.returncode == 1
    assert "this run is finished; keep it with --resume" in again.stderr


def test_what_a_process_cannot_do_is_said_by_the_one_that_started_it(sweep, tmp_path):
    arguments = [*sweep, "--output_dir", str(tmp_path), "--processes", "2", "--learning_rate", "1e10"]
    outcome = run_command(arguments)
    assert outcome.returncode == 1
    *errors, left, logs = [line for line in outcome.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == len(FOLDERS)  # one that ends in an error stops no other one
    assert all("lower --learning_rate" in error for error in errors)
    assert left == f"error: not complete: {', '.join(str(tmp_path / name) for name in FOLDERS)}"
    assert f"{tmp_path}/process-*.log" in logs


def run_command(arguments):
    command = [sys.executable, str(ROOT / "exercise_experiments.py"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT, check=False, env={**os.environ, "OMP_NUM_THREADS": "2"}
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--processes", "2"], "--processes: there is one run"),
        (["--ray", "local"], "--ray: there is one run"),
        (["--processes", "2", "--seeds", "1", "2", "--overwrite"], "--processes --overwrite: needs --resume too"),
        (["--shard"], "--shard: there is one rank; start several with torchrun"),
    ],
)
def test_what_cannot_be_shared_is_refused(arguments, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        parse_runs([*arguments, "--output_dir", str(tmp_path)])

"""The job scripts of docs/ under a real Slurm, with two nodes on this machine. Opt-in: `make test-cluster`."""

import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from support.disturbance import Disturbance
from support.paths import ROOT
from support.run_numbers import assert_same, assert_same_bits
from support.slurm_cluster import DAEMONS, slurm_cluster, until
from support.small_sweep import FOLDERS

ENDLESS = ["--num_epochs", "100000", "--eval_freq", "100000"]
LIMIT = 600  # seconds, for a job; they take about ten, on an idle machine
COMPLETED = "COMPLETED 0:0"
STOPPED = re.compile(r"stopped after step \d+; go on with the same command and --resume")

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def slurm():
    """A Slurm whose jobs find this environment's programs."""
    if missing := [daemon for daemon in DAEMONS if not shutil.which(daemon)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        with slurm_cluster() as slurm:
            yield slurm


def submit(slurm, script, output, *arguments, options=()):
    """Have a job made that prints into `output`; returns its number."""
    where = [f"--chdir={ROOT}", f"--output={output}/log-%j-%a"]
    return slurm.submit(*where, *options, ROOT / "docs" / script, *arguments, "--output_dir", output)


def printed(output):
    """What all tasks of a job have printed."""
    return "".join(log.read_text() for log in sorted(output.glob("log-*")))


def checkpoints(folder):
    return list(folder.glob("unfinished-*/step-*.json"))


def test_the_tasks_of_an_array_share_the_runs(slurm, sweep, alone, tmp_path):
    options = ("--array=0-1", "--cpus-per-task=1")
    job = submit(slurm, "sweep.slurm", tmp_path, *sweep, options=options)
    assert slurm.ended(job, LIMIT) == [COMPLETED] * 2, printed(tmp_path)
    for name in FOLDERS:
        assert_same_bits(tmp_path / name, alone / name)
    assert printed(tmp_path).count("Plot saved as") == len(FOLDERS)  # each was made once


def test_the_runs_of_a_killed_task_are_taken_over(slurm, sweep, alone, tmp_path, monkeypatch):
    stopped = Disturbance(tmp_path, ".step-00000004.json.part", signal.SIGSTOP)
    for name, value in stopped.environment.items():
        monkeypatch.setenv(name, value)
    options = ("--array=0-1", "--cpus-per-task=1")
    job = submit(slurm, "sweep.slurm", tmp_path, *sweep, options=options)
    until(stopped.has_happened, LIMIT)
    # --batch: without it Slurm takes this for an ordinary scancel, which asks before it kills.
    slurm.call("scancel", "--batch", "--signal=KILL", f"{job}_{stopped.array_task()}")
    assert sorted(slurm.ended(job, LIMIT)) == [COMPLETED, "FAILED 0:9"]
    assert "Going on after step 2" in printed(tmp_path)
    for name in FOLDERS:
        assert_same_bits(tmp_path / name, alone / name)


def stop_near_time_limit(slurm, job):
    slurm.end_soon(job)


def stop_with_scancel(slurm, job):
    slurm.call("scancel", job)


STOPS = [stop_near_time_limit, stop_with_scancel]


@pytest.mark.parametrize("stop", STOPS)
def test_a_task_that_is_to_end_leaves_a_checkpoint(stop, slurm, sweep, tmp_path):
    options = ("--array=0", "--cpus-per-task=1")
    job = submit(slurm, "sweep.slurm", tmp_path, *sweep, *ENDLESS, options=options)
    until(lambda: checkpoints(tmp_path / FOLDERS[0]), LIMIT)
    stop(slurm, job)
    slurm.ended(job, LIMIT)
    assert STOPPED.search(printed(tmp_path)), printed(tmp_path)


@pytest.mark.parametrize(("n_nodes", "ranks"), [(1, 2), (2, 1)])
def test_one_run_on_several_ranks_is_that_of_one_process(n_nodes, ranks, slurm, one_run, alone, tmp_path):
    options = (f"--nodes={n_nodes}", "--cpus-per-task=2", f"--export=ALL,RANKS={ranks}")
    job = submit(slurm, "one-run.slurm", tmp_path, *one_run, "--seed", "1", options=options)
    assert slurm.ended(job, LIMIT) == [COMPLETED], printed(tmp_path)
    assert_same(tmp_path, alone / FOLDERS[0])


@pytest.mark.parametrize("stop", STOPS)
def test_the_ranks_of_a_run_that_is_to_end_leave_a_checkpoint(stop, slurm, one_run, tmp_path):
    options = ("--nodes=2", "--cpus-per-task=1")
    job = submit(slurm, "one-run.slurm", tmp_path, *one_run, *ENDLESS, options=options)
    until(lambda: checkpoints(tmp_path), LIMIT)
    stop(slurm, job)
    slurm.ended(job, LIMIT)
    assert STOPPED.search(printed(tmp_path)), printed(tmp_path)

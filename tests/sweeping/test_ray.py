"""Sweeps on Ray, which is in an environment of its own. Opt-in: `make test-cluster`."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest
from support.disturbance import Disturbance
from support.paths import ROOT
from support.run_numbers import assert_same_bits
from support.slurm_cluster import until
from support.small_sweep import FOLDERS

from exercise_experiments import main
from gpt2_experiments.experiment.settings import parse_runs
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.sweeping.claims import lock_of

RAY = ["--ray", "local", "--ray_cpus", "1"]
ENDLESS = ["--num_epochs", "100000", "--eval_freq", "100000"]
PYTHON = ROOT / ".venv-ray" / "bin" / "python"
MARK = "GPT2_EXPERIMENTS_TEST"  # environment variable of all processes that a test starts
LIMIT = 900  # seconds, for a command; they take about fifteen, on an idle machine

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not PYTHON.exists(), reason="no Ray: make .venv-ray/.ready"),
]


def start(output, *arguments, **environment):
    """Start the command in Ray's environment, as a terminal does; its processes carry `output` as their mark."""
    command = [PYTHON, ROOT / "exercise_experiments.py", *RAY, *arguments, "--output_dir", output]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {MARK: str(output)} | environment,
    )  # fmt: skip


def end(process, output):
    """The exit code of the command and the lines it has left on the screen, once all its processes have ended."""
    _, errors = process.communicate(timeout=LIMIT)
    until(lambda: not left_processes(output), LIMIT)
    lines = (line.rsplit("\r", 1)[-1].strip() for line in errors.split("\n"))
    return process.returncode, [line for line in lines if line and not line.startswith("All runs:")]


def left_processes(output):
    """The processes that carry this mark."""
    return [
        process.info["name"]
        for process in psutil.process_iter(["name", "environ"])
        if (process.info["environ"] or {}).get(MARK) == str(output)
    ]


def test_ray_makes_all_runs_and_is_silent(sweep, alone, tmp_path):
    assert end(start(tmp_path, *sweep), tmp_path) == (0, [])
    for name in FOLDERS:
        assert_same_bits(tmp_path / name, alone / name)
        assert "Plot saved as" in (tmp_path / name / "output.log").read_text()


def test_a_run_whose_process_is_killed_is_tried_again(sweep, alone, tmp_path):
    killed = Disturbance(tmp_path, ".step-00000004.json.part", signal.SIGKILL)
    assert end(start(tmp_path, *sweep, **killed.environment), tmp_path) == (0, [])
    assert killed.has_happened()
    printed = [(tmp_path / name / "output.log").read_text() for name in FOLDERS]
    assert sum("Going on after step 2" in text for text in printed) == 1
    for name in FOLDERS:
        assert_same_bits(tmp_path / name, alone / name)


def test_what_is_wrong_with_a_run_is_said_and_the_others_are_made(sweep, alone, tmp_path):
    arguments = [*sweep, "--output_dir", str(tmp_path)]
    with lock_of(parse_runs(arguments)[0]):
        code, lines = end(start(tmp_path, *sweep), tmp_path)
    assert code == 1
    error, not_complete = lines
    assert error.startswith(f"error: --output_dir {tmp_path / FOLDERS[0]} is in use by another process")
    assert not_complete == f"error: not complete: {tmp_path / FOLDERS[0]}; see output.log in there"
    for name in FOLDERS[1:]:
        assert_same_bits(tmp_path / name, alone / name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_leaves_checkpoints_and_no_processes(number, sweep, tmp_path):
    process = start(tmp_path, *sweep, *ENDLESS)
    until(lambda: len(list(tmp_path.glob("*/unfinished-*/step-*.json"))), LIMIT)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # Ctrl-C is told to all processes
    else:
        process.send_signal(number)
    code, lines = end(process, tmp_path)
    assert code == 128 + number, "\n".join(lines)
    assert lines[-1] == "stopped; go on with the same command and --resume"
    assert all(line.startswith("warning: stopping") for line in lines[:-1]), lines
    assert any("stopped after step" in log.read_text() for log in tmp_path.glob("*/output.log"))


def test_more_cpus_than_there_are_are_refused(sweep, tmp_path):
    code, lines = end(start(tmp_path, *sweep, "--ray_cpus", "1000"), tmp_path)
    assert code == 1
    (line,) = lines
    assert line.startswith("error: --ray_cpus 1000: this machine has ")


def test_a_cluster_that_does_not_answer_is_an_error(sweep, tmp_path):
    with socket.socket() as taken:  # and not listening
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, lines = end(start(tmp_path, *sweep, "--ray", address), tmp_path)
    assert code == 1
    assert lines == [
        f"error: --ray {address}: cannot be reached ([Errno 111] Connection refused); see that the cluster runs"
    ]


def test_without_ray_it_is_said_what_to_install(sweep, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"the package ray is missing; pip install -r requirements/ray.txt"):
        main([*sweep, *RAY, "--output_dir", str(tmp_path)])

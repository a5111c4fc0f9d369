"""How far all runs of a command are, whoever makes them, and when all will have ended, from the steps measured."""

import json
from dataclasses import replace

import pytest
import torch

from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.sweeping import progress
from gpt2_experiments.sweeping.claims import lock_of
from gpt2_experiments.sweeping.progress import SweepProgress


@pytest.fixture
def clock(monkeypatch):
    """The time that is read."""
    time = {"now": 1000.0}
    monkeypatch.setattr(progress.time, "monotonic", lambda: time["now"])
    return time


@pytest.fixture
def runs(tmp_path):
    """Three runs, whose folders are there."""
    settings = [Settings(seed=seed, output_dir=str(tmp_path / str(seed)), resume=True) for seed in (1, 2, 3)]
    for run in settings:
        (tmp_path / str(run.seed)).mkdir()
    return settings


def finish(run):
    run.files.record.write_text(json.dumps({}))


def save_step(run, step):
    unfinished = UnfinishedRun(run.files.unfinished)
    unfinished.begin({}, resume=True)
    unfinished.save_checkpoint(step, {"weight": torch.zeros(1)}, {})
    unfinished.finish_checkpoint()


def test_the_end_is_known_from_all_time_over_all_steps(runs, clock):
    sweep = SweepProgress(runs, [100, 100, 100])
    assert sweep.left() is None
    assert str(sweep) == "3 waiting"
    sweep.begin(runs[0])
    sweep.at_step(50)
    clock["now"] += 60 * 50
    assert sweep.left() == "4 h 10 min"
    clock["now"] += 60 * 50  # the responses of a run count too
    sweep.at_step(100)
    sweep.begin(runs[1])
    assert sweep.left() == "3 h 20 min"
    assert str(sweep) == "1 done, 1 waiting; about 3 h 20 min left for all runs"


def test_what_other_processes_do_is_counted(runs, clock):
    save_step(runs[2], 40)
    sweep = SweepProgress(runs, [100, 100, 100])
    sweep.begin(runs[0])
    clock["now"] += 60 * 30
    sweep.at_step(20)
    finish(runs[1])
    save_step(runs[2], 50)
    with lock_of(runs[2]):
        assert str(sweep) == "1 done, 1 under way elsewhere; about 30 min left for all runs"
    assert sweep.steps_done == 170


def test_a_run_that_is_to_be_made_anew_is_not_done(runs):
    runs = [replace(run, resume=False, overwrite=True) for run in runs]
    finish(runs[0])
    sweep = SweepProgress(runs, [100, 100, 100])
    assert sweep.steps_done == 0
    for run in runs[:2]:
        sweep.begin(run)
    assert str(sweep).startswith("1 done, 1 waiting")


def test_a_single_run_has_its_own_bar_and_no_more(runs, clock):
    run = SweepProgress(runs[:1], [100])
    run.begin(runs[0])
    run.at_step(1)
    clock["now"] += 60
    assert run.left() is None

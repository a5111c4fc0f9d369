"""How long all runs of a command will take, from the steps that were measured."""

import pytest

from gpt2_experiments.experiment import progress
from gpt2_experiments.experiment.progress import SweepClock


@pytest.fixture
def clock(monkeypatch):
    """A function that makes a clock of runs with so many steps, and the time it reads."""
    time = {"now": 1000.0}
    monkeypatch.setattr(progress.time, "monotonic", lambda: time["now"])
    return SweepClock, time


def test_the_end_is_known_from_all_time_over_all_steps(clock):
    make, time = clock
    sweep = make([100, 100, 100])
    assert sweep.left() is None
    for _ in range(50):
        sweep.step()
    time["now"] += 60 * 50
    assert sweep.left() == "4 h 10 min"
    sweep.skip(100)  # a run that is complete
    assert sweep.left() == "2 h 30 min"
    time["now"] += 60 * 50  # the responses of a run count too
    assert sweep.left() == "5 h 0 min"


def test_a_single_run_has_its_own_bar_and_no_more(clock):
    make, time = clock
    run = make([100])
    run.step()
    time["now"] += 60
    assert run.left() is None

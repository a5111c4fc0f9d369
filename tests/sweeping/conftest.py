"""A small sweep, and what one process makes of it."""

import pytest
from support.small_checkpoint import OPTIONS, write_small_checkpoint
from support.small_sweep import SWEEP

from exercise_experiments import main


@pytest.fixture(scope="module")
def one_run(tmp_path_factory, first_entries):
    """What all processes have on their command lines, whatever they run."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    return ["--weights", str(weights), "--data", str(first_entries(60)), *OPTIONS, "--checkpoint_every", "2"]


@pytest.fixture(scope="module")
def sweep(one_run):
    """What all processes of the sweep have on their command lines."""
    return [*SWEEP, *one_run]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, sweep):
    """The folder of the sweep that one process has made."""
    folder = tmp_path_factory.mktemp("alone")
    main([*sweep, "--output_dir", str(folder)])
    return folder

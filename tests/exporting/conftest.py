"""Small finished runs to export, each made once for all tests of a process."""

from functools import cache

import pytest
import torch
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main
from gpt2_experiments.entries.splits import DataSet, read_splits
from gpt2_experiments.experiment.tuned_run import find_run
from gpt2_experiments.weights.loading import load_model


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory, first_entries):
    """Return a function that gives the folder of a run of variants."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    data = first_entries(60)

    @cache
    def made(*variants):
        folder = tmp_path_factory.mktemp("-".join(variants))
        options = ["--weights", str(weights), "--data", str(data), *OPTIONS, "--output_dir", str(folder)]
        main(["--exercise_solution", *variants, *options])
        return folder

    return made


@pytest.fixture(scope="session")
def tuned(run_folder):
    """Return a function that gives a run of variants, its model with LoRA merged, and its tokenizer."""

    @cache
    def loaded(*variants):
        run = find_run(run_folder(*variants))
        model, tokenizer = load_model(run.source, torch.device("cpu"))
        return run, model.eval(), tokenizer

    return loaded


@pytest.fixture(scope="session")
def test_entries(first_entries):
    """The entries that the runs were tested on."""
    return read_splits(DataSet(str(first_entries(60)))).test

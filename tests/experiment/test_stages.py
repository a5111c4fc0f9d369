"""Training stopped after any step goes on to the same losses and weights, and says everything once."""

import contextlib

import pytest
import torch
from support.plain import plain_collate
from support.small_models import CONFIG, END, small_models
from torch.utils.data import DataLoader

from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.experiment.stages import train
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import Stopped

SETTINGS = Settings(num_epochs=2, batch_size=4, eval_freq=3, eval_iter=1, learning_rate=1e-3, device="cpu")
STEPS_PER_EPOCH = 5


class Story:
    """In the place of a run's progress: what was said, and a stop after a step."""

    def __init__(self, stop, stop_after=None):
        self.said = []
        self.stop = stop
        self.stop_after = stop_after

    def start_bar(self, steps_done):
        return contextlib.nullcontext()

    def say_step(self, bar, state):
        if state.new_evaluation:
            self.said.append((state.step - 1, state.new_evaluation.train_loss))
        if state.step == self.stop_after:
            self.stop.received = 15

    def say_sample(self):
        self.said.append("sample")


def batches():
    generator = torch.Generator().manual_seed(5)
    items = [(2, torch.randint(CONFIG["vocab_size"] - 1, (n,), generator=generator).tolist()) for n in range(3, 23)]
    collate = lambda batch: plain_collate(batch, END, 20, False)  # noqa: E731
    loaders = Loaders(DataLoader(items, 4, shuffle=True, drop_last=True, collate_fn=collate), [collate(items[:4])])
    assert len(loaders.train) == STEPS_PER_EPOCH
    return loaders


def trained(folder, stop_after=None):
    """What a training says and the weights it leaves; what it said where it was stopped and no weights."""
    stop, model = StopSignals(), small_models()[0]
    story = Story(stop, stop_after)
    with UnfinishedRun(folder) as unfinished:
        unfinished.begin({}, resume=True)
        try:
            train(model, batches(), SETTINGS, unfinished, stop, story)
        except Stopped:
            return story.said, None
    return story.said, model.state_dict()


@pytest.mark.parametrize("stop_after", range(1, 2 * STEPS_PER_EPOCH + 1))
def test_what_goes_on_is_what_would_have_been(stop_after, tmp_path):
    said, weights = trained(tmp_path / "whole")
    assert said.count("sample") == 2
    first, nothing = trained(tmp_path / "stopped", stop_after)
    assert nothing is None
    second, resumed = trained(tmp_path / "stopped")
    assert first + second == said
    assert all(torch.equal(weights[name], tensor) for name, tensor in resumed.items())

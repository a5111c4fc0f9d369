"""Training stopped after any step goes on to the same losses and weights, and says everything once.

On a CPU to the same bits. A GPU adds up the gradients of rows that stand several times in an order that changes: there
losses agree to 1e-4, relative, and weights to 1e-3, but for the keys' biases, whose true gradients are zero.
"""

import concurrent.futures
import contextlib
import threading

import pytest
import torch
from support.device import DEVICE
from support.plain import plain_collate
from support.small_models import CONFIG, END, small_models
from torch.utils.data import DataLoader

from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.experiment import unfinished_run
from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.experiment.stages import train
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import Stopped
from gpt2_experiments.shared.files import sha256_of

SETTINGS = Settings(num_epochs=2, batch_size=4, eval_freq=3, eval_iter=1, learning_rate=1e-3, device=DEVICE)
STEPS_PER_EPOCH = 5
TOLERANCES = {"cpu": (0, 0), "cuda": (1e-4, 1e-3)}  # of losses, relative; of weights


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


@pytest.mark.cuda
@pytest.mark.parametrize("stop_after", range(1, 2 * STEPS_PER_EPOCH + 1))
def test_what_goes_on_is_what_would_have_been(stop_after, tmp_path):
    said, weights = trained(tmp_path / "whole")
    assert said.count("sample") == 2
    first, nothing = trained(tmp_path / "stopped", stop_after)
    assert nothing is None
    second, resumed = trained(tmp_path / "stopped")
    loss_tolerance, weight_tolerance = TOLERANCES[DEVICE]
    for at, expected in zip(first + second, said, strict=True):
        assert at == (expected if at == "sample" else pytest.approx(expected, rel=loss_tolerance, abs=0))
    for name, tensor in resumed.items():
        if DEVICE == "cpu" or not name.endswith("W_key.bias"):
            torch.testing.assert_close(tensor, weights[name], rtol=0, atol=weight_tolerance)


def test_a_run_may_end_before_its_last_checkpoint_is_on_the_disk(tmp_path, monkeypatch):
    """It is then waited for; once the folder was removed under it, and the complete run ended in an error."""
    waited_for = threading.Event()

    def wait(futures):
        waited_for.set()
        concurrent.futures.wait(futures)

    with UnfinishedRun(tmp_path / "run") as unfinished:
        unfinished.begin({}, resume=False)
        monkeypatch.setattr(unfinished_run, "sha256_of", lambda path: waited_for.wait() and sha256_of(path))
        unfinished.save_checkpoint(1, {"weight": torch.zeros(3)}, {})
        monkeypatch.setattr(unfinished_run, "wait", wait)
        unfinished.remove()
    assert not (tmp_path / "run").exists()

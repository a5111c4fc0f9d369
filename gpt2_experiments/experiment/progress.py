"""What a run says while it goes on."""

import sys
from collections.abc import Callable
from typing import Protocol

from tqdm import tqdm

from gpt2_experiments.experiment.training import TrainingState


class AllRuns(Protocol):
    """Of which this run is one."""

    def at_step(self, step: int) -> None:
        """This run has done so many steps."""

    def left(self) -> str | None:
        """How long until the last of several runs ends, where that is known."""


class TrainingProgress:
    """A run's losses and samples on stdout, its progress bar on stderr."""

    def __init__(self, n_steps: int, sample: Callable[[], str], all_runs: AllRuns):
        """`sample`: what the model writes after an epoch."""
        self.n_steps = n_steps
        self.sample = sample
        self.all_runs = all_runs

    def start_bar(self, steps_done: int) -> tqdm:
        """The bar of all steps, of which so many were done before."""
        return tqdm(total=self.n_steps, initial=steps_done, desc="Training", unit="step", file=sys.stderr)

    def say_step(self, bar: tqdm, state: TrainingState) -> None:
        """Say the last step's evaluation, if it had one; show loss, speed, and of a sweep when it ends."""
        if state.new_evaluation:
            say(str(state.new_evaluation))
        self.all_runs.at_step(state.step)
        shown = {
            "loss": f"{state.evaluations[-1].train_loss:.3f}",
            "tokens_per_s": f"{state.tokens_seen / state.seconds:.0f}",
        }
        left = self.all_runs.left()
        bar.set_postfix(shown | ({"all_runs_end_in": left} if left else {}), refresh=False)
        bar.update()

    def say_sample(self) -> None:
        """Say what the model writes."""
        say(self.sample())


def say(line: str) -> None:
    """Print a line above the progress bar, at once: a log file shows it when it happens."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()

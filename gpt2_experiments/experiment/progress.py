"""What a run says while it goes on, and when several runs will all have ended."""

import sys
import time
from collections.abc import Callable, Sequence

from tqdm import tqdm

from gpt2_experiments.experiment.training import TrainingState


class SweepClock:
    """Counts the training steps of all runs of a command.

    The time a step takes is all time since the start over all steps done, so responses and files count as well, from
    the end of the first run on.
    """

    def __init__(self, steps: Sequence[int]):
        """`steps`: of each run."""
        self._several = len(steps) > 1
        self._to_do = sum(steps)
        self._done = 0
        self._began = time.monotonic()

    def step(self) -> None:
        """A step has been done."""
        self._done += 1
        self._to_do -= 1

    def skip(self, steps: int) -> None:
        """So many steps had been done before, in an interrupted command."""
        self._to_do -= steps

    def left(self) -> str | None:
        """How long until the last of several runs ends; None where nothing was measured, and for a single run."""
        if not (self._several and self._done):
            return None
        hours, minutes = divmod(round((time.monotonic() - self._began) / self._done * self._to_do / 60), 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"


class TrainingProgress:
    """A run's losses and samples on stdout, its progress bar on stderr."""

    def __init__(self, n_steps: int, sample: Callable[[], str], clock: SweepClock):
        """`sample`: what the model writes after an epoch."""
        self.n_steps = n_steps
        self.sample = sample
        self.clock = clock

    def start_bar(self, steps_done: int) -> tqdm:
        """The bar of all steps, of which so many were done before."""
        self.clock.skip(steps_done)
        return tqdm(total=self.n_steps, initial=steps_done, desc="Training", unit="step", file=sys.stderr)

    def say_step(self, bar: tqdm, state: TrainingState) -> None:
        """Say the last step's evaluation, if it had one; show loss, speed, and of a sweep when it ends."""
        if state.new_evaluation:
            say(str(state.new_evaluation))
        self.clock.step()
        shown = {
            "loss": f"{state.evaluations[-1].train_loss:.3f}",
            "tokens_per_s": f"{state.tokens_seen / state.seconds:.0f}",
        }
        left = self.clock.left()
        bar.set_postfix(shown | ({"all_runs_end_in": left} if left else {}), refresh=False)
        bar.update()

    def say_sample(self) -> None:
        """Say what the model writes."""
        say(self.sample())


def say(line: str) -> None:
    """Print a line above the progress bar, at once: a log file shows it when it happens."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()

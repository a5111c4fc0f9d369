"""How far the runs of a command are, those included that other processes make, and when all will have ended."""

import sys
import time
from collections.abc import Sequence

from tqdm import tqdm

from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.sweeping.claims import is_claimed

SECONDS_BETWEEN_LOOKS = 5.0  # at the folders of the runs


class SweepProgress:
    """Counts the training steps of all runs, by what stands in their folders and by what this process has done.

    The time a step takes is all time since the start over all steps done in it, by whichever process; so responses and
    files count as well, from the end of the first run on.
    """

    def __init__(self, runs: Sequence[Settings], steps: Sequence[int]):
        """`steps`: of each run."""
        self._runs = dict(zip(runs, steps, strict=True))
        self._ended: set[Settings] = set()  # in this process
        self._current: Settings | None = None  # and its step
        self._current_step = 0
        self._began = time.monotonic()
        self._look()
        self._done_before = self.steps_done

    @property
    def total(self) -> int:
        """The steps of all runs."""
        return sum(self._runs.values())

    @property
    def steps_done(self) -> int:
        """The steps done of all runs."""
        if time.monotonic() - self._looked_at > SECONDS_BETWEEN_LOOKS:
            self._look()
        on_disk = sum(done for settings, done in self._on_disk.items() if settings != self._current)
        return on_disk + self._current_step

    def begin(self, settings: Settings) -> None:
        """This process begins, or goes on with, a run; the one before is at its end."""
        if self._current:
            self._ended.add(self._current)
        self._current, self._current_step = settings, self._on_disk[settings]
        self._look()

    def at_step(self, step: int) -> None:
        """The run of this process has done so many steps."""
        self._current_step = step

    def left(self) -> str | None:
        """How long until the last of several runs ends; None where nothing was measured, and for a single run."""
        if len(self._runs) == 1:
            return None
        done = self.steps_done
        if done <= self._done_before:
            return None
        seconds = (time.monotonic() - self._began) / (done - self._done_before) * (self.total - done)
        hours, minutes = divmod(round(seconds / 60), 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"

    def is_done(self, settings: Settings) -> bool:
        """Whether a run is complete, and not to be made anew."""
        if settings in self._ended:
            return True
        kept = settings.resume or not settings.overwrite
        return kept and settings.files.record.exists() and not UnfinishedRun(settings.files.unfinished).has_work()

    def __str__(self) -> str:
        """How many runs are done, under way in other processes and waiting, and when all end, where that is known."""
        others = [settings for settings in self._runs if settings != self._current and not self.is_done(settings)]
        under_way = sum(map(is_claimed, others))
        n_done = len(self._runs) - len(others) - (self._current is not None and not self.is_done(self._current))
        counts = {"done": n_done, "under way elsewhere": under_way, "waiting": len(others) - under_way}
        said = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
        left = self.left()
        return f"{said}; about {left} left for all runs" if left else said

    def bar(self) -> tqdm:
        """A progress bar of the steps of all runs."""
        return tqdm(total=self.total, initial=self.steps_done, desc="All runs", unit="step", file=sys.stderr)

    def show(self, bar: tqdm, now: bool = False) -> None:
        """Look at all runs and bring the bar up to date, every few seconds or `now`."""
        if not now and time.monotonic() - self._looked_at < SECONDS_BETWEEN_LOOKS:
            return
        self._look()
        bar.set_postfix_str(str(self), refresh=False)
        bar.update(self.steps_done - bar.n)

    def _look(self) -> None:
        """See how far the runs are that are not this process's."""
        self._looked_at = time.monotonic()
        self._on_disk = {
            settings: n_steps if self.is_done(settings) else UnfinishedRun(settings.files.unfinished).last_step()
            for settings, n_steps in self._runs.items()
        }

"""Which process makes which run of a sweep: the one that holds the lock of the run's files.

Processes of the same command share its runs by these locks alone, on one machine or on a file system that several see.
The system lets go of a lock when its process dies, however it dies; another process then goes on with the run.
"""

import contextlib
import time
from collections.abc import Generator, Sequence

from gpt2_experiments.devices import ranks
from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.shared.errors import warn
from gpt2_experiments.shared.files import InUse, locked

SECONDS_BETWEEN_LOOKS = 2.0  # at runs that other processes are making


def claimed(runs: Sequence[Settings]) -> Generator[Settings]:
    """Each run of a command, while no other process can have it.

    Several runs with --resume may be shared: one that another process is making comes last, when that one is done with
    it or dead. `InUse` for other runs.
    """
    shared = len(runs) > 1 and runs[0].resume
    left = list(runs)
    while left:
        with contextlib.ExitStack() as lock:
            number = ranks.from_first(lock_one(left, lock, shared) if ranks.is_first() else 0)
            yield left.pop(number)


def lock_one(runs: Sequence[Settings], lock: contextlib.ExitStack, wait: bool) -> int:
    """The number of the first run whose lock is free; it is taken into `lock`. Waits for one, or raises `InUse`."""
    waited = False
    while True:
        for number, settings in enumerate(runs):
            try:
                lock.enter_context(lock_of(settings))
                return number
            except InUse:
                if not wait:
                    raise
        if not waited:
            warn(f"other processes are making what is left ({len(runs)} of the runs); waiting for them")
        waited = True
        time.sleep(SECONDS_BETWEEN_LOOKS)


def lock_of(settings: Settings) -> contextlib.AbstractContextManager[None]:
    """The lock of a run's files; `InUse` where another process has it."""
    return locked(settings.files.lock, f"--output_dir {settings.output_dir}", wait=False)


def is_claimed(settings: Settings) -> bool:
    """Whether a process, this one or another, is making the run."""
    if not settings.files.lock.exists():
        return False
    try:
        with lock_of(settings):
            return False
    except InUse:
        return True

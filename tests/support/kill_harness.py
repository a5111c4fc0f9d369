"""The experiment in a process of its own whose steps on the disk are watched, so that it can be hit at any of them.

What the process does in its output folder is reported as events such as `write .identity.json.part`,
`fsync .identity.json.part`, `rename .identity.json.part`, in their order.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

RESPONSES_PER_BLOCK = 2  # few, so that a small test set is several blocks
PROCESSES = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Plan:
    """What happens to a run, and at which event, once each."""

    signals: dict[str, list[int]] = field(default_factory=dict)  # the process sends itself
    errors: dict[str, int] = field(default_factory=dict)  # errno with which the event's system call fails
    memory: dict[str, int] = field(default_factory=dict)  # bytes that the process can still take from then on
    file_size: int | None = None  # bytes: no file can grow beyond


UNDISTURBED = Plan()


@dataclass(frozen=True)
class Moment:
    """So many seconds after an event has come for the `count`-th time."""

    event: str
    count: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and what it wrote."""

    code: int  # exit code; -9 where it was killed
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The `error:` lines; a traceback is none."""
        assert "Traceback" not in self.err, self.err
        return [line for line in self.err.splitlines() if line.startswith("error: ")]


class Run:
    """One run of `exercise_experiments.py`, under way."""

    def __init__(self, arguments, output_dir, logs, plan=UNDISTURBED):
        self.events = []  # (time, event), as they were reported
        self._logs = [Path(logs) / name for name in ("out", "err")]
        self._reports, reports = PROCESSES.Pipe(duplex=False)
        arguments = [*arguments, "--output_dir", str(output_dir)]
        self._process = PROCESSES.Process(target=_run, args=(arguments, str(output_dir), self._logs, reports, plan))
        self._process.start()
        reports.close()

    def until(self, event, count=1):
        """Wait for the `count`-th `event`; False where the run ends before."""
        seen = Counter(event for _, event in self.events)
        while seen[event] < count:
            try:
                self.events.append(self._reports.recv())
            except (EOFError, OSError):  # OSError: it was killed in the middle of a report
                return False
            seen[self.events[-1][1]] += 1
        return True

    def kill_at(self, moment):
        """Kill the run at a moment; False where it comes to its end before."""
        if self.until(moment.event, moment.count):
            self._process.join(moment.seconds)  # any moment is as good: nothing depends on the time being exact
            self._process.kill()
        return self.end().code == -signal.SIGKILL

    def send(self, number):
        """Send the process a signal."""
        os.kill(self._process.pid, number)

    def end(self):
        """Wait until the process is gone."""
        self.until("the end")  # no event: the reports end
        self._process.join()
        return Outcome(self._process.exitcode, *(log.read_text() for log in self._logs))


def random_moments(random, events, number):
    """`number` moments of a run with these events, in their order.

    A third of them are spread over the time, most of which is training; a third over the events, which crowd where
    files are written; a third over those while responses are generated.
    """
    gaps = [(before, after) for (before, _), (after, _) in pairwise(events)]
    generating = [gap for gap, (_, event) in zip(gaps, events, strict=False) if "responses-" in event]
    whole = [(events[0][0], events[-1][0])]
    times = [random.uniform(*random.choice(random.choice([whole, gaps, generating]))) for _ in range(number)]
    return [_moment(events, at) for at in sorted(times)]


def _moment(events, at):
    """The time as a moment after the last event before it."""
    before = [(time, event) for time, event in events if time <= at]
    last_time, last = before[-1]
    return Moment(last, [event for _, event in before].count(last), at - last_time)


def _run(arguments, output_dir, logs, reports, plan):
    """The process: the command itself, under watch."""
    from tqdm import tqdm

    import exercise_experiments
    from gpt2_experiments.experiment import stages
    from gpt2_experiments.shared.commands import run_command

    for descriptor, log in enumerate(logs, start=1):
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system's, left behind by a killed process
    stages.RESPONSE_BLOCKS = dict.fromkeys(stages.RESPONSE_BLOCKS, RESPONSES_PER_BLOCK)
    _watch(output_dir, reports, plan)
    sys.argv = ["exercise_experiments.py", *arguments]
    run_command(exercise_experiments.main)


def _watch(output_dir, reports, plan):
    """Report what happens in `output_dir`, and do what is planned for it."""
    import resource

    signals, errors, memory = dict(plan.signals), dict(plan.errors), dict(plan.memory)
    verbs = {"os.rename": "rename", "os.remove": "remove", "os.rmdir": "rmdir", "os.mkdir": "mkdir"}

    one_at_a_time = threading.Lock()  # checkpoints are completed beside the training

    def happens(event):
        with one_at_a_time:
            reports.send((time.monotonic(), event))
        for number in signals.pop(event, ()):
            os.kill(os.getpid(), number)
        if event in memory:
            in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, 2 * (in_use + memory.pop(event),))
        if event in errors:
            number = errors.pop(event)
            raise OSError(number, os.strerror(number))

    def hook(name, arguments):
        if (name == "open" or name in verbs) and isinstance(arguments[0], str | os.PathLike):
            path = os.fspath(arguments[0])
            in_open_folder = name in ("os.remove", "os.rmdir") and arguments[1] != -1  # as shutil.rmtree does it
            if in_open_folder or path.startswith(output_dir + os.sep):
                verb = verbs.get(name) or ("write" if set(arguments[1] or "") & set("w+") else "read")
                happens(f"{verb} {os.path.basename(path)}")

    def fsync(descriptor, system_fsync=os.fsync):
        happens(f"fsync {os.path.basename(os.readlink(f'/proc/self/fd/{descriptor}'))}")
        system_fsync(descriptor)

    if plan.file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, 2 * (plan.file_size,))
    sys.addaudithook(hook)
    os.fsync = fsync  # the only one of these calls that Python does not audit

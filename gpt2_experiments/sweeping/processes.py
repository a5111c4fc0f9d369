"""A sweep by several processes on this machine: the same command in each, its threads and GPUs divided among them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.shared.commands import GO_ON, StopSignals
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.sweeping.progress import SweepProgress

SECONDS_BETWEEN_LOOKS = 0.2  # at the processes
VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"


def run_in_processes(
    command: Path, arguments: Sequence[str], runs: Sequence[Settings], progress: SweepProgress
) -> None:
    """Start `--processes`, which share the runs, and show how far these are until all processes have ended.

    The runs of a process that dies are taken over by the others. `UserError` for the runs that are left at the end.

    Args:
        command: The Python file that each process runs.
        arguments: Those of this process.
        progress: Of these runs.
    """
    words = [sys.executable, str(command), *arguments, "--resume", "--processes", "1"]
    folder = Path(runs[0].output_dir).parent
    processes: dict[Path, subprocess.Popen] = {}
    with StopSignals(second_leaves=False) as stop:
        try:
            for number, environment in enumerate(environments(runs[0]), start=1):
                log = folder / f"process-{number}.log"
                processes[log] = start(words, log, environment)
            follow(processes, progress, stop)
        finally:
            for process in processes.values():
                process.terminate()  # of one that has ended already this does nothing
                process.wait()
        if stop.received:
            stop.leave(f"stopped; {GO_ON}")
    left = [settings.output_dir for settings in runs if not progress.is_done(settings)]
    if left or any(process.returncode == UserError.exit_code for process in processes.values()):
        errors = [
            line.removeprefix("error: ") for log in processes for line in lines_of(log) if line.startswith("error: ")
        ]
        not_complete = [f"not complete: {', '.join(left)}"] if left else []
        raise UserError(*dict.fromkeys(errors), *not_complete, f"the processes say more in {folder}/process-*.log")


def threads_of_each(settings: Settings) -> int:
    """The threads that each of several processes has; with one process those that it has anyway."""
    if settings.ray:
        return settings.ray_cpus
    return max(1, torch.get_num_threads() // settings.processes)


def environments(settings: Settings) -> list[Mapping[str, str]]:
    """What each process has of the machine: threads, as many as this one, and where there are GPUs one of them."""
    gpus: list[str] = []
    if settings.device == "cuda":
        gpus = os.environ.get(VISIBLE_GPUS, "").split(",")
        gpus = gpus if gpus != [""] else [str(number) for number in range(torch.cuda.device_count())]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    return [
        {**os.environ, **threads, **({VISIBLE_GPUS: gpus[number % len(gpus)]} if gpus else {})}
        for number in range(settings.processes)
    ]


def start(words: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen:
    """A process that prints into a file; in a session of its own, so that Ctrl-C is told to it once, by this one."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )


def follow(processes: Mapping[Path, subprocess.Popen], progress: SweepProgress, stop: StopSignals) -> None:
    """Show how far the runs are until all processes have ended; a stop signal is passed on to them."""
    running, told = dict(processes), False
    with progress.bar() as bar:
        while running:
            if stop.received and not told:
                told = True
                for process in running.values():
                    process.terminate()
            for log, process in list(running.items()):
                if process.poll() is not None:
                    del running[log]
                    if process.returncode and not told:
                        warn(f"a process ended with exit code {process.returncode}, see {log}; {len(running)} go on")
            progress.show(bar)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        progress.show(bar, now=True)


def lines_of(log: Path) -> list[str]:
    """The lines of a log, of a progress bar the last one."""
    return [line.rsplit("\r", 1)[-1] for line in log.read_text("utf-8", errors="replace").splitlines()]

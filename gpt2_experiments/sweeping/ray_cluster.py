"""A sweep on a Ray cluster: each run is a task that Ray finds room for, and tries again where its process dies."""

import importlib
import logging
import os
import socket
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch

from gpt2_experiments.experiment.settings import Settings
from gpt2_experiments.shared.commands import GO_ON, StopSignals
from gpt2_experiments.shared.errors import Stopped, UserError
from gpt2_experiments.sweeping.progress import SweepProgress

RETRIES = 3  # of a run whose process or machine dies; it goes on from its last checkpoint
SECONDS_BETWEEN_LOOKS = 2.0  # at the runs
LONGEST_WAIT = 10.0  # seconds for the cluster to answer
LOG = "output.log"  # in a run's folder: what it has printed


def run_on_ray(command: Path, runs: Sequence[Settings], progress: SweepProgress) -> None:
    """Have Ray make the runs by `main_of_one` of `command`; `UserError` with what is wrong with those that failed."""
    try:
        import ray
    except ImportError as error:
        raise UserError("--ray: the package ray is missing; pip install -r requirements/ray.txt") from error
    try:
        connect(ray, runs[0])
        rooms = {"num_cpus": runs[0].ray_cpus, "num_gpus": runs[0].ray_gpus}
        task = ray.remote(**rooms, max_calls=1, max_retries=RETRIES)(run_in_worker)  # max_calls: a process for each run
        tasks = {task.remote(os.getcwd(), command.stem, replace(run, resume=True)): run for run in runs}
        problems = follow(ray, tasks, progress)
    finally:
        ray.shutdown()
    if left := [run.output_dir for run in runs if not progress.is_done(run)]:
        problems = [*problems, f"not complete: {', '.join(left)}; see {LOG} in there"]
    if problems:
        raise UserError(*dict.fromkeys(problems))


def connect(ray: Any, settings: Settings) -> None:
    """Connect to the cluster, or start one, in silence; `UserError` where that fails or no run will find room."""
    try:
        address = urlsplit(f"//{(settings.ray or '').removeprefix('ray://')}")
        if address.hostname and address.port:  # where nothing answers, Ray itself goes on trying for minutes
            socket.create_connection((address.hostname, address.port), timeout=LONGEST_WAIT).close()
        ray.init(settings.ray, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(f"--ray {settings.ray}: cannot be reached ({error}); see that the cluster runs") from error
    for flag, asked, kind in (("--ray_cpus", settings.ray_cpus, "CPU"), ("--ray_gpus", settings.ray_gpus, "GPU")):
        if settings.ray == "local" and asked > (there := ray.cluster_resources().get(kind, 0)):
            raise UserError(f"{flag} {asked}: this machine has {there:g}; give each run less")


def follow(ray: Any, tasks: dict[Any, Settings], progress: SweepProgress) -> Sequence[str]:
    """Show how far the runs are until all tasks have ended; returns what is wrong. A stop signal is passed on."""
    problems: list[str] = []
    waiting, told = list(tasks), False
    with StopSignals(second_leaves=False) as stop, progress.bar() as bar:
        while waiting:
            for task in waiting if stop.received and not told else ():
                told = True
                ray.cancel(task)  # Ctrl-C for one that runs
            ended, waiting = ray.wait(waiting, timeout=SECONDS_BETWEEN_LOOKS)
            for task in ended:
                try:
                    problems += ray.get(task)
                except ray.exceptions.RayError as error:  # its process has died too often, say
                    problems.append(f"{tasks[task].output_dir}: {type(error).__name__} {error}".splitlines()[0])
            progress.show(bar, now=not waiting)
    if stop.received:
        stop.leave(f"stopped; {GO_ON}")
    return problems


def run_in_worker(driver_folder: str, module: str, settings: Settings) -> Sequence[str]:
    """Make a run; what it prints goes into a file beside its results. Returns what is wrong with it, for the user."""
    os.chdir(driver_folder)  # of which relative paths speak
    torch.set_num_threads(settings.ray_cpus)
    with open(Path(settings.output_dir, LOG), "a") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            importlib.import_module(module).main_of_one(settings)
        except UserError as error:
            return error.messages
        except Stopped as stopped:
            print(stopped)
        except Exception as error:  # said in one line by the driver, in full in the log
            traceback.print_exc()
            return [f"{settings.output_dir}: {error!r}"]
    return ()

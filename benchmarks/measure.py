"""What the benchmarks share: the machine they ran on, fair repetitions, a table of the results."""

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("TEARDOWN_CUPTI", "1")  # else what the profiler adds slows all that is timed after it

import torch

FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")  # of the processor: what the speed of matrix products hangs on


def describe_machine() -> str:
    """Processor, its relevant flags, cores, threads PyTorch uses, memory, versions."""
    try:
        cpu_info = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:  # not Linux
        cpu_info = []
    fields = dict(line.split(":", 1) for line in cpu_info if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    name = fields.get("model name") or platform.processor() or platform.machine()
    flags = [flag for flag in FLAGS if flag in fields.get("flags", "").split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"{name} ({' '.join(flags)}), {os.cpu_count()} cores, {torch.get_num_threads()} threads, {memory:.0f} GiB",
        f"Python {platform.python_version()}, PyTorch {torch.__version__}, {platform.system()} {platform.release()}",
    ]
    return "\n".join(lines + [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())])


def timed(run: Callable[[], object], device: str, repetitions: int, warmups: int = 2) -> list[float]:
    """Seconds that each of `repetitions` runs takes; on a GPU by its own clock, from the first kernel to the last."""
    seconds = []
    for number in range(-warmups, repetitions):
        began = time.perf_counter()
        if device == "cuda":
            first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            torch.cuda.synchronize()
            first.record()
            run()
            last.record()
            last.synchronize()
            taken = first.elapsed_time(last) / 1000
        else:
            run()
            taken = time.perf_counter() - began
        if number >= 0:
            seconds.append(taken)
    return seconds


def idle_share(run: Callable[[], object], device: str, repetitions: int = 5) -> str:
    """What part of a run's time a GPU waits, and the number of kernels, in words; nothing on other devices."""
    if device != "cuda":
        return ""
    taken = median(timed(run, device, repetitions))
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiled:
        for _ in range(repetitions):
            run()
        torch.cuda.synchronize()
    kernels = [event for event in profiled.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    if not kernels:
        return ", kernels not seen"
    busy = sum(event.device_time_total for event in kernels) / repetitions / 1e6
    return f", {100 * max(0.0, 1 - busy / taken):.0f}% idle, {len(kernels) / repetitions:.0f} kernels"


def interleave(peers: dict[str, Callable[[], None]], repetitions: int, warmups: int = 1) -> dict[str, list[float]]:
    """Seconds that each peer takes, `repetitions` times; they take turns, so that a slow minute hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(-warmups, repetitions):
        for name, run in peers.items():
            began = time.perf_counter()
            run()
            if number >= 0:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def interleave_processes(
    peers: dict[str, Callable[[], Callable[[], None]]], repetitions: int, warmups: int
) -> dict[str, list[float]]:
    """As `interleave`, each peer in a process of its own: `peers` make what is timed there.

    What one peer leaves in memory is then of no use to another, and a process's settings are a peer's own.
    """
    processes = multiprocessing.get_context("spawn")
    pipes, started = {}, []
    for name, make in peers.items():
        pipes[name], far_end = processes.Pipe()
        started.append(processes.Process(target=_serve, args=(make, torch.get_num_threads(), far_end), daemon=True))
        started[-1].start()
        pipes[name].recv()  # it is ready
    seconds = interleave({name: partial(_ask, pipe) for name, pipe in pipes.items()}, repetitions, warmups)
    for pipe, process in zip(pipes.values(), started, strict=True):
        pipe.send(False)
        process.join()
    return seconds


def _ask(pipe: Any) -> None:
    """Have a peer's process run once, and wait until it has."""
    pipe.send(True)
    pipe.recv()


def _serve(make: Callable[[], Callable[[], None]], threads: int, pipe: Any) -> None:
    """Run what `make` gives each time it is asked, and say when that is done."""
    torch.set_num_threads(threads)
    run = make()
    pipe.send(True)
    while pipe.recv():
        run()
        pipe.send(True)


def median_ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times as long theirs takes: the median over the rounds, in each of which both had their turn."""
    return median(their / our for their, our in zip(theirs, ours, strict=True))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str | float]]) -> None:
    """Print aligned columns; floats with two decimals."""
    table = [header, *([f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        numbers = (text.rjust(width) for text, width in zip(others, widths[1:], strict=True))
        print("  ".join([first.ljust(widths[0]), *numbers]))

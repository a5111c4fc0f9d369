"""Freed memory is kept for the next use, and given back where it would be taken for a run's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support.paths import ROOT

from gpt2_experiments.devices import memory

PROGRAM = """
import json, sys, torch
from gpt2_experiments.devices.memory import (
    give_back_freed_memory, keep_freed_memory, peak_memory_bytes, reset_peak_memory
)

CPU = torch.device("cpu")

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

def use(megabytes):
    blocks = [torch.ones(40 * 2**18) for _ in range(megabytes // 40)]

use(40)
if sys.argv[1] == "keep":
    keep_freed_memory()
before = resident()
use(400)
kept = resident() - before
reset_peak_memory(CPU)
use(80)
small_peak = peak_memory_bytes(CPU) - before
give_back_freed_memory()
print(json.dumps([kept, small_peak, resident() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
@pytest.mark.parametrize("keep", [True, False])
def test_freed_memory_stays_until_it_is_given_back_and_is_not_the_next_runs(keep):
    command = [sys.executable, "-c", PROGRAM, "keep" if keep else "not"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kept, small_peak, given_back = (number / 2**20 for number in json.loads(output))
    assert kept > 300 if keep else kept < 100
    assert 70 < small_peak < 200
    assert given_back < 100


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_proc_that_cannot_be_written_or_is_missing_ends_no_run(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(memory, "PEAK_RESET", Path("/proc/version"))  # of which nobody may write a byte, root neither
    memory.reset_peak_memory(cpu)
    assert memory.peak_memory_bytes(cpu) > 10**8
    for other in ("/proc/nothing", "/proc/version"):  # as where there is no /proc, or another system's
        monkeypatch.setattr(memory, "PEAK", Path(other))
        assert memory.peak_memory_bytes(cpu) > 10**8

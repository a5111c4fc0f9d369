"""Freed memory is kept for the next use, and given back where it would be taken for a run's own."""

import json
import subprocess
import sys

import pytest
from support.paths import ROOT

PROGRAM = """
import json, sys, torch
from gpt2_experiments.experiment.memory import (
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

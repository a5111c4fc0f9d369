"""The benchmark that is made for GPUs does on a small scale, on any device, what it does there."""

import re

import pytest
from support.commands import start
from support.paths import ROOT


@pytest.mark.cuda
def test_the_gpu_benchmark_checks_times_and_prints_its_table():
    process = start(ROOT / "benchmarks" / "gpu.py", "--tiny", "--precisions", "fp32")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert re.findall(r"greedy responses, fp32: (\d+) of (\d+)", out)[0] == ("3", "3")
    _, table = out.split("|---|---|---|\n")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert [row[0] for row in rows if row[1] == "tiny, fp32"] == [
        "training step, baseline", "training step, phi3_prompt", "training step, mask_instructions",
        "training step, lora", "evaluation, 5 batches of each split", "2 epochs of 52,002 entries, extrapolated",
        "110 responses of 4 tokens", "12 responses of 4 tokens", "the whole exercise, baseline", "a sweep of 4 runs",
    ]  # fmt: skip
    assert all(re.search(r"\d (ms|s|min)$", row[2]) for row in rows if row[1] == "tiny, fp32" and "step" not in row[0])

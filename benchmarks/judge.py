"""Throughput of the judge: how near `ollama_evaluate.py` comes to what the server can do.

    python benchmarks/judge.py

A server on loopback answers in 0.25 s and takes 8 questions at a time, no more. 110 entries are scored by the command
itself, a process of its own, journal and score file included; ideally that takes 14 rounds of 0.25 s.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.scripted_judge import ScriptedJudge, make_entries  # noqa: E402

ENTRIES, SECONDS, PARALLEL = 110, 0.25, 8
ALLOWED = 1.15  # times the ideal


def main() -> int:
    """Measure once and print; returns 1 if it took longer than allowed."""
    ideal = math.ceil(ENTRIES / PARALLEL) * SECONDS
    judge = ScriptedJudge(seconds=SECONDS, parallel=PARALLEL, longest_queue=PARALLEL)
    with tempfile.TemporaryDirectory() as folder, judge.running() as url:
        responses = Path(folder) / "responses.json"
        responses.write_text(json.dumps(make_entries(ENTRIES)), encoding="utf-8")
        command = [sys.executable, ROOT / "ollama_evaluate.py", "--file_path", responses, "--url", url]
        started = time.perf_counter()
        subprocess.run([*command, "--concurrency", str(PARALLEL)], check=True)
        seconds = time.perf_counter() - started
    print(f"{seconds:.2f} s, start of Python included: {seconds / ideal:.3f} times the ideal {ideal:.2f} s")
    print(f"questions refused because the server was full: {judge.refused}")
    return int(seconds > ALLOWED * ideal)


if __name__ == "__main__":
    sys.exit(main())

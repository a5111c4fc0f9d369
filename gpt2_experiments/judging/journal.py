"""The journal of a judge's scores: one JSON line a score, on the disk before the next one is looked at.

Scores are found again by their question's key, so a run that was interrupted at any moment goes on where it stopped,
and a changed entry, judge, prompt or option finds nothing.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from gpt2_experiments.judging.workers import Verdict
from gpt2_experiments.shared.errors import warn
from gpt2_experiments.shared.files import naming


class ScoreJournal:
    """The scores of an append-only file, open for more. Only one process at a time may have it open."""

    def __init__(self, path: Path) -> None:
        """Read the scores that are there; what a crash left of a last line is cut off."""
        self.verdicts: dict[str, Verdict] = {}
        self.path = path
        self._file = open(path, "a+b")  # noqa: SIM115 - open as long as the journal is
        self._read()

    def __enter__(self) -> "ScoreJournal":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()

    def add(self, verdict: Verdict) -> None:
        """Put a score on the disk."""
        with naming(self.path):
            self._file.write(json.dumps(asdict(verdict)).encode("ascii") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self.verdicts[verdict.key] = verdict

    def _read(self) -> None:
        """Fill `verdicts`; a line that cannot be read stays in the file and counts as a score that is missing."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        self._file.truncate(whole)
        unreadable = 0
        for line in content[:whole].splitlines():
            try:
                verdict = Verdict(**json.loads(line))
                self.verdicts[verdict.key] = verdict
            except (ValueError, TypeError):
                unreadable += 1
        if unreadable:
            warn(f"{self.path}: {unreadable} lines cannot be read; their entries are scored again")

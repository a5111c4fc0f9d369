"""A run that has left its record: whether it is the one that is asked for, and what of it is gone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.devices.ranks import first_only
from gpt2_experiments.experiment.run_files import RunFiles
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import read_json

# Parts of a run's identity in which a finished run may differ: it is the same experiment, made on another day.
INCIDENTAL = ("code_sha256", "torch", "threads", "ranks")


def differing_parts(identity: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The names of all parts in which a run's identity differs from one that was read from a file."""
    identity = json.loads(json.dumps(identity))  # as a file gives it back: a tuple is a list
    return [name for name in sorted({*identity, *found}) if identity.get(name) != found.get(name)]


@dataclass(frozen=True)
class FinishedRun:
    """The record of a run in its folder."""

    path: Path
    identity: dict[str, Any]
    files: list[str]

    @classmethod
    def find(cls, files: RunFiles) -> "FinishedRun | None":
        """The finished run in a folder, if there is one; `UserError` where its record cannot be read."""
        try:
            record = read_json(files.record)
        except FileNotFoundError:
            return None
        except ValueError:
            record = None
        identity, names = (record.get(key) if isinstance(record, dict) else None for key in ("identity", "files"))
        if isinstance(identity, dict) and isinstance(names, list) and all(isinstance(name, str) for name in names):
            return cls(files.record, identity, [Path(name).name for name in names])
        raise UserError(f"{files.record}: not the record of a run; remove it, or name another --output_dir")

    def check(self, identity: Mapping[str, Any], resume: bool, overwrite: bool) -> bool:
        """Whether it already is the run with this identity that is asked for; False where it is to be replaced.

        `UserError` where it is neither. With `resume` a run that is there is not made again.
        """
        differing = [name for name in differing_parts(identity, self.identity) if name not in INCIDENTAL]
        if resume and not differing:
            return True
        if overwrite:
            return False
        if not differing:
            raise UserError(
                f"{self.path}: this run is finished; keep it with --resume, make it anew with --overwrite, or name "
                "another --output_dir"
            )
        raise UserError(
            *(
                f"{self.path}: {name} is {identity.get(name)!r}, in the finished run it is {self.identity.get(name)!r}"
                for name in differing
            ),
            f"{self.path}: holds a finished run with other settings or data; make it anew with --overwrite, or name "
            "another --output_dir",
        )

    @first_only
    def remove(self) -> None:
        """Remove it: the record first, for without its files it would speak of a run that is not there."""
        for path in (self.path, *(self.path.with_name(name) for name in self.files)):
            path.unlink(missing_ok=True)

    def says(self, identity: Mapping[str, Any]) -> list[str]:
        """What to tell of a run that is not made again: where it is, what is gone, what it was made with."""
        lines = [f"This run is complete: {self.path}"]
        gone = [name for name in self.files if not self.path.with_name(name).exists()]
        if gone:
            lines.append(f"Gone since: {', '.join(gone)} (--overwrite without --resume makes the run anew)")
        made_with = [f"{name} {self.identity.get(name)}" for name in differing_parts(identity, self.identity)]
        if made_with:
            lines.append(f"Made with {', '.join(made_with)}")
        return lines

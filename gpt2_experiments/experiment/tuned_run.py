"""A finished run as others use it: its record, the model that it tuned, and how that model is asked."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, PromptStyle
from gpt2_experiments.experiment.finished_run import read_record
from gpt2_experiments.experiment.run_files import RECORDS
from gpt2_experiments.experiment.variants import Variant, combine
from gpt2_experiments.shared.errors import UserError, shortened
from gpt2_experiments.weights.sources import SAVED, SavedRun


@dataclass(frozen=True)
class TunedRun:
    """A run that has left its record and its weights."""

    record_path: Path
    record: dict[str, Any]
    source: SavedRun  # of the tuned weights

    @property
    def variant(self) -> Variant:
        """What was changed."""
        return combine(self.record["exercise_solution"])

    @property
    def style(self) -> PromptStyle:
        """How the model is asked."""
        return PROMPT_STYLES[self.variant.style]

    @property
    def name(self) -> str:
        """What files made of the run are called."""
        return self.source.path.stem

    @cached_property
    def responses(self) -> Path:
        """The response file."""
        return next(self.record_path.with_name(name) for name in self.record["files"] if "-response-" in name)


def find_run(place: Path) -> TunedRun:
    """The run that a folder, a record or a file of weights belongs to; `UserError` where that is none, or several."""
    if place.suffix == SAVED:
        return _run(SavedRun(place).record_path)
    if not place.is_dir():
        return _run(place)
    records = sorted(place.glob(RECORDS))
    if len(records) == 1:
        return _run(records[0])
    if records:
        raise UserError(f"{place}: has {len(records)} runs ({shortened([path.name for path in records])}); name one")
    raise UserError(f"{place}: no {RECORDS} in it; name the folder that a run wrote into")


def _run(path: Path) -> TunedRun:
    """The run of a record."""
    record = read_record(path)
    if not isinstance(record, dict) or not isinstance(record.get("files"), list):
        raise UserError(f"{path}: not the record of a finished run; name an {RECORDS} that a run has written")
    weights = [path.with_name(name) for name in record["files"] if name.endswith(SAVED)]
    if not weights or not weights[0].is_file():
        raise UserError(f"{path}: the run's weights are not beside it ({shortened(weights)}); put them there")
    return TunedRun(path, record, SavedRun(weights[0]))

"""A finished run as others use it: its record, the model that it tuned, and how that model is asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, PromptStyle
from gpt2_experiments.experiment.run_files import RunFiles
from gpt2_experiments.experiment.variants import VARIANTS, Variant, combine
from gpt2_experiments.shared.errors import UserError, shortened
from gpt2_experiments.shared.records import RECORDS, is_run_record, read_record
from gpt2_experiments.weights.sources import SAVED, SavedRun


@dataclass(frozen=True)
class TunedRun:
    """A run that has left its record and its weights."""

    source: SavedRun  # of the tuned weights

    @property
    def record_path(self) -> Path:
        """Where its record is."""
        return self.source.record_path

    @property
    def record(self) -> dict[str, Any]:
        """What its record holds."""
        return self.source.record

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

    @property
    def responses(self) -> Path:
        """The response file."""
        return RunFiles(self.record_path.parent, self.variant.suffix).responses


def find_run(place: Path) -> TunedRun:
    """The run that a folder, a record or a file of weights belongs to; `UserError` where that is none, or several."""
    if place.suffix == SAVED:
        return TunedRun(SavedRun(place))
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
    if not is_run_record(record) or not set(record["exercise_solution"]) <= VARIANTS.keys():
        raise UserError(f"{path}: not the record of a finished run; name an {RECORDS} that a run has written")
    weights = [path.with_name(name) for name in record["files"] if name.endswith(SAVED)]
    if not weights or not weights[0].is_file():
        raise UserError(f"{path}: the run's weights are not beside it ({shortened(weights)}); put them there")
    return TunedRun(SavedRun(weights[0], (path, record)))

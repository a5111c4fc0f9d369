"""The files that a run writes: what they are called and where they are."""

import re
from dataclasses import dataclass
from pathlib import Path

from gpt2_experiments.shared.records import RECORD

RESPONSES = "instruction-data-with-response"  # how the names of response files begin
UNFINISHED = "unfinished"  # how the names of the folders of unfinished runs begin


@dataclass(frozen=True)
class RunFiles:
    """The files of a run in its output folder; all end in the variant's suffix."""

    folder: Path
    suffix: str

    @property
    def plot(self) -> Path:
        return self.folder / f"loss-plot{self.suffix}.pdf"

    @property
    def plots(self) -> tuple[Path, Path]:
        return self.plot, self.plot.with_suffix(".png")

    @property
    def responses(self) -> Path:
        return self.folder / f"{RESPONSES}{self.suffix}.json"

    @property
    def record(self) -> Path:
        return self.folder / f"{RECORD}{self.suffix}.json"

    @property
    def unfinished(self) -> Path:
        return self.folder / f"{UNFINISHED}{self.suffix}"

    @property
    def lock(self) -> Path:
        return self.folder / f".{RECORD}{self.suffix}.lock"

    def weights(self, model_label: str) -> Path:
        return self.folder / f"{re.sub(r'[ ()]', '', model_label)}-sft{self.suffix}.pth"

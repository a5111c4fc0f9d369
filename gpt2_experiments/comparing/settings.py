"""What can be set in a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2_experiments.comparing.runs import JUDGE
from gpt2_experiments.judging.metrics import METRICS
from gpt2_experiments.shared.settings import REQUIRED, parse, setting

DESCRIPTION = "Compare finished experiments, with their uncertainty."


@dataclass(frozen=True)
class Settings:
    """Which runs are compared, and by what."""

    runs: tuple[Path, ...] = setting(
        REQUIRED, "folders with runs in them, or experiment-*.json files", metavar="PATH", positional=True
    )
    scores: str | None = setting(
        None,
        "compare by these scores",
        choices=(JUDGE, *METRICS),
        default_is="the judge's where there are any, else chrF",
    )
    output_dir: Path | None = setting(
        None, "where the comparison goes", metavar="DIR", default_is="the first folder named"
    )


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line."""
    return Settings(**parse(Settings, DESCRIPTION, arguments))

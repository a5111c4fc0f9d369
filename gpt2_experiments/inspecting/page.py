"""The inspection of a data set as one HTML page without a script."""

from pathlib import Path
from typing import Any

from gpt2_experiments.inspecting.lengths import HISTOGRAM_BINS, PARTS
from gpt2_experiments.shared.pages import Axis, render

TEMPLATE = "page.html.jinja"
LIMITS = ("allowed_max_length", "context_length")


def render_page(inspection: dict[str, Any]) -> str:
    """The page of an inspection, which is given as the plain data of inspection.json; any text is escaped in it."""
    end = HISTOGRAM_BINS * inspection["bin_width"]
    ticks = [tick for tick in Axis.over([0, end]).ticks if tick <= end]
    return render(
        Path(__file__).with_name(TEMPLATE),
        {"percent": percent},
        **inspection,
        parts=PARTS,
        axis=Axis(0, end, ticks),
        marks={name: inspection[name] for name in LIMITS if inspection[name] < end},
        tallest=max(count / split["entries"] for split in inspection["splits"] for count in split["histogram"]),
        beyond=any(split["lengths"]["text"]["longest"] >= end for split in inspection["splits"]),
    )


def percent(share: float) -> str:
    """A share for the eye."""
    return f"{share:.2%}"

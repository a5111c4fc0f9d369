"""The inspection of a data set as one HTML page without a script."""

from pathlib import Path
from typing import Any

from gpt2_experiments.inspecting.lengths import PARTS
from gpt2_experiments.shared.pages import Axis, render

TEMPLATE = "page.html.jinja"


def render_page(inspection: dict[str, Any]) -> str:
    """The page of an inspection, which is given as the plain data of inspection.json; any text is escaped in it."""
    longest = inspection["longest"]
    ticks = [tick for tick in Axis.over([0, longest]).ticks if tick <= longest]
    return render(
        Path(__file__).with_name(TEMPLATE),
        {"percent": percent},
        **inspection,
        parts=PARTS,
        axis=Axis(0, longest, ticks),
    )


def percent(share: float) -> str:
    """A share for the eye."""
    return f"{share:.2%}"

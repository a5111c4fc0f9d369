"""HTML pages that work offline and load nothing: their layout and look, their axes, and how they write figures.

Tables and plots are HTML and SVG, so that they show without JavaScript. Positions in plots are percentages: the browser
stretches lines and bars to the width there is, and text keeps its size, on a phone too.
"""

import base64
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.ticker import MaxNLocator

from gpt2_experiments.shared.files import locked, whole_file, write_json


def render(template: Path, filters: Mapping[str, Callable[..., str]], **data: Any) -> str:
    """The page that a template makes of `data`.

    Every text may hold anything: it is escaped. KeyError or jinja2's UndefinedError name what is missing.

    Args:
        template: A file that extends `layout.html.jinja`.
        filters: What it needs beside `csp_hash`, `decimals` and `moment`.
        data: Its variables; `suite_version` is one of them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([template.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"csp_hash": csp_hash, "decimals": decimals, "moment": moment, **filters}
    return environment.get_template(template.name).render(**data)


def save_with_page(data_file: Path, data: Any, page_file: Path, page: str) -> None:
    """Write plain data and the page that shows it; of several processes one writes both and the others wait."""
    with locked(data_file.with_name(f".{data_file.stem}.lock"), str(data_file), wait=True):
        write_json(data_file, data)
        with whole_file(page_file) as file:
            file.write(page.encode("utf-8", "backslashreplace"))


@dataclass(frozen=True)
class Axis:
    """The part of a number line that a plot shows, and its ticks."""

    low: float
    high: float
    ticks: Sequence[float]

    @classmethod
    def over(cls, values: Iterable[float], most_ticks: int = 6) -> "Axis":
        """An axis over all finite `values`, from tick to tick; from 0 to 1 if there are none."""
        finite = [value for value in values if math.isfinite(value)] or [0, 1]
        ticks = MaxNLocator(most_ticks, steps=[1, 2, 5, 10]).tick_values(min(finite), max(finite))
        return cls(float(ticks[0]), float(ticks[-1]), [float(tick) for tick in ticks])

    def place(self, value: float) -> float:
        """Where `value` lies between the ends, in percent; two decimals are a tenth of a pixel."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)


def csp_hash(source: str) -> str:
    """The Content-Security-Policy source expression of an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def decimals(value: float | None, digits: int | None = None, sign: bool = False) -> str:
    """A number for the eye: thousands separated, a true minus; without `digits`, as many as it needs; None: none."""
    if value is None:
        return "none"
    text = f"{value:,.10g}" if digits is None else f"{value:,.{digits}f}"
    negative = text.startswith("-") and any(digit in text for digit in "123456789")
    return ("\N{MINUS SIGN}" if negative else "+" if sign else "") + text.removeprefix("-")


def moment(timestamp: str) -> str:
    """An ISO 8601 timestamp for the eye."""
    time = datetime.fromisoformat(timestamp)
    return f"{time.day} {time:%B %Y, %H:%M %Z}".strip()

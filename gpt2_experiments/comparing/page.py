"""A comparison of variants as one HTML page.

Its script only pages through the entries, switches the loss plots and hides curves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gpt2_experiments.shared.pages import Axis, render

Data = dict[str, Any]

TEMPLATE = "page.html.jinja"
# A variant takes one of each by its place in the comparison. The lengths have no common factor, so that the combination
# tells 210 variants apart, without colour too. The colours are those of Okabe & Ito (Color Universal Design, 2008) that
# have 3:1 contrast on white and on near black, the last of the four darkened for it, then grey and violet.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#c770a2", "#767676", "#9b6cf0")
DASHES = ("none", "7 3", "2 2.5", "10 3 2 3", "14 4")
MARKERS = (  # SVG paths around 0, 0: circle, square, triangle, diamond, triangle down, cross, plus
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.5-3.5h7v7h-7z",
    "M0-4.5 4.5 3.5h-9z",
    "M0-5 5 0 0 5-5 0z",
    "M0 4.5 4.5-3.5h-9z",
    "M-4-4 4 4M-4 4 4-4",
    "M-5 0H5M0-5V5",
)
HISTOGRAM_BINS = 25  # of 4 points each on a scale of 100
LOSS_AXES = {"tokens_seen": "Tokens seen", "seconds": "Training time in seconds"}  # field of an evaluation: label
LOSSES = {"train_loss": "Training loss", "val_loss": "Validation loss"}


def render_page(comparison: Data) -> str:
    """The page of a comparison, which is given as the plain data of comparison.json.

    Every text may hold anything: it is escaped in the page's HTML and in the JSON the script reads. Losses that are not
    finite (a run that diverged) are left out of the curves.

    Raises ValueError for a score that is not finite, KeyError for a field or a response that is missing.
    """
    variants = comparison["variants"]
    return render(
        Path(__file__).with_name(TEMPLATE),
        {"duration": duration, "p_value": p_value},
        **comparison,
        colours=COLOURS,
        dashes=DASHES,
        markers=MARKERS,
        loss_axes=LOSS_AXES,
        loss_plots=[loss_plot(variants, field) for field in LOSS_AXES],
        difference_axis=difference_axis(comparison["pairs"]),
        histograms=score_histograms(comparison),
        score_axis=score_axis(comparison["scores"]),
        data=script_data(comparison),
    )


@dataclass(frozen=True)
class Curve:
    """One run's losses as points of a plot, in percent from its top left corner."""

    variant: int
    run: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class LossPanel:
    """The curves of one loss of all runs."""

    title: str
    curves: Sequence[Curve]


@dataclass(frozen=True)
class LossPlot:
    """The panels of all losses over one horizontal axis."""

    field: str
    horizontal: Axis
    vertical: Axis
    panels: Sequence[LossPanel]


def loss_plot(variants: Sequence[Data], field: str) -> LossPlot:
    """Training and validation loss over `field` of the evaluations, on the same axes so that they can be compared."""
    evaluations = [evaluation for variant in variants for run in variant["runs"] for evaluation in run["evaluations"]]
    horizontal = Axis.over([0, *(evaluation[field] for evaluation in evaluations)], most_ticks=4)
    vertical = Axis.over(evaluation[loss] for evaluation in evaluations for loss in LOSSES)

    def curve(variant: int, run: Data, loss: str) -> Curve:
        points = [
            (horizontal.place(evaluation[field]), round(100 - vertical.place(evaluation[loss]), 2))
            for evaluation in run["evaluations"]
            if math.isfinite(evaluation[loss])
        ]
        return Curve(variant, run["name"], points)

    panels = [
        LossPanel(title, [curve(i, run, loss) for i, variant in enumerate(variants) for run in variant["runs"]])
        for loss, title in LOSSES.items()
    ]
    return LossPlot(field, horizontal, vertical, panels)


def difference_axis(pairs: Sequence[Data]) -> Axis:
    """An axis with room for 0 and every pair's interval."""
    return Axis.over([0, *(end for pair in pairs for end in pair["interval_95"])])


def score_axis(scores: Data) -> Axis:
    """An axis over the whole scale of the scores, as the histograms have it."""
    low, high = scores["lowest"], scores["highest"]
    return Axis(low, high, np.linspace(low, high, 6).tolist())


@dataclass(frozen=True)
class Histogram:
    """How the scores of one variant's responses spread, all its runs together."""

    shares: Sequence[float]  # of the responses, for each bin from the lowest score to the highest
    quartiles: Sequence[float]  # a quarter, a half and three quarters of the responses score less


def score_histograms(comparison: Data) -> list[Histogram]:
    """One histogram a variant, with the same bins. Raises ValueError for a score that is not finite."""
    scale = comparison["scores"]["lowest"], comparison["scores"]["highest"]
    histograms = []
    for variant in comparison["variants"]:
        runs = [run["name"] for run in variant["runs"]]
        scores = np.array([entry["responses"][run]["score"] for entry in comparison["entries"] for run in runs])
        if not np.isfinite(scores).all():
            raise ValueError(f"{variant['name']}: scores {scores[~np.isfinite(scores)]} are not finite")
        # Clipped, because a score that rounding has put beyond the end would fall out of the last bin.
        counts, _ = np.histogram(np.clip(scores, *scale), HISTOGRAM_BINS, scale)
        histograms.append(Histogram((counts / len(scores)).tolist(), np.quantile(scores, [0.25, 0.5, 0.75]).tolist()))
    return histograms


def script_data(comparison: Data) -> Data:
    """What the page's script reads: variants with the seeds of their runs, and entries with responses in this order."""
    variants = comparison["variants"]
    runs = [[run["name"] for run in variant["runs"]] for variant in variants]
    entries = [
        entry | {"responses": [[entry["responses"][name] for name in names] for names in runs]}
        for entry in comparison["entries"]
    ]
    return {
        "variants": [
            {"name": variant["name"], "seeds": [run["seed"] for run in variant["runs"]]} for variant in variants
        ],
        "entries": entries,
    }


def p_value(p: float) -> str:
    """A p value to three decimals."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def duration(seconds: float) -> str:
    """A time to three figures or so."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{minutes // 60} h {minutes % 60} min"

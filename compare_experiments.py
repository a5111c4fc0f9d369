"""Several finished runs side by side: what each cost, how good its responses are, and which differences are shown.

    python compare_experiments.py runs

Takes folders with runs in them and `experiment-*.json` files. Runs that differ in the seed alone form one variant.
Prints a table, and writes comparison.json and comparison.html.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpt2_experiments.comparing.page import render_page
from gpt2_experiments.comparing.runs import JUDGE, find_records, group_runs, read_runs
from gpt2_experiments.comparing.settings import parse_settings
from gpt2_experiments.comparing.summary import compare_groups
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import locked, whole_file, write_json

COMPARISON_FILE, PAGE_FILE, LOCK_FILE = "comparison.json", "comparison.html", ".comparison.lock"


def main(arguments: list[str] | None = None) -> None:
    """Compare the runs that the command line names."""
    settings = parse_settings(arguments)
    output = settings.output_dir or next((place for place in settings.runs if place.is_dir()), Path("."))
    check_writable(output)
    groups = group_runs(read_runs(find_records(settings.runs), settings.scores))
    if len(groups) < 2:
        raise UserError(f"{settings.runs[0]}: runs of one variant only ({next(iter(groups))}); name a second one")
    comparison = compare_groups(groups)
    page = render_page(comparison).encode("utf-8", "backslashreplace")
    with locked(output / LOCK_FILE, f"the comparison in {output}", wait=True):
        write_json(output / COMPARISON_FILE, comparison)
        with whole_file(output / PAGE_FILE) as file:
            file.write(page)
    print("\n".join(report(comparison)))
    print(f"Comparison saved as {output / COMPARISON_FILE} and {output / PAGE_FILE}")


def check_writable(folder: Path) -> None:
    """`UserError` where the output folder is missing or cannot be written."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UserError(f"--output_dir {folder}: no folder that can be written; make it, or name another")


def report(comparison: dict[str, Any]) -> list[str]:
    """The lines for the terminal."""
    n_entries, scores = len(comparison["entries"]), comparison["scores"]
    whose = f"judge {scores['name']}" if scores["kind"] == JUDGE else f"{scores['name']} against the references"
    return [
        f"{n_entries} test entries, scores by {whose}, from {scores['lowest']} to {scores['highest']}",
        "",
        *table(HEADER, [row(variant) for variant in comparison["variants"]]),
        "",
        *(pair["sentence"] for pair in comparison["pairs"]),
        "",
        *(f"Note: {note}" for note in comparison["notes"]),
    ]


HEADER = (
    "variant", "seeds", "training, s", "tokens/s", "memory, GB", "trained", "val loss, last", "best", "responses, s",
    "mean score", "95% interval",
)  # fmt: skip


def row(variant: dict[str, Any]) -> tuple[str, ...]:
    """A variant's row of the table."""
    summary = variant["summary"]
    return (
        variant["name"],
        str(len(variant["seeds"])),
        f"{summary['training_seconds']:.1f}",
        f"{summary['tokens_per_second']:.0f}",
        f"{summary['peak_memory_bytes'] / 1e9:.2f}",
        f"{summary['trainable_parameters']:,}",
        f"{summary['final_val_loss']:.3f}",
        f"{summary['best_val_loss']:.3f}",
        f"{summary['generation_seconds']:.1f}",
        f"{summary['mean_score']:.2f}",
        "{:.2f} to {:.2f}".format(*summary["interval_95"]),
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines: names to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) if index == 0 else cell.rjust(width) for index, (cell, width) in enumerate(cells))
        for cells in (list(zip(line, widths, strict=True)) for line in (header, *rows))
    ]


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

"""Several finished runs side by side: what each cost, how good its responses are, and which differences are shown.

    python compare_experiments.py runs

Takes folders with runs in them and `experiment-*.json` files. Runs that differ in the seed alone form one variant.
Prints a table, and writes comparison.json and comparison.html.
"""

from pathlib import Path
from typing import Any

from gpt2_experiments.comparing.page import render_page
from gpt2_experiments.comparing.runs import JUDGE, find_records, group_runs, read_runs
from gpt2_experiments.comparing.settings import parse_settings
from gpt2_experiments.comparing.summary import compare_groups
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import make_output_dir
from gpt2_experiments.shared.pages import save_with_page
from gpt2_experiments.shared.tables import table

COMPARISON_FILE, PAGE_FILE = "comparison.json", "comparison.html"


def main(arguments: list[str] | None = None) -> None:
    """Compare the runs that the command line names."""
    settings = parse_settings(arguments)
    output = settings.output_dir or next((place for place in settings.runs if place.is_dir()), Path("."))
    make_output_dir(output)
    groups = group_runs(read_runs(find_records(settings.runs), settings.scores))
    if len(groups) < 2:
        raise UserError(f"{settings.runs[0]}: runs of one variant only ({next(iter(groups))}); name a second one")
    comparison = compare_groups(groups)
    save_with_page(output / COMPARISON_FILE, comparison, output / PAGE_FILE, render_page(comparison))
    print("\n".join(report(comparison)))
    print(f"Comparison saved as {output / COMPARISON_FILE} and {output / PAGE_FILE}")


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


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

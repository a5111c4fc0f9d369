"""A look at a data set before a model is finetuned on it: lengths, doubles, contradictions, openings, scripts.

    python inspect_data.py instruction-data.json

Reads the data set as a run does. Prints what its splits hold, and writes inspection.json and inspection.html.
"""

import os
import sys
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.entries.splits import DataSet, read_splits
from gpt2_experiments.inspecting.inspection import inspect
from gpt2_experiments.inspecting.lengths import Limits
from gpt2_experiments.inspecting.page import render_page
from gpt2_experiments.inspecting.settings import parse_settings
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import make_output_dir
from gpt2_experiments.shared.pages import save_with_page
from gpt2_experiments.shared.tables import table
from gpt2_experiments.weights.loading import load_tokenizer_of
from gpt2_experiments.weights.sources import find_source

INSPECTION_FILE, PAGE_FILE = "inspection.json", "inspection.html"


def main(arguments: list[str] | None = None) -> None:
    """Inspect the data set that the command line names."""
    settings = parse_settings(arguments)
    make_output_dir(settings.output_dir)
    inspection_file, page_file = settings.output_dir / INSPECTION_FILE, settings.output_dir / PAGE_FILE
    check_apart(settings.data_set, inspection_file, page_file)
    splits = read_splits(settings.data_set)
    source = find_source(*settings.where, tokenizer_only=True)
    limits = Limits(settings.allowed_max_length, source.hparams["n_ctx"])
    print("Comparing the questions ...", file=sys.stderr, flush=True)
    inspection = inspect(splits, load_tokenizer_of(source), PROMPT_STYLES[settings.prompt_style], limits)
    inspection["model"] = settings.model or str(settings.weights)
    save_with_page(inspection_file, inspection, page_file, render_page(inspection))
    print("\n".join(report(inspection)))
    print(f"Inspection saved as {inspection_file} and {page_file}")


def check_apart(data_set: DataSet, *outputs: Path) -> None:
    """`UserError` where a source of the data would be overwritten."""
    sources = {os.path.realpath(source) for source in data_set.sources.values()}
    for path in outputs:
        if os.path.realpath(path) in sources:
            raise UserError(f"{path}: is the data itself, which would be replaced; name another --output_dir")


def report(inspection: dict[str, Any]) -> list[str]:
    """The lines for the terminal."""
    return [
        *map(source_line, inspection["sources"]),
        f"Lengths in tokens of {inspection['model']}, prompts in the style {inspection['prompt_style']}; cut to "
        f"{inspection['allowed_max_length']:,}, the model's context {inspection['context_length']:,}",
        "",
        *table(HEADER, [row(split) for split in inspection["splits"]]),
        "",
        *map(alike_line, inspection["alike"]),
        several_answers_line(inspection["several_answers"]),
        *(openings_line(openings, inspection["entries"]) for openings in inspection["openings"]),
        scripts_line(inspection["scripts"]),
        "",
    ]


def source_line(source: dict[str, Any]) -> str:
    """A source, how its fields were read, and how many of its rows were left out."""
    said = [f"{source['entries']:,} entries"]
    if source["says"]:
        said.append(source["says"])
    if source["skipped"]:
        said.append(f"{source['skipped']:,} rows at fault left out")
    return f"{source['source']}: {', '.join(said)}"


HEADER = (
    "split", "entries", "with input", "empty outputs", "prompt, mean", "output, mean", "both, mean", "95% up to",
    "longest", "cut", "no output left", "too long",
)  # fmt: skip


def row(split: dict[str, Any]) -> tuple[str, ...]:
    """A split's row of the table."""
    lengths = split["lengths"]
    return (
        split["name"],
        f"{split['entries']:,}",
        f"{split['with_input']:,}",
        f"{split['empty_outputs']:,}",
        *(f"{lengths[part]['mean']:.1f}" for part in ("prompt", "output", "text")),
        f"{lengths['text']['percentile_95']:.0f}",
        f"{lengths['text']['longest']:,}",
        *("-" if split[name] is None else f"{split[name]:,}" for name in ("cut", "lost", "too_long")),
    )


def alike_line(alike: dict[str, Any]) -> str:
    """How many questions of a split stand in another, or more than once in one."""
    if alike["first"] == alike["second"]:
        of, what = alike["second"], "another one asks"
    else:
        of, what = alike["second"], f"{alike['first']} entries ask"
    if not alike["examples"]:
        return f"No {of} entry asks what {what}, or nearly."
    first = alike["examples"][0]  # the most similar
    return (
        f"{alike['same']:,} {of} entries ask what {what}, {alike['nearly']:,} more nearly, such as "
        f"{first['second']['place']} and {first['first']['place']} (similarity {first['similarity']:.2f})."
    )


def several_answers_line(several: dict[str, Any]) -> str:
    """How many questions are answered in several ways."""
    if not several["questions"]:
        return "No question has several answers."
    places = " and ".join(entry["place"] for entry in several["examples"][0][:2])
    return f"{several['questions']:,} questions have several answers, such as {places}."


def openings_line(openings: dict[str, Any], n_entries: int) -> str:
    """The most frequent first words."""
    shown = [
        f"{frequent['opening']!r} {frequent['entries'] / n_entries:.1%}" for frequent in openings["most_frequent"][:3]
    ]
    return f"Most frequent first {openings['words']} words of instructions: {', '.join(shown)}."


def scripts_line(scripts: dict[str, Any]) -> str:
    """The shares of the scripts."""
    shares = ", ".join(f"{script} {share:.2%}" for script, share in list(scripts["shares"].items())[:5])
    if not scripts["in_another"]:
        return f"Letters: {shares or 'none'}."
    return (
        f"Letters: {shares}; {scripts['in_another']:,} entries are mainly in another script than the first, such as "
        f"{scripts['first_in_another']}."
    )


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

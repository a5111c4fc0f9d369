"""The card of an exported model, made from the run's record and the scores beside it."""

from pathlib import Path
from typing import Any

from gpt2_experiments.experiment.tuned_run import TunedRun
from gpt2_experiments.exporting.templates import header_of
from gpt2_experiments.judging.report import JUDGE_SCORES, REFERENCE_SCORES, beside
from gpt2_experiments.shared.errors import warn
from gpt2_experiments.shared.files import read_json, sha256_of

SETTINGS = (
    "seed", "num_epochs", "batch_size", "allowed_max_length", "learning_rate", "weight_decay", "precision",
)  # fmt: skip
LORA_SETTINGS = ("lora_rank", "lora_alpha")


def model_card(run: TunedRun) -> str:
    """What the model is, what it learned from, how well, and how it is asked; as Markdown."""
    record, last = run.record, run.record["evaluations"][-1]
    best = min(record["evaluations"], key=lambda at: at["val_loss"])
    settings = [*SETTINGS, *(LORA_SETTINGS if run.variant.lora else ())]
    return "\n".join([
        "---", "library_name: transformers", "pipeline_tag: text-generation", "tags: [gpt2, instruction-finetuning]",
        "---", "",
        f"# {run.name}", "",
        f"GPT-2 ({record['model_label']}), instruction-finetuned: {' + '.join(record['exercise_solution'])}.", "",
        "Each message is answered alone: the model has learned single turns.", "",
        "## Data", "",
        *(f"- {name}: {Path(data['source']).name}, SHA-256 `{data['sha256']}`"
          for name, data in record["data_sources"].items()),
        f"- {record['splits']['train']} training, {record['splits']['validation']} validation and "
        f"{record['splits']['test']} test entries", "",
        "## Training", "",
        "| setting | |", "|---|---|",
        *(f"| {name} | {record[name]} |" for name in settings), "",
        "| | training loss | validation loss |", "|---|---|---|",
        _losses("before", record["initial_losses"]), _losses("last", last), _losses("best", best), "",
        *_scores(run),
        "## Prompt", "",
        "The chat template writes it; by hand:", "",
        "```", f"{run.style.before_instruction}INSTRUCTION{header_of(run.style)}```", "",
        f"An input stands after the instruction, behind {run.style.before_input!r}.", "",
    ])  # fmt: skip


def _losses(name: str, losses: dict[str, Any]) -> str:
    return f"| {name} | {losses['train_loss']:.3f} | {losses['val_loss']:.3f} |"


def _scores(run: TunedRun) -> list[str]:
    """A section of the mean scores of the responses as they are, with 95% intervals; empty where nothing was scored."""
    rows = []
    for ending in (JUDGE_SCORES, REFERENCE_SCORES):
        path = beside(run.responses, ending)
        scored = _scores_in(path) if path.exists() and run.responses.exists() else {}
        if scored and scored.get("file_sha256") == sha256_of(run.responses):
            by = scored["judge"]
            summaries = scored["summary"] if isinstance(by, str) else {f"judge {by['model']}": scored["summary"]}
            rows += [_score(name, summary) for name, summary in summaries.items() if summary["mean"] is not None]
    table = ["## Scores of the test responses", "", "| by | mean | 95% interval |", "|---|---|---|", *rows, ""]
    return table if rows else []


def _scores_in(path: Path) -> dict[str, Any]:
    """What a score file holds; nothing where it is damaged, which is warned of."""
    try:
        scored = read_json(path)
    except ValueError:
        scored = None
    if isinstance(scored, dict):
        return scored
    warn(f"{path}: no scores can be read in it; the model card has none of them")
    return {}


def _score(name: str, summary: dict[str, Any]) -> str:
    low, high = summary["interval_95"]
    return f"| {name} | {summary['mean']:.2f} | {low:.2f} to {high:.2f} |"

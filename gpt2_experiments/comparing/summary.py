"""Groups of runs side by side, as plain data: what comparison.json holds and what the table and the page show."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import fmean, median
from typing import Any

from gpt2_experiments import __version__
from gpt2_experiments.comparing.runs import JUDGE, Run, differing_settings
from gpt2_experiments.comparing.statistics import compare_all, comparison_sentence, variant_mean
from gpt2_experiments.judging.reply import HIGHEST, LOWEST

Groups = Mapping[str, Sequence[Run]]  # runs that differ in the seed alone, by the name shown

COSTS = ("training_seconds", "tokens_per_second", "peak_memory_bytes", "generation_seconds")  # the median over the runs
LOSSES = ("final_train_loss", "final_val_loss", "best_val_loss")  # the mean over the runs


def compare_groups(groups: Groups) -> dict[str, Any]:
    """The comparison of all groups: figures of each, statistics of each pair, all entries with all responses."""
    scores = {name: [run.scores for run in group] for name, group in groups.items()}
    any_run = next(iter(groups.values()))[0]
    return {
        "suite_version": __version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "scores": describe_scores(any_run),
        "variants": [describe_group(name, group) for name, group in groups.items()],
        "pairs": [
            {
                "first": pair.a,
                "second": pair.b,
                "difference": pair.difference,
                "interval_95": pair.interval,
                "p_value": pair.p,
                "p_value_holm": pair.p_holm,
                "smallest_detectable": pair.smallest_detectable,
                "seeds_counted": pair.seeds_counted,
                "difference_shown": pair.difference_shown,
                "sentence": comparison_sentence(pair),
            }
            for pair in compare_all(scores)
        ],
        "notes": notes(groups),
        "entries": describe_entries(groups),
    }


def describe_scores(run: Run) -> dict[str, Any]:
    """Who gave the scores, and their scale."""
    metric, judge = run.judged_by.get("metric"), run.judged_by
    name = metric or judge.get("answered_by") or judge.get("served_as") or judge["model"]
    return {
        "name": name.removesuffix(":latest"),
        "kind": "reference" if metric else JUDGE,
        "lowest": LOWEST,
        "highest": HIGHEST,
        "judged_by": run.judged_by,
    }


def describe_group(name: str, group: Sequence[Run]) -> dict[str, Any]:
    """A group's figures and those of its runs."""
    runs = [describe_run(name, run) for run in group]
    mean = variant_mean([run.scores for run in group])
    summary = {key: median(run[key] for run in runs) for key in COSTS}
    summary |= {key: fmean(run[key] for run in runs) for key in LOSSES}
    summary["trainable_parameters"] = runs[0]["trainable_parameters"]
    summary |= {"mean_score": mean.mean, "interval_95": mean.interval, "seeds_counted": mean.seeds_counted}
    return {"name": name, "seeds": [run.seed for run in group], "summary": summary, "runs": runs}


def describe_run(group_name: str, run: Run) -> dict[str, Any]:
    """A run's figures."""
    record = run.record
    seconds, evaluations = record["seconds"], record["evaluations"]
    return {
        "name": run_name(group_name, run),
        "folder": str(run.record_file.parent),
        "seed": run.seed,
        "training_seconds": seconds["training"],
        "tokens_per_second": record["tokens_seen"] / seconds["training"],
        "peak_memory_bytes": record["peak_memory_bytes"],
        "trainable_parameters": record["trainable_parameters"],
        "generation_seconds": seconds["responses"],
        "final_train_loss": evaluations[-1]["train_loss"],
        "final_val_loss": evaluations[-1]["val_loss"],
        "best_val_loss": min(at["val_loss"] for at in evaluations),
        "mean_score": fmean(run.scores),
        "evaluations": evaluations,
    }


def run_name(group_name: str, run: Run) -> str:
    """What tells a run from all others."""
    return f"{group_name}, seed {run.seed}"


def describe_entries(groups: Groups) -> list[dict[str, Any]]:
    """Every test entry with each run's response and score."""
    named = {run_name(name, run): run for name, group in groups.items() for run in group}
    questions = next(iter(named.values())).entries
    return [
        {
            "number": index + 1,
            **{field: question[field] for field in ("instruction", "input", "output")},
            "responses": {
                name: {"response": run.entries[index]["model_response"], "score": run.scores[index]}
                for name, run in named.items()
            },
        }
        for index, question in enumerate(questions)
    ]


def notes(groups: Groups) -> list[str]:
    """What a reader has to know before comparing: losses over other tokens, other settings, other machines."""
    found = []
    runs = [group[0] for group in groups.values()]
    if len({_loss_over(run) for run in runs}) > 1:
        found.append(
            "Losses of masked and unmasked runs, and of different prompt styles, are means over different tokens: "
            "compare them within a kind only. Scores can be compared."
        )
    leaky = [name for name, group in groups.items() if any(leaked_entries(run) for run in group)]
    if leaky:
        count = max(leaked_entries(run) for group in groups.values() for run in group)
        found.append(
            f"Up to {count} test entries ask what training entries of {', '.join(leaky)} ask, or nearly: their scores "
            f"tell less about new questions."
        )
    for setting, values in differing_settings(groups).items():
        shown = ", ".join(f"{name}: {value}" for name, value in zip(groups, values, strict=True))
        found.append(f"The variants also differ in {setting} ({shown}).")
    machines = {(run.record["device"]["name"], run.record["device"]["threads"]) for g in groups.values() for run in g}
    if len(machines) > 1:
        found.append("The runs are of different machines or numbers of threads: times cannot be compared.")
    if any(len(group) == 1 for group in groups.values()):
        found.append("A variant with one run says nothing about other seeds; several seeds (--seeds 1 2 3) do.")
    return found


def leaked_entries(run: Run) -> int:
    """How many of a run's test entries stand in its training data, or nearly."""
    record = run.record  # of an earlier version: not known
    return 0 if record.get("dropped_training_entries") else record.get("leaked_entries", {}).get("test", 0)


def _loss_over(run: Run) -> tuple[bool, bool]:
    """What decides which tokens a loss is the mean of."""
    variants = run.record["exercise_solution"]
    return "mask_instructions" in variants, "phi3_prompt" in variants

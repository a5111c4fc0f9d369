"""Scores a file of responses with a judge: a language model that Ollama or an OpenAI-compatible server runs.

    python ollama_evaluate.py --file_path instruction-data-with-response-lora.json

Every score is kept as it comes: the same command goes on where an interrupted one stopped.
"""

import statistics
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from gpt2_experiments import __version__
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.judging.interval import mean_interval
from gpt2_experiments.judging.journal import ScoreJournal
from gpt2_experiments.judging.prompt import HIGHEST, LOWEST
from gpt2_experiments.judging.protocols import APIS, JudgeOptions
from gpt2_experiments.judging.report import (
    JUDGE_SCORES,
    REFERENCE_SCORES,
    RESPONSE_FIELDS,
    EntryScore,
    Summary,
    beside,
    now,
    report_lines,
    score_file,
    summarize,
)
from gpt2_experiments.judging.scoring import connect, questions_about, score
from gpt2_experiments.judging.server import JudgeServer
from gpt2_experiments.judging.settings import Settings, parse_settings
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import locked, sha256_of, write_json


def main(arguments: list[str] | None = None) -> int:
    """Score the file that the command line names."""
    settings = parse_settings(arguments)
    entries = read_entries(settings.file_path, RESPONSE_FIELDS)
    if settings.judge == "reference":
        score_by_reference(settings.file_path, entries)
    else:
        with locked(beside(settings.file_path, "-scores.lock"), f"the judging of {settings.file_path}", wait=False):
            score_by_judge(settings, entries)
    return 0


def score_by_judge(settings: Settings, entries: Sequence[Entry]) -> None:
    """Ask the judge about every entry that has no score yet; save and print all that is known then."""
    api = APIS[settings.api]
    options = JudgeOptions(settings.model, settings.temperature, settings.num_ctx, settings.keep_alive)
    servers, identity = connect([JudgeServer(url, api, options, settings.timeout) for url in settings.url])
    print(f"{api.label} running: True", flush=True)

    judge_name = (settings.api, identity.served_as or settings.model, identity.digest)
    seeds = range(settings.seed, settings.seed + settings.repeats)
    questions = [questions_about(entry, judge_name, options, seeds) for entry in entries]
    with ScoreJournal(beside(settings.file_path, "-scores.jsonl")) as journal:
        verdicts = score(questions, servers, settings.concurrency, journal)
    results = [
        EntryScore(number, entry, [verdicts[question.key] for question in asked])
        for number, (entry, asked) in enumerate(zip(entries, questions, strict=True), start=1)
    ]

    summary = summarize(results)
    scores_path = beside(settings.file_path, JUDGE_SCORES)
    write_json(scores_path, score_file(settings, identity, results, summary))
    print("\n".join(report_lines(summary, results)))
    print(f"Scores saved as {scores_path}", flush=True)
    check_complete(settings.file_path, summary, settings.allow_missing)


def check_complete(file_path: Path, summary: Summary, allow_missing: bool) -> None:
    """`UserError` if entries lack a score and the user has not said that they may."""
    missing = summary.entries - summary.scored
    if missing and not allow_missing:
        raise UserError(
            f"{file_path}: {missing} of {summary.entries} entries have no score; run the same command again, "
            "it asks for these only, or say --allow_missing to take the average of the rest"
        )


def score_by_reference(file_path: Path, entries: Sequence[Entry]) -> None:
    """Score without a judge, by what response and reference share; save and print."""
    from gpt2_experiments.judging.metrics import reference_scores  # its libraries take most of a second to import

    scores = [
        reference_scores(entry["model_response"], entry["output"]) for entry in tqdm(entries, desc="Scoring entries")
    ]
    print(f"Number of scores: {len(scores)} of {len(entries)}")
    print("Averages of reference metrics from 0 to 100; these are not a judge's scores:")
    summary = {}
    for metric in scores[0]:
        values = [row[metric] for row in scores]
        mean, interval = statistics.fmean(values), mean_interval(values, (LOWEST, HIGHEST))
        summary[metric] = {"mean": mean, "interval_95": interval}
        print(f"  {metric}: {mean:.2f} (95% confidence interval {interval[0]:.2f} to {interval[1]:.2f})")
    scores_path = beside(file_path, REFERENCE_SCORES)
    records = [
        {"number": number, **{field: entry[field] for field in RESPONSE_FIELDS}, "scores": row}
        for number, (entry, row) in enumerate(zip(entries, scores, strict=True), start=1)
    ]
    source = {"file": file_path.name, "file_sha256": sha256_of(file_path)}
    about = {"judge": "reference", "date": now(), "suite_version": __version__}
    write_json(scores_path, source | about | {"summary": summary, "entries": records})
    print(f"Scores saved as {scores_path}", flush=True)


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

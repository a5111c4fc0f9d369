"""Scores files of responses with a judge: a language model that Ollama or an OpenAI-compatible server runs.

    python ollama_evaluate.py --file_path instruction-data-with-response-lora.json

Every score is kept as it comes: the same command goes on where an interrupted one stopped.
"""

import statistics
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from gpt2_experiments import __version__
from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, Entry
from gpt2_experiments.entries.reading import RESPONSE, RESPONSE_FIELDS, read_entries
from gpt2_experiments.experiment.run_files import RESPONSES
from gpt2_experiments.judging.interval import mean_interval
from gpt2_experiments.judging.journal import ScoreJournal
from gpt2_experiments.judging.protocols import APIS, JudgeIdentity, JudgeOptions
from gpt2_experiments.judging.reply import HIGHEST, LOWEST
from gpt2_experiments.judging.report import (
    JUDGE_SCORES,
    REFERENCE_SCORES,
    EntryScore,
    Summary,
    answered_by,
    beside,
    now,
    report_lines,
    score_file,
    summarize,
)
from gpt2_experiments.judging.scoring import connect, judge_name, questions_about, score
from gpt2_experiments.judging.server import JudgeServer
from gpt2_experiments.judging.settings import Settings, parse_settings
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.shared.files import locked, sha256_of, write_json


def main(arguments: list[str] | None = None) -> int:
    """Score the files that the command line names."""
    settings = parse_settings(arguments)
    files = read_files(response_files(settings.file_path), settings.response_key)
    if settings.judge == "reference":
        for path, entries in files.items():
            print_header(path, len(files))
            score_by_reference(path, settings.response_key, entries)
    else:
        score_by_judge(settings, files)
    return 0


def response_files(places: Sequence[Path]) -> list[Path]:
    """The response files that `places` name, files themselves or somewhere in folders."""
    found: list[Path] = []
    for place in places:
        if not place.is_dir():
            found.append(place)
            continue
        inside = sorted(place.rglob(f"{RESPONSES}*.json"))
        inside = [path for path in inside if not path.name.endswith((JUDGE_SCORES, REFERENCE_SCORES))]
        if not inside:
            raise UserError(f"{place}: no {RESPONSES}*.json in it; name a response file, or a folder with some")
        found += inside
    return list({path.resolve(): path for path in reversed(found)}.values())[::-1]


def read_files(paths: Sequence[Path], response_key: str) -> dict[Path, list[Entry]]:
    """The entries of each response file, the responses under the name that the suite has for them.

    `UserError` with all that is wrong with the files.
    """
    files: dict[Path, list[Entry]] = {}
    problems: list[str] = []
    for path in paths:
        try:
            entries = read_entries(path, (*ENTRY_FIELDS, response_key))
            files[path] = [entry | {RESPONSE: entry[response_key]} for entry in entries]
        except UserError as error:
            problems += error.messages
    if problems:
        raise UserError(*problems)
    return files


def print_header(path: Path, n_files: int) -> None:
    """Print which of several files comes next."""
    if n_files > 1:
        print(f"{path}:", flush=True)


def score_by_judge(settings: Settings, files: dict[Path, list[Entry]]) -> None:
    """Score file after file with one judge; `UserError` at the end if entries lack a score and must not."""
    api = APIS[settings.api]
    options = JudgeOptions(settings.model, settings.temperature, settings.num_ctx, settings.keep_alive, settings.think)
    servers, identity = connect([JudgeServer(url, api, options, settings.timeout) for url in settings.url])
    print(f"{api.label} running: True", flush=True)
    incomplete = []
    for path, entries in files.items():
        print_header(path, len(files))
        with locked(beside(path, "-scores.lock", settings.response_key), f"the judging of {path}", wait=False):
            summary = judge_file(settings, path, entries, servers, identity)
        if summary.scored < summary.entries:
            incomplete.append(
                f"{path}: {summary.entries - summary.scored} of {summary.entries} entries have no score; run the same "
                "command again, it asks for these only, or say --allow_missing to take the average of the rest"
            )
    if incomplete and not settings.allow_missing:
        raise UserError(*incomplete)


def judge_file(
    settings: Settings, path: Path, entries: Sequence[Entry], servers: Sequence[JudgeServer], identity: JudgeIdentity
) -> Summary:
    """Ask the judge about every entry that has no score yet; save and print all that is known then."""
    options = servers[0].options
    name = judge_name(settings.api, identity, options)
    seeds = range(settings.seed, settings.seed + settings.repeats)
    questions = [questions_about(entry, name, options, seeds) for entry in entries]
    with ScoreJournal(beside(path, "-scores.jsonl", settings.response_key)) as journal:
        verdicts = score(questions, servers, settings.concurrency, journal)
    results = [
        EntryScore(number, entry, [verdicts[question.key] for question in asked])
        for number, (entry, asked) in enumerate(zip(entries, questions, strict=True), start=1)
    ]

    summary = summarize(results)
    scores_path = beside(path, JUDGE_SCORES, settings.response_key)
    write_json(scores_path, score_file(path, settings, identity, results, summary))
    print("\n".join(report_lines(summary, results)))
    print(f"Scores saved as {scores_path}", flush=True)
    asked_for, model = identity.served_as or options.model, answered_by(list(verdicts.values()))
    if model not in (None, asked_for, servers[0].api.full_name(str(asked_for))):
        warn(f"{servers[0].url} was asked for {asked_for} and answered as {model}: that is the judge of these scores")
    return summary


def score_by_reference(path: Path, response_key: str, entries: Sequence[Entry]) -> None:
    """Score without a judge, by what response and reference share; save and print."""
    from gpt2_experiments.judging.metrics import reference_scores  # its libraries take most of a second to import

    scores_path = beside(path, REFERENCE_SCORES, response_key)
    with locked(scores_path.with_suffix(".lock"), f"the scoring of {path}", wait=True):
        scores = [reference_scores(entry[RESPONSE], entry["output"]) for entry in tqdm(entries, desc="Scoring entries")]
        summary = {metric: summarize_metric([row[metric] for row in scores]) for metric in scores[0]}
        records = [
            {"number": number, **{field: entry[field] for field in RESPONSE_FIELDS}, "scores": row}
            for number, (entry, row) in enumerate(zip(entries, scores, strict=True), start=1)
        ]
        source = {"file": path.name, "file_sha256": sha256_of(path), "response_key": response_key}
        about = {"judge": "reference", "date": now(), "suite_version": __version__}
        write_json(scores_path, source | about | {"summary": summary, "entries": records})
    print(f"Number of scores: {len(scores)} of {len(entries)}")
    print("Averages of reference metrics from 0 to 100; these are not a judge's scores:")
    for metric, figures in summary.items():
        low, high = figures["interval_95"]
        print(f"  {metric}: {figures['mean']:.2f} (95% confidence interval {low:.2f} to {high:.2f})")
    print(f"Scores saved as {scores_path}", flush=True)


def summarize_metric(values: Sequence[float]) -> dict:
    """The mean of a metric's scores, and its interval."""
    return {"mean": statistics.fmean(values), "interval_95": mean_interval(values, (LOWEST, HIGHEST))}


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

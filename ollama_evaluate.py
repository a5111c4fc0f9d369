"""Scores a file of responses with a judge: a language model that Ollama or an OpenAI-compatible server runs.

    python ollama_evaluate.py --file_path instruction-data-with-response-lora.json

Every score is kept as it comes: the same command goes on where an interrupted one stopped.
"""

import argparse
import os
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from gpt2_experiments import __version__
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.judging.interval import mean_interval
from gpt2_experiments.judging.journal import ScoreJournal
from gpt2_experiments.judging.prompt import HIGHEST, JUDGE_PROMPT, LOWEST
from gpt2_experiments.judging.protocols import APIS, JudgeIdentity, JudgeOptions
from gpt2_experiments.judging.report import (
    JUDGE_SCORES,
    REFERENCE_SCORES,
    RESPONSE_FIELDS,
    EntryScore,
    Summary,
    beside,
    report_lines,
    summarize,
)
from gpt2_experiments.judging.scoring import connect, questions_about, score
from gpt2_experiments.judging.server import KEY_VARIABLE, OLLAMA_PORT, JudgeServer, server_url
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.shared.files import locked, sha256_of, write_json

DEFAULT_MODEL = "llama3"
DEFAULT_KEEP_ALIVE = "5m"
DEFAULT_URL = f"http://localhost:{OLLAMA_PORT}"

# name: (default, type, smallest value allowed, help)
NUMBERS: dict[str, tuple[Any, type, float, str]] = {
    "concurrency": (4, int, 1, "questions put to each server at a time"),
    "repeats": (1, int, 1, "scores of each entry, with seeds counted up from --seed: shows the judge's own noise"),
    "timeout": (300.0, float, 0.1, "seconds a reply may take, queueing and loading of the model included"),
    "seed": (123, int, 0, "the judge's seed"),
    "temperature": (0.0, float, 0.0, "the judge's temperature; at 0 repeats can differ by the server's own noise only"),
    "num_ctx": (2048, int, 16, "the judge's context in tokens, at Ollama; a prompt that does not fit is an error"),
}


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


def score_by_judge(settings: argparse.Namespace, entries: Sequence[Entry]) -> None:
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
    check_complete(settings, summary)


def score_file(
    settings: argparse.Namespace, identity: JudgeIdentity, results: Sequence[EntryScore], summary: Summary
) -> dict[str, Any]:
    """The score file: who judged, with what, the summary, and every entry with the judge's raw replies.

    Its date is that of the newest reply, so that a run which has nothing left to ask writes the same file again.
    """
    options: dict[str, Any] = {"seed": settings.seed, "temperature": settings.temperature}
    if settings.api == "ollama":
        options |= {"num_ctx": settings.num_ctx, "keep_alive": settings.keep_alive}
    dates = [verdict.date for result in results for verdict in result.verdicts]
    return {
        "file": settings.file_path.name,
        "file_sha256": sha256_of(settings.file_path),
        "judge": {
            "model": settings.model,
            "served_as": identity.served_as,
            "digest": identity.digest,
            "api": settings.api,
            "options": options,
            "repeats": settings.repeats,
            "prompt": JUDGE_PROMPT,
        },
        "date": max(dates, default=now()),
        "suite_version": __version__,
        "summary": asdict(summary),
        "entries": [result.record() for result in results],
    }


def check_complete(settings: argparse.Namespace, summary: Summary) -> None:
    """`UserError` if entries lack a score and the user has not said that they may."""
    missing = summary.entries - summary.scored
    if missing and not settings.allow_missing:
        raise UserError(
            f"{settings.file_path}: {missing} of {summary.entries} entries have no score; run the same command again, "
            "it asks for these only, or say --allow_missing to take the average of the rest"
        )


def score_by_reference(file_path: Path, entries: Sequence[Entry]) -> None:
    """Score without a judge, by what response and reference share; save and print."""
    from gpt2_experiments.judging.metrics import reference_scores

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


def now() -> str:
    """The time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def parse_settings(arguments: list[str] | None = None) -> argparse.Namespace:
    """The checked settings of a command line; all that is wrong with them is reported in one `UsageError`."""
    settings = build_parser().parse_args(arguments)
    addresses = settings.url or [os.environ.get("OLLAMA_HOST") or DEFAULT_URL]
    problems = check_numbers(settings) + check_judge(settings) + check_addresses(addresses)
    if problems:
        raise UsageError(*problems)
    for name, (default, _, _, _) in NUMBERS.items():
        if getattr(settings, name) is None:
            setattr(settings, name, default)
    settings.keep_alive = settings.keep_alive or DEFAULT_KEEP_ALIVE
    bare_port = OLLAMA_PORT if settings.api == "ollama" else 80
    settings.url = list(dict.fromkeys(server_url(address, bare_port) for address in addresses))
    return settings


def build_parser() -> argparse.ArgumentParser:
    """The command line; numbers that are not given are None."""
    parser = argparse.ArgumentParser(
        description="Score every response of a file with a judge, from 0 to 100.",
        epilog=f"A key that a server asks for is read from the environment variable {KEY_VARIABLE}.",
    )
    add = parser.add_argument
    add("--file_path", type=Path, required=True, metavar="FILE", help="the response file of an experiment")
    add("--model", default=DEFAULT_MODEL, help="the judge (default: %(default)s)")
    add(
        "--url",
        action="append",
        metavar="URL",
        help=f"its server; several share the work (default: OLLAMA_HOST, else {DEFAULT_URL})",
    )
    add("--api", choices=list(APIS), default="ollama", help="the server's protocol (default: %(default)s)")
    add(
        "--judge",
        choices=["model", "reference"],
        default="model",
        help="reference: no model and no server, but chrF, BLEU, ROUGE-L and exact match (default: %(default)s)",
    )
    for name, (default, number_type, _, text) in NUMBERS.items():
        add(f"--{name}", type=number_type, metavar="N", help=f"{text} (default: {default:g})")
    add(
        "--keep_alive",
        metavar="TIME",
        help=f"how long Ollama keeps the judge loaded after a question (default: {DEFAULT_KEEP_ALIVE})",
    )
    add("--allow_missing", action="store_true", help="exit with 0 even if entries have no score")
    return parser


def check_numbers(settings: argparse.Namespace) -> list[str]:
    """One message for each number out of range."""
    given = {name: getattr(settings, name) for name in NUMBERS if getattr(settings, name) is not None}
    return [
        f"--{name} {value}: must be finite and at least {NUMBERS[name][2]}"
        for name, value in given.items()
        if not NUMBERS[name][2] <= value < float("inf")
    ]


def check_judge(settings: argparse.Namespace) -> list[str]:
    """One message for each setting that the protocol could not forward."""
    problems = []
    if settings.keep_alive and not re.fullmatch(r"-?\d+|-?(\d+(\.\d+)?(ms|s|m|h))+", settings.keep_alive):
        problems.append(
            f"--keep_alive {settings.keep_alive}: write a duration like 5m or 1h30m, or seconds (-1: always)"
        )
    if settings.api == "openai" and settings.judge == "model":
        for name in ("num_ctx", "keep_alive"):
            if getattr(settings, name) is not None:
                problems.append(f"--{name} is Ollama's; other servers are told when they are started")
        if not settings.url:
            problems.append("--api openai: name the server with --url, for instance --url http://localhost:8080")
    return problems


def check_addresses(addresses: Sequence[str]) -> list[str]:
    """One message for each address that is no web address, or has something in it that must not be shown."""
    problems = []
    for address in addresses:
        if "@" in address:
            problems.append(f"the server's address holds a user or password; put a key into {KEY_VARIABLE} instead")
        elif not server_url(address).startswith(("http://", "https://")):
            problems.append(f"{address}: not the address of a server; write http://HOST:PORT")
    return problems


if __name__ == "__main__":
    run_command(main)

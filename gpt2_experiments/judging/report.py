"""The judge's verdicts as one score an entry: their summary, the score file and the printed lines."""

import hashlib
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gpt2_experiments import __version__
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import RESPONSE, RESPONSE_FIELDS
from gpt2_experiments.judging.interval import mean_interval, repeat_noise
from gpt2_experiments.judging.prompt import JUDGE_PROMPT
from gpt2_experiments.judging.protocols import JudgeIdentity
from gpt2_experiments.judging.reply import HIGHEST, LOWEST
from gpt2_experiments.judging.settings import Settings
from gpt2_experiments.judging.workers import FAILED, SCORED, UNPARSABLE, Verdict
from gpt2_experiments.shared.files import sha256_of

JUDGE_SCORES, REFERENCE_SCORES = "-scores.json", "-reference-scores.json"  # beside a response file
EMPTY = "empty"  # a response of nothing but white space: scores 0 without asking
MOST_MISSING_LINES = 10


def beside(file_path: Path, ending: str, response_key: str = RESPONSE) -> Path:
    """A file beside the response file, named after it and, where that is another one, after the responses' field."""
    which = "" if response_key == RESPONSE else f"--{file_name_of(response_key)}"
    return file_path.with_name(file_path.name.removesuffix(".json") + which + ending)


def file_name_of(key: str) -> str:
    """A field's name as part of a file name; where letters had to be replaced a digest keeps it apart from others."""
    plain = re.sub(r"[^\w.]+", "-", key)
    return plain if plain == key else f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


@dataclass(frozen=True)
class EntryScore:
    """What came of one entry: the verdicts of its repeats, none where the response is empty."""

    number: int  # in the file, from 1
    entry: Entry
    verdicts: Sequence[Verdict]

    @property
    def status(self) -> str:
        """SCORED if all repeats are; else the first other outcome; EMPTY if there was nothing to ask."""
        if not self.verdicts:
            return EMPTY
        return next((verdict.outcome for verdict in self.verdicts if verdict.outcome != SCORED), SCORED)

    @property
    def scores(self) -> list[int]:
        """The scores of the repeats that have one."""
        return [verdict.score for verdict in self.verdicts if verdict.score is not None]

    @property
    def score(self) -> float | None:
        """The mean of all repeats; None if one of them is missing."""
        if self.status == EMPTY:
            return float(LOWEST)
        return statistics.fmean(self.scores) if self.status == SCORED else None

    def problem(self) -> str:
        """Why there is no score, for the user."""
        problems = [verdict for verdict in self.verdicts if verdict.problem]
        reply = f": {problems[0].reply[:80]!a}" if problems[0].outcome == UNPARSABLE else ""
        return f"entry {self.number}, {self.status}: {problems[0].problem}{reply}"

    def record(self) -> dict[str, Any]:
        """The entry's part of the score file."""
        replies = [
            {"score": verdict.score, "reply": verdict.reply, "attempts": verdict.attempts, "seconds": verdict.seconds}
            | ({"problem": verdict.problem} if verdict.problem else {})
            for verdict in self.verdicts
        ]
        fields = {field: self.entry[field] for field in RESPONSE_FIELDS}
        return {"number": self.number, **fields, "status": self.status, "score": self.score, "replies": replies}


@dataclass(frozen=True)
class Summary:
    """The figures of a whole file; those of the mean are None where nothing was scored."""

    entries: int
    scored: int
    mean: float | None
    interval_95: tuple[float, float] | None
    median: float | None
    empty: int
    unparsable: int
    failed: int
    spread: float | None  # standard deviation of the scores over entries
    judge_noise: float | None  # standard deviation of one entry's scores over its repeats; None without repeats


def summarize(results: Sequence[EntryScore]) -> Summary:
    """The figures of all entries together."""
    scores = [result.score for result in results if result.score is not None]
    statuses = [result.status for result in results]
    repeats = [result.scores for result in results if result.status == SCORED and len(result.verdicts) > 1]
    return Summary(
        entries=len(results),
        scored=len(scores),
        mean=statistics.fmean(scores) if scores else None,
        interval_95=mean_interval(scores, (LOWEST, HIGHEST)) if scores else None,
        median=statistics.median(scores) if scores else None,
        empty=statuses.count(EMPTY),
        unparsable=statuses.count(UNPARSABLE),
        failed=statuses.count(FAILED),
        spread=statistics.stdev(scores) if len(scores) > 1 else None,
        judge_noise=repeat_noise(repeats) if repeats else None,
    )


def report_lines(summary: Summary, results: Sequence[EntryScore]) -> list[str]:
    """What is printed below the progress bar. A mean that lacks entries says so in its own line."""
    lines = [f"Number of scores: {summary.scored} of {summary.entries}"]
    if summary.mean is None or summary.interval_95 is None:
        lines.append("Average score: none")
    else:
        is_whole = summary.scored == summary.entries
        lines.append(f"Average score: {summary.mean:.2f}" + ("" if is_whole else f" (of these {summary.scored} only)"))
        lines.append("95% confidence interval of the average: {:.2f} to {:.2f}".format(*summary.interval_95))
        lines.append(f"Median score: {summary.median:.2f}")
    lines.append(f"Empty responses (score 0): {summary.empty}")
    lines.append(f"Unparsable replies: {summary.unparsable}")
    lines.append(f"Failed entries: {summary.failed}")
    if summary.judge_noise is not None and summary.spread is not None:
        lines.append(f"Judge's noise (standard deviation over one entry's repeats): {summary.judge_noise:.2f}")
        lines.append(f"Spread (standard deviation over entries): {summary.spread:.2f}")
    missing = [result.problem() for result in results if result.score is None]
    lines += [f"No score for {problem}" for problem in missing[:MOST_MISSING_LINES]]
    if len(missing) > MOST_MISSING_LINES:
        lines.append(f"No score for {len(missing) - MOST_MISSING_LINES} more entries; the score file names them")
    return lines


def score_file(
    file_path: Path,
    settings: Settings,
    identity: JudgeIdentity,
    results: Sequence[EntryScore],
    summary: Summary,
) -> dict[str, Any]:
    """The score file: who judged, with what, the summary, and every entry with the judge's raw replies.

    Its date is that of the newest reply, so that a run which has nothing left to ask writes the same file again.
    """
    verdicts = [verdict for result in results for verdict in result.verdicts]
    seed = settings.seed if all(verdict.seeded for verdict in verdicts) else None  # some servers take none
    options: dict[str, Any] = {"seed": seed, "temperature": settings.temperature}
    if settings.api == "ollama":
        options |= {"num_ctx": settings.num_ctx, "keep_alive": settings.keep_alive, "think": settings.think}
    return {
        "file": file_path.name,
        "file_sha256": sha256_of(file_path),
        "response_key": settings.response_key,
        "judge": {
            "model": settings.model or identity.served_as,
            "served_as": identity.served_as,
            "answered_by": answered_by(verdicts),
            "digest": identity.digest,
            "api": settings.api,
            "options": options,
            "repeats": settings.repeats,
            "prompt": JUDGE_PROMPT,
        },
        "date": max((verdict.date for verdict in verdicts), default=now()),
        "suite_version": __version__,
        "summary": asdict(summary),
        "entries": [result.record() for result in results],
    }


def answered_by(verdicts: Sequence[Verdict]) -> str | None:
    """The model that gave the replies, by its own word; None where it does not tell."""
    return next((verdict.model for verdict in verdicts if verdict.model), None)


def now() -> str:
    """The time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")

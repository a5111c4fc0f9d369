"""Finished runs of `exercise_experiments.py`, read back with the scores of their responses, and found comparable."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.experiment.run_files import RECORD, RESPONSES, UNFINISHED
from gpt2_experiments.judging.metrics import METRICS
from gpt2_experiments.judging.report import JUDGE_SCORES, REFERENCE_SCORES, RESPONSE_FIELDS, beside
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import sha256_of

JUDGE = "judge"  # of `--scores`, beside the names in METRICS
RECORDS, UNFINISHED_FOLDERS = f"{RECORD}-*.json", f"{UNFINISHED}-*"
# Parts of a run's identity that do not tell one kind of run from another. Records of version 0.1.0 have `suite`.
INCIDENTAL = ("seed", "suite", "code_sha256", "torch", "threads")
SHOWN_SETTINGS = 3  # that tell groups of runs of the same variant apart


@dataclass(frozen=True)
class Run:
    """One run: its record, the test entries with its responses, and a score of each response."""

    record_file: Path
    record: dict[str, Any]
    entries: list[Entry]
    scores: list[float]  # of the entries, in their order
    judged_by: dict[str, Any]  # what decides the scores, beside the responses

    @property
    def variant(self) -> str:
        """The variants it combines."""
        return " + ".join(self.record["exercise_solution"])

    @property
    def seed(self) -> int:
        return self.record["seed"]

    @property
    def kind(self) -> dict[str, Any]:
        """What runs of several seeds have in common: all that decides the numbers but the seed."""
        return {name: value for name, value in self.record["identity"].items() if name not in INCIDENTAL}


def find_records(places: Sequence[Path]) -> list[Path]:
    """The records that `places` name, files themselves or somewhere in folders; `UserError` for what is not there."""
    found: list[Path] = []
    problems = []
    for place in places:
        records = sorted(place.rglob(RECORDS)) if place.is_dir() else [place]
        unfinished = (
            sorted(folder for folder in place.rglob(UNFINISHED_FOLDERS) if folder.is_dir()) if place.is_dir() else []
        )
        problems += [
            f"{folder}: a run that is not finished; go on with it (--resume), or remove that folder to leave it out"
            for folder in unfinished
        ]
        if not records and not unfinished:
            problems.append(f"{place}: no {RECORDS} in it; name the folder that a run wrote into")
        found += records
    if problems:
        raise UserError(*problems)
    return list(dict.fromkeys(path.resolve() for path in found))


def read_runs(records: Iterable[Path], scores: str | None) -> list[Run]:
    """The runs with their scores, by variant and seed, in the order in which the variants were found.

    Args:
        scores: `judge` or one of `METRICS`; None: the judge's where any run has them, else chrF.

    Raises:
        UserError: all that keeps these runs from being compared.
    """
    read = [(path, _read_record(path)) for path in records]
    responses = {path: _response_file(path, record) for path, record in read}
    if scores is None:
        judged = any(beside(file, JUDGE_SCORES).exists() for file in responses.values())
        scores = JUDGE if judged else next(iter(METRICS))
    runs: list[Run] = []
    problems: list[str] = []
    for path, record in read:
        try:
            entries = read_entries(responses[path], RESPONSE_FIELDS)
            runs.append(Run(path, record, entries, *read_scores(responses[path], scores)))
        except UserError as error:
            problems += error.messages
    problems = problems or check_comparable(runs)
    if problems:
        raise UserError(*problems)
    order = list(dict.fromkeys(run.variant for run in runs))
    return sorted(runs, key=lambda run: (order.index(run.variant), run.seed))


def _read_record(path: Path) -> dict[str, Any]:
    """A run's record."""
    try:
        record = json.loads(path.read_bytes())
        if record["identity"] and record["files"] and record["evaluations"]:
            return record
    except FileNotFoundError:
        raise UserError(f"{path}: not found; name a run's experiment-*.json or the folder it is in") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise UserError(f"{path}: not the record of a finished run; name an experiment-*.json that a run has written")


def _response_file(path: Path, record: dict[str, Any]) -> Path:
    """The response file that a record speaks of."""
    return next(path.with_name(name) for name in record["files"] if name.startswith(RESPONSES))


def read_scores(responses: Path, kind: str) -> tuple[list[float], dict[str, Any]]:
    """The scores of a response file by `kind`, and what decided them; `UserError` where there is not one an entry."""
    ending = JUDGE_SCORES if kind == JUDGE else REFERENCE_SCORES
    how = "" if kind == JUDGE else " --judge reference"
    advice = f"python ollama_evaluate.py --file_path {responses}{how}"
    path = beside(responses, ending)
    try:
        content = json.loads(path.read_bytes())
        judged, entries = content["file_sha256"], content["entries"]
        scores = [entry["score"] if kind == JUDGE else entry["scores"][kind] for entry in entries]
        judge: dict[str, Any] = dict(content["judge"]) if kind == JUDGE else {"metric": kind}
    except FileNotFoundError:
        raise UserError(f"{path}: not found, the responses have no scores; {advice}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a score file ({error!r}); {advice}") from None
    if judged != sha256_of(responses):
        raise UserError(f"{path}: scores of other responses than {responses.name} has now; {advice}")
    missing = sum(score is None for score in scores)
    if missing:
        raise UserError(f"{path}: {missing} of {len(scores)} responses have no score; {advice}")
    if kind == JUDGE:  # how long the judge stays loaded decides no score
        judge["options"] = {name: value for name, value in judge["options"].items() if name != "keep_alive"}
    return scores, judge


def check_comparable(runs: Sequence[Run]) -> list[str]:
    """What keeps the runs from being compared: other test entries, another judge, the same run twice."""
    first = runs[0]
    problems = []
    for run in runs[1:]:
        if _questions(run) != _questions(first):
            problems.append(
                f"{run.record_file}: answers other test entries than {first.record_file}; "
                "only runs with the same test set can be compared"
            )
        if run.judged_by != first.judged_by:
            differing = [key for key in first.judged_by if run.judged_by.get(key) != first.judged_by[key]]
            problems.append(
                f"{run.record_file}: judged otherwise than {first.record_file} ({', '.join(differing)}); "
                "score both with the same judge and options"
            )
    same = Counter((json.dumps(run.kind, sort_keys=True), run.seed) for run in runs)
    for run in runs:
        if same.pop((json.dumps(run.kind, sort_keys=True), run.seed), 0) > 1:
            problems.append(f"{run.record_file}: the same settings and seed as in another run; leave one of them out")
    return problems


def _questions(run: Run) -> list[tuple[str, ...]]:
    """The test entries without the responses."""
    return [(entry["instruction"], entry["input"], entry["output"]) for entry in run.entries]


def group_runs(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs that differ in the seed alone, by the variant; where it has several groups, by what tells them apart too."""
    kinds: dict[str, list[Run]] = {}
    for run in runs:
        kinds.setdefault(json.dumps(run.kind, sort_keys=True), []).append(run)
    groups = list(kinds.values())
    return {_group_name(group, groups): group for group in groups}


def _group_name(group: Sequence[Run], groups: Sequence[Sequence[Run]]) -> str:
    """The variant, and what distinguishes the group from others of the same variant."""
    mine = group[0]
    others = [other[0].kind for other in groups if other[0].variant == mine.variant and other is not group]
    differing = [key for key, value in mine.kind.items() if any(other.get(key) != value for other in others)]
    shown = ", ".join(f"{key} {mine.kind[key]}" for key in differing[:SHOWN_SETTINGS])
    return f"{mine.variant} ({shown})" if shown else mine.variant


def differing_settings(groups: Mapping[str, Sequence[Run]]) -> dict[str, list[Any]]:
    """Settings in which groups differ beside the variant, each with its value in every group."""
    kinds = [group[0].kind for group in groups.values()]
    names = [name for name in kinds[0] if name != "exercise_solution"]
    values = {name: [kind.get(name) for kind in kinds] for name in names}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}

"""Finished runs of `exercise_experiments.py`, read back with the scores of their responses, and found comparable."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import RESPONSE_FIELDS, read_entries
from gpt2_experiments.experiment import finished_run
from gpt2_experiments.experiment.run_files import RESPONSES, UNFINISHED
from gpt2_experiments.judging.metrics import METRICS
from gpt2_experiments.judging.reply import HIGHEST, LOWEST
from gpt2_experiments.judging.report import JUDGE_SCORES, REFERENCE_SCORES, beside
from gpt2_experiments.shared.errors import UserError, command_line
from gpt2_experiments.shared.files import read_json, sha256_of
from gpt2_experiments.shared.records import RECORDS, read_record

JUDGE = "judge"  # of `--scores`, beside the names in METRICS
UNFINISHED_FOLDERS = f"{UNFINISHED}-*"
# Parts of a run's identity that do not tell one kind of run from another. Records of version 0.1.0 have `suite`.
INCIDENTAL = ("seed", "suite", *finished_run.INCIDENTAL)
EVALUATED = ("tokens_seen", "seconds", "train_loss", "val_loss")  # of each evaluation
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
            runs.append(Run(path, record, entries, *read_scores(responses[path], len(entries), scores)))
        except UserError as error:
            problems += error.messages
    problems = problems or check_comparable(runs)
    if problems:
        raise UserError(*problems)
    order = list(dict.fromkeys(run.variant for run in runs))
    return sorted(runs, key=lambda run: (order.index(run.variant), run.seed))


def _read_record(path: Path) -> dict[str, Any]:
    """A run's record."""
    record = read_record(path)
    if not _is_record(record):
        raise UserError(f"{path}: not the record of a finished run; name an {RECORDS} that a run has written")
    return record


def _is_record(record: Any) -> bool:
    """Whether a JSON value has all that is read of a record."""
    try:
        seconds, device, evaluations = record["seconds"], record["device"], record["evaluations"]
        numbers = [record[name] for name in ("seed", "tokens_seen", "peak_memory_bytes", "trainable_parameters")]
        numbers += [device["threads"], seconds["training"], seconds["responses"]]
        numbers += [evaluation[name] for evaluation in evaluations for name in EVALUATED]
        texts = [*record["files"], *record["exercise_solution"], device["name"]]
    except (KeyError, TypeError, IndexError):
        return False
    return (
        all(isinstance(number, int | float) for number in numbers)
        and all(isinstance(text, str) for text in texts)
        and isinstance(record["identity"], dict)
        and bool(evaluations)
        and seconds["training"] > 0
        and any(text.startswith(RESPONSES) for text in record["files"])
    )


def _response_file(path: Path, record: dict[str, Any]) -> Path:
    """The response file that a record speaks of."""
    return next(path.with_name(name) for name in record["files"] if name.startswith(RESPONSES))


def read_scores(responses: Path, n_entries: int, kind: str) -> tuple[list[float], dict[str, Any]]:
    """The scores of a response file by `kind`, and what decided them; `UserError` where there is not one an entry."""
    ending = JUDGE_SCORES if kind == JUDGE else REFERENCE_SCORES
    how = [] if kind == JUDGE else ["--judge", "reference"]
    advice = command_line("python", "ollama_evaluate.py", "--file_path", responses, *how)
    path = beside(responses, ending)
    try:
        content = read_json(path)
        judged, entries = content["file_sha256"], content["entries"]
        scores = [entry["score"] if kind == JUDGE else entry["scores"][kind] for entry in entries]
        judge = _judged_by(content["judge"]) if kind == JUDGE else {"metric": kind}
        wrong = [score for score in scores if score is not None and not LOWEST <= score <= HIGHEST]
    except FileNotFoundError:
        raise UserError(f"{path}: not found, the responses have no scores; {advice}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a score file ({error!r}); {advice}") from None
    if judged != sha256_of(responses):
        raise UserError(f"{path}: scores of other responses than {responses.name} has now; {advice}")
    if wrong or len(scores) != n_entries:
        raise UserError(f"{path}: not a score from {LOWEST} to {HIGHEST} for each of {n_entries} responses; {advice}")
    missing = sum(score is None for score in scores)
    if missing:
        raise UserError(f"{path}: {missing} of {len(scores)} responses have no score; {advice}")
    return scores, judge


def _judged_by(judge: dict[str, Any]) -> dict[str, Any]:
    """What decides a judge's scores: how long it stays loaded does not; a file without `think` is of before it."""
    options = {"think": None} | {name: value for name, value in judge["options"].items() if name != "keep_alive"}
    return judge | {"options": options, "answered_by": judge.get("answered_by")}


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
        if differing := _differing(first.judged_by, run.judged_by):
            problems.append(
                f"{run.record_file}: judged otherwise than {first.record_file} ({', '.join(differing)}); "
                "score both with the same judge and options"
            )
    same = Counter((json.dumps(run.kind, sort_keys=True), run.seed) for run in runs)
    for run in runs:
        if same.pop((json.dumps(run.kind, sort_keys=True), run.seed), 0) > 1:
            problems.append(f"{run.record_file}: the same settings and seed as in another run; leave one of them out")
    return problems


def _differing(judge: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In what two judges differ; who answered is compared where both answers tell."""
    names = [name for name in {**judge, **other} if judge.get(name) != other.get(name)]
    return [name for name in names if name != "answered_by" or (judge.get(name) and other.get(name))]


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

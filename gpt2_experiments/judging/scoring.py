"""A file's entries through the judge: which servers, which questions, and which of them still have to be asked."""

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.judging.journal import ScoreJournal
from gpt2_experiments.judging.prompt import SCORE_SCHEMA, judge_prompt
from gpt2_experiments.judging.protocols import JudgeIdentity, JudgeOptions, Unavailable, Unreachable
from gpt2_experiments.judging.server import JudgeServer
from gpt2_experiments.judging.workers import SCORED, Patience, Question, Verdict, judge
from gpt2_experiments.shared.errors import UserError

GREETING_TRIES = 5  # of a server that fails before anything was asked

Questions = Sequence[Sequence[Question]]  # of each entry: one a repeat, none about an empty response


def connect(servers: Sequence[JudgeServer]) -> tuple[list[JudgeServer], JudgeIdentity]:
    """The servers that answer, and the model that all of them answer with.

    Raises `UserError` if none answers, and if they hold different models under the same name: their scores would be
    those of different judges.
    """
    identities: dict[JudgeServer, JudgeIdentity] = {}
    problems = []
    for server in servers:
        try:
            identities[server] = _greet(server)
        except Unavailable as error:
            problems.append(str(error))
    if not identities:
        raise UserError(*(f"{problem}; start {servers[0].api.label} there, or use --url" for problem in problems))
    for problem in problems:
        _say(f"{problem}; going on without it")
    if len(set(identities.values())) > 1:
        held = ", ".join(
            f"{server.url}: {identity.digest or identity.served_as or 'none'}"
            for server, identity in identities.items()
        )
        raise UserError(
            f"the servers hold different models as {servers[0].options.model} ({held}); give all of them the same one"
        )
    return list(identities), next(iter(identities.values()))


def _greet(server: JudgeServer) -> JudgeIdentity:
    """Ask a server which model it has, again if it fails; `Unavailable` if it stays away."""
    for failures in range(1, GREETING_TRIES):
        try:
            return server.identify()
        except Unreachable:
            raise  # nothing listens there: no use in waiting
        except Unavailable:
            time.sleep(Patience().wait(failures))
    return server.identify()


def judge_name(api_name: str, identity: JudgeIdentity, options: JudgeOptions) -> list[str | None]:
    """All that is known about who will answer before it does; who has answered is checked then (`the_one_judge`)."""
    return [api_name, identity.served_as or options.model, identity.digest]


def questions_about(
    entry: Entry, name: Sequence[str | None], options: JudgeOptions, seeds: Sequence[int]
) -> list[Question]:
    """One question a seed; none about an empty response.

    Each has a key, a digest of all that decides its answer; `name` is who will answer (`judge_name`).
    """
    if not entry["model_response"].strip():
        return []
    prompt = judge_prompt(entry)
    who_and_how = [*name, options.temperature, options.num_ctx, SCORE_SCHEMA]
    who_and_how += [options.think] if options.think else []
    return [
        Question(hashlib.sha256(json.dumps([who_and_how, prompt, seed]).encode("ascii")).hexdigest(), prompt, seed)
        for seed in seeds
    ]


def score(
    questions: Questions, servers: Sequence[JudgeServer], concurrency: int, journal: ScoreJournal
) -> dict[str, Verdict]:
    """The verdicts of all questions by their keys: the journal's where it has them, else the judge's.

    Raises `UserError` as soon as another model answers than the one that has given the scores so far.
    """
    wanted = {question.key: question for asked in questions for question in asked}  # equal questions are asked once
    verdicts = {key: journal.verdicts[key] for key in wanted if key in journal.verdicts}
    model = None
    for verdict in verdicts.values():
        model = the_one_judge(model, verdict, journal.path)
    to_ask = [question for key, question in wanted.items() if key not in verdicts]
    total = len(questions) * max(1, *map(len, questions))
    with tqdm(desc="Scoring entries", total=total, initial=total - len(to_ask)) as bar:
        for verdict in judge(to_ask, servers, concurrency, notify=_say):
            model = the_one_judge(model, verdict, journal.path)
            if verdict.outcome == SCORED:
                journal.add(verdict)
            verdicts[verdict.key] = verdict
            bar.update()
    for server in servers:
        if server.knows_no_format():
            _say(f"{server.url} knows no structured output: the judge's free replies were read")
        if not server.takes_seed:
            _say(f"{server.url} takes no seed: the judge was asked without one")
    return verdicts


def the_one_judge(model: str | None, verdict: Verdict, journal_path: Path) -> str | None:
    """The model that has answered so far, by its own word; `UserError` where `verdict` is another one's."""
    if model and verdict.model and verdict.model != model:
        raise UserError(
            f"{journal_path}: the scores so far are by {model}, and now {verdict.model} answers: two judges have no "
            f"common average; have the server answer with {model} again, or remove that file to score all anew"
        )
    return model or verdict.model


def _say(message: str) -> None:
    """A warning that leaves the progress bar whole."""
    tqdm.write(f"warning: {message}", file=sys.stderr)

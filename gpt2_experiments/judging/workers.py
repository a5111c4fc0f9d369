"""Many questions to one or more judges at a time, over connections and servers that may fail.

Every server has its own workers, which take from one list of questions, so that work goes to whoever is free.
"""

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from gpt2_experiments.judging.prompt import reminder
from gpt2_experiments.judging.protocols import Busy, Late, Rejected, Reply, Unavailable
from gpt2_experiments.judging.reply import parse_score
from gpt2_experiments.judging.server import JudgeServer
from gpt2_experiments.shared.errors import warn

SCORED, UNPARSABLE, FAILED = "scored", "unparsable", "failed"
LONGEST_REQUESTED_PAUSE = 300.0  # seconds that a server's Retry-After is heeded


@dataclass(frozen=True)
class Question:
    """One thing to ask; `key` stands for it and for everything else that decides its answer."""

    key: str
    prompt: str
    seed: int


@dataclass(frozen=True)
class Verdict:
    """What came of a question."""

    key: str
    outcome: str  # SCORED, UNPARSABLE or FAILED
    score: int | None
    reply: str  # the judge's last, as it wrote it
    attempts: int
    seconds: float  # spent in requests, waiting between them not counted
    date: str  # when it came, UTC
    problem: str | None = None  # why there is no score
    model: str | None = None  # who gave the last reply, by its own word; None where it does not tell
    seeded: bool = True  # whether it was asked with the seed


@dataclass(frozen=True)
class Patience:
    """When to ask again and when to give up."""

    first_wait: float = 0.5  # seconds before a failed server is asked again; doubles with each failure in a row
    longest_wait: float = 30.0
    server_failures: int = 8  # in a row, after which a server is given up: about a minute when it answers nothing
    question_failures: int = 10  # after which a question is given up
    unusable_replies: int = 3  # after which a question is unparsable

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row; random by a half, so that clients spread out."""
        return random.uniform(0.5, 1.0) * min(self.longest_wait, self.first_wait * 2.0 ** (failures - 1))


def judge(
    questions: Sequence[Question],
    servers: Sequence[JudgeServer],
    concurrency: int,
    patience: Patience | None = None,
    notify: Callable[[str], None] = warn,
) -> Iterator[Verdict]:
    """Ask all questions, `concurrency` at a time of each server; yield their verdicts in the order they arrive.

    Raises `UserError` as soon as a server reports what only the user can put right.
    """
    work = _Work(questions, len(servers), patience or Patience(), notify)
    for server in servers:
        health = _Health(server.url, concurrency)
        for _ in range(min(concurrency, len(questions))):
            # Daemons: an interrupted program ends at once instead of waiting for answers it will not use.
            threading.Thread(target=partial(_ask_all, server, health, work), daemon=True).start()
    try:
        for _ in questions:
            verdict = work.results.get()
            if isinstance(verdict, BaseException):
                raise verdict
            yield verdict
    finally:
        work.stop()


@dataclass
class _Health:
    """How a server is doing.

    Of requests that were under way together only one failure counts, so that a server does not run out of patience
    sooner the more it is asked at a time.
    """

    url: str
    concurrency: int
    in_flight: int = 0
    failures: int = 0  # in a row
    failed_at: float = float("-inf")  # when the last failure that counts came
    closed_until: float = float("-inf")  # none of its workers asks before
    given_up: bool = False
    limit: float = float("inf")  # requests in flight that it can take, as far as is known

    def succeed(self) -> None:
        """A request was answered. The limit grows by one for each round of as many answers."""
        self.in_flight -= 1
        self.failures = 0
        self.limit += 1 / self.limit

    def fail(self, started: float, error: Unavailable) -> bool:
        """A request begun at `started` failed; returns whether that counts as another failure.

        A server that had too much to do is sent no more than what it had accepted besides.
        """
        self.in_flight -= 1
        if isinstance(error, Busy | Late):
            self.limit = max(1.0, self.in_flight)
        counts = started >= self.failed_at
        if counts:
            self.failures += 1
            self.failed_at = time.monotonic()
        return counts

    def pause(self) -> float | None:
        """Seconds until it may be asked; 0 now, None when an answer comes."""
        if self.in_flight + 1 > min(self.limit, self.concurrency):
            return None
        return max(0.0, self.closed_until - time.monotonic())


@dataclass
class _Asked:
    """A question on its way; only one worker holds it at a time."""

    question: Question
    attempts: int = 0
    failures: int = 0
    unusable_replies: int = 0
    reply: Reply = field(default_factory=lambda: Reply(""))
    seconds: float = 0.0
    problem: str = "not asked"

    def prompt(self) -> str:
        """The text to send next."""
        return self.question.prompt + (reminder(self.reply.text) if self.unusable_replies else "")

    def verdict(self, outcome: str, score: int | None = None) -> Verdict:
        """The final word on the question."""
        return Verdict(
            key=self.question.key,
            outcome=outcome,
            score=score,
            reply=self.reply.text,
            attempts=self.attempts,
            seconds=round(self.seconds, 3),
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            problem=None if outcome == SCORED else self.problem,
            model=self.reply.model,
            seeded=self.reply.seeded,
        )


def _ask_all(server: JudgeServer, health: _Health, work: "_Work") -> None:
    """One worker: takes questions and asks them until none is left."""
    try:
        while asked := work.take(health):
            _ask(server, health, asked, work)
    except BaseException as error:  # not lost in this thread: `judge` raises it
        work.results.put(error)


def _ask(server: JudgeServer, health: _Health, asked: _Asked, work: "_Work") -> None:
    """Ask a question once and hand the outcome to `work`."""
    started = time.monotonic()
    asked.attempts += 1
    outcome: Reply | Unavailable | Rejected
    try:
        outcome = server.ask(asked.prompt(), asked.question.seed)
    except (Unavailable, Rejected) as error:
        outcome = error
    asked.seconds += time.monotonic() - started
    if isinstance(outcome, Unavailable):
        work.unavailable(asked, health, started, outcome)
    elif isinstance(outcome, Rejected):
        work.rejected(asked, health, outcome)
    else:
        work.answered(asked, health, outcome)


class _Work:
    """The questions still open, shared by all workers under one lock, and the results."""

    def __init__(
        self, questions: Sequence[Question], servers: int, patience: Patience, notify: Callable[[str], None]
    ) -> None:
        self.results: queue.SimpleQueue[Verdict | BaseException] = queue.SimpleQueue()
        self._waiting = deque(_Asked(question) for question in questions)
        self._unfinished = len(questions)
        self._stopped = False
        self._servers = servers
        self._patience = patience
        self._notify = notify
        self._changed = threading.Condition()

    def stop(self) -> None:
        """Let every worker end after the request it is in."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def take(self, health: _Health) -> _Asked | None:
        """Wait for a question; None when none is left or the server is given up."""
        with self._changed:
            while not (self._is_over() or health.given_up):
                pause = health.pause()
                if pause == 0 and self._waiting:
                    health.in_flight += 1
                    return self._waiting.popleft()
                self._changed.wait(pause or None)
            return None

    def answered(self, asked: _Asked, health: _Health, reply: Reply) -> None:
        """Finish the question if the reply holds a score; else it is asked again with a reminder, a few times."""
        score = None if reply.cut else parse_score(reply.text)
        asked.reply = reply
        with self._changed:
            health.succeed()
            if score is not None:
                return self._finish(asked, SCORED, score)
            asked.unusable_replies += 1
            asked.problem = "the reply was cut off" if reply.cut else "no score from 0 to 100 in the reply"
            if asked.unusable_replies >= self._patience.unusable_replies:
                return self._finish(asked, UNPARSABLE)
            return self._put_back(asked)

    def rejected(self, asked: _Asked, health: _Health, error: Rejected) -> None:
        """Give the question up; the server itself is well."""
        asked.problem = str(error)
        with self._changed:
            health.succeed()
            self._finish(asked, FAILED)

    def unavailable(self, asked: _Asked, health: _Health, started: float, error: Unavailable) -> None:
        """Leave the question to whoever is free, and pause: this worker; after failures in a row its whole server."""
        asked.failures += not isinstance(error, Busy)  # a question is not to blame for a full queue
        asked.problem = str(error)
        with self._changed:
            counts = health.fail(started, error)
            pause = max(self._patience.wait(health.failures), min(error.retry_after or 0.0, LONGEST_REQUESTED_PAUSE))
            if health.failures >= self._patience.server_failures:
                self._give_up(health, error)
            elif health.failures > 1 or error.retry_after:
                health.closed_until = time.monotonic() + pause
                if counts:
                    self._notify(f"failure {health.failures} in a row, next try in {pause:.0f} s: {error}")
            if asked.failures >= self._patience.question_failures:
                self._finish(asked, FAILED)
            else:
                self._put_back(asked, last=True)
            self._changed.wait_for(lambda: self._is_over() or health.given_up, timeout=pause)

    def _is_over(self) -> bool:
        """Whether there is nothing left to do for any worker."""
        return self._stopped or not self._unfinished

    def _give_up(self, health: _Health, error: Unavailable) -> None:
        """Use a server no longer; without any server every open question has failed."""
        if health.given_up:
            return
        health.given_up = True
        self._servers -= 1
        self._notify(f"giving up {health.url} after {health.failures} failures in a row: {error}")
        while not self._servers and self._waiting:
            asked = self._waiting.popleft()
            asked.problem = f"no server left: {error}"
            self._finish(asked, FAILED)
        self._changed.notify_all()

    def _put_back(self, asked: _Asked, last: bool = False) -> None:
        """Let a question be asked again, if any server is left to ask."""
        if not self._servers:
            return self._finish(asked, FAILED)
        (self._waiting.append if last else self._waiting.appendleft)(asked)
        return self._changed.notify_all()  # all: one alone might belong to a server that is paused

    def _finish(self, asked: _Asked, outcome: str, score: int | None = None) -> None:
        """Report a question's outcome."""
        self.results.put(asked.verdict(outcome, score))
        self._unfinished -= 1
        self._changed.notify_all()

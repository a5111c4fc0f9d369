"""Many questions to several servers that fail: every one gets a verdict, and nobody is overrun."""

import json
import random
import threading

import pytest
from support.scripted_judge import PASSING_FAULTS, ScriptedJudge, entry_number, make_entries, score_of

from gpt2_experiments.judging.prompt import judge_prompt
from gpt2_experiments.judging.protocols import APIS, JudgeOptions
from gpt2_experiments.judging.server import JudgeServer
from gpt2_experiments.judging.workers import FAILED, SCORED, UNPARSABLE, Patience, Question, judge
from gpt2_experiments.shared.errors import UserError

HASTY = Patience(first_wait=0.002, longest_wait=0.01)
OPTIONS = JudgeOptions("llama3", 0.0, 2048, "5m")


def questions(count):
    prompts = [judge_prompt(entry) for entry in make_entries(count)]
    return [Question(str(entry_number(prompt)), prompt, seed=123) for prompt in prompts]


def ask(urls, count, concurrency=4, patience=HASTY, timeout=10.0):
    notices = []
    servers = [JudgeServer(url, APIS["ollama"], OPTIONS, timeout) for url in urls]
    verdicts = list(judge(questions(count), servers, concurrency, patience, notices.append))
    assert sorted(int(verdict.key) for verdict in verdicts) == list(range(1, count + 1))
    return {int(verdict.key): verdict for verdict in verdicts}, notices


def right_scores(count):
    return {int(question.key): score_of(question.prompt) for question in questions(count)}


def scores(verdicts):
    return {number: verdict.score for number, verdict in verdicts.items()}


def test_every_fault_that_passes_is_outlived():
    faults = {3 * number: fault for number, fault in enumerate(PASSING_FAULTS, start=1)}
    script = ScriptedJudge(fault=lambda prompt, asks: faults.get(entry_number(prompt)) if asks == 1 else None)
    with script.running() as url:
        verdicts, _ = ask([url], 40)
    assert scores(verdicts) == right_scores(40)
    assert {number for number, verdict in verdicts.items() if verdict.attempts == 2} == set(faults)


def test_concurrency_is_kept_to():
    with (script := ScriptedJudge(seconds=0.01)).running() as url:
        ask([url], 30, concurrency=3)
    assert script.most_in_flight == 3


def test_server_whose_queue_is_full_is_not_overrun():
    """Ollama answers 503 beyond its queue: the refused are asked again later, and all get in."""
    with (script := ScriptedJudge(seconds=0.02, parallel=2, longest_queue=4)).running() as url:
        verdicts, _ = ask([url], 60, concurrency=16, patience=Patience(first_wait=0.05))
    assert scores(verdicts) == right_scores(60)
    assert 0 < script.refused < 60


def test_unusable_reply_is_asked_again_with_a_reminder():
    def reply(prompt):
        return json.dumps({"score": score_of(prompt)}) if "I'd rather not say" in prompt else "I'd rather not say."

    with (script := ScriptedJudge(reply=reply)).running() as url:
        verdicts, _ = ask([url], 5)
    assert scores(verdicts) == right_scores(5)
    assert {verdict.attempts for verdict in verdicts.values()} == {2}
    assert all(len(body["messages"]) == 1 for body in script.chats)


@pytest.mark.parametrize("text", ["", "The answer is fine.", '{"score": 850}', "somewhere from 70 to 80"])
def test_reply_that_stays_unusable_is_unparsable_and_kept(text):
    with (script := ScriptedJudge(reply=lambda prompt: text)).running() as url:
        verdicts, _ = ask([url], 2)
    assert {(verdict.outcome, verdict.score, verdict.reply) for verdict in verdicts.values()} == {
        (UNPARSABLE, None, text)
    }
    assert len(script.chats) == 2 * HASTY.unusable_replies


@pytest.mark.parametrize("fault", ["cut reply", "huge"])
def test_reply_without_an_end_is_unparsable(fault):
    with ScriptedJudge(fault=lambda *_: fault).running() as url:
        verdicts, _ = ask([url], 1)
    assert verdicts[1].outcome == UNPARSABLE
    assert verdicts[1].problem == "the reply was cut off"


def test_question_that_fails_for_ever_does_not_hold_up_the_others():
    script = ScriptedJudge(fault=lambda prompt, asks: "500" if entry_number(prompt) == 3 else None)
    with script.running() as url:
        verdicts, _ = ask([url], 40, patience=Patience(first_wait=0.002, longest_wait=0.01, server_failures=1000))
    assert {number for number, verdict in verdicts.items() if verdict.outcome == FAILED} == {3}
    assert "llama runner process has terminated" in verdicts[3].problem
    assert verdicts[3].attempts == HASTY.question_failures


def test_rejected_question_fails_at_once():
    with (script := ScriptedJudge(fault=lambda *_: "400")).running() as url:
        verdicts, _ = ask([url], 3)
    assert {verdict.outcome for verdict in verdicts.values()} == {FAILED}
    assert len(script.chats) == 3


def test_work_goes_to_whoever_is_free():
    with (slow := ScriptedJudge(seconds=0.08)).running() as slow_url, (fast := ScriptedJudge()).running() as fast_url:
        verdicts, _ = ask([slow_url, fast_url], 60, concurrency=1)
    assert scores(verdicts) == right_scores(60)
    assert 0 < len(slow.chats) < len(fast.chats)


def test_server_that_dies_leaves_the_rest_to_finish():
    dead = threading.Event()

    def die_at_third(prompt, asks):
        if len(mortal.chats) >= 3:
            dead.set()
        return "reset" if dead.is_set() else None

    mortal, other = ScriptedJudge(fault=die_at_third), ScriptedJudge(seconds=0.01)
    with mortal.running() as first, other.running() as second:
        verdicts, notices = ask([first, second], 60, concurrency=2)
    assert scores(verdicts) == right_scores(60)
    assert any(f"giving up {first}" in notice for notice in notices)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_when_no_server_is_left_every_open_question_fails(concurrency):
    """Failures of requests in flight together count once: a busy client is as patient as a slow one."""
    script = ScriptedJudge(fault=lambda prompt, asks: "reset" if script.answered >= 10 else None)
    with script.running() as url:
        verdicts, notices = ask([url], 50, concurrency=concurrency)
    done = [verdict for verdict in verdicts.values() if verdict.outcome == SCORED]
    assert 10 <= len(done) < 10 + concurrency
    assert {verdict.outcome for verdict in verdicts.values()} == {SCORED, FAILED}
    assert any("giving up" in notice for notice in notices)
    assert len(script.chats) - len(done) >= HASTY.server_failures


def test_what_only_the_user_can_mend_stops_the_run():
    script = ScriptedJudge(model="other")
    with script.running() as url, pytest.raises(UserError, match="ollama pull llama3"):
        ask([url], 100, concurrency=2)
    assert len(script.chats) <= 4


def test_thirty_percent_of_random_faults():
    random_faults = random.Random(123)

    def fault(prompt, asks):
        return random_faults.choice(PASSING_FAULTS) if random_faults.random() < 0.3 else None

    with (script := ScriptedJudge(fault=fault)).running() as url:
        verdicts, _ = ask([url], 110)
    assert scores(verdicts) == right_scores(110)
    assert len(script.chats) > 130

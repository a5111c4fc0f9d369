"""One judge over real HTTP: how it is addressed and asked, and what its failures mean."""

import pytest
from support.scripted_judge import DIGEST, PASSING_FAULTS, ScriptedJudge, make_entries, score_of

from gpt2_experiments.judging.prompt import SCORE_SCHEMA, judge_prompt, parse_score
from gpt2_experiments.judging.protocols import (
    APIS,
    JudgeIdentity,
    JudgeOptions,
    Late,
    Rejected,
    Unavailable,
    Unreachable,
)
from gpt2_experiments.judging.server import KEY_VARIABLE, JudgeServer, server_url
from gpt2_experiments.shared.errors import UserError

PROMPT = judge_prompt(make_entries(1)[0])


def server_at(url, api="ollama", timeout=10.0, **options):
    settings = {"model": "llama3", "temperature": 0.0, "num_ctx": 2048, "keep_alive": "5m"} | options
    return JudgeServer(url, APIS[api], JudgeOptions(**settings), timeout)


@pytest.mark.parametrize(("value", "url"), [
    ("", "http://127.0.0.1:11434"), ("gpu1", "http://gpu1:11434"), ("gpu1:8080", "http://gpu1:8080"),
    ("http://gpu1", "http://gpu1:80"), ("https://gpu1", "https://gpu1:443"), ("https://gpu1:1/", "https://gpu1:1"),
    ("0.0.0.0", "http://127.0.0.1:11434"), (":8080", "http://127.0.0.1:8080"), ("0.0.0.0:8080", "http://127.0.0.1:8080"),
    ("::1", "http://[::1]:11434"), ("[::1]:8080", "http://[::1]:8080"), ("[::]:8080", "http://[::1]:8080"),
    (' "gpu1" ', "http://gpu1:11434"), ("gpu1:99999", "http://gpu1:11434"),
    ("https://example.com/ollama/", "https://example.com:443/ollama"),
])  # fmt: skip
def test_address_is_read_as_ollama_reads_ollama_host(value, url):
    assert server_url(value) == url


def test_question_to_ollama():
    with (judge := ScriptedJudge()).running() as url:
        reply = server_at(url, num_ctx=4096, temperature=0.5, keep_alive="90").ask(PROMPT, seed=7)
    assert parse_score(reply.text) == score_of(PROMPT)
    assert judge.chats == [{
        "model": "llama3", "messages": [{"role": "user", "content": PROMPT}], "stream": True, "format": SCORE_SCHEMA,
        "options": {"seed": 7, "temperature": 0.5, "num_ctx": 4096}, "keep_alive": 90.0,
        "truncate": False, "shift": False,
    }]  # fmt: skip


def test_question_to_an_openai_compatible_server():
    with (judge := ScriptedJudge()).running() as url:
        for base in (url, f"{url}/v1"):
            reply = server_at(base, api="openai").ask(PROMPT, seed=7)
            assert parse_score(reply.text) == score_of(PROMPT)
    assert judge.chats[0] == judge.chats[1]
    assert judge.chats[0]["response_format"]["json_schema"]["schema"] == SCORE_SCHEMA
    assert (judge.chats[0]["seed"], judge.chats[0]["temperature"]) == (7, 0.0)


def test_model_is_known_by_name_and_digest():
    with ScriptedJudge(model="library/judge").running() as url:
        assert server_at(url, model="library/judge").identify() == JudgeIdentity("library/judge:latest", DIGEST)
        assert server_at(url, model="library/judge:latest").identify().digest == DIGEST
        assert server_at(url, model="other").identify() == JudgeIdentity(None, None)
        assert server_at(url, api="openai", model="library/judge").identify() == JudgeIdentity("library/judge", None)


def test_server_of_one_model_answers_with_it_whatever_name_is_asked_for():
    with ScriptedJudge(model="/models/judge.gguf").running() as url:
        assert server_at(url, api="openai").identify() == JudgeIdentity("judge.gguf", None)


@pytest.mark.parametrize(("api", "rejected_formats"), [("ollama", 1), ("openai", 1)])
def test_server_that_does_not_know_the_format_is_asked_without_it_and_remembered(api, rejected_formats):
    with (judge := ScriptedJudge(knows_format=False, reply=lambda prompt: "I give 42.")).running() as url:
        server = server_at(url, api=api)
        assert [parse_score(server.ask(PROMPT, seed=1).text) for _ in range(3)] == [42, 42, 42]
    assert len(judge.chats) == rejected_formats + 3
    assert "format" not in judge.chats[-1]
    assert judge.chats[-1].get("response_format", {}).get("type") != "json_schema"


@pytest.mark.parametrize("knows_truncate", [True, False])
def test_prompt_that_does_not_fit_is_an_error_whether_the_server_says_so_or_not(knows_truncate):
    with ScriptedJudge(knows_truncate=knows_truncate).running() as url:
        server = server_at(url, num_ctx=100)
        with pytest.raises(Rejected, match=r"context.*raise --num_ctx"):
            server.ask(PROMPT, seed=1)


@pytest.mark.parametrize(("api", "fault"), [("ollama", "cut reply"), ("openai", "cut choice")])
def test_reply_that_was_cut_is_no_score_although_it_looks_like_one(api, fault):
    """`{"score": 8` may have become 85: a reply stopped at the context's end is never read."""
    with ScriptedJudge(fault=lambda *_: fault).running() as url:
        assert server_at(url, api=api).ask(PROMPT, seed=1).cut


def test_endless_reply_is_left_early():
    with ScriptedJudge(fault=lambda *_: "huge").running() as url:
        reply = server_at(url).ask(PROMPT, seed=1)
    assert reply.cut
    assert len(reply.text) < 1000


def test_long_reply_is_kept_in_part():
    with ScriptedJudge(reply=lambda prompt: "word " * 100_000).running() as url:
        assert len(server_at(url, num_ctx=200_000).ask(PROMPT, seed=1).text) == 16_384


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("fault", PASSING_FAULTS)
def test_fault_that_may_pass(fault, api):
    with ScriptedJudge(fault=lambda *_: fault).running() as url, pytest.raises(Unavailable):
        server_at(url, api=api).ask(PROMPT, seed=1)


def test_connection_is_used_again():
    with (script := ScriptedJudge()).running() as url:
        server = server_at(url)
        for _ in range(3):
            server.ask(PROMPT, seed=1)
    assert script.connections == 1


def test_pause_that_the_server_asks_for_is_passed_on():
    with ScriptedJudge(fault=lambda *_: "503").running() as url, pytest.raises(Unavailable) as caught:
        server_at(url).ask(PROMPT, seed=1)
    assert caught.value.retry_after == 0.1


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_no_answer_in_time(fault):
    with ScriptedJudge(fault=lambda *_: fault).running() as url:
        server = server_at(url, timeout=0.2)
        with pytest.raises(Late, match=r"no answer from .* within 0\.2 s \(--timeout\)"):
            server.ask(PROMPT, seed=1)


def test_nobody_there():
    with ScriptedJudge().running() as url:
        pass
    with pytest.raises(Unreachable, match=f"no answer from {url}: .*refused"):
        server_at(url).ask(PROMPT, seed=1)


@pytest.mark.parametrize(("api", "advice"), [("ollama", "`ollama pull nix`"), ("openai", "--model")])
def test_missing_model_says_what_to_do(api, advice):
    with ScriptedJudge().running() as url, pytest.raises(UserError, match=advice):
        server_at(url, api=api, model="nix").ask(PROMPT, seed=1)


@pytest.mark.parametrize(
    ("fault", "advice"), [("404 page", "no Ollama: check --url and --api"), ("307", "elsewhere.test.*--url")]
)
def test_wrong_place_says_what_to_do(fault, advice):
    with ScriptedJudge(fault=lambda *_: fault).running() as url, pytest.raises(UserError, match=advice):
        server_at(url).ask(PROMPT, seed=1)


def test_request_that_is_never_taken_is_not_repeated():
    with ScriptedJudge(fault=lambda *_: "400").running() as url, pytest.raises(Rejected, match="does not support chat"):
        server_at(url).ask(PROMPT, seed=1)


@pytest.mark.parametrize("api", ["ollama", "openai"])
def test_key_comes_from_the_environment_and_no_other_key_is_sent(api, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "meant for another")
    with (judge := ScriptedJudge(key="s3cret")).running() as url:
        with pytest.raises(UserError, match=f"HTTP 401.*{KEY_VARIABLE}"):
            server_at(url, api=api).ask(PROMPT, seed=1)
        monkeypatch.setenv(KEY_VARIABLE, "s3cret")
        assert parse_score(server_at(url, api=api).ask(PROMPT, seed=1).text) is not None
    assert [headers.get("Authorization") for _, _, headers in judge.requests] == [None, "Bearer s3cret"]


def test_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with ScriptedJudge().running() as url:
        assert parse_score(server_at(url).ask(PROMPT, seed=1).text) is not None


@pytest.mark.parametrize("place", ["website", "elsewhere"])
def test_something_else_answers(place):
    with ScriptedJudge().running() as url, pytest.raises(UserError, match=r"is no Ollama\b.*check --url and --api"):
        server_at(f"{url}/{place}").identify()

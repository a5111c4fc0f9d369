"""One judge over real HTTP: how it is addressed and asked, and what its failures mean."""

import pytest
from support.scripted_judge import DIGEST, PASSING_FAULTS, ScriptedJudge, make_entries, score_of

from gpt2_experiments.judging.prompt import SCORE_SCHEMA, judge_prompt
from gpt2_experiments.judging.protocols import (
    APIS,
    JudgeIdentity,
    JudgeOptions,
    Late,
    Rejected,
    Unavailable,
    Unreachable,
)
from gpt2_experiments.judging.reply import parse_score
from gpt2_experiments.judging.server import KEY_VARIABLE, JudgeServer, server_url, without_api_path
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
    (' "gpu1" ', "http://gpu1:11434"), ("https://example.com/ollama/", "https://example.com:443/ollama"),
    ("HTTP://gpu1:8080", "http://gpu1:8080"), ("fe80::1", "http://[fe80::1]:11434"),
])  # fmt: skip
def test_address_is_read_as_ollama_reads_ollama_host(value, url):
    assert server_url(value) == url


@pytest.mark.parametrize(("value", "reason"), [
    ("gpu1:99999", "'99999' is no port"), ("gpu1:http", "'http' is no port"), ("gpu1:0", "no port from 1 to 65535"),
    ("localhost:11434:99", "is no host"), ("http://[::1", "is no host"), ("my host", "is no host"),
    ("http://gpu1/?x=1", "it has a query"), ("gpu1?x=1", "it has a query"), ("ftp://gpu1", "ftp:// is not the web's"),
])  # fmt: skip
def test_what_is_no_address_is_not_taken_for_another(value, reason):
    with pytest.raises(ValueError, match=reason):
        server_url(value)


@pytest.mark.parametrize(("api", "url", "base"), [
    ("openai", "http://host:1/v1", "http://host:1"), ("openai", "http://host:1/v1/chat/completions", "http://host:1"),
    ("openai", "https://openrouter.ai:443/api", "https://openrouter.ai:443/api"),
    ("ollama", "http://host:1/api", "http://host:1"), ("ollama", "http://host:1/api/chat", "http://host:1"),
    ("ollama", "http://host:1/ollama", "http://host:1/ollama"),
])  # fmt: skip
def test_the_protocols_own_path_is_no_part_of_the_address(api, url, base):
    assert without_api_path(url, APIS[api]) == base


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
            reply = server_at(without_api_path(base, APIS["openai"]), api="openai").ask(PROMPT, seed=7)
            assert parse_score(reply.text) == score_of(PROMPT)
    assert judge.chats[0] == judge.chats[1]
    assert judge.chats[0]["response_format"]["json_schema"]["schema"] == SCORE_SCHEMA
    assert (judge.chats[0]["seed"], judge.chats[0]["temperature"]) == (7, 0.0)


@pytest.mark.parametrize("listed", ["llama3:latest", "llama3", "library/llama3:latest"])
@pytest.mark.parametrize("model", ["llama3", "llama3:latest", "library/llama3", "Llama3"])
def test_ollamas_model_is_known_by_name_and_digest_however_it_is_written(listed, model):
    with ScriptedJudge(listed=[listed, "other:latest"]).running() as url:
        assert server_at(url, model=model).identify() == JudgeIdentity("llama3:latest", DIGEST)


@pytest.mark.parametrize(("api", "model"), [("ollama", "mistral"), ("ollama", "llama3:8b"), ("openai", "mistral")])
def test_model_that_is_not_on_the_servers_list_is_refused_before_anything_is_asked(api, model):
    with (
        (judge := ScriptedJudge(any_name=True)).running() as url,
        pytest.raises(UserError, match=f"{url} has llama3.*, not the model '{model}'; .*--model"),
    ):
        server_at(url, api=api, model=model).identify()
    assert judge.chats == []


def test_long_list_of_models_is_shortened():
    with ScriptedJudge(listed=[f"model-{n}" for n in range(300)]).running() as url:
        with pytest.raises(UserError, match="model-4, and 295 more, not the model") as refused:
            server_at(url, api="openai").identify()
        assert len(str(refused.value)) < 250


def test_the_only_model_of_a_server_is_asked_where_none_is_named():
    with (judge := ScriptedJudge(model="/models/judge.gguf")).running() as url:
        for name in (None, "judge.gguf", "/models/judge.gguf"):
            server = server_at(url, api="openai", model=name)
            assert server.identify() == JudgeIdentity("judge.gguf", None)
            assert server.ask(PROMPT, seed=1).model == "judge.gguf"
    assert {chat["model"] for chat in judge.chats} == {"/models/judge.gguf"}


def test_two_files_of_one_name_are_two_models():
    listed = ["llava/ggml-model-q4.gguf", "bakllava/ggml-model-q4.gguf"]
    with (judge := ScriptedJudge(any_name=True, listed=listed)).running() as url:
        for name in (None, "ggml-model-q4.gguf"):
            with pytest.raises(UserError, match=r"has llava/ggml-model-q4\.gguf, bakllava/ggml"):
                server_at(url, api="openai", model=name).identify()
        server = server_at(url, api="openai", model=listed[0])
        server.identify()
        server.ask(PROMPT, seed=1)
    assert judge.chats[0]["model"] == listed[0]


def test_one_of_several_models_must_be_named():
    with (
        ScriptedJudge(listed=["llama3", "mistral"]).running() as url,
        pytest.raises(UserError, match=r"has llama3, mistral; choose one with --model"),
    ):
        server_at(url, api="openai", model=None).identify()


@pytest.mark.parametrize("status", [400, 404, 405, 422, 501])
def test_server_without_a_list_of_models_is_asked_for_the_one_named(status):
    with ScriptedJudge(listed=None, no_list_status=status).running() as url:
        server = server_at(url, api="openai")
        assert server.identify() == JudgeIdentity(None, None)
        assert server.ask(PROMPT, seed=1).model == "llama3"
        with pytest.raises(UserError, match="lists no models; name the one"):
            server_at(url, api="openai", model=None).identify()


@pytest.mark.parametrize("api", APIS)
def test_reply_says_who_gave_it(api):
    with ScriptedJudge(model="mistral", any_name=True).running() as url:
        answered_by = server_at(url, api=api).ask(PROMPT, seed=1).model
    assert answered_by == {"ollama": "mistral:latest", "openai": "mistral"}[api]


def test_server_that_takes_no_seed_is_asked_without_one():
    with (judge := ScriptedJudge(refuses=("seed", {"error": "no seed here"}))).running() as url:
        server = server_at(url, api="openai")
        assert [parse_score(server.ask(PROMPT, seed=1).text) for _ in range(3)] == [score_of(PROMPT)] * 3
    assert not server.takes_seed
    assert ["seed" in chat for chat in judge.chats] == [True, False, False, False]


SEED_REFUSED = [
    {"error": {"message": "Seed is not supported by this model"}},
    {"error": "Bad request format: unknown field 'seed'"},
    {"error": True, "message": "unknown parameter seed"},
    {"detail": [{"loc": ["body", "x"], "msg": "long " * 100}, {"loc": ["body", "seed"], "msg": "Extra input"}]},
    {"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"]}]}},
]
FORMAT_REFUSED = [
    {"detail": [{"type": "extra_forbidden", "loc": ["body", "response_format"], "msg": "Extra inputs"}]},
    {"error": {"message": "Invalid Response Format: json_schema"}},
    {"error": {"message": "Structured outputs are not available for this model"}},
    {"error": "invalid request:\\nformat: unknown field"},
    {"detail": "grammar is not supported"},
]


@pytest.mark.parametrize("error", SEED_REFUSED)
def test_seed_refused_in_whatever_words_is_left_out(error):
    with (judge := ScriptedJudge(refuses=("seed", error))).running() as url:
        server = server_at(url, api="openai")
        reply = server.ask(PROMPT, seed=1)
    assert (parse_score(reply.text), reply.seeded) == (score_of(PROMPT), False)
    assert ["seed" in chat for chat in judge.chats] == [True, False]
    assert all("response_format" in chat for chat in judge.chats)


@pytest.mark.parametrize("error", FORMAT_REFUSED)
@pytest.mark.parametrize(("api", "field"), [("openai", "response_format"), ("ollama", "format")])
def test_schema_refused_in_whatever_words_is_left_out(api, field, error):
    with (judge := ScriptedJudge(refuses=(field, error))).running() as url:
        server = server_at(url, api=api)
        assert parse_score(server.ask(PROMPT, seed=1).text) == score_of(PROMPT)
    assert server.knows_no_format()
    assert [field in chat for chat in judge.chats] == [True] * (len(APIS[api].formats) - 1) + [False]


def test_judge_that_cannot_think_stops_the_run():
    error = {"error": '"llama3" does not support thinking'}
    with (
        ScriptedJudge(refuses=("think", error)).running() as url,
        pytest.raises(UserError, match="leave --think out"),
    ):
        server_at(url, think="yes").ask(PROMPT, seed=1)


def test_content_in_parts_is_one_text():
    parts = [
        {"type": "reasoning", "text": "Score: 90?"}, {"type": "text", "text": '{"score"'}, {"type": "image_url"},
        {"type": "text", "text": ": 42}"},
    ]  # fmt: skip
    with ScriptedJudge(reply=lambda prompt: parts).running() as url:
        assert server_at(url, api="openai").ask(PROMPT, seed=1).text == '{"score": 42}'


@pytest.mark.parametrize(("think", "sent"), [(None, None), ("no", False), ("yes", True), ("low", "low")])
def test_judge_that_thinks_aloud(think, sent):
    """Ollama keeps what a model thinks apart from what it answers."""
    with (judge := ScriptedJudge(thinking="3 of 4 facts, so 75?")).running() as url:
        assert parse_score(server_at(url, think=think).ask(PROMPT, seed=1).text) == score_of(PROMPT)
    assert judge.chats[0].get("think") == sent


def test_schema_is_strict():
    assert SCORE_SCHEMA["additionalProperties"] is False  # OpenAI's strict mode refuses a schema without
    assert SCORE_SCHEMA["required"] == list(SCORE_SCHEMA["properties"])


@pytest.mark.parametrize(("api", "rejected_formats"), [("ollama", 1), ("openai", 1)])
def test_server_that_does_not_know_the_format_is_asked_without_it_and_remembered(api, rejected_formats):
    with (judge := ScriptedJudge(knows_format=False, reply=lambda prompt: "I give 42.")).running() as url:
        server = server_at(url, api=api)
        assert [parse_score(server.ask(PROMPT, seed=1).text) for _ in range(3)] == [42, 42, 42]
    assert len(judge.chats) == rejected_formats + 3
    assert "format" not in judge.chats[-1]
    assert judge.chats[-1].get("response_format", {}).get("type") != "json_schema"


def test_prompt_that_does_not_fit_an_openai_compatible_server_is_not_blamed_on_num_ctx():
    with ScriptedJudge(fault=lambda *_: "context").running() as url:
        with pytest.raises(Rejected, match="start the server with a larger context") as refused:
            server_at(url, api="openai").ask(PROMPT, seed=1)
        assert "num_ctx" not in str(refused.value)


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


@pytest.mark.parametrize("api", APIS)
def test_long_reply_is_kept_in_part_and_not_read(api):
    """What it thinks aloud may go on to where it is cut, and the verdict is behind."""
    long = f"Score: 90? {'Hmm. ' * 20_000}</think>\n\n10"
    with ScriptedJudge(reply=lambda prompt: long).running() as url:
        reply = server_at(url, api=api, num_ctx=200_000).ask(PROMPT, seed=1)
    assert (len(reply.text), reply.cut) == (16_384, True)


def test_counts_that_are_no_numbers_are_no_counts():
    with ScriptedJudge(fault=lambda *_: "odd counts").running() as url:
        assert server_at(url).ask(PROMPT, seed=1).text == "85"


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

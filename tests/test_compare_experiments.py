"""`compare_experiments.py` on real runs: the figures are the runs' own, and what cannot be compared is refused."""

import json
import shlex
import shutil
from pathlib import Path
from statistics import fmean

import pytest
from scipy import stats
from support.commands import start
from support.scripted_judge import ScriptedJudge
from support.small_checkpoint import OPTIONS, write_small_checkpoint

import exercise_experiments
import ollama_evaluate
from compare_experiments import COMPARISON_FILE, PAGE_FILE, main
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import locked

RESPONSES = "instruction-data-with-response-{}.json"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def made(tmp_path_factory, first_entries):
    """Two variants, two seeds, scored by reference and by a judge."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    folder = tmp_path_factory.mktemp("runs")
    options = ["--weights", str(weights), "--data", str(first_entries(80)), *OPTIONS]
    exercise_experiments.main(
        ["--sweep", "baseline", "lora", "--seeds", "1", "2", *options, "--output_dir", str(folder)]
    )
    with ScriptedJudge(reply=judged).running() as url:
        for path in sorted(folder.glob("*/instruction-data-with-response-*.json")):
            ollama_evaluate.main(["--file_path", str(path), "--judge", "reference"])
            ollama_evaluate.main(["--file_path", str(path), "--url", url])
    return folder


def judged(prompt):
    """A score that hangs on the text alone."""
    return json.dumps({"score": sum(prompt.encode()) % 101})


@pytest.fixture
def runs(made, tmp_path):
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "runs"))


def compare(folder, *options):
    main([str(folder), *map(str, options)])
    return json.loads((folder / COMPARISON_FILE).read_text("utf-8"))


def change(path, edit):
    """Rewrite a JSON file."""
    content = json.loads(path.read_text("utf-8"))
    edit(content)
    path.write_text(json.dumps(content), "utf-8")


def refusals(folder, *options):
    with pytest.raises(UserError) as refused:
        compare(folder, *options)
    assert not (folder / COMPARISON_FILE).exists()
    assert not (folder / PAGE_FILE).exists()
    return refused.value.messages


def test_the_figures_are_those_of_the_runs(runs, capsys):
    comparison = compare(runs)
    assert comparison["scores"]["name"] == "llama3"
    assert [(variant["name"], variant["seeds"]) for variant in comparison["variants"]] == [
        ("baseline", [1, 2]),
        ("lora", [1, 2]),
    ]
    for variant in comparison["variants"]:
        for run in variant["runs"]:
            folder = runs / f"{variant['name']}-seed{run['seed']}"
            record = json.loads((folder / f"experiment-{variant['name']}.json").read_text("utf-8"))
            assert run["evaluations"] == record["evaluations"]
            assert run["training_seconds"] == record["seconds"]["training"]
            assert run["final_val_loss"] == record["evaluations"][-1]["val_loss"]
            assert run["best_val_loss"] <= run["final_val_loss"]
            scored = (folder / RESPONSES.format(variant["name"])).with_suffix("")
            scores = json.loads(Path(f"{scored}-scores.json").read_text("utf-8"))
            assert run["mean_score"] == pytest.approx(scores["summary"]["mean"])
            for entry, theirs in zip(comparison["entries"], scores["entries"], strict=True):
                assert entry["responses"][run["name"]] == {
                    "response": theirs["model_response"],
                    "score": theirs["score"],
                }
        means = [run["mean_score"] for run in variant["runs"]]
        assert variant["summary"]["mean_score"] == pytest.approx(fmean(means))
    out = capsys.readouterr().out
    assert all(pair["sentence"] in out for pair in comparison["pairs"])
    assert str(runs / PAGE_FILE) in out


def test_one_seed_agrees_with_scipys_paired_test(runs):
    names = [runs / f"{variant}-seed1" for variant in ("baseline", "lora")]
    main([*map(str, names), "--output_dir", str(runs), "--scores", "chrF"])
    comparison = json.loads((runs / COMPARISON_FILE).read_text("utf-8"))
    (pair,) = comparison["pairs"]
    first, second = (
        [entry["responses"][variant["runs"][0]["name"]]["score"] for entry in comparison["entries"]]
        for variant in comparison["variants"]
    )
    theirs = stats.ttest_rel(second, first)
    assert pair["difference"] == pytest.approx(fmean(second) - fmean(first))
    assert pair["interval_95"] == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert pair["p_value"] >= theirs.pvalue - 1e-9
    assert not pair["seeds_counted"]
    assert any("one run" in note for note in comparison["notes"])


def test_a_hostile_response_stays_text_in_the_page(runs):
    path = runs / "lora-seed1" / RESPONSES.format("lora")
    change(path, lambda entries: entries[0].update(model_response=HOSTILE))
    ollama_evaluate.main(["--file_path", str(path), "--judge", "reference"])
    comparison = compare(runs, "--scores", "chrF")
    assert comparison["entries"][0]["responses"]["lora, seed 1"]["response"] == HOSTILE
    assert HOSTILE not in (runs / PAGE_FILE).read_text("utf-8")


def test_runs_of_one_variant_with_other_settings_are_groups_of_their_own(runs):
    change(runs / "lora-seed2" / "experiment-lora.json", lambda record: record["identity"].update(lora_rank=4))
    comparison = compare(runs)
    assert [variant["name"] for variant in comparison["variants"]] == [
        "baseline",
        "lora (lora_rank 16)",
        "lora (lora_rank 4)",
    ]
    assert any("differ in lora_rank" in note for note in comparison["notes"])


def test_test_entries_that_leak_are_a_note_unless_what_they_leak_into_was_left_out(runs):
    record = runs / "lora-seed2" / "experiment-lora.json"
    assert not any("ask" in note for note in compare(runs)["notes"])
    change(record, lambda record: record["leaked_entries"].update(test=3))
    assert "Up to 3 test entries ask what training entries of lora ask, or nearly" in "".join(compare(runs)["notes"])
    change(record, lambda record: record.update(dropped_training_entries=4))
    assert not any("ask" in note for note in compare(runs)["notes"])


def test_missing_scores_are_refused_with_the_command_that_makes_them(runs):
    response_file = runs / "lora-seed2" / RESPONSES.format("lora")
    (runs / "lora-seed2" / "instruction-data-with-response-lora-scores.json").unlink()
    (message,) = refusals(runs)
    assert f"python ollama_evaluate.py --file_path {response_file.resolve()}" in message
    assert compare(runs, "--scores", "chrF")["scores"]["name"] == "chrF"


def test_an_unscored_response_is_refused(runs):
    def lose(scores):
        scores["entries"][2]["score"] = None

    change(runs / "baseline-seed1" / "instruction-data-with-response-baseline-scores.json", lose)
    (message,) = refusals(runs)
    assert "1 of 8 responses have no score" in message


def test_scores_of_other_responses_are_refused(runs):
    path = runs / "baseline-seed1" / RESPONSES.format("baseline")
    change(path, lambda entries: entries[0].update(model_response="another answer"))
    (message,) = refusals(runs)
    assert "scores of other responses" in message


def test_different_judges_are_refused(runs):
    path = runs / "lora-seed1" / "instruction-data-with-response-lora-scores.json"
    change(path, lambda scores: scores["judge"].update(model="mistral", digest="0"))
    (message,) = refusals(runs)
    assert "judged otherwise" in message
    assert "model, digest" in message


def test_different_test_sets_are_refused(runs):
    for ending in ("", "-reference-scores", "-scores"):
        path = runs / "lora-seed1" / f"instruction-data-with-response-lora{ending}.json"
        change(path, lambda data: (data if isinstance(data, list) else data["entries"])[0].update(output="Another."))
    ollama_evaluate.main(["--file_path", str(runs / "lora-seed1" / RESPONSES.format("lora")), "--judge", "reference"])
    (message,) = refusals(runs, "--scores", "chrF")
    assert "answers other test entries" in message


def test_a_half_finished_run_is_refused(runs):
    (runs / "lora-seed2" / "unfinished-lora").mkdir()
    (message,) = refusals(runs)
    assert "not finished" in message
    assert "--resume" in message


def test_the_same_run_twice_is_refused(runs):
    shutil.copytree(runs / "lora-seed1", runs / "copy")
    messages = refusals(runs)
    assert len(messages) == 1
    assert "same settings and seed" in messages[0]


def test_everything_that_is_wrong_is_said_at_once(runs):
    (runs / "lora-seed1" / "instruction-data-with-response-lora-scores.json").unlink()
    (runs / "lora-seed2" / "instruction-data-with-response-lora-scores.json").unlink()
    assert len(refusals(runs)) == 2


def test_a_place_without_runs_is_named(tmp_path):
    (message,) = refusals(tmp_path)
    assert str(tmp_path) in message


def test_a_file_that_is_no_record_is_named(runs):
    (runs / "lora-seed1" / "experiment-lora.json").write_text("{}")
    (message,) = refusals(runs)
    assert "not the record of a finished run" in message


@pytest.mark.parametrize("damage", ["[1, 2]", "3", "null", "{", '{"identity": {}, "files": ["x"], "evaluations": [1]}'])
def test_a_record_of_another_form_is_one_error(runs, damage):
    (runs / "lora-seed1" / "experiment-lora.json").write_text(damage)
    (message,) = refusals(runs)
    assert message.startswith(str((runs / "lora-seed1" / "experiment-lora.json").resolve()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": [1, 2]}, {"files": 3}, {"files": [5]}, {"files": ["x"]}, {"evaluations": 3}, {"evaluations": []},
        {"evaluations": [1]}, {"seconds": [1]}, {"seconds": {"training": 0.0, "responses": 1.0}}, {"device": {}},
        {"device": {"name": "cpu", "threads": [2]}}, {"tokens_seen": [1]}, {"exercise_solution": [1]}, {"seed": "1"},
    ],
)  # fmt: skip
def test_a_record_with_something_else_in_the_place_of_a_field_is_one_error(runs, wrong):
    change(runs / "lora-seed1" / "experiment-lora.json", lambda record: record.update(wrong))
    (message,) = refusals(runs)
    assert "not the record of a finished run" in message


def test_a_record_that_holds_nan_is_refused(runs):
    """JSON has no NaN, and a mean over it says nothing."""
    path = runs / "lora-seed1" / "experiment-lora.json"
    change(path, lambda record: record["evaluations"][-1].update(val_loss=float("nan")))
    (message,) = refusals(runs)
    assert "NaN is no number that JSON can hold" in message


@pytest.mark.parametrize("score", ["85", [85], float("nan"), {}, 500, -1, 10**400])
def test_scores_that_are_no_numbers_are_refused(runs, score):
    path = runs / "baseline-seed1" / "instruction-data-with-response-baseline-scores.json"
    change(path, lambda scores: scores["entries"][2].update(score=score))
    (message,) = refusals(runs)
    assert message.startswith(str(path.resolve()))


def test_fewer_scores_than_responses_are_refused(runs):
    path = runs / "baseline-seed1" / "instruction-data-with-response-baseline-scores.json"
    change(path, lambda scores: scores["entries"].pop())
    (message,) = refusals(runs)
    assert "not a score from 0 to 100 for each of 8 responses" in message


def test_a_run_of_which_every_response_is_empty_can_be_compared(runs):
    """No judge was asked about it, so none has answered."""
    path = runs / "lora-seed1" / RESPONSES.format("lora")
    change(path, lambda entries: [entry.update(model_response="") for entry in entries])
    with ScriptedJudge().running() as url:
        ollama_evaluate.main(["--file_path", str(path), "--url", url])
    assert compare(runs)["scores"]["name"] == "llama3"


def test_scores_of_two_models_behind_one_name_are_refused(runs):
    path = runs / "lora-seed1" / "instruction-data-with-response-lora-scores.json"
    change(path, lambda scores: scores["judge"].update(answered_by="another:latest"))
    (message,) = refusals(runs)
    assert "judged otherwise" in message
    assert "(answered_by)" in message


def test_the_judge_is_called_by_the_name_that_answered(runs, capsys):
    for path in runs.glob("*/instruction-data-with-response-*-scores.json"):
        if "reference" not in path.name:
            change(path, lambda scores: scores["judge"].update(answered_by="gpt-4o-2024-08-06"))
    assert compare(runs)["scores"]["name"] == "gpt-4o-2024-08-06"
    assert "scores by judge gpt-4o-2024-08-06," in capsys.readouterr().out


def test_the_command_in_a_message_can_be_typed_as_it_stands(runs):
    spaced = runs.rename(runs.with_name("my runs"))
    (spaced / "lora-seed1" / "instruction-data-with-response-lora-scores.json").unlink()
    (message,) = refusals(spaced)
    command = shlex.split(message.partition("; ")[2])
    assert command == ["python", "ollama_evaluate.py", "--file_path",
                       str(spaced.resolve() / "lora-seed1" / RESPONSES.format("lora"))]  # fmt: skip


def test_a_terminal_that_knows_no_minus_sign_shows_an_escape_and_the_files_are_whole(runs):
    printed = {}
    for encoding in ("utf-8", "cp1252"):
        process = start("compare_experiments.py", runs, PYTHONIOENCODING=encoding)
        printed[encoding], said = process.communicate()
        assert (process.returncode, said) == (0, "")
    assert "\u2212" in printed["utf-8"]
    assert printed["cp1252"] == printed["utf-8"].replace("\u2212", "\\u2212")
    assert "\u2212" in (runs / COMPARISON_FILE).read_text("utf-8")
    assert (runs / PAGE_FILE).exists()


def test_two_comparisons_of_one_folder_do_not_write_at_once(runs):
    with locked(runs / ".comparison.lock", "a test", wait=False):
        process = start("compare_experiments.py", runs)
        assert "is in use by another process; waiting for it" in process.stderr.readline()
        assert not (runs / COMPARISON_FILE).exists()
    process.communicate()
    assert process.returncode == 0
    assert (runs / COMPARISON_FILE).exists()


def test_one_variant_is_nothing_to_compare(runs):
    shutil.rmtree(runs / "lora-seed1")
    shutil.rmtree(runs / "lora-seed2")
    (message,) = refusals(runs)
    assert "one variant only (baseline)" in message

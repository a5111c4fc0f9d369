"""A finished run is replaced only when that was said, and not made again when nothing of it is asked for."""

import json
import shutil
import signal

import pytest
from support.kill_harness import Plan, Run
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main
from gpt2_experiments.experiment import outputs
from gpt2_experiments.shared.errors import UserError

RECORD, WEIGHTS = "experiment-baseline.json", "small0M-sft-baseline.pth"


@pytest.fixture(scope="module")
def command(tmp_path_factory, first_entries):
    """The words of the command whose run is finished."""
    weights = tmp_path_factory.mktemp("weights") / "small"
    weights.mkdir()
    write_small_checkpoint(weights)
    return ["--weights", str(weights), "--data", str(first_entries(40)), *OPTIONS]


@pytest.fixture(scope="module")
def made(tmp_path_factory, command):
    folder = tmp_path_factory.mktemp("made")
    main([*command, "--output_dir", str(folder)])
    return folder


@pytest.fixture
def finished(made, tmp_path):
    """A copy of the finished run's folder."""
    return shutil.copytree(made, tmp_path / "output")


def content(folder):
    """All files below a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def again(command, folder, *options):
    """Run the command in the finished run's folder; the messages of an error, and whether anything has changed."""
    before = content(folder)
    messages = ()
    try:
        main([*command, *options, "--output_dir", str(folder)])
    except UserError as error:
        messages = error.messages
    return messages, content(folder) != before


def test_the_same_command_again_is_refused(command, finished):
    (message,), changed = again(command, finished)
    assert message == (
        f"{finished / RECORD}: this run is finished; keep it with --resume, make it anew with --overwrite, or name "
        "another --output_dir"
    )
    assert not changed


def test_resuming_a_finished_run_computes_nothing(command, finished, capsys):
    assert again(command, finished, "--resume") == ((), False)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"This run is complete: {finished / RECORD}"


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_other_settings_and_data_are_refused_with_the_differences(command, finished, first_entries, resume):
    other = ["--learning_rate", "0.5", "--seed", "7", "--data", str(first_entries(41)), *resume]
    messages, changed = again(command, finished, *other)
    named = [message.removeprefix(f"{finished / RECORD}: ").split(" ")[0] for message in messages]
    assert named == ["data_sha256", "learning_rate", "seed", "holds"]
    assert "learning_rate is 0.5, in the finished run it is 0.001" in messages[1]
    assert messages[-1].endswith("make it anew with --overwrite, or name another --output_dir")
    assert not changed


def test_overwriting_makes_it_anew(command, finished):
    for options in (["--seed", "7", "--overwrite"], ["--overwrite"], ["--seed", "8", "--overwrite", "--resume"]):
        assert again(command, finished, *options) == ((), True)
    assert json.loads((finished / RECORD).read_text())["seed"] == 8


def test_a_run_killed_while_it_replaces_another_is_no_finished_run_of_files_of_both(command, finished, tmp_path):
    kill = Plan(signals={f"write .{WEIGHTS}.part": [signal.SIGKILL]})
    assert Run([*command, "--seed", "7", "--overwrite"], finished, tmp_path, kill).end().code == -signal.SIGKILL
    assert not (finished / RECORD).exists()
    assert again([*command, "--seed", "7"], finished, "--resume") == ((), True)
    assert json.loads((finished / RECORD).read_text())["seed"] == 7


def test_what_is_gone_of_a_finished_run_is_named_and_not_made_again(command, finished, capsys):
    (finished / WEIGHTS).unlink()
    assert again(command, finished, "--resume") == ((), False)
    assert f"Gone since: {WEIGHTS} (--overwrite without --resume makes" in capsys.readouterr().out
    assert not (finished / WEIGHTS).exists()
    assert again(command, finished, "--overwrite") == ((), True)
    assert (finished / WEIGHTS).exists()


def test_a_run_by_other_code_is_the_same_experiment_and_says_so(command, finished, capsys, monkeypatch):
    monkeypatch.setattr(outputs, "code_digest", lambda: "0" * 64)
    assert again(command, finished, "--resume") == ((), False)
    digest = json.loads((finished / RECORD).read_text())["identity"]["code_sha256"]
    assert f"Made with code_sha256 {digest}" in capsys.readouterr().out


def test_all_runs_in_the_way_of_a_sweep_are_said_before_its_first_run(command, tmp_path, capsys):
    sweep = [*command, "--sweep", "baseline", "phi3_prompt", "lora", "--output_dir", str(tmp_path)]
    main([*command, "--exercise_solution", "lora", "--output_dir", str(tmp_path / "lora-seed123"), "--num_epochs", "1"])
    stop = Plan(signals={"write .step-00000008.json.part": [signal.SIGKILL]})
    options = ["--exercise_solution", "phi3_prompt", "--num_epochs", "3", "--checkpoint_every", "4"]
    (tmp_path / "logs").mkdir()
    killed = Run([*command, *options], tmp_path / "phi3-prompt-seed123", tmp_path / "logs", stop)
    assert killed.end().code == -signal.SIGKILL
    capsys.readouterr()
    with pytest.raises(UserError) as refused:
        main([*sweep, "--resume"])
    said = "\n".join(refused.value.messages)
    assert "num_epochs is 2, in the finished run it is 1" in said
    assert "num_epochs is 2, in the unfinished run it was 3" in said
    with pytest.raises(UserError, match="holds an unfinished run"):
        main(sweep)
    assert "Run 1 of 3" not in capsys.readouterr().out


def test_a_stop_while_the_last_response_is_written_ends_the_sweep_after_that_run(command, tmp_path):
    output = tmp_path / "output"
    stop = Plan(signals={"write .instruction-data-with-response-baseline.json.part": [signal.SIGTERM]})
    outcome = Run([*command, "--sweep", "baseline", "lora"], output, tmp_path, stop).end()
    assert outcome.code == 143
    assert outcome.err.splitlines()[-1].startswith("stopped; this run is complete: ")
    assert (output / "baseline-seed123" / RECORD).exists()
    assert not any((output / "lora-seed123").iterdir())


def test_what_is_overwritten_leaves_no_files_of_its_own(command, finished, tmp_path):
    """Other weights make a file of another name."""
    other = shutil.copytree(command[1], tmp_path / "other")
    assert again(["--weights", str(other), *command[2:]], finished, "--overwrite") == ((), True)
    assert [path.name for path in finished.glob("*.pth")] == ["other0M-sft-baseline.pth"]


@pytest.mark.parametrize(
    "record", ["[1, 2]", "{}", '{"identity": [], "files": 3}', '{"identity": {}, "files": [1, null]}', "{", ""]
)
def test_a_record_that_is_none_is_one_error(command, finished, record):
    (finished / RECORD).write_text(record)
    (message,), changed = again(command, finished, "--resume")
    assert message == f"{finished / RECORD}: not the record of a run; remove it, or name another --output_dir"
    assert not changed


def test_the_record_says_what_was_trained(command, finished):
    record = json.loads((finished / RECORD).read_text())
    assert (record["model"], record["model_label"], record["weights"]) == (None, "small (0M)", command[1])
    assert record["identity"]["model"] is None

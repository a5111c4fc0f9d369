"""A run is the same whatever format and shape its data is in, and the record tells what it was."""

import csv
import gzip
import json

import pytest
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main
from gpt2_experiments.experiment.settings import parse_runs
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.shared.files import sha256_of


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the command with the options; returns its record, its responses and the folder."""
    weights = str(write_small_checkpoint(tmp_path_factory.mktemp("weights")))

    def run(*options):
        folder = tmp_path_factory.mktemp("run")
        main(["--weights", weights, *OPTIONS, *map(str, options), "--output_dir", str(folder)])
        record = json.loads((folder / "experiment-baseline.json").read_text("utf-8"))
        responses = json.loads((folder / "instruction-data-with-response-baseline.json").read_text("utf-8"))
        return record, responses

    return run


def losses(record):
    return [(at["step"], at["train_loss"], at["val_loss"]) for at in record["evaluations"]]


@pytest.fixture(scope="module")
def entries(first_entries):
    return json.loads(first_entries(60).read_text("utf-8"))


@pytest.fixture(scope="module")
def plain(run, first_entries):
    """The run of the JSON list."""
    return run("--data", first_entries(60))


def test_a_gzipped_table_of_other_fields_makes_the_same_run(run, entries, plain, tmp_path, capsys):
    path = tmp_path / "mine.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "given", "answer"])
        writer.writerows([entry["instruction"], entry["input"], entry["output"]] for entry in entries)
    fields = ("instruction=question", "input=given", "output=answer")
    record, responses = run("--data", path, "--fields", *fields)
    assert f"{path}: reading question as instruction, given as input, answer" in capsys.readouterr().out
    assert losses(record) == losses(plain[0])
    assert responses == plain[1]
    assert record["data_sources"] == {"data": {"source": str(path), "sha256": sha256_of(path)}}
    assert record["fields"] == list(fields)
    assert record["identity"]["fields"] == sorted(fields)  # their order decides nothing


def test_files_of_their_own_make_the_same_run_as_the_splits_of_one(run, entries, plain, tmp_path):
    bounds = {"data": (0, 51), "test_data": (51, 57), "val_data": (57, 60)}
    for name, (start, end) in bounds.items():
        (tmp_path / name).write_text("\n".join(map(json.dumps, entries[start:end])))
    record, responses = run(*(word for name in bounds for word in (f"--{name}", tmp_path / name)))
    assert losses(record) == losses(plain[0])
    assert responses == plain[1]
    assert record["splits"] == plain[0]["splits"] == {"train": 51, "test": 6, "validation": 3}
    assert {name: data["sha256"] for name, data in record["data_sources"].items()} == {
        name: sha256_of(tmp_path / name) for name in bounds
    }


def test_rows_at_fault_are_left_out_when_that_is_said_and_counted(run, entries, plain, tmp_path, capsys):
    path = tmp_path / "data.jsonl"
    lines = [json.dumps(entry) for entry in entries]
    path.write_text("\n".join([*lines[:7], "{torn", *lines[7:], '{"instruction": 3}']))
    with pytest.raises(UserError) as caught:
        run("--data", path)
    assert [message.split(": ")[1] for message in caught.value.messages] == ["line 8", "line 62"]
    record, responses = run("--data", path, "--skip_bad")
    assert "2 rows of the data are at fault and left out" in capsys.readouterr().err
    assert record["skipped_rows"] == 2
    assert losses(record) == losses(plain[0])
    assert responses == plain[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--splits", "80", "10", "5"], "--splits 80 10 5: give three percentages that add up to 100"),
        (["--splits", "90", "10"], "--splits 90 10: give three"),
        (["--splits", "90", "10", "0"], "--splits 90 10 0: leaves no validation entries; give a share, or name some"),
        (["--splits", "0", "50", "50"], "--splits 0 50 50: give three"),
        (["--fields", "question"], "--fields: question: write each of instruction, input, output once"),
        (["--fields", "prompt=question", "output=answer"], "--fields: prompt=question: write each of"),
        (["--fields", "instruction=question"], "--fields: no field is named for output; write output=NAME"),
    ],
)
def test_a_data_set_that_is_described_wrongly_is_refused_before_anything_is_read(options, message):
    with pytest.raises(UsageError) as caught:
        parse_runs(["--data", "none.json", *options])
    assert caught.value.messages[0].startswith(message)


def test_a_split_with_a_file_of_its_own_may_have_no_share(tmp_path):
    (tmp_path / "val").touch()
    (settings,) = parse_runs(["--splits", "90", "10", "0", "--val_data", str(tmp_path / "val"), "--device", "cpu"])
    assert settings.data_set.shares == (90, 10, 0)


def test_files_that_are_not_there_are_named_with_their_flags():
    with pytest.raises(UserError) as caught:
        parse_runs(["--data", "a.json", "--test_data", "b.json", "--val_data", "c.json"])
    assert [message.split(":")[0] for message in caught.value.messages] == [
        "--data a.json", "--test_data b.json", "--val_data c.json",
    ]  # fmt: skip


def test_leaked_entries_are_said_recorded_and_left_out_of_training_when_that_is_wanted(run, entries, tmp_path, capsys):
    path = tmp_path / "data.json"
    path.write_text(json.dumps([*entries[:51], entries[0], *entries[52:]]))
    record, _ = run("--data", path)
    assert (
        f"warning: 1 test entries ask what training entries ask, or nearly (such as {path}: entry 52 and entry 1)"
        in (capsys.readouterr().err)
    )
    assert record["leaked_entries"] == {"test": 1, "validation": 0}
    assert (record["dropped_training_entries"], record["splits"]["train"]) == (0, 51)
    record, _ = run("--data", path, "--drop_leaked")
    assert "1 training entries are left out" in capsys.readouterr().err
    assert (record["dropped_training_entries"], record["splits"]["train"]) == (1, 50)

"""Hugging Face data sets are read to the same entries, with the splits that they have."""

import json
import os
import subprocess
import sys

import datasets
import pytest
from support.hub_server import COMMIT, serving_hub
from support.paths import ROOT

from gpt2_experiments.entries.splits import DataSet, read_splits
from gpt2_experiments.shared.errors import UserError

PARTS = {"train": 40, "test": 4, "validation": 3}
PROGRAM = """
import json, sys
from gpt2_experiments.entries.splits import DataSet, read_splits
from gpt2_experiments.shared.errors import UserError
try:
    splits = read_splits(DataSet(sys.argv[1]))
except UserError as error:
    sys.exit(f"error: {error}")
print(json.dumps([splits.train, splits.test, splits.val, {name: data.source for name, data in splits.sources.items()}]))
"""


def entries(name):
    return [
        {"instruction": f"Say {name} {number}.", "input": "", "output": str(number)} for number in range(PARTS[name])
    ]


def saved(folder, *names):
    """A folder that `save_to_disk` wrote, of one split or of several."""
    parts = {name: datasets.Dataset.from_list(entries(name)) for name in names}
    (parts[names[0]] if len(names) == 1 else datasets.DatasetDict(parts)).save_to_disk(str(folder))
    return str(folder)


def test_a_saved_data_set_of_one_split_is_split_as_a_file(tmp_path):
    splits = read_splits(DataSet(saved(tmp_path / "saved", "train")))
    assert splits.train + splits.test + splits.val == entries("train")
    assert (len(splits.train), len(splits.test), len(splits.val)) == (34, 4, 2)
    assert splits.where("test", 0).endswith("saved: row 35")


@pytest.mark.parametrize(
    ("names", "sizes"),
    [
        (("train", "test", "validation"), (40, 4, 3)),
        (("train", "test"), (38, 4, 2)),
        (("train", "validation"), (36, 4, 3)),
    ],
)
def test_a_data_sets_own_splits_are_used(tmp_path, names, sizes):
    splits = read_splits(DataSet(saved(tmp_path / "saved", *names)))
    assert (len(splits.train), len(splits.test), len(splits.val)) == sizes
    assert splits.train == entries("train")[: sizes[0]]
    assert splits.test == (entries("test") if "test" in names else entries("train")[36:])
    assert splits.val == (entries("validation") if "validation" in names else entries("train")[38:])


def test_another_source_goes_before_a_split_of_its_own(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(entries("validation")))
    splits = read_splits(DataSet(saved(tmp_path / "saved", "train", "test"), test_data=str(tmp_path / "mine.json")))
    assert splits.test == entries("validation")


def test_a_source_for_test_entries_gives_its_own_test_split_or_all_it_has(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(entries("train")))
    data, both = str(tmp_path / "mine.json"), saved(tmp_path / "both", "train", "test")
    assert read_splits(DataSet(data, test_data=both)).test == entries("test")
    assert read_splits(DataSet(data, test_data=saved(tmp_path / "one", "validation"))).test == entries("validation")
    with pytest.raises(UserError, match=r"--val_data .*both, train: has several splits, none of that kind"):
        read_splits(DataSet(data, val_data=both))


def test_a_split_that_is_not_used_is_not_looked_at_and_two_of_a_kind_are_refused(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(entries("validation")))
    bad = datasets.Dataset.from_list([{"instruction": "a", "output": None}])
    parts = datasets.DatasetDict(train=datasets.Dataset.from_list(entries("train")), test=bad)
    parts.save_to_disk(str(tmp_path / "parts"))
    assert len(read_splits(DataSet(str(tmp_path / "parts"), test_data=str(tmp_path / "mine.json"))).test) == 3
    datasets.DatasetDict(parts, validation=bad, dev=bad).save_to_disk(str(tmp_path / "two"))
    with pytest.raises(UserError, match="has the splits validation and dev; name one of them with --val_data"):
        read_splits(DataSet(str(tmp_path / "two")))


def test_the_digest_is_of_the_rows(tmp_path):
    first, again, other = (read_splits(DataSet(saved(tmp_path / name, part))).sources["data"].sha256
                           for name, part in (("a", "train"), ("b", "train"), ("c", "test")))  # fmt: skip
    assert first == again != other


def test_a_data_set_without_training_entries_or_with_a_fault_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no split called train, but test, validation"):
        read_splits(DataSet(saved(tmp_path / "saved", "test", "validation")))
    folder = tmp_path / "bad"
    datasets.Dataset.from_list([*entries("train"), {"instruction": None, "input": "", "output": ""}]).save_to_disk(
        folder
    )
    with pytest.raises(UserError, match='bad: row 41: field "instruction" is null'):
        read_splits(DataSet(str(folder)))
    (folder / "data-00000-of-00001.arrow").write_bytes(b"torn")
    with pytest.raises(UserError, match="the library `datasets` cannot load it"):
        read_splits(DataSet(str(folder)))


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Reads a data set in a process of its own, from a hub with `org/name` and a cache; or without the hub."""
    folder = tmp_path_factory.mktemp("hub")
    (folder / "served/org/name").mkdir(parents=True)
    for name in ("train", "test"):
        lines = "\n".join(map(json.dumps, entries(name)))
        (folder / f"served/org/name/{name}.jsonl").write_text(lines)
    with serving_hub(folder / "served") as server:

        def read(source, **environment):
            places = {"HF_ENDPOINT": server.url, "HF_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-c", PROGRAM, source]
            process = subprocess.run(command, env=os.environ | places | environment, capture_output=True, text=True)
            return json.loads(process.stdout) if process.returncode == 0 else process.stderr.splitlines()[-1]

        read("hf:org/name")  # so that it is in the cache
        yield read


@pytest.mark.parametrize("revision", ["", "@main", f"@{COMMIT}"])
def test_a_data_set_of_the_hub_is_downloaded_with_its_splits(hub, revision):
    train, test, val, sources = hub(f"hf:org/name{revision}")
    assert (train + val, test) == (entries("train"), entries("test"))
    assert sources == {"data": f"hf:org/name{revision}, train", "test_data": f"hf:org/name{revision}, test"}
    train, test, val, _ = hub(f"hf:org/name{revision}:train")
    assert train + test + val == entries("train")


def test_what_is_in_the_cache_is_read_without_a_network(hub):
    online = hub("hf:org/name")
    assert hub("hf:org/name", HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9") == online
    assert hub(f"hf:org/name@{COMMIT}", HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")[0] == online[0]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("hf:org/none", "the library `datasets` cannot load it"),
        ("hf:org/name:nope", "cannot load it (Unknown split"),
        ("hf:org/name@nope", "cannot load it"),
        (f"hf:org/name@{40 * 'c'}", f"only the revision {COMMIT} is in the cache"),
        ("hf:a b", "no name of a data set; write it as hf:org/name"),
        ("hf:org/name/nope", "cannot load it (BuilderConfig 'nope' not found"),
    ],
)
def test_what_the_hub_does_not_have_is_one_line(hub, source, message):
    error = hub(source)
    assert error.startswith(f"error: {source}: ")
    assert message in error

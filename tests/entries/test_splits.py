"""A data set, in a file or behind a URL, becomes the book's three splits."""

import json
import subprocess
import sys

import pytest
from support.paths import ROOT
from support.weights_server import serving

from exercise_experiments import download_and_load_file
from gpt2_experiments.entries.splits import DataSet, read_splits, split_entries
from gpt2_experiments.shared.errors import UserError

ENTRIES = [{"instruction": f"Say {number}.", "input": "", "output": str(number)} for number in range(3)]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr("gpt2_experiments.shared.http_download.BACKOFF", 0.01)


@pytest.mark.parametrize(("n", "sizes"), [(1100, (935, 110, 55)), (52002, (44201, 5200, 2601)), (20, (17, 2, 1))])
def test_splits_are_contiguous_and_of_the_books_sizes(n, sizes):
    splits = split_entries(list(range(n)))
    assert tuple(map(len, splits)) == sizes
    assert [number for split in splits for number in split] == list(range(n))


@pytest.fixture
def files(tmp_path):
    """Files of 100, 7 and 5 entries."""
    paths = {}
    for name, n in (("data", 100), ("test_data", 7), ("val_data", 5)):
        paths[name] = tmp_path / f"{name}.json"
        entries = [{"instruction": f"{name} {number}", "input": "", "output": "x"} for number in range(1, n + 1)]
        paths[name].write_text(json.dumps(entries))
    return {name: str(path) for name, path in paths.items()}


@pytest.mark.parametrize(
    ("own", "shares", "sizes"),
    [
        ((), (85, 10, 5), (85, 10, 5)),
        ((), (50, 25, 25), (50, 25, 25)),
        (("test_data",), (85, 10, 5), (95, 7, 5)),
        (("val_data",), (85, 10, 5), (90, 10, 5)),
        (("test_data", "val_data"), (85, 10, 5), (100, 7, 5)),
    ],
)
def test_what_has_a_file_of_its_own_leaves_its_share_to_training(files, own, shares, sizes):
    splits = read_splits(DataSet(files["data"], **{name: files[name] for name in own}, shares=shares))
    assert (len(splits.train), len(splits.test), len(splits.val)) == sizes
    assert set(splits.sources) == {"data", *own}
    for split in ("train", "test", "val"):
        source = f"{split}_data" if f"{split}_data" in own else "data"
        for index, entry in enumerate(getattr(splits, split)):
            name, number = entry["instruction"].split()
            assert name == source
            assert splits.where(split, index) == f"{files[source]}: entry {number}"


def test_a_data_file_that_is_there_is_not_downloaded(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(ENTRIES))
    assert download_and_load_file(path, "http://127.0.0.1:9/nothing-listens-here") == ENTRIES


@pytest.fixture
def server(tmp_path):
    """A server of the folder `served`, in which a test puts `data.json`."""
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        yield server


@pytest.fixture
def kept(tmp_path):
    """Where the data set will be, in a folder of its own."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / "data.json"


def test_a_download_that_fails_names_the_url_and_leaves_no_file(tmp_path):
    path = tmp_path / "data.json"
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/data.*put the data set at .*/data\.json yourself"):
        download_and_load_file(path, "http://127.0.0.1:9/data")
    assert [left.name for left in tmp_path.iterdir()] == [".data.json.lock"]


@pytest.mark.parametrize(
    "page", [b"<html>We are busy</html>", b"<?xml version='1.0'?><error/>", b'{"error": 1}', b"[]"]
)
def test_a_page_that_is_no_data_set_is_not_kept(server, kept, page):
    url = f"{server.url}/data.json"
    (server.folder / "data.json").write_bytes(page)
    with pytest.raises(UserError, match=f"{url}: sent no data set") as refused:
        download_and_load_file(kept, url)
    assert "unread" not in str(refused.value)
    assert "mend" not in str(refused.value)
    assert [left.name for left in kept.parent.iterdir()] == [".data.json.lock"]
    (server.folder / "data.json").write_text(json.dumps(ENTRIES))
    assert download_and_load_file(kept, url) == ENTRIES


def test_a_page_that_was_kept_says_how_to_be_rid_of_it(tmp_path):
    path = tmp_path / "data.json"
    path.write_text("<html>We are busy</html>")
    with pytest.raises(UserError, match=r"is an HTML .*, or remove it to download http://host/data\.json again"):
        download_and_load_file(path, "http://host/data.json")


def test_a_page_left_by_a_killed_process_is_not_taken_for_the_data(server, kept):
    """It has the length of the data set that the server has now."""
    data = json.dumps(ENTRIES)
    (server.folder / "data.json").write_text(data)
    kept.with_name("data.json.unread").write_text(data.replace("Say", "Cry"))
    assert download_and_load_file(kept, f"{server.url}/data.json") == ENTRIES


def test_a_url_that_is_none_is_one_error(tmp_path):
    with pytest.raises(UserError, match=r"cannot download .*a\.\.b"):
        download_and_load_file(tmp_path / "data.json", "http://a..b/x")


def test_missing_certificates_are_one_error(tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    with pytest.raises(UserError, match=r"TLS CA certificate bundle.*/nonexistent\.pem"):
        download_and_load_file(tmp_path / "data.json", "https://127.0.0.1:9/x.json")


def test_of_many_processes_one_downloads_and_the_others_wait(server, kept):
    program = "import sys; from gpt2_experiments.entries.splits import *; download_and_load_file(*sys.argv[1:])"
    (server.folder / "data.json").write_text(json.dumps(ENTRIES * 20_000))
    command = [sys.executable, "-c", program, str(kept), f"{server.url}/data.json"]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, said
    assert len(server.requests) == 1
    assert len(json.loads(kept.read_text())) == 60_000

"""A data set, in a file or behind a URL, becomes the book's three splits."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.paths import ROOT

from exercise_experiments import download_and_load_file
from gpt2_experiments.entries.splits import split_entries
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


def test_a_data_file_that_is_there_is_not_downloaded(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(ENTRIES))
    assert download_and_load_file(path, "http://127.0.0.1:9/nothing-listens-here") == ENTRIES


@contextmanager
def serving(*answers):
    """An HTTP server that gives these bodies, one a request and the last one for ever; yields the URL and a count."""
    left, count = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            count.append(self.path)
            body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data.json", count
    finally:
        server.shutdown()
        server.server_close()


def test_a_download_that_fails_names_the_url_and_leaves_no_file(tmp_path):
    path = tmp_path / "data.json"
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/data.*put the data set at .*/data\.json yourself"):
        download_and_load_file(path, "http://127.0.0.1:9/data")
    assert [left.name for left in tmp_path.iterdir()] == [".data.json.lock"]


@pytest.mark.parametrize(
    "page", [b"<html>We are busy</html>", b"<?xml version='1.0'?><error/>", b'{"error": 1}', b"[]"]
)
def test_a_page_that_is_no_data_set_is_not_kept(tmp_path, page):
    path = tmp_path / "data.json"
    with serving(page, json.dumps(ENTRIES).encode()) as (url, _):
        with pytest.raises(UserError, match=f"{url}: sent no data set") as refused:
            download_and_load_file(path, url)
        assert "unread" not in str(refused.value)
        assert "mend" not in str(refused.value)
        assert [left.name for left in tmp_path.iterdir()] == [".data.json.lock"]
        assert download_and_load_file(path, url) == ENTRIES


def test_a_page_that_was_kept_says_how_to_be_rid_of_it(tmp_path):
    path = tmp_path / "data.json"
    path.write_text("<html>We are busy</html>")
    with pytest.raises(UserError, match=r"not valid JSON.*, or remove it to download http://host/data\.json again"):
        download_and_load_file(path, "http://host/data.json")


def test_a_page_left_by_a_killed_process_is_not_taken_for_the_data(tmp_path):
    """It has the length of the data set that the server has now."""
    path, data = tmp_path / "data.json", json.dumps(ENTRIES)
    (tmp_path / "data.json.unread").write_text(data.replace("Say", "Cry"))
    with serving(data.encode()) as (url, _):
        assert download_and_load_file(path, url) == ENTRIES


def test_a_url_that_is_none_is_one_error(tmp_path):
    with pytest.raises(UserError, match=r"cannot download .*a\.\.b"):
        download_and_load_file(tmp_path / "data.json", "http://a..b/x")


def test_missing_certificates_are_one_error(tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    with pytest.raises(UserError, match=r"TLS CA certificate bundle.*/nonexistent\.pem"):
        download_and_load_file(tmp_path / "data.json", "https://127.0.0.1:9/x.json")


def test_of_many_processes_one_downloads_and_the_others_wait(tmp_path):
    path = tmp_path / "data.json"
    program = "import sys; from gpt2_experiments.entries.splits import *; download_and_load_file(*sys.argv[1:])"
    with serving(json.dumps(ENTRIES * 20_000).encode()) as (url, count):
        command = [sys.executable, "-c", program, str(path), url]
        processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(6)]
        said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, said
    assert len(count) == 1
    assert len(json.loads(path.read_text())) == 60_000

"""One file over HTTP: whatever the server does, the right file ends up in its place, or none."""

import hashlib
import re

import pytest
from support.weights_server import refusing_url, serving

from gpt2_experiments.shared import http_download
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.http_download import DownloadError, download_file, fetch

NAME = "model.ckpt.data"
CONTENT = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(10_000))
OTHER_CONTENT = CONTENT[::-1]
PASSING = ["503", "drop", "cut", "short", "stall", "no length"]  # failures after which asking again helps


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """No pauses, a stalled server is noticed at once, and loopback needs no proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(http_download, "BACKOFF", 0)
    monkeypatch.setattr(http_download, "TIMEOUT", (5, 0.2))


@pytest.fixture
def server(tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / NAME).write_bytes(CONTENT)
    with serving(tmp_path / "served") as server:
        yield server


@pytest.fixture
def destination(tmp_path):
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / NAME


def only_file(destination):
    """The content of the file, which is all there is in its folder."""
    assert list(destination.parent.iterdir()) == [destination]
    return destination.read_bytes()


def whole_chunks(n_bytes):
    """What is left of `n_bytes` when the last incomplete chunk is lost."""
    return n_bytes - n_bytes % http_download.CHUNK


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_failure_is_overcome(server, destination, fault):
    server.script[NAME] = [fault]
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == CONTENT
    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", [*PASSING, "404", "wrong"])
def test_a_lasting_failure_is_an_error_and_leaves_no_file(server, destination, fault):
    server.script[NAME] = [fault] * 100
    with pytest.raises(DownloadError, match=re.escape(server.url)) as error:
        fetch([f"{server.url}/{NAME}"], destination, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert "\n" not in str(error.value)
    assert not destination.exists()


@pytest.mark.parametrize("fault", [*PASSING, "404", "wrong"])
def test_the_next_server_is_asked_where_one_fails(server, destination, fault, tmp_path):
    server.script[NAME] = [fault] * 100
    with serving(tmp_path / "served") as mirror:
        urls = [f"{server.url}/{NAME}", f"{mirror.url}/{NAME}"]
        fetched = fetch(urls, destination, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert fetched == (urls[1], hashlib.sha256(CONTENT).hexdigest(), False)
    assert only_file(destination) == CONTENT


def test_the_backup_takes_over_where_nobody_listens(server, destination, capfd):
    download_file(f"{refusing_url()}/{NAME}", destination, backup_url=f"{server.url}/{NAME}")
    assert only_file(destination) == CONTENT
    assert "Connection refused" in capfd.readouterr().err


def test_an_error_says_all_that_was_tried_and_why(server, destination):
    nobody = refusing_url()
    server.script[NAME] = ["404"]
    with pytest.raises(DownloadError) as error:
        download_file(f"{nobody}/{NAME}", destination, backup_url=f"{server.url}/{NAME}")
    assert f"{nobody}/{NAME}: " in str(error.value)
    assert "Connection refused" in str(error.value)
    assert f"{server.url}/{NAME}: 404 Not Found" in str(error.value)


def test_a_download_goes_on_where_it_stopped(server, destination):
    server.script[NAME] = ["short"]
    download_file(f"{server.url}/{NAME}", destination)
    assert server.requests == [(NAME, None), (NAME, f"bytes={whole_chunks(len(CONTENT) - 1)}-")]
    assert only_file(destination) == CONTENT


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(server, destination):
    server.script[NAME] = ["stall"] + ["drop"] * 100
    with pytest.raises(DownloadError):
        download_file(f"{server.url}/{NAME}", destination)
    server.script.clear()
    server.requests.clear()
    download_file(f"{server.url}/{NAME}", destination)
    assert server.requests == [(NAME, f"bytes={whole_chunks(len(CONTENT) // 2)}-")]
    assert only_file(destination) == CONTENT


@pytest.mark.parametrize("second", ["ignore range", "416"])
def test_a_server_that_cannot_go_on_sends_the_whole_file(server, destination, second):
    server.script[NAME] = ["short", second]
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == CONTENT


@pytest.mark.parametrize("second", ["serve", "ignore if-range"])
def test_a_file_that_changed_meanwhile_is_begun_anew(server, destination, second):
    """Otherwise the beginning of one version would be joined to the end of another."""
    server.script[NAME] = ["short"] + ["drop"] * 100
    with pytest.raises(DownloadError):
        download_file(f"{server.url}/{NAME}", destination)
    (server.folder / NAME).write_bytes(OTHER_CONTENT)
    server.script[NAME] = [second]
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == OTHER_CONTENT


def test_a_partial_file_of_unknown_origin_is_begun_anew(server, destination):
    destination.with_name(f"{NAME}.part").write_bytes(b"something else")
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == CONTENT


def test_cuts_do_not_count_while_the_file_grows(server, destination, monkeypatch):
    """A large file over a bad line is cut more often than a server is asked in vain."""
    monkeypatch.setattr(http_download, "PROGRESS", 1000)
    monkeypatch.setattr(http_download, "CHUNK", 100)
    server.script[NAME] = ["stall"] * 8
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == CONTENT


def test_wrong_bytes_of_the_right_length_are_fetched_again(server, destination):
    server.script[NAME] = ["wrong"]
    fetch([f"{server.url}/{NAME}"], destination, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert only_file(destination) == CONTENT


def test_a_file_of_the_servers_length_is_kept(server, destination, capsys):
    destination.write_bytes(CONTENT)
    before = destination.stat()
    download_file(f"{server.url}/{NAME}", destination)
    assert capsys.readouterr().out == f"File already exists and is up-to-date: {destination}\n"
    assert destination.stat() == before
    only_file(destination)


@pytest.mark.parametrize("there", [CONTENT[:-1], OTHER_CONTENT])
def test_a_file_of_another_length_or_digest_is_replaced(server, destination, there):
    destination.write_bytes(there)
    fetch([f"{server.url}/{NAME}"], destination, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert only_file(destination) == CONTENT


def test_an_empty_file_is_a_file(server, destination):
    (server.folder / NAME).write_bytes(b"")
    download_file(f"{server.url}/{NAME}", destination)
    assert only_file(destination) == b""


def test_room_on_the_disk_is_checked_before_anything_arrives(server, destination):
    server.script[NAME] = ["huge"]
    with pytest.raises(UserError, match=r"1000000000\.00 GB are needed .* are free; make room"):
        download_file(f"{server.url}/{NAME}", destination)
    assert not destination.exists()


def test_one_progress_bar_goes_to_stderr(server, destination, capsys):
    download_file(f"{server.url}/{NAME}", destination)
    output = capsys.readouterr()
    assert output.out == ""
    assert re.search(rf"{NAME}: 100%.*320k/320k", output.err)

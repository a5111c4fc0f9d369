"""The folder of a released model: complete and right after any failure, without a request once it is."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading

import pytest
from support.killing import killed_download
from support.paths import ROOT
from support.released_checkpoint import write_released_checkpoint
from support.weights_server import refusing_url, serving

from gpt2_experiments.shared import http_download
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights import released
from gpt2_experiments.weights.loading import load_gpt2
from gpt2_experiments.weights.released import (
    MODELS,
    RELEASED_FILES,
    TOKENIZER_FILES,
    WEIGHTS_URL_VARIABLE,
    download_gpt2,
)

SIZE = "124M"
HPARAMS = {"n_vocab": 50257, "n_ctx": 24, "n_embd": 16, "n_head": 2, "n_layer": 2}
DATA_FILE = "model.ckpt.data-00000-of-00001"
KILLS, LINES = 20, 1500  # so many lines of the suite's code are run by a whole download


@pytest.fixture(scope="module")
def release(tmp_path_factory, gpt2_tokenizer_dir):
    """A server's folder, with a small model by the name of a released one."""
    folder = tmp_path_factory.mktemp("server")
    write_released_checkpoint(folder / SIZE, HPARAMS, gpt2_tokenizer_dir)
    return folder


@pytest.fixture
def server(release):
    with serving(release) as server:
        yield server


@pytest.fixture(autouse=True)
def only_here(monkeypatch):
    """Nothing but loopback: the suite's own servers are beyond a proxy that does not exist. Failures take no time."""
    monkeypatch.setenv("HTTPS_PROXY", refusing_url())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv(WEIGHTS_URL_VARIABLE, raising=False)
    monkeypatch.setattr(http_download, "BACKOFF", 0)
    monkeypatch.setattr(http_download, "TIMEOUT", (5, 1.0))


@pytest.fixture
def downloaded(tmp_path, release):
    """A complete folder, downloaded; the server is gone."""
    with serving(release) as server:
        return download_gpt2(SIZE, tmp_path / "gpt2", server.url)


def assert_complete(folder, release):
    """All files are those of the server, and nothing half-done is left."""
    for name in RELEASED_FILES:
        assert (folder / name).read_bytes() == (release / SIZE / name).read_bytes(), name
    assert sorted(json.loads((folder / "checksums.json").read_bytes())) == sorted(RELEASED_FILES)
    assert not list(folder.glob("*.part*"))


def up_to_date_lines(folder):
    return "".join(f"File already exists and is up-to-date: {folder / name}\n" for name in RELEASED_FILES)


def test_the_files_of_the_tokenizer_can_be_had_alone(tmp_path, server, release):
    folder = download_gpt2(SIZE, tmp_path, server.url, names=TOKENIZER_FILES)
    assert {path for path, _ in server.requests} == {f"{SIZE}/{name}" for name in TOKENIZER_FILES}
    assert download_gpt2(SIZE, tmp_path, server.url) == folder
    assert_complete(folder, release)
    assert len(server.requests) == len(RELEASED_FILES)


def test_the_table_of_models():
    assert {name: model.size for name, model in MODELS.items()} == {
        "gpt2-small": "124M",
        "gpt2-medium": "355M",
        "gpt2-large": "774M",
        "gpt2-xl": "1558M",
    }
    for model in MODELS.values():
        width = model.hparams["n_embd"]
        tables = (model.hparams["n_vocab"] + model.hparams["n_ctx"]) * width
        blocks = model.hparams["n_layer"] * (12 * width**2 + 13 * width)
        assert f"{(tables + blocks + 2 * width) / 1e6:.0f}M" == model.size


def test_the_second_run_asks_nothing(server, release, tmp_path, capsys):
    folder = download_gpt2(SIZE, tmp_path / "gpt2", server.url)
    assert folder == tmp_path / "gpt2" / SIZE
    assert_complete(folder, release)
    assert [path for path, _ in server.requests] == [f"{SIZE}/{name}" for name in RELEASED_FILES]
    assert capsys.readouterr().out == ""
    server.stop()
    assert download_gpt2(SIZE, tmp_path / "gpt2", server.url) == folder
    assert capsys.readouterr().out == up_to_date_lines(folder)


def test_the_line_of_a_file_that_is_there(downloaded, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    download_gpt2(SIZE, "gpt2")
    assert "File already exists and is up-to-date: gpt2/124M/checkpoint\n" in capsys.readouterr().out


@pytest.mark.parametrize("by_variable", [False, True])
def test_the_users_own_server_comes_first(server, release, tmp_path, monkeypatch, by_variable):
    if by_variable:
        monkeypatch.setenv(WEIGHTS_URL_VARIABLE, f"{server.url}/")
    folder = download_gpt2(SIZE, tmp_path, None if by_variable else f"{server.url}/")
    assert_complete(folder, release)


@pytest.mark.parametrize("fault", ["404", "503", "drop", "cut", "short", "stall", "wrong", "die", "nobody"])
@pytest.mark.parametrize("name", ["encoder.json", DATA_FILE])
def test_whatever_a_server_does_the_mirror_completes_the_folder(server, release, tmp_path, monkeypatch, fault, name):
    """Wrong bytes of the weights themselves show when they are converted (below)."""
    script = [] if fault == "wrong" and name == DATA_FILE else [fault] * 100
    server.script[f"{SIZE}/{name}"] = script
    if fault == "nobody":
        server.stop()
    with serving(release) as mirror:
        monkeypatch.setattr(released, "SERVERS", (server.url, mirror.url))
        assert_complete(download_gpt2(SIZE, tmp_path), release)


def test_a_server_that_failed_is_not_asked_for_every_file(server, release, tmp_path, monkeypatch, capsys):
    with serving(release) as mirror:
        monkeypatch.setattr(released, "SERVERS", (refusing_url(), mirror.url))
        download_gpt2(SIZE, tmp_path)
    assert capsys.readouterr().err.count("warning: cannot download") == 1


def test_without_network_the_error_names_what_was_tried_and_a_way_out(tmp_path):
    nobody = refusing_url()
    with pytest.raises(UserError) as error:
        download_gpt2(SIZE, tmp_path, nobody)
    message = str(error.value)
    assert "\n" not in message
    parts = (
        str(tmp_path / SIZE / "checkpoint"),
        f"{nobody}/124M/checkpoint: ",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/checkpoint: ",
        "https://f001.backblazeb2.com/file/LLMs-from-scratch/gpt2/124M/checkpoint: ",
        "--weights_url",
        "--model gpt2-tiny",
    )
    assert [part for part in parts if part not in message] == []


def test_an_unknown_size_is_the_programs_mistake(tmp_path):
    with pytest.raises(ValueError, match=r"'125M' is not one of \['124M'"):
        download_gpt2("125M", tmp_path)


def damage(path):
    """Change a byte in the middle; the length stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", RELEASED_FILES)
def test_wrong_bytes_of_the_right_length_are_found_and_fetched_again(downloaded, server, release, name, capsys):
    damage(downloaded / name)
    download_gpt2(SIZE, downloaded.parent, server.url)
    assert_complete(downloaded, release)
    assert [path for path, _ in server.requests] == [f"{SIZE}/{name}"]
    assert f"warning: {downloaded / name}: damaged" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["hparams.json", DATA_FILE])
def test_a_cut_file_and_a_missing_one_are_fetched_again(downloaded, server, release, name):
    os.truncate(downloaded / name, 10)
    (downloaded / "vocab.bpe").unlink()
    download_gpt2(SIZE, downloaded.parent, server.url)
    assert_complete(downloaded, release)


def test_a_check_reads_files_that_look_unchanged(downloaded, server, release):
    path = downloaded / DATA_FILE
    stat = path.stat()
    damage(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    download_gpt2(SIZE, downloaded.parent, server.url, check=True)
    assert_complete(downloaded, release)


def test_a_check_of_whole_files_needs_no_network(downloaded, release):
    download_gpt2(SIZE, downloaded.parent, refusing_url(), check=True)
    assert_complete(downloaded, release)


def test_a_check_has_damaged_converted_weights_made_again(downloaded):
    before = {name: tensor.clone() for name, tensor in load_gpt2(downloaded)[0].state_dict().items()}
    damage(downloaded / "model.safetensors")
    download_gpt2(SIZE, downloaded.parent, check=True)
    after = load_gpt2(downloaded)[0].state_dict()
    assert all(after[name].equal(before[name]) for name in before)


def test_a_copied_folder_is_whole(downloaded, tmp_path, capsys):
    """Copying changes the files' times, not their bytes."""
    shutil.copytree(downloaded, tmp_path / "copy" / SIZE, copy_function=shutil.copyfile)
    capsys.readouterr()
    folder = download_gpt2(SIZE, tmp_path / "copy", refusing_url())
    assert capsys.readouterr().out == up_to_date_lines(folder)


def test_files_of_another_program_are_kept_where_they_have_the_servers_length(server, release, tmp_path):
    folder = tmp_path / SIZE
    shutil.copytree(release / SIZE, folder)
    os.truncate(folder / DATA_FILE, 1000)
    (folder / "encoder.json").write_bytes(bytes((folder / "encoder.json").stat().st_size))
    inodes = {name: (folder / name).stat().st_ino for name in RELEASED_FILES}
    download_gpt2(SIZE, tmp_path, server.url)
    assert_complete(folder, release)
    replaced = {name for name in RELEASED_FILES if (folder / name).stat().st_ino != inodes[name]}
    assert replaced == {DATA_FILE, "encoder.json"}


def test_a_damaged_list_of_checksums_is_reported(downloaded):
    (downloaded / "checksums.json").write_text('{"checkpoint": 3}')
    with pytest.raises(UserError, match=re.escape(f"{downloaded / 'checksums.json'}: cannot be read")):
        download_gpt2(SIZE, downloaded.parent)


@pytest.mark.parametrize("name", [DATA_FILE, "model.ckpt.index"])
def test_wrong_weights_never_become_a_model(server, tmp_path, release, name):
    """Nobody knows the digests of the weights beforehand, but the checkpoint has checksums of its own."""
    server.script[f"{SIZE}/{name}"] = ["wrong"]
    folder = download_gpt2(SIZE, tmp_path, server.url)
    with pytest.raises(UserError, match="TensorFlow cannot read it") as error:
        load_gpt2(folder)
    assert f"replace {DATA_FILE} and model.ckpt.index, or remove them" in str(error.value)
    assert not (folder / "model.safetensors").exists()
    (folder / DATA_FILE).unlink()
    (folder / "model.ckpt.index").unlink()
    assert_complete(download_gpt2(SIZE, tmp_path, server.url), release)
    load_gpt2(folder)


def test_two_processes_at_once_download_once(server, release, tmp_path, monkeypatch):
    monkeypatch.setattr(http_download, "TIMEOUT", (60, 60))
    server.gate.clear()
    first = threading.Thread(target=download_gpt2, args=(SIZE, tmp_path, server.url))
    first.start()
    while not server.requests:  # from now on the first one has the lock
        first.join(0.01)
    program = (
        "from gpt2_experiments.weights.released import download_gpt2; "
        f"download_gpt2({SIZE!r}, {str(tmp_path)!r}, {server.url!r})"
    )
    second = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert second.stderr.readline() == f"warning: {tmp_path / SIZE} is in use by another process; waiting for it\n"
    server.gate.set()
    first.join()
    output, _ = second.communicate()
    assert output == up_to_date_lines(tmp_path / SIZE)
    assert len(server.requests) == len(RELEASED_FILES)
    assert_complete(tmp_path / SIZE, release)


def test_a_download_killed_at_any_moment_goes_on(server, release, tmp_path):
    """What one process leaves, the next one takes up; a complete folder is checked and removed, and all begins anew."""
    chance = random.Random(0)
    kills = 0
    while kills < KILLS:
        if killed_download(chance.randint(1, LINES), (SIZE, tmp_path, server.url)):
            kills += 1
        else:
            assert_complete(tmp_path / SIZE, release)
            shutil.rmtree(tmp_path / SIZE)
    assert_complete(download_gpt2(SIZE, tmp_path, server.url), release)

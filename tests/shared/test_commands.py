"""Nothing that is printed can end a command, signals end it in good order, and its files' errors alone are advised on.

Real processes with real pipes, devices and terminals.
"""

import os
import pty
import signal
import subprocess
import sys

import pytest
from support.paths import ROOT

PROGRAM = """
import os, sys
from pathlib import Path
from gpt2_experiments.shared.commands import StopSignals, run_command

def chatty():
    for number in range(20_000):
        print("line", number, flush=number % 100 == 0)
    Path("done").touch()

def foreign():
    print("\\u2212 10 \\u65e5\\u672c \\ud83d")
    print("warning: \\u65e5\\u672c", file=sys.stderr)
    Path("done").touch()

def no_file():
    open("missing/file")

def broken():
    raise ConnectionResetError(104, "Connection reset by peer")

def training():
    with StopSignals() as stop:
        print("ready", flush=True)
        for _ in sys.stdin:  # a step a line
            if stop.received:
                Path("done").touch()
                stop.leave("stopped after a step")
    Path("done").touch()

run_command(globals()[sys.argv[1]])
"""


def start(what, folder, **options):
    options = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | {"text": True} | options
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
    return subprocess.Popen([sys.executable, "-c", PROGRAM, what], cwd=folder, env=environment, **options)


def test_a_closed_pipe_ends_what_is_printed_not_what_is_done(tmp_path):
    process = start("chatty", tmp_path)
    assert process.stdout.readline() == "line 0\n"
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait() == 0
    assert said == "warning: nothing can be printed any more (Broken pipe); going on without\n"
    assert (tmp_path / "done").exists()


def test_a_full_disk_under_a_log_file_does_not_end_the_work(tmp_path):
    with open("/dev/full", "w") as full:
        process = start("chatty", tmp_path, stdout=full)
        said = process.communicate()[1]
    assert process.returncode == 0
    assert said == "warning: nothing can be printed any more (No space left on device); going on without\n"
    assert (tmp_path / "done").exists()


def test_a_terminal_that_is_gone_does_not_end_the_work(tmp_path):
    ours, theirs = pty.openpty()
    process = start("chatty", tmp_path, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.read(ours, 6)
    os.close(ours)
    assert process.wait() == 0
    assert (tmp_path / "done").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_characters_that_a_stream_cannot_show_are_escaped(tmp_path, encoding):
    process = start("foreign", tmp_path, env={"PYTHONIOENCODING": encoding}, text=False)
    printed, said = process.communicate()
    shown = "\u2212 10 \u65e5\u672c \ud83d\n".encode(encoding, "backslashreplace")
    assert (process.returncode, printed) == (0, shown)
    assert said == "warning: \u65e5\u672c\n".encode(encoding, "backslashreplace")
    assert (tmp_path / "done").exists()


def test_an_error_of_a_file_is_one_line(tmp_path):
    process = start("no_file", tmp_path)
    said = process.communicate()[1]
    assert process.returncode == 1
    assert said.startswith("error: [Errno 2] No such file or directory: 'missing/file'; see that")
    assert said.count("\n") == 1


def test_an_error_of_the_system_that_is_of_no_file_keeps_its_traceback(tmp_path):
    process = start("broken", tmp_path)
    said = process.communicate()[1]
    assert process.returncode == 1
    assert "Traceback" in said
    assert "see that the place exists" not in said


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heeded_after_the_step(tmp_path, number):
    process = start("training", tmp_path)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    said = process.communicate("a step\n")[1]
    assert process.returncode == 128 + number
    assert said.endswith("stopped after a step\n")
    assert (tmp_path / "done").exists()


def test_a_terminal_that_is_closed_may_be_told_twice(tmp_path):
    """By the shell and by the system."""
    process = start("training", tmp_path)
    assert process.stdout.readline() == "ready\n"
    for _ in range(20):
        process.send_signal(signal.SIGHUP)
    said = process.communicate("a step\n")[1]
    assert process.returncode == 129
    assert said.endswith("stopped after a step\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_closed_from_the_start_is_no_fault(tmp_path, closed):
    command = f'"{sys.executable}" -c "$0" foreign {closed}'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.run(
        ["sh", "-c", command, PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert process.returncode == 0
    assert "Traceback" not in process.stderr
    assert (tmp_path / "done").exists()


def test_a_hangup_that_is_ignored_from_outside_stays_ignored(tmp_path):
    """As `nohup` starts a command."""
    process = start("training", tmp_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate("a step\n")[1] == ""
    assert process.returncode == 0

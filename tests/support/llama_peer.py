"""Servers in the judge's environment, while they run."""

import contextlib
import os
import socket
import subprocess
import time

import requests

from support.paths import ROOT

JUDGE_BIN = ROOT / ".venv-judge" / "bin"
LLAMA_SERVER = ROOT / "tests" / "support" / "llama_server.py"
START_SECONDS = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextlib.contextmanager
def running(command, port, path, log, **environment):
    """A server while it runs; yields its address once it answers under `path`."""
    url = f"http://127.0.0.1:{port}"
    with open(log, "wb") as log_file:
        server = subprocess.Popen(command, stdout=log_file, stderr=log_file, env=os.environ | environment)
        try:
            wait_until_it_answers(url + path, server)
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_until_it_answers(url, server):
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        try:
            requests.get(url, timeout=1).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return


def llama_server(log, *model):
    """llama.cpp's server with a model and a LoRA; without them, with the packaged model."""
    port = free_port()
    return running([JUDGE_BIN / "python", LLAMA_SERVER, str(port), *map(str, model)], port, "/v1/models", log)

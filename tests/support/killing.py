"""A process that is killed at a chosen line of the suite's code."""

import multiprocessing
import os
import signal
import sys
from itertools import count

from gpt2_experiments.weights.released import download_gpt2
from support.paths import ROOT

PACKAGE = str(ROOT / "gpt2_experiments")


def killed_download(line, arguments):
    """Run `download_gpt2(*arguments)` in a process that is killed before its `line`-th line of the suite's own code.

    Returns whether it was: False where it came to its end before.
    """
    processes = multiprocessing.get_context("forkserver")
    process = processes.Process(target=_download_until, args=(line, arguments))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _download_until(line, arguments):
    lines = count(1)

    def trace(frame, event, _):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line" and next(lines) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    download_gpt2(*arguments)

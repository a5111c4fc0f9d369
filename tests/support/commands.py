"""The suite's commands as processes of their own."""

import os
import subprocess
import sys

from support.paths import ROOT


def start(script, *arguments, stdin=None, **environment):
    """Start a command of the root; its output comes through pipes, as text, and its input where `stdin` is one."""
    command = [sys.executable, ROOT / script, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )

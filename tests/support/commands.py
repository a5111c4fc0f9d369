"""The suite's commands as processes of their own."""

import os
import subprocess
import sys

from support.paths import ROOT


def start(script, *arguments, **environment):
    """Start a command of the root; its output comes through pipes, as text."""
    command = [sys.executable, ROOT / script, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )

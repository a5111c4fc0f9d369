"""A signal that a process sends itself when it is about to write a certain file: once, the first one of several."""

import os
from pathlib import Path

# Every Python process that has its folder in PYTHONPATH begins with this.
SITECUSTOMIZE = """\
import os
import sys


def hook(event, arguments):
    if event == "open" and str(arguments[0]).endswith({file!r}):
        try:
            descriptor = os.open({marker!r}, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return
        os.write(descriptor, (os.environ.get("SLURM_ARRAY_TASK_ID", "") + os.linesep).encode())
        os.close(descriptor)
        os.kill(os.getpid(), {number})


sys.addaudithook(hook)
"""


class Disturbance:
    """What happens once to one of the processes that have `environment`.

    Attributes:
        environment: Environment variables for them.
    """

    def __init__(self, folder: Path, file: str, number: int):
        """`file`: how the written file's name ends. `number`: the signal's."""
        self._marker = folder / "disturbed"
        (folder / "sitecustomize.py").write_text(
            SITECUSTOMIZE.format(file=file, marker=str(self._marker), number=int(number))
        )
        self.environment = {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}

    def has_happened(self) -> bool:
        """Whether a process has come to the file."""
        return self._marker.exists() and self._marker.read_text().endswith(os.linesep)

    def array_task(self) -> str:
        """The number of the Slurm array's task that it has happened to."""
        return self._marker.read_text().strip()

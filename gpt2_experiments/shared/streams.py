"""Standard output and error that nothing printed can break.

A pipe that is closed (`| head`), a terminal that is gone and a log file on a full disk end what is printed, not what is
computed. A character that the stream's encoding lacks is written as an escape.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

from gpt2_experiments.shared.errors import warn


class SteadyStream:
    """A text stream whose writes never fail: after the first one that would, what is written goes nowhere.

    Args:
        stream: Stands on a file descriptor, where it can fail.
        lost: Told of that first failure.
    """

    def __init__(self, stream: TextIO, lost: Callable[[OSError], None]):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        self._stream = stream
        self._lost = lost

    def write(self, text: str) -> int:
        """Write all of `text`, or nothing any more."""
        self._steadily(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Pass on what was written."""
        self._steadily(self._stream.flush)

    def _steadily(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except OSError as error:
            # What the stream has kept would fail again at each flush, the interpreter's last one included.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
            self._lost(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def steady_output() -> Iterator[None]:
    """Within it `sys.stdout` and `sys.stderr` are steady; losing the first one is said on the second."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed from the start (`>&-`)
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - as long as the process is
    sys.stderr = cast(TextIO, SteadyStream(sys.stderr, lost=lambda error: None))  # there is nobody left to tell
    sys.stdout = cast(TextIO, SteadyStream(sys.stdout, lost=_say_lost))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _say_lost(error: OSError) -> None:
    warn(f"nothing can be printed any more ({error.strerror}); going on without")

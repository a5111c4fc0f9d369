"""How every command of the suite runs: its exit codes, and what signals do to it.

Exit 0: done; 1: something the user can put right, said in one `error:` line each; 2: wrong usage (argparse);
130 and 143: interrupted by SIGINT or SIGTERM. Results go to stdout, everything else to stderr.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from gpt2_experiments.shared.errors import Stopped, UserError


class StopSignals:
    """Within it, a first SIGINT or SIGTERM only sets `received`, so that a step can be finished and saved.

    A second one leaves the process at once.
    """

    def __init__(self) -> None:
        self.received = 0  # the signal's number; 0: none

    def __enter__(self) -> "StopSignals":
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: object) -> None:
        if self.received:
            os._exit(128 + number)
        self.received = number
        # Not print: the signal may have come in the middle of one, and print cannot be entered twice.
        os.write(2, b"\nwarning: stopping as soon as the step is done and saved; a second signal stops at once\n")

    def leave(self, message: str) -> NoReturn:
        """Leave the command with `message` and the exit code of the signal received."""
        raise Stopped(message, 128 + self.received)


def run_command(main: Callable[[], int | None]) -> None:
    """Run a command's `main` and leave the process with the exit code that belongs to its outcome."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except UserError as error:
        report_errors(error.messages)
        sys.exit(error.exit_code)
    except OSError as error:  # disk full, no permission, no such file: the system's own words name the file
        report_errors([f"{error}; see that the place exists, can be written and has room"])
        sys.exit(1)
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(stopped.exit_code)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def report_errors(messages: Sequence[str]) -> None:
    """Print one `error:` line a message on stderr."""
    for message in messages:
        print(f"error: {message}", file=sys.stderr, flush=True)

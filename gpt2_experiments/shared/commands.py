"""How every command of the suite runs: its exit codes, and what signals do to it.

Exit 0: done; 1: something the user can put right, said in one `error:` line each; 2: wrong usage (argparse);
129, 130 and 143: interrupted by SIGHUP, SIGINT or SIGTERM. Results go to stdout, everything else to stderr.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from gpt2_experiments.shared.errors import Stopped, UserError
from gpt2_experiments.shared.streams import steady_output

GO_ON = "go on with the same command and --resume"
HANGUP = getattr(signal, "SIGHUP", None)  # the terminal is closed; Windows does not tell
STOPPING = "\nwarning: stopping as soon as the step is done and saved; a second signal stops at once\n"
STOP_SIGNALS = [signal.SIGINT, signal.SIGTERM, *([HANGUP] if HANGUP else [])]


def heeded_signals() -> list[int]:
    """The signals that stop a command: not one that is ignored from outside, as `nohup` ignores SIGHUP."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


class StopSignals:
    """Within it, a first stop signal only sets `received`, so that a step can be finished and saved.

    A second one leaves the process at once. A second SIGHUP is none: of a terminal that is closed the shell tells its
    jobs, and the system tells them too.

    Args:
        second_leaves: False where the same stop may be told several times, or where others are to be waited for.
    """

    def __init__(self, second_leaves: bool = True) -> None:
        self.received = 0  # the signal's number; 0: none
        self._second_leaves = second_leaves

    def __enter__(self) -> "StopSignals":
        self._before = {number: signal.signal(number, self._note) for number in heeded_signals()}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: object) -> None:
        if self.received == number == HANGUP or (self.received and not self._second_leaves):
            return
        if self.received:
            os._exit(128 + number)
        self.received = number
        # Not print: the signal may have come in the middle of one, and print cannot be entered twice.
        try:
            os.write(
                sys.stderr.fileno(),
                b"\nwarning: stopping as soon as the step is done and saved; a second signal stops at once\n",
            )
        except OSError:  # the terminal is gone: that is why the signal came
            return

    def leave(self, message: str, number: int | None = None) -> NoReturn:
        """Leave the command with `message` and the exit code of the signal received, or of this one's `number`."""
        raise Stopped(message, 128 + (number or self.received))


def run_command(main: Callable[[], int | None]) -> None:
    """Run a command's `main` and leave the process with the exit code that belongs to its outcome."""
    for number in heeded_signals():
        if number != signal.SIGINT:  # which Python raises as KeyboardInterrupt
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    with steady_output():
        sys.exit(exit_code_of(main))


def exit_code_of(main: Callable[[], int | None]) -> int | None:
    """Run `main`; what a user can put right and what interrupts it is said on stderr, all else is raised."""
    try:
        return main()
    except UserError as error:
        report_errors(error.messages)
        return error.exit_code
    except OSError as error:  # disk full, no permission, no such file
        if error.filename is None:  # of none of the suite's files
            raise
        report_errors([f"{error}; see that the place exists, can be written and has room"])
        return 1
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return stopped.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def report_errors(messages: Sequence[str]) -> None:
    """Print one `error:` line a message on stderr."""
    for message in messages:
        print(f"error: {message}", file=sys.stderr, flush=True)

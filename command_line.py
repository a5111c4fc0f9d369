"""What every command of the suite shares: the error a user sees and the exit codes.

Exit 0: done; 1: something the user can put right, said in one `error:` line each; 2: wrong usage (argparse);
130 and 143: interrupted by SIGINT or SIGTERM. Results go to stdout, everything else to stderr.
"""

import signal
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path


class UserError(Exception):
    """Something the user can put right. Each message says what is wrong, where, and what to do."""

    exit_code = 1

    def __init__(self, *messages: str):
        super().__init__("\n".join(messages))
        self.messages = messages


class UsageError(UserError):
    """The command line itself is wrong."""

    exit_code = 2


def warn(message: str) -> None:
    """One `warning:` line on stderr."""
    print(f"warning: {message}", file=sys.stderr, flush=True)


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
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def report_errors(messages: Sequence[str]) -> None:
    """Print one `error:` line a message on stderr."""
    for message in messages:
        print(f"error: {message}", file=sys.stderr, flush=True)


def suite_version() -> str:
    """The suite's version, from pyproject.toml."""
    project = Path(__file__).with_name("pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(project)["project"]["version"]

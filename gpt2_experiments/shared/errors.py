"""The errors that a user sees, and warnings. Results go to stdout, these to stderr."""

import shlex
import sys
from collections.abc import Sequence
from typing import Any

MOST_LISTED = 5  # of a list in a message


class UserError(Exception):
    """Something the user can put right. Each message says what is wrong, where, and what to do."""

    exit_code = 1

    def __init__(self, *messages: str):
        super().__init__("\n".join(messages))
        self.messages = messages


class UsageError(UserError):
    """The command line itself is wrong."""

    exit_code = 2


class Stopped(Exception):
    """A signal has asked the command to leave; what was done is saved, and the message says how to go on."""

    def __init__(self, message: str, exit_code: int):
        super().__init__(message)
        self.exit_code = exit_code


def warn(message: str) -> None:
    """One `warning:` line on stderr."""
    print(f"warning: {message}", file=sys.stderr, flush=True)


def shortened(items: Sequence[Any], separator: str = ", ") -> str:
    """The first few of a list that may be long, and how many more there are."""
    shown = separator.join(map(str, items[:MOST_LISTED]))
    return shown if len(items) <= MOST_LISTED else f"{shown}{separator}and {len(items) - MOST_LISTED} more"


def command_line(*words: Any) -> str:
    """A command to type, with quotes around what a shell would take apart."""
    return shlex.join(map(str, words))

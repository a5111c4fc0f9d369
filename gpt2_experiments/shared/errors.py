"""The errors that a user sees, and warnings. Results go to stdout, these to stderr."""

import sys


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

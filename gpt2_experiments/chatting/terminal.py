"""The conversation in a terminal: messages and commands come from stdin, answers go to stdout, all else to stderr."""

import contextlib
import importlib
import io
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gpt2_experiments.chatting.settings import Settings
from gpt2_experiments.chatting.speaker import Speaker
from gpt2_experiments.model.generation import Sampling
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.settings import range_problems

KINDS: dict[str, type] = {"temperature": float, "top_k": int, "top_p": float, "seed": int}  # what /set changes
TURNING = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))  # Unicode's bidirectional controls
QUOTES = '"""'  # around a message of several lines
HELP = f"""\
A message is asked of every model, and answered alone: they have learned single turns.
/input TEXT         text that the next message is about, as an entry's input; {QUOTES} around several lines
/set NAME VALUE     temperature, top_k, top_p (none: off) or seed
/bye                leave, as the end of the input (Ctrl-D) does
{QUOTES}                 begins and ends a message of several lines; Ctrl-C stops an answer"""


@dataclass
class Conversation:
    """What the next message is asked with."""

    speakers: Sequence[Speaker]
    max_new_tokens: int
    sampling: Sampling
    input: str = ""
    over: bool = False
    commands: dict[str, Callable[[str], None]] = field(init=False)

    def __post_init__(self) -> None:
        self.commands = {"/input": self.take_input, "/set": self.set, "/help": self.help, "/bye": self.leave}

    def take(self, message: str) -> None:
        """Do what is typed: a command, or a message to answer. What begins with quotes is no command."""
        if message.startswith(QUOTES):
            self.ask(unquoted(message))
            return
        name, *rest = message.split(maxsplit=1)[:2] or [""]
        if name in self.commands:
            self.commands[name](unquoted("".join(rest)).strip())
        elif name.startswith("/"):
            say(f"{name}: no such command; /help names them")
        elif name:
            self.ask(unquoted(message))

    def ask(self, message: str) -> None:
        """Let every model answer; Ctrl-C stops the one that is answering. The input is used up by an answer."""
        entry, is_answered = {"instruction": message, "input": self.input}, False
        for speaker in self.speakers:
            if len(self.speakers) > 1:
                print(f"[{speaker.name}]")
            try:
                show(speaker.answer(entry, self.max_new_tokens, self.sampling))
                is_answered = True
            except UserError as error:
                say("\n".join(error.messages))
        if is_answered:
            self.input = ""

    def take_input(self, text: str) -> None:
        """Keep a text for the next message."""
        self.input = text
        say("the next message is asked with this input" if text else "the next message is asked without an input")

    def set(self, words: str) -> None:
        """Change how tokens are chosen, and say how that is now."""
        name, *values = words.split()
        try:
            (value,) = values
            new = None if value == "none" and name in ("top_k", "top_p") else KINDS[name](value)
        except (KeyError, ValueError):
            say(f"/set {words}: give one of {', '.join(KINDS)} and a number")
            return
        changed: dict[str, Any] = {name: new}
        if problems := range_problems(Settings, changed):
            say("\n".join(problem.removeprefix("--") for problem in problems))
            return
        self.sampling = self.sampling._replace(**changed)
        say(", ".join(f"{name} {value}" for name, value in self.sampling._asdict().items()))

    def help(self, _: str) -> None:
        """Name the commands."""
        say(HELP)

    def leave(self, _: str) -> None:
        """End the conversation."""
        self.over = True


def converse(conversation: Conversation) -> None:
    """Take messages until they end."""
    with contextlib.suppress(ImportError):  # line editing and history, where the system has them
        importlib.import_module("readline")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # what is no text in its encoding ends nothing
    say("Each message is answered alone: the models have learned single turns. /help names the commands.")
    while not conversation.over:
        message = read_message()
        if message is None:
            return
        conversation.take(message)


def read_message() -> str | None:
    """A line, or several where quotes begin and end on different ones; None: there is no more."""
    text = ""
    try:
        text = read_line("> ")
        while text.count(QUOTES) == 1:
            text += "\n" + read_line("... ")
    except EOFError:
        if text:
            say(f"a text that {QUOTES} begins has no end; it is left out")
        elif sys.stdin.isatty():
            say("")
        return None
    except KeyboardInterrupt:  # at the prompt it takes back what was typed
        if not sys.stdin.isatty():
            raise
        say("")
        return ""
    return text


def read_line(prompt: str) -> str:
    """A line from stdin, asked for where somebody is typing; never on an stdout that goes elsewhere."""
    if not sys.stdin.isatty():
        return input()
    if sys.stdout.isatty():
        return input(prompt)
    print(prompt, end="", file=sys.stderr, flush=True)
    return input()


def unquoted(text: str) -> str:
    """The text without the quotes that begin and end it."""
    return text.replace(QUOTES, "").strip("\n")


def show(pieces: Iterator[str]) -> None:
    """Print an answer as it is written, and on stderr how fast that was."""
    start, n_tokens = time.perf_counter(), 0
    try:
        for piece in pieces:
            print("".join(map(harmless, piece)), end="", flush=True)
            n_tokens += 1
        n_tokens -= 1  # the last piece ends the text
        ending = ""
    except KeyboardInterrupt:
        ending = ", stopped"
    seconds = time.perf_counter() - start
    print(flush=True)
    say(f"({n_tokens} tokens, {n_tokens / seconds:.0f} tokens/s{ending})")


def harmless(character: str) -> str:
    """The character, unless it would steer the terminal or turn the line around."""
    steers = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in TURNING
    return "\N{REPLACEMENT CHARACTER}" if steers and character not in "\n\t" else character


def say(text: str) -> None:
    """A line beside the answers."""
    print(text, file=sys.stderr, flush=True)

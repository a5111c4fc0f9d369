"""The conversation in a terminal: messages and commands come from stdin, answers go to stdout, all else to stderr."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gpt2_experiments.chatting.speaker import Speaker
from gpt2_experiments.model.generation import Sampling
from gpt2_experiments.shared.errors import UserError

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
        """Do what a line says: a command, or a message to answer."""
        name, _, rest = message.partition(" ")
        if name in self.commands:
            self.commands[name](rest.strip())
        elif name.startswith("/"):
            say(f"{name}: no such command; /help names them")
        elif message.strip():
            self.ask(message)

    def ask(self, message: str) -> None:
        """Let every model answer; Ctrl-C stops the one that is answering."""
        entry = {"instruction": message, "input": self.input}
        self.input = ""
        for speaker in self.speakers:
            if len(self.speakers) > 1:
                print(f"[{speaker.name}]")
            try:
                show(speaker.answer(entry, self.max_new_tokens, self.sampling))
            except UserError as error:
                say("\n".join(error.messages))

    def take_input(self, text: str) -> None:
        """Keep a text for the next message."""
        self.input = text
        say("the next message is asked with this input" if text else "the next message is asked without an input")

    def set(self, words: str) -> None:
        """Change how tokens are chosen."""
        name, _, value = words.partition(" ")
        kinds: dict[str, type] = {"temperature": float, "top_k": int, "top_p": float, "seed": int}
        try:
            new = None if value == "none" and name in ("top_k", "top_p") else kinds[name](value)
        except (KeyError, ValueError):
            say(f"/set {words}: give one of {', '.join(kinds)} and a number")
            return
        least = 1 if name == "top_k" else 0
        if new is not None and not least <= new < float("inf"):
            say(f"/set {words}: choose a number from {least} on")
            return
        self.sampling = Sampling(**self.sampling._asdict() | {name: new})

    def help(self, _: str) -> None:
        """Name the commands."""
        say(HELP)

    def leave(self, _: str) -> None:
        """End the conversation."""
        self.over = True


def converse(conversation: Conversation) -> None:
    """Take messages until they end."""
    with contextlib.suppress(ImportError):  # line editing and history, where the system has them
        __import__("readline")
    say("Each message is answered alone: the models have learned single turns. /help names the commands.")
    while not conversation.over:
        message = read_message()
        if message is None:
            return
        conversation.take(message)


def read_message() -> str | None:
    """A line, or what stands between quotes on several; None: there is no more."""
    prompts = ("> ", "... ") if sys.stdin.isatty() else ("", "")
    try:
        text = input(prompts[0])
        while text.count(QUOTES) == 1:
            text += "\n" + input(prompts[1])
    except EOFError:
        return None
    return text.replace(QUOTES, "").strip("\n")


def show(pieces: Iterator[str]) -> None:
    """Print an answer as it is written, and on stderr how fast that was."""
    start, n_tokens = time.perf_counter(), 0
    try:
        for piece in pieces:
            print("".join(map(harmless, piece)), end="", flush=True)
            n_tokens += 1
        ending = ""
    except KeyboardInterrupt:
        ending = ", stopped"
    seconds = time.perf_counter() - start
    print(flush=True)
    say(f"({n_tokens} tokens, {n_tokens / seconds:.0f} tokens/s{ending})")


def harmless(character: str) -> str:
    """The character, unless it would steer the terminal."""
    return character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"


def say(text: str) -> None:
    """A line beside the answers."""
    print(text, file=sys.stderr, flush=True)

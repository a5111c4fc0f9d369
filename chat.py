"""Talk to tuned models in the terminal, or on a local page, one or several at once.

    python chat.py runs

Takes runs, and untuned weights to see before and after. Each is asked in its own prompt style.
"""

from gpt2_experiments.chatting.settings import parse_settings
from gpt2_experiments.chatting.speaker import find_speaker
from gpt2_experiments.chatting.terminal import Conversation, converse
from gpt2_experiments.chatting.web import serve
from gpt2_experiments.shared.commands import run_command


def main(arguments: list[str] | None = None) -> None:
    """Hold the conversation that the command line asks for."""
    settings = parse_settings(arguments)
    speakers = [
        find_speaker(name, settings.prompt_style, settings.models_dir, settings.device) for name in settings.runs
    ]
    if settings.web:
        serve(speakers, settings)
    else:
        converse(Conversation(speakers, settings.max_new_tokens, settings.sampling))


def command() -> None:
    """The command, as it is installed."""
    run_command(main)


if __name__ == "__main__":
    command()

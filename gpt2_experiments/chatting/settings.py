"""What can be set in a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpt2_experiments.devices.selection import DEVICES, check_device, choose_device
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.model.generation import Sampling
from gpt2_experiments.shared.errors import UsageError
from gpt2_experiments.shared.settings import REQUIRED, parse, range_problems, setting

DESCRIPTION = "Talk to tuned models, one or several at once, in the terminal or on a local page."


@dataclass(frozen=True)
class Settings:
    """Who is talked to, and how answers are chosen."""

    runs: tuple[str, ...] = setting(
        REQUIRED,
        "runs (a folder, an experiment-*.json or a .pth), or untuned weights (a --model's name, a folder, hf:org/name)",
        metavar="RUN",
        positional=True,
    )
    prompt_style: str = setting("alpaca", "how untuned weights are asked", choices=tuple(PROMPT_STYLES))
    temperature: float = setting(0.0, "0: the likeliest token; higher: the more random", least=0)
    top_k: int | None = setting(None, "draw among the so many likeliest tokens", least=1)
    top_p: float | None = setting(None, "draw among the fewest likeliest tokens with this probability", least=0)
    seed: int = setting(123, "of the random numbers", least=0)
    max_new_tokens: int = setting(256, "tokens an answer may have", least=1)
    models_dir: str = setting("gpt2", "where downloaded weights are kept", metavar="DIR")
    device: str = setting("auto", "auto: cuda, else mps, else cpu", choices=DEVICES)
    web: bool = setting(False, "a page in the browser, the models side by side, instead of the terminal")
    host: str = setting(
        "127.0.0.1", "address of the page; this one is reached from this machine alone", metavar="ADDRESS"
    )
    port: int = setting(7860, "port of the page", least=1)

    @property
    def sampling(self) -> Sampling:
        """How tokens are chosen."""
        return Sampling(self.temperature, self.top_k, self.top_p, self.seed)


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line, checked."""
    given = parse(Settings, DESCRIPTION, arguments)
    problems = range_problems(Settings, given)
    settings = Settings(**given)
    problems += check_device(settings.device, "fp32")
    if problems:
        raise UsageError(*problems)
    return replace(settings, device=choose_device(settings.device))

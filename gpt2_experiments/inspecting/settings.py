"""What can be set when a data set is inspected."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.entries.settings import SOURCE, DataSettings, data_problems, source_problems
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.shared.settings import REQUIRED, parse, range_problems, setting
from gpt2_experiments.weights.settings import ModelSettings, model_source, weights_problems

DESCRIPTION = "A look at a data set before a model is finetuned on it."


@dataclass(frozen=True)
class Settings(ModelSettings, DataSettings):
    """Which data set is looked at, and how a run would read it. Of the model only the tokenizer is used."""

    data: str = setting(REQUIRED, "the data set", metavar=SOURCE, positional=True)
    prompt_style: str = setting("alpaca", "how entries are put to the model", choices=tuple(PROMPT_STYLES))
    output_dir: Path = setting(Path("."), "where the inspection goes", metavar="DIR")


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line, checked; all that is wrong with them is reported in one error."""
    given = parse(Settings, DESCRIPTION, arguments)
    settings = Settings(**given | model_source(given))
    usage_problems = range_problems(Settings, given) + data_problems(given, all_splits=False)
    problems = usage_problems + weights_problems(settings.weights) + source_problems(settings.data_set)
    if problems:
        raise UsageError(*problems) if usage_problems else UserError(*problems)
    return settings

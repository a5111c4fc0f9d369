"""What can be set when a model is exported."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2_experiments.shared.settings import REQUIRED, parse, setting

DESCRIPTION = "A tuned model for Hugging Face's libraries, PEFT, llama.cpp and Ollama."
FORMATS = {  # what is written: the types that its matrices may have
    "huggingface": ("f32", "f16", "bf16"),
    "peft": ("f32",),
    "gguf": ("f32", "f16", "bf16", "q8_0"),
    "gguf_adapter": ("f32",),
    "ollama": ("f32", "f16", "bf16", "q8_0"),
}
ADAPTERS = ("peft", "gguf_adapter")  # of runs with LoRA alone
GGUF = ("gguf", "gguf_adapter", "ollama")  # written by the package gguf


@dataclass(frozen=True)
class Settings:
    """Which run is exported, to what."""

    run: Path = setting(
        REQUIRED, "the folder of a run, its experiment-*.json, or its .pth", metavar="RUN", positional=True
    )
    to: str = setting(REQUIRED, "for which program", choices=tuple(FORMATS))
    dtype: str = setting("f32", "type of the matrices; f32 is exact", choices=FORMATS["gguf"])
    output_dir: Path | None = setting(
        None, "the folder that is made", metavar="DIR", default_is="beside the weights, named after them"
    )


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line."""
    return Settings(**parse(Settings, DESCRIPTION, arguments))

"""Models of the Hugging Face hub, downloaded by its own library: its cache, mirrors, tokens and offline mode."""

import importlib
import re
from pathlib import Path

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.huggingface import CONFIG_FILE
from gpt2_experiments.weights.tokenizer import HUGGING_FACE_FILES

PREFIX = "hf:"
NAME = re.compile(rf"{PREFIX}(?P<name>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))?")
REQUIREMENTS = "requirements/data.txt"
FORMATS = (  # of weights, in the order in which they are asked for: patterns of the files' names
    ("model*.safetensors", "model.safetensors.index.json"),
    ("pytorch_model*.bin", "pytorch_model.bin.index.json"),
)


def is_hub_model(weights: str) -> bool:
    """Whether weights are named by their place on the hub."""
    return weights.startswith(PREFIX)


def hub_name_problems(weights: str) -> list[str]:
    """What is wrong with such a name."""
    if NAME.fullmatch(weights):
        return []
    return [f"--weights {weights}: no name of a model; write it as hf:org/name, or hf:org/name@revision"]


def download_from_hub(weights: str, tokenizer_only: bool) -> Path:
    """The folder of a model in the library's cache, with what is read of it.

    Weights are taken in the safetensors format where the model has them. `UserError` for what cannot be had.
    """
    match = NAME.fullmatch(weights)
    assert match is not None  # checked with the settings
    try:
        hub = importlib.import_module("huggingface_hub")
    except ImportError:
        raise UserError(
            f"--weights {weights}: needs the package huggingface_hub; pip install -r {REQUIREMENTS}"
        ) from None
    for patterns in [()] if tokenizer_only else FORMATS:
        wanted = [CONFIG_FILE, *HUGGING_FACE_FILES, *patterns]
        try:
            folder = Path(hub.snapshot_download(match["name"], revision=match["revision"], allow_patterns=wanted))
        except Exception as error:  # of the library, and of those that it talks to the network with
            problem = " ".join(str(error).split())[:300]
            raise UserError(
                f"--weights {weights}: cannot be had ({problem}); check the name and the network"
            ) from error
        if patterns and any(folder.glob(patterns[0])):
            break
    return folder

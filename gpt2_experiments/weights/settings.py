"""What can be set of a model: which one it is, and where its files are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.shared.bundled import TINY_FOLDER, TINY_MODEL
from gpt2_experiments.shared.settings import setting
from gpt2_experiments.weights.hparams import HPARAMS_FILE
from gpt2_experiments.weights.hub import hub_name_problems, is_hub_model
from gpt2_experiments.weights.huggingface import CONFIG_FILE
from gpt2_experiments.weights.released import MODELS, WEIGHTS_URL_VARIABLE
from gpt2_experiments.weights.sources import SAVED, is_model_folder


@dataclass(frozen=True)
class ModelSettings:
    """The settings of every command that reads a model. One of `model` and `weights` is None."""

    model: str | None = setting("gpt2-medium", "the model", choices=(TINY_MODEL, *MODELS))
    weights: str | None = setting(
        None,
        "weights instead of --model: a folder in the released layout or in Hugging Face's, a repository "
        "of its hub, or a .pth file that a run saved",
        metavar="DIR|hf:NAME|FILE",
        instead_of="model",
        changeable=True,
    )
    models_dir: str = setting("gpt2", "where downloaded weights are kept", metavar="DIR", changeable=True)
    weights_url: str | None = setting(
        None,
        f"a mirror to try first (or the environment variable {WEIGHTS_URL_VARIABLE})",
        metavar="URL",
        changeable=True,
    )
    check_weights: bool = setting(False, "compare the digests of downloaded weights again", changeable=True)

    @property
    def where(self) -> tuple[str | None, str | None, str, str | None, bool]:
        """What `find_source` asks for."""
        return self.model, self.weights, self.models_dir, self.weights_url, self.check_weights


def model_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """`model` and `weights`, of which one is None; the embedded model is the same under its name and by its folder."""
    weights = given.get("weights")
    if weights is None:
        return {"model": given.get("model", ModelSettings().model), "weights": None}
    is_tiny = Path(weights).resolve() == TINY_FOLDER.resolve()
    return {"model": TINY_MODEL, "weights": None} if is_tiny else {"model": None, "weights": weights}


def weights_problems(weights: str | None) -> list[str]:
    """What is wrong with the place of weights that the settings name."""
    if weights is None:
        return []
    if is_hub_model(weights):
        return hub_name_problems(weights)
    place = Path(weights)
    if place.suffix == SAVED and place.is_file():
        return []
    if is_model_folder(place):
        return []
    return [
        f"--weights {weights}: no {HPARAMS_FILE} (the released layout) or {CONFIG_FILE} (Hugging Face's) there; name a "
        f"folder with one of them, the {SAVED} file of a run, or hf:org/name"
    ]

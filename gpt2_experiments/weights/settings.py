"""What can be set of a model: which one it is, and where its files are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.shared.bundled import TINY_FOLDER, TINY_MODEL
from gpt2_experiments.shared.settings import setting
from gpt2_experiments.weights.hparams import HPARAMS_FILE
from gpt2_experiments.weights.released import MODELS, RELEASED_FILES, WEIGHTS_URL_VARIABLE, download_gpt2


@dataclass(frozen=True)
class ModelSettings:
    """The settings of every command that reads a model. One of `model` and `weights` is None."""

    model: str | None = setting("gpt2-medium", "the model to finetune", choices=(TINY_MODEL, *MODELS))
    weights: str | None = setting(
        None,
        "finetune the checkpoint in this folder of the released layout instead of --model",
        metavar="DIR",
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


def model_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """`model` and `weights`, of which one is None; the embedded model is the same under its name and by its folder."""
    weights = given.get("weights")
    if weights is None:
        return {"model": given.get("model", ModelSettings().model), "weights": None}
    is_tiny = Path(weights).resolve() == TINY_FOLDER.resolve()
    return {"model": TINY_MODEL, "weights": None} if is_tiny else {"model": None, "weights": weights}


def weights_problems(weights: str | None) -> list[str]:
    """What is wrong with the folder of weights that the settings name."""
    if weights is None or (Path(weights) / HPARAMS_FILE).is_file():
        return []
    layout = " (it has a config.json, as Hugging Face's layout)" if (Path(weights) / "config.json").exists() else ""
    return [f"--weights {weights}: no {HPARAMS_FILE} there{layout}; name a folder in the released layout"]


def find_weights(
    model: str | None,
    weights: str | None,
    models_dir: str,
    weights_url: str | None,
    check: bool,
    names: Sequence[str] = RELEASED_FILES,
) -> Path:
    """The folder that a model is in; where it is a released one, its files `names` are downloaded if need be."""
    if weights is not None:
        return Path(weights)
    assert model is not None  # one of the two says which
    return (
        TINY_FOLDER if model == TINY_MODEL else download_gpt2(MODELS[model].size, models_dir, weights_url, check, names)
    )

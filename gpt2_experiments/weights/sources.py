"""Where a model can be loaded from: the released layout, Hugging Face's layout, and what a run of the suite saved."""

from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import merged_model, replace_linear_with_lora
from gpt2_experiments.shared.bundled import TINY_FOLDER, TINY_MODEL
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import read_json, sha256_of
from gpt2_experiments.shared.records import RECORDS, is_run_record
from gpt2_experiments.weights.hparams import HPARAMS_FILE, model_config, read_hparams
from gpt2_experiments.weights.hub import download_from_hub, is_hub_model
from gpt2_experiments.weights.huggingface import CONFIG_FILE, HuggingFaceFolder
from gpt2_experiments.weights.released import MODELS, RELEASED_FILES, TOKENIZER_FILES, download_gpt2
from gpt2_experiments.weights.tensor_files import load_pickled, open_weights
from gpt2_experiments.weights.tensorflow_checkpoint import WEIGHTS_FILE, converted_weights
from gpt2_experiments.weights.tokenizer import Vocabulary, released_vocabulary

SAVED = ".pth"  # how the file of a run's weights ends


class Source(Protocol):
    """A model as it is kept. Whatever reads a file raises `UserError` with what is wrong in it."""

    def __hash__(self) -> int:
        """Sources are told apart as objects."""

    @property
    def name(self) -> str:
        """What the model is called where it has no other name."""

    @property
    def hparams(self) -> dict[str, int]:
        """Its shape, in the words of `hparams.json`."""

    @property
    def shape_and_tokenizer_files(self) -> list[Path]:
        """The files that hold them."""

    @property
    def weight_files(self) -> list[Path]:
        """The files of the parameters."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens."""

    def state(self) -> dict[str, Tensor]:
        """The parameters on the CPU by their names in `GPTModel`; without a head: it is the embedding."""


class ReleasedFolder:
    """A folder in the released layout, whose weights are converted to `model.safetensors` first where need be."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @cached_property
    def hparams(self) -> dict[str, int]:
        return read_hparams(self.folder)

    @property
    def shape_and_tokenizer_files(self) -> list[Path]:
        return [self.folder / name for name in TOKENIZER_FILES]

    @property
    def weight_files(self) -> list[Path]:
        return [self.folder / WEIGHTS_FILE]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        vocabulary = released_vocabulary(self.folder)
        n_tokens = 1 + max((*vocabulary.ids.values(), *vocabulary.special.values()))
        if n_tokens != self.hparams["n_vocab"]:
            raise UserError(
                f"{self.folder / HPARAMS_FILE}: n_vocab is {self.hparams['n_vocab']}, the tokenizer beside it has "
                f"{n_tokens} tokens; take all files from one release"
            )
        return vocabulary

    def state(self) -> dict[str, Tensor]:
        """Private views of the mapped file: nothing is read before it is used, training does not change the file."""
        with open_weights(converted_weights(self.folder, self.hparams)) as file:
            return {name: file.get_tensor(name) for name in file.offset_keys()}


class SavedRun:
    """The weights that a run saved, with LoRA merged into them.

    The record beside them says which model was tuned; of that only the shape and the tokenizer are used.
    """

    def __init__(self, path: Path, recorded: tuple[Path, dict[str, Any]] | None = None):
        """`recorded`: the record's path and what it holds, where they are known."""
        self.path = path
        self.record_path, self.record = recorded or _record_beside(path)

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def tuned(self) -> Source:
        """The model that was tuned, found to have the same shape and tokenizer as then."""
        model, weights, models_dir, weights_url, identity = (
            self.record[name] for name in ("model", "weights", "models_dir", "weights_url", "identity")
        )
        if weights is None and model not in (TINY_MODEL, *MODELS):
            raise UserError(f"{self.record_path}: a run of the model {model}, which is not known here")
        try:
            source = find_source(model, weights, models_dir, weights_url, check=False, tokenizer_only=True)
            files = source.shape_and_tokenizer_files
            changed = [path for path in files if sha256_of(path) != identity.get(f"{path.name}_sha256")]
        except (UserError, FileNotFoundError) as error:
            raise UserError(
                f"{self.record_path}: needs the tokenizer of {model or weights}, which was tuned ({error})"
            ) from error
        if changed:
            raise UserError(f"{changed[0]}: has changed since {self.path} was tuned with it; put the one of then there")
        return source

    @property
    def hparams(self) -> dict[str, int]:
        return self.tuned.hparams

    @property
    def shape_and_tokenizer_files(self) -> list[Path]:
        return self.tuned.shape_and_tokenizer_files

    @property
    def weight_files(self) -> list[Path]:
        return [self.path]

    @property
    def vocabulary(self) -> Vocabulary:
        return self.tuned.vocabulary

    def state(self) -> dict[str, Tensor]:
        state = load_pickled(self.path)
        ranks = {tensor.shape[1] for name, tensor in state.items() if name.endswith(".lora.A")}
        with torch.device("meta"):
            model = GPTModel(model_config(self.hparams))
            if ranks:
                replace_linear_with_lora(model, max(ranks), self.record["lora_alpha"])
        try:
            model.load_state_dict(state, assign=True)
        except RuntimeError as error:
            problem = " ".join(str(error).split())[:300]
            raise UserError(f"{self.path}: not the weights of the run that its record tells of ({problem})") from error
        parameters = dict(merged_model(model, torch.float32).named_parameters())
        return {name: parameter.detach() for name, parameter in parameters.items()}


def _record_beside(path: Path) -> tuple[Path, dict[str, Any]]:
    """The record, in the same folder, of the run that wrote a file, and where it is."""
    if not path.is_file():
        raise UserError(f"{path}: not found; name a {SAVED} file that a run has saved")
    for record_path in sorted(path.parent.glob(RECORDS)):
        try:
            record = read_json(record_path)
        except ValueError:  # of another program
            continue
        if is_run_record(record) and path.name in record["files"]:
            return record_path, record
    raise UserError(
        f"{path}: no record ({RECORDS}) beside it tells which run wrote it, and so of which model it is; put the run's "
        f"record there"
    )


def is_model_folder(place: Path) -> bool:
    """Whether a folder is in one of the layouts that are understood."""
    return any((place / name).is_file() for name in (HPARAMS_FILE, CONFIG_FILE))


def source_at(place: Path) -> Source:
    """What can be loaded from a folder or file; `UserError` where that is nothing."""
    if place.suffix == SAVED:
        return SavedRun(place)
    if (place / HPARAMS_FILE).is_file():
        return ReleasedFolder(place)
    if (place / CONFIG_FILE).is_file():
        return HuggingFaceFolder(place)
    raise UserError(f"{place}: has neither {HPARAMS_FILE} nor {CONFIG_FILE}, and is no {SAVED} file of a run")


def find_source(
    model: str | None,
    weights: str | None,
    models_dir: str,
    weights_url: str | None,
    check: bool,
    tokenizer_only: bool = False,
) -> Source:
    """The source of a model that is named by one of `model` and `weights`; what is missing of it is downloaded.

    With `tokenizer_only` its weights may be left out.
    """
    if weights is not None and is_hub_model(weights):
        return HuggingFaceFolder(download_from_hub(weights, tokenizer_only), weights)
    if weights is not None:
        return source_at(Path(weights))
    assert model is not None  # one of the two says which
    if model == TINY_MODEL:
        return ReleasedFolder(TINY_FOLDER)
    names = TOKENIZER_FILES if tokenizer_only else RELEASED_FILES
    return ReleasedFolder(download_gpt2(MODELS[model].size, models_dir, weights_url, check, names))

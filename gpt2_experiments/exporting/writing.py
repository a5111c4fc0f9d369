"""Each format's export: a folder is written, read back, and found to compute what the run's model does."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from gpt2_experiments.experiment.tuned_run import TunedRun
from gpt2_experiments.exporting.gguf_files import (
    gguf_name,
    merged_with_adapter,
    read_gguf,
    write_gguf,
    write_gguf_adapter,
)
from gpt2_experiments.exporting.huggingface import write_huggingface
from gpt2_experiments.exporting.model_card import model_card
from gpt2_experiments.exporting.parts import (
    OUTPUT,
    LowRank,
    adapters_of,
    check_tensors,
    sample_difference,
    state_of,
    variables_of,
    without_adapters,
)
from gpt2_experiments.exporting.peft import BASE_FOLDER, merged_with, write_peft
from gpt2_experiments.exporting.templates import modelfile
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.huggingface import HuggingFaceFolder
from gpt2_experiments.weights.loading import HEAD, TOKEN_EMBEDDING, load_model
from gpt2_experiments.weights.tensor_files import load_pickled
from gpt2_experiments.weights.tensorflow_checkpoint import checkpoint_variables
from gpt2_experiments.weights.tokenizer import Vocabulary

MODEL_FILE, BASE_FILE, ADAPTER_FILE = "model.gguf", "base.gguf", "adapter.gguf"


@dataclass(frozen=True)
class Tuned:
    """What is exported of a run."""

    run: TunedRun

    @cached_property
    def hparams(self) -> dict[str, int]:
        """The model's shape."""
        return self.run.source.hparams

    @cached_property
    def model(self) -> GPTModel:
        """The tuned model, with LoRA merged."""
        return load_model(self.run.source, torch.device("cpu"))[0]

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Its parameters, by GPT-2's variables."""
        return variables_of({name: tensor.detach() for name, tensor in self.model.named_parameters()}, self.hparams)

    @cached_property
    def saved(self) -> dict[str, Tensor]:
        """What a run with LoRA saved: the adapter beside the weights that it was put on."""
        state = load_pickled(self.run.source.path)
        if not any(".lora." in name for name in state):
            raise UserError(
                f"{self.run.source.path}: has no LoRA, its record tells of one; put the run's weights there"
            )
        return state

    @cached_property
    def adapters(self) -> dict[str, LowRank]:
        """The LoRA alone."""
        return adapters_of(self.saved, self.hparams, self.run.record["lora_alpha"])

    @cached_property
    def base(self) -> dict[str, Tensor]:
        """The model that LoRA was put on; its head counts as one of its own, as LoRA changes it alone."""
        return variables_of(without_adapters(self.saved), self.hparams, tied=False)

    def check(self, found: dict[str, Tensor], hparams: dict[str, int], dtype: str) -> float:
        """How far logits of what was read back are from the tuned model's; `UserError` where it is another model."""
        check_tensors(self.tensors, found, dtype)
        return sample_difference(self.model, hparams, state_of(found, hparams))

    def check_shape_and_tokenizer(self, hparams: dict[str, int], vocabulary: Vocabulary) -> None:
        """`UserError` where shape or tokens that were read back are others."""
        meant = self.run.source.vocabulary
        same_tokens = (vocabulary.ids, vocabulary.end_of_text) == (meant.ids, meant.end_of_text)
        if hparams != self.hparams or not same_tokens or list(vocabulary.merges) != list(meant.merges):
            raise UserError("the export: shape or tokenizer are not what was written; try another --output_dir")


def export_huggingface(folder: Path, tuned: Tuned, dtype: str) -> float:
    """A folder for transformers' `from_pretrained`; returns how far logits are from the run's at most."""
    _write_theirs(folder, tuned, tuned.tensors, dtype)
    (folder / "README.md").write_text(model_card(tuned.run), "utf-8")
    return tuned.check(*_read_theirs(folder, tuned), dtype)


def export_peft(folder: Path, tuned: Tuned, dtype: str) -> float:
    """The adapter alone for PEFT, and the model that it was trained on in `base`."""
    (folder / BASE_FOLDER).mkdir()
    _write_theirs(folder / BASE_FOLDER, tuned, tuned.base, dtype)
    write_peft(folder, tuned.adapters)
    base, hparams = _read_theirs(folder / BASE_FOLDER, tuned)
    return tuned.check(merged_with(folder, base), hparams, dtype)


def export_gguf(folder: Path, tuned: Tuned, dtype: str) -> float:
    """The model as a file for llama.cpp."""
    path, run = folder / MODEL_FILE, tuned.run
    write_gguf(path, tuned.tensors, tuned.hparams, run.source.vocabulary, run.style, dtype)
    return tuned.check(*_read_gguf(path, tuned), dtype)


def export_gguf_adapter(folder: Path, tuned: Tuned, dtype: str) -> float:
    """The adapter alone for llama.cpp, and the model that it was trained on."""
    run = tuned.run
    write_gguf(folder / BASE_FILE, tuned.base, tuned.hparams, run.source.vocabulary, run.style, dtype)
    write_gguf_adapter(folder / ADAPTER_FILE, tuned.adapters)
    base, hparams = _read_gguf(folder / BASE_FILE, tuned)
    return tuned.check(merged_with_adapter(folder / ADAPTER_FILE, base), hparams, dtype)


def export_ollama(folder: Path, tuned: Tuned, dtype: str) -> float:
    """The model as a file for llama.cpp, and Ollama's Modelfile for it."""
    text = modelfile(tuned.run.style, MODEL_FILE, tuned.hparams["n_ctx"], tuned.run.record["max_new_tokens"])
    (folder / "Modelfile").write_text(text, "utf-8")
    return export_gguf(folder, tuned, dtype)


EXPORTS = {
    "huggingface": export_huggingface,
    "peft": export_peft,
    "gguf": export_gguf,
    "gguf_adapter": export_gguf_adapter,
    "ollama": export_ollama,
}


def _write_theirs(folder: Path, tuned: Tuned, tensors: dict[str, Tensor], dtype: str) -> None:
    run = tuned.run
    write_huggingface(
        folder, tensors, tuned.hparams, run.source.vocabulary, run.style, run.record["max_new_tokens"], dtype
    )


def _read_theirs(folder: Path, tuned: Tuned) -> tuple[dict[str, Tensor], dict[str, int]]:
    """The parameters, by GPT-2's variables, and the shape in a folder, whose tokenizer is checked."""
    source = HuggingFaceFolder(folder)
    tuned.check_shape_and_tokenizer(source.hparams, source.vocabulary)
    state = source.state()
    return variables_of({HEAD: state[TOKEN_EMBEDDING]} | state, source.hparams, tied=HEAD not in state), source.hparams


def _read_gguf(path: Path, tuned: Tuned) -> tuple[dict[str, Tensor], dict[str, int]]:
    """The parameters, by GPT-2's variables, and the shape in a file, whose tokenizer is checked."""
    file = read_gguf(path)
    tuned.check_shape_and_tokenizer(file.hparams, file.vocabulary)
    names = {gguf_name(variable): variable for variable in (*checkpoint_variables(file.hparams), OUTPUT)}
    return {names[name]: tensor for name, tensor in file.tensors.items()}, file.hparams

"""A folder in Hugging Face's layout of GPT-2, as `transformers` saves it, becomes the suite's parameters.

The names and kinds are those found in the wild: with and without the prefix `transformer.`, with the buffers of old
versions, sharded, pickled, in float16 and bfloat16, with a head of its own. What the model here cannot represent is
refused with the reason.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gpt2_experiments.shared.errors import UserError, shortened, warn
from gpt2_experiments.shared.files import read_json
from gpt2_experiments.weights.hparams import checked_hparams
from gpt2_experiments.weights.tensor_files import load_pickled, open_weights
from gpt2_experiments.weights.tensorflow_checkpoint import checkpoint_variables
from gpt2_experiments.weights.tokenizer import Vocabulary, huggingface_vocabulary, tokenizer_files

CONFIG_FILE = "config.json"
SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"  # in the order in which they are looked for
INDEX = ".index.json"  # after the name of weights in several files: which tensor is in which
ADAPTER_FILE = "adapter_config.json"  # what PEFT writes in the place of a model's
PREFIX, HEAD, EMBEDDING = "transformer.", "lm_head.weight", "wte.weight"
CLASSIFIER = "score.weight"
BUFFERS = (".attn.bias", ".attn.masked_bias")  # masks that old versions saved
SHAPE = {  # our words: theirs, and what transformers takes where it is missing
    "n_vocab": ("vocab_size", 50257),
    "n_ctx": ("n_positions", 1024),
    "n_embd": ("n_embd", 768),
    "n_head": ("n_head", 12),
    "n_layer": ("n_layer", 12),
}
REPRESENTED: dict[str, tuple[Any, ...]] = {  # the values that the model here computes; the first where it is missing
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "layer_norm_epsilon": (1e-5,),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "quantization_config": (None,),
}


class HuggingFaceFolder:
    """A model in Hugging Face's layout; `weights` is its name on the hub where it is from there."""

    def __init__(self, folder: Path, weights: str | None = None):
        self.folder = folder
        self.name = weights.split("/")[-1].split("@")[0] if weights else folder.resolve().name

    @cached_property
    def config(self) -> dict[str, Any]:
        """The contents of `config.json`, of which all that matters is representable."""
        path = self.folder / CONFIG_FILE
        try:
            config = read_json(path)
        except FileNotFoundError:
            advice = (
                "merge the adapter there into its model" if (self.folder / ADAPTER_FILE).exists() else "name another"
            )
            raise UserError(f"{path}: no such file, so there is no whole model; {advice}") from None
        except ValueError as error:
            raise UserError(f"{path}: not JSON ({error}); replace it") from error
        if not isinstance(config, dict):
            raise UserError(f"{path}: not an object with a model's settings; replace it")
        problems = [
            f"{path}: {name} is {config[name]!r}; the model here knows {' and '.join(map(repr, values))} alone"
            for name, values in REPRESENTED.items()
            if config.get(name, values[0]) not in values
        ]
        if problems:
            raise UserError(*problems)
        return config

    @cached_property
    def hparams(self) -> dict[str, int]:
        path = self.folder / CONFIG_FILE
        shape = {ours: self.config.get(theirs, default) for ours, (theirs, default) in SHAPE.items()}
        hparams = checked_hparams(path, shape, {ours: theirs for ours, (theirs, _) in SHAPE.items()})
        inner, width = self.config.get("n_inner"), 4 * hparams["n_embd"]
        if inner not in (None, width):
            raise UserError(f"{path}: n_inner is {inner!r}; the model here knows {width} alone")
        return hparams

    @property
    def shape_and_tokenizer_files(self) -> list[Path]:
        return [self.folder / CONFIG_FILE, *tokenizer_files(self.folder)]

    @cached_property
    def weight_files(self) -> list[Path]:
        """The files of the first format that the folder has, as transformers chooses."""
        for name in (SAFE, PICKLED):
            whole, index = self.folder / name, self.folder / f"{name}{INDEX}"
            if whole.is_file():
                return [whole]
            if index.is_file():
                return _shards(index)
        raise UserError(f"{self.folder}: has neither {SAFE} nor {PICKLED}, nor an index of such; download the weights")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return huggingface_vocabulary(self.folder, self.hparams["n_vocab"])

    def state(self) -> dict[str, Tensor]:
        """float32; matrices are copied, as theirs are `[in, out]` and ours `[out, in]`."""
        found = dict(self._tensors())
        head = found.pop(HEAD, None)
        variables = {theirs_of(name): variable for name, variable in checkpoint_variables(self.hparams).items()}
        expected = {name: variable.shape[-2:] for name, variable in variables.items()}
        self._check({name: tuple(tensor.shape) for name, tensor in found.items()}, expected)
        state: dict[str, Tensor] = {}
        ends = self._head(head, found[EMBEDDING])
        for name, variable in variables.items():
            tensor = found.pop(name)  # so that not all of them are there twice
            parts = (tensor.T if len(variable.shape) == 3 else tensor).chunk(len(variable.parameters))
            state |= {
                parameter: part.to(torch.float32).contiguous()
                for parameter, part in zip(variable.parameters, parts, strict=True)
            }
        return state | ends

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        """The tensors by their names without the prefix; not the buffers."""
        for path in self.weight_files:
            for name, tensor in _read(path):
                if not name.endswith(BUFFERS):
                    yield name.removeprefix(PREFIX), tensor

    def _head(self, head: Tensor | None, embedding: Tensor) -> dict[str, Tensor]:
        """The head where it is not the embedding, which is for `config.json` to say as it is in transformers."""
        if not self.config.get("tie_word_embeddings", True):
            if head is None:
                raise UserError(f"{self.folder}: {HEAD} is missing, and {CONFIG_FILE} says that it is no copy of wte")
            self._check({HEAD: tuple(head.shape)}, {HEAD: tuple(embedding.shape)})
            return {"out_head.weight": head.to(torch.float32).contiguous()}
        if head is not None and not torch.equal(head, embedding):
            warn(f"{self.folder}: {HEAD} is left out, as transformers does: {CONFIG_FILE} says that wte is the head")
        return {}

    def _check(self, found: dict[str, tuple[int, ...]], expected: dict[str, tuple[int, ...]]) -> None:
        """Raise one `UserError` with all differences between the tensors that are there and those that should be."""
        differences = [f"{name} is missing" for name in expected if name not in found]
        differences += [f"{name} is unknown" for name in found if name not in expected]
        if CLASSIFIER in found:
            differences = [f"it is a classifier ({CLASSIFIER})", *differences]
        differences += [
            f"{name} has shape {list(found[name])} instead of {list(shape)}"
            for name, shape in expected.items()
            if name in found and found[name] != shape
        ]
        if differences:
            raise UserError(
                f"{self.folder}: not the tensors of a GPT-2 as {CONFIG_FILE} describes it, {len(differences)} "
                f"differences; take both from one model: {shortened(differences, '; ')}"
            )


def theirs_of(variable: str) -> str:
    """Their name of a variable of the released checkpoint: `h.0.attn.c_attn.weight` of `model/h0/attn/c_attn/w`."""
    *groups, last = variable.removeprefix("model/").split("/")
    if not groups:  # wte and wpe
        return f"{last}.weight"
    layer = groups[0].removeprefix("h")
    if layer.isdigit():
        groups[0] = f"h.{layer}"
    return ".".join([*groups, "bias" if last == "b" else "weight"])


def _shards(index: Path) -> list[Path]:
    """The files that an index names."""
    try:
        names = sorted(set(read_json(index)["weight_map"].values()))
        missing = [name for name in names if not index.with_name(name).is_file()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{index}: not an index of files of weights ({error}); replace it") from error
    if missing:
        raise UserError(f"{index.parent}: {shortened(missing)} are missing, which {index.name} names; download them")
    return [index.with_name(name) for name in names]


def _read(path: Path) -> Iterator[tuple[str, Tensor]]:
    """The tensors of one file."""
    if path.suffix == ".safetensors":
        with open_weights(path) as file:
            for name in file.offset_keys():
                yield name, file.get_tensor(name)
    else:
        yield from load_pickled(path).items()

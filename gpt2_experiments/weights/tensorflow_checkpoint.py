"""The released TensorFlow checkpoint, converted once into `model.safetensors` beside it.

The converted file has the model's own parameter names, float32, one tensor each for query, key and value. Its metadata
holds the digests of the files it was made from. TensorFlow is imported only while a checkpoint is read.
"""

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from gpt2_experiments.shared.errors import UserError, shortened
from gpt2_experiments.shared.files import check_room, locked, sha256_of, whole_file
from gpt2_experiments.weights.checksums import Checksums
from gpt2_experiments.weights.tensor_files import open_weights

WEIGHTS_FILE = "model.safetensors"
LOCK_FILE = ".weights.lock"
HUGGING_FACE_TENSOR = "h.0.attn.c_attn.weight"  # what only GPT-2 as `transformers` saves it has, behind a prefix or not
CHECKPOINT = "model.ckpt"  # the prefix TensorFlow knows the checkpoint by
SOURCES = (f"{CHECKPOINT}.data-00000-of-00001", f"{CHECKPOINT}.index")


class Variable(NamedTuple):
    """One TensorFlow variable and the parameters it holds, side by side on its last axis."""

    shape: tuple[int, ...]
    parameters: tuple[str, ...]

    @property
    def parameter_shape(self) -> tuple[int, ...]:
        """The shape of each of the parameters: `[out, in]` where the variable is `[1, in, n * out]`."""
        first, *others = reversed(self.shape[1:]) if len(self.shape) == 3 else self.shape
        return first // len(self.parameters), *others


def checkpoint_variables(hparams: dict[str, int]) -> dict[str, Variable]:
    """All variables of a released checkpoint of this shape, by name."""
    width = hparams["n_embd"]
    variables = {
        "model/wte": Variable((hparams["n_vocab"], width), ("tok_emb.weight",)),
        "model/wpe": Variable((hparams["n_ctx"], width), ("pos_emb.weight",)),
        "model/ln_f/g": Variable((width,), ("final_norm.scale",)),
        "model/ln_f/b": Variable((width,), ("final_norm.shift",)),
    }
    linears = {  # layer: inputs and outputs in units of the width, the model's layers
        "attn/c_attn": (1, 3, ("att.W_query", "att.W_key", "att.W_value")),
        "attn/c_proj": (1, 1, ("att.out_proj",)),
        "mlp/c_fc": (1, 4, ("ff.layers.0",)),
        "mlp/c_proj": (4, 1, ("ff.layers.2",)),
    }
    for layer in range(hparams["n_layer"]):
        source, target = f"model/h{layer}", f"trf_blocks.{layer}"
        for norm, our_norm in (("ln_1", "norm1"), ("ln_2", "norm2")):
            variables[f"{source}/{norm}/g"] = Variable((width,), (f"{target}.{our_norm}.scale",))
            variables[f"{source}/{norm}/b"] = Variable((width,), (f"{target}.{our_norm}.shift",))
        for linear, (inputs, outputs, our_linears) in linears.items():
            weights, biases = (tuple(f"{target}.{name}.{kind}" for name in our_linears) for kind in ("weight", "bias"))
            variables[f"{source}/{linear}/w"] = Variable((1, inputs * width, outputs * width), weights)
            variables[f"{source}/{linear}/b"] = Variable((outputs * width,), biases)
    return variables


def converted_weights(folder: Path, hparams: dict[str, int]) -> Path:
    """The folder's `model.safetensors`, converted first where it is missing or its sources have changed.

    Raises:
        UserError: there is nothing to convert, the checkpoint is damaged, or it has another shape than `hparams`.
    """
    weights = folder / WEIGHTS_FILE
    if not is_current(folder):
        with locked(folder / LOCK_FILE, str(folder), wait=True):
            if not is_current(folder):  # another process may just have converted it
                convert(folder, hparams)
    return weights


def is_current(folder: Path) -> bool:
    """Whether `model.safetensors` is there and no source that is there too has changed since it was made.

    A file that was not converted here is somebody's own: it is taken as it is.
    """
    weights = folder / WEIGHTS_FILE
    if not weights.exists():
        return False
    with open_weights(weights) as file:
        converted_from = file.metadata() or {}
    checksums = Checksums(folder)
    return all(
        checksums.digest(source) == converted_from[source]
        for source in SOURCES
        if source in converted_from and (folder / source).exists()
    )


def convert(folder: Path, hparams: dict[str, int]) -> None:
    """Write `model.safetensors` from the TensorFlow checkpoint, one variable in memory at a time."""
    missing = [source for source in SOURCES if not (folder / source).exists()]
    if missing:
        raise UserError(
            f"{folder}: has neither {WEIGHTS_FILE} nor {' and '.join(missing)}; "
            f"name a folder with one or the other, or use --model gpt2-tiny, which needs no download"
        )
    checksums = Checksums(folder)
    digests = {source: checksums.digest(source) for source in SOURCES}
    weights = folder / WEIGHTS_FILE
    write_weights(weights, TensorFlowCheckpoint(folder / CHECKPOINT, hparams), digests)
    # The sources are whole: TensorFlow has compared its own checksum of every variable.
    checksums.record(digests | {WEIGHTS_FILE: sha256_of(weights)})


class TensorFlowCheckpoint:
    """A released checkpoint of the shape `hparams`, read variable by variable.

    Raises:
        UserError: a file is damaged, or the variables are not those of `hparams`.
    """

    def __init__(self, prefix: Path, hparams: dict[str, int]):
        self.prefix = prefix
        self.variables = checkpoint_variables(hparams)
        self._tf = _import_tensorflow()
        with self._reporting_damage():
            self._reader = self._tf.train.load_checkpoint(str(prefix))
            found = self._reader.get_variable_to_shape_map()
        # The weights are below model/; beside it training programs keep a step counter and the like.
        found = {name: tuple(shape) for name, shape in found.items() if name.startswith("model/")}
        check_shapes(prefix, found, {name: variable.shape for name, variable in self.variables.items()})

    def read(self, name: str) -> np.ndarray:
        """The values of a variable; TensorFlow compares them with their checksum."""
        with self._reporting_damage():
            return self._reader.get_tensor(name)

    @contextlib.contextmanager
    def _reporting_damage(self) -> Iterator[None]:
        """Turn TensorFlow's errors, IndexError for a cut file among them, into a `UserError`."""
        try:
            yield
        except (self._tf.errors.OpError, IndexError) as error:
            raise UserError(
                f"{self.prefix}: TensorFlow cannot read it ({str(error).splitlines()[0]}); "
                f"replace {' and '.join(SOURCES)}, or remove them to have --model download them again"
            ) from error


def _import_tensorflow() -> ModuleType:
    """TensorFlow without its greetings; importing it takes seconds and half a gigabyte."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # nothing is computed in TensorFlow
    import tensorflow

    return tensorflow


def check_shapes(path: Path, found: dict[str, tuple[int, ...]], expected: dict[str, tuple[int, ...]]) -> None:
    """Raise one `UserError` with all differences between the tensors of a file and those that `hparams.json` means."""
    differences = [
        f"{name} has shape {list(found[name])} instead of {list(shape)}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    differences += [f"{name} is missing" for name in sorted(set(expected) - set(found))]
    differences += [f"{name} is unknown" for name in sorted(set(found) - set(expected))]
    if any(name.endswith(HUGGING_FACE_TENSOR) for name in found):
        raise UserError(
            f"{path}: holds GPT-2 in Hugging Face's layout ({shortened(list(found))}) beside an hparams.json; "
            "name a folder that has its config.json and no hparams.json"
        )
    if differences:
        raise UserError(
            f"{path}: not the tensors that hparams.json beside it describes, {len(differences)} differences; "
            f"take both from one release: {shortened(differences, '; ')}"
        )


def write_weights(path: Path, checkpoint: TensorFlowCheckpoint, metadata: dict[str, str]) -> None:
    """Write the checkpoint's parameters as a safetensors file, one variable at a time.

    The safetensors package's own writer takes all tensors at once (6.2 GB for gpt2-xl), aligns them to 8 bytes only,
    and leaves a file behind where it is killed.
    """
    header, n_bytes = safetensors_header(checkpoint.variables.values(), metadata)
    check_room(path.parent, len(header) + n_bytes)
    with whole_file(path) as file:
        file.write(header)
        for name, variable in tqdm(checkpoint.variables.items(), desc=f"Converting to {path.name}", file=sys.stderr):
            for parameter in split_parameters(checkpoint.read(name), len(variable.parameters)):
                file.write(np.ascontiguousarray(parameter, dtype="<f4").data)


def safetensors_header(variables: Iterable[Variable], metadata: dict[str, str]) -> tuple[bytes, int]:
    """Everything of the file that stands before the values, and how many bytes of values follow.

    The format (https://github.com/huggingface/safetensors#format): the length of the JSON, 8 bytes; the JSON, padded
    with spaces so that the values begin at a multiple of 64 bytes, a cache line; the values, without gaps.
    """
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"} | metadata}
    end = 0
    for variable in variables:
        shape = variable.parameter_shape
        for name in variable.parameters:
            start, end = end, end + 4 * math.prod(shape)
            entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    encoded = json.dumps(entries).encode()
    encoded += b" " * (-(8 + len(encoded)) % 64)
    return len(encoded).to_bytes(8, "little") + encoded, end


def split_parameters(values: np.ndarray, n_parameters: int) -> list[np.ndarray]:
    """The parameters in a variable: weights `[1, in, n * out]` give n times `[out, in]`, others n equal parts."""
    values = values[0].T if values.ndim == 3 else values
    return np.split(values, n_parameters)

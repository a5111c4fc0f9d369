"""A folder in the released layout becomes a model, whose parameters are the mapped file, and its tokenizer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiktoken
import torch
from torch.overrides import TorchFunctionMode

from gpt2_experiments.model.gpt import GPTModel, causal_mask
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.hparams import HPARAMS_FILE, model_config, read_hparams
from gpt2_experiments.weights.tensorflow_checkpoint import check_shapes, converted_weights, open_weights
from gpt2_experiments.weights.tokenizer import load_tokenizer

WEIGHT_TYPES = ("F32", "F16", "BF16")  # what model.safetensors may hold; the model is float32
HEAD, TOKEN_EMBEDDING = "out_head.weight", "tok_emb.weight"


def load_gpt2(folder: str | Path, device: str | torch.device = "cpu") -> tuple[GPTModel, tiktoken.Encoding]:
    """The model and the tokenizer of a folder in the released layout, converted first where that was not yet done.

    Args:
        folder: Has `hparams.json`, `encoder.json`, `vocab.bpe`, and `model.safetensors` or the TensorFlow checkpoint.
        device: Where the parameters go. On the CPU they are private views of the mapped file: nothing is read before
            it is used, and training does not change the file.

    Raises:
        UserError: a file is missing or damaged, or the files do not belong together.
    """
    folder = Path(folder)
    hparams = read_hparams(folder)
    tokenizer = load_tokenizer(folder)
    if tokenizer.n_vocab != hparams["n_vocab"]:
        raise UserError(
            f"{folder / HPARAMS_FILE}: n_vocab is {hparams['n_vocab']}, the tokenizer beside it has "
            f"{tokenizer.n_vocab} tokens; take all files from one release"
        )
    return _load_model(converted_weights(folder, hparams), hparams, torch.device(device)), tokenizer


def _load_model(weights: Path, hparams: dict[str, int], device: torch.device) -> GPTModel:
    """A model whose parameters are the file's tensors, widened to float32 where they are narrower."""
    model = meta_model(hparams)
    masks = {name for name, _ in model.named_buffers(remove_duplicate=False)}
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items() if name not in masks}
    with open_weights(weights) as file:
        _check_tensors(weights, file, shapes)
        state = {name: file.get_tensor(name).to(device, torch.float32) for name in file.offset_keys()}
    if HEAD not in state:
        state[HEAD] = state[TOKEN_EMBEDDING].clone()
    mask = causal_mask(hparams["n_ctx"]).to(device)  # one tensor, shared by all layers
    model.load_state_dict(state | dict.fromkeys(masks, mask), assign=True)
    return model


def _check_tensors(weights: Path, file: Any, shapes: dict[str, tuple[int, ...]]) -> None:
    """Compare names, shapes and types of the file's tensors with the model's; the head may be missing."""
    slices = {name: file.get_slice(name) for name in file.offset_keys()}
    expected = {name: shape for name, shape in shapes.items() if name != HEAD or name in slices}
    check_shapes(weights, {name: tuple(tensor.get_shape()) for name, tensor in slices.items()}, expected)
    types = {tensor.get_dtype() for tensor in slices.values()} - set(WEIGHT_TYPES)
    if types:
        raise UserError(f"{weights}: has values of type {', '.join(sorted(types))}; save them as {WEIGHT_TYPES[0]}")


def meta_model(hparams: dict[str, int]) -> GPTModel:
    """A model without values, on the meta device."""
    with torch.device("meta"), _ShapesOnly():
        return GPTModel(model_config(hparams))


class _ShapesOnly(TorchFunctionMode):
    """Leaves out what would be computed on the meta device: these two alone import 0.8 s of code there."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.nn.init.normal_:
            return kwargs["tensor"]
        if func is torch.triu:
            return args[0]
        return func(*args, **kwargs)

"""What a source holds becomes a model and its tokenizer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiktoken
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gpt2_experiments.model.gpt import GPTModel, causal_mask
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.hparams import model_config
from gpt2_experiments.weights.sources import Source, source_at
from gpt2_experiments.weights.tensorflow_checkpoint import check_shapes
from gpt2_experiments.weights.tokenizer import encoding_of

WEIGHT_TYPES = (torch.float32, torch.float16, torch.bfloat16)  # what may be kept; the model is float32
HEAD, TOKEN_EMBEDDING = "out_head.weight", "tok_emb.weight"


def load_gpt2(folder: str | Path, device: str | torch.device = "cpu") -> tuple[GPTModel, tiktoken.Encoding]:
    """The model and the tokenizer of a folder, or of a file that a run saved, as `sources.source_at` knows them."""
    return load_model(source_at(Path(folder)), torch.device(device))


def load_model(source: Source, device: torch.device) -> tuple[GPTModel, tiktoken.Encoding]:
    """The model and the tokenizer of a source.

    Args:
        source: Where they are.
        device: Where the parameters go. On the CPU those of the released layout are private views of the mapped file:
            nothing is read before it is used, and training does not change the file.

    Raises:
        UserError: a file is missing or damaged, or the files do not belong together.
    """
    tokenizer, model = load_tokenizer_of(source), meta_model(source.hparams)
    state = {name: tensor.to(device) for name, tensor in source.state().items()}
    _check_tensors(source, state, {name: tuple(parameter.shape) for name, parameter in model.named_parameters()})
    state = {name: tensor.to(torch.float32) for name, tensor in state.items()}
    if HEAD not in state:
        state[HEAD] = state[TOKEN_EMBEDDING].clone()
    masks = {name for name, _ in model.named_buffers(remove_duplicate=False)}
    mask = causal_mask(model.context_length).to(device)  # one tensor, shared by all layers
    model.load_state_dict(state | dict.fromkeys(masks, mask), assign=True)
    return model, tokenizer


def load_tokenizer_of(source: Source) -> tiktoken.Encoding:
    """The tokenizer of a source; it has a token for each row of the embedding."""
    return encoding_of(source.vocabulary, source.hparams["n_vocab"])


def _check_tensors(source: Source, state: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> None:
    """Compare names, shapes and types of the tensors with the model's; the head may be missing."""
    path = source.weight_files[0]
    expected = {name: shape for name, shape in shapes.items() if name != HEAD or name in state}
    check_shapes(path, {name: tuple(tensor.shape) for name, tensor in state.items()}, expected)
    types = {str(tensor.dtype).removeprefix("torch.") for tensor in state.values() if tensor.dtype not in WEIGHT_TYPES}
    if types:
        raise UserError(f"{path}: has values of type {', '.join(sorted(types))}; save them as float32")


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

"""The names that notebooks of the book's chapters 2 to 7 import, with the book's signatures.

What the suite itself uses is in the package `gpt2_experiments`; here is what only notebooks use. A `device` that is an
argument here is the model's: batches go where the model is.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import tiktoken
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.experiment import outputs, training
from gpt2_experiments.experiment.training import Schedule, TrainingState, mean_loss, sample_text, train_steps
from gpt2_experiments.model import gpt as on_rows
from gpt2_experiments.model.generation import generate
from gpt2_experiments.model.gpt import GPTModel, LayerNorm, causal_mask, padded_attention
from gpt2_experiments.model.losses import training_loss

__all__ = [
    "GELU",
    "FeedForward",
    "GPTDatasetV1",
    "GPTModel",
    "LayerNorm",
    "MultiHeadAttention",
    "TransformerBlock",
    "assign",
    "calc_loss_batch",
    "calc_loss_loader",
    "create_dataloader_v1",
    "evaluate_model",
    "generate",
    "generate_and_print_sample",
    "generate_text_simple",
    "load_weights_into_gpt",
    "plot_losses",
    "text_to_token_ids",
    "token_ids_to_text",
    "train_model_simple",
]

LOSS_PLOT = "loss-plot"  # in the working directory


class GPTDatasetV1(Dataset):
    """Windows of a text, each `max_length` tokens and the `max_length` tokens that stand one further.

    Args:
        txt: The text; `<|endoftext|>` in it is the special token.
        tokenizer: Makes it tokens.
        max_length: Tokens of a window.
        stride: Tokens from the start of a window to that of the next.
    """

    def __init__(self, txt: str, tokenizer: tiktoken.Encoding, max_length: int, stride: int):
        tokens = text_to_token_ids(txt, tokenizer)[0]
        starts = range(0, len(tokens) - max_length, stride)
        self.input_ids, self.target_ids = (
            [tokens[start + ahead : start + ahead + max_length] for start in starts] for ahead in (0, 1)
        )

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, idx: int) -> tuple[Tensor, Tensor]:
        return self.input_ids[idx], self.target_ids[idx]


def create_dataloader_v1(
    txt: str,
    batch_size: int = 4,
    max_length: int = 256,
    stride: int = 128,
    shuffle: bool = True,
    drop_last: bool = True,
    num_workers: int = 0,
) -> DataLoader:
    """Batches of a text's windows in GPT-2's tokens: inputs and targets, each `[batch, max_length]`.

    tiktoken downloads GPT-2's tokenizer the first time.
    """
    dataset = GPTDatasetV1(txt, tiktoken.get_encoding("gpt2"), max_length, stride)
    return DataLoader(dataset, batch_size, shuffle, drop_last=drop_last, num_workers=num_workers)


class MultiHeadAttention(nn.Module):
    """Causal self-attention over a padded batch, `[batch, length, d_in]` to `[batch, length, d_out]`."""

    def __init__(
        self, d_in: int, d_out: int, context_length: int, dropout: float, num_heads: int, qkv_bias: bool = False
    ):
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"d_out {d_out} is not divisible by num_heads {num_heads}")
        self.d_out, self.num_heads, self.head_dim = d_out, num_heads, d_out // num_heads
        self.W_query, self.W_key, self.W_value = (nn.Linear(d_in, d_out, bias=qkv_bias) for _ in range(3))
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", causal_mask(context_length))  # for the state dict

    def forward(self, x: Tensor) -> Tensor:
        rows = x.flatten(0, 1)
        query, key, value = (
            project(rows).unflatten(-1, (self.num_heads, self.head_dim))
            for project in (self.W_query, self.W_key, self.W_value)
        )
        attend = padded_attention(len(x), self.dropout.p if self.training else 0.0)
        context = attend(0, query, key, value)
        return self.out_proj(context.flatten(-2)).unflatten(0, x.shape[:2])


class GELU(nn.GELU):
    """GELU in the tanh form GPT-2 was trained with."""

    def __init__(self) -> None:
        super().__init__(approximate="tanh")


class FeedForward(on_rows.FeedForward):
    """Two linear layers around GELU, for any tensor `[..., emb_dim]`."""

    def __init__(self, cfg: dict[str, Any]):
        super().__init__(cfg["emb_dim"])


class TransformerBlock(on_rows.TransformerBlock):
    """A model's block for a padded batch, `[batch, length, emb_dim]`."""

    def __init__(self, cfg: dict[str, Any]):
        super().__init__(cfg, 0, causal_mask(cfg["context_length"]))

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # rows are a batch here
        attend = padded_attention(len(x), self.drop_shortcut.p if self.training else 0.0)
        return super().forward(x.flatten(0, 1), attend).unflatten(0, x.shape[:2])


def generate_text_simple(model: GPTModel, idx: Tensor, max_new_tokens: int, context_size: int) -> Tensor:
    """`idx` `[batch, length]` with `max_new_tokens` more columns, the likeliest tokens."""
    return generate(model, idx, max_new_tokens, context_size)


def text_to_token_ids(text: str, tokenizer: tiktoken.Encoding) -> Tensor:
    """Token ids of `text`, `[1, tokens]`; `<|endoftext|>` in it is the special token."""
    return torch.tensor(tokenizer.encode(text, allowed_special={"<|endoftext|>"})).unsqueeze(0)


def token_ids_to_text(token_ids: Tensor, tokenizer: tiktoken.Encoding) -> str:
    """The text of `[1, tokens]`."""
    return tokenizer.decode(token_ids.squeeze(0).tolist())


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: GPTModel, device: str | torch.device) -> Tensor:
    """Mean loss of a padded batch, a scalar to call `backward()` on."""
    return training_loss((input_batch, target_batch), model)


def calc_loss_loader(
    data_loader: DataLoader, model: GPTModel, device: str | torch.device, num_batches: int | None = None
) -> float:
    """Mean of the mean losses of the loader's first `num_batches` batches (default: all).

    Batches without any target do not count; NaN where no batch has one.
    """
    return mean_loss(data_loader, model, num_batches)


def evaluate_model(
    model: GPTModel, train_loader: DataLoader, val_loader: DataLoader, device: str | torch.device, eval_iter: int
) -> tuple[float, float]:
    """Mean losses over `eval_iter` batches of a fresh pass over each loader; the model's mode stays."""
    return training.evaluate_model(model, train_loader, val_loader, eval_iter)


def generate_and_print_sample(
    model: GPTModel, tokenizer: tiktoken.Encoding, device: str | torch.device, start_context: str
) -> None:
    """Print `start_context` and its greedy continuation by 50 tokens on one line."""
    print(sample_text(model, tokenizer, start_context))


def train_model_simple(
    model: GPTModel,
    train_loader: DataLoader,
    val_loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: str | torch.device,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str,
    tokenizer: tiktoken.Encoding,
) -> tuple[list[float], list[float], list[int]]:
    """Train the model, print its losses, and after each epoch what it makes of `start_context`.

    `train_loader` has a length.

    Returns:
        Training losses, validation losses, and the tokens seen, at each evaluation.
    """
    loaders, schedule = Loaders(train_loader, val_loader), Schedule(num_epochs, eval_freq, eval_iter)
    state = TrainingState()
    for _ in train_steps(model, loaders, optimizer, schedule, state):
        if state.new_evaluation:
            print(state.new_evaluation)
        if state.steps_in_epoch == len(train_loader):
            generate_and_print_sample(model, tokenizer, device, start_context)
    history = state.evaluations
    return [at.train_loss for at in history], [at.val_loss for at in history], [at.tokens_seen for at in history]


def plot_losses(
    epochs_seen: Sequence[float],
    tokens_seen: Sequence[int],
    train_losses: Sequence[float],
    val_losses: Sequence[float],
) -> None:
    """Plot the losses to `loss-plot.pdf` and `loss-plot.png`, and show the latter in a notebook."""
    outputs.plot_losses(epochs_seen, tokens_seen, train_losses, val_losses, f"{LOSS_PLOT}.pdf")
    if "IPython" in sys.modules:
        from IPython.display import Image, display  # where no notebook runs it need not be installed

        display(Image(filename=f"{LOSS_PLOT}.png"))


def assign(left: Tensor, right: Any) -> nn.Parameter:
    """A new parameter with the values of `right`; `ValueError` if its shape is not that of `left`."""
    parameter = nn.Parameter(torch.empty_like(left))
    _fill("the parameter", parameter, right)
    return parameter


def load_weights_into_gpt(gpt: GPTModel, params: dict[str, Any]) -> None:
    """Fill `gpt` from the nested dict that `load_gpt2_params_from_tf_ckpt` returns; `ValueError` on a wrong shape."""
    _fill("tok_emb", gpt.tok_emb.weight, params["wte"])
    _fill("pos_emb", gpt.pos_emb.weight, params["wpe"])
    _fill("out_head", gpt.out_head.weight, params["wte"])
    _fill_norm("final_norm", gpt.final_norm, params)
    if len(params["blocks"]) != len(gpt.trf_blocks):
        raise ValueError(f"{len(params['blocks'])} blocks of weights for a model of {len(gpt.trf_blocks)}")
    block: Any
    for index, (block, source) in enumerate(zip(gpt.trf_blocks, params["blocks"], strict=True)):
        name = f"trf_blocks.{index}"
        weights = np.split(source["attn"]["c_attn"]["w"], 3, axis=-1)
        biases = np.split(source["attn"]["c_attn"]["b"], 3, axis=-1)
        projections = (block.att.W_query, block.att.W_key, block.att.W_value)
        for linear, weight, bias in zip(projections, weights, biases, strict=True):
            _fill_linear(f"{name}.att", linear, {"w": weight, "b": bias})
        _fill_linear(f"{name}.att.out_proj", block.att.out_proj, source["attn"]["c_proj"])
        _fill_linear(f"{name}.ff.layers.0", block.ff.layers[0], source["mlp"]["c_fc"])
        _fill_linear(f"{name}.ff.layers.2", block.ff.layers[2], source["mlp"]["c_proj"])
        _fill_norm(f"{name}.norm1", block.norm1, source["ln_1"])
        _fill_norm(f"{name}.norm2", block.norm2, source["ln_2"])


def _fill_linear(name: str, linear: nn.Linear, source: dict[str, Any]) -> None:
    """GPT-2 keeps weights as `[in, out]`, PyTorch as `[out, in]`."""
    _fill(f"{name}.weight", linear.weight, source["w"].T)
    _fill(f"{name}.bias", linear.bias, source["b"])


def _fill_norm(name: str, norm: LayerNorm, source: dict[str, Any]) -> None:
    _fill(f"{name}.scale", norm.scale, source["g"])
    _fill(f"{name}.shift", norm.shift, source["b"])


@torch.no_grad()
def _fill(name: str, parameter: Tensor, values: Any) -> None:
    """Copy `values` into `parameter`."""
    if parameter.shape != values.shape:
        raise ValueError(f"{name} has shape {tuple(parameter.shape)}, its weights have {tuple(values.shape)}")
    parameter.copy_(torch.as_tensor(np.ascontiguousarray(values)))

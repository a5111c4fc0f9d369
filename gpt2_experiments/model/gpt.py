"""GPT-2, computed on rows.

Every layer but attention works on each token by itself, so the model takes a plain list of rows (one token each,
`[rows, emb_dim]`) and leaves it to an `attend` function which rows see which. Padded batches, prefix trees and the
decoding cache are three such functions; the weights and the code around them are the same for all.

Parameter names are those of *Build a Large Language Model From Scratch*, chapter 4.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gpt2_experiments.model.linear import Linear

# attend(layer, query, key, value): each `[rows, heads, head_dim]`; returns the context rows in the same shape.
Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]


class LayerNorm(nn.Module):
    """Layer normalisation with the book's parameter names `scale` and `shift`."""

    def __init__(self, emb_dim: int):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, rows: Tensor) -> Tensor:
        return F.layer_norm(rows, self.scale.shape, self.scale, self.shift, eps=1e-5)


class MultiHeadAttention(nn.Module):
    """Projections of causal self-attention; `attend` does what happens between them."""

    def __init__(self, cfg: dict[str, Any], layer: int, mask: Tensor):
        super().__init__()
        emb_dim = cfg["emb_dim"]
        if emb_dim % cfg["n_heads"]:
            raise ValueError(f"emb_dim {emb_dim} is not divisible by n_heads {cfg['n_heads']}")
        self.layer = layer
        self.n_heads = cfg["n_heads"]
        self.W_query = Linear(emb_dim, emb_dim, bias=cfg["qkv_bias"])
        self.W_key = Linear(emb_dim, emb_dim, bias=cfg["qkv_bias"])
        self.W_value = Linear(emb_dim, emb_dim, bias=cfg["qkv_bias"])
        self.out_proj = Linear(emb_dim, emb_dim)
        # Not used here (attention is causal by construction); the book's state dict has it in every layer.
        self.register_buffer("mask", mask)

    def forward(self, rows: Tensor, attend: Attend) -> Tensor:
        query, key, value = (
            project(rows).unflatten(-1, (self.n_heads, -1)) for project in (self.W_query, self.W_key, self.W_value)
        )
        context = attend(self.layer, query, key, value)
        return self.out_proj(context.flatten(-2))


class FeedForward(nn.Module):
    """Two linear layers around GELU, in the tanh form GPT-2 was trained with."""

    def __init__(self, emb_dim: int):
        super().__init__()
        self.layers = nn.Sequential(
            Linear(emb_dim, 4 * emb_dim), nn.GELU(approximate="tanh"), Linear(4 * emb_dim, emb_dim)
        )

    def forward(self, rows: Tensor) -> Tensor:
        return self.layers(rows)


class TransformerBlock(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, cfg: dict[str, Any], layer: int, mask: Tensor):
        super().__init__()
        self.att = MultiHeadAttention(cfg, layer, mask)
        self.ff = FeedForward(cfg["emb_dim"])
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])

    def forward(self, rows: Tensor, attend: Attend) -> Tensor:
        rows = rows + self.drop_shortcut(self.att(self.norm1(rows), attend))
        return rows + self.drop_shortcut(self.ff(self.norm2(rows)))


class GPTModel(nn.Module):
    """GPT-2 with an output head of its own.

    `cfg` has the book's keys: vocab_size, context_length, emb_dim, n_heads, n_layers, drop_rate, qkv_bias.
    """

    def __init__(self, cfg: dict[str, Any]):
        super().__init__()
        self.cfg = dict(cfg)
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        mask = causal_mask(cfg["context_length"])  # one tensor, shared by all layers
        self.trf_blocks = nn.ModuleList(TransformerBlock(cfg, layer, mask) for layer in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    @property
    def device(self) -> torch.device:
        return self.tok_emb.weight.device

    @property
    def context_length(self) -> int:
        return self.pos_emb.num_embeddings

    def hidden_rows(self, tokens: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Final hidden states `[rows, emb_dim]` of `tokens` `[rows]` standing at `positions` `[rows]`."""
        rows = self.drop_emb(self.tok_emb(tokens) + self.pos_emb(positions))
        for block in self.trf_blocks:
            rows = block(rows, attend)
        return self.final_norm(rows)

    def forward(self, in_idx: Tensor) -> Tensor:
        """All logits `[batch, length, vocab]` of a padded batch `[batch, length]`."""
        batch, length = in_idx.shape
        positions = torch.arange(length, device=in_idx.device).repeat(batch)
        dropout = self.drop_emb.p if self.training else 0.0
        rows = self.hidden_rows(in_idx.flatten(), positions, padded_attention(batch, dropout))
        return self.out_head(rows).unflatten(0, (batch, length))


def padded_attention(batch: int, dropout: float = 0.0) -> Attend:
    """Causal attention over rows that are a padded batch, `[batch * length, heads, head_dim]`."""

    def attend(_layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        # [batch * length, heads, head_dim] -> [batch, heads, length, head_dim]
        query, key, value = (rows.unflatten(0, (batch, -1)).transpose(1, 2) for rows in (query, key, value))
        context = F.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropout)
        return context.transpose(1, 2).flatten(0, 1)

    return attend


def causal_mask(context_length: int) -> Tensor:
    """The book's mask buffer, `[context, context]`: ones above the diagonal."""
    return torch.triu(torch.ones(context_length, context_length), diagonal=1)

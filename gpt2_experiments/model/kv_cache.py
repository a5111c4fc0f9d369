"""Prefill and decode on a preallocated cache of keys and values.

Rows of a batch stand at their own positions from 0, so nothing is padded on the left.
"""

import math
import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from gpt2_experiments.devices.graphs import CudaGraphs
from gpt2_experiments.devices.memory import free_memory_bytes
from gpt2_experiments.devices.ranks import is_shared_out
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.prefix_tree import PrefixTree, to_device, tree_attention

MAX_BATCH_ROWS = 128  # the matrix products of a step are efficient from about 100 rows on
CACHE_SHARE = 0.5  # of the free memory
ATTENDED_TOGETHER = 32  # rows: attention reads the cache as far as the longest of them
# What the shapes of CUDA graphs are rounded up to: powers of two, at least so many rows; multiples of so many tokens.
SMALLEST_GRAPH_ROWS, GRAPH_LENGTHS = 16, 64

# decode(sequences): logits after each sequence, [sequences, vocab]
Decode = Callable[[Sequence[Sequence[int]]], Tensor]


@dataclass(frozen=True)
class KVCache:
    """Keys and values of all layers, each `[layers, rows, heads, capacity, head_dim]`."""

    keys: Tensor
    values: Tensor

    @classmethod
    def empty(cls, model: GPTModel, rows: int, capacity: int) -> "KVCache":
        """Room for `rows` sequences of `capacity` tokens at least, in the model's type and on its device."""
        weight = model.tok_emb.weight
        heads = model.cfg["n_heads"]
        if weight.is_cuda:  # the lengths that graphs read are then whole multiples, which is what kernels want
            capacity = GRAPH_LENGTHS * math.ceil(capacity / GRAPH_LENGTHS)
        shape = (model.cfg["n_layers"], rows, heads, capacity, weight.shape[1] // heads)
        return cls(_lazy_zeros(shape, weight), _lazy_zeros(shape, weight))

    @property
    def rows(self) -> int:
        return self.keys.shape[1]

    @property
    def capacity(self) -> int:
        """Tokens that a row has room for."""
        return self.keys.shape[3]

    def move_row(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` tokens of row `source` over row `target`."""
        for cached in (self.keys, self.values):
            cached[:, target, :, :length] = cached[:, source, :, :length]


def _lazy_zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Zeros of the type and on the device of `like`: a masked position counts for nothing only if it is finite.

    On a CPU they are the system's own pages, which take memory when they are used; `torch.zeros` writes all of them,
    2.8 GB for 110 responses of up to 256 tokens and the 124M model, of which 20 tokens each may be used. NumPy's zeros
    are in pages of 2 MB on Linux: a prefill that was the first to use them took twice as long.
    """
    if like.device.type != "cpu" or 0 in shape:
        return _zeros(shape, like)
    pages = mmap.mmap(-1, math.prod(shape) * like.element_size())
    return torch.frombuffer(pages, dtype=like.dtype).view(shape)


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Not `like.new_zeros`, which is shared out among ranks where `like` is."""
    return torch.zeros(shape, dtype=like.dtype, device=like.device)


def affordable_rows(model: GPTModel, capacity: int) -> int:
    """Rows of a cache of `capacity` tokens that fit in half of the free memory, from 1 to 128."""
    weight = model.tok_emb.weight
    row_bytes = 2 * model.cfg["n_layers"] * weight.shape[1] * capacity * weight.element_size()
    free = free_memory_bytes(weight.device)
    return max(1, min(MAX_BATCH_ROWS, int(CACHE_SHARE * free / max(row_bytes, 1))))


def prefill(model: GPTModel, cache: KVCache, first_row: int, prompts: Sequence[Sequence[int]]) -> Tensor:
    """Compute the prompts as a prefix tree into the cache's rows from `first_row` on.

    Returns:
        Logits after each prompt's last token, `[prompts, vocab]`.
    """
    device = model.device
    tree = PrefixTree.of(prompts).to(device)
    batch, longest = tree.node_of.shape
    attend_in_tree = tree_attention(tree)

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        for cached, rows in ((cache.keys, key), (cache.values, value)):
            # [nodes, heads, head_dim] -> [batch, heads, longest, head_dim]
            in_rows = rows.index_select(0, tree.node_of.flatten()).unflatten(0, (batch, longest)).transpose(1, 2)
            cached[layer, first_row : first_row + batch, :, :longest] = in_rows
        return attend_in_tree(layer, query, key, value)

    hidden = model.hidden_rows(tree.tokens, tree.positions, attend)
    ends = torch.tensor([len(prompt) - 1 for prompt in prompts], device=device)
    return model.out_head(hidden[tree.node_of[torch.arange(batch, device=device), ends]])


def decoder(model: GPTModel, cache: KVCache) -> Decode:
    """`decode` as the model's device does it best."""
    weight = model.tok_emb.weight
    if weight.is_cuda and not is_shared_out(weight):
        return GraphedDecode(model, cache)
    return partial(decode, model, cache)


def decode(model: GPTModel, cache: KVCache, sequences: Sequence[Sequence[int]]) -> Tensor:
    """Compute the last token of each sequence, whose other tokens are in the cache's first rows, and cache it.

    Returns:
        Logits after each sequence, `[sequences, vocab]`.
    """
    device = model.device
    lengths = [len(sequence) for sequence in sequences]
    tokens = torch.tensor([sequence[-1] for sequence in sequences], device=device)
    positions = torch.tensor(lengths, device=device) - 1
    rows = torch.arange(len(sequences), device=device)
    groups = _groups(lengths, cache.keys.dtype, device)

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        keys[rows, :, positions], values[rows, :, positions] = key.to(keys.dtype), value.to(values.dtype)
        query = query.to(keys.dtype).unsqueeze(2)  # one query a row: [rows, heads, 1, head_dim]
        contexts = [
            F.scaled_dot_product_attention(
                query[part], keys[part, :, :longest], values[part, :, :longest], attn_mask=mask
            )
            for part, longest, mask in groups
        ]
        return torch.cat(contexts).squeeze(2)

    return model.out_head(model.hidden_rows(tokens, positions, attend))


def _groups(lengths: Sequence[int], dtype: torch.dtype, device: torch.device) -> list[tuple[slice, int, Tensor | None]]:
    """Rows that are attended together, the length of the longest of them, and the mask of what the others lack."""
    groups: list[tuple[slice, int, Tensor | None]] = []
    for start in range(0, len(lengths), ATTENDED_TOGETHER):
        part = slice(start, min(start + ATTENDED_TOGETHER, len(lengths)))
        longest = max(lengths[part])
        mask = None
        if min(lengths[part]) < longest:
            past_end = torch.arange(longest, device=device) >= torch.tensor(lengths[part], device=device).unsqueeze(1)
            mask = torch.zeros(past_end.shape, dtype=dtype, device=device).masked_fill(past_end, -torch.inf)
            mask = mask[:, None, None]  # [rows, 1 head, 1 query, longest]
        groups.append((part, longest, mask))
    return groups


class GraphedDecode:
    """`decode` in CUDA graphs: a step is hundreds of small kernels, which take the host longer than the device.

    A graph's shapes are fixed. There is one for each number of rows and each length that the sequences come to, both
    rounded up: what is computed beyond is masked, or goes into rows of the cache that nothing reads. On a device
    without graphs a step's operations run one by one. The idea is that of gpt-fast's decoding.
    """

    def __init__(self, model: GPTModel, cache: KVCache):
        self._model, self._cache = model, cache
        self._inputs = torch.zeros(2, cache.rows, dtype=torch.long, device=model.device)  # tokens, positions
        self._graphs = CudaGraphs() if model.device.type == "cuda" else None

    def __call__(self, sequences: Sequence[Sequence[int]]) -> Tensor:
        """As `decode`; the next call may overwrite the logits."""
        tokens = [sequence[-1] for sequence in sequences]
        positions = [len(sequence) - 1 for sequence in sequences]
        n_rows = min(self._cache.rows, max(SMALLEST_GRAPH_ROWS, 2 ** (len(sequences) - 1).bit_length()))
        length = min(self._cache.capacity, GRAPH_LENGTHS * math.ceil((max(positions) + 1) / GRAPH_LENGTHS))
        unused = [0] * (n_rows - len(sequences))
        inputs = torch.tensor([tokens + unused, positions + unused])
        self._inputs[:, :n_rows].copy_(to_device(inputs, self._inputs.device))
        step = partial(self._step, n_rows, length)
        logits = self._graphs.run((n_rows, length), step) if self._graphs else step()
        return logits[: len(sequences)]

    def _step(self, n_rows: int, length: int) -> Tensor:
        """Logits `[n_rows, vocab]` after the tokens in `_inputs`, the last ones of sequences of at most `length`."""
        tokens, positions = self._inputs[:, :n_rows].unbind()
        rows = torch.arange(n_rows, device=positions.device)
        beyond = torch.arange(length, device=positions.device) > positions.unsqueeze(1)  # [rows, length]
        mask = torch.zeros(beyond.shape, dtype=self._cache.keys.dtype, device=positions.device)
        mask = mask.masked_fill(beyond, -torch.inf)[:, None, None]  # [rows, 1 head, 1 query, length]

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys, values = self._cache.keys[layer, :n_rows], self._cache.values[layer, :n_rows]
            keys[rows, :, positions], values[rows, :, positions] = key.to(keys.dtype), value.to(values.dtype)
            query = query.to(keys.dtype).unsqueeze(2)  # one query a row: [rows, heads, 1, head_dim]
            return attend_one(query, keys[:, :, :length], values[:, :, :length], mask).squeeze(2)

        return self._model.out_head(self._model.hidden_rows(tokens, positions, attend))


def attend_one(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Attention of one query a row, `[rows, heads, 1, head_dim]`.

    In float32 by plain products: PyTorch's kernels for that type compute 64 queries for the one. For 110 rows of 384
    tokens and 16 heads they take 381 us on an H100, the products 267.
    """
    if query.dtype != torch.float32:
        return F.scaled_dot_product_attention(query, keys, values, attn_mask=mask)
    scores = (query * query.shape[-1] ** -0.5) @ keys.transpose(2, 3) + mask
    return scores.softmax(dim=-1) @ values

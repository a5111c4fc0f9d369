"""Generation: prefill and decode on a preallocated cache, many prompts of different lengths together.

Rows of a batch stand at their own positions from 0, so nothing is padded on the left. A finished row leaves the batch
at once and waiting prompts take the free rows. Greedy results are those of the plain way (a forward pass over the whole
sequence for each new token) to rounding.
"""

import math
import mmap
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import psutil
import torch
import torch.nn.functional as F
from torch import Tensor

from gpt2_experiments.model.gpt import GPTModel, padded_attention
from gpt2_experiments.model.prefix_tree import PrefixTree, tree_attention

PREFILL_ROWS = 32  # prompts prefilled together; beyond that a tree shares little more and activations only grow
MAX_BATCH_ROWS = 128  # the matrix products of a step are efficient from about 100 rows on
REFILL_BELOW = 0.75  # share of rows in use under which waiting prompts enter: prefilling one by one is slow
ATTENDED_TOGETHER = 32  # rows: attention reads the cache as far as the longest of them
WINDOW_ROWS = 8  # rows whose window slides that are computed together, a whole context each
SMALLEST_TEMPERATURE = 1e-30  # a float32, by which nothing becomes NaN; only the likeliest is drawn
CACHE_SHARE = 0.5  # of the free memory


Event = tuple[int, int | None]  # the number of a prompt and its next token; None: it has ended


@dataclass(frozen=True)
class KVCache:
    """Keys and values of all layers, each `[layers, rows, heads, capacity, head_dim]`."""

    keys: Tensor
    values: Tensor

    @classmethod
    def empty(cls, model: GPTModel, rows: int, capacity: int) -> "KVCache":
        """Room for `rows` sequences of `capacity` tokens, in the model's type and on its device."""
        weight = model.tok_emb.weight
        heads = model.cfg["n_heads"]
        shape = (model.cfg["n_layers"], rows, heads, capacity, weight.shape[1] // heads)
        return cls(_lazy_zeros(shape, weight), _lazy_zeros(shape, weight))

    def move_row(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` tokens of row `source` over row `target`."""
        for cached in (self.keys, self.values):
            cached[:, target, :, :length] = cached[:, source, :, :length]


@dataclass(eq=False)
class Row:
    """A sequence being generated."""

    prompt: int  # its number among the prompts
    tokens: list[int]  # prompt and new tokens
    new: list[int] = field(default_factory=list)

    def append(self, token: int) -> None:
        self.tokens.append(token)
        self.new.append(token)


class Sampling(NamedTuple):
    """How the next token is chosen: the likeliest where the temperature is 0, else drawn.

    Each prompt has random numbers of its own, so that what it becomes does not hang on what it is computed with.
    """

    temperature: float = 0.0
    top_k: int | None = None  # drawn among the so many likeliest
    top_p: float | None = None  # and among the fewest likeliest that have this probability together
    seed: int = 0


GREEDY = Sampling()


def complete(
    model: GPTModel,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    eos_id: int | None,
    batch_rows: int | None = None,
    sampling: Sampling = GREEDY,
) -> Iterator[tuple[int, list[int]]]:
    """Continue all prompts; yield `(number of the prompt, new tokens)` as each one finishes. As `stream` does it."""
    new: list[list[int]] = [[] for _ in prompts]
    for number, token in stream(model, prompts, max_new_tokens, eos_id, batch_rows, sampling):
        if token is None:
            yield number, new[number]
        else:
            new[number].append(token)


@torch.no_grad()
def stream(
    model: GPTModel,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    eos_id: int | None,
    batch_rows: int | None = None,
    sampling: Sampling = GREEDY,
) -> Iterator[Event]:
    """Continue all prompts together; yield `(number of the prompt, its next token)`, and `(number, None)` at its end.

    A sequence ends before `eos_id` or with `max_new_tokens` tokens. One that outgrows the model's context is continued
    from its last `context_length` tokens, computed anew for each token, as the plain way does.

    Args:
        batch_rows: sequences computed together; by default as many as half the free memory holds, at most 128.
    """
    # Longest first: rows that are attended together are then of about one length.
    numbers = sorted(range(len(prompts)), key=lambda number: len(prompts[number]), reverse=True)
    rows = [Row(number, list(prompts[number])) for number in numbers]
    if max_new_tokens == 0:
        yield from ((row.prompt, None) for row in rows)
        return
    choose = _Choice(model.device, sampling)
    waiting = deque(row for row in rows if len(row.tokens) <= model.context_length)
    outgrown = [row for row in rows if len(row.tokens) > model.context_length]
    capacity = min(model.context_length, max((len(row.tokens) for row in waiting), default=0) + max_new_tokens)
    n_rows = min(len(waiting), batch_rows or affordable_rows(model, capacity))
    cache = KVCache.empty(model, n_rows, capacity)
    active: list[Row] = []
    filling = False
    while waiting or active:
        filling = bool(waiting) and len(active) < (n_rows if filling else REFILL_BELOW * n_rows)
        if filling:
            entering = [waiting.popleft() for _ in range(min(n_rows - len(active), len(waiting), PREFILL_ROWS))]
            logits = prefill(model, cache, len(active), [row.tokens for row in entering])
            first, active = len(active), active + entering
        else:
            first, logits = 0, decode(model, cache, [row.tokens for row in active])
        chosen = list(zip(active[first:], choose(logits, active[first:]), strict=True))
        finished = [row for row, token in chosen if not _goes_on(row, token, max_new_tokens, eos_id)]
        yield from _events(chosen, finished, eos_id)
        outgrown += [row for row in active if row not in finished and len(row.tokens) > capacity]
        _leave(cache, active, [row for row in active if row in finished or row in outgrown])
    yield from _continue_outgrown(model, outgrown, max_new_tokens, eos_id, choose)


def _events(chosen: Sequence[tuple[Row, int]], finished: Sequence[Row], eos_id: int | None) -> Iterator[Event]:
    """What a step adds to its rows, and which of them it ends."""
    yield from ((row.prompt, token) for row, token in chosen if token != eos_id)
    yield from ((row.prompt, None) for row in finished)


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
    if weight.device.type == "cuda":
        reusable = torch.cuda.memory_reserved(weight.device) - torch.cuda.memory_allocated(weight.device)
        free = torch.cuda.mem_get_info(weight.device)[0] + reusable
    else:
        free = psutil.virtual_memory().available
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


def likeliest(logits: Tensor) -> Tensor:
    """The likeliest token of each row of `logits` `[rows, vocab]`, the first of several alike.

    `max` takes a third of the time of `argmax` on a CPU, for the same result.
    """
    return logits.max(dim=-1).indices


def _goes_on(row: Row, token: int, max_new_tokens: int, eos_id: int | None) -> bool:
    """Append `token` unless it ends the row; whether the row wants more."""
    if token == eos_id:
        return False
    row.append(token)
    return len(row.new) < max_new_tokens


def _leave(cache: KVCache, active: list[Row], leaving: list[Row]) -> None:
    """Take rows out of the batch: the last row moves into each gap, so that rows in use stay the first ones."""
    for row in leaving:
        gap = active.index(row)
        last = active.pop()
        if last is not row:
            cache.move_row(len(active), gap, len(last.tokens))
            active[gap] = last


def _continue_outgrown(
    model: GPTModel, rows: list[Row], max_new_tokens: int, eos_id: int | None, choose: "_Choice"
) -> Iterator[Event]:
    """Continue sequences longer than the context: each token shifts all positions, so that no cache can help."""
    for start in range(0, len(rows), WINDOW_ROWS):
        active = rows[start : start + WINDOW_ROWS]
        while active:
            windows = [row.tokens[-model.context_length :] for row in active]
            logits = last_logits(model, torch.tensor(windows, device=model.device))
            chosen = list(zip(active, choose(logits, active), strict=True))
            finished = [row for row, token in chosen if not _goes_on(row, token, max_new_tokens, eos_id)]
            yield from _events(chosen, finished, eos_id)
            active = [row for row in active if row not in finished]


class _Choice:
    """Chooses next tokens; each prompt's random numbers are its own."""

    def __init__(self, device: torch.device, sampling: Sampling):
        self._device, self._sampling = device, sampling
        self._generators: dict[int, torch.Generator] = {}

    def __call__(self, logits: Tensor, rows: Sequence[Row]) -> list[int]:
        """The next token of each row, whose `logits` are `[rows, vocab]`."""
        temperature, top_k, top_p, _ = self._sampling
        if temperature == 0:
            return likeliest(logits).tolist()
        probabilities = token_probabilities(logits, temperature, top_k, top_p)
        return [
            int(torch.multinomial(row_probabilities, 1, generator=self._generator(row.prompt)))
            for row_probabilities, row in zip(probabilities, rows, strict=True)
        ]

    def _generator(self, prompt: int) -> torch.Generator:
        if prompt not in self._generators:
            generator = torch.Generator(self._device)
            self._generators[prompt] = generator.manual_seed(self._sampling.seed + prompt)
        return self._generators[prompt]


def last_logits(model: GPTModel, tokens: Tensor) -> Tensor:
    """Logits `[batch, vocab]` after sequences of one length, `[batch, length]`."""
    batch, length = tokens.shape
    positions = torch.arange(length, device=tokens.device).repeat(batch)
    hidden = model.hidden_rows(tokens.flatten(), positions, padded_attention(batch))
    return model.out_head(hidden.unflatten(0, (batch, length))[:, -1])


@torch.no_grad()
def generate(
    model: GPTModel,
    idx: Tensor,
    max_new_tokens: int,
    context_size: int,
    temperature: float = 0.0,
    top_k: int | None = None,
    eos_id: int | None = None,
) -> Tensor:
    """The book's `generate`: `idx` `[batch, length]` with up to `max_new_tokens` more columns.

    Generation ends before `eos_id` when all rows have come to it; rows that came to it earlier are filled with it.

    Raises ValueError for a negative temperature, which would sample the least likely tokens.
    """
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    ended = torch.zeros(len(idx), dtype=torch.bool, device=idx.device)
    cache = KVCache.empty(model, len(idx), min(context_size, idx.shape[1] + max_new_tokens))
    for step in range(max_new_tokens):
        if idx.shape[1] > context_size:
            logits = last_logits(model, idx[:, -context_size:])
        elif step == 0:
            logits = prefill(model, cache, 0, idx.tolist())
        else:
            logits = decode(model, cache, idx.tolist())
        token = choose_tokens(logits, temperature, top_k)
        if eos_id is not None:
            ended |= token == eos_id
            if ended.all():
                break
            token = token.masked_fill(ended, eos_id)
        idx = torch.cat((idx, token.unsqueeze(1)), dim=1)
    return idx


def choose_tokens(logits: Tensor, temperature: float, top_k: int | None) -> Tensor:
    """Next tokens `[batch]`: the likeliest (temperature 0), or sampled among the `top_k` likeliest."""
    if temperature == 0:
        return likeliest(logits)
    return torch.multinomial(token_probabilities(logits, temperature, top_k), num_samples=1).squeeze(1)


def token_probabilities(logits: Tensor, temperature: float, top_k: int | None, top_p: float | None = None) -> Tensor:
    """The probabilities `[batch, vocab]` that a next token is drawn with.

    Args:
        logits: `[batch, vocab]`.
        temperature: Above 0; they are divided by it, by 1e-30 at the least.
        top_k: Only the so many likeliest can be drawn.
        top_p: Only the fewest likeliest that have this probability together (Holtzman et al. 2020, arXiv:1904.09751).
    """
    if top_k is not None:
        least = logits.topk(min(top_k, logits.shape[-1])).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    logits = logits - logits.amax(dim=-1, keepdim=True)  # so that none overflows
    probabilities = torch.softmax(logits / max(temperature, SMALLEST_TEMPERATURE), dim=-1)
    if top_p is None:
        return probabilities
    ordered, tokens = probabilities.sort(dim=-1, descending=True)
    beyond = ordered.cumsum(dim=-1) - ordered >= top_p  # what the likelier ones have suffices
    beyond[:, 0] = False
    kept = torch.zeros_like(probabilities).scatter(-1, tokens, ordered.masked_fill(beyond, 0))
    return kept / kept.sum(dim=-1, keepdim=True)

"""Generation: many prompts of different lengths together, on a preallocated cache.

A finished row leaves the batch at once and waiting prompts take the free rows. Greedy results are those of the plain
way (a forward pass over the whole sequence for each new token) to rounding.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from gpt2_experiments.model.gpt import GPTModel, padded_attention
from gpt2_experiments.model.kv_cache import KVCache, affordable_rows, decode, decoder, prefill

PREFILL_ROWS = 32  # prompts prefilled together; beyond that a tree shares little more and activations only grow
REFILL_BELOW = 0.75  # share of rows in use under which waiting prompts enter: prefilling one by one is slow
WINDOW_ROWS = 8  # rows whose window slides that are computed together, a whole context each
SMALLEST_TEMPERATURE = 1e-30  # a float32, by which nothing becomes NaN; only the likeliest is drawn


Event = tuple[int, int | None]  # the number of a prompt and its next token; None: it has ended


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
    decode_step = decoder(model, cache)
    active: list[Row] = []
    filling = False
    while waiting or active:
        filling = bool(waiting) and len(active) < (n_rows if filling else REFILL_BELOW * n_rows)
        if filling:
            entering = [waiting.popleft() for _ in range(min(n_rows - len(active), len(waiting), PREFILL_ROWS))]
            logits = prefill(model, cache, len(active), [row.tokens for row in entering])
            first, active = len(active), active + entering
        else:
            first, logits = 0, decode_step([row.tokens for row in active])
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

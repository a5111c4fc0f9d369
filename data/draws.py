"""Values that are drawn: their types, and what is done with them before they stand in an entry."""

import random
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

P = ParamSpec("P")

Values = dict[str, object]
Draw = Callable[[random.Random], Values]
Bounds = tuple[int, int]  # smallest and largest number that may be drawn


def drawn(function: Callable[Concatenate[random.Random, P], Values]) -> Callable[P, Draw]:
    """Let a function take its settings now and the random generator later."""

    @wraps(function)
    def with_settings(*settings: P.args, **named: P.kwargs) -> Draw:
        return lambda rng: function(rng, *settings, **named)

    return with_settings


def out_of_order(items: Sequence[object], rng: random.Random) -> list[object]:
    """Shuffle the items into any order but the given one."""
    shuffled = list(items)
    while shuffled == list(items):
        rng.shuffle(shuffled)
    return shuffled


def joined(items: Sequence[object], last: str = ", ") -> str:
    """Join the items with commas, the last one with `last`."""
    texts = [str(item) for item in items]
    return last.join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]

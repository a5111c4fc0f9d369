"""The ranks of a run: processes that compute it together, each on a device of its own, started by PyTorch's `torchrun`.

All ranks run the same code on the same entries, with the same seeds, in the same order; where they differ stands here.
They share what a step computes and add up its gradients, so that their weights stay the same to the bit. Rank 0 alone
prints and writes. Without torchrun there is one rank, and nothing here does anything.
"""

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, NamedTuple, NoReturn, ParamSpec, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from gpt2_experiments.shared.commands import GO_ON, heeded_signals
from gpt2_experiments.shared.errors import Stopped, UserError

P = ParamSpec("P")
T = TypeVar("T")

# The environment variables that torchrun sets.
LAUNCHED = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}
LONGEST_WAIT = timedelta(hours=6)  # of ranks for one that downloads, say; torchrun ends all when one ends
LAST_WORDS = 5.0  # seconds in which a rank that lives has left word that it leaves
SENT_ALONE = 2**21  # elements: smaller gradients are sent together


class _Ranks(NamedTuple):
    """This process among those of its run."""

    rank: int
    number: int  # of all
    store: dist.Store | None  # torchrun's, which all ranks read and write; None: there is one rank


_ALONE = _Ranks(0, 1, None)
_here = _ALONE


def count() -> int:
    """How many ranks compute this run."""
    return _here.number


def is_first() -> bool:
    """Whether this is rank 0, which prints and writes; where there is one rank it is that."""
    return _here.rank == 0


def local_count() -> int:
    """How many of them are on this machine."""
    return int(os.environ["LOCAL_WORLD_SIZE"]) if count() > 1 else 1


@contextlib.contextmanager
def joined() -> Iterator[None]:
    """Within it this process is one of the ranks that torchrun has started, if it has.

    The others' standard output and error go nowhere. What ends one of them ends all, and is said once: by rank 0 where
    it has the same to say, else by the rank that it has happened to.
    """
    global _here
    if not os.environ.keys() >= LAUNCHED:
        yield
        return
    store, rank, n_ranks = next(iter(dist.rendezvous("env://")))
    _here = _Ranks(rank, n_ranks, store)
    backend = "gloo"
    if torch.cuda.is_available():
        backend = "cpu:gloo,cuda:nccl"
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group(backend, store=store, rank=rank, world_size=n_ranks, timeout=LONGEST_WAIT)
    try:
        with contextlib.nullcontext() if is_first() else _silence():
            yield
    except BaseException as error:
        _end(error)
    else:
        dist.destroy_process_group()
    finally:
        _here = _ALONE


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Within it what is printed goes nowhere."""
    with (
        open(os.devnull, "w", encoding="utf-8", errors="backslashreplace") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def _end(error: BaseException) -> NoReturn:
    """Leave with the error, if it is this rank's to say; else without a word."""
    for number in heeded_signals():
        signal.signal(number, signal.SIG_IGN)  # torchrun sends one when a rank has ended
    rank, n_ranks, store = _here
    assert store is not None
    place = f"rank {rank} of {n_ranks}"
    try:
        store.set(f"left {rank}", "")
        if _is_lost_connection(error):
            raise _lost_connection(error, store) from error
        store.set(f"told {rank}", "")
        is_told = not is_first() and _has(store, "told 0")
    except dist.DistError:
        raise UserError(f"{place}: the machine that the ranks meet on is gone; {GO_ON}") from error
    if is_first() or isinstance(error, SystemExit):
        raise error
    if is_told or isinstance(error, KeyboardInterrupt | Stopped):
        raise SystemExit(1) from None
    if isinstance(error, UserError):
        raise type(error)(*(f"{place}: {message}" for message in error.messages)) from error
    raise error


def _lost_connection(error: BaseException, store: dist.Store) -> BaseException:
    """What a rank that has lost the others leaves with: one of those that live says who is gone."""
    n_ranks = count()
    gone = [rank for rank in range(n_ranks) if not _has(store, f"left {rank}")]
    if any(store.check([f"told {rank}"]) for rank in range(n_ranks)) or store.add("tells who is gone", 1) > 1:
        return SystemExit(1)
    if not gone:  # all are there: it is the network, or the library
        return error
    names = ", ".join(map(str, gone))
    return UserError(f"rank {names} of {n_ranks}: killed, or its machine or connection is gone; {GO_ON}")


def _is_lost_connection(error: BaseException) -> bool:
    """Whether an error says that another rank was not there; gloo has no class of its own for it."""
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


def _has(store: dist.Store, key: str) -> bool:
    """Whether the store gets `key` soon."""
    end = time.monotonic() + LAST_WORDS
    while not store.check([key]):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


# What rank 0 does


def first_only(function: Callable[P, T]) -> Callable[P, T | None]:
    """On the other ranks the function does nothing and returns None."""

    @wraps(function)
    def on_first(*args: P.args, **kwargs: P.kwargs) -> T | None:
        return function(*args, **kwargs) if is_first() else None

    return on_first


def leave_to_first() -> None:
    """Of an error that all ranks have, rank 0 tells; the others leave here."""
    if not is_first():
        raise SystemExit(1)


@contextlib.contextmanager
def first_before_others() -> Iterator[None]:
    """Within it rank 0 is done before the others begin, and so they find what it has downloaded, made or repaired."""
    if not is_first():
        _barrier()
    yield
    if is_first():
        _barrier()


def _barrier() -> None:
    if count() > 1:
        from_first(None)


def from_first(value: T) -> T:
    """Rank 0's value, which is plain data."""
    if count() == 1:
        return value
    values: list[Any] = [value]
    dist.broadcast_object_list(values, src=0, device=torch.device("cpu"))
    return values[0]


# What all ranks share


def own_part(size: int) -> slice:
    """Which of `size` items are this rank's: parts of about equal size, in the order of the ranks."""
    rank, n_ranks, _ = _here
    return slice(size * rank // n_ranks, size * (rank + 1) // n_ranks)


def largest_part(size: int) -> int:
    """How many of `size` items a rank has at most."""
    return math.ceil(size / count())


def add_up(*tensors: Tensor) -> None:
    """Put the sum of the ranks' tensors in the place of each of them."""
    if count() > 1:
        for tensor in tensors:
            dist.all_reduce(tensor)


def add_up_gradients(parameters: Iterable[torch.nn.Parameter]) -> None:
    """Put the sum of the ranks' gradients in the place of each; the same ones are there on all ranks.

    Small ones go as one tensor: of GPT-2 medium's 390 tensors all but 98 are vectors.
    """
    if count() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    gradients = [gradient for gradient in gradients if not is_shared_out(gradient)]  # those are added up already
    small = [gradient for gradient in gradients if gradient.numel() < SENT_ALONE]
    add_up(*(gradient for gradient in gradients if gradient.numel() >= SENT_ALONE))
    if small:
        together = torch.cat([gradient.flatten() for gradient in small])
        add_up(together)
        for gradient, total in zip(small, together.split([gradient.numel() for gradient in small]), strict=True):
            gradient.copy_(total.view_as(gradient))


def is_shared_out(tensor: Tensor) -> bool:
    """Whether each rank has a part of the tensor, a `DTensor`; its class takes a second to import."""
    return hasattr(tensor, "full_tensor")


def largest(*numbers: int) -> list[int]:
    """Of each number the largest that a rank has."""
    agreed = torch.tensor(numbers)
    if count() > 1:
        dist.all_reduce(agreed, dist.ReduceOp.MAX)
    return agreed.tolist()


def shared_out(items: Sequence[T], name: str) -> Iterator[T]:
    """The items that this rank gets; each goes to the next rank that is free. `name`: of what is shared, once a run."""
    store = _here.store
    if store is None or count() == 1:
        yield from items
        return
    while (taken := store.add(f"{name} taken", 1)) <= len(items):
        yield items[taken - 1]


def gathered(value: T) -> list[T]:
    """The value of each rank, plain data, in the order of the ranks."""
    if count() == 1:
        return [value]
    values: list[Any] = [None] * count()
    dist.all_gather_object(values, value)
    return values

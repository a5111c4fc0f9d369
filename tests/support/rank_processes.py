"""Experiments on several ranks, in processes forked from one that has imported everything, as torchrun starts them."""

import contextlib
import hashlib
import multiprocessing
import os
import socket
from collections.abc import Callable
from typing import Any

import exercise_experiments
from gpt2_experiments.devices import ranks
from gpt2_experiments.experiment import stages, training
from gpt2_experiments.model import kv_cache

LIMIT = 240  # seconds, in which all ranks have ended
PROCESSES = multiprocessing.get_context("forkserver")
SMALL_MODELS_LARGE_GRADIENT = 500  # elements: a small model's matrices are stepped in backward, its vectors not


def run_on_ranks(n_ranks: int, jobs: list[list[str]]) -> list[list[str]]:
    """Run the experiments of these command lines, one after the other, on so many ranks.

    Returns, for each rank, the digest of its weights after the training of each job.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    results = PROCESSES.SimpleQueue()
    processes = [
        PROCESSES.Process(target=_be_rank, args=(rank, n_ranks, port, jobs, results)) for rank in range(n_ranks)
    ]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join(LIMIT)
        assert [process.exitcode for process in processes] == [0] * n_ranks
        return [digests for _, digests in sorted(results.get() for _ in processes)]
    finally:
        for process in processes:
            process.kill()


def _be_rank(rank: int, n_ranks: int, port: int, jobs: list[list[str]], results: Any) -> None:
    os.environ |= {
        "RANK": str(rank), "WORLD_SIZE": str(n_ranks), "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": str(n_ranks),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    stages.SMALLEST_BLOCK = 2
    kv_cache._lazy_zeros = kv_cache._zeros  # as on a GPU
    training.LARGE_GRADIENT = ranks.SENT_ALONE = SMALL_MODELS_LARGE_GRADIENT
    digests: list[str] = []
    exercise_experiments.train = _with_digest(exercise_experiments.train, digests)
    with ranks.joined():
        ranks.joined = contextlib.nullcontext
        for arguments in jobs:
            exercise_experiments.main(arguments)
    results.put((rank, digests))


def _with_digest(train: Callable[..., Any], digests: list[str]) -> Callable[..., Any]:
    """The function that trains, noting what it makes of the model."""

    def noted(model: Any, *arguments: Any) -> Any:
        state = train(model, *arguments)
        digest = hashlib.sha256()
        for tensor in model.state_dict().values():
            tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
            digest.update(tensor.numpy().tobytes())
        digests.append(digest.hexdigest())
        return state

    return noted

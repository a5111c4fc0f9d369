"""CUDA graphs: computations of fixed shapes that the host launches at once.

A training step or a decoded token is hundreds or thousands of small kernels, which take the host longer than the GPU.
"""

from collections.abc import Callable, Hashable
from functools import cache

import torch
from torch import Tensor

MOST_GRAPHS = 256  # of one computation: each takes some megabytes; what further keys stand for runs without one


class CudaGraphs:
    """A graph for each key, captured when the key first comes. All use one memory: read a result before the next run.

    A computation reads its inputs from tensors that stay where they are, and waits for nothing. The first one of all
    runs without a graph: libraries and optimizers prepare themselves when they are first used.
    """

    def __init__(self) -> None:
        self._graphs: dict[Hashable, tuple[torch.cuda.CUDAGraph, Tensor]] = {}
        self._pool = torch.cuda.graph_pool_handle()
        self._is_prepared = False

    def run(self, key: Hashable, compute: Callable[[], Tensor]) -> Tensor:
        """What `compute` returns for this key."""
        if not self._is_prepared or (key not in self._graphs and len(self._graphs) == MOST_GRAPHS):
            self._is_prepared = True
            return _beside(compute)
        if key not in self._graphs:
            graph = torch.cuda.CUDAGraph()
            # Other threads may go on using the GPU while this one captures.
            with torch.cuda.graph(graph, pool=self._pool, stream=_stream(), capture_error_mode="thread_local"):
                result = compute()
            self._graphs[key] = graph, result
        graph, result = self._graphs[key]
        graph.replay()
        return result


def _beside(compute: Callable[[], Tensor]) -> Tensor:
    """Compute without a graph, but on the stream that graphs are captured on."""
    here, there = torch.cuda.current_stream(), _stream()
    there.wait_stream(here)
    with torch.cuda.stream(there):
        result = compute()
    here.wait_stream(there)
    return result


@cache
def _stream() -> torch.cuda.Stream:
    """The stream that graphs are captured on: each further one would have a workspace of 32 MB of its own."""
    return torch.cuda.Stream()

"""Training steps and evaluations as CUDA graphs.

They are thousands of kernels, which the host takes several times as long to launch one by one as the GPU to run. A
graph's shapes are fixed, so batches are padded to few of them: with nodes that nothing reads, and pairs that weigh
nothing. Losses and gradients stay those of the batches. On a device without graphs all runs as it stands here.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.graphs import CudaGraphs
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.losses import Batch, count_targets, loss_of_tree, losses_of_tree, tree_and_pairs
from gpt2_experiments.model.prefix_tree import PrefixTree, TargetPairs

# What shapes are rounded up to multiples of: nodes and pairs, and places in sequences. Sixty batches of eight of the
# suite's own entries came in two shapes; capturing one takes as long as a few steps without a graph.
NODES, PLACES = 128, 64
Shape = tuple[int, int, int, int]  # batches, sequences, places, nodes and pairs


class GraphedSteps:
    """Takes training steps with a model and its optimizer, which has to be `capturable`."""

    def __init__(self, model: GPTModel, optimizer: torch.optim.Optimizer):
        self._model, self._optimizer = model, optimizer
        self._padded = PaddedGraphs(model.device, self._step)

    def __call__(self, batch: Batch) -> Tensor:
        """Change the weights by the gradient of the batch's mean loss over its targets (at least one); the loss."""
        return self._padded.run([batch])

    def _step(self, tree: PrefixTree, pairs: TargetPairs) -> Tensor:
        """The step's work on the device."""
        loss = loss_of_tree(tree, pairs, self._model)
        loss.backward()
        self._optimizer.step()
        self._optimizer.zero_grad()
        return loss.detach()


class GraphedLosses:
    """Computes `evaluation_losses` of one model."""

    def __init__(self, model: GPTModel):
        self._padded = PaddedGraphs(model.device, partial(losses_of_tree, model=model))

    def __call__(self, batches: Sequence[Batch], _model: GPTModel) -> Tensor:
        return self._padded.run(batches)


class PaddedGraphs:
    """A computation on trees and pairs, as a graph for each shape that batches come in, rounded up."""

    def __init__(self, device: torch.device, compute: Callable[[PrefixTree, TargetPairs], Tensor]):
        self._device, self._compute = device, compute
        self._graphs = CudaGraphs() if device.type == "cuda" else None
        self._inputs: dict[Shape, tuple[PrefixTree, TargetPairs]] = {}  # on the device, where the graphs read them

    def run(self, batches: Sequence[Batch]) -> Tensor:
        """What is computed of the batches."""
        tree, pairs = tree_and_pairs(batches, [count_targets(batch) for batch in batches])
        size = NODES * math.ceil(max(len(tree.tokens), len(pairs.targets)) / NODES)
        longest = PLACES * math.ceil(tree.node_of.shape[1] / PLACES)
        shape = (len(batches), len(tree.node_of), longest, size)
        self._put(shape, tree.padded(size, longest).to(self._device), pairs.padded(size).to(self._device))
        compute = partial(self._compute, *self._inputs[shape])
        return self._graphs.run(shape, compute).clone() if self._graphs else compute()

    def _put(self, shape: Shape, tree: PrefixTree, pairs: TargetPairs) -> None:
        """Bring trees and pairs to where the graph of their shape reads them."""
        for there, new in zip(self._inputs.setdefault(shape, (tree, pairs)), (tree, pairs), strict=True):
            for name, tensor in vars(new).items():
                getattr(there, name).copy_(tensor)


def can_graph(model: GPTModel, optimizer: torch.optim.Optimizer, micro_batch_size: int | None) -> bool:
    """Whether training steps can be graphs: on CUDA, on one rank, of whole batches, without dropout."""
    is_capturable = all(group.get("capturable") for group in optimizer.param_groups)
    is_alone = ranks.count() == 1 and micro_batch_size is None
    return model.device.type == "cuda" and is_capturable and is_alone and model.drop_emb.p == 0

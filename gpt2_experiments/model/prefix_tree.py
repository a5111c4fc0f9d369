"""Batches as trees of their distinct prefixes.

The sequences of a batch share beginnings (a prompt's fixed preamble above all). In a causal model everything computed
at a token, attention included, depends on the token's prefix alone (dropout aside), so a prefix that several sequences
share needs computing once. A `PrefixTree` has one node for each distinct prefix, and the model gets one row a node: no
padding, no repetition. Only attention sees whole sequences: it gathers nodes back into `[batch, longest]`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gpt2_experiments.model.gpt import Attend


@dataclass(frozen=True)
class PrefixTree:
    """The distinct prefixes of a batch of token sequences; a node stands for a prefix and holds its last token."""

    tokens: Tensor  # [nodes]
    positions: Tensor  # [nodes] of the token in its sequences, from 0
    node_of: Tensor  # [batch, longest] node of each token; past a sequence's end node 0, which nothing reads
    occurrence_of: Tensor  # [nodes] where in node_of.flatten() each node first stands

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> "PrefixTree":
        """Build the tree, on the CPU. Nodes are numbered in the order of their first occurrence."""
        longest = max(map(len, sequences), default=0)
        children: dict[tuple[int, int], int] = {}  # (parent node, token) -> node
        tokens: list[int] = []
        positions: list[int] = []
        occurrence_of: list[int] = []
        node_of = torch.zeros(len(sequences), longest, dtype=torch.long)
        for row, sequence in enumerate(sequences):
            path, node = [], -1
            for position, token in enumerate(sequence):
                node = children.setdefault((node, token), len(tokens))
                if node == len(tokens):
                    tokens.append(token)
                    positions.append(position)
                    occurrence_of.append(row * longest + position)
                path.append(node)
            node_of[row, : len(path)] = torch.tensor(path, dtype=torch.long)
        return cls(torch.tensor(tokens), torch.tensor(positions), node_of, torch.tensor(occurrence_of))

    def to(self, device: torch.device) -> "PrefixTree":
        """The tree on `device`."""
        return PrefixTree(*(to_device(tensor, device) for tensor in vars(self).values()))

    def padded(self, n_nodes: int, longest: int) -> "PrefixTree":
        """With so many nodes, and places in sequences; what is new stands for node 0, and nothing reads it."""
        new = (0, n_nodes - len(self.tokens))
        node_of = F.pad(self.node_of, (0, longest - self.node_of.shape[1]))
        rows, columns = self.occurrence_of // self.node_of.shape[1], self.occurrence_of % self.node_of.shape[1]
        return PrefixTree(
            F.pad(self.tokens, new), F.pad(self.positions, new), node_of, F.pad(rows * longest + columns, new)
        )


@dataclass(frozen=True)
class TargetPairs:
    """The distinct (node, target) pairs of one or more batches in a tree, and what each weighs in each batch's mean."""

    nodes: Tensor  # [pairs]
    targets: Tensor  # [pairs]
    weights: Tensor  # [batches, pairs]: occurrences of the pair in the batch / targets of the batch

    @classmethod
    def of(
        cls,
        node_of: Tensor,
        targets: Sequence[Sequence[int]],
        batch_of: Sequence[int],
        counts: Sequence[int],
        ignore_index: int = -100,
    ) -> "TargetPairs":
        """Collect the pairs, on the CPU.

        Args:
            node_of: nodes of the sequences, `[sequences, longest]`.
            targets: a target for each token of each sequence, or `ignore_index`.
            batch_of: the batch each sequence belongs to.
            counts: number of targets that each batch's mean is over.
        """
        pairs: dict[tuple[int, int], int] = {}  # (node, target) -> pair
        batches, counted = [], []  # of each occurrence
        for path, row_targets, batch in zip(node_of.tolist(), targets, batch_of, strict=True):
            for node, target in zip(path, row_targets, strict=False):  # a path is padded to the longest
                if target != ignore_index:
                    batches.append(batch)
                    counted.append(pairs.setdefault((node, target), len(pairs)))
        weights = torch.zeros(len(counts), len(pairs))
        occurrences = (torch.tensor(batches, dtype=torch.long), torch.tensor(counted, dtype=torch.long))
        weights.index_put_(occurrences, torch.ones(len(counted)), accumulate=True)
        nodes, distinct_targets = torch.tensor(list(pairs), dtype=torch.long).reshape(-1, 2).unbind(1)
        return cls(nodes, distinct_targets, weights / torch.tensor(counts).clamp(min=1).unsqueeze(1))

    def to(self, device: torch.device) -> "TargetPairs":
        """The pairs on `device`."""
        return TargetPairs(*(to_device(tensor, device) for tensor in vars(self).values()))

    def padded(self, n_pairs: int) -> "TargetPairs":
        """With so many pairs; the new ones weigh nothing."""
        return TargetPairs(*(F.pad(tensor, (0, n_pairs - tensor.shape[-1])) for tensor in vars(self).values()))


def tree_attention(tree: PrefixTree) -> Attend:
    """Causal attention over the rows of a tree, `[nodes, heads, head_dim]`."""
    batch, longest = tree.node_of.shape
    gather = tree.node_of.flatten()

    def attend(_layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        # [nodes, heads, head_dim] -> [batch, heads, longest, head_dim]; causality hides what is past a sequence's end
        query, key, value = (
            rows.index_select(0, gather).unflatten(0, (batch, longest)).transpose(1, 2) for rows in (query, key, value)
        )
        context = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return context.transpose(1, 2).flatten(0, 1).index_select(0, tree.occurrence_of)

    return attend


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy to `device`; to CUDA from pinned memory, so that the copy runs beside the computation."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)

"""The loss of padded batches, computed on their prefix tree, with the output head only where there is a target.

It is the loss and gradient of the plain way (all logits of padded batches), to rounding. Dropout, which the suite never
uses, is the exception: with it a batch is computed padded.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.linear import linear
from gpt2_experiments.model.lora import LinearWithLoRA
from gpt2_experiments.model.prefix_tree import PrefixTree, TargetPairs, tree_attention

IGNORE_INDEX = -100
# Rows of logits that exist at once: with GPT-2's vocabulary 32 MB, which is little beside the gradients; on a GPU
# 412 MB, for a whole batch of the suite's data at once: each further part costs some ten kernels.
HEAD_ROWS = {"cpu": 160, "cuda": 2048}  # on other devices as on a CPU

Batch = tuple[Tensor, Tensor]  # (inputs, targets), both [batch, length]


def count_targets(batch: Batch) -> int:
    """Number of targets that a batch's mean loss is over."""
    return int((batch[1] != IGNORE_INDEX).sum())


def training_loss(batch: Batch, model: GPTModel, n_targets: int | None = None) -> Tensor:
    """Mean loss of a batch over its targets, a scalar to call `backward()` on. Without any target it is 0.

    Args:
        batch: padded inputs and targets; a target of -100 is ignored.
        n_targets: what to divide by, where `batch` is a part of a larger batch.
    """
    n_own = count_targets(batch)
    n_targets = n_targets or n_own
    if not n_own:
        return torch.zeros((), device=model.device, requires_grad=True)
    if model.training and model.drop_emb.p > 0:
        return _padded_loss(batch, model, n_targets)
    if not torch.is_grad_enabled():
        return evaluation_losses([batch], model)[0] * n_own / n_targets
    tree, pairs = tree_and_pairs([batch], [n_targets])
    return loss_of_tree(tree.to(model.device), pairs.to(model.device), model)


def loss_of_tree(tree: PrefixTree, pairs: TargetPairs, model: GPTModel) -> Tensor:
    """The loss of a batch from its tree and its pairs, which are on the model's device."""
    rows = _target_rows(tree, pairs, model)
    return HeadLoss.apply(pairs.targets, pairs.weights[0], *_head_products(model.out_head, rows))


@torch.no_grad()
def evaluation_losses(batches: Sequence[Batch], model: GPTModel) -> Tensor:
    """Mean loss of each batch over its targets (at least one each), `[batches]`, from one forward pass over all."""
    tree, pairs = tree_and_pairs(batches, [count_targets(batch) for batch in batches])
    return losses_of_tree(tree.to(model.device), pairs.to(model.device), model)


@torch.no_grad()
def losses_of_tree(tree: PrefixTree, pairs: TargetPairs, model: GPTModel) -> Tensor:
    """The losses of all batches from their tree and its pairs, which are on the model's device."""
    rows = _target_rows(tree, pairs, model)
    losses = [_cross_entropy(model.out_head(part).float(), targets) for part, targets in _chunks(rows, pairs.targets)]
    return (pairs.weights * torch.cat(losses)).sum(dim=1)  # a matrix product would be rounded under autocast


def _padded_loss(batch: Batch, model: GPTModel, n_targets: int) -> Tensor:
    """The loss with dropout, which differs between sequences: a prefix they share is not the same computation."""
    inputs, targets = (tensor.to(model.device) for tensor in batch)
    logits = model(inputs).flatten(0, 1).float()
    return F.cross_entropy(logits, targets.flatten(), ignore_index=IGNORE_INDEX, reduction="sum") / n_targets


def tree_and_pairs(batches: Sequence[Batch], counts: Sequence[int]) -> tuple[PrefixTree, TargetPairs]:
    """The tree of all batches and its (node, target) pairs, on the CPU; `counts`: targets each batch's mean is over."""
    sequences, target_rows, batch_of = [], [], []
    for number, (inputs, targets) in enumerate(batches):
        for tokens, row in zip(inputs.tolist(), targets.tolist(), strict=True):
            end = _end_of_targets(row)  # nothing after the last target, padding above all, has an effect on the loss
            sequences.append(tokens[:end])
            target_rows.append(row[:end])
            batch_of.append(number)
    tree = PrefixTree.of(sequences)
    return tree, TargetPairs.of(tree.node_of, target_rows, batch_of, counts, IGNORE_INDEX)


def _target_rows(tree: PrefixTree, pairs: TargetPairs, model: GPTModel) -> Tensor:
    """Final hidden state `[pairs, emb_dim]` of each (node, target) pair."""
    hidden = model.hidden_rows(tree.tokens, tree.positions, tree_attention(tree))
    return hidden.index_select(0, pairs.nodes)


def _end_of_targets(targets: list[int]) -> int:
    """One past the last target that counts."""
    end = len(targets)
    while end and targets[end - 1] == IGNORE_INDEX:
        end -= 1
    return end


def _chunks(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The tensors' rows (at least one) in parts of about equal size, in step: as many as may have logits at once."""
    n_rows, most = len(tensors[0]), HEAD_ROWS.get(tensors[0].device.type, HEAD_ROWS["cpu"])
    size = math.ceil(n_rows / math.ceil(n_rows / most))
    return zip(*(tensor.split(size) for tensor in tensors), strict=True)


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of each row of `logits` `[rows, vocab]`."""
    return logits.logsumexp(dim=-1) - logits.gather(1, targets.unsqueeze(1)).squeeze(1)


def _head_products(head: nn.Linear | LinearWithLoRA, rows: Tensor) -> list[Tensor]:
    """The logits of `rows` `[pairs, emb_dim]` as a sum of products: features, matrix, features, matrix, ..."""
    return head.products(rows) if isinstance(head, LinearWithLoRA) else [rows, head.weight]


class HeadLoss(torch.autograd.Function):
    """Output head and weighted cross-entropy, a chunk of rows at a time, gradients taken while its logits exist.

    A chunk's logits turn into their own gradient in place, so there is one `[chunk, vocab]` tensor at a time (under
    autocast two), and the products themselves add up the matrices' gradients. The idea is that of Liger's fused linear
    cross-entropy (arXiv:2410.10989).
    """

    @staticmethod
    def forward(ctx: Any, targets: Tensor, weights: Tensor, *factors: Tensor) -> Tensor:
        """Weighted sum of the losses of the logits whose `factors` are `_head_products`; all others are `[pairs]`."""
        dtype = _product_dtype(targets.device)
        features, matrices = ([factor.to(dtype) for factor in part] for part in (factors[::2], factors[1::2]))
        ctx.gradients = [
            torch.empty_like(factor) if needed else None
            for factor, needed in zip(factors, ctx.needs_input_grad[2:], strict=True)
        ]
        loss = torch.zeros((), device=targets.device)
        start = 0
        for part_targets, part_weights, *parts in _chunks(targets, weights, *features):
            part_loss, logit_gradient = _loss_and_gradient(_logits(parts, matrices), part_targets, part_weights)
            loss += part_loss
            logit_gradient = logit_gradient.to(dtype)
            end = start + len(part_targets)
            for number, (part, matrix) in enumerate(zip(parts, matrices, strict=True)):
                of_features, of_matrix = ctx.gradients[2 * number : 2 * number + 2]
                if of_features is not None:
                    of_features[start:end] = logit_gradient @ matrix
                if of_matrix is not None:
                    _add_product(of_matrix, logit_gradient.T, part, is_first=start == 0)
            start = end
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Scale what `forward` has taken; the tensors are given away, so that `.grad` needs no copy of them."""
        gradients, ctx.gradients = ctx.gradients, None
        if gradients is None:
            raise RuntimeError("the head's gradients have been given away: backward() works once")
        return None, None, *(taken if taken is None else taken.mul_(gradient) for taken in gradients)


def _product_dtype(device: torch.device) -> torch.dtype:
    """The type of matrix products, under autocast its."""
    is_cast = torch.is_autocast_enabled(device.type)
    return torch.get_autocast_dtype(device.type) if is_cast else torch.float32


def _logits(features: Sequence[Tensor], matrices: Sequence[Tensor]) -> Tensor:
    """The sum of the products, in float32."""
    logits = linear(features[0], matrices[0])
    for part, matrix in zip(features[1:], matrices[1:], strict=True):
        logits.addmm_(part, matrix.T)
    return logits.float()


def _loss_and_gradient(logits: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted sum of the losses, and its gradient over `logits`, in their memory."""
    targets = targets.unsqueeze(1)
    of_targets = logits.gather(1, targets).squeeze(1)
    largest = logits.amax(dim=1, keepdim=True)
    exponentials = logits.sub_(largest).exp_()
    sums = exponentials.sum(dim=1)
    losses = largest.squeeze(1) + sums.log() - of_targets
    gradient = exponentials.mul_((weights / sums).unsqueeze(1))  # weight * softmax
    gradient.scatter_add_(1, targets, -weights.unsqueeze(1))
    return (weights * losses).sum(), gradient


def _add_product(total: Tensor, left: Tensor, right: Tensor, is_first: bool) -> None:
    """`total += left @ right`, or `=` for the first one: `total` is not read then."""
    if left.dtype == total.dtype:
        total.addmm_(left, right, beta=0 if is_first else 1)
    elif is_first:
        total.copy_(left @ right)
    else:
        total.add_(left @ right)

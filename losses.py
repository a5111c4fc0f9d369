"""The loss of padded batches, computed on their prefix tree, with the output head only where there is a target.

It is the loss and gradient of the plain way (all logits of padded batches), to rounding. Dropout, which the suite never
uses, is the exception: with it a batch is computed padded.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from gpt_model import GPTModel
from prefix_tree import PrefixTree, TargetPairs, tree_attention

IGNORE_INDEX = -100
HEAD_ROWS = 256  # rows of logits that exist at once: 51 MB with GPT-2's vocabulary

Batch = tuple[Tensor, Tensor]  # (inputs, targets), both [batch, length]


def count_targets(batch: Batch) -> int:
    """Number of targets that a batch's mean loss is over."""
    return int((batch[1] != IGNORE_INDEX).sum())


def training_loss(batch: Batch, model: GPTModel, device: torch.device, n_targets: int | None = None) -> Tensor:
    """Mean loss of a batch over its targets, a scalar to call `backward()` on. Without any target it is 0.

    Args:
        batch: padded inputs and targets; a target of -100 is ignored.
        n_targets: what to divide by, where `batch` is a part of a larger batch.
    """
    n_own = count_targets(batch)
    n_targets = n_targets or n_own
    if not n_own:
        return torch.zeros((), device=device, requires_grad=True)
    if model.training and model.drop_emb.p > 0:
        return _padded_loss(batch, model, device, n_targets)
    rows, pairs = _target_rows([batch], model, device, [n_targets])
    return HeadLoss.apply(model.out_head, rows, pairs.targets, pairs.weights[0], *model.out_head.parameters())


@torch.no_grad()
def evaluation_losses(batches: Sequence[Batch], model: GPTModel, device: torch.device) -> Tensor:
    """Mean loss of each batch over its targets (at least one each), `[batches]`, from one forward pass over all."""
    rows, pairs = _target_rows(batches, model, device, [count_targets(batch) for batch in batches])
    chunks = zip(rows.split(HEAD_ROWS), pairs.targets.split(HEAD_ROWS), strict=True)
    losses = [_cross_entropy(model.out_head(part).float(), targets)[0] for part, targets in chunks]
    return (pairs.weights * torch.cat(losses)).sum(dim=1)  # a matrix product would be rounded under autocast


def _padded_loss(batch: Batch, model: GPTModel, device: torch.device, n_targets: int) -> Tensor:
    """The loss with dropout, which differs between sequences: a prefix they share is not the same computation."""
    inputs, targets = (tensor.to(device) for tensor in batch)
    logits = model(inputs).flatten(0, 1).float()
    return F.cross_entropy(logits, targets.flatten(), ignore_index=IGNORE_INDEX, reduction="sum") / n_targets


def _target_rows(
    batches: Sequence[Batch], model: GPTModel, device: torch.device, counts: Sequence[int]
) -> tuple[Tensor, TargetPairs]:
    """Final hidden state `[pairs, emb_dim]` of each (node, target) pair, and the pairs."""
    sequences, target_rows, batch_of = [], [], []
    for number, (inputs, targets) in enumerate(batches):
        for tokens, row in zip(inputs.tolist(), targets.tolist(), strict=True):
            end = _end_of_targets(row)  # nothing after the last target, padding above all, has an effect on the loss
            sequences.append(tokens[:end])
            target_rows.append(row[:end])
            batch_of.append(number)
    tree = PrefixTree.of(sequences)
    pairs = TargetPairs.of(tree.node_of, target_rows, batch_of, counts, IGNORE_INDEX).to(device)
    tree = tree.to(device)
    hidden = model.hidden_rows(tree.tokens, tree.positions, tree_attention(tree))
    return hidden.index_select(0, pairs.nodes), pairs


def _end_of_targets(targets: list[int]) -> int:
    """One past the last target that counts."""
    end = len(targets)
    while end and targets[end - 1] == IGNORE_INDEX:
        end -= 1
    return end


def _cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Cross-entropy of each row of `logits` `[rows, vocab]`, and the log of the sum of each row's exponentials."""
    log_sum = logits.logsumexp(dim=-1)
    return log_sum - logits.gather(1, targets.unsqueeze(1)).squeeze(1), log_sum


class HeadLoss(torch.autograd.Function):
    """Output head and weighted cross-entropy, a chunk of rows at a time, gradients taken while its logits exist.

    A chunk's logits turn into their own gradient in place, so one `[HEAD_ROWS, vocab]` buffer is the largest tensor.
    The idea is that of Liger's fused linear cross-entropy (arXiv:2410.10989), here for any module as the head.
    """

    @staticmethod
    def forward(
        ctx: Any, head: nn.Module, rows: Tensor, targets: Tensor, weights: Tensor, *parameters: Tensor
    ) -> Tensor:
        """Weighted sum of the losses of `rows` `[pairs, emb_dim]`; `targets` and `weights` are `[pairs]`."""
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        loss = torch.zeros((), device=rows.device)
        ctx.row_gradient = torch.empty_like(rows)
        ctx.parameter_gradients = None
        for part in (slice(start, start + HEAD_ROWS) for start in range(0, len(rows), HEAD_ROWS)):
            leaf = rows[part].detach().requires_grad_()
            with torch.enable_grad():
                logits = head(leaf)
            chunk_loss, logit_gradient = HeadLoss._loss_and_gradient(logits.detach(), targets[part], weights[part])
            loss += chunk_loss
            ctx.row_gradient[part], *gradients = torch.autograd.grad(logits, [leaf, *trained], logit_gradient)
            if ctx.parameter_gradients is None:
                ctx.parameter_gradients = gradients
            elif gradients:
                torch._foreach_add_(ctx.parameter_gradients, gradients)
        ctx.is_trained = [parameter.requires_grad for parameter in parameters]
        return loss

    @staticmethod
    def _loss_and_gradient(logits: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Weighted sum of the losses, and its gradient over `logits`, in the memory of `logits` where it is float32."""
        scores = logits.float()
        losses, log_sum = _cross_entropy(scores, targets)
        gradient = scores.sub_(log_sum.unsqueeze(1)).exp_().mul_(weights.unsqueeze(1))  # weight * softmax
        gradient.scatter_add_(1, targets.unsqueeze(1), -weights.unsqueeze(1))
        return (weights * losses).sum(), gradient.to(logits.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Scale what `forward` has taken; the tensors are given away, so that `.grad` needs no copy of them."""
        row_gradient, parameter_gradients = ctx.row_gradient, ctx.parameter_gradients
        if row_gradient is None:
            raise RuntimeError("the head's gradients have been given away: backward() works once")
        ctx.row_gradient = ctx.parameter_gradients = None
        scaled = iter([parameter_gradient.mul_(gradient) for parameter_gradient in parameter_gradients])
        return (
            None,
            row_gradient.mul_(gradient),
            None,
            None,
            *(next(scaled) if trained else None for trained in ctx.is_trained),
        )

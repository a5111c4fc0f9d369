"""A model whose weights, gradients and optimizer state the ranks share out among them, by PyTorch's FSDP2.

It computes what ranks with the whole model each compute, to rounding. It takes time: every block's weights are gathered
for its forward pass and again for its backward pass. It pays where the model with its optimizer is too large for a
device (docs/several-devices.md has a table). PyTorch's modules for it take a second to import, so only their users do.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.ranks import is_shared_out


def shard(model: nn.Module, blocks: Iterable[nn.Module], forward_method: str) -> None:
    """Share out a model's parameters among all ranks, before an optimizer is made of them.

    Args:
        model: Its parameters become `DTensor`s.
        blocks: Parts of the model that are gathered one at a time; what is in none of them stays gathered in a step.
        forward_method: The name of the method that a forward pass begins with.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method

    device = next(model.parameters()).device
    mesh = init_device_mesh(device.type, (ranks.count(),))  # by default FSDP would go to a GPU that is there
    for module in (*blocks, model):
        fully_shard(module, mesh=mesh)
        assert isinstance(module, FSDPModule)
        # The loss is divided by the targets of the whole batch already; gloo knows sums alone.
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)
    register_fsdp_forward_method(model, forward_method)


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor; where it is shared out, every rank has to ask for it."""
    return tensor.full_tensor() if is_shared_out(tensor) else tensor  # type: ignore[attr-defined]


def on_first(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All of each tensor on rank 0, in the memory of its CPU where they are shared out; others have nothing."""
    gathered = {}
    for name, tensor in tensors.items():
        full = whole(tensor)  # one at a time: together they may not fit the device
        if ranks.is_first():
            gathered[name] = full.cpu() if is_shared_out(tensor) else full
    return gathered


@torch.no_grad()
def assign(target: Tensor, values: Tensor) -> None:
    """Put the values of a whole tensor into one that may be shared out, in place."""
    target.copy_(like(target, values))


def like(target: Any, values: Tensor) -> Tensor:
    """A whole tensor, shared out as `target` is where they have one shape."""
    if not is_shared_out(target) or values.shape != target.shape:
        return values
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(values.to(target.device), target.device_mesh, target.placements)

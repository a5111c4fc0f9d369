"""Linear layers, computed by the library that is faster for them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gpt2_experiments.devices.ranks import is_shared_out

# PyTorch multiplies float32 matrices on x86 by MKL; oneDNN, which it has as well, can be faster. On an AMD EPYC with
# AVX2 GPT-2's output head takes 67 ms in place of 119 for 110 rows and 7 in place of 13 for one, the layers up to a
# third less for 16 rows. Processors with AVX-512 were not tried, nor Intel's without. A process that may take less than
# 2 MiB more, by `ulimit -v` say, ends without a message when oneDNN prepares a new shape.
MULTIPLIES_BY_ONEDNN = torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability() == "AVX2"


class Linear(nn.Linear):
    """`torch.nn.Linear`, by `linear`."""

    def forward(self, rows: Tensor) -> Tensor:
        return linear(rows, self.weight, self.bias)


def linear(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`rows @ weight.T + bias`: `rows` `[..., in_dim]`, `weight` `[out_dim, in_dim]`.

    oneDNN, where it is chosen, computes what no gradient is taken of: the linear layers of evaluations and responses,
    and the logits of a training step. PyTorch's operation for it is that of compiled models, which knows no gradients,
    and for the hundreds of rows of a step's layers MKL is as fast.
    """
    if MULTIPLIES_BY_ONEDNN and _suits_onednn(rows, weight):
        return torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return F.linear(rows, weight, bias)


def _suits_onednn(rows: Tensor, weight: Tensor) -> bool:
    """Whether float32 on the CPU is multiplied as that, now and without gradients, by a weight that is wholly here."""
    return (
        rows.dtype == weight.dtype == torch.float32
        and rows.device.type == "cpu"
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and not is_shared_out(weight)
    )

"""LoRA: low-rank adapters beside frozen linear layers (Hu et al. 2021, arXiv:2106.09685; the book's appendix E)."""

import math

import torch
from torch import Tensor, nn

from gpt2_experiments.model.gpt import GPTModel


class LoRALayer(nn.Module):
    """`alpha * (x @ A @ B)`, zero at the start because B is.

    There is no division by the rank, as in the book: PEFT would call rank 16, alpha 16 `r=16, lora_alpha=256`.
    """

    def __init__(self, in_dim: int, out_dim: int, rank: int, alpha: float):
        super().__init__()
        self.A = nn.Parameter(torch.empty(in_dim, rank))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        return self.alpha * (x @ self.A @ self.B)


class LinearWithLoRA(nn.Module):
    """A linear layer plus its adapter."""

    def __init__(self, linear: nn.Linear, rank: int, alpha: float):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)

    def forward(self, x: Tensor) -> Tensor:
        # The product itself adds, in place; `self.linear(x) + self.lora(x)` goes over the layer's output three times.
        rows = x.reshape(-1, x.shape[-1])
        output = self.linear(rows)
        matrix = self.lora.B.to(output.dtype)  # autocast leaves products in place alone
        output = output.addmm_(rows @ self.lora.A, matrix, alpha=self.lora.alpha)
        return output.reshape(*x.shape[:-1], -1)

    def products(self, rows: Tensor) -> list[Tensor]:
        """The output for `rows` `[rows, in_dim]`, without a bias, as a sum of products: features, matrix, and so on.

        Features are `[rows, width]`, matrices `[out_dim, width]`; a product is `features @ matrix.T`.
        """
        return [rows, self.linear.weight, self.lora.alpha * (rows @ self.lora.A), self.lora.B.T]

    def merged_weight(self) -> Tensor:
        """The weight `[out_dim, in_dim]` of the one linear layer that computes the same."""
        return torch.addmm(self.linear.weight, self.lora.B.T, self.lora.A.T, alpha=self.lora.alpha)


def replace_linear_with_lora(model: nn.Module, rank: int, alpha: float) -> None:
    """Put a `LinearWithLoRA` in the place of every `torch.nn.Linear` of `model`, the output head included."""
    for name, module in model.named_children():
        if isinstance(module, nn.Linear):
            setattr(model, name, LinearWithLoRA(module, rank, alpha))
        elif not isinstance(module, LinearWithLoRA):
            replace_linear_with_lora(module, rank, alpha)


def add_lora(model: nn.Module, rank: int, alpha: float) -> None:
    """Freeze `model` and put LoRA on it, printing the parameter counts as the book does."""
    print(f"Total trainable parameters before: {count_trainable(model):,}")
    for parameter in model.parameters():
        parameter.requires_grad = False
    print(f"Total trainable parameters after: {count_trainable(model):,}")
    replace_linear_with_lora(model, rank, alpha)
    print(f"Total trainable LoRA parameters: {count_trainable(model):,}")


def count_trainable(model: nn.Module) -> int:
    """Number of parameters that training changes."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


@torch.no_grad()
def merged_model(model: GPTModel, dtype: torch.dtype) -> GPTModel:
    """A model in `dtype` for inference that computes what `model` does, with any LoRA merged into its weights.

    Weights that are neither merged nor of another type are shared with `model`, not copied.
    """
    state = model.state_dict()
    for name, module in model.named_modules():
        if isinstance(module, LinearWithLoRA):
            state[f"{name}.weight"] = module.merged_weight()
            if module.linear.bias is not None:
                state[f"{name}.bias"] = module.linear.bias
            for key in [key for key in state if key.startswith((f"{name}.linear.", f"{name}.lora."))]:
                del state[key]
    with torch.device("meta"):
        merged = GPTModel(model.cfg)
    merged.load_state_dict({key: tensor.to(dtype) for key, tensor in state.items()}, assign=True)
    return merged.eval()

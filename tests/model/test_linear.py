"""Linear layers by either library, against float64."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from gpt2_experiments.model import linear as linear_module
from gpt2_experiments.model.linear import Linear, linear

ROWS = {
    "one": lambda: torch.randn(1, 24),
    "none": lambda: torch.randn(0, 24),
    "a hundred": lambda: torch.randn(100, 24),
    "batch of sequences": lambda: torch.randn(3, 5, 24),
    "transposed": lambda: torch.randn(24, 7).T,
    "every second": lambda: torch.randn(14, 24)[::2],
    "one repeated": lambda: torch.randn(1, 24).expand(6, 24),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ROWS)
def test_it_is_the_product_and_the_bias(kind, bias, by_onednn):
    torch.manual_seed(0)
    rows, layer = ROWS[kind](), Linear(24, 131, bias=bias)
    with torch.no_grad():
        expected = rows.double() @ layer.weight.double().T + (layer.bias.double() if bias else 0)
        torch.testing.assert_close(layer(rows).double(), expected, rtol=1e-5, atol=1e-6)


def test_gradients_are_those_of_pytorch(by_onednn):
    torch.manual_seed(0)
    rows, layer = torch.randn(9, 24, requires_grad=True), Linear(24, 31)
    taken = torch.autograd.grad(layer(rows).square().sum(), [rows, layer.weight, layer.bias])
    expected = torch.autograd.grad(F.linear(rows, layer.weight, layer.bias).square().sum(), [rows, *layer.parameters()])
    torch.testing.assert_close(taken, expected)


class SharedOut(torch.Tensor):
    """Looks like a weight of which a rank has a part."""

    def full_tensor(self):
        raise AssertionError


LEFT_TO_PYTORCH = {
    "float64": lambda: linear(torch.randn(2, 24).double(), torch.randn(31, 24).double()),
    "bfloat16": lambda: linear(torch.randn(2, 24).bfloat16(), torch.randn(31, 24).bfloat16()),
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16)(linear)(torch.randn(2, 24), torch.randn(31, 24)),
    "gradients": lambda: torch.enable_grad()(linear)(torch.randn(2, 24), torch.randn(31, 24)),
    "shared out": lambda: linear(torch.randn(2, 24), torch.randn(31, 24).as_subclass(SharedOut)),
}


@pytest.mark.parametrize("kind", LEFT_TO_PYTORCH)
@torch.no_grad()
def test_what_onednn_cannot_do_is_left_to_pytorch(kind, by_onednn, monkeypatch):
    calls = recorded_calls(monkeypatch)
    LEFT_TO_PYTORCH[kind]()
    assert len(calls) == 1


@torch.no_grad()
def test_onednn_computes_where_it_is_to(by_onednn, monkeypatch):
    calls = recorded_calls(monkeypatch)
    linear(torch.randn(2, 24), torch.randn(31, 24))
    assert len(calls) == (0 if by_onednn else 1)


@torch.no_grad()
def test_compiled_models_have_pytorchs_own_layers(by_onednn):
    layer = torch.export.export(Linear(24, 31), (torch.randn(2, 24),))
    assert "mkldnn" not in str(layer.graph)
    assert "linear" in str(layer.graph)


def recorded_calls(monkeypatch):
    """The arguments of each call of PyTorch's own function, from now on."""
    calls = []

    def recorded(*arguments):
        calls.append(arguments)
        return torch.nn.functional.linear(*arguments)

    monkeypatch.setattr(linear_module, "F", SimpleNamespace(linear=recorded))
    return calls

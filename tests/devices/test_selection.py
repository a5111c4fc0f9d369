"""What a device is refused, and what is set while it computes."""

import contextlib

import pytest
import torch

from gpt2_experiments.devices import selection
from gpt2_experiments.devices.selection import check_device, gpu_kernels, matrix_products


@pytest.mark.parametrize(
    ("precision", "capability", "refused"),
    [("fp32", (7, 5), False), ("tf32", (7, 5), True), ("bf16", (7, 5), True), ("tf32", (8, 0), False)],
)
def test_older_gpus_compute_in_float32(precision, capability, refused, monkeypatch):
    monkeypatch.setitem(selection.AVAILABLE, "cuda", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert bool(check_device("auto", precision)) == refused


def test_tf32_is_for_gpus_alone():
    (problem,) = check_device("cpu", "tf32")
    assert problem == "--precision tf32: NVIDIA's GPUs alone have it, and --device is cpu; use fp32 or bf16"
    assert not check_device("cpu", "bf16")


def set_for_gpus():
    return torch.backends.cuda.matmul.fp32_precision, torch.backends.cuda.cudnn_sdp_enabled()


def test_what_is_set_for_gpus_is_given_back_whatever_happens():
    before = set_for_gpus()
    inside = []
    with contextlib.suppress(KeyError), gpu_kernels("tf32"):
        inside.append(set_for_gpus())
        raise KeyError
    assert inside == [("tf32", False)]
    assert set_for_gpus() == before


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_products_have_the_type_of_the_precision(precision, dtype):
    matrix = torch.ones(2, 2)
    with matrix_products(torch.device("cpu"), precision):
        assert (matrix @ matrix).dtype == dtype

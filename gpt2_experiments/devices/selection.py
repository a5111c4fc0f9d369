"""Which device computes, and in which type its matrix products are."""

import contextlib
from collections.abc import Callable, Iterator

import torch

AVAILABLE: dict[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "mps": torch.backends.mps.is_available,
    "cpu": lambda: True,
}
DEVICES = ("auto", "cpu", "cuda", "mps")
# Of matrix products. tf32: float32 whose factors are rounded to 10 bits after the point, as bfloat16 to 7.
PRECISIONS = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}
AMPERE = (8, 0)  # compute capability of the first GPUs with tf32 and bfloat16


def choose_device(name: str) -> str:
    """The device's name; `auto` is cuda, else mps, else cpu."""
    return next(device for device, there in AVAILABLE.items() if there()) if name == "auto" else name


def check_device(device: str, precision: str) -> list[str]:
    """What the device that was asked for is not, or cannot do."""
    if device != "auto" and not AVAILABLE[device]():
        return [f"--device {device}: PyTorch finds no such device here; use --device auto"]
    chosen = choose_device(device)
    if chosen == "cuda" and precision != "fp32" and torch.cuda.get_device_capability() < AMPERE:
        return [f"--precision {precision}: this GPU has neither tf32 nor bfloat16; use fp32"]
    return check_precision(chosen, precision)


def check_precision(device: str, precision: str) -> list[str]:
    """What no device of this kind can do."""
    if device != "cuda" and precision == "tf32":
        return [f"--precision tf32: NVIDIA's GPUs alone have it, and --device is {device}; use fp32 or bf16"]
    return []


@contextlib.contextmanager
def gpu_kernels(precision: str) -> Iterator[None]:
    """Within it a GPU computes products of float32 matrices as `precision` has them, and attention without cuDNN.

    cuDNN, PyTorch's first choice for bfloat16 on newer GPUs, takes up to a second to plan for each new shape, and here
    nearly every batch has one.
    """
    cuda = torch.backends.cuda
    before = cuda.matmul.fp32_precision, cuda.cudnn_sdp_enabled()
    cuda.matmul.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    cuda.enable_cudnn_sdp(False)
    try:
        yield
    finally:
        cuda.matmul.fp32_precision = before[0]
        cuda.enable_cudnn_sdp(before[1])


@contextlib.contextmanager
def matrix_products(device: torch.device, precision: str) -> Iterator[None]:
    """Within it matrix products of float32 weights are computed in `precision`, one of `PRECISIONS`."""
    dtype = PRECISIONS[precision]
    # Without autocast's cache of cast weights: training changes them.
    cast = torch.autocast(device.type, dtype, enabled=dtype != torch.float32, cache_enabled=False)
    with gpu_kernels(precision), cast:
        yield

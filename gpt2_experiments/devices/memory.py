"""Memory: what the C library keeps of it, how much was used, and what to advise where it was short."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from gpt2_experiments.shared.errors import UserError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # mallopt(3)
PEAK, PEAK_RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # on Linux
OUT_OF_MEMORY = (  # what the messages of the allocators have in them, in lower case
    "out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "bad_alloc",
    "alloc_failed", "paging file is too small",
)  # fmt: skip


def keep_freed_memory() -> None:
    """Have glibc keep freed memory for the next use. Elsewhere this does nothing.

    By default glibc gets every block above 32 MiB from the system and gives it back when it is freed, and touching its
    pages for the first time is slow: the gradients of GPT-2 small's embedding and head alone are 154 MB each.
    """
    library = _glibc()
    if library:
        library.mallopt(M_MMAP_MAX, 0)
        library.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)  # the largest int: bytes at the heap's end that stay


def give_back_freed_memory() -> None:
    """Give what glibc has kept back to the system, so that it counts as free."""
    library = _glibc()
    if library:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library where it is glibc."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "gnu_get_libc_version") else None


def free_memory_bytes(device: torch.device) -> int:
    """Memory that can be had on the device: of a GPU also what PyTorch keeps of it for the next use."""
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    return psutil.virtual_memory().available


def reset_peak_memory(device: torch.device) -> None:
    """Let `peak_memory_bytes` count from now on, where the system can: on CUDA, and on Linux where /proc is writable.

    Elsewhere it goes on counting from the start of the process.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif PEAK_RESET.exists():
        give_back_freed_memory()  # of a run before: it is no memory of the next
        with contextlib.suppress(OSError):  # read-only, as in some containers
            PEAK_RESET.write_text("5")  # man 5 proc_pid_clear_refs


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory used so far: PyTorch's on a GPU, the process's resident memory elsewhere."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    # Not getrusage(2), where /proc tells: that counts what the process had before this program began in it.
    for line in PEAK.read_text().splitlines() if PEAK.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024  # kB
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextlib.contextmanager
def memory_advice(flag: str | None = None, value: int = 1) -> Iterator[None]:
    """Turn running out of memory into the advice to set `flag` below `value`, where it can be lower."""
    try:
        yield
    except (MemoryError, RuntimeError, OSError) as error:
        if not _is_out_of_memory(error):
            raise
        advice = f"set {flag} to less than {value} and go on with --resume, or " if value > 1 else ""
        raise UserError(f"out of memory; {advice}choose a smaller --model") from error


def _is_out_of_memory(error: Exception) -> bool:
    """PyTorch has a class for this on GPUs only; elsewhere the allocators' messages tell."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        words in str(error).lower() for words in OUT_OF_MEMORY
    )

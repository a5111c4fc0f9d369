"""Training: one step of each variant, the default schedule's mix, and peak memory, against the plain way and others.

    python benchmarks/training.py

The peers take turns on the same batches of instruction-data.json, each in a process of its own: where memory that
others have freed is at hand, the plain way takes a third less time than alone. All have the same random weights. Peak
memory is that of a process of its own, a few steps long.
"""

import argparse
import itertools
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import torch
from measure import describe_machine, interleave, interleave_processes, median_ratio, print_table
from peers import (
    THREADS,
    VARIANTS,
    Step,
    gpt2_tokenizer,
    loaders,
    other,
    our_model,
    ours,
    plain,
    plain_model,
    stepper,
    stepper_of,
)
from support.plain import plain_loader_loss, plain_loss

from gpt2_experiments.experiment.training import evaluate_model
from gpt2_experiments.model.losses import IGNORE_INDEX, Batch
from gpt2_experiments.model.prefix_tree import PrefixTree

STEPS = 7
WARMUPS = 3  # the first steps use memory for the first time, which is slow
CYCLES = 2
MEMORY_STEPS = 3


def main() -> None:
    """Print all tables, or what a process of its own measures."""
    torch.set_num_threads(THREADS)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peak_memory_of", nargs=2, metavar=("PEER", "VARIANT"), help="used by the benchmark itself")
    options = parser.parse_args()
    if options.peak_memory_of:
        print(peak_memory(*options.peak_memory_of))
        return
    print(f"{describe_machine()}\n")
    # First: a process starts with the peak of the one that starts it, as Linux counts.
    print_table(["peak memory", "plain / ours", "ours, MB"], memory_rows())
    print()
    header = ["training step, batch 8", "plain / ours", "transformers or PEFT / ours", "with default AdamW", "ours, s"]
    print_table(header, step_rows())
    print()
    print_table(["5 steps and an evaluation", "plain / ours"], [("baseline", schedule_ratio())])
    print()
    print_table(["share of the float32 matrix-product rate", "%"], [("baseline training step", rate_share())])


def step_rows() -> Iterator[tuple[str, float, float | str, float | str, float]]:
    """Each peer's seconds of a training step over ours, and ours, for each variant."""
    for variant, (_, _, lora) in VARIANTS.items():
        peers = {"ours": partial(ours, lora), "plain": partial(plain, lora)}
        if variant in ("baseline", "lora"):
            peers |= {"other": partial(other, lora, True), "other, default AdamW": partial(other, lora, False)}
        makers = {name: partial(stepper_through_batches, make, variant) for name, make in peers.items()}
        seconds = interleave_processes(makers, STEPS, WARMUPS)
        ratios = [
            median_ratio(seconds[peer], seconds["ours"]) if peer in seconds else ""
            for peer in ("plain", "other", "other, default AdamW")
        ]
        yield variant, *ratios, median(seconds["ours"])


def stepper_through_batches(make: Callable[[], Step], variant: str) -> Callable[[], None]:
    """A function that takes a peer's step on the next of the variant's batches, which are the same for all peers."""
    step = make()
    batches = iter(list(itertools.islice(loaders(variant, gpt2_tokenizer())[0], WARMUPS + STEPS)))
    return lambda: step(next(batches))


def in_own_process(*arguments: str) -> str:
    """What the benchmark prints with these arguments."""
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def schedule_ratio() -> float:
    """Plain over ours for the default mix: five training steps, then five batches of each split evaluated."""
    seconds = interleave_processes({"ours": our_cycle, "plain": plain_cycle}, CYCLES, warmups=1)
    return median_ratio(seconds["plain"], seconds["ours"])


def our_cycle() -> Callable[[], None]:
    """Our part of `schedule_ratio`."""
    model = our_model(lora=False)
    return cycle(stepper_of(model), lambda *loaders: evaluate_model(model, *loaders, 5))


def plain_cycle() -> Callable[[], None]:
    """The plain way's part of `schedule_ratio`."""
    model = plain_model(lora=False)
    step = stepper(model, lambda batch: plain_loss(model, *batch), fused=False)
    return cycle(step, lambda *loaders: [plain_loader_loss(model, loader, 5) for loader in loaders])


def cycle(step: Step, evaluate: Callable[..., object]) -> Callable[[], None]:
    """Five steps and an evaluation, on the same batches each time."""
    both = loaders("baseline", gpt2_tokenizer())
    batches = list(itertools.islice(both[0], 5))

    def run() -> None:
        torch.manual_seed(0)
        for batch in batches:
            step(batch)
        evaluate(*both)

    return run


def memory_rows() -> Iterator[tuple[str, float, float]]:
    """Peak memory of a few training steps, each peer and variant in a process of its own."""
    for variant in ("baseline", "lora"):
        peak = {}
        for peer in ("plain", "ours"):
            peak[peer] = float(in_own_process("--peak_memory_of", peer, variant))
        yield variant, peak["plain"] / peak["ours"], peak["ours"]


def peak_memory(peer: str, variant: str) -> float:
    """MB of resident memory at the most, over a few steps."""
    lora = VARIANTS[variant][2]
    step = {"plain": plain, "ours": ours}[peer](lora)
    for batch in itertools.islice(loaders(variant, gpt2_tokenizer())[0], MEMORY_STEPS):
        step(batch)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rate_share() -> float:
    """Floating-point operations of a step's matrix products per second, in % of a large square product's."""
    model = our_model(lora=False)
    step = stepper_of(model)
    batch = next(iter(loaders("baseline", gpt2_tokenizer())[0]))
    square = torch.randn(2048, 2048)
    seconds = interleave({"step": lambda: step(batch), "product": lambda: square @ square}, STEPS, 2)
    # 6 operations for each weight and row: 2 forward, 4 backward. The head has about a row a node.
    weights = sum(parameter.numel() for parameter in model.trf_blocks.parameters() if parameter.dim() == 2)
    operations = 6 * n_nodes(batch) * (weights + model.out_head.weight.numel())
    rate, full_rate = operations / median(seconds["step"]), 2 * 2048**3 / median(seconds["product"])
    return 100 * rate / full_rate


def n_nodes(batch: Batch) -> int:
    """Rows that are computed for a batch: its distinct prefixes, without padding."""
    rows = zip(*(tensor.tolist() for tensor in batch), strict=True)
    counted = [max(at for at, target in enumerate(targets) if target != IGNORE_INDEX) for _, targets in rows]
    sequences = [tokens[: end + 1] for tokens, end in zip(batch[0].tolist(), counted, strict=True)]
    return len(PrefixTree.of(sequences).tokens)


if __name__ == "__main__":
    main()

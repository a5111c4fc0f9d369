"""On a GPU: whether the numbers are the plain implementation's, and how long they take beside other ways.

    python benchmarks/gpu.py --shapes gpt2-medium
    python benchmarks/gpu.py --tiny

Losses and gradients are checked first, in each precision and without graphs, greedy responses in fp32; then the ways
take turns, on the batches of instruction-data.json with random weights. Times of steps and evaluations are medians, by
CUDA events; responses and commands are timed once. Last comes a table in Markdown. `--tiny` goes the same ways with a
tiny model, on a CPU too.
"""

import argparse
import atexit
import gc
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch
from generation import END, Prompts, encoded_test_prompts, transformers
from measure import describe_machine, idle_share, timed
from peers import (
    ROOT,
    SHAPES,
    VARIANTS,
    Step,
    gpt2_tokenizer,
    loaders,
    other,
    our_model,
    ours,
    plain,
    plain_model,
    random_model,
    splits,
    stepper_of,
    transformers_or_peft,
    write_weights,
)
from support.plain import plain_generate, plain_loader_loss, plain_loss

from gpt2_experiments.devices.memory import peak_memory_bytes, reset_peak_memory
from gpt2_experiments.devices.selection import PRECISIONS, gpu_kernels, matrix_products
from gpt2_experiments.experiment.graphed_steps import GraphedLosses
from gpt2_experiments.experiment.stages import RESPONSE_BLOCKS
from gpt2_experiments.experiment.training import LossesOf, evaluate_model
from gpt2_experiments.model.generation import complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import merged_model
from gpt2_experiments.model.losses import Batch, evaluation_losses, training_loss

MIB, GB = 2**20, 1e9
ALPACA_STEPS = 2 * (int(0.85 * 52002) // 4)  # of batches of four, evaluated after every fifth
# Relative differences from float64 that are a precision's rounding; more is an error.
TOLERANCES = {"fp32": 1e-4, "tf32": 1e-2, "bf16": 5e-2}


class Scale(NamedTuple):
    """How much is timed."""

    steps: int = 20
    warmups: int = 3  # steps: the first ones use memory and libraries for the first time, which is slow
    checked_prompts: int = 16
    checked_tokens: int = 32
    new_tokens: int = 256
    many: int = 5200  # responses, made of the test set's prompts again and again
    timed_many: int = 220  # of them that `transformers` makes; the rest is extrapolated
    generation_rows: int = 110  # that `transformers` makes at once


TINY = Scale(
    steps=2, warmups=1, checked_prompts=3, checked_tokens=4, new_tokens=4, many=12, timed_many=6, generation_rows=4
)
Row = tuple[str, ...]


def main() -> None:
    """Check, time, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shapes", nargs="+", default=["gpt2-medium"], choices=[*SHAPES])
    parser.add_argument("--precisions", nargs="+", default=[*PRECISIONS], choices=[*PRECISIONS])
    parser.add_argument("--tiny", action="store_true", help="a tiny model and few repetitions, also on a CPU")
    options = parser.parse_args()
    device = "cpu" if options.tiny and not torch.cuda.is_available() else "cuda"
    scale, shapes = (TINY, ["tiny"]) if options.tiny else (Scale(), options.shapes)
    precisions = [name for name in options.precisions if device == "cuda" or name != "tf32"]
    print(f"{describe_machine()}\n", flush=True)
    check(device, scale, precisions)
    rows = list(said(ceilings(device, precisions)))
    for shape in shapes:
        for precision in precisions if device == "cuda" else ["fp32"]:  # where bfloat16 may be very slow
            for measured in (steps, evaluations, alpaca, responses, exercise, sweep):
                rows += said(measured(shape, device, precision, scale))
                free_memory()
    print("\n| what | shape, precision | figures |\n|---|---|---|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


def said(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, each printed when it is there: a run that is cut off has said what it measured."""
    for row in rows:
        print("; ".join(row), flush=True)
        yield row


def check(device: str, scale: Scale, precisions: Sequence[str]) -> None:
    """Compare losses, gradients and greedy responses with the plain way's; `SystemExit` where they differ."""
    for variant, precision in itertools.product(VARIANTS, precisions):
        differences = loss_and_gradient_differences(variant, device, precision)
        print(f"{variant}, {precision}: loss {differences[0]:.1e}, gradients {differences[1]:.1e} from float64's")
        if max(differences) > TOLERANCES[precision]:
            raise SystemExit(
                f"error: {variant}, {precision}: more than {TOLERANCES[precision]}, which rounding explains"
            )
    model, prompts = random_model("tiny", device).eval(), encoded_test_prompts()[: scale.checked_prompts]
    answered = dict(complete(model, prompts, scale.checked_tokens, END))
    oracle = plain_model(False, "tiny", device)
    expected = [plain_generate(oracle, prompt, scale.checked_tokens, END) for prompt in prompts]
    equal = sum(answered[number] == tokens for number, tokens in enumerate(expected))
    print(f"greedy responses, fp32: {equal} of {len(prompts)} are the plain way's\n", flush=True)
    if equal < len(prompts):
        raise SystemExit(
            "error: responses differ from the plain way's; likeliest tokens that are alike may explain one"
        )


def loss_and_gradient_differences(variant: str, device: str, precision: str) -> tuple[float, float]:
    """How far a batch's loss and all its gradients together are from the plain way's in float64, relative to them."""
    lora = VARIANTS[variant][2]
    model, oracle = our_model(lora, "tiny", device), plain_model(lora, "tiny", device).double()
    if lora:
        oracle.load_state_dict(model.state_dict())
    batch = next(iter(loaders(variant, gpt2_tokenizer())[0]))
    with matrix_products(torch.device(device), precision):
        loss = training_loss(batch, model)
        loss.backward()
    expected = plain_loss(oracle, *batch)
    expected.backward()
    theirs = {name: parameter.grad for name, parameter in oracle.named_parameters() if parameter.grad is not None}
    off = sum((model.get_parameter(name).grad - gradient).square().sum().item() for name, gradient in theirs.items())
    size = sum(gradient.square().sum().item() for gradient in theirs.values())
    return abs(loss.item() / expected.item() - 1), (off / size) ** 0.5


def ceilings(device: str, precisions: Sequence[str]) -> Iterator[Row]:
    """What the device can do: bytes it copies and operations of a large matrix product, a second."""
    size = 8192 if device == "cuda" else 512
    source, square = torch.randn(size, size, device=device), torch.randn(size, size, device=device)
    target = torch.empty_like(source)
    seconds = median(timed(lambda: target.copy_(source), device, 10))
    yield "copying", device, f"{2 * source.nbytes / seconds / GB:.0f} GB/s"
    for precision in precisions:
        with matrix_products(torch.device(device), precision):
            factor = square.to(PRECISIONS[precision])
            seconds = median(timed(lambda factor=factor: factor @ factor, device, 10))
        yield f"a product of {size} x {size}", precision, f"{2 * size**3 / seconds / 1e12:.2f} TFLOP/s"


def steps(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """A training step of each variant: the plain way, `transformers` or PEFT, ours; memory, and how idle a GPU is."""
    for variant, (_, _, lora) in VARIANTS.items():
        peers: dict[str, Callable[[], Step]] = {
            "plain": partial(plain, lora, shape, device),
            "PEFT" if lora else "transformers": partial(other, lora, True, shape, device),
            "ours": partial(ours, lora, shape, device),
        }
        batches = list(itertools.islice(loaders(variant, gpt2_tokenizer())[0], scale.steps + scale.warmups))
        figures = []
        for name, make in peers.items():  # one after the other: the largest models are alone in the memory
            step = make()
            reset_peak_memory(torch.device(device))
            with matrix_products(torch.device(device), precision):
                seconds = timed(partial(take_next_step, step, iter(batches)), device, scale.steps, scale.warmups)
                idle = idle_share(partial(step, batches[0]), device)
            memory = peak_memory_bytes(torch.device(device)) / MIB
            figures.append(f"{name} {1000 * median(seconds):.1f} ms, {memory:.0f} MiB{idle}")
            del step
            free_memory()
        yield f"training step, {variant}", f"{shape}, {precision}", "; ".join(figures)


def take_next_step(step: Step, batches: Iterator[Batch]) -> None:
    """A step on the next batch."""
    step(next(batches))


def evaluations(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """An evaluation of five batches of each split."""
    both = loaders("baseline", gpt2_tokenizer())
    plainly, model = plain_model(False, shape, device), random_model(shape, device)
    ways = {
        "plain": lambda: [plain_loader_loss(plainly, loader, 5) for loader in both],
        "ours": partial(evaluate_model, model, *both, 5, losses_of(model)),
    }
    with matrix_products(torch.device(device), precision):
        seconds = {name: median(timed(run, device, scale.steps // 2, warmups=1)) for name, run in ways.items()}
    figures = "; ".join(f"{name} {1000 * value:.1f} ms" for name, value in seconds.items())
    yield "evaluation, 5 batches of each split", f"{shape}, {precision}", figures


def alpaca(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """Two epochs of 52,002 entries, extrapolated from steps and evaluations of batches of four of our own entries."""
    both = loaders("baseline", gpt2_tokenizer(), batch_size=4)
    batches = list(itertools.islice(both[0], scale.steps + scale.warmups))
    model = our_model(False, shape, device)
    with matrix_products(torch.device(device), precision):
        run = partial(take_next_step, stepper_of(model), iter(batches))
        a_step = median(timed(run, device, scale.steps, scale.warmups))
        run = partial(evaluate_model, model, *both, 5, losses_of(model))
        an_evaluation = median(timed(run, device, scale.steps // 2, warmups=1))
    minutes = ALPACA_STEPS * (a_step + an_evaluation / 5) / 60
    yield "2 epochs of 52,002 entries, extrapolated", f"{shape}, {precision}", f"ours {minutes:.1f} min"


def losses_of(model: GPTModel) -> LossesOf:
    """How the command evaluates on the model's device."""
    return GraphedLosses(model) if model.device.type == "cuda" else evaluation_losses


def responses(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """The test set's responses, and thousands: `transformers` with its own cache and with a compiled one, and ours."""
    dtype, prompts = PRECISIONS[precision], encoded_test_prompts()
    many = list(itertools.islice(itertools.cycle(prompts), scale.many))
    model = merged_model(random_model(shape, device), dtype)
    theirs = transformers_or_peft(False, shape, device).eval().to(dtype)
    caches = {"transformers": {}}
    if device == "cuda" and precision != "tf32":  # a static cache has `generate` compile its steps; not so in tf32
        caches["transformers, static cache"] = {"cache_implementation": "static"}
    for number, asked in ((len(prompts), prompts), (scale.many, many)):
        figures = []
        for name, options in caches.items():
            some = asked[: scale.timed_many]
            run = partial(transformers, theirs, some, scale.generation_rows, scale.new_tokens, **options)
            with gpu_kernels(precision):
                (seconds,) = timed(run, device, repetitions=1, warmups=int(asked is prompts))
            figures.append(f"{name} {seconds * len(asked) / len(some):.1f} s")
        with gpu_kernels(precision):
            (seconds,) = timed(partial(our_responses, model, asked, scale.new_tokens), device, 1, warmups=0)
        figures.append(f"ours {seconds:.1f} s")
        yield f"{number} responses of {scale.new_tokens} tokens", f"{shape}, {precision}", "; ".join(figures)
    torch._dynamo.reset()  # else the next model's steps would one day not be compiled any more


def exercise(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """The whole command: 232 steps, 48 evaluations, the responses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_command(folder, shape, device, precision, scale)
        record = json.loads((folder / "output" / "experiment-baseline.json").read_text("utf-8"))
    seconds = record["seconds"]
    figures = f"training {seconds['training']:.1f} s, responses {seconds['responses']:.1f} s"
    yield "the whole exercise, baseline", f"{shape}, {precision}", figures


def sweep(shape: str, device: str, precision: str, scale: Scale) -> Iterator[Row]:
    """Four runs, by one process and by several that share the device; starting and loading included."""
    figures = []
    for processes in (1, 2, 4) if device == "cuda" else (2,):
        options = ["--sweep", "baseline", "mask_instructions", "--seeds", "1", "2", "--processes", str(processes)]
        with tempfile.TemporaryDirectory() as name:
            began = time.perf_counter()
            run_command(Path(name), shape, device, precision, scale, *options)
            figures.append(f"{processes} at once {time.perf_counter() - began:.0f} s")
    yield "a sweep of 4 runs", f"{shape}, {precision}", "; ".join(figures)


def run_command(folder: Path, shape: str, device: str, precision: str, scale: Scale, *options: str) -> None:
    """Run the command on random weights, into `folder`/output."""
    weights = weights_of(shape)
    places = ["--weights", str(weights), "--output_dir", str(folder / "output")]
    short = []
    if scale == TINY:
        (weights / "entries.json").write_text(json.dumps(splits()[0][:48]))
        short = ["--data", str(weights / "entries.json"), "--num_epochs", "1"]
    how = ["--device", device, "--precision", precision, "--max_new_tokens", str(scale.new_tokens)]
    command = [sys.executable, str(ROOT / "exercise_experiments.py"), *places, *how, *short, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def our_responses(model: GPTModel, prompts: Prompts, new_tokens: int) -> None:
    """All responses with the cache, in blocks as the command makes them."""
    size = RESPONSE_BLOCKS[model.device.type]
    for start in range(0, len(prompts), size):
        for _ in complete(model, prompts[start : start + size], new_tokens, END):
            pass


@cache
def weights_of(shape: str) -> Path:
    """A folder of random weights, which is there as long as this process."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return write_weights(Path(folder), shape)


def free_memory() -> None:
    """Give a GPU's memory back that nothing holds any more, from a peer's reference cycles too."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()

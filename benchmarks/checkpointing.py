"""What checkpoints cost: the time one adds to training, as a share with one every 10 minutes and with one an epoch.

    python benchmarks/checkpointing.py

GPT-2 small's shape with random weights, trained on instruction-data.json; the checkpoints go to the temporary folder
(TMPDIR; 6 GB), which must be on a real disk. Returns 1 where one every 10 minutes, the default, takes more than 3% of
training time. One an epoch, the default too, is a share that falls with the size of the data set.
"""

import itertools
import sys
import tempfile
from pathlib import Path
from statistics import median

import tiktoken
import torch
from measure import describe_machine, interleave, print_table
from peers import THREADS, VARIANTS, gpt2_tokenizer, loaders, random_model

from gpt2_experiments.devices.memory import keep_freed_memory
from gpt2_experiments.experiment.stages import CHECKPOINT_SECONDS
from gpt2_experiments.experiment.training import train_step
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun, training_tensors
from gpt2_experiments.model.lora import replace_linear_with_lora

STEPS = 3  # about as long as a checkpoint takes to be on the disk
REPETITIONS = 5
ALLOWED = 0.03  # of training time


def main() -> int:
    """Print the table; returns 1 if a share is larger than allowed."""
    torch.set_num_threads(THREADS)
    print(f"{describe_machine()}\n")
    tokenizer = gpt2_tokenizer()
    rows, is_cheap = [], True
    for variant in ("baseline", "lora"):
        megabytes, step, added, steps_per_epoch = measure(variant, tokenizer)
        by_time, by_epoch = (added / (seconds + added) for seconds in (CHECKPOINT_SECONDS, step * steps_per_epoch))
        rows.append((variant, megabytes, step, added, 100 * by_time, 100 * by_epoch))
        is_cheap &= by_time <= ALLOWED
    print_table(["", "MB", "training step, s", "a checkpoint adds, s", "% one in 10 minutes", "% one an epoch"], rows)
    return int(not is_cheap)


def measure(variant: str, tokenizer: tiktoken.Encoding) -> tuple[float, float, float, int]:
    """A checkpoint's MB, median seconds of a step and of what a checkpoint adds, and the steps of an epoch."""
    keep_freed_memory()
    model = random_model()
    if VARIANTS[variant][2]:
        model.requires_grad_(False)
        replace_linear_with_lora(model, rank=16, alpha=16)
    optimizer = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], fused=True)
    train_loader, _ = loaders(variant, tokenizer)
    batches = list(itertools.islice(train_loader, STEPS))
    numbers = itertools.count(1)

    def train() -> None:
        for batch in batches:
            train_step(batch, model, optimizer, step_in_backward=True)

    with tempfile.TemporaryDirectory() as folder, UnfinishedRun(Path(folder) / "unfinished") as unfinished:
        unfinished.begin({}, resume=False)

        def save_and_train() -> None:
            unfinished.save_checkpoint(next(numbers), training_tensors(model, optimizer), {})
            train()
            unfinished.finish_checkpoint()

        train()  # the optimizer's state is made in the first step
        seconds = interleave({"without": train, "with": save_and_train}, REPETITIONS, warmups=2)
        megabytes = unfinished.last_checkpoint().with_suffix(".safetensors").stat().st_size / 1e6
    added = median(saving - training for saving, training in zip(seconds["with"], seconds["without"], strict=True))
    return megabytes, median(seconds["without"]) / STEPS, added, len(train_loader)


if __name__ == "__main__":
    sys.exit(main())

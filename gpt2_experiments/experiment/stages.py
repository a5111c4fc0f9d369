"""The two long stages of an experiment, training and responding, so that they go on where they were stopped.

What goes on is, on a CPU, bit for bit what would have been: training continues with the weights, the optimizer and the
random generator of the last checkpoint; responses come in blocks, each always computed in one piece.
"""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice

import tiktoken
import torch
from torch.optim import AdamW
from torch.utils.data import DataLoader
from tqdm import tqdm

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry
from gpt2_experiments.experiment.settings import PRECISIONS, Settings
from gpt2_experiments.experiment.training import (
    Evaluation,
    NonFiniteLoss,
    Schedule,
    TrainingState,
    evaluate_model,
    finetune,
    generate_and_print_sample,
)
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun, restore_training, training_tensors
from gpt2_experiments.model.generation import affordable_rows, complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import merged_model
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import UserError

CHECKPOINT_SECONDS = 600  # between checkpoints where --checkpoint_every does not say
ROWS_FILE = "generation-rows.json"
RESPONSE_BLOCK = 256  # responses: what a killed run computes again at most
KEPT_FIELDS = ("step", "epoch", "steps_in_epoch", "tokens_seen", "seconds", "initial_losses")  # of TrainingState
GO_ON = "go on with the same command and --resume"
OUT_OF_MEMORY = (  # what the messages of the allocators have in them, in lower case
    "out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "bad_alloc",
    "alloc_failed", "paging file is too small",
)  # fmt: skip


class ResumableTraining:
    """Training with checkpoints."""

    def __init__(self, model: GPTModel, settings: Settings, unfinished: UnfinishedRun, stop: StopSignals):
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.model = model
        self.settings = settings
        self.optimizer = AdamW(trained, settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
        self.unfinished = unfinished
        self.stop = stop
        self.state = TrainingState()
        self.last_saved = time.monotonic()

    def run(
        self, train_loader: DataLoader, val_loader: DataLoader, tokenizer: tiktoken.Encoding, sample_prompt: str
    ) -> TrainingState:
        """Train to the end, from the last checkpoint if there is one."""
        settings = self.settings
        at_once = settings.micro_batch_size or settings.batch_size
        with autocast(settings), memory_advice("--micro_batch_size", at_once):
            self._start(train_loader, val_loader)
            schedule = Schedule(settings.num_epochs, settings.eval_freq, settings.eval_iter, settings.micro_batch_size)
            sample = partial(generate_and_print_sample, self.model, tokenizer, settings.device, sample_prompt, say)
            steps = finetune(
                self.model, train_loader, val_loader, self.optimizer, settings.device, schedule, self.state, sample, say
            )
            total = settings.num_epochs * len(train_loader)
            with tqdm(total=total, initial=self.state.step, desc="Training", unit="step", file=sys.stderr) as bar:
                try:
                    for _ in steps:
                        self._show_progress(bar)
                        self._save_if_due(len(train_loader))
                except NonFiniteLoss as error:
                    raise UserError(self._explain(error, train_loader)) from error
        return self.state

    def _start(self, train_loader: DataLoader, val_loader: DataLoader) -> None:
        """Take up the last checkpoint, or measure the initial losses and seed the generator."""
        settings = self.settings
        checkpoint = self.unfinished.load_checkpoint()
        if checkpoint is None:
            torch.manual_seed(settings.seed)
            losses = evaluate_model(self.model, train_loader, val_loader, settings.device, settings.eval_iter)
            self.state.initial_losses = losses
            torch.manual_seed(settings.seed)
        else:
            tensors, data = checkpoint
            restore_training(self.model, self.optimizer, tensors)
            for name in KEPT_FIELDS:
                setattr(self.state, name, data[name])
            self.state.evaluations = [Evaluation(**evaluation) for evaluation in data["evaluations"]]
            self.state.epoch_start_rng = tensors["epoch_start_rng"].clone()  # the file's mapping can go
        train_loss, val_loss = self.state.initial_losses
        print(f"Initial losses\n   Training loss: {train_loss}\n   Validation loss: {val_loss}", flush=True)
        if checkpoint is not None:
            print(f"Going on after step {self.state.step}", flush=True)

    def _show_progress(self, bar: tqdm) -> None:
        bar.update()
        loss, speed = self.state.evaluations[-1].train_loss, self.state.tokens_seen / self.state.seconds
        bar.set_postfix(loss=f"{loss:.3f}", tokens_per_s=f"{speed:.0f}", refresh=False)

    def _save_if_due(self, steps_per_epoch: int) -> None:
        """Save a checkpoint where one is due, and leave if a signal has asked for it."""
        self.unfinished.finish_checkpoint(wait=False)
        every = self.settings.checkpoint_every
        by_time = every is None and time.monotonic() - self.last_saved > CHECKPOINT_SECONDS
        by_steps = self.state.steps_in_epoch == steps_per_epoch or (every and self.state.step % every == 0)
        if by_time or by_steps or self.stop.received:
            self.state.check_losses()
            tensors = training_tensors(self.model, self.optimizer) | {"epoch_start_rng": self.state.epoch_start_rng}
            data = {name: getattr(self.state, name) for name in KEPT_FIELDS}
            data["evaluations"] = [asdict(evaluation) for evaluation in self.state.evaluations]
            self.unfinished.save_checkpoint(self.state.step, tensors, data)
            self.last_saved = time.monotonic()
        if self.stop.received:
            self.stop.leave(f"stopped after step {self.state.step}; {GO_ON}")

    def _explain(self, error: NonFiniteLoss, train_loader: DataLoader) -> str:
        """What went wrong, in which entries, and what is left."""
        torch.set_rng_state(self.state.epoch_start_rng)
        # A loader over the entries' numbers draws the same shuffle as the one over the entries.
        n_entries = len(train_loader.dataset)
        numbers = DataLoader(range(1, n_entries + 1), self.settings.batch_size, shuffle=True, drop_last=True)
        entries = next(islice(numbers, error.step_in_epoch, None)).tolist()
        last = self.unfinished.last_checkpoint()
        return (
            f"the loss became {error.loss} at step {error.step}, in the batch of the entries "
            f"{', '.join(map(str, entries))}; look at them, or lower --learning_rate; "
            f"the last good checkpoint is {last or 'none'}"
        )


def say(line: str) -> None:
    """Print a line above the progress bar, at once: a log file shows it when it happens."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()


def respond(
    model: GPTModel,
    tokenizer: tiktoken.Encoding,
    test: Sequence[Entry],
    settings: Settings,
    unfinished: UnfinishedRun,
    stop: StopSignals,
) -> list[str]:
    """The model's responses to the test entries, in their order; blocks that are on the disk are not computed again."""
    style = PROMPT_STYLES[settings.variant.style]
    prompts = [tokenizer.encode_ordinary(style.prompt(entry)) for entry in test]
    merged = merged_model(model, PRECISIONS[settings.precision])
    rows = _generation_rows(merged, prompts, settings, unfinished)
    responses: list[str] = []
    with tqdm(total=len(test), file=sys.stderr) as bar, memory_advice("--generation_rows", rows):
        for start in range(0, len(prompts), RESPONSE_BLOCK):
            name = f"responses-{start:06d}.json"
            block = unfinished.read_sealed(name)
            if block is None:
                in_block = prompts[start : start + RESPONSE_BLOCK]
                completions = complete(merged, in_block, settings.max_new_tokens, tokenizer.eot_token, rows)
                tokens = _collect(completions, len(in_block), bar, stop)
                block = [style.extract_response(tokenizer.decode(new)) for new in tokens]
                unfinished.write_sealed(name, block)
            else:
                bar.update(len(block))
            responses += block
    return responses


def _generation_rows(
    model: GPTModel, prompts: Sequence[Sequence[int]], settings: Settings, unfinished: UnfinishedRun
) -> int:
    """Responses generated at once: as set, as in the run that is gone on with, or what the free memory holds."""
    chosen = settings.generation_rows or unfinished.read_sealed(ROWS_FILE)
    if chosen is None:
        longest = max(map(len, prompts)) + settings.max_new_tokens
        chosen = affordable_rows(model, min(longest, model.context_length))
        unfinished.write_sealed(ROWS_FILE, chosen)
    return chosen


def _collect(completions: Iterator[tuple[int, list[int]]], count: int, bar: tqdm, stop: StopSignals) -> list[list[int]]:
    """The `count` completions in order, counted on the progress bar; leaves if a signal has asked for it."""
    tokens: dict[int, list[int]] = {}
    while len(tokens) < count:
        if stop.received:
            stop.leave(f"stopped while responding; {GO_ON}")
        number, new = next(completions)
        tokens[number] = new
        bar.update()
    return [tokens[number] for number in range(count)]


def autocast(settings: Settings) -> torch.autocast:
    """Matrix products in the type of `--precision`. Without autocast's cache of cast weights: training changes them."""
    dtype = PRECISIONS[settings.precision]
    device_type = torch.device(settings.device).type
    return torch.autocast(device_type, dtype, enabled=dtype != torch.float32, cache_enabled=False)


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

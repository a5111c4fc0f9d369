"""The two long stages of an experiment, training and responding, so that they go on where they were stopped.

What goes on is, on a CPU, bit for bit what would have been: training continues with the weights, the optimizer and the
random generator of the last checkpoint; responses come in blocks, each always computed in one piece.
"""

import contextlib
import math
import sys
import time
from collections.abc import Iterator, Sequence, Sized
from dataclasses import asdict
from itertools import islice
from typing import Any, cast

import tiktoken
import torch
from torch.optim import AdamW
from torch.utils.data import DataLoader
from tqdm import tqdm

from gpt2_experiments.devices import ranks
from gpt2_experiments.devices.memory import free_memory_bytes, give_back_freed_memory, memory_advice
from gpt2_experiments.devices.selection import PRECISIONS, gpu_kernels, matrix_products
from gpt2_experiments.devices.sharding import whole
from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.experiment.progress import TrainingProgress
from gpt2_experiments.experiment.settings import CHECKPOINT_SECONDS, Settings
from gpt2_experiments.experiment.training import (
    Evaluation,
    NonFiniteLoss,
    Schedule,
    TrainingState,
    evaluate_model,
    train_steps,
)
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun, restore_training, training_tensors
from gpt2_experiments.model.generation import complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.kv_cache import affordable_rows
from gpt2_experiments.model.lora import LinearWithLoRA, add_lora, merged_model, replace_linear_with_lora
from gpt2_experiments.shared.commands import GO_ON, StopSignals
from gpt2_experiments.shared.errors import UserError

PLAN_FILE = "response-plan.json"
# Responses: what a killed run computes again at most. A GPU is nearly idle while the last rows of a block end.
RESPONSE_BLOCKS = {"cpu": 256, "mps": 256, "cuda": 2048}
GRADIENTS_AND_STATE = 4  # sizes of the weights: a gradient, AdamW's two moments, and room for what is computed
SMALLEST_BLOCK, SHARED_BLOCKS = 16, 16  # responses in a block, and blocks, that several ranks share out
KEPT_FIELDS = ("step", "epoch", "steps_in_epoch", "tokens_seen", "seconds", "initial_losses")  # of TrainingState


def put_lora_on(model: GPTModel, seed: int, rank: int, alpha: float) -> None:
    """Freeze the model and put LoRA on it, with the seed's matrices; the parameter counts are printed."""
    torch.manual_seed(seed)
    add_lora(model, rank, alpha)
    model.to(model.device)


def whole_model(model: GPTModel) -> GPTModel:
    """A model that each rank has for itself, of one that they share out; to be read, not to be trained."""
    state = {name: whole(tensor) for name, tensor in model.state_dict().items()}
    with torch.device("meta"):
        copy = GPTModel(model.cfg)
        loras = [module for module in model.modules() if isinstance(module, LinearWithLoRA)]
        if loras:
            replace_linear_with_lora(copy, loras[0].lora.A.shape[1], loras[0].lora.alpha)
    copy.load_state_dict(state, assign=True)
    for name, parameter in copy.named_parameters():
        parameter.requires_grad = model.get_parameter(name).requires_grad
    return copy


def train(
    model: GPTModel,
    loaders: Loaders,
    settings: Settings,
    unfinished: UnfinishedRun,
    stop: StopSignals,
    progress: TrainingProgress,
) -> TrainingState:
    """Train to the end, from the last checkpoint if there is one."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = AdamW(
        trained,
        settings.learning_rate,
        weight_decay=settings.weight_decay,
        fused=True,
        capturable=model.device.type == "cuda",
    )
    schedule = Schedule(
        settings.num_epochs,
        settings.eval_freq,
        settings.eval_iter,
        settings.micro_batch_size,
        steps_in_backward(trained),
    )
    at_once = settings.micro_batch_size or settings.batch_size
    with matrix_products(model.device, settings.precision), memory_advice("--micro_batch_size", at_once):
        state = go_on(model, optimizer, unfinished) or begin(model, loaders, settings.seed, settings.eval_iter)
        train_loss, val_loss = state.initial_losses
        print(f"Initial losses\n   Training loss: {train_loss}\n   Validation loss: {val_loss}", flush=True)
        if state.step:
            print(f"Going on after step {state.step}", flush=True)
        if state.steps_in_epoch == len(loaders.train):  # the checkpoint is an epoch's end: its sample comes (again)
            progress.say_sample()
        saved_at = time.monotonic()
        with progress.start_bar(state.step) as bar, explaining_bad_loss(loaders.train, state, unfinished):
            for _ in train_steps(model, loaders, optimizer, schedule, state):
                progress.say_step(bar, state)
                unfinished.finish_checkpoint(wait=False)
                ends_epoch = state.steps_in_epoch == len(loaders.train)
                due = ends_epoch or is_due(settings.checkpoint_every, state.step, saved_at)
                stopping, any_due = ranks.largest(stop.received, due)  # a signal may yet come to one of them alone
                if stopping or any_due:
                    save_checkpoint(unfinished, model, optimizer, state)
                    saved_at = time.monotonic()
                if stopping:
                    stop.leave(f"stopped after step {state.step}; {GO_ON}", stopping)
                if ends_epoch:
                    progress.say_sample()
    return state


def steps_in_backward(trained: Sequence[torch.nn.Parameter]) -> bool:
    """Whether gradients are used within `backward()`: on CUDA, where it takes time, only if memory is short.

    Each of the optimizer's many calls launches kernels of its own there, and the host is slower than the device.
    """
    device = trained[0].device
    n_bytes = sum(parameter.numel() * parameter.element_size() for parameter in trained)
    if ranks.is_shared_out(trained[0]):
        n_bytes //= ranks.count()
    (is_short,) = ranks.largest(GRADIENTS_AND_STATE * n_bytes > free_memory_bytes(device))
    return device.type != "cuda" or bool(is_short)


def go_on(model: GPTModel, optimizer: torch.optim.Optimizer, unfinished: UnfinishedRun) -> TrainingState | None:
    """Take up the last checkpoint; None where there is none."""
    checkpoint = unfinished.load_checkpoint()
    if checkpoint is None:
        return None
    tensors, data = checkpoint
    restore_training(model, optimizer, tensors)
    return TrainingState(
        **{name: data[name] for name in KEPT_FIELDS},
        evaluations=[Evaluation(**evaluation) for evaluation in data["evaluations"]],
        epoch_start_rng=tensors["epoch_start_rng"].clone(),  # the file's mapping can go
    )


def begin(model: GPTModel, loaders: Loaders, seed: int, eval_iter: int) -> TrainingState:
    """Measure the initial losses, and seed the generator; `UserError` where there is nothing to begin from."""
    torch.manual_seed(seed)
    losses = evaluate_model(model, *loaders, eval_iter)
    if not all(map(math.isfinite, losses)):
        raise UserError(
            f"the losses before training are {losses[0]} (training) and {losses[1]} (validation); the weights hold "
            "such numbers, or no batch has a target: take other weights, or raise --allowed_max_length"
        )
    torch.manual_seed(seed)
    return TrainingState(initial_losses=losses)


def is_due(every: int | None, step: int, saved_at: float) -> bool:
    """Whether a checkpoint is due within an epoch: every so many steps, or some time after the last one."""
    return step % every == 0 if every else time.monotonic() - saved_at > CHECKPOINT_SECONDS


def save_checkpoint(
    unfinished: UnfinishedRun, model: GPTModel, optimizer: torch.optim.Optimizer, state: TrainingState
) -> None:
    """Keep all that going on takes; `NonFiniteLoss` where the weights are not worth keeping."""
    state.check_losses()
    tensors = training_tensors(model, optimizer) | {"epoch_start_rng": state.epoch_start_rng}
    data = {name: getattr(state, name) for name in KEPT_FIELDS}
    data["evaluations"] = [asdict(evaluation) for evaluation in state.evaluations]
    unfinished.save_checkpoint(state.step, tensors, data)


@contextlib.contextmanager
def explaining_bad_loss(loader: DataLoader, state: TrainingState, unfinished: UnfinishedRun) -> Iterator[None]:
    """Turn `NonFiniteLoss` into a `UserError` that says what went wrong, in which entries, and what is left."""
    try:
        yield
    except NonFiniteLoss as error:
        ranks.leave_to_first()
        torch.set_rng_state(state.epoch_start_rng)
        # A loader over the entries' numbers draws the same shuffle as the one over the entries.
        numbers: Any = range(1, len(cast(Sized, loader.dataset)) + 1)
        shuffled = DataLoader(numbers, loader.batch_size, shuffle=True, drop_last=True)
        entries = next(islice(shuffled, error.step_in_epoch, None)).tolist()
        last = unfinished.last_checkpoint()
        raise UserError(
            f"the loss became {error.loss} at step {error.step}, in the batch of the entries "
            f"{', '.join(map(str, entries))}; look at them, or lower --learning_rate; "
            f"the last good checkpoint is {last or 'none'}"
        ) from error


def respond(
    model: GPTModel,
    tokenizer: tiktoken.Encoding,
    prompts: Sequence[Sequence[int]],
    settings: Settings,
    unfinished: UnfinishedRun,
    stop: StopSignals,
) -> list[str]:
    """The model's responses to the prompts, in their order; blocks that are on the disk are not computed again."""
    merged = merged_model(model, PRECISIONS[settings.precision])
    plan = response_plan(merged, prompts, settings, unfinished)
    starts = range(0, len(prompts), plan["block"])
    done = ranks.from_first(finished_blocks(unfinished, starts, len(prompts)) if ranks.is_first() else {})
    style = PROMPT_STYLES[settings.variant.style]
    with (
        tqdm(total=len(prompts), file=sys.stderr) as bar,
        gpu_kernels(settings.precision),
        memory_advice("--generation_rows", plan["rows"]),
    ):
        bar.update(sum(map(len, done.values())))
        tokens: list[list[int]] | None = []
        for start in ranks.shared_out([start for start in starts if start not in done], settings.output_dir):
            in_block = prompts[start : start + plan["block"]]
            completions = complete(merged, in_block, settings.max_new_tokens, tokenizer.eot_token, plan["rows"])
            tokens = _collect(completions, len(in_block), bar, stop)
            if tokens is None:
                break
            done[start] = [style.extract_response(tokenizer.decode(new)) for new in tokens]
            unfinished.write_sealed(block_file(start), done[start])
        (is_stopped,) = ranks.largest(tokens is None)
        if is_stopped:
            stop.leave(f"stopped while responding; {GO_ON}", *ranks.largest(stop.received))
        blocks = {start: block for of_rank in ranks.gathered(done) for start, block in of_rank.items()}
        bar.update(len(prompts) - bar.n)
    return [response for start in starts for response in blocks[start]]


def finished_blocks(unfinished: UnfinishedRun, starts: range, n_prompts: int) -> dict[int, list[str]]:
    """The blocks of responses that are on the disk and whole, by the numbers of their first ones."""
    found = {start: unfinished.read_sealed(block_file(start)) for start in starts}
    return {
        start: block
        for start, block in found.items()
        if block is not None and len(block) == min(starts.step, n_prompts - start)
    }


def block_file(start: int) -> str:
    """What the block of responses from number `start` on is called."""
    return f"responses-{start:06d}.json"


def response_plan(
    model: GPTModel, prompts: Sequence[Sequence[int]], settings: Settings, unfinished: UnfinishedRun
) -> dict[str, int]:
    """How many responses are a block, and how many are generated at once: as in the run that is gone on with.

    Blocks for several ranks are small, so that each rank has some; how many ranks there are is not in their size.
    """
    plan = ranks.from_first(unfinished.read_sealed(PLAN_FILE))
    if plan is None:
        give_back_freed_memory()
        longest = max(map(len, prompts)) + settings.max_new_tokens
        rows = max(1, affordable_rows(model, min(longest, model.context_length)) // ranks.local_count())
        shared = max(SMALLEST_BLOCK, math.ceil(len(prompts) / SHARED_BLOCKS))
        block = RESPONSE_BLOCKS[model.device.type]
        block = min(block, shared) if ranks.count() > 1 else block
        plan = ranks.from_first({"block": block, "rows": rows})
        if ranks.is_first():
            unfinished.write_sealed(PLAN_FILE, plan)
    return plan | ({"rows": settings.generation_rows} if settings.generation_rows else {})


def _collect(
    completions: Iterator[tuple[int, list[int]]], count: int, bar: tqdm, stop: StopSignals
) -> list[list[int]] | None:
    """The `count` completions in order, counted on the progress bar; None if a signal asks to leave before."""
    tokens: dict[int, list[int]] = {}
    while len(tokens) < count:
        if stop.received:
            return None
        number, new = next(completions)
        tokens[number] = new
        bar.update()
    return [tokens[number] for number in range(count)]

"""Training and evaluation; and, for readers' notebooks, the names the book collects in its file of this name."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import tiktoken
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from gpt2_experiments.model import kept_memory
from gpt2_experiments.model.generation import generate
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.losses import Batch, count_targets, evaluation_losses, training_loss

__all__ = [
    "GPTModel",
    "calc_loss_batch",
    "calc_loss_loader",
    "evaluate_model",
    "generate",
    "generate_and_print_sample",
    "load_weights_into_gpt",
    "text_to_token_ids",
    "token_ids_to_text",
    "train_model_simple",
]

Say = Callable[[str], None]  # prints a line

EVALUATED_TOGETHER = 5  # batches in one forward pass: those of a default evaluation
LARGE_GRADIENT = 2**21  # elements: worth the 0.2 ms that an optimizer takes to look through all parameters
SAMPLE_TOKENS = 50  # generated after each epoch


@dataclass(frozen=True)
class Evaluation:
    """The losses after a training step; `step` counts from 0, `epoch` from 1, `tokens_seen` counts padded tokens."""

    step: int
    epoch: int
    tokens_seen: int
    train_loss: float
    val_loss: float
    seconds: float  # since training began


@dataclass(frozen=True)
class Schedule:
    """How long to train and when to look."""

    num_epochs: int
    eval_freq: int  # training steps between two evaluations
    eval_iter: int  # batches of each split an evaluation takes
    micro_batch_size: int | None = None  # sequences computed at once; None: the whole batch


class NonFiniteLoss(ArithmeticError):
    """A training step's loss is NaN or infinite; the weights have already been changed by its gradient."""

    def __init__(self, step: int, step_in_epoch: int, loss: float):
        super().__init__(f"the loss of step {step} is {loss}")
        self.step = step
        self.step_in_epoch = step_in_epoch
        self.loss = loss


@dataclass
class TrainingState:
    """Where training stands. With the weights and the optimizer's state it is all that going on takes."""

    step: int = 0  # steps done
    epoch: int = 1  # the epoch under way
    steps_in_epoch: int = 0
    tokens_seen: int = 0  # padded tokens of the batches, as the book counts
    seconds: float = 0.0
    initial_losses: tuple[float, float] | None = None  # training, validation
    evaluations: list[Evaluation] = field(default_factory=list)
    epoch_start_rng: Tensor | None = None  # the global generator's state from which the epoch's shuffle was drawn
    # (step, step in the epoch, loss on the device) of the steps since `check_losses`
    unchecked: list[tuple[int, int, Tensor]] = field(default_factory=list)

    def check_losses(self) -> None:
        """Raise `NonFiniteLoss` if a step since the last call had a loss that is NaN or infinite."""
        for step, step_in_epoch, loss in self.unchecked:
            if not math.isfinite(loss):
                raise NonFiniteLoss(step, step_in_epoch, float(loss))
        self.unchecked.clear()

    def record(self, train_loss: float, val_loss: float, say: Say) -> None:
        """Record and say the losses after the step that has just been taken."""
        self.evaluations.append(Evaluation(self.step, self.epoch, self.tokens_seen, train_loss, val_loss, self.seconds))
        say(f"Ep {self.epoch} (Step {self.step:06d}): Train loss {train_loss:.3f}, Val loss {val_loss:.3f}")


def text_to_token_ids(text: str, tokenizer: tiktoken.Encoding) -> Tensor:
    """Token ids of `text`, `[1, tokens]`; `<|endoftext|>` in it is the special token."""
    return torch.tensor(tokenizer.encode(text, allowed_special={"<|endoftext|>"})).unsqueeze(0)


def token_ids_to_text(token_ids: Tensor, tokenizer: tiktoken.Encoding) -> str:
    """The text of `[1, tokens]`."""
    return tokenizer.decode(token_ids.squeeze(0).tolist())


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: GPTModel, device: str | torch.device) -> Tensor:
    """Mean loss of a padded batch, a scalar to call `backward()` on."""
    return training_loss((input_batch, target_batch), model, torch.device(device))


def calc_loss_loader(
    data_loader: DataLoader, model: GPTModel, device: str | torch.device, num_batches: int | None = None
) -> float:
    """Mean of the batches' mean losses over the loader's first `num_batches` batches (default: all).

    Batches without any target do not count; NaN where no batch has one.
    """
    batches = (batch for batch in islice(data_loader, num_batches) if count_targets(batch))
    losses: list[float] = []
    while together := list(islice(batches, EVALUATED_TOGETHER)):
        losses += evaluation_losses(together, model, torch.device(device)).tolist()
    return sum(losses) / len(losses) if losses else float("nan")


@contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; the mode from before comes back whatever happens."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def evaluate_model(
    model: GPTModel, train_loader: DataLoader, val_loader: DataLoader, device: str | torch.device, eval_iter: int
) -> tuple[float, float]:
    """Mean losses over `eval_iter` batches of a fresh pass over each loader."""
    with evaluating(model):
        return (
            calc_loss_loader(train_loader, model, device, eval_iter),
            calc_loss_loader(val_loader, model, device, eval_iter),
        )


def generate_and_print_sample(
    model: GPTModel, tokenizer: tiktoken.Encoding, device: str | torch.device, start_context: str, say: Say = print
) -> None:
    """Say `start_context` and its greedy continuation on one line."""
    encoded = torch.tensor([tokenizer.encode_ordinary(start_context)], device=device)
    # Without autocast: the cache has the weights' own type.
    with evaluating(model), torch.autocast(torch.device(device).type, enabled=False):
        token_ids = generate(model, encoded, SAMPLE_TOKENS, model.context_length)
    say(token_ids_to_text(token_ids, tokenizer).replace("\n", " "))


def finetune(
    model: GPTModel,
    train_loader: DataLoader,
    val_loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: str | torch.device,
    schedule: Schedule,
    state: TrainingState,
    sample: Callable[[], None],
    say: Say = print,
) -> Iterator[TrainingState]:
    """Train from where `state` stands to the schedule's end; say the losses, and call `sample` after each epoch.

    Yields:
        The state after each step: the moment to save it with the weights and the optimizer's state, or to stop.
    """
    device = torch.device(device)
    began = time.perf_counter() - state.seconds
    optimizer.zero_grad()
    while state.epoch <= schedule.num_epochs:
        model.train()
        for batch in _remaining_batches(train_loader, state):
            evaluate = state.step % schedule.eval_freq == 0
            loss = train_step(batch, model, optimizer, device, schedule.micro_batch_size)
            state.unchecked.append((state.step, state.steps_in_epoch, loss))
            if evaluate or device.type == "cpu":  # elsewhere reading a loss waits for the device
                state.check_losses()
            state.tokens_seen += batch[0].numel()
            if evaluate:
                losses = evaluate_model(model, train_loader, val_loader, device, schedule.eval_iter)
                state.seconds = time.perf_counter() - began
                state.record(*losses, say)
            state.step, state.steps_in_epoch = state.step + 1, state.steps_in_epoch + 1
            state.seconds = time.perf_counter() - began
            yield state
        sample()
        state.epoch, state.steps_in_epoch = state.epoch + 1, 0
    kept_memory.release()


def _remaining_batches(loader: DataLoader, state: TrainingState) -> Iterator[Batch]:
    """The epoch's batches from `state.steps_in_epoch` on, in the order an uninterrupted epoch has them in."""
    if state.steps_in_epoch == 0:
        state.epoch_start_rng = torch.get_rng_state()
        yield from loader
        return
    rng = torch.get_rng_state()
    torch.set_rng_state(state.epoch_start_rng)  # the loader draws its shuffle from the global generator
    batches = islice(loader, state.steps_in_epoch, None)
    first = next(batches, None)
    torch.set_rng_state(rng)
    if first is not None:
        yield first
        yield from batches


def train_step(
    batch: Batch,
    model: GPTModel,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
    micro_batch_size: int | None,
) -> Tensor:
    """Change the weights by the gradient of the batch's mean loss, leave no gradients, and return the loss."""
    at_once = micro_batch_size or len(batch[0])
    with stepping_in_backward(optimizer) if at_once >= len(batch[0]) else nullcontext():
        loss = backward(batch, model, device, at_once)
    optimizer.step()
    optimizer.zero_grad()  # here, so that evaluations have the memory, but for one large block that is kept
    return loss


@contextmanager
def stepping_in_backward(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Within it `backward()` has the optimizer use each large gradient at once, with the small ones that are there.

    Then large gradients do not exist together: a quarter of the memory that full finetuning takes with AdamW. It suits
    optimizers that treat every parameter by itself, and one `backward()` a step. As in PyTorch's tutorial "How to save
    memory by fusing the optimizer step into the backward pass".
    """

    def use(parameter: Tensor) -> None:
        optimizer.step()
        kept_memory.keep(parameter.grad)
        optimizer.zero_grad()

    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    large = [parameter for parameter in parameters if parameter.requires_grad and parameter.numel() >= LARGE_GRADIENT]
    handles = [parameter.register_post_accumulate_grad_hook(use) for parameter in large]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def backward(batch: Batch, model: GPTModel, device: torch.device, micro_batch_size: int) -> Tensor:
    """Add the gradient of the batch's mean loss to `.grad`, `micro_batch_size` sequences at a time; return the loss."""
    inputs, targets = batch
    n_targets = count_targets(batch)
    total = torch.zeros((), device=device)
    for part in zip(inputs.split(micro_batch_size), targets.split(micro_batch_size), strict=True):
        loss = training_loss(part, model, device, n_targets)
        loss.backward()
        total += loss.detach()
    return total


def train_model_simple(
    model: GPTModel,
    train_loader: DataLoader,
    val_loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: str | torch.device,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
    start_context: str,
    tokenizer: tiktoken.Encoding,
) -> tuple[list[float], list[float], list[int]]:
    """The book's training function.

    Returns:
        Training losses, validation losses, and the tokens seen, at each evaluation.
    """
    state = TrainingState()
    schedule = Schedule(num_epochs, eval_freq, eval_iter)
    sample = partial(generate_and_print_sample, model, tokenizer, device, start_context)
    for _ in finetune(model, train_loader, val_loader, optimizer, device, schedule, state, sample):
        pass
    history = state.evaluations
    return [at.train_loss for at in history], [at.val_loss for at in history], [at.tokens_seen for at in history]


def load_weights_into_gpt(gpt: GPTModel, params: dict[str, Any]) -> None:
    """Fill `gpt` from the nested dict that `load_gpt2_params_from_tf_ckpt` returns; `ValueError` on a wrong shape."""
    _fill("tok_emb", gpt.tok_emb.weight, params["wte"])
    _fill("pos_emb", gpt.pos_emb.weight, params["wpe"])
    _fill("out_head", gpt.out_head.weight, params["wte"])
    _fill_norm("final_norm", gpt.final_norm, params)
    if len(params["blocks"]) != len(gpt.trf_blocks):
        raise ValueError(f"{len(params['blocks'])} blocks of weights for a model of {len(gpt.trf_blocks)}")
    for index, (block, source) in enumerate(zip(gpt.trf_blocks, params["blocks"], strict=True)):
        name = f"trf_blocks.{index}"
        weights = np.split(source["attn"]["c_attn"]["w"], 3, axis=-1)
        biases = np.split(source["attn"]["c_attn"]["b"], 3, axis=-1)
        projections = (block.att.W_query, block.att.W_key, block.att.W_value)
        for linear, weight, bias in zip(projections, weights, biases, strict=True):
            _fill_linear(f"{name}.att", linear, {"w": weight, "b": bias})
        _fill_linear(f"{name}.att.out_proj", block.att.out_proj, source["attn"]["c_proj"])
        _fill_linear(f"{name}.ff.layers.0", block.ff.layers[0], source["mlp"]["c_fc"])
        _fill_linear(f"{name}.ff.layers.2", block.ff.layers[2], source["mlp"]["c_proj"])
        _fill_norm(f"{name}.norm1", block.norm1, source["ln_1"])
        _fill_norm(f"{name}.norm2", block.norm2, source["ln_2"])


def _fill_linear(name: str, linear: torch.nn.Linear, source: dict[str, Any]) -> None:
    """GPT-2 keeps weights as `[in, out]`, PyTorch as `[out, in]`."""
    _fill(f"{name}.weight", linear.weight, source["w"].T)
    _fill(f"{name}.bias", linear.bias, source["b"])


def _fill_norm(name: str, norm: torch.nn.Module, source: dict[str, Any]) -> None:
    _fill(f"{name}.scale", norm.scale, source["g"])
    _fill(f"{name}.shift", norm.shift, source["b"])


@torch.no_grad()
def _fill(name: str, parameter: Tensor, values: Any) -> None:
    """Copy `values` into `parameter`."""
    if parameter.shape != values.shape:
        raise ValueError(f"{name} has shape {tuple(parameter.shape)}, its weights have {values.shape}")
    parameter.copy_(torch.as_tensor(np.ascontiguousarray(values)))

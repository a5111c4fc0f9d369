"""The training loop: steps, evaluations, and the state with which it goes on."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice

import tiktoken
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from gpt2_experiments.devices import ranks
from gpt2_experiments.entries.datasets import Loaders
from gpt2_experiments.experiment.graphed_steps import GraphedLosses, GraphedSteps, can_graph
from gpt2_experiments.model.generation import complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.losses import IGNORE_INDEX, Batch, count_targets, evaluation_losses, training_loss

EVALUATED_TOGETHER = 10  # batches in one forward pass: those of a default evaluation, of both splits
LARGE_GRADIENT = 2**21  # elements: worth the 0.2 ms that an optimizer takes to look through all parameters
SAMPLE_TOKENS = 50  # generated after each epoch

LossesOf = Callable[[Sequence[Batch], GPTModel], Tensor]  # as `evaluation_losses`


@dataclass(frozen=True)
class Evaluation:
    """The losses after a training step; `step` counts from 0, `epoch` from 1, `tokens_seen` counts padded tokens."""

    step: int
    epoch: int
    tokens_seen: int
    train_loss: float
    val_loss: float
    seconds: float  # since training began

    def __str__(self) -> str:
        """The line that a run prints."""
        losses = f"Train loss {self.train_loss:.3f}, Val loss {self.val_loss:.3f}"
        return f"Ep {self.epoch} (Step {self.step:06d}): {losses}"


@dataclass(frozen=True)
class Schedule:
    """How long to train, when to look, and how much to compute at once."""

    num_epochs: int
    eval_freq: int  # training steps between two evaluations
    eval_iter: int  # batches of each split an evaluation takes
    micro_batch_size: int | None = None  # sequences computed at once; None: the whole batch
    step_in_backward: bool = False  # see `stepping_in_backward`


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
    initial_losses: tuple[float, float] = (math.nan, math.nan)  # training, validation; NaN: not measured
    evaluations: list[Evaluation] = field(default_factory=list)
    # The global generator's state from which the epoch's shuffle was drawn.
    epoch_start_rng: Tensor = field(default_factory=torch.get_rng_state)
    # (step, step in the epoch, loss on the device) of the steps since `check_losses`
    unchecked: list[tuple[int, int, Tensor]] = field(default_factory=list)

    @property
    def new_evaluation(self) -> Evaluation | None:
        """The evaluation after the last step, if there was one."""
        last = self.evaluations[-1] if self.evaluations else None
        return last if last and last.step == self.step - 1 else None

    def check_losses(self) -> None:
        """Raise `NonFiniteLoss` if a step since the last call had a loss that is NaN or infinite."""
        for step, step_in_epoch, loss in self.unchecked:
            if not math.isfinite(loss):
                raise NonFiniteLoss(step, step_in_epoch, float(loss))
        self.unchecked.clear()


def train_steps(
    model: GPTModel, loaders: Loaders, optimizer: torch.optim.Optimizer, schedule: Schedule, state: TrainingState
) -> Iterator[TrainingState]:
    """Train from where `state` stands to the schedule's end.

    Yields:
        The state after each step: the moment to say its evaluation, to save it with the weights and the optimizer's
        state, or to stop. After an epoch's last step `steps_in_epoch` is the number of its batches.
    """
    began = time.perf_counter() - state.seconds
    optimizer.zero_grad()
    graphed = None
    if can_graph(model, optimizer, schedule.micro_batch_size) and not schedule.step_in_backward:
        graphed = GraphedSteps(model, optimizer)
    losses_of = GraphedLosses(model) if graphed else evaluation_losses
    while state.epoch <= schedule.num_epochs:
        model.train()
        for batch in _remaining_batches(loaders.train, state):
            if graphed and count_targets(batch):
                loss = graphed(batch)
            else:
                loss = train_step(batch, model, optimizer, schedule.micro_batch_size, schedule.step_in_backward)
            state.unchecked.append((state.step, state.steps_in_epoch, loss))
            state.tokens_seen += batch[0].numel()
            is_evaluated = state.step % schedule.eval_freq == 0
            if is_evaluated or loss.device.type == "cpu":  # elsewhere reading a loss waits for the device
                state.check_losses()
            if is_evaluated:
                losses = evaluate_model(model, *loaders, schedule.eval_iter, losses_of)
                check_finite(losses, state)
                state.seconds = time.perf_counter() - began
                state.evaluations.append(Evaluation(state.step, state.epoch, state.tokens_seen, *losses, state.seconds))
            state.step, state.steps_in_epoch = state.step + 1, state.steps_in_epoch + 1
            state.seconds = time.perf_counter() - began
            yield state
        state.epoch, state.steps_in_epoch = state.epoch + 1, 0


def check_finite(losses: Iterable[float], state: TrainingState) -> None:
    """Raise `NonFiniteLoss` for an evaluation after the step under way that is NaN or infinite: the step's doing."""
    for loss in losses:
        if not math.isfinite(loss):
            raise NonFiniteLoss(state.step, state.steps_in_epoch, loss)


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
    micro_batch_size: int | None = None,
    step_in_backward: bool = False,
) -> Tensor:
    """Change the weights by the gradient of the batch's mean loss, leave no gradients, and return the loss."""
    at_once = micro_batch_size or len(batch[0])
    use_early = step_in_backward and at_once >= ranks.largest_part(len(batch[0]))  # all ranks alike
    with stepping_in_backward(optimizer) if use_early else nullcontext():
        loss = backward(batch, model, at_once)
    use_gradients(optimizer)  # here, so that evaluations have the memory
    return loss


def use_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Change the weights by the gradients that are there, of all ranks together, and leave none."""
    ranks.add_up_gradients(_parameters(optimizer))
    optimizer.step()
    optimizer.zero_grad()


def _parameters(optimizer: torch.optim.Optimizer) -> list[torch.nn.Parameter]:
    """The parameters that an optimizer changes."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


@contextmanager
def stepping_in_backward(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Within it `backward()` has the optimizer use each large gradient at once, with the small ones that are there.

    Then large gradients do not exist together: a quarter of the memory that full finetuning takes with AdamW. `step()`
    is called once a large gradient: only for optimizers that treat every parameter by itself and count steps a
    parameter, as PyTorch's AdamW, and for one `backward()` a step. As in PyTorch's tutorial "How to save memory by
    fusing the optimizer step into the backward pass".
    """

    trained = [parameter for parameter in _parameters(optimizer) if parameter.requires_grad]
    large = [parameter for parameter in trained if parameter.numel() >= LARGE_GRADIENT]
    handles = [parameter.register_post_accumulate_grad_hook(lambda _: use_gradients(optimizer)) for parameter in large]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def backward(batch: Batch, model: GPTModel, micro_batch_size: int) -> Tensor:
    """Add the gradient of the batch's mean loss to `.grad`, `micro_batch_size` sequences at a time; return the loss.

    A rank computes its part of the batch: the loss is that of the whole one, the gradient is yet to be added up.
    """
    n_targets = count_targets(batch)
    total = torch.zeros((), device=model.device)
    for part, weight in own_parts(batch, micro_batch_size):
        loss = weight * training_loss(part, model, n_targets)
        loss.backward()
        total += loss.detach()
    ranks.add_up(total)
    return total


def own_parts(batch: Batch, micro_batch_size: int) -> list[tuple[Batch, float]]:
    """This rank's sequences of a batch, `micro_batch_size` at a time, each part with a weight for its loss.

    Ranks wait for each other's gradients, so each has as many parts, and each part a target: in the place of one that
    has none, or that is missing, stands a sequence whose loss counts nothing.
    """
    inputs, targets = batch
    rows = ranks.own_part(len(inputs))
    parts = list(zip(inputs[rows].split(micro_batch_size), targets[rows].split(micro_batch_size), strict=True))
    if ranks.count() == 1 or not count_targets(batch):
        return [(part, 1.0) for part in parts]
    first = (targets != IGNORE_INDEX).any(dim=1).nonzero()[0]  # that has a target
    stand_in = (inputs[first], targets[first])
    n_missing = math.ceil(ranks.largest_part(len(inputs)) / micro_batch_size) - len(parts)
    weighed = [(part, 1.0) if count_targets(part) else (stand_in, 0.0) for part in parts]
    return weighed + n_missing * [(stand_in, 0.0)]


def evaluate_model(
    model: GPTModel,
    train_batches: Iterable[Batch],
    val_batches: Iterable[Batch],
    eval_iter: int,
    losses_of: LossesOf = evaluation_losses,
) -> tuple[float, float]:
    """Mean losses over the first `eval_iter` batches with targets of a fresh pass over each split; NaN without one."""
    train = list(_with_targets(train_batches, eval_iter))
    with evaluating(model):
        losses = batch_losses(chain(train, _with_targets(val_batches, eval_iter)), model, losses_of)
    return _mean(losses[: len(train)]), _mean(losses[len(train) :])


def mean_loss(batches: Iterable[Batch], model: GPTModel, num_batches: int | None = None) -> float:
    """Mean of the mean losses of the first `num_batches` batches (default: all) that have a target; NaN without one."""
    return _mean(batch_losses(_with_targets(batches, num_batches), model))


def _with_targets(batches: Iterable[Batch], n_batches: int | None) -> Iterator[Batch]:
    """The first `n_batches` batches (None: all) that have a target."""
    return islice((batch for batch in batches if count_targets(batch)), n_batches)


def _mean(losses: Sequence[float]) -> float:
    return sum(losses) / len(losses) if losses else float("nan")


def batch_losses(batches: Iterable[Batch], model: GPTModel, losses_of: LossesOf = evaluation_losses) -> list[float]:
    """The mean loss of each batch; all have a target."""
    losses: list[float] = []
    remaining = iter(batches)
    while together := list(islice(remaining, EVALUATED_TOGETHER)):
        losses += shared_losses(together, model, losses_of)
    return losses


def shared_losses(batches: Sequence[Batch], model: GPTModel, losses_of: LossesOf) -> list[float]:
    """The mean loss of each batch, from one forward pass over all; each rank computes some of them."""
    own = ranks.own_part(len(batches))
    losses = torch.zeros(len(batches), device=model.device)
    # Where ranks have shared out the model, one that has no batch has to compute one beside the others.
    losses[own] = losses_of(batches[own] or batches[:1], model)[: own.stop - own.start]
    ranks.add_up(losses)
    return losses.tolist()


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


def sample_text(model: GPTModel, tokenizer: tiktoken.Encoding, prompt: str) -> str:
    """`prompt` and its greedy continuation by 50 tokens, on one line."""
    encoded = tokenizer.encode_ordinary(prompt)
    # Without autocast: the cache has the weights' own type.
    with evaluating(model), torch.autocast(model.device.type, enabled=False):
        ((_, new),) = complete(model, [encoded], SAMPLE_TOKENS, eos_id=None)
    return tokenizer.decode([*encoded, *new]).replace("\n", " ")

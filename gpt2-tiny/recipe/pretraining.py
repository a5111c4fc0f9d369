"""Pretraining of a small GPT-2: the recipe, the windows of the token streams, the loop, and the held-out loss."""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache

import torch
from torch import Tensor
from torch.optim import AdamW
from tqdm import tqdm

from gpt2_experiments.experiment.training import backward, evaluating
from gpt2_experiments.experiment.unfinished_run import (
    UnfinishedRun,
    optimizer_tensors,
    restore_optimizer,
    restore_training,
    training_tensors,
)
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.losses import Batch, evaluation_losses
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.weights.hparams import model_config
from muon import Muon

CHECKPOINT_STEPS = 250
EVALUATED_TOGETHER = 8  # windows in one forward pass
GLANCE_WINDOWS = 32  # of the held-out text, looked at while training goes on
PASSAGE_BITS = (3, 7)  # a passage that stands twice has 2^3 to 2^7 tokens


@dataclass(frozen=True)
class Recipe:
    """The settings of a pretraining run; with its texts and processor they decide the weights."""

    n_vocab: int = 8000
    n_ctx: int = 512
    n_embd: int = 256
    n_head: int = 4
    n_layer: int = 6
    steps: int = 4800
    text_windows: int = 4  # of each batch, `n_ctx` tokens of the text
    doubled_windows: int = 1  # of each batch, in which every passage of the text stands twice
    task_windows: int = 3  # of each batch, of drills and dialogues
    n_drills: int = 110_000
    dialogue_passes: int = 8  # among the drills, in other layouts each time
    learning_rate: float = 4e-3  # AdamW's, for embeddings and vectors
    muon_learning_rate: float = 0.02  # for the matrices of the blocks
    warmup_steps: int = 200
    decay_share: float = 0.6  # of the steps, the last ones, in which the rates fall to 0
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.95)  # AdamW's
    largest_gradient: float = 1.0  # the norm that gradients are clipped to
    seed: int = 123
    eval_freq: int = 250  # steps
    threads: int = 2  # how sums are split shows in their last bits

    @property
    def hparams(self) -> dict[str, int]:
        """The shape, with the keys of `hparams.json`."""
        return {key: getattr(self, key) for key in ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")}

    def share_of_rate(self, step: int) -> float:
        """What part of the learning rates a step has: up, level, down (Zhai et al. 2022, arXiv:2106.04560)."""
        remaining = (self.steps - step) / (self.decay_share * self.steps)
        return min(1.0, (step + 1) / self.warmup_steps, remaining)


@dataclass(frozen=True)
class Streams:
    """The texts, each as one stream, `[tokens]`."""

    text: Tensor
    tasks: Tensor
    held_out: Tensor

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each."""
        return {
            f"{field.name}_sha256": hashlib.sha256(getattr(self, field.name).numpy()).hexdigest()
            for field in fields(self)
        }


@cache
def product_type() -> torch.dtype:
    """The type of products: bfloat16 where the processor has units for it; without them it is many times slower."""
    capabilities = torch.cpu.get_capabilities()
    has_units = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if has_units else torch.float32


def pretrain(
    recipe: Recipe, streams: Streams, made_with: Mapping[str, str], unfinished: UnfinishedRun, stop: StopSignals
) -> tuple[GPTModel, list[dict[str, float]]]:
    """Train from the start, or from the last checkpoint; returns the model and its evaluations.

    A run is gone on with only where its recipe, streams and what it is `made_with` are the same. The beginning of the
    held-out text is looked at every `eval_freq` steps.
    """
    unfinished.begin(asdict(recipe) | streams.digests | dict(made_with), resume=True)
    model = initial_model(recipe)
    optimizers = Optimizers(model, recipe)
    start, evaluations = 0, []
    if checkpoint := unfinished.load_checkpoint():
        tensors, data = checkpoint
        restore_training(model, optimizers.adamw, tensors)
        restore_optimizer(optimizers.muon, "muon", tensors)
        start, evaluations = data["step"], data["evaluations"]
    glance = streams.held_out[: GLANCE_WINDOWS * recipe.n_ctx + 1]
    with unfinished, tqdm(total=recipe.steps, initial=start, desc="Pretraining", unit="step", file=sys.stderr) as bar:
        for step in range(start, recipe.steps):
            loss = train_step(model, optimizers, window_batch(streams, step, recipe), step)
            done = step + 1
            if done % recipe.eval_freq == 0 or done == recipe.steps:
                nats = stream_loss(model, glance, recipe.n_ctx)
                evaluations.append({"step": done, "train_loss": loss, "held_out_loss": nats})
                tqdm.write(f"Step {done:06d}: Train loss {loss:.3f}, Held-out loss {nats:.3f}")
            if done % CHECKPOINT_STEPS == 0 or done == recipe.steps or stop.received:
                tensors = training_tensors(model, optimizers.adamw) | optimizer_tensors(optimizers.muon, "muon")
                unfinished.save_checkpoint(done, tensors, {"step": done, "evaluations": list(evaluations)})
            if stop.received:
                stop.leave(f"stopped after step {done}; the same command goes on")
            bar.update()
    return model, evaluations


def initial_model(recipe: Recipe) -> GPTModel:
    """GPT-2's initialisation (normal, 0.02; residual projections smaller), the head sharing the embedding's matrix."""
    torch.manual_seed(recipe.seed)
    model = GPTModel(model_config(recipe.hparams))
    model.out_head.weight = model.tok_emb.weight
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(weight)
        elif weight.dim() == 2:
            is_residual = name.endswith(("out_proj.weight", "layers.2.weight"))
            torch.nn.init.normal_(weight, std=0.02 / (2 * recipe.n_layer) ** 0.5 if is_residual else 0.02)
    return model


class Optimizers:
    """Muon for the matrices of the blocks, AdamW for all else.

    After 160 steps on this text the held-out loss was 4.6 with both and 5.1 with AdamW alone.
    """

    def __init__(self, model: GPTModel, recipe: Recipe):
        matrices = [weight for weight in model.trf_blocks.parameters() if weight.dim() == 2]
        in_blocks = set(map(id, matrices))
        others = [weight for weight in model.parameters() if id(weight) not in in_blocks]
        self.recipe = recipe
        self.muon = Muon(matrices, recipe.muon_learning_rate, recipe.weight_decay, product_type())
        self.adamw = AdamW(others, recipe.learning_rate, recipe.betas, weight_decay=recipe.weight_decay, fused=True)

    def step(self, step: int) -> None:
        """Change the weights by their gradients, at the step's rates, and forget the gradients."""
        share = self.recipe.share_of_rate(step)
        for optimizer, rate in ((self.muon, self.recipe.muon_learning_rate), (self.adamw, self.recipe.learning_rate)):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            optimizer.step()
            optimizer.zero_grad()


def train_step(model: GPTModel, optimizers: Optimizers, batch: Batch, step: int) -> float:
    """One step of training; returns the batch's mean loss in nats a token."""
    narrow = product_type() == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16, enabled=narrow, cache_enabled=False):
        loss = backward(batch, model, len(batch[0]))
    largest = optimizers.recipe.largest_gradient
    torch.nn.utils.clip_grad_norm_(model.parameters(), largest, error_if_nonfinite=True)
    optimizers.step(step)
    return loss.item()


def window_batch(streams: Streams, step: int, recipe: Recipe) -> Batch:
    """The inputs and targets of a step, both `[windows, n_ctx]`: of the text as it is, of the text doubled, of tasks.

    A batch depends on the arguments alone, so a run that goes on needs no other position.
    """
    n_text = recipe.text_windows + recipe.doubled_windows
    generator = torch.Generator().manual_seed(step)
    windows = list(_windows_in_turn(streams.text, range(step * n_text, (step + 1) * n_text), recipe))
    for row in range(recipe.text_windows, n_text):
        windows[row] = doubled(windows[row], generator)
    turn = range(step * recipe.task_windows, (step + 1) * recipe.task_windows)
    batch = torch.stack([*windows, *_windows_in_turn(streams.tasks, turn, recipe)])
    return batch[:, :-1], batch[:, 1:]


def _windows_in_turn(stream: Tensor, turn: range, recipe: Recipe) -> Iterator[Tensor]:
    """The windows of these numbers, `[n_ctx + 1]` each.

    Each epoch cuts the stream into windows from another offset on and shuffles them.
    """
    per_epoch = (len(stream) - 1 - recipe.n_ctx) // recipe.n_ctx
    if per_epoch < 1:
        raise ValueError(f"{len(stream)} tokens do not fill two windows of {recipe.n_ctx}")
    for number in turn:
        offset, order = _order(recipe.seed + number // per_epoch, per_epoch, recipe.n_ctx)
        start = offset + int(order[number % per_epoch]) * recipe.n_ctx
        yield stream[start : start + recipe.n_ctx + 1]


@cache
def _order(seed: int, n_windows: int, n_ctx: int) -> tuple[int, Tensor]:
    """An epoch's offset and the order of its windows."""
    generator = torch.Generator().manual_seed(seed)
    offset = int(torch.randint(n_ctx, (), generator=generator))
    return offset, torch.randperm(n_windows, generator=generator)


def doubled(window: Tensor, generator: torch.Generator) -> Tensor:
    """The window's first half or so, each passage of it standing twice in a row, as long as `window` `[tokens]`.

    It teaches copying, which most instructions about a given sentence need and prose does not teach a model of this
    size: after 25 million tokens of it the second of two equal passages of 60 tokens cost 2.80 nats a token, the first
    3.44; after 500 steps with two such windows in eight 0.46.
    """
    least, most = PASSAGE_BITS
    start, pieces = 0, []
    while 2 * start < len(window):
        size = int(2 ** (least + (most - least) * torch.rand((), generator=generator)))
        pieces += [window[start : start + size]] * 2
        start += size
    return torch.cat(pieces)[: len(window)]


def stream_loss(model: GPTModel, tokens: Tensor, n_ctx: int) -> float:
    """Mean loss in nats of each token but the first, in windows of `n_ctx` that do not overlap."""
    total = 0.0
    with evaluating(model):
        for batch in _stream_batches(tokens, n_ctx):
            total += evaluation_losses([batch], model).item() * batch[1].numel()
    return total / (len(tokens) - 1)


def _stream_batches(tokens: Tensor, n_ctx: int) -> Iterator[Batch]:
    """All windows of the stream, those of full length in batches, then the rest."""
    n_full = (len(tokens) - 1) // n_ctx
    inputs, targets = tokens[: n_full * n_ctx].view(-1, n_ctx), tokens[1 : n_full * n_ctx + 1].view(-1, n_ctx)
    if n_full:
        yield from zip(inputs.split(EVALUATED_TOGETHER), targets.split(EVALUATED_TOGETHER), strict=True)
    if n_full * n_ctx + 1 < len(tokens):
        yield tokens[n_full * n_ctx : -1].unsqueeze(0), tokens[n_full * n_ctx + 1 :].unsqueeze(0)


def weights_to_save(model: GPTModel) -> dict[str, Tensor]:
    """The parameters in float16; the head is the embedding, which comes once."""
    return {name: weight.detach().half() for name, weight in model.named_parameters()}

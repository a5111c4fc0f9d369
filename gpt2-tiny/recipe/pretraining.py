"""Pretraining of a small GPT-2: the recipe, the windows of the token stream, the loop, and the held-out loss."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace

import torch
from torch import Tensor
from torch.optim import AdamW, Muon
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
from gpt2_experiments.weights.loading import HEAD

CHECKPOINT_STEPS = 250
EVALUATED_TOGETHER = 8  # windows in one forward pass
GLANCE_WINDOWS = 32  # of the held-out text, looked at while training goes on
PASSAGE_BITS = (3, 7)  # a passage that stands twice has 2^3 to 2^7 tokens


@dataclass(frozen=True)
class Stage:
    """A part of the training, in which the rates go up, stay, and fall to 0."""

    steps: int
    peak: float = 1.0  # share of the recipe's rates
    decay_share: float = 0.5  # of the steps, the last ones
    doubled: int = 0  # windows of each batch in which every passage stands twice
    answered: int = 0  # windows of each batch that are questions with their answers
    drilled: int = 0  # windows of each batch that are drills
    exercised: int = 0  # windows of each batch that are exercises
    framed: int = 0  # windows of each batch that are exercises and answers with headings
    workbook: int = 0  # windows of each batch that are a workbook's tasks, exercises and answers, with headings
    afresh: bool = False  # from the weights before it as they would be saved, with new optimizers

    @property
    def of_streams(self) -> dict[str, int]:
        """The windows of each batch that are not of the text, by the name of their stream."""
        return {
            "answers": self.answered,
            "drills": self.drilled,
            "exercises": self.exercised,
            "framed": self.framed,
            "workbook": self.workbook,
        }


@dataclass(frozen=True)
class Recipe:
    """The settings of a pretraining run; with its texts and processor they decide the weights."""

    n_vocab: int = 8000
    n_ctx: int = 512
    n_embd: int = 256
    n_head: int = 4
    n_layer: int = 6
    stages: tuple[Stage, ...] = (
        Stage(6000),
        Stage(5000, peak=0.7, decay_share=0.8, doubled=1, answered=3, drilled=3),
        Stage(4500, peak=0.6, decay_share=0.8, answered=1, exercised=5, afresh=True),
        Stage(1200, peak=0.4, decay_share=0.8, framed=6, afresh=True),
        Stage(8000, peak=0.5, decay_share=0.8, workbook=6, afresh=True),
    )
    n_questions: int = 47_104  # that are answered
    batch_size: int = 8  # windows of n_ctx tokens
    learning_rate: float = 4e-3  # AdamW's, for embeddings and vectors
    muon_learning_rate: float = 0.02  # for the matrices of the blocks
    warmup_steps: int = 200  # of each stage
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.95)  # AdamW's
    largest_gradient: float = 1.0  # the norm that gradients are clipped to
    seed: int = 123
    eval_freq: int = 250  # steps
    threads: int = 2  # how sums are split shows in their last bits

    def __post_init__(self):
        for stage in self.stages:
            taken = stage.doubled + sum(stage.of_streams.values())
            if taken > self.batch_size:
                raise ValueError(f"{stage} takes {taken} windows of a batch of {self.batch_size}")

    @property
    def hparams(self) -> dict[str, int]:
        """The shape, with the keys of `hparams.json`."""
        return {key: getattr(self, key) for key in ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")}

    @property
    def steps(self) -> int:
        """The steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def shortened(self, steps: int) -> "Recipe":
        """The recipe with about so many steps, each stage and the questions in proportion."""
        share = steps / self.steps
        parts = [replace(stage, steps=round(stage.steps * share)) for stage in self.stages]
        return replace(self, stages=tuple(parts), n_questions=round(self.n_questions * share))

    def stage_of(self, step: int) -> tuple[Stage, int]:
        """The stage a step belongs to, and its number in it."""
        in_stage = step
        for stage in self.stages:
            if in_stage < stage.steps:
                return stage, in_stage
            in_stage -= stage.steps
        raise ValueError(f"the recipe has {self.steps} steps, no step {step}")

    def is_afresh(self, step: int) -> bool:
        """Whether a step is the first of a stage that starts afresh."""
        stage, step = self.stage_of(step)
        return stage.afresh and step == 0

    def share_of_rate(self, step: int) -> float:
        """What part of the learning rates a step has: up, level, down (Zhai et al. 2022, arXiv:2106.04560)."""
        stage, step = self.stage_of(step)
        remaining = (stage.steps - step) / (stage.decay_share * stage.steps)
        return stage.peak * min(1.0, (step + 1) / self.warmup_steps, remaining)


@dataclass(frozen=True)
class Streams:
    """The texts, each as one stream, `[tokens]`."""

    text: Tensor
    drills: Tensor
    exercises: Tensor
    answers: Tensor  # with their questions
    framed: Tensor  # exercises and answers with headings
    workbook: Tensor  # a workbook's tasks, exercises and answers, with headings
    held_out: Tensor


def pretrain(
    recipe: Recipe, streams: Streams, unfinished: UnfinishedRun, stop: StopSignals
) -> tuple[GPTModel, list[dict[str, float]]]:
    """Train from the start, or from the last checkpoint; returns the model and its evaluations.

    The beginning of the held-out text is looked at every `eval_freq` steps.
    """
    digests = {f"{field.name}_sha256": _sha256(getattr(streams, field.name)) for field in fields(streams)}
    unfinished.begin(asdict(recipe) | digests, resume=True)
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
            if recipe.is_afresh(step):
                round_weights(model)
                optimizers = Optimizers(model, recipe)
            loss = train_step(model, optimizers, window_batch(streams, step, recipe), step)
            done = step + 1
            if done % recipe.eval_freq == 0 or done == recipe.steps:
                nats = stream_loss(model, glance, recipe.n_ctx)
                evaluations.append({"step": done, "train_loss": loss, "held_out_loss": nats})
                tqdm.write(f"Step {done:06d}: Train loss {loss:.3f}, Held-out loss {nats:.3f}")
            if done % CHECKPOINT_STEPS == 0 or stop.received:
                tensors = training_tensors(model, optimizers.adamw) | optimizer_tensors(optimizers.muon, "muon")
                unfinished.save_checkpoint(done, tensors, {"step": done, "evaluations": evaluations})
            if stop.received:
                stop.leave(f"stopped after step {done}; the same command goes on")
            bar.update()
    return model, evaluations


def _sha256(stream: Tensor) -> str:
    return hashlib.sha256(stream.numpy()).hexdigest()


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


@torch.no_grad()
def round_weights(model: GPTModel) -> None:
    """Round the weights to what `weights_to_save` keeps of them."""
    for weight in model.parameters():
        weight.copy_(weight.half())


class Optimizers:
    """Muon for the matrices of the blocks, AdamW for all else.

    Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) takes a fifth more time a step; after 160 steps
    on this text the held-out loss was 4.6 with it and 5.1 with AdamW alone.
    """

    def __init__(self, model: GPTModel, recipe: Recipe):
        matrices = [weight for weight in model.trf_blocks.parameters() if weight.dim() == 2]
        in_blocks = set(map(id, matrices))
        others = [weight for weight in model.parameters() if id(weight) not in in_blocks]
        self.recipe = recipe
        self.muon = Muon(matrices, recipe.muon_learning_rate, recipe.weight_decay)
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
    """One step of training, products in bfloat16; returns the batch's mean loss in nats a token."""
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        loss = backward(batch, model, len(batch[0]))
    torch.nn.utils.clip_grad_norm_(model.parameters(), optimizers.recipe.largest_gradient)
    optimizers.step(step)
    return loss.item()


def window_batch(streams: Streams, step: int, recipe: Recipe) -> Batch:
    """The inputs and targets of a step, both `[batch_size, n_ctx]`.

    Each epoch cuts the text into windows from another offset on and shuffles them. Of a batch's first windows as many
    as the stage wants are doubled; its last ones give way to windows of the other streams, and are not seen in that
    epoch. A batch depends on the arguments alone, so a run that goes on needs no other position.
    """
    tokens = streams.text
    per_epoch = (len(tokens) - 1 - recipe.n_ctx) // (recipe.n_ctx * recipe.batch_size)
    if per_epoch < 1:
        raise ValueError(f"{len(tokens)} tokens do not fill a batch of {recipe.batch_size} windows of {recipe.n_ctx}")
    epoch, index = divmod(step, per_epoch)
    generator = torch.Generator().manual_seed(recipe.seed + epoch)
    offset = int(torch.randint(recipe.n_ctx, (), generator=generator))
    order = torch.randperm(per_epoch * recipe.batch_size, generator=generator)
    starts = offset + recipe.n_ctx * order[index * recipe.batch_size : (index + 1) * recipe.batch_size]
    windows = [tokens[start : start + recipe.n_ctx + 1] for start in starts.tolist()]
    generator.manual_seed(step)
    stage, step_in_stage = recipe.stage_of(step)
    for row in range(stage.doubled):
        windows[row] = doubled(windows[row], generator)
    others = [
        window
        for name, count in stage.of_streams.items()
        for window in _windows_in_turn(getattr(streams, name), name, count, step_in_stage, recipe.n_ctx)
    ]
    windows[recipe.batch_size - len(others) :] = others
    batch = torch.stack(windows)
    return batch[:, :-1], batch[:, 1:]


def doubled(window: Tensor, generator: torch.Generator) -> Tensor:
    """The window's first half or so, each passage of it standing twice in a row, as long as `window` `[tokens]`.

    It teaches copying, which most instructions about a given sentence need and 25 million tokens of prose do not teach
    a model of this size: on held-out text the second of two equal passages of 60 tokens cost it 2.80 nats a token, the
    first 3.44; after 500 steps with two such windows in eight 0.46.
    """
    least, most = PASSAGE_BITS
    start, pieces = 0, []
    while 2 * start < len(window):
        size = int(2 ** (least + (most - least) * torch.rand((), generator=generator)))
        pieces += [window[start : start + size]] * 2
        start += size
    return torch.cat(pieces)[: len(window)]


def _windows_in_turn(stream: Tensor, name: str, count: int, step: int, n_ctx: int) -> Iterator[Tensor]:
    """The `count` windows of the stream that are a step's turn; after the last one the first follows."""
    n_windows = (len(stream) - 1) // n_ctx
    if count and n_windows < 1:
        raise ValueError(f"{len(stream)} tokens of {name} do not fill a window of {n_ctx}")
    for number in range(count * step, count * (step + 1)):
        start = number % n_windows * n_ctx
        yield stream[start : start + n_ctx + 1]


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
    """The parameters in float16, without the head, which is the embedding."""
    return {name: weight.detach().half() for name, weight in model.named_parameters() if name != HEAD}

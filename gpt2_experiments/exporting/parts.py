"""What all exports are made of: the parameters as GPT-2's variables, a LoRA as matrices, and a check of the result.

Variables are named as in OpenAI's release (`model/h0/attn/c_attn/w`). A matrix here is `[out, in]`; query, key and
value stand one below the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from gpt2_experiments.model.gpt import GPTModel, causal_mask
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.loading import HEAD, TOKEN_EMBEDDING, meta_model
from gpt2_experiments.weights.tensorflow_checkpoint import checkpoint_variables

State = Mapping[str, Tensor]
SAMPLED_TEXTS, SAMPLED_TOKENS = 4, 32
OUTPUT = "output"  # the variable of a head that is not the embedding; OpenAI's release has none
ROUNDING = {"f32": 0.0, "f16": 2**-11, "bf16": 2**-8, "q8_0": 2**-7}  # of a value; of q8_0 of the largest in its row
# Below a type's smallest normal values their spacing: of q8_0 it is that of a block's scale, times its 127 steps.
SPACING = {"f32": 0.0, "f16": 2**-25, "bf16": 0.0, "q8_0": 127 * 2**-25}
MERGED = 1e-6  # of the largest value: what merging an adapter in another order makes of it


def variables_of(state: State, hparams: dict[str, int], tied: bool | None = None) -> dict[str, Tensor]:
    """The parameters by GPT-2's variables; the head is left out where it is `tied` to the embedding.

    `tied`: None: where both are equal.
    """
    tied = torch.equal(state[HEAD], state[TOKEN_EMBEDDING]) if tied is None else tied
    tensors = {
        name: _joined([state[parameter] for parameter in variable.parameters])
        for name, variable in checkpoint_variables(hparams).items()
    }
    return tensors if tied else tensors | {OUTPUT: state[HEAD]}


def _joined(parts: list[Tensor]) -> Tensor:
    return torch.cat(parts) if len(parts) > 1 else parts[0]


def state_of(tensors: Mapping[str, Tensor], hparams: dict[str, int]) -> dict[str, Tensor]:
    """The parameters by their names in `GPTModel`: `variables_of`, undone."""
    state = {HEAD: tensors.get(OUTPUT, tensors["model/wte"])}
    for name, variable in checkpoint_variables(hparams).items():
        state |= zip(variable.parameters, tensors[name].chunk(len(variable.parameters)), strict=True)
    return state


@dataclass(frozen=True)
class LowRank:
    """A LoRA of one variable: `scale * up @ down` is added to it."""

    down: Tensor  # [rank, in]
    up: Tensor  # [out, rank]
    scale: float
    n_parts: int  # matrices that it changes each for itself: 3 of query, key and value, whose ranks add up


def adapters_of(state: State, hparams: dict[str, int], alpha: float) -> dict[str, LowRank]:
    """The LoRA matrices of a state dict, by the variables that they change.

    Those of query, key and value become one of three times the rank, block by block.
    """
    matrices = {
        name: variable.parameters
        for name, variable in checkpoint_variables(hparams).items()
        if f"{variable.parameters[0].removesuffix('.weight')}.lora.A" in state
    } | {OUTPUT: (HEAD,)}
    adapters = {}
    for name, parameters in matrices.items():
        layers = [parameter.removesuffix(".weight") for parameter in parameters]
        down = torch.cat([state[f"{layer}.lora.A"].T for layer in layers])
        up = torch.block_diag(*[state[f"{layer}.lora.B"].T for layer in layers])
        adapters[name] = LowRank(down, up, alpha, len(layers))
    return adapters


def without_adapters(state: State) -> dict[str, Tensor]:
    """The parameters that LoRA was put on, under the names that they had before."""
    return {name.replace(".linear.", "."): tensor for name, tensor in state.items() if ".lora." not in name}


def check_tensors(meant: Mapping[str, Tensor], found: Mapping[str, Tensor], dtype: str) -> None:
    """`UserError` where a tensor that was read back is not the one that was meant, rounded to `dtype`."""
    for name, tensor in meant.items():
        size = tensor.abs().amax(-1, keepdim=True) if dtype == "q8_0" else tensor.abs()  # q8_0 rounds rows, in blocks
        bound = ROUNDING[dtype] * size + MERGED * tensor.abs().max() + SPACING[dtype]
        read = found.get(name)
        if read is None or read.shape != tensor.shape:
            raise UserError(f"the export: {name} is not what was written; try another --output_dir")
        difference = (read.float() - tensor).abs()
        if not bool((difference <= bound).all()):
            raise UserError(
                f"the export: {name} is not what was written: as {dtype} it differs by up to "
                f"{difference.max().item():.2g}; try another --dtype or --output_dir"
            )


def sample_difference(model: GPTModel, hparams: dict[str, int], read_back: State) -> float:
    """How far a logit of what was written is at most from the model's, over a sample of random tokens."""
    written = meta_model(hparams)
    masks = {name for name, _ in written.named_buffers(remove_duplicate=False)}
    state = {name: tensor.to(torch.float32) for name, tensor in read_back.items()}
    written.load_state_dict(state | dict.fromkeys(masks, causal_mask(hparams["n_ctx"])), assign=True)
    n_tokens = min(SAMPLED_TOKENS, hparams["n_ctx"])
    tokens = torch.randint(0, hparams["n_vocab"], (SAMPLED_TEXTS, n_tokens), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return (written.eval()(tokens) - model.eval()(tokens)).abs().max().item()

"""Small random models, as the suite's `GPTModel` and as the plain oracle with the same weights."""

import torch

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import replace_linear_with_lora
from support.device import DEVICE
from support.plain import PlainGPT, plain_add_lora

CONFIG = {
    "vocab_size": 211, "context_length": 48, "emb_dim": 32, "n_heads": 4, "n_layers": 3, "drop_rate": 0.0,
    "qkv_bias": True,
}  # fmt: skip
END = 210


def small_models(lora=False, seed=0):
    """(suite's model, oracle), on the tests' device.

    The weights are large enough for attention to matter and logits to differ.
    """
    torch.manual_seed(seed)
    model, plain = GPTModel(CONFIG), PlainGPT(CONFIG)
    if lora:
        for parameter in model.parameters():
            parameter.requires_grad = False
        replace_linear_with_lora(model, rank=4, alpha=2)
        plain_add_lora(plain, rank=4, alpha=2)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    plain.load_state_dict(model.state_dict())
    return model.to(DEVICE), plain.to(DEVICE)

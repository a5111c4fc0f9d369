"""The same model in Hugging Face's `transformers`."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel

NAMES = {
    "tok_emb": "transformer.wte", "pos_emb": "transformer.wpe", "final_norm": "transformer.ln_f",
    "out_head": "lm_head", "att.out_proj": "attn.c_proj", "ff.layers.0": "mlp.c_fc", "ff.layers.2": "mlp.c_proj",
    "norm1": "ln_1", "norm2": "ln_2", "trf_blocks": "transformer.h", "scale": "weight", "shift": "bias",
}  # fmt: skip


def transformers_model(model):
    """`GPT2LMHeadModel` with the weights of `model`, its head untied like ours, no dropout."""
    cfg = model.cfg
    config = GPT2Config(
        vocab_size=cfg["vocab_size"], n_positions=cfg["context_length"], n_embd=cfg["emb_dim"], n_head=cfg["n_heads"],
        n_layer=cfg["n_layers"], tie_word_embeddings=False, attn_implementation="sdpa",
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    with model.device:  # where a large model is initialised faster
        theirs = GPT2LMHeadModel(config).eval()
    ours, state = model.state_dict(), {}
    for name, tensor in ours.items():
        if name.endswith("mask") or ".W_" in name:
            continue
        linear = name.endswith("weight") and ("out_proj" in name or "layers" in name)
        for mine, other in NAMES.items():
            name = name.replace(mine, other)
        state[name] = tensor.T if linear else tensor
    for layer in range(cfg["n_layers"]):
        block = f"trf_blocks.{layer}.att."
        for kind in ("weight", "bias"):
            qkv = torch.cat([ours[f"{block}W_{part}.{kind}"] for part in ("query", "key", "value")])
            state[f"transformer.h.{layer}.attn.c_attn.{kind}"] = qkv.T if kind == "weight" else qkv
    theirs.load_state_dict(state)
    return theirs

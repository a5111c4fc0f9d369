"""A checkpoint so small that whole experiments take a second, and options that go with it."""

import json
import shutil

import torch
from safetensors.torch import save_file

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.weights.hparams import model_config
from support.paths import TINY

N_VOCAB = json.loads((TINY / "hparams.json").read_text())["n_vocab"]
HPARAMS = {"n_vocab": N_VOCAB, "n_ctx": 256, "n_embd": 16, "n_head": 2, "n_layer": 2}
OPTIONS = [
    "--num_epochs", "2", "--eval_freq", "4", "--eval_iter", "1", "--max_new_tokens", "5", "--learning_rate", "1e-3",
    "--device", "cpu",
]  # fmt: skip


def write_small_checkpoint(folder):
    """Random weights with gpt2-tiny's tokenizer, in the released layout; returns the folder."""
    for name in ("encoder.json", "vocab.bpe"):
        shutil.copy(TINY / name, folder)
    (folder / "hparams.json").write_text(json.dumps(HPARAMS))
    torch.manual_seed(0)
    parameters = dict(GPTModel(model_config(HPARAMS)).named_parameters())
    save_file({name: weight.detach() for name, weight in parameters.items()}, folder / "model.safetensors")
    return folder

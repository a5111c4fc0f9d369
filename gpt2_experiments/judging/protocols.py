"""The two protocols a judge is asked with, Ollama's and OpenAI's: request bodies, and what their answers say.

Nothing here touches the network. Ollama's API: https://docs.ollama.com/api; OpenAI's as llama.cpp's server, vLLM and
LM Studio offer it: https://platform.openai.com/docs/api-reference/chat.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gpt2_experiments.judging.prompt import SCORE_SCHEMA

MOST_REPLY_CHARACTERS = 16_384  # of a reply that are kept; no score needs more
DEFAULT_MODEL = "llama3"  # at Ollama, the book's
THINK = {"no": False, "yes": True, "low": "low", "medium": "medium", "high": "high"}  # as Ollama's API has it


class JudgeError(Exception):
    """A question that got no reply."""


class Unavailable(JudgeError):
    """The server failed in a way that may pass: worth asking again.

    `retry_after` is the pause in seconds that the server asks for, if it does.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(Unavailable):
    """The server has more to do than it takes."""


class Late(Unavailable):
    """The answer did not come in time."""


class Unreachable(Unavailable):
    """No connection was made at all."""


class Rejected(JudgeError):
    """The server will never answer this very question: asking again is no use."""


class FormatRejected(Rejected):
    """The server does not know the way in which structured output was asked for."""


class SeedRejected(Rejected):
    """The server takes no seed."""


@dataclass(frozen=True)
class JudgeOptions:
    """What decides how a judge answers, the same for every question of a run."""

    model: str | None  # as it is asked for; None: the only one the server has
    temperature: float
    num_ctx: int  # tokens
    keep_alive: str
    think: str | None = None  # one of THINK; None: as the model does by itself


@dataclass(frozen=True)
class Reply:
    """What the judge wrote.

    `cut` if it was stopped before it had finished, or is longer than what is kept of it; `model` is who answered, where
    the answer tells; `seeded` if it was asked with a seed.
    """

    text: str
    cut: bool = False
    model: str | None = None
    seeded: bool = True

    @classmethod
    def of(cls, text: str, cut: bool, model: str | None) -> "Reply":
        """A reply of any length."""
        return cls(text[:MOST_REPLY_CHARACTERS], cut or len(text) > MOST_REPLY_CHARACTERS, model)


@dataclass(frozen=True)
class JudgeIdentity:
    """Which model a server has under the name asked for: its own name for it, and a digest where it tells one.

    Both None where the server lists no models.
    """

    served_as: str | None
    digest: str | None


class NotListed(Exception):
    """The server lists its models, and the one asked for is not among them (or none was asked for, of several)."""

    def __init__(self, listed: Sequence[str]):
        super().__init__(f"not among {listed}")
        self.listed = listed


class JudgeApi(Protocol):
    """How one protocol asks for a score."""

    label: str
    default_model: str | None
    chat_path: str
    models_path: str
    lists_models: bool  # always; otherwise a server without the list is one all the same
    formats: tuple[Any, ...]  # ways to ask for structured output, the best first; None: not at all
    context_advice: str  # where a prompt does not fit

    def request(self, options: JudgeOptions, prompt: str, seed: int | None, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question."""

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """The reply in the body of an answer; raises `JudgeError`."""

    def find(self, body: bytes, model: str | None) -> tuple[str | None, JudgeIdentity]:
        """The model in the server's list of models: the name to ask for it with, and what is known of it.

        Raises ValueError where `body` is no such list, `NotListed` where the model is not on it.
        """

    def full_name(self, model: str) -> str:
        """One name for all ways to write a model's."""


class OllamaApi:
    """Ollama's `/api/chat`.

    Answers are streamed, which is Ollama's default: one that was cut off lacks its last line, one that never ends can
    be left early, and a gateway between here and there sees that something is going on.
    """

    label = "Ollama"
    default_model: str | None = DEFAULT_MODEL
    chat_path = "/api/chat"
    models_path = "/api/tags"
    lists_models = True
    formats = (SCORE_SCHEMA, None)
    context_advice = "raise --num_ctx or the server's own"

    def request(self, options: JudgeOptions, prompt: str, seed: int | None, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question.

        By default Ollama silently drops the beginning of a prompt that is longer than `num_ctx`. `truncate` and
        `shift` turn that into an error where the server knows them; others ignore them.
        """
        body: dict[str, Any] = {
            "model": options.model,
            "messages": [{"role": "user", "content": prompt}],
            "options": {"seed": seed, "temperature": options.temperature, "num_ctx": options.num_ctx},
            "keep_alive": _duration(options.keep_alive),
            "truncate": False,
            "shift": False,
            "stream": True,
        }
        body |= {} if options.think is None else {"think": THINK[options.think]}
        return body if output_format is None else body | {"format": output_format}

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """Join the streamed lines; raises `JudgeError` for an error line, a half-sent answer and a truncated prompt."""
        text, last = [], {}
        for line in filter(bytes.strip, body.splitlines()):
            last = _json_object(line)
            if "error" in last:
                raise server_error(self, error_message(line), "error in the answer")
            text.append(_text(last.get("message")))
        if last.get("done") is not True:
            raise Unavailable("half-sent answer: its last line is missing")
        counts = [last.get(name) for name in ("prompt_eval_count", "eval_count")]
        prompt_tokens, reply_tokens = (count if isinstance(count, int) else 0 for count in counts)
        # Servers that do not know `truncate` cut a longer prompt down to num_ctx and say nothing.
        if prompt_tokens >= options.num_ctx - 1:
            raise Rejected(f"the prompt fills the judge's whole context of {options.num_ctx} tokens; raise --num_ctx")
        cut = last.get("done_reason") == "length" or prompt_tokens + reply_tokens > options.num_ctx
        return Reply.of("".join(text), cut, _answered_by(self, last))

    def find(self, body: bytes, model: str | None) -> tuple[str | None, JudgeIdentity]:
        """Name and digest of the model from `/api/tags`."""
        digests = {self.full_name(row["name"]): row.get("digest") for row in _rows(body, "models", "name")}
        wanted = self.full_name(model or DEFAULT_MODEL)
        if wanted not in digests:
            raise NotListed(list(digests))
        digest = digests[wanted]
        return model, JudgeIdentity(wanted, digest if isinstance(digest, str) else None)

    def full_name(self, model: str) -> str:
        """The name as Ollama reads it: in small letters, without its own registry, `:latest` without a tag."""
        name = model.lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
        return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


class OpenAIApi:
    """OpenAI's `/v1/chat/completions`, as many servers offer it.

    Not streamed: llama-cpp-python drops a streamed answer as soon as another question arrives.
    """

    label = "OpenAI-compatible server"
    default_model: str | None = None
    chat_path = "/v1/chat/completions"
    models_path = "/v1/models"
    lists_models = False
    formats = (
        {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": SCORE_SCHEMA}},
        {"type": "json_object", "schema": SCORE_SCHEMA},  # llama-cpp-python knows only this one
        None,
    )
    context_advice = "start the server with a larger context, or choose a model that has one"

    def request(self, options: JudgeOptions, prompt: str, seed: int | None, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question; the protocol has no `num_ctx`, no `keep_alive` and no `think`."""
        body: dict[str, Any] = {
            "model": options.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": options.temperature,
            "stream": False,
        }
        body |= {} if seed is None else {"seed": seed}
        return body if output_format is None else body | {"response_format": output_format}

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """The first choice's text; raises `JudgeError` for an error object and a half-sent answer."""
        answer = _json_object(body)
        if answer.get("error"):
            raise server_error(self, error_message(body), "error in the answer")
        choices = answer.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise Unavailable(f"the answer is no chat completion: {excerpt(body)}")
        cut = choices[0].get("finish_reason") == "length"
        return Reply.of(_text(choices[0].get("message")), cut, _answered_by(self, answer))

    def find(self, body: bytes, model: str | None) -> tuple[str | None, JudgeIdentity]:
        """The model's id from `/v1/models`; where no model is asked for, the only one there is."""
        ids = list(dict.fromkeys(row["id"] for row in _rows(body, "data", "id")))
        if not ids:
            return model, JudgeIdentity(None, None)
        meant = [name for name in ids if name == model] or [
            name for name in ids if model is None or self.full_name(name) == self.full_name(model)
        ]
        if len(meant) != 1:
            raise NotListed(ids)
        return meant[0], JudgeIdentity(self.full_name(meant[0]), None)

    def full_name(self, model: str) -> str:
        """llama.cpp's server calls a model by its file; the folder that lies in says nothing about it."""
        return re.split(r"[/\\]", model)[-1] if model.lower().endswith(".gguf") else model


APIS: Mapping[str, JudgeApi] = {"ollama": OllamaApi(), "openai": OpenAIApi()}


def server_error(api: JudgeApi, message: str, where: str) -> JudgeError:
    """The exception for what a server reports: a prompt too long will stay so, anything else may pass."""
    if is_context_overflow(message):
        return Rejected(f"the prompt does not fit the judge's context ({excerpt(message)}); {api.context_advice}")
    return Unavailable(f"{where}: {excerpt(message)}")


def is_context_overflow(message: str) -> bool:
    """Whether a server's message says that the prompt is longer than the model's context."""
    return re.search(r"context[ _](length|window|size)|maximum context", message, re.IGNORECASE) is not None


def error_message(body: bytes) -> str:
    """A server's own words from an error body, on one line.

    They are under "error" (Ollama; OpenAI, with a "message" in it), under "detail" (FastAPI, as a text or as a list of
    a place and a message for each mistake) or under "message"; a body of another form is given as it is.
    """
    try:
        content = json.loads(body)
        found = next(content[name] for name in ("error", "detail", "message") if isinstance(content.get(name), _WORDS))
        if isinstance(found, list):
            message = "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in found)
        else:
            message = found["message"] if isinstance(found, dict) else found
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, StopIteration):
        message = body.decode("utf-8", "replace")
    return " ".join(re.sub(r"\\[nrt]", " ", str(message)).split())  # some servers escape a message twice


_WORDS = (str, dict, list)  # what holds an error's message


def excerpt(text: Any) -> str:
    """The beginning of something a server sent, on one line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    words = " ".join(str(text).split())
    return words if len(words) <= 300 else f"{words[:300]} ..."


def _duration(keep_alive: str) -> str | float:
    """Ollama reads a JSON number as seconds, and a string only with its unit."""
    try:
        return float(keep_alive)
    except ValueError:
        return keep_alive


def _json_object(text: bytes) -> dict[str, Any]:
    """`text` as a JSON object; one that is none was cut off, or comes from something else than the judge."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Unavailable(f"half-sent or foreign answer: {excerpt(text)}")
    return value


def _answered_by(api: JudgeApi, answer: Mapping[str, Any]) -> str | None:
    """The model that gave an answer, by its own word."""
    model = answer.get("model")
    return api.full_name(model) if isinstance(model, str) and model else None


def _text(message: Any) -> str:
    """The content of a chat message, in one piece or in parts; valid text: a server may cut a character in two."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        texts = [part.get("text") for part in parts if part.get("type", "text") in ("text", "output_text")]
        content = "".join(text for text in texts if isinstance(text, str))
    return content.encode("utf-8", "replace").decode("utf-8") if isinstance(content, str) else ""


def _rows(body: bytes, list_name: str, id_name: str) -> list[dict[str, Any]]:
    """The rows of a list of models, each with a text under `id_name`; ValueError where the body is no such list."""
    answer = json.loads(body)
    rows = answer.get(list_name) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"no list of models: {excerpt(body)}")
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get(id_name), str)]

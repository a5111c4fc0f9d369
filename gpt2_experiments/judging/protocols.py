"""The two protocols a judge is asked with, Ollama's and OpenAI's: request bodies, and what their answers say.

Nothing here touches the network. Ollama's API: https://docs.ollama.com/api; OpenAI's as llama.cpp's server, vLLM and
LM Studio offer it: https://platform.openai.com/docs/api-reference/chat.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gpt2_experiments.judging.prompt import SCORE_SCHEMA

MOST_REPLY_CHARACTERS = 16_384  # of a reply that are kept; no score needs more


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


class FormatRejected(JudgeError):
    """The server does not know the way in which structured output was asked for."""


@dataclass(frozen=True)
class JudgeOptions:
    """What decides how a judge answers, the same for every question of a run; `num_ctx` in tokens."""

    model: str
    temperature: float
    num_ctx: int
    keep_alive: str


@dataclass(frozen=True)
class Reply:
    """What the judge wrote; `cut` if it was stopped before it had finished."""

    text: str
    cut: bool = False


@dataclass(frozen=True)
class JudgeIdentity:
    """Which model really answers: the name the server has for it, and its digest where the server tells one."""

    served_as: str | None
    digest: str | None


class JudgeApi(Protocol):
    """How one protocol asks for a score."""

    label: str
    chat_path: str
    models_path: str
    formats: tuple[Any, ...]  # ways to ask for structured output, the best first; None: not at all

    def request(self, options: JudgeOptions, prompt: str, seed: int, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question."""

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """The reply in the body of an answer; raises `JudgeError`."""

    def identify(self, body: bytes, model: str) -> JudgeIdentity:
        """Find the model in the server's list of models; ValueError where it is no such list."""


class OllamaApi:
    """Ollama's `/api/chat`.

    Answers are streamed, which is Ollama's default: one that was cut off lacks its last line, one that never ends can
    be left early, and a gateway between here and there sees that something is going on.
    """

    label = "Ollama"
    chat_path = "/api/chat"
    models_path = "/api/tags"
    formats = (SCORE_SCHEMA, None)

    def request(self, options: JudgeOptions, prompt: str, seed: int, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question.

        By default Ollama silently drops the beginning of a prompt that is longer than `num_ctx`. `truncate` and
        `shift` turn that into an error where the server knows them; others ignore them.
        """
        body = {
            "model": options.model,
            "messages": [{"role": "user", "content": prompt}],
            "options": {"seed": seed, "temperature": options.temperature, "num_ctx": options.num_ctx},
            "keep_alive": _duration(options.keep_alive),
            "truncate": False,
            "shift": False,
            "stream": True,
        }
        return body if output_format is None else body | {"format": output_format}

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """Join the streamed lines; raises `JudgeError` for an error line, a half-sent answer and a truncated prompt."""
        text, last = [], {}
        for line in filter(bytes.strip, body.splitlines()):
            last = _json_object(line)
            if "error" in last:
                raise server_error(error_message(line), f"error in the answer: {error_message(line)}")
            text.append(_text(last.get("message")))
        if last.get("done") is not True:
            raise Unavailable("half-sent answer: its last line is missing")
        prompt_tokens, reply_tokens = (last.get(name) or 0 for name in ("prompt_eval_count", "eval_count"))
        # Servers that do not know `truncate` cut a longer prompt down to num_ctx and say nothing.
        if prompt_tokens >= options.num_ctx - 1:
            raise Rejected(f"the prompt fills the judge's whole context of {options.num_ctx} tokens; raise --num_ctx")
        cut = last.get("done_reason") == "length" or prompt_tokens + reply_tokens > options.num_ctx
        return Reply("".join(text)[:MOST_REPLY_CHARACTERS], cut)

    def identify(self, body: bytes, model: str) -> JudgeIdentity:
        """Name and digest of the model from `/api/tags`; a name without a tag means `:latest`."""
        wanted = model if ":" in model.rpartition("/")[2] else f"{model}:latest"
        digests = {row["name"]: row.get("digest") for row in _rows(body, "models", "name")}
        return JudgeIdentity(wanted, digests[wanted]) if wanted in digests else JudgeIdentity(None, None)


class OpenAIApi:
    """OpenAI's `/v1/chat/completions`, as many servers offer it.

    Not streamed: llama-cpp-python drops a streamed answer as soon as another question arrives.
    """

    label = "OpenAI-compatible server"
    chat_path = "/v1/chat/completions"
    models_path = "/v1/models"
    formats = (
        {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": SCORE_SCHEMA}},
        {"type": "json_object", "schema": SCORE_SCHEMA},  # llama-cpp-python knows only this one
        None,
    )

    def request(self, options: JudgeOptions, prompt: str, seed: int, output_format: Any) -> dict[str, Any]:
        """The JSON body of a question; the protocol has no `num_ctx` and no `keep_alive`."""
        body = {
            "model": options.model,
            "messages": [{"role": "user", "content": prompt}],
            "seed": seed,
            "temperature": options.temperature,
            "stream": False,
        }
        return body if output_format is None else body | {"response_format": output_format}

    def read_reply(self, body: bytes, options: JudgeOptions) -> Reply:
        """The first choice's text; raises `JudgeError` for an error object and a half-sent answer."""
        answer = _json_object(body)
        if "error" in answer:
            raise server_error(error_message(body), f"error in the answer: {error_message(body)}")
        choices = answer.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise Unavailable(f"the answer is no chat completion: {excerpt(body)}")
        cut = choices[0].get("finish_reason") == "length"
        return Reply(_text(choices[0].get("message"))[:MOST_REPLY_CHARACTERS], cut)

    def identify(self, body: bytes, model: str) -> JudgeIdentity:
        """The model's id from `/v1/models`. A server of one model answers with it whatever name is asked for.

        llama.cpp's server calls a model by its file; the folder it lies in says nothing about the model.
        """
        ids = [row["id"] for row in _rows(body, "data", "id")]
        if model in ids:
            return JudgeIdentity(model, None)
        return JudgeIdentity(ids[0].rpartition("/")[2] if len(ids) == 1 else None, None)


APIS: Mapping[str, JudgeApi] = {"ollama": OllamaApi(), "openai": OpenAIApi()}


def server_error(message: str, otherwise: str) -> JudgeError:
    """The exception for what a server reports: a prompt too long will stay so, anything else may pass."""
    if is_context_overflow(message):
        return Rejected(f"the prompt does not fit the judge's context ({message}); raise --num_ctx or the server's own")
    return Unavailable(otherwise)


def is_context_overflow(message: str) -> bool:
    """Whether a server's message says that the prompt is longer than the model's context."""
    return re.search(r"context[ _](length|window|size)|maximum context", message, re.IGNORECASE) is not None


def error_message(body: bytes) -> str:
    """A server's own words from an error body, on one line: {"error": "..."}, {"error": {"message": "..."}} or text."""
    try:
        error = json.loads(body)["error"]
        message = error["message"] if isinstance(error, dict) else error
    except (ValueError, RecursionError, KeyError, TypeError):
        message = body.decode("utf-8", "replace")
    return excerpt(message)


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


def _text(message: Any) -> str:
    """The content of a chat message, always valid text: a server may cut a character in two."""
    content = message.get("content") if isinstance(message, dict) else None
    return content.encode("utf-8", "replace").decode("utf-8") if isinstance(content, str) else ""


def _rows(body: bytes, list_name: str, id_name: str) -> list[dict[str, Any]]:
    """The rows of a list of models, each with a text under `id_name`; ValueError where the body is no such list."""
    answer = json.loads(body)
    rows = answer.get(list_name) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"no list of models: {excerpt(body)}")
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get(id_name), str)]

"""One server with a judge, over HTTP: its address, questions and answers, and what its failures mean.

`requests` rather than Ollama's own client: it serves both protocols, and lets an answer be bounded while it arrives.
"""

import ipaddress
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from gpt2_experiments.judging.protocols import (
    Busy,
    FormatRejected,
    JudgeApi,
    JudgeIdentity,
    JudgeOptions,
    Late,
    NotListed,
    Rejected,
    Reply,
    SeedRejected,
    Unavailable,
    Unreachable,
    error_message,
    excerpt,
    is_context_overflow,
    server_error,
)
from gpt2_experiments.shared.errors import UserError, shortened

KEY_VARIABLE = "JUDGE_API_KEY"  # not OPENAI_API_KEY: a key meant for OpenAI must not go to any server named in --url
OLLAMA_PORT = 11434
CONNECT_TIMEOUT = 10.0  # seconds; a server may be slow to answer, but not to accept a connection
LIST_TIMEOUT = 30.0  # seconds; listing models needs none of them
MOST_ANSWER_BYTES = 1_000_000  # a streamed answer takes about 150 bytes a token

_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):([^:]*)")


def server_url(value: str, bare_port: int = OLLAMA_PORT) -> str:
    """Read a server's address as Ollama reads OLLAMA_HOST.

    The scheme is optional. Without a port it is 443 for `https://`, 80 for `http://` and `bare_port` where no scheme
    is given either. An address to listen on (0.0.0.0, ::) or none at all means this machine; a path is kept. Raises
    ValueError for what is no address; the message says why.
    """
    scheme, separator, rest = value.strip().strip("\"'").partition("://")
    if not separator:
        scheme, rest = "http", scheme
    if scheme.lower() not in ("http", "https"):
        raise ValueError(f"{scheme}:// is not the web's")
    if set("?#") & set(rest):
        raise ValueError("it has a query (? or #)")
    default_port = {"http": 80, "https": 443}[scheme.lower()] if separator else bare_port
    place, _, path = rest.partition("/")
    match = _HOST_AND_PORT.fullmatch(place)
    host, port = match.groups() if match else (place, "")
    return f"{scheme.lower()}://{_host(host)}:{_port(port) if port else default_port}/{path}".rstrip("/")


def _host(text: str) -> str:
    """A host as a URL has it."""
    if text in ("", "0.0.0.0"):
        return "127.0.0.1"
    if re.fullmatch(r"[\w.-]+", text):
        return text
    try:
        address = ipaddress.IPv6Address(text[1:-1] if text[0] + text[-1] == "[]" else text)
    except ValueError:
        raise ValueError(f"{text!r} is no host") from None
    return "[::1]" if address.is_unspecified else f"[{address}]"


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError(f"{text!r} is no port from 1 to 65535")


def without_api_path(url: str, api: JudgeApi) -> str:
    """An address without the protocol's own path at its end (`/v1`, `/api/chat`): that is added to each request."""
    root = api.chat_path[: api.chat_path.index("/", 1)]
    return url.removesuffix(api.chat_path).removesuffix(root)


class NotFound(UserError):
    """The server knows no such place, or no such model."""


class JudgeServer:
    """A judge at one address. Threads may ask it at the same time."""

    def __init__(self, url: str, api: JudgeApi, options: JudgeOptions, timeout: float) -> None:
        """`timeout`: seconds an answer may take, queueing and loading of the model included."""
        self.url = url
        self.api = api
        self.options = options
        self.timeout = timeout
        self.format = 0  # which of the API's ways to ask for structured output this server understands
        self.takes_seed = True
        self._threads = threading.local()

    def identify(self) -> JudgeIdentity:
        """Find the model that the server would answer with, and from now on ask for it by the server's name.

        Raises `JudgeError`, or `UserError` if there is no such server or it does not have the model.
        """
        model = self.options.model
        ask_for, identity = model, JudgeIdentity(None, None)  # where the server has no list
        try:
            body = self._exchange("GET", self.api.models_path, min(LIST_TIMEOUT, self.timeout))
            ask_for, identity = self.api.find(body, model)
        except NotListed as error:
            raise UserError(self._not_listed(error.listed)) from error
        except ValueError as error:
            raise UserError(
                f"{self.url} is no {self.api.label} ({error}); check --url and --api, and OLLAMA_HOST if it is set"
            ) from error
        except NotFound:
            if self.api.lists_models:
                raise
        except Rejected as error:
            if self.api.lists_models:
                raise UserError(f"{error}; check --url and --api") from error
        if ask_for is None:
            raise UserError(f"{self.url} lists no models; name the one to ask for with --model")
        self.options = replace(self.options, model=ask_for)
        return identity

    def _not_listed(self, listed: Sequence[str]) -> str:
        """What to do about a model that the server does not have."""
        has = f"{self.url} has {shortened(listed) or 'no model'}"
        if self.options.model is None:
            return f"{has}; choose one with --model"
        pull = f"run `ollama pull {self.options.model}` there, or " if self.api.label == "Ollama" else ""
        return f"{has}, not the model {self.options.model!r}; {pull}choose another one with --model"

    def ask(self, prompt: str, seed: int) -> Reply:
        """The judge's reply to `prompt`; raises `JudgeError`, or `UserError` for what no question can get past."""
        while True:
            tried, with_seed = self.format, self.takes_seed
            output_format = self.api.formats[tried]
            body = self.api.request(self.options, prompt, seed if with_seed else None, output_format)
            try:
                answer = self._exchange("POST", self.api.chat_path, self.timeout, body)
            except FormatRejected:
                if output_format is None:
                    raise
                self.format = max(self.format, tried + 1)  # another thread may have found out first
            except SeedRejected:
                if not with_seed:
                    raise
                self.takes_seed = False
            else:
                break
        if len(answer) > MOST_ANSWER_BYTES:
            return Reply(excerpt(answer), cut=True)
        return replace(self.api.read_reply(answer, self.options), seeded=with_seed)

    def knows_no_format(self) -> bool:
        """Whether the server has turned down every way to ask for structured output."""
        return self.api.formats[self.format] is None

    def _exchange(self, method: str, path: str, timeout: float, body: dict[str, Any] | None = None) -> bytes:
        """One request and the body of its answer; raises what `_check_status` does, and `Unavailable`."""
        deadline = time.monotonic() + timeout
        timeouts = (min(CONNECT_TIMEOUT, timeout), timeout)
        try:
            # No redirects: they would turn a POST into a GET.
            with self._session().request(
                method, self.url + path, json=body, timeout=timeouts, stream=True, allow_redirects=False
            ) as response:
                content = _read(response, deadline)
        except requests.exceptions.SSLError as error:
            raise Unreachable(f"no secure connection to {self.url}: {_cause(error)}") from error
        except (requests.ReadTimeout, ReadTimeoutError) as error:
            setting = " (--timeout)" if timeout == self.timeout else ""
            raise Late(f"no answer from {self.url} within {timeout:g} s{setting}") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            reason = getattr(error.args[0] if error.args else None, "reason", None)
            kind = Unreachable if isinstance(reason, NewConnectionError | ConnectTimeoutError) else Unavailable
            raise kind(f"no answer from {self.url}: {_cause(error)}") from error
        self._check_status(response, content, body or {})
        return content

    def _check_status(self, response: requests.Response, content: bytes, asked: Mapping[str, Any]) -> None:
        """Return if all is well; `UserError` stops the run, `JudgeError`s concern this question or pass.

        `asked`: the body of the request, of which the server may not know every field.
        """
        status, message = response.status_code, error_message(content)
        answers = f"{self.url} answers HTTP {status}"
        said = f"{answers}: {excerpt(message)}"
        if status < 300:
            return
        if status < 400:
            raise UserError(f"{said} (moved to {response.headers.get('Location')}); give the new address with --url")
        if status in (401, 402, 403):
            raise UserError(f"{said}; put a valid key into the environment variable {KEY_VARIABLE}")
        if status in (404, 405, 501):
            raise NotFound(f"{said}; {self._missing(message)}")
        if is_context_overflow(message):
            raise server_error(self.api, message, answers)
        if status in (400, 422, 500):
            self._check_fields(message.lower(), said, asked)
        if status in (408, 425, 429) or status >= 500:
            kind = Busy if status in (429, 503) else Unavailable
            raise kind(said, _retry_after(response.headers.get("Retry-After")))
        raise Rejected(said)

    def _check_fields(self, message: str, said: str, asked: Mapping[str, Any]) -> None:
        """Raise what says that the server does not take a field of the request that it may be asked without."""
        if "think" in asked and re.search(r"\bthink", message):
            raise UserError(f"{said}; leave --think out, or choose another model with --model")
        if "seed" in asked and re.search(r"\bseed\b", message):
            raise SeedRejected(said)
        has_format = not {"format", "response_format"}.isdisjoint(asked)
        if has_format and re.search(r"\b(response[_ ])?format\b|schema|grammar|structured|json_object", message):
            raise FormatRejected(said)

    def _missing(self, message: str) -> str:
        """What to do about a 404."""
        if "model" not in message:
            return f"it is no {self.api.label}: check --url and --api"
        if self.api.label == "Ollama":
            return f"run `ollama pull {self.options.model}` there, or choose another model with --model"
        return "name a model that it serves with --model"

    def _session(self) -> requests.Session:
        """This thread's own session, whose connection is used again for the next question."""
        if not hasattr(self._threads, "session"):
            session = requests.Session()
            # A proxy named in the environment cannot reach this machine's own servers.
            session.trust_env = not _is_loopback(urlsplit(self.url).hostname or "")
            session.auth = _BearerKey(os.environ.get(KEY_VARIABLE))
            self._threads.session = session
        return self._threads.session


class _BearerKey(AuthBase):
    """Sends the key, if there is one. As an `auth` it goes before credentials of a .netrc file."""

    def __init__(self, key: str | None) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request


def _read(response: requests.Response, deadline: float) -> bytes:
    """The answer's body as it arrives, up to MOST_ANSWER_BYTES and a little more; `ReadTimeout` past the deadline.

    `read1` returns what is there: a server that sends a byte now and then cannot hold the reader beyond its time.
    """
    content = bytearray()
    while len(content) <= MOST_ANSWER_BYTES and (chunk := response.raw.read1(65_536, decode_content=True)):
        content += chunk
        if time.monotonic() > deadline:
            raise requests.ReadTimeout
    return bytes(content)


def _cause(error: BaseException) -> str:
    """The innermost reason of a failed request: libraries wrap it several times."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return f"{type(error).__name__}: {excerpt(error)}"


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date; None without one that makes sense."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
        except ValueError:
            return None


def _is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

"""A judge of the tests: an HTTP server that follows the documented APIs and misbehaves when told to.

Ollama's `/api/tags` and `/api/chat` as in https://docs.ollama.com/api; OpenAI's `/v1/models` and
`/v1/chat/completions`.
"""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIGEST = "365c0bd3c000a25d28ddbf732fe1c6add414de7275464c4e4d1c3b5fcb5d8ad1"
REMINDER_BEGINS = "\n\nYou were asked this before"


def entry_number(prompt: str) -> int:
    """The number of an entry made by `make_entries`, from a prompt about it."""
    return int(re.search(r"Task (\d+) of the test", prompt)[1])


def score_of(prompt: str) -> int:
    """The score this judge gives: fixed by the entry."""
    return entry_number(prompt) * 37 % 101


def make_entries(count: int) -> list[dict[str, str]]:
    """A response file's entries, each with its number in the instruction."""
    return [
        {
            "instruction": f"Task {number} of the test.",
            "input": "" if number % 2 else f"input {number}",
            "output": f"Right answer {number}.",
            "model_response": f"Response {number}: naïve «ответ» 答え.",
        }
        for number in range(1, count + 1)
    ]


class ScriptedJudge:
    """The script and the record of one server.

    `fault(prompt, asks)` names what goes wrong with the n-th request about an entry, from 1, or returns None;
    `reply(prompt)` is what the judge writes, a text or OpenAI's list of parts. `listed` are the models the server says
    it has (None: it has no such list); with `any_name` it answers as `model` whatever name is asked for, as LM Studio
    does. `refuses` is a field that it does not take, and the body of the answer that says so. A list of `requests` is
    kept: (path, body, headers).
    """

    def __init__(
        self,
        reply: Callable[[str], Any] | None = None,
        fault: Callable[[str, int], str | None] | None = None,
        model: str = "llama3",
        digest: str = DIGEST,
        knows_format: bool = True,
        knows_truncate: bool = True,
        key: str | None = None,
        seconds: float = 0.0,
        parallel: int = 1000,
        longest_queue: int = 1000,
        faulty_greetings: int = 0,
        listed: Sequence[str] | None = (),
        any_name: bool = False,
        no_list_status: int = 404,
        refuses: tuple[str, dict[str, Any]] | None = None,
        thinking: str = "",
    ) -> None:
        self.reply = reply or (lambda prompt: json.dumps({"score": score_of(prompt)}))
        self.fault = fault or (lambda prompt, asks: None)
        self.model, self.digest, self.key = model, digest, key
        self.knows_format, self.knows_truncate = knows_format, knows_truncate
        self.seconds, self.longest_queue = seconds, longest_queue
        self.faulty_greetings = faulty_greetings
        self.listed = listed
        self.no_list_status = no_list_status
        self.any_name, self.refuses, self.thinking = any_name, refuses, thinking
        self.slots = threading.Semaphore(parallel)
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.asks: dict[str, int] = {}
        self.answered = 0
        self.in_flight = self.most_in_flight = 0
        self.refused = 0
        self.connections = 0
        self.changed = threading.Condition()
        self.released = threading.Event()  # ends every "hang"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of all questions."""
        return [body for path, body, _ in self.requests if "chat" in path]

    def prompts(self) -> list[str]:
        """The prompts of all questions."""
        return [body["messages"][-1]["content"] for body in self.chats]

    def wait_until_answered(self, count: int) -> None:
        """Return once so many questions have been answered since the start."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.answered >= count, timeout=60)

    @contextmanager
    def running(self, port: int = 0):
        """Serve on loopback; yields the URL."""
        server = _Server(("127.0.0.1", port), _Handler)
        server.judge = self
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.released.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients of these tests go away in the middle; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer, unless flushed

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with self.judge.changed:
            self.judge.connections += 1

    @property
    def judge(self) -> ScriptedJudge:
        return self.server.judge

    def do_GET(self):
        judge = self.judge
        with judge.changed:
            judge.requests.append((self.path, {}, dict(self.headers)))
            is_faulty = len(judge.requests) <= judge.faulty_greetings
        if is_faulty:
            self.send_json(500, {"error": "not yet"})
        elif self.path == "/api/tags":
            names = judge.listed or [f"{judge.model}:latest"]
            rows = [{"name": name, "model": name, "digest": judge.digest, "size": 4661224676} for name in names]
            self.send_json(200, {"models": rows})
        elif self.path == "/v1/models" and judge.listed is not None:
            rows = [{"id": name, "object": "model"} for name in judge.listed or [judge.model]]
            self.send_json(200, {"object": "list", "data": rows})
        elif self.path == "/v1/models":
            self.send_json(judge.no_list_status, {"error": "no such thing"})
        elif self.path.startswith("/website/"):
            self.send_json(200, "Welcome!")
        else:
            self.send_json(404, {"error": "404 page not found"})

    def do_POST(self):
        judge = self.judge
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with judge.changed:
            judge.requests.append((self.path, body, dict(self.headers)))
            judge.in_flight += 1
            judge.most_in_flight = max(judge.most_in_flight, judge.in_flight)
            is_too_many = judge.in_flight > judge.longest_queue
            judge.refused += is_too_many
        try:
            if is_too_many:
                self.send_json(503, {"error": "server busy, please try again.  maximum pending requests exceeded"})
            else:
                with judge.slots:
                    self.chat(body)
        finally:
            with judge.changed:
                judge.in_flight -= 1
                judge.changed.notify_all()

    def chat(self, body: dict[str, Any]) -> None:
        judge, is_ollama = self.judge, self.path == "/api/chat"
        if judge.key and self.headers.get("Authorization") != f"Bearer {judge.key}":
            return self.send_json(401, {"error": "unauthorized"})
        if not judge.any_name and body["model"].removesuffix(":latest") != judge.model:
            return self.send_json(404, {"error": f"model '{body['model']}' not found"})
        problem = check_ollama_request(body) if is_ollama else None
        if not judge.knows_format and "format" in body:
            problem = "json: cannot unmarshal object into Go struct field ChatRequest.format of type string"
        if not judge.knows_format and body.get("response_format", {}).get("type") == "json_schema":
            problem = "'response_format.type': Input should be 'text' or 'json_object'"
        if problem:
            return self.send_json(400, {"error": problem})
        if judge.refuses and judge.refuses[0] in body:
            return self.send_json(422, judge.refuses[1])

        prompt = body["messages"][-1]["content"]
        with judge.changed:
            about = prompt.partition(REMINDER_BEGINS)[0]
            judge.asks[about] = judge.asks.get(about, 0) + 1
            fault = judge.fault(prompt, judge.asks[about])
        if judge.seconds:
            time.sleep(judge.seconds)
        if fault:
            return FAULTS[fault](self)
        answer = self.ollama_answer(prompt, body) if is_ollama else self.openai_answer(prompt)
        with judge.changed:
            judge.answered += 1
            judge.changed.notify_all()
        return answer

    def ollama_answer(self, prompt: str, body: dict[str, Any]) -> None:
        tokens, num_ctx = len(prompt.split()) * 2, body["options"]["num_ctx"]
        if tokens > num_ctx and self.judge.knows_truncate and body.get("truncate") is False:
            return self.send_json(
                400,
                {
                    "error": "the prompt is longer than the context length currently available to "
                    "the model; shorten the prompt"
                },
            )
        text = self.judge.reply(prompt)
        thought = [{**message(""), "message": {"role": "assistant", "content": "", "thinking": self.judge.thinking}}]
        counts = {"prompt_eval_count": min(tokens, num_ctx), "eval_count": len(text) // 4}
        last = message("") | counts | {"done": True, "done_reason": "stop"}
        half = len(text) // 2
        lines = [*(thought if self.judge.thinking else []), message(text[:half]), message(text[half:]), last]
        return self.send_lines(
            [line | {"model": self.judge.model if self.judge.any_name else body["model"]} for line in lines]
        )

    def openai_answer(self, prompt: str) -> None:
        answer = {"role": "assistant", "content": self.judge.reply(prompt)}
        choice = {"index": 0, "message": answer, "finish_reason": "stop"}
        self.send_json(200, {"object": "chat.completion", "model": self.judge.model, "choices": [choice]})

    def send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_lines(self, lines: list[Any], ends: bool = True) -> None:
        """NDJSON in chunks, as Ollama streams; without its end the connection is closed in the middle."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            content = (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if ends:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def hang(self) -> None:
        """Never answer: hold the connection until the server is closed."""
        self.judge.released.wait()
        self.close_connection = True

    def drip(self) -> None:
        """Send a byte now and then, for ever."""
        self.send_response(200)
        self.end_headers()
        while not self.judge.released.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()


def message(text: str) -> dict[str, Any]:
    """A line of an Ollama stream."""
    return {
        "model": "llama3",
        "created_at": "2025-10-26T17:21:21.196249Z",
        "message": {"role": "assistant", "content": text},
        "done": False,
    }


def check_ollama_request(body: dict[str, Any]) -> str | None:
    """What Ollama would say about a request it cannot take."""
    types = {"seed": int, "temperature": int | float, "num_ctx": int}
    for name, value in body["options"].items():
        if not isinstance(value, types[name]):
            return f"option {name!r} must be of type {types[name]}"
    keep_alive = body.get("keep_alive", "5m")
    if isinstance(keep_alive, str) and not re.fullmatch(r"-?(\d+(\.\d+)?(h|m|s|ms))+", keep_alive):
        return f"time: missing unit in duration {keep_alive!r}"
    output_format = body.get("format")
    if output_format not in (None, "", "json") and not isinstance(output_format, dict):
        return 'invalid format: expected "json" or a JSON schema'
    if output_format and output_format["properties"]["score"] != {"type": "integer", "minimum": 0, "maximum": 100}:
        return "this judge gives scores only"
    return None


CRASH = "llama runner process has terminated: signal: killed"
FAULTS: dict[str, Callable[[_Handler], None]] = {
    "500": lambda handler: handler.send_json(500, {"error": CRASH}),
    "502": lambda handler: handler.send_json(502, {"error": "bad gateway"}),
    "503": lambda handler: handler.send_json(503, {"error": "server busy, please try again."}, {"Retry-After": "0.1"}),
    "429": lambda handler: handler.send_json(429, {"error": "too many requests"}),
    "404 page": lambda handler: handler.send_json(404, {"detail": "Not Found"}),
    "400": lambda handler: handler.send_json(400, {"error": '"llama3" does not support chat'}),
    "odd counts": lambda handler: handler.send_lines(
        [message("85"), message("") | {"done": True, "prompt_eval_count": "12", "eval_count": [3]}]
    ),
    "context": lambda handler: handler.send_json(
        400, {"error": {"message": "the request exceeds the available context size", "code": 400}}
    ),
    "307": lambda handler: handler.send_json(307, {}, {"Location": "https://elsewhere.test/"}),
    "reset": _Handler.reset,
    "hang": _Handler.hang,
    "drip": _Handler.drip,
    "error line": lambda handler: handler.send_lines([message("8"), {"error": CRASH}]),
    "half-sent": lambda handler: handler.send_lines([message('{"score": 8')], ends=False),
    "no last line": lambda handler: handler.send_lines([message('{"score": 8')]),
    "half a line": lambda handler: handler.send_lines(['{"model": "llama3", "mess'], ends=False),
    "not JSON": lambda handler: handler.send_lines(["<html>Bad gateway</html>"]),
    "cut reply": lambda handler: handler.send_lines(
        [message('{"score": 8'), message("") | {"done": True, "done_reason": "length", "prompt_eval_count": 300}]
    ),
    "cut choice": lambda handler: handler.send_json(
        200, {"choices": [{"message": {"content": '{"score": 8'}, "finish_reason": "length"}]}
    ),
    "huge": lambda handler: handler.send_lines([message("and so on " * 1000)] * 1000),
}
PASSING_FAULTS = [
    "500", "502", "503", "429", "reset", "error line", "half-sent", "no last line", "half a line", "not JSON",
]  # fmt: skip

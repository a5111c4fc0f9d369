"""A server of data sets and models that speaks as much of the Hugging Face hub's protocol as its libraries ask for."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

COMMIT = 40 * "a"


class _Handler(BaseHTTPRequestHandler):
    """Answers about the folders `org/name` of the server's folder, each one data set or model with one commit."""

    server: "HubServer"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        asked = self.rfile.read(length)
        self._answer(with_body=True, asked=asked)

    def _answer(self, with_body: bool, asked: bytes = b"") -> None:
        path = urlsplit(self.path).path
        self.server.requests.append(path)
        kind, *parts = path.strip("/").split("/")
        if kind == "api" and parts[0] in ("datasets", "models"):
            self._answer_api("/".join(parts[1:3]), parts[3:], asked)
        elif kind == "datasets" and parts[2:3] == ["resolve"]:
            self._send_file(self.server.folder / parts[0] / parts[1] / "/".join(parts[4:]), with_body)
        elif parts[1:2] == ["resolve"]:  # of a model
            self._send_file(self.server.folder / kind / parts[0] / "/".join(parts[3:]), with_body)
        else:
            self._send(404, b"{}")

    def _answer_api(self, name: str, rest: list[str], asked: bytes) -> None:
        files = self.server.files(name)
        revision = rest[1] if rest[:1] in (["revision"], ["tree"]) else COMMIT
        if not files or revision not in ("main", COMMIT):
            self._send(404, b'{"error": "not found"}', {"X-Error-Code": "RepoNotFound"})
        elif rest[:1] == ["tree"]:
            below = "/".join(rest[2:])
            self._send(200, json.dumps([file for file in files if file["path"].startswith(below)]).encode())
        elif rest[:1] == ["paths-info"]:
            self._send(200, json.dumps([file for file in files if file["path"] in asked.decode()]).encode())
        else:
            siblings = [{"rfilename": file["path"]} for file in files]
            info = {"id": name, "sha": COMMIT, "private": False, "gated": False, "siblings": siblings, "tags": []}
            self._send(200, json.dumps(info).encode())

    def _send_file(self, path: Path, with_body: bool) -> None:
        if not path.is_file():
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = path.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self._send(200, data if with_body else b"", headers, len(data))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class HubServer(ThreadingHTTPServer):
    """The server, its folder, and the paths that it was asked for."""

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.requests = folder, []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def files(self, name: str) -> list[dict]:
        """What the hub tells of a data set's files."""
        folder = self.folder / name
        return [
            {"type": "file", "path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "oid": 40 * "b"}
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]


@contextlib.contextmanager
def serving_hub(folder: Path) -> Iterator[HubServer]:
    """The server while it serves."""
    with HubServer(folder) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

"""A file server on the loopback interface that can fail in every way a real one does."""

import hashlib
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class WeightsServer:
    """Serves the files of a folder.

    Attributes:
        script: For a path such as `124M/checkpoint`, what happens to its next requests. What is not in it is served.
            `404` `503` `416`: that status. `drop`: no answer. `cut`: the connection breaks in the middle of the file.
            `short`: it ends well before the last byte. `stall`: nothing comes after the middle. `wrong`: the right
            length, wrong bytes. `ignore range`: the whole file. `ignore if-range`: the rest even if the file has
            changed. `no length`: none is announced. `huge`: an absurd one is. `die`: this file is the last one
            served, no connection is accepted any more. `serve`: nothing goes wrong.
        requests: `(path, Range header)` of all requests.
        gate: Requests wait for it.
    """

    def __init__(self, folder):
        self.folder = folder
        self.script = {}
        self.requests = []
        self.gate = threading.Event()
        self.gate.set()
        self.stopping = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"weights": self}))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self):
        """Refuse connections from now on."""
        self.stopping.set()
        self.gate.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    weights: WeightsServer

    def do_GET(self):
        path = self.path.lstrip("/")
        self.weights.requests.append((path, self.headers["Range"]))
        self.weights.gate.wait()
        fault = (self.weights.script.get(path) or ["serve"]).pop(0)
        file = self.weights.folder / path
        if fault.isdigit() or not file.is_file():
            self.send_error(int(fault) if fault.isdigit() else 404)
        elif fault != "drop":
            self.send_file(file.read_bytes(), fault)

    def send_file(self, data, fault):
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        start = self.start_of_range(etag, fault)
        body = data[start:]
        if fault == "wrong":
            body = bytes(255 - byte for byte in body)
        self.send_response(206 if start else 200)
        self.send_header("ETag", etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if fault != "no length":
            self.send_header("Content-Length", str(10**18 if fault == "huge" else len(body)))
        self.end_headers()
        self.send_body(body, fault)

    def start_of_range(self, etag, fault):
        """The first byte to send."""
        asked = self.headers["Range"]
        if asked is None or fault == "ignore range":
            return 0
        if fault != "ignore if-range" and self.headers["If-Range"] not in (None, etag):
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def send_body(self, body, fault):
        end = {"cut": len(body) // 2, "stall": len(body) // 2, "short": len(body) - 1}.get(fault, len(body))
        if fault == "die":
            self.weights.stop()
        with suppress(OSError):  # the client has gone, as it does when it was killed
            self.wfile.write(body[:end])
        if fault == "stall":
            self.weights.stopping.wait()
        if fault == "cut":
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            self.connection.close()

    def log_message(self, *_):
        pass


@contextmanager
def serving(folder):
    """A server of the folder's files while the block runs."""
    server = WeightsServer(folder)
    try:
        yield server
    finally:
        server.stop()


def refusing_url():
    """The URL of a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"

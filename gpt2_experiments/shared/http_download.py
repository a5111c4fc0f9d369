"""Files over HTTP: whole or not at all, resumed where an earlier attempt stopped, from the first server that has them.

While a file arrives it is `<name>.part`; `<name>.part.json` says which version of the file that is the beginning of.
Proxies and certificates are those of `requests`: HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE.
"""

import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.shared.files import check_room, move_into_place, naming, sha256_of, write_json

ATTEMPTS = 4  # at each server
BACKOFF = 0.5  # seconds of the first pause, doubled for each one after
TIMEOUT = (10, 60)  # seconds: to connect; without a byte
PASSING_FAILURES = (429, 500, 502, 503, 504)  # HTTP statuses worth asking again
PROGRESS = 2**20  # bytes: an attempt that brought as much was not in vain, and the count starts again
CHUNK = 2**16  # bytes; an interruption loses up to one


class DownloadError(UserError):
    """No server delivered the file."""


class Interrupted(Exception):
    """The server did not deliver what it should have. What has arrived is kept, and asking again may help."""


class Fetched(NamedTuple):
    """A whole file: the URL that offers it, its SHA-256, and whether it was already there."""

    url: str
    sha256: str
    was_there: bool


def download_file(url: str, destination: str | Path, backup_url: str | None = None) -> None:
    """Download `url` to `destination`, or `backup_url` where that fails; a file of the server's length stays.

    Raises:
        DownloadError: neither server delivered the file.
    """
    fetched = fetch([url, backup_url] if backup_url else [url], Path(destination))
    if fetched.was_there:
        print_up_to_date(destination)


def print_up_to_date(path: str | Path) -> None:
    """Print the book's line for a file that need not be downloaded."""
    print(f"File already exists and is up-to-date: {path}", flush=True)


def fetch(urls: Sequence[str], destination: Path, sha256: str | None = None, copies: int = 1) -> Fetched:
    """Make `destination` the whole file that one of `urls`, tried in their order, offers.

    Args:
        urls: The same file on several servers.
        destination: A file that is there and has the length the server announces is kept.
        sha256: The file's digest, where it is known.
        copies: How many times the file's size must be free on the disk.

    Raises:
        DownloadError: no server delivered the file; says what was tried.
        UserError: the disk has no room.
    """
    download = _Download(destination, sha256, copies)
    failures = []
    with _session() as session:
        for url in urls:
            try:
                return download.from_server(session, url)
            except (OSError, HTTPError, Interrupted) as error:
                if isinstance(error, OSError) and error.filename is not None:
                    raise  # a file of ours, not the server's doing
                failures.append(f"{url}: {_reason(error)}")
                if url != urls[-1]:
                    warn(f"cannot download {failures[-1]}; asking the next server")
    raise DownloadError(f"cannot download {destination}; tried {'; '.join(failures)}")


def _session() -> requests.Session:
    """A session that asks again where no connection is made or the server is overloaded."""
    retry = Retry(
        total=ATTEMPTS - 1,
        backoff_factor=BACKOFF,
        status_forcelist=PASSING_FAILURES,
        raise_on_status=False,  # the last answer tells the status
        respect_retry_after_header=False,  # it may ask for hours; the next server is tried sooner
    )
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.headers["Accept-Encoding"] = "identity"  # lengths and ranges count the file's own bytes
    return session


def _reason(error: Exception) -> str:
    """Why a download failed, in a few words: the innermost of the errors that requests and urllib3 wrap around it."""
    if isinstance(error, requests.HTTPError):
        return f"{error.response.status_code} {error.response.reason}"
    candidates = (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args)
    inner = next((candidate for candidate in candidates if isinstance(candidate, Exception)), None)
    return _reason(inner) if inner else str(error)


class _Download:
    """One file on its way to `destination`."""

    def __init__(self, destination: Path, sha256: str | None, copies: int):
        self.destination = destination
        self.sha256 = sha256
        self.copies = copies
        self.part = _PartialFile(destination)

    def from_server(self, session: requests.Session, url: str) -> Fetched:
        """Download from one server, going on after interruptions."""
        failures, most = 0, self.part.size
        while True:
            try:
                return self._attempt(session, url)
            except Interrupted:
                failures = 1 if self.part.size >= most + PROGRESS else failures + 1
                most = max(most, self.part.size)
                if failures == ATTEMPTS:
                    raise
                time.sleep(BACKOFF * 2 ** (failures - 1))

    def _attempt(self, session: requests.Session, url: str) -> Fetched:
        """Receive what is missing and put the whole file in its place."""
        if not self.part.is_complete:  # it is where a process was killed while it hashed the file
            with session.get(url, headers=self.part.range_headers(), stream=True, timeout=TIMEOUT) as response:
                version = self._accept(response)
                if self._is_there(version.length):
                    self.part.discard()
                    return Fetched(url, sha256_of(self.destination), was_there=True)
                check_room(self.destination.parent, version.length * self.copies - self.part.size)
                self._receive_body(response, version.length)
        digest = sha256_of(self.part.path)
        if self.sha256 not in (None, digest):
            self.part.discard()
            raise Interrupted(f"sent wrong bytes (SHA-256 {digest}, the released file has {self.sha256})")
        self.part.become(self.destination)
        return Fetched(url, digest, was_there=False)

    def _accept(self, response: requests.Response) -> "_Version":
        """The version of the file that is about to arrive; the partial file is made ready to be appended to."""
        if response.status_code == 416:  # no bytes there after those that have arrived
            self.part.discard()
            raise Interrupted("has another file than before")
        response.raise_for_status()
        start, version = _Version.offered_by(response)
        if start == 0:  # nothing to go on from, or the server ignores ranges, or the file has changed
            self.part.begin(version)
        elif start != self.part.size or self.part.version is None or not version.same_file(self.part.version):
            self.part.discard()
            raise Interrupted("has another file than before")
        return version

    def _is_there(self, length: int) -> bool:
        """Whether the destination already is a whole file of `length` bytes."""
        if not self.destination.exists() or self.destination.stat().st_size != length:
            return False
        return self.sha256 is None or sha256_of(self.destination) == self.sha256

    def _receive_body(self, response: requests.Response, length: int) -> None:
        """Append the response's bytes to the partial file."""
        bar = tqdm(
            desc=self.destination.name,
            total=length,
            initial=self.part.size,
            unit="B",
            unit_scale=True,
            file=sys.stderr,
        )
        try:
            with bar, naming(self.part.path), open(self.part.path, "ab") as file:
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
        except requests.RequestException as error:
            raise Interrupted(f"stopped after {self.part.size:,} of {length:,} bytes ({_reason(error)})") from error
        if self.part.size != length:
            raise Interrupted(f"stopped after {self.part.size:,} of {length:,} bytes")


@dataclass(frozen=True)
class _Version:
    """What a server says about the file it offers."""

    length: int
    etag: str | None
    last_modified: str | None

    @classmethod
    def offered_by(cls, response: requests.Response) -> tuple[int, "_Version"]:
        """The position in the file at which the response's body starts, and the version of the whole file."""
        headers = response.headers
        start, length = "0", headers.get("Content-Length", "")
        if response.status_code == 206:
            found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
            start, length = found.groups() if found else ("0", "")
        if not length.isdigit():
            raise Interrupted("does not say how long the file is, so a cut would not show")
        return int(start), cls(int(length), headers.get("ETag"), headers.get("Last-Modified"))

    def same_file(self, other: "_Version") -> bool:
        """Whether nothing speaks against both being the same; not every answer has every header."""
        pairs = ((self.etag, other.etag), (self.last_modified, other.last_modified))
        return self.length == other.length and all(one == another for one, another in pairs if one and another)

    @property
    def validator(self) -> str | None:
        """What `If-Range` takes: a strong entity tag or a date (RFC 9110, 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class _PartialFile:
    """The beginning of a file and the note of its version."""

    def __init__(self, destination: Path):
        self.path = destination.with_name(f"{destination.name}.part")
        self._note = destination.with_name(f"{destination.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> _Version | None:
        """What the bytes are the beginning of, where that is known."""
        try:
            return _Version(**json.loads(self._note.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):  # without a readable note the file is begun anew
            return None

    @property
    def is_complete(self) -> bool:
        """Whether all bytes have arrived."""
        return self.path.exists() and self.version is not None and self.size == self.version.length

    def range_headers(self) -> dict[str, str]:
        """Ask for the missing bytes only, provided that the file is still the same."""
        version, size = self.version, self.size
        if version is None or size == 0:
            return {}
        condition = {"If-Range": version.validator} if version.validator else {}
        return {"Range": f"bytes={size}-"} | condition

    def begin(self, version: _Version) -> None:
        """Start an empty file of this version."""
        self.discard()
        write_json(self._note, asdict(version))
        self.path.touch()

    def discard(self) -> None:
        """Remove the bytes, then their note."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def become(self, destination: Path) -> None:
        """Take the destination's name."""
        move_into_place(self.path, destination)
        self._note.unlink()

"""Files that are whole or absent, their digests, and locked folders."""

import contextlib
import errno
import hashlib
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import filelock

from gpt2_experiments.shared.errors import UserError, warn


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that takes `path`'s name only once everything written to it is on the disk.

    It is written beside its target, flushed, fsynced and renamed; when anything fails it is removed and an earlier
    file of that name stays as it was. One writer at a time: who shares the folder holds a lock (`locked`).
    A library that takes a file's name and not a file may write to `.name` instead, or replace it.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        with naming(path), open(part, "wb") as file:
            yield file
        move_into_place(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new folder that takes `path`'s name only once everything in it is written; when anything fails it is removed.

    `UserError` where something of that name is there.
    """
    if path.exists() or path.is_symlink():
        raise UserError(f"{path}: is there already; remove it, or name another folder")
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # left by a process that was killed
    part.mkdir(parents=True)
    try:
        with naming(path):
            yield part
            for place in part.rglob("*"):
                if place.is_file():
                    place.chmod(0o666 & ~_umask())  # libraries make theirs for their owner alone
                    with open(place, "rb+") as written:
                        os.fsync(written.fileno())
                else:
                    _sync_folder(place)
            _sync_folder(part)
            part.rename(path)
            _sync_folder(path.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Within it the system's errors name `path` where they name no file: a full disk and a failing one do not."""
    try:
        yield
    except OSError as error:
        if type(error) is OSError and error.errno is None:  # as NumPy raises it
            raise OSError(errno.EIO, str(error), str(path)) from error
        if error.filename is None:
            error.filename = str(path)
        raise


def move_into_place(part: Path, path: Path) -> None:
    """Give the finished file `part` the name `path`, in the same folder, once its bytes are on the disk."""
    with naming(path):
        with open(part, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)


def make_output_dir(output_dir: str | Path) -> None:
    """Make the output folder where it is missing; `UserError` where that fails or nothing can be written in it."""
    folder = Path(output_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output_dir {folder}: cannot be made ({error.strerror}); name another folder") from error
    if not os.access(folder, os.W_OK):
        raise UserError(f"--output_dir {folder}: cannot be written; name another folder")


def check_room(folder: Path, n_bytes: int) -> None:
    """Raise `UserError` where the disk of `folder` has less than `n_bytes` free."""
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise UserError(
            f"{folder}: {n_bytes / 1e9:.2f} GB are needed on this disk, {free / 1e9:.2f} GB are free; "
            f"make room, or name a folder on another disk"
        )


def write_json(path: str | Path, data: Any) -> None:
    """Write `data` as UTF-8 JSON, indented by 4, whole or not at all.

    Half a character (a lone surrogate), which UTF-8 cannot hold, is written as JSON's escape. Raises ValueError for a
    number that JSON cannot hold (NaN, infinity).
    """
    text = json.dumps(data, indent=4, ensure_ascii=False, allow_nan=False)
    with whole_file(path) as file:
        file.write(text.encode("utf-8", "backslashreplace") + b"\n")


def refuse_number(text: str) -> NoReturn:
    """Raise ValueError for a number that Python reads and JSON does not have, or Python could not write again."""
    raise ValueError(f"{text[:20]} is no number that JSON can hold")


def read_json(path: str | Path) -> Any:
    """A file's JSON value; a byte order mark, as some editors write it, is no part of it.

    Raises OSError, UnicodeDecodeError, and ValueError for what is no JSON.
    """
    return parse_json(Path(path).read_text(encoding="utf-8-sig"))


def parse_json(
    text: str,
    unwritable: Callable[[str], Any] = refuse_number,
    make_object: Callable[[list[tuple[str, Any]]], Any] = dict,
) -> Any:
    """A text's JSON value; ValueError for what is no JSON.

    Args:
        unwritable: Makes the value of a number that could not be written as JSON again: NaN, infinity, one beyond what
            a float holds, one of thousands of digits.
        make_object: Makes the value of an object of its pairs.
    """

    def read_float(text: str) -> Any:
        return float(text) if math.isfinite(float(text)) else unwritable(text)

    def read_int(text: str) -> Any:
        limit = sys.get_int_max_str_digits()
        return int(text) if len(text) <= limit or not limit else unwritable(text)

    try:
        return json.loads(
            text,
            parse_constant=unwritable,
            parse_float=read_float,
            parse_int=read_int,
            object_pairs_hook=make_object,
        )
    except RecursionError as error:
        raise ValueError(str(error)) from error


def sha256_of(path: str | Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


SECONDS_OF_A_LOOK = 0.3  # for which a process may hold a lock only to see whether another one does


class InUse(UserError):
    """Another process holds a lock."""


@contextlib.contextmanager
def locked(lock_path: str | Path, what: str, wait: bool) -> Iterator[None]:
    """Hold an operating-system lock on `lock_path`; it is released even when the process is killed.

    When another process holds it, wait for that one and say so (`wait=True`), or raise `InUse`.
    """
    lock = filelock.FileLock(lock_path)
    try:
        lock.acquire(timeout=SECONDS_OF_A_LOOK)
    except filelock.Timeout:
        if not wait:
            raise InUse(f"{what} is in use by another process ({lock_path} is locked); let it finish first") from None
        warn(f"{what} is in use by another process; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _umask() -> int:
    """The permissions that new files are not given; the system tells them only where they are set."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Put the folder's entries on the disk, so that a rename survives a power cut (Windows has no such call)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

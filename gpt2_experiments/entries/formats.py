"""Data files in the formats that people have: which one a file is in, and its rows with their places."""

import csv
import gzip
import hashlib
import importlib
import io
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import parse_json

DELIMITERS = {",": "CSV", ";": "CSV with semicolons", "\t": "TSV"}
EXTRA_REQUIREMENTS = "requirements/data.txt"  # of formats beyond JSON, JSON lines and CSV
NO_DATA = {  # how a file begins that is in none of these formats: what it is, and what to do
    b"PK\x03\x04": ("an Excel or zip file", "save it as CSV"),
    b"\xff\xfe": ("UTF-16 text", "save it as UTF-8"),
    b"\xfe\xff": ("UTF-16 text", "save it as UTF-8"),
    b"<": ("an HTML or XML page", "name the data itself"),
    b"BZh": ("packed with bzip2", "unpack it, or pack it with gzip or zstd"),
    b"\xfd7zXZ": ("packed with xz", "unpack it, or pack it with gzip or zstd"),
}


class NoData(UserError):
    """What is read is in none of the formats and shapes, or holds nothing."""

    def __init__(self, source: str | Path, reason: str, advice: str):
        super().__init__(f"{source}: {reason}; {advice}" if advice else f"{source}: {reason}")
        self.reason = reason


class Fault(NamedTuple):
    """In the place of a value or a row that cannot be used."""

    problem: str


class Row(NamedTuple):
    """A row, and where it stands: `entry 3`, or in a file of lines `line 7`."""

    place: str
    value: Any  # a JSON value, in which there may be faults


class DataFile(NamedTuple):
    """The rows of a file or another source, the format that it was taken for, and its digest."""

    source: str
    format: str
    rows: list[Row]
    sha256: str


def read_data_file(path: Path) -> DataFile:
    """The file's rows. Its format is known by its content, not by its name.

    `UserError` for a file that cannot be read, is empty or is in none of the formats; what is wrong with a row is a
    `Fault` in its place.
    """
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name a file that can be read") from error
    data, packing = _unpacked(path, packed)
    format_name, rows = _format_and_rows(path, data)
    return DataFile(str(path), format_name + packing, list(rows), hashlib.sha256(packed).hexdigest())


def _format_and_rows(path: Path, data: bytes) -> tuple[str, Iterable[Row]]:
    if data.startswith(b"PAR1"):
        return "Parquet", _parquet_rows(path, data)
    text = _text(path, data)
    begins = text.lstrip()[:1]
    if not begins:
        raise NoData(path, "is empty", "it needs at least one entry")
    if begins == "[":
        return "a JSON list", _json_list(path, text)
    if begins == "{":
        return "JSON lines", _json_lines(path, text)
    return _table(path, text.splitlines(keepends=True))


def _table(path: Path, lines: list[str]) -> tuple[str, Iterable[Row]]:
    """The lines after the header as rows; the delimiter is the header's, or what Excel says in a line of its own."""
    n_before = next(number for number, line in enumerate(lines) if line.strip())
    if said := re.fullmatch(r"sep=(.)", lines[n_before].strip()):
        n_before += 1
    header = "".join(lines[n_before : n_before + 1])
    delimiter = said[1] if said else max(DELIMITERS, key=header.count)
    return DELIMITERS.get(delimiter, "CSV"), _table_rows(path, "".join(lines[n_before:]), delimiter, n_before)


def _unpacked(path: Path, data: bytes) -> tuple[bytes, str]:
    """The bytes as they were before packing, and how they were packed."""
    for beginning, (how, unpack) in PACKINGS.items():
        if data.startswith(beginning):
            try:
                return unpack(path, data), f", {how}"
            except (EOFError, OSError, ValueError, zlib.error) as error:
                raise NoData(path, f"{how}, and damaged ({error})", "is it still being written?") from error
    return data, ""


def _from_gzip(_: Path, data: bytes) -> bytes:
    return gzip.decompress(data)


def _from_zstd(path: Path, data: bytes) -> bytes:
    """Frame by frame, as the library takes a file that breaks off for one that ends there."""
    zstandard = library("zstandard", path, "packed with zstd")
    unpacked = []
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            unpacked.append(frame.decompress(data))
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
        if not frame.eof:
            raise EOFError("it breaks off")
        data = frame.unused_data
    return b"".join(unpacked)


PACKINGS: dict[bytes, tuple[str, Callable[[Path, bytes], bytes]]] = {  # how the file begins
    b"\x1f\x8b": ("gzipped", _from_gzip),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", _from_zstd),
}


def library(name: str, source: str | Path, what: str) -> ModuleType:
    """A library that not everybody has installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"{source}: is {what}, which takes `pip install -r {EXTRA_REQUIREMENTS}`") from error


def _text(path: Path, data: bytes) -> str:
    for beginning, (what, advice) in NO_DATA.items():
        if data.lstrip().startswith(beginning):
            raise NoData(path, f"is {what}", advice)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoData(path, f"not UTF-8 text ({error})", "save it as UTF-8") from error


def _json_list(path: Path, text: str) -> Iterator[Row]:
    try:
        values = _json(text)
    except ValueError as error:
        raise NoData(path, f"not valid JSON ({error})", "mend the file at that place") from error
    for number, value in enumerate(values, start=1):
        yield Row(f"entry {number}", value)


def _json_lines(path: Path, text: str) -> Iterator[Row]:
    """A value a line; empty lines are none."""
    _refuse_one_object(path, text)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield Row(f"line {number}", _json(line))
            except ValueError as error:
                yield Row(f"line {number}", Fault(f"is not valid JSON ({error}); mend the line"))


def _refuse_one_object(path: Path, text: str) -> None:
    """Raise `UserError` where the whole text is one JSON object over several lines."""
    first = text.lstrip().split("\n", 1)[0]
    try:
        _json(first)
    except ValueError:
        try:
            names = ", ".join(_json(text))
        except ValueError:
            return  # lines, of which the first is damaged
        raise NoData(path, f"holds one JSON object ({names[:100]}), not a list of entries or one a line", "") from None


def _json(text: str) -> Any:
    return parse_json(text, _unwritable, _object)


def _unwritable(number: str) -> Fault:
    return Fault(f"holds {number[:20]}, no number that JSON can hold; mend it")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; a key that stands in it twice has a fault."""
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        made |= {key: Fault("stands there twice; keep one") for key in made if keys.count(key) > 1}
    return made


def _table_rows(path: Path, text: str, delimiter: str, n_before: int) -> list[Row]:
    """The lines after the header; what is in quotes may hold delimiters and line ends. All values are texts.

    Many a TSV knows no such quotes: one that is at fault with them is read without.
    """
    rows = list(_quoted_rows(path, text, delimiter, n_before, csv.QUOTE_MINIMAL))
    if delimiter == "\t" and any(isinstance(value, Fault) for _, value in rows):
        unquoted = list(_quoted_rows(path, text, delimiter, n_before, csv.QUOTE_NONE))
        return unquoted if not any(isinstance(value, Fault) for _, value in unquoted) else rows
    return rows


def _quoted_rows(path: Path, text: str, delimiter: str, n_before: int, quoting: Any) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    header: list[str] | None = None
    while True:
        line = n_before + reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if header is None or "unexpected end of data" in str(error):
                raise NoData(path, f"not valid CSV from line {line} on ({error})", "is a quote not closed?") from error
            yield Row(f"line {line}", Fault(f"is not valid CSV ({error}); mend the line"))
            continue
        if header is None:
            header = _header(path, values, delimiter)
        elif len(values) != len(header) and any(values):
            problem = f"has {len(values)} columns, the header {len(header)}; put texts in quotes"
            yield Row(f"line {line}", Fault(problem))
        elif any(values):
            named = {name: value for name, value in zip(header, values, strict=True) if name}
            yield Row(f"line {line}", named)


def _header(path: Path, names: list[str], delimiter: str) -> list[str]:
    """The columns' names; one that has none, such as the numbers that pandas puts before its rows, is not read."""
    names = [name.strip() for name in names]
    named = list(filter(None, names))
    if len(named) < 2 or len(set(named)) < len(named):
        format_name, shown = DELIMITERS.get(delimiter, "CSV"), delimiter.join(names)[:100]
        reason = f"taken for {format_name}, but the first line does not name two columns or more, each once ({shown})"
        raise NoData(path, reason, "name a file of JSON, JSON lines, CSV, TSV or Parquet")
    return names


def _parquet_rows(path: Path, data: bytes) -> Iterator[Row]:
    parquet = library("pyarrow.parquet", path, "Parquet")
    arrow_error = importlib.import_module("pyarrow").ArrowException
    try:
        values = parquet.read_table(io.BytesIO(data)).to_pylist()
    except (arrow_error, OSError) as error:
        problem = str(error).split("\n")[0]
        raise NoData(path, f"not valid Parquet ({problem})", "is it still being written?") from error
    for number, value in enumerate(values, start=1):
        yield Row(f"entry {number}", as_json(value))


def as_json(value: Any) -> Any:
    """A value of Arrow's types as JSON has it; what JSON cannot hold is a text, or a fault."""
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return _unwritable(str(value))
    if isinstance(value, bytes):
        return Fault("holds bytes, not a text; leave the column out")
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)

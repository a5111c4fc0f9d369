"""JSON files of entries: read and checked, so that everything behind can rely on their fields."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.shared.errors import UserError


def read_entries(file_path: str | Path, fields: Sequence[str]) -> list[Entry]:
    """Read a JSON list of objects that have all `fields` as texts; other fields are kept and not looked at.

    `UserError` names the file, the entry's number (from 1) and the field at fault.
    """
    data = _read_json(Path(file_path))
    if not isinstance(data, list):
        raise UserError(f"{file_path}: holds a JSON {type(data).__name__}, not a list of entries")
    if not data:
        raise UserError(f"{file_path}: the list is empty; it needs at least one entry")
    for number, entry in enumerate(data, start=1):
        _check_entry(entry, fields, f"{file_path}: entry {number}")
    return data


def _read_json(file_path: Path) -> Any:
    """The file's JSON value; a byte order mark, as some editors write it, is no part of it."""
    try:
        return json.loads(file_path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{file_path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file_path}: not UTF-8 text ({error}); save it as UTF-8") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{file_path}: not valid JSON ({error}); mend the file at that place") from error


def _check_entry(entry: Any, fields: Sequence[str], where: str) -> None:
    """Raise `UserError` unless `entry` is an object whose `fields` are texts that UTF-8 can hold."""
    if not isinstance(entry, dict):
        raise UserError(f"{where}: is a {type(entry).__name__}, not an object with {', '.join(fields)}")
    for field in fields:
        if field not in entry:
            raise UserError(f'{where}: field "{field}" is missing; add it')
        if not isinstance(entry[field], str):
            raise UserError(
                f'{where}: field "{field}" is a {type(entry[field]).__name__}, not a text; put it in quotes'
            )
        if any("\ud800" <= character <= "\udfff" for character in entry[field]):
            raise UserError(f'{where}: field "{field}" holds half a character (a lone surrogate); write it whole')

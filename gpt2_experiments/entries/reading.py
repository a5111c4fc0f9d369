"""JSON files of entries: read and checked, so that everything behind can rely on their fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import read_json

ENTRY_FIELDS = ("instruction", "input", "output")
MAY_BE_MISSING = ("input",)  # or null: an empty text then
RESPONSE = "model_response"  # the field that a run puts a response into
RESPONSE_FIELDS = (*ENTRY_FIELDS, RESPONSE)  # of an entry in a response file


def read_entries(file_path: str | Path, fields: Sequence[str]) -> list[Entry]:
    """Read a JSON list of objects that have all `fields` as texts; other fields are kept, and can be written again.

    An "input" that is missing or null is empty. `UserError` names the file, the entry's number (from 1) and the field
    at fault.
    """
    data = _read_entries_json(Path(file_path))
    if not isinstance(data, list):
        raise UserError(f"{file_path}: holds a JSON {type(data).__name__}, not a list of entries")
    if not data:
        raise UserError(f"{file_path}: the list is empty; it needs at least one entry")
    return [_checked_entry(entry, fields, f"{file_path}: entry {number}") for number, entry in enumerate(data, start=1)]


@dataclass(frozen=True)
class Unwritable:
    """In the place of a number that is no number of JSON's: it could not be written into a response file."""

    text: str


def _read_entries_json(file_path: Path) -> Any:
    """The file's JSON value."""
    try:
        return read_json(file_path, unwritable=Unwritable)
    except OSError as error:
        raise UserError(f"{file_path}: {error.strerror}; name a file that can be read") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file_path}: not UTF-8 text ({error}); save it as UTF-8") from error
    except ValueError as error:
        raise UserError(f"{file_path}: not valid JSON ({error}); mend the file at that place") from error


def _checked_entry(entry: Any, fields: Sequence[str], where: str) -> Entry:
    """The entry with all its fields; `UserError` unless they are texts that UTF-8 can hold."""
    if not isinstance(entry, dict):
        raise UserError(f"{where}: is a {type(entry).__name__}, not an object with {', '.join(fields)}")
    empty = {field: "" for field in fields if field in MAY_BE_MISSING and entry.get(field) is None}
    entry = entry | empty
    for field, value in entry.items():
        if not isinstance(value, str) and (number := _unwritable_in(value)):
            raise UserError(f'{where}: field "{field}" holds {number.text[:20]}, no number that JSON can hold; mend it')
    for field in fields:
        if field not in entry:
            raise UserError(f'{where}: field "{field}" is missing; add it')
        if entry[field] is None:
            raise UserError(f'{where}: field "{field}" is null, not a text; fill it in')
        if not isinstance(entry[field], str):
            raise UserError(
                f'{where}: field "{field}" is a {type(entry[field]).__name__}, not a text; put it in quotes'
            )
        if any("\ud800" <= character <= "\udfff" for character in entry[field]):
            raise UserError(f'{where}: field "{field}" holds half a character (a lone surrogate); write it whole')
    return entry


def _unwritable_in(value: Any) -> Unwritable | None:
    """The first number in a value that could not be written again."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value if isinstance(value, Unwritable) else next(filter(None, map(_unwritable_in, inside)), None)

"""Files of entries: read and checked, so that everything behind can rely on their fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gpt2_experiments.entries.formats import DataFile, Fault, NoData, read_data_file
from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS, Entry
from gpt2_experiments.entries.shapes import Fields, SeveralExchanges, Shape, fields_shape, shape_of
from gpt2_experiments.shared.errors import MOST_LISTED, UserError, shortened

MAY_BE_MISSING = ("input",)  # or null: an empty text then
RESPONSE = "model_response"  # the field that a run puts a response into
RESPONSE_FIELDS = (*ENTRY_FIELDS, RESPONSE)  # of an entry in a response file


@dataclass(frozen=True)
class Reading:
    """How data files are read, where that is not known by themselves."""

    fields: tuple[str, ...] = ()  # instruction=NAME and so on; empty: known by the names of the fields
    first_turn: bool = False  # of a conversation of several exchanges the first is taken
    skip_bad: bool = False  # rows at fault are left out


AS_IT_IS = Reading()


class Data(NamedTuple):
    """The entries of a data file, and what is to be said of it."""

    source: str
    sha256: str
    entries: list[Entry]
    places: list[str]  # of the entries in the source: `entry 3`, or in a file of lines `line 7`
    says: str  # which fields were read as what; empty for those of our own names
    skipped: int  # rows that were left out


def entries_of(file: DataFile, reading: Reading) -> Data:
    """The rows as entries, checked.

    `UserError` names the source, the places of the first few rows at fault, and what is wrong with each.
    """
    shape = _shape(file, reading)
    entries: list[Entry] = []
    places: list[str] = []
    problems: list[str] = []
    several: list[str] = []
    for place, value in file.rows:
        try:
            entries.append(_checked(shape.entry(_object(value)), ENTRY_FIELDS, shape.called))
            places.append(place)
        except SeveralExchanges:
            several.append(place)
        except ValueError as error:
            problems.append(f"{file.source}: {place}: {error}")
    if several:
        raise UserError(
            f"{file.source}: {len(several)} of {len(file.rows)} conversations have several exchanges (the first: "
            f"{several[0]}); take the first exchange of each with --first_turn"
        )
    if problems and not (reading.skip_bad and entries):
        more = len(problems) - MOST_LISTED
        advice = f"{file.source}: {more} more rows are at fault; leave all such rows out with --skip_bad"
        raise UserError(*problems[:MOST_LISTED], *([advice] if more > 0 else []))
    return Data(file.source, file.sha256, entries, places, shape.says, len(problems))


def _shape(file: DataFile, reading: Reading) -> Shape:
    """The shape that was said where the source has such fields, else that of the names of its fields."""
    _check_not_empty(file)
    rows = [row for _, row in file.rows if isinstance(row, dict)]
    keys = set().union(*rows)
    if reading.fields:
        said = fields_shape(reading.fields, keys)
        wanted = {theirs for theirs in said.theirs.values() if theirs}
        if wanted <= keys:
            return said
    try:
        shape = shape_of(rows, reading.first_turn) if rows else Fields({name: name for name in ENTRY_FIELDS})
    except ValueError as error:
        raise UserError(f"{file.source}: {error}") from error
    if shape is None:
        fields = f"taken for {file.format}; its fields are {shortened(sorted(keys))}"
        if reading.fields:
            raise UserError(
                f"{file.source}: {fields}, and not {shortened(sorted(wanted - keys))} of --fields; mend one"
            )
        advice = "say which is which with --fields instruction=NAME input=NAME output=NAME"
        raise NoData(file.source, f"{fields}, of no known shape; {advice}", "")
    return shape


def read_entries(file_path: str | Path, fields: Sequence[str]) -> list[Entry]:
    """Read a file whose rows have all `fields` as texts; other fields are kept, and can be written again.

    An "input" that is missing or null is empty. `UserError` names the file, the first row at fault and its field.
    """
    file, entries = read_data_file(Path(file_path)), []
    _check_not_empty(file)
    for place, value in file.rows:
        try:
            entries.append(_checked(_object(value), fields))
        except ValueError as error:
            raise UserError(f"{file_path}: {place}: {error}") from error
    return entries


def _check_not_empty(file: DataFile) -> None:
    if not file.rows:
        raise NoData(file.source, f"is empty ({file.format} without entries)", "it needs at least one")


def _object(value: Any) -> dict[str, Any]:
    """The row; ValueError where it is no object."""
    if isinstance(value, Fault):
        raise ValueError(value.problem)
    if not isinstance(value, dict):
        raise ValueError(f"is a {type(value).__name__}, not an object with fields; mend it")
    return value


def _quoted(field: str) -> str:
    return f'"{field}"'


def _checked(entry: dict[str, Any], fields: Sequence[str], called: Callable[[str], str] = _quoted) -> Entry:
    """The entry with all its fields; ValueError unless they are texts that UTF-8 can hold, and not all blank."""
    entry = entry | {field: "" for field in fields if field in MAY_BE_MISSING and entry.get(field) is None}
    for field, value in entry.items():
        if not isinstance(value, str) and (fault := _fault_in(value)):
            raise ValueError(f"field {called(field)} {fault.problem}")
    for field in fields:
        if field not in entry:
            raise ValueError(f"field {called(field)} is missing; add it")
        if entry[field] is None:
            raise ValueError(f"field {called(field)} is null, not a text; fill it in")
        if not isinstance(entry[field], str):
            raise ValueError(f"field {called(field)} is a {type(entry[field]).__name__}, not a text; make it one")
        try:
            entry[field].encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"field {called(field)} holds half a character (a lone surrogate); write it whole"
            ) from error
    if not entry["instruction"].strip() and not entry["output"].strip():
        raise ValueError("has neither an instruction nor an output; fill them in")
    return entry


def _fault_in(value: Any) -> Fault | None:
    """The first fault in a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value if isinstance(value, Fault) else next(filter(None, map(_fault_in, inside)), None)

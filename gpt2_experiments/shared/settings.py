"""Settings of a command: declared once, as the fields of a dataclass; all else follows from them.

    @dataclass(frozen=True)
    class Settings:
        batch_size: int = setting(8, "entries a training step", least=1)

From such fields come the command line's flags with their help, the checks of their values, and the tables in docs/.
A type may be `int`, `float`, `str`, `bool` (a flag without a value), `Path`, one of these `| None`, or a tuple of them.
"""

import argparse
import dataclasses
import math
import re
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 2**63 - 1  # what PyTorch takes as a seed; more than enough for all other numbers

REQUIRED = dataclasses.MISSING  # in the place of a default
OwnDefaults = Mapping[str, Mapping[str, Any]]  # of certain cases, by their names: settings whose default differs
NONE_OWN: OwnDefaults = types.MappingProxyType({})


@dataclass(frozen=True)
class Setting:
    """What is known of a setting beside its name, its type and its default."""

    help: str
    least: float | None = None  # of a number
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    default_is: str | None = None  # what the help says of the default where its value does not tell
    instead_of: str | None = None  # the setting that cannot be given together with this one
    repeated: bool = False  # a tuple that is given by one flag a value, not by several values after one flag
    positional: bool = False
    changeable: bool = False  # by a run that goes on: it decides no number, or none but the last digits


def setting(default: Any, help: str, **more: Any) -> Any:
    """A dataclass field with a default or `REQUIRED`, its help, and the other rules in `Setting`."""
    return dataclasses.field(default=default, metadata={"setting": Setting(help, **more)})


def rules(field: dataclasses.Field) -> Setting:
    """A field's rules."""
    return field.metadata["setting"]


def is_required(field: dataclasses.Field) -> bool:
    """Whether a setting has no default."""
    return field.default is REQUIRED


def changeable(settings_class: type) -> set[str]:
    """The names of the settings that a run may change when it goes on."""
    return {field.name for field in dataclasses.fields(settings_class) if rules(field).changeable}


def parse(
    settings_class: type,
    description: str,
    arguments: Sequence[str] | None,
    epilog: str = "",
    own: OwnDefaults = NONE_OWN,
) -> dict[str, Any]:
    """The settings that a command line gives, by name; what is not given is absent.

    Leaves the process with exit code 2 where the command line cannot be read, 0 after `--help`.
    """
    words = with_values_joined(sys.argv[1:] if arguments is None else arguments)
    given = vars(build_parser(settings_class, description, epilog, own).parse_args(words))
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def with_values_joined(words: Sequence[str]) -> list[str]:
    """`--keep_alive -1m` as `--keep_alive=-1m`: argparse takes what begins with a minus and is no number for a flag."""
    joined: list[str] = []
    for word in words:
        after_flag = bool(joined) and re.fullmatch(r"--\w+", joined[-1])
        if after_flag and re.fullmatch(r"-[\d.]+[A-Za-z]\S*", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def build_parser(
    settings_class: type, description: str, epilog: str = "", own: OwnDefaults = NONE_OWN
) -> argparse.ArgumentParser:
    """The command line of a class of settings; a flag that is not given leaves no trace."""
    parser = argparse.ArgumentParser(description=description, epilog=epilog, argument_default=argparse.SUPPRESS)
    fields = dataclasses.fields(settings_class)
    partners = {rules(field).instead_of for field in fields}
    groups: dict[str, Any] = {}
    for field in fields:
        group = rules(field).instead_of or (field.name if field.name in partners else None)
        if group and group not in groups:
            groups[group] = parser.add_mutually_exclusive_group()
        place = groups[group] if group else parser
        place.add_argument(_flag(field), **_argument(settings_class, field, own))
    return parser


def _flag(field: dataclasses.Field) -> str:
    return field.name if rules(field).positional else f"--{field.name}"


def _argument(settings_class: type, field: dataclasses.Field, own: OwnDefaults) -> dict[str, Any]:
    """What argparse is told of a setting."""
    rule, (value_type, is_tuple) = rules(field), value_type_of(settings_class, field.name)
    default = default_text(field, own)
    argument: dict[str, Any] = {"help": f"{rule.help} (default: {default})" if default else rule.help}
    if value_type is bool:
        return argument | {"action": "store_true"}
    if is_tuple:
        argument |= {"action": "append"} if rule.repeated else {"nargs": "+"}
    if is_required(field) and not rule.positional:
        argument["required"] = True
    if rule.choices:
        return argument | {"choices": rule.choices}
    return argument | {"type": value_type, "metavar": _metavar(rule)}


def _metavar(rule: Setting) -> str:
    """What stands for a value in help and documentation."""
    return rule.metavar or "N"


def value_type_of(settings_class: type, name: str) -> tuple[type, bool]:
    """The type of a setting's value, or of each of its values, and whether it has several."""
    annotation = typing.get_type_hints(settings_class)[name]
    if isinstance(annotation, types.UnionType):
        annotation = next(kind for kind in typing.get_args(annotation) if kind is not types.NoneType)
    if typing.get_origin(annotation) is tuple:
        return typing.get_args(annotation)[0], True
    return annotation, False


def default_text(field: dataclasses.Field, own: OwnDefaults) -> str:
    """The default for the eye, with those of certain cases; empty where there is none."""
    rule = rules(field)
    text = rule.default_is
    if text is None and not is_required(field) and field.default not in (None, ()) and field.default is not False:
        values = field.default if isinstance(field.default, tuple) else (field.default,)
        text = " ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)
    owned = [f"{name}: {values[field.name]}" for name, values in own.items() if field.name in values]
    return "; ".join([text, *owned] if text else owned)


def range_problems(settings_class: type, given: Mapping[str, Any]) -> list[str]:
    """One message for each given number that is out of its range, or not finite."""
    problems = []
    for field in dataclasses.fields(settings_class):
        least, value = rules(field).least, given.get(field.name)
        if least is None or value is None:
            continue
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, float) and not math.isfinite(number):
                problems.append(f"--{field.name}: {number} is not finite; choose a number from {least} on")
            elif number < least:
                problems.append(f"--{field.name}: {number} is less than {least}; choose a number from {least} on")
            elif number > LARGEST:
                problems.append(f"--{field.name}: {number} is more than {LARGEST}; choose a smaller number")
    return problems


def as_plain_data(settings: Any) -> dict[str, Any]:
    """The settings as JSON can hold them, by name."""
    plain = dataclasses.asdict(settings)
    return {name: str(value) if isinstance(value, Path) else value for name, value in plain.items()}


def markdown_table(settings_class: type, own: OwnDefaults = NONE_OWN) -> str:
    """The settings as a table for the documentation: flag, default, what it is."""
    rows = [("flag", "default", ""), ("---", "---", "---")]
    for field in dataclasses.fields(settings_class):
        rule, (value_type, is_tuple) = rules(field), value_type_of(settings_class, field.name)
        values = [] if value_type is bool else ["|".join(rule.choices) or _metavar(rule)]
        more = ["..."] if is_tuple and not rule.repeated else []
        rows.append((f"`{' '.join([_flag(field), *values, *more])}`", default_text(field, own), rule.help))
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)

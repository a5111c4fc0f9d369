"""From the fields of one dataclass come the command line, its help, the checks, the record and the documentation."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.shared.settings import (
    REQUIRED,
    as_plain_data,
    build_parser,
    changeable,
    markdown_table,
    parse,
    range_problems,
    setting,
)


@dataclass(frozen=True)
class Settings:
    place: Path = setting(REQUIRED, "where", metavar="DIR")
    steps: int = setting(5, "how many", least=1)
    rate: float = setting(0.0, "how fast", least=0)
    seed: int = setting(123, "which", least=0)
    seeds: tuple[int, ...] = setting((), "which ones", least=0, instead_of="seed")
    url: tuple[str, ...] = setting((), "from where", repeated=True, default_is="$HOST")
    kind: str = setting("a", "a|b", choices=("a", "b"))
    rows: int | None = setting(None, "at once", least=1, default_is="all", changeable=True)
    quiet: bool = setting(False, "say nothing")


OWN = {"large": {"steps": 50}}


def read(*arguments):
    return parse(Settings, "what it does", ["--place", "here", *arguments])


def test_what_is_given_has_its_type_and_what_is_not_given_is_absent():
    assert read() == {"place": Path("here")}
    assert read("--rate", "1e-3", "--seeds", "1", "2", "--url", "x", "--url", "y", "--rows", "3", "--quiet") == {
        "place": Path("here"), "rate": 1e-3, "seeds": (1, 2), "url": ("x", "y"), "rows": 3, "quiet": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "many"], "invalid int value"),
        (["--seed", "1", "--seeds", "2"], "not allowed with argument"),
        (["--kind", "c"], "invalid choice"),
        (["--speed", "1"], "unrecognized arguments"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(arguments, message, capsys):
    with pytest.raises(SystemExit) as leaving:
        read(*arguments)
    assert leaving.value.code == 2
    assert message in capsys.readouterr().err


def test_a_setting_without_a_default_is_required(capsys):
    with pytest.raises(SystemExit):
        parse(Settings, "", [])
    assert "required: --place" in capsys.readouterr().err


@given(st.integers() | st.floats(), st.lists(st.integers(-3, 3), max_size=4))
def test_all_numbers_out_of_range_are_reported_together(steps, seeds):
    problems = range_problems(Settings, {"steps": steps, "seeds": tuple(seeds)})
    expected = [f"--steps: {steps} "] if not 1 <= steps < 2**63 else []
    expected += [f"--seeds: {seed} " for seed in seeds if seed < 0]
    assert len(problems) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True))


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_number_that_is_not_finite_is_called_so(value):
    assert range_problems(Settings, read("--rate", value)) == [
        f"--rate: {value} is not finite; choose a number from 0 on"
    ]


def test_a_number_of_hundreds_of_digits_is_too_large():
    assert range_problems(Settings, read("--seed", "9" * 400))[0].endswith("choose a smaller number")


def test_a_value_that_begins_with_a_minus_is_no_flag():
    assert read("--rows", "3", "--url", "-1m")["url"] == ("-1m",)
    assert read("--seeds", "-1", "2")["seeds"] == (-1, 2)


def test_help_says_every_default_with_those_of_variants():
    text = " ".join(build_parser(Settings, "what it does", own=OWN).format_help().split())
    assert "what it does" in text
    for part in ("how many (default: 5; large: 50)", "how fast (default: 0)", "(default: $HOST)", "(default: all)"):
        assert part in text
    assert "say nothing (default" not in text


def test_what_may_change_and_the_record():
    assert changeable(Settings) == {"rows"}
    assert as_plain_data(Settings(Path("here"))) == {
        "place": "here", "steps": 5, "rate": 0.0, "seed": 123, "seeds": (), "url": (), "kind": "a", "rows": None,
        "quiet": False,
    }  # fmt: skip


def test_the_documentation_has_a_row_a_setting():
    lines = markdown_table(Settings, OWN).splitlines()
    assert lines[2:4] == ["| `--place DIR` |  | where |", "| `--steps N` | 5; large: 50 | how many |"]
    assert "| `--seeds N ...` |  | which ones |" in lines
    assert r"| `--kind a\|b` | a | a\|b |" in lines

"""What can be set of a data set: where the entries are, and how they are read, split and cut."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpt2_experiments.entries.hub import is_hub_data
from gpt2_experiments.entries.reading import Reading
from gpt2_experiments.entries.shapes import fields_shape
from gpt2_experiments.entries.splits import SHARES, DataSet, is_url
from gpt2_experiments.shared.bundled import INSTRUCTION_DATA
from gpt2_experiments.shared.settings import setting

SOURCE = "PATH|URL|hf:NAME"


@dataclass(frozen=True)
class DataSettings:
    """The settings of every command that reads a data set."""

    data: str = setting(
        str(INSTRUCTION_DATA), "the data set", metavar=SOURCE, default_is=INSTRUCTION_DATA.name, changeable=True
    )
    test_data: str | None = setting(
        None, "test entries of their own; the share of --data trains", metavar=SOURCE, changeable=True
    )
    val_data: str | None = setting(
        None, "validation entries of their own; the share of --data trains", metavar=SOURCE, changeable=True
    )
    splits: tuple[int, ...] = setting(SHARES, "percent of --data that train, test and validate", least=0)
    fields: tuple[str, ...] = setting(
        (),
        "what the fields are called, where they are of no known shape: instruction=NAME input=NAME output=NAME",
        metavar="OURS=NAME",
    )
    first_turn: bool = setting(
        False,
        "take the first exchange of each conversation that has several",
        changeable=True,  # a run without it has no such conversations
    )
    skip_bad: bool = setting(
        False,
        "leave out rows at fault, and count them",
        changeable=True,  # a run without it has no such rows
    )
    allowed_max_length: int = setting(1024, "tokens an entry is cut to", least=2)

    @property
    def data_set(self) -> DataSet:
        """Where the entries are, and how they are read and split."""
        reading = Reading(self.fields, self.first_turn, self.skip_bad)
        return DataSet(self.data, self.test_data, self.val_data, self.splits, reading)


def data_problems(given: Mapping[str, Any], all_splits: bool = True) -> list[str]:
    """What is wrong with how the data is to be read and split, where `all_splits` need entries."""
    problems = []
    shares = given.get("splits", SHARES)
    text = f"--splits {' '.join(map(str, shares))}"
    if len(shares) != 3 or sum(shares) != 100 or not shares[0]:
        problems.append(f"{text}: give three percentages that add up to 100, such as 85 10 5, the first for training")
    elif all_splits:
        problems += [
            f"{text}: leaves no {name} entries; give a share, or name some with --{option}"
            for name, option, share in zip(("test", "validation"), ("test_data", "val_data"), shares[1:], strict=True)
            if not share and option not in given
        ]
    if "fields" in given:
        try:
            fields_shape(given["fields"])
        except ValueError as error:
            problems.append(f"--fields: {error}")
    return problems


def source_problems(data_set: DataSet) -> list[str]:
    """What is wrong with the places that a data set is read from."""
    return [
        f"--{name} {source}: {_what_is_at(source)}; "
        f"name a file of entries, a URL, hf:org/name, or a folder that `save_to_disk` wrote"
        for name, source in data_set.sources.items()
        if not is_url(source) and not is_hub_data(source) and not os.path.isfile(source)
    ]


def _what_is_at(source: str) -> str:
    """Why a place is no file of entries."""
    if os.path.isdir(source):
        return "a folder"
    return "not a file that can be read twice" if os.path.exists(source) else "no such file"

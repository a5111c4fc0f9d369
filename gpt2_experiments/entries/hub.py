"""Hugging Face data sets: of the hub, from its cache, or saved in a folder; read by the `datasets` library."""

import hashlib
import importlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.formats import DataFile, Row, as_json, library
from gpt2_experiments.shared.errors import UserError

PREFIX = "hf:"
NAME = re.compile(  # hf:org/name, with a subset, a revision, a split
    rf"{PREFIX}(?P<name>[\w.-]+(?:/[\w.-]+)?)(?:/(?P<subset>[\w.-]+))?(?:@(?P<revision>[^:]+))?(?::(?P<split>[\w.-]+))?"
)
SAVED = ("dataset_dict.json", "state.json")  # one of them is in a folder that `save_to_disk` wrote
OWN_SPLITS = {  # what a data set calls its splits: what they are here
    "train": "data", "test": "test_data",
    "validation": "val_data", "val": "val_data", "valid": "val_data", "dev": "val_data",
}  # fmt: skip


def is_hub_data(source: str) -> bool:
    """Whether a source is a data set of the hub, or a folder that `save_to_disk` wrote."""
    return source.startswith(PREFIX) or any(os.path.isfile(os.path.join(source, name)) for name in SAVED)


def read_hub_data(source: str) -> dict[str, DataFile]:
    """The data set's rows: `data`, and `test_data` and `val_data` where it has such splits of its own.

    `hf:org/name`, `hf:org/name@revision`, `hf:org/name:split`, or a folder. Downloads go into the library's cache, from
    which they are read again, also without a network. `UserError` for what the library cannot load.
    """
    datasets = library("datasets", source, "a Hugging Face data set")
    datasets.disable_progress_bars()
    try:
        loaded = _of_hub(datasets, source) if source.startswith(PREFIX) else datasets.load_from_disk(source)
        if not isinstance(loaded, dict):
            return {"data": _rows(source, loaded)}
        return {part: _rows(f"{source}, {name}", loaded[name]) for part, name in _own_splits(source, loaded).items()}
    except (OSError, ValueError, RuntimeError, KeyError, datasets.exceptions.DatasetsError) as error:
        problem = " ".join(str(error.__cause__ or error).split())[:300]
        raise UserError(f"{source}: the library `datasets` cannot load it ({problem}); name what it has") from error


def _own_splits(source: str, names: Iterable[str]) -> dict[str, str]:
    """What each of our sources is called among a data set's splits."""
    own: dict[str, str] = {}
    for name in names:
        part = OWN_SPLITS.get(name)
        if part in own:
            raise UserError(f"{source}: has the splits {own[part]} and {name}; name one of them with --{part}")
        if part:
            own[part] = name
    if "data" not in own:
        raise UserError(f"{source}: has no split called train, but {', '.join(names)}; name one as hf:org/name:SPLIT")
    return own


def _of_hub(datasets: Any, source: str) -> Any:
    """A data set of one split, or a dictionary of several."""
    match = NAME.fullmatch(source)
    if not match:
        raise UserError(
            f"{source}: no name of a data set; write it as hf:org/name, and more as hf:org/name/subset@revision:split"
        )
    name, revision, split = match["name"], match["revision"], match["split"]
    if os.path.exists(name):
        raise UserError(f"{source}: there is a folder {name} here, which the library would take; run it elsewhere")
    loaded = datasets.load_dataset(name, match["subset"], revision=revision, split=split)
    if revision:
        _check_revision(source, loaded if split else next(iter(loaded.values())), _commit(name, revision))
    return loaded


def _commit(name: str, revision: str) -> str:
    """The commit that a revision stands for; OSError where that cannot be found out."""
    if re.fullmatch("[0-9a-f]{40}", revision):
        return revision
    commit = importlib.import_module("huggingface_hub").dataset_info(name, revision=revision).sha
    assert commit is not None
    return commit


def _check_revision(source: str, loaded: Any, commit: str) -> None:
    """Raise `UserError` where the library took another revision from its cache, as for one that it does not find."""
    taken = Path(loaded.cache_files[0]["filename"]).parent.name  # its cache has a folder a commit
    if taken != commit:
        raise UserError(f"{source}: only the revision {taken} is in the cache; name that one, or check the network")


def _rows(source: str, split: Any) -> DataFile:
    rows = [Row(f"row {number}", as_json(row)) for number, row in enumerate(split, start=1)]
    digest = hashlib.sha256()
    for _, value in rows:
        digest.update(json.dumps(value, sort_keys=True).encode())
    return DataFile(source, "a Hugging Face data set", rows, digest.hexdigest())

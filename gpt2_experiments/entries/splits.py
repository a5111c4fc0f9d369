"""A data set, from files or URLs, becomes training, test and validation entries."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gpt2_experiments.entries.formats import DataFile, NoData, read_data_file
from gpt2_experiments.entries.hub import is_hub_data, read_hub_data
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import AS_IT_IS, Data, Reading, entries_of
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import locked, move_into_place
from gpt2_experiments.shared.http_download import DownloadError, download_file

SPLIT_NAMES = {"train": "training", "test": "test", "val": "validation"}  # what messages and reports call them
SHARES = (85, 10, 5)  # percent that train, test and validate
ALPACA_URL = "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/main/alpaca_data.json"
ALPACA_FILE = "alpaca_data.json"
ALPACA_ENTRIES = 52_002
ALPACA_FIRST = "Give three tips for staying healthy."  # the instruction that Stanford Alpaca's file begins with

T = TypeVar("T")


@dataclass(frozen=True)
class DataSet:
    """Where the entries of a run are, and how they are read and split."""

    data: str  # a file, a URL, or a Hugging Face data set
    test_data: str | None = None  # of their own; None: a share of `data`
    val_data: str | None = None
    shares: tuple[int, ...] = SHARES
    reading: Reading = AS_IT_IS

    @property
    def sources(self) -> dict[str, str]:
        """What is read, by what it holds."""
        all_sources = {"data": self.data, "test_data": self.test_data, "val_data": self.val_data}
        return {name: source for name, source in all_sources.items() if source is not None}


@dataclass(frozen=True, eq=False)
class Splits:
    """The entries of a data set, and where they stood."""

    sources: dict[str, Data]  # `data`, and `test_data` and `val_data` where these have a source of their own
    train: list[Entry]
    test: list[Entry]
    val: list[Entry]
    places: dict[str, list[str]]  # of each split's entries in their source

    @property
    def source(self) -> str:
        """Where the training entries are from."""
        return self.sources["data"].source

    @property
    def skipped(self) -> int:
        """How many rows at fault were left out."""
        return sum(data.skipped for data in self.sources.values())

    @property
    def filled(self) -> list[str]:
        """The splits that have entries."""
        return [split for split in SPLIT_NAMES if self.entries(split)]

    def entries(self, split: str) -> list[Entry]:
        """The entries of the split `train`, `test` or `val`."""
        return {"train": self.train, "test": self.test, "val": self.val}[split]

    def where(self, split: str, index: int) -> str:
        """The source and the place of an entry of the split `train`, `test` or `val`."""
        source = self.sources.get(f"{split}_data", self.sources["data"]).source
        return f"{source}: {self.places[split][index]}"


def read_splits(data_set: DataSet) -> Splits:
    """The splits of a data set; `UserError` names source, place and field at fault.

    What has a source of its own takes no share of `data`; its share trains.
    """
    sources = _read_sources(data_set)
    _, test_share, val_share = data_set.shares
    test_share, val_share = 0 if "test_data" in sources else test_share, 0 if "val_data" in sources else val_share
    shares = (100 - test_share - val_share, test_share, val_share)
    names = tuple(SPLIT_NAMES)
    entries = dict(zip(names, split_entries(sources["data"].entries, shares), strict=True))
    places = dict(zip(names, split_entries(sources["data"].places, shares), strict=True))
    for name in names:
        if own := sources.get(f"{name}_data"):
            entries[name], places[name] = own.entries, own.places
    return Splits(sources, **entries, places=places)


def _read_sources(data_set: DataSet) -> dict[str, Data]:
    """The data of each source; the splits that `data` has of its own count where no other source is named."""
    files = {name: _files_of(source) for name, source in data_set.sources.items()}
    chosen = files["data"] | {name: _split_for(name, found) for name, found in files.items() if name != "data"}
    return {name: entries_of(file, data_set.reading) for name, file in chosen.items()}


def _split_for(name: str, found: dict[str, DataFile]) -> DataFile:
    """What a source that is named for test or validation gives: its own split of that kind, or all that it has."""
    if name in found:
        return found[name]
    if len(found) > 1:
        raise UserError(
            f"--{name} {found['data'].source}: has several splits, none of that kind; name one as hf:NAME:SPLIT"
        )
    return found["data"]


def _files_of(source: str) -> dict[str, DataFile]:
    """What a source holds: `data`, and splits of its own."""
    if is_hub_data(source):
        return read_hub_data(source)
    path = local_data_file(source)
    return {"data": download_and_read(path, source) if is_url(source) else read_data_file(path)}


def is_url(data: str) -> bool:
    """Whether a data set has to be downloaded."""
    return data.lower().startswith(("http://", "https://"))


def local_data_file(data: str) -> Path:
    """Where the data set is kept: each URL under a name of its own, so that no data set is taken for another."""
    if not is_url(data):
        return Path(data)
    if data == ALPACA_URL:
        return Path(ALPACA_FILE)
    return Path(f"data-{hashlib.sha256(data.encode()).hexdigest()[:12]}.json")


def download_and_load_file(file_path: str | Path, url: str) -> list[Entry]:
    """Entries of `file_path`, which is downloaded from `url` first where it does not exist."""
    return entries_of(download_and_read(Path(file_path), url), AS_IT_IS).entries


def download_and_read(path: Path, url: str) -> DataFile:
    """The rows of a file, which is downloaded first where it does not exist.

    Of several processes one downloads and the others wait. What is no data set (a server's error page) is not kept.
    """
    if not path.exists():
        with locked(path.with_name(f".{path.name}.lock"), str(path), wait=True):
            if not path.exists():
                return _download(url, path)
    try:
        return read_data_file(path)
    except NoData as error:
        raise UserError(f"{error}, or remove it to download {url} again") from error


def _download(url: str, path: Path) -> DataFile:
    """Download a data set, read it, and give it its name."""
    arrived = path.with_name(f"{path.name}.unread")
    arrived.unlink(missing_ok=True)  # left by a process that was killed here; what it was is not known
    try:
        download_file(url, arrived)
    except DownloadError as error:
        raise DownloadError(f"{error}; check the network, or put the data set at {path} yourself") from error
    try:
        file = read_data_file(arrived)
        if all(not isinstance(row, dict) or "error" in row for _, row in file.rows):  # as servers answer in JSON
            raise NoData(arrived, "no entries in it", "")
    except NoData as error:
        arrived.unlink()
        raise UserError(
            f"{url}: sent no data set ({error.reason}); none of it is kept, try again or name another"
        ) from error
    move_into_place(arrived, path)
    return file._replace(source=str(path))


def split_entries(entries: Sequence[T], shares: Sequence[int] = SHARES) -> tuple[list[T], list[T], list[T]]:
    """Contiguous splits (train, test, validation) of so many percent each; the last one has what is left."""
    train_end = len(entries) * shares[0] // 100
    test_end = train_end + len(entries) * shares[1] // 100 if shares[2] else len(entries)
    return list(entries[:train_end]), list(entries[train_end:test_end]), list(entries[test_end:])


def check_alpaca(splits: Splits) -> None:
    """Raise `UserError` where the file is another than Stanford Alpaca's."""
    n_entries = len(splits.train) + len(splits.test) + len(splits.val)
    if n_entries != ALPACA_ENTRIES or splits.train[0]["instruction"] != ALPACA_FIRST:
        raise UserError(
            f"{splits.source}: not Stanford Alpaca's data set, which has {ALPACA_ENTRIES:,} entries and begins with "
            f"'{ALPACA_FIRST}'; remove the file to download it again, or name the right one with --data"
        )


def check_sizes(splits: Splits, batch_size: int) -> None:
    """Raise `UserError` where a split has too few entries to do its part."""
    problems = [
        f"{splits.source}: too few entries, none is left for the {name} set; name more, or --{option} FILE"
        for name, option, split in (("test", "test_data", splits.test), ("validation", "val_data", splits.val))
        if not split
    ]
    if len(splits.train) < batch_size:
        way_out = f"use --batch_size {len(splits.train)} or less, or more data" if splits.train else "give more data"
        problems.append(f"{splits.source}: {len(splits.train)} training entries do not fill one batch; {way_out}")
    if problems:
        raise UserError(*problems)

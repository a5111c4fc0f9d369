"""A data set, from a file or a URL, becomes training, test and validation entries."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.entries.reading import ENTRY_FIELDS, read_entries
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import locked, move_into_place
from gpt2_experiments.shared.http_download import DownloadError, download_file

TRAIN_SHARE, TEST_SHARE = 0.85, 0.10  # the rest validates
ALPACA_URL = "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/main/alpaca_data.json"
ALPACA_FILE = "alpaca_data.json"
ALPACA_ENTRIES = 52_002
ALPACA_FIRST = "Give three tips for staying healthy."  # the instruction that Stanford Alpaca's file begins with


@dataclass(frozen=True, eq=False)
class Splits:
    """The entries of a data file."""

    file: Path
    train: list[Entry]
    test: list[Entry]
    val: list[Entry]


def read_splits(data: str) -> Splits:
    """The splits of the data set `data`, a file or a URL; `UserError` names file, entry and field at fault."""
    path = local_data_file(data)
    entries = download_and_load_file(path, data) if is_url(data) else read_entries(path, ENTRY_FIELDS)
    return Splits(path, *split_entries(entries))


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
    """Entries of `file_path`, which is downloaded from `url` first where it does not exist.

    Of several processes one downloads and the others wait. What is no data set (a server's error page) is not kept.
    """
    path = Path(file_path)
    if not path.exists():
        with locked(path.with_name(f".{path.name}.lock"), str(path), wait=True):
            if not path.exists():
                return _download(url, path)
    try:
        return read_entries(path, ENTRY_FIELDS)
    except UserError as error:
        raise UserError(f"{error}, or remove it to download {url} again") from error


def _download(url: str, path: Path) -> list[Entry]:
    """Download a data set, read it, and give it its name."""
    arrived = path.with_name(f"{path.name}.unread")
    arrived.unlink(missing_ok=True)  # left by a process that was killed here; what it was is not known
    try:
        download_file(url, arrived)
    except DownloadError as error:
        raise DownloadError(f"{error}; check the network, or put the data set at {path} yourself") from error
    try:
        entries = read_entries(arrived, ENTRY_FIELDS)
    except UserError as error:
        arrived.unlink()
        reason = str(error).removeprefix(f"{arrived}: ").rpartition("; ")[0]
        raise UserError(f"{url}: sent no data set ({reason}); none of it is kept, try again or name another") from error
    move_into_place(arrived, path)
    return entries


def split_entries(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Contiguous splits (train, test, validation): the first 85%, the next 10%, the rest."""
    train_end = int(len(entries) * TRAIN_SHARE)
    test_end = train_end + int(len(entries) * TEST_SHARE)
    return list(entries[:train_end]), list(entries[train_end:test_end]), list(entries[test_end:])


def check_alpaca(splits: Splits) -> None:
    """Raise `UserError` where the file is another than Stanford Alpaca's."""
    n_entries = len(splits.train) + len(splits.test) + len(splits.val)
    if n_entries != ALPACA_ENTRIES or splits.train[0]["instruction"] != ALPACA_FIRST:
        raise UserError(
            f"{splits.file}: not Stanford Alpaca's data set, which has {ALPACA_ENTRIES:,} entries and begins with "
            f"'{ALPACA_FIRST}'; remove the file to download it again, or name the right one with --data"
        )


def check_sizes(splits: Splits, batch_size: int) -> None:
    """Raise `UserError` where a split has too few entries to do its part."""
    problems = [
        f"{splits.file}: too few entries, none is left for the {name} set; at least 10 are needed"
        for name, split in (("test", splits.test), ("validation", splits.val))
        if not split
    ]
    if len(splits.train) < batch_size:
        problems.append(
            f"{splits.file}: {len(splits.train)} training entries do not fill one batch; "
            f"use --batch_size {max(len(splits.train), 1)} or less, or more data"
        )
    if problems:
        raise UserError(*problems)

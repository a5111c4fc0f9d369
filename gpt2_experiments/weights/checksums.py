"""The digests of a folder's files, recorded when the files were known to be whole."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import sha256_of, write_json

CHECKSUMS_FILE = "checksums.json"


@dataclass(frozen=True)
class Record:
    """A whole file: its digest, and by what a change of it shows without reading it."""

    sha256: str
    size: int
    mtime_ns: int

    def has_stat_of(self, path: Path) -> bool:
        """Whether the file exists with the recorded size and modification time."""
        if not path.exists():
            return False
        stat = path.stat()
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


class Checksums:
    """`checksums.json` of a folder. Who changes it holds the folder's lock."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._path = folder / CHECKSUMS_FILE
        self._records = self._read()

    def __contains__(self, name: str) -> bool:
        return name in self._records

    def unchanged(self, name: str) -> bool:
        """Whether the file looks as recorded. Its bytes are not read: hashing gigabytes takes seconds."""
        return name in self._records and self._records[name].has_stat_of(self.folder / name)

    def confirm(self, name: str) -> bool:
        """Whether the file's bytes have the recorded digest; all are read. If so its time of now is recorded."""
        path = self.folder / name
        if name not in self._records or not path.exists() or sha256_of(path) != self._records[name].sha256:
            return False
        self.record({name: self._records[name].sha256})
        return True

    def digest(self, name: str) -> str:
        """The file's SHA-256: the recorded one where the file is unchanged, else computed."""
        return self._records[name].sha256 if self.unchanged(name) else sha256_of(self.folder / name)

    def record(self, digests: dict[str, str]) -> None:
        """Record these files, known to be whole, with their SHA-256."""
        for name, sha256 in digests.items():
            stat = (self.folder / name).stat()
            self._records[name] = Record(sha256, stat.st_size, stat.st_mtime_ns)
        self._write()

    def _read(self) -> dict[str, Record]:
        """What the file holds; nothing where it does not exist."""
        try:
            return {name: Record(**record) for name, record in json.loads(self._path.read_bytes()).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(f"{self._path}: cannot be read ({error}); remove it, and it is made again") from error

    def _write(self) -> None:
        write_json(self._path, {name: asdict(record) for name, record in self._records.items()})

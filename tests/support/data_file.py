"""A data file read to the end, as a source of a data set is."""

from pathlib import Path

from gpt2_experiments.entries.formats import read_data_file
from gpt2_experiments.entries.reading import AS_IT_IS, Data, Reading, entries_of


def read_data(path: str | Path, reading: Reading = AS_IT_IS) -> Data:
    """The entries of the file."""
    return entries_of(read_data_file(Path(path)), reading)

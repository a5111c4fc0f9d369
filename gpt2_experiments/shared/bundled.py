"""The data set and the embedded model that come with the suite."""

from pathlib import Path

_INSTALLED = Path(__file__).resolve().parents[1] / "bundled"  # as the wheel has them
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1]  # else beside the package, as the repository

INSTRUCTION_DATA = FOLDER / "instruction-data.json"
TINY_MODEL = "gpt2-tiny"
TINY_FOLDER = FOLDER / TINY_MODEL

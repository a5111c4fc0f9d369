"""What decides whether an unfinished run may go on: the code that decides its numbers, above all."""

import shutil

import pytest

from gpt2_experiments.experiment import outputs
from gpt2_experiments.experiment.outputs import DECIDING_CODE, PACKAGE_FOLDER, code_digest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package that the digest is of."""
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE_FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(outputs, "PACKAGE_FOLDER", copy)
    return copy


def test_the_digest_is_of_the_code_and_not_of_its_place(package, monkeypatch):
    digest = code_digest()
    monkeypatch.setattr(outputs, "PACKAGE_FOLDER", PACKAGE_FOLDER)
    assert code_digest() == digest


@pytest.mark.parametrize("module", ["model/losses.py", "entries/datasets.py", "experiment/training.py"])
def test_a_change_of_what_decides_numbers_shows(module, package):
    before = code_digest()
    (package / module).write_bytes((package / module).read_bytes() + b"\n")
    assert code_digest() != before


@pytest.mark.parametrize("module", ["comparing/page.py", "judging/prompt.py", "experiment/progress.py"])
def test_a_change_of_other_code_does_not(module, package):
    before = code_digest()
    (package / module).write_bytes((package / module).read_bytes() + b"\n")
    assert code_digest() == before


def test_a_new_module_shows(package):
    before = code_digest()
    (package / "model" / "dropout.py").write_text("")
    assert code_digest() != before


@pytest.mark.parametrize("place", DECIDING_CODE)
def test_the_places_exist(place):
    assert (PACKAGE_FOLDER / place).exists()

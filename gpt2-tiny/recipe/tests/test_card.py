"""The card and the record tell of this recipe, and of where all text comes from."""

import json
from dataclasses import asdict

import pytest
from support.paths import TINY

from dialogues import TEACHER
from pretrain_tiny import source_digests
from pretraining import Recipe
from pretraining_text import SOURCES


@pytest.mark.parametrize("package", [*SOURCES, TEACHER], ids=lambda package: package.package)
def test_the_card_names_each_package_with_its_licence(package):
    card = (TINY / "MODEL_CARD.md").read_text("utf-8")
    (line,) = [line for line in card.splitlines() if f"`{package.package}` {package.version} |" in line]
    assert f"| {package.licence} |" in line


def test_the_weights_are_this_recipes():
    record = json.loads((TINY / "pretraining.json").read_text("utf-8"))
    assert record["recipe"] == json.loads(json.dumps(asdict(Recipe())))
    assert source_digests().items() <= record["made_with"].items()

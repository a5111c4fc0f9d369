"""The model's record and card are of this recipe."""

import json
from dataclasses import asdict

import pytest
from support.paths import TINY

from pretraining import Recipe
from pretraining_text import SOURCES
from teacher import TEACHER


def test_the_model_has_the_recipes_shape():
    assert json.loads((TINY / "hparams.json").read_text()) == Recipe().hparams
    record = json.loads((TINY / "pretraining.json").read_text("utf-8"))
    assert record["recipe"] == json.loads(json.dumps(asdict(Recipe())))


@pytest.mark.parametrize("package", [*SOURCES, TEACHER], ids=lambda package: package.package)
def test_the_card_names_each_package_with_its_licence(package):
    card = (TINY / "MODEL_CARD.md").read_text("utf-8")
    (line,) = [line for line in card.splitlines() if f"`{package.package}` {package.version} |" in line]
    assert f"| {package.licence} |" in line

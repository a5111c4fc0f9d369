"""The card names where all text comes from."""

import pytest
from support.paths import TINY

from dialogues import TEACHER
from pretraining_text import SOURCES


@pytest.mark.parametrize("package", [*SOURCES, TEACHER], ids=lambda package: package.package)
def test_the_card_names_each_package_with_its_licence(package):
    card = (TINY / "MODEL_CARD.md").read_text("utf-8")
    (line,) = [line for line in card.splitlines() if f"`{package.package}` {package.version} |" in line]
    assert f"| {package.licence} |" in line

"""The plan of the house: what stands where, and which folder may use which."""

import ast
import subprocess

import pytest
from support.paths import ROOT

PACKAGE = ROOT / "gpt2_experiments"
# A folder imports from itself and from these.
BELOW = {
    "shared": set(),
    "model": {"devices", "shared"},
    "weights": {"model", "shared"},
    "entries": {"shared"},
    "devices": {"shared"},
    "inspecting": {"weights", "entries", "shared"},
    "experiment": {"devices", "weights", "entries", "model", "shared"},
    "sweeping": {"experiment", "devices", "shared"},
    "judging": {"entries", "shared"},
    "exporting": {"experiment", "judging", "weights", "entries", "model", "shared"},
    "chatting": {"experiment", "devices", "weights", "entries", "model", "shared"},
    "comparing": {"experiment", "judging", "entries", "shared"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_MODULES, MOST_LINES, LONGEST_FUNCTION, MOST_IN_ROOT = 12, 400, 60, 24


def imported(module):
    """The full names of all modules that a file imports."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_folder_has_its_place():
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == set(BELOW)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_point_downward(module):
    folder = module.relative_to(PACKAGE).parts[0]
    root_modules = {path.stem for path in ROOT.glob("*.py")}
    for name in imported(module):
        assert name.split(".")[0] not in root_modules, name
        if name.startswith("gpt2_experiments.") and name != "gpt2_experiments.__version__":
            assert name.split(".")[1] in BELOW[folder] | {folder}, name


def test_rooms_are_small():
    for folder in BELOW:
        assert len([path for path in (PACKAGE / folder).glob("*.py") if path.stem != "__init__"]) <= MOST_MODULES
    for module in [*MODULES, *ROOT.glob("*.py")]:
        text = module.read_text("utf-8")
        assert len(text.splitlines()) <= MOST_LINES, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{module}: {node.name}"


def test_the_root_is_what_people_run_and_read():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    entries = {path.split("/")[0] for path in listed.splitlines()}
    assert len({name for name in entries if not name.startswith(".")}) <= MOST_IN_ROOT

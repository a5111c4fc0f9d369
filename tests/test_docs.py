"""What README and docs/ tell a reader to type works, and what they name is there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT
from write_flags import TABLES, with_flags

from gpt2_experiments.chatting import settings as chatting
from gpt2_experiments.comparing import settings as comparing
from gpt2_experiments.experiment import settings as experiment
from gpt2_experiments.experiment.variants import JOINT, combine
from gpt2_experiments.exporting import settings as exporting
from gpt2_experiments.inspecting import settings as inspecting
from gpt2_experiments.judging import settings as judging
from gpt2_experiments.shared.settings import build_parser

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "gpt2-tiny" / "recipe" / "README.md"]
# A block of commands: ```sh, or ```sh network where it needs the network, a server or an installation.
BLOCK = re.compile(r"^```sh( network)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARSERS = {
    "exercise_experiments.py": build_parser(experiment.Settings, ""),
    "ollama_evaluate.py": build_parser(judging.Settings, ""),
    "compare_experiments.py": build_parser(comparing.Settings, ""),
    "inspect_data.py": build_parser(inspecting.Settings, ""),
    "chat.py": build_parser(chatting.Settings, ""),
    "export_model.py": build_parser(exporting.Settings, ""),
}
NOT_COPIED = shutil.ignore_patterns(".*", "runs", "gpt2", "__pycache__", "recipe")


def blocks(needing_network):
    return [
        pytest.param(commands, id=f"{page.relative_to(ROOT)}-{number}")
        for page in PAGES
        for number, (network, commands) in enumerate(BLOCK.findall(page.read_text("utf-8")), start=1)
        if bool(network) == needing_network
    ]


@pytest.fixture
def clone(tmp_path, first_entries):
    """A copy of the project, as after cloning it, but with few entries in its data set, so that runs take seconds."""
    copy = shutil.copytree(ROOT, tmp_path / "clone", ignore=NOT_COPIED)
    shutil.copy(first_entries(60), copy / "instruction-data.json")
    return copy


@pytest.mark.parametrize("commands", blocks(needing_network=False))
def test_commands_run_as_they_stand(commands, clone):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run(["bash", "-euc", commands], cwd=clone, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]


@pytest.mark.parametrize("commands", blocks(needing_network=True))
def test_commands_that_need_a_network_have_flags_that_exist(commands):
    for line in commands.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        at = next((at for at, word in enumerate(words) if word in PARSERS), None)
        if at is not None:
            given = PARSERS[words[at]].parse_args(words[at + 1 :])
            for item in getattr(given, "sweep", []):
                combine(item.split(JOINT))
            combine(getattr(given, "exercise_solution", ["baseline"]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page):
    text = page.read_text("utf-8")
    for path in re.findall(r"python (?:-m pytest )?([\w/.-]+\.py)", text) + re.findall(r"-r ([\w/.-]+\.txt)", text):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"`make ([\w-]+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        linked = page.parent / link if link else page
        assert linked.exists(), link
        assert not anchor or anchor in anchors(linked), (link, anchor)


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_modules_that_the_page_about_the_code_names_are_there():
    text = (ROOT / "docs" / "code.md").read_text("utf-8")
    folders = "|".join(path.parent.name for path in (ROOT / "gpt2_experiments").glob("*/__init__.py"))
    for path in re.findall(rf"`((?:{folders})/[\w.]*)`", text):
        assert (ROOT / "gpt2_experiments" / path).exists(), path


def test_the_tables_of_flags_are_the_settings():
    pages = [page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))]
    assert sorted(re.findall(r"^<!-- flags: (\w+) -->$", "".join(pages), re.MULTILINE)) == sorted(TABLES)
    for text in pages:
        assert with_flags(text) == text, "run docs/write_flags.py"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150

"""Write the tables of flags into these pages, from where the settings are declared.

python docs/write_flags.py
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from gpt2_experiments.chatting import settings as chatting  # noqa: E402
from gpt2_experiments.comparing import settings as comparing  # noqa: E402
from gpt2_experiments.experiment import settings as experiment  # noqa: E402
from gpt2_experiments.exporting import settings as exporting  # noqa: E402
from gpt2_experiments.inspecting import settings as inspecting  # noqa: E402
from gpt2_experiments.judging import settings as judging  # noqa: E402
from gpt2_experiments.shared.settings import markdown_table  # noqa: E402

PLACE = re.compile(r"(<!-- flags: (\w+) -->\n).*?(<!-- end of flags -->)", re.DOTALL)
TABLES = {
    "exercise_experiments": markdown_table(experiment.Settings, experiment.OWN_DEFAULTS),
    "ollama_evaluate": markdown_table(judging.Settings),
    "compare_experiments": markdown_table(comparing.Settings),
    "inspect_data": markdown_table(inspecting.Settings),
    "chat": markdown_table(chatting.Settings),
    "export_model": markdown_table(exporting.Settings),
}


def with_flags(page: str) -> str:
    """The page with the tables of the commands that it marks a place for."""
    return PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place[2]]}\n\n{place[3]}", page)


def main() -> None:
    """Write all pages."""
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(with_flags(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()

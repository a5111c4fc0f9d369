"""`inspect_data.py` from the command line: what it prints and writes, and what it refuses."""

import json

import pytest
from support.html_page import HOSTILE, Page
from support.small_checkpoint import write_small_checkpoint

from gpt2_experiments.shared.errors import UsageError, UserError
from inspect_data import INSPECTION_FILE, PAGE_FILE, main

ENTRIES = [{"instruction": f"Which word comes after number {n * n}?", "input": "", "output": str(n)} for n in range(20)]


@pytest.fixture
def inspect(tmp_path):
    """Inspect entries; returns the inspection and the page."""
    path = tmp_path / "mine.json"

    def inspect(entries, *options):
        path.write_text(json.dumps(entries))
        main([str(path), "--model", "gpt2-tiny", "--output_dir", str(tmp_path / "out"), *map(str, options)])
        page = (tmp_path / "out" / PAGE_FILE).read_text("utf-8")
        return json.loads((tmp_path / "out" / INSPECTION_FILE).read_text("utf-8")), Page(page)

    return inspect


def test_what_is_wrong_with_a_data_set_is_printed_and_written(inspect, capsys, tmp_path):
    entries = [dict(entry) for entry in ENTRIES]
    entries[17] = entries[3] | {"output": "Another answer."}
    entries[18]["output"] = " "
    told, page = inspect(entries)
    lines = capsys.readouterr().out.splitlines()
    path = tmp_path / "mine.json"
    assert lines[0] == f"{path}: 20 entries"
    assert lines[1] == (
        "Lengths in tokens of gpt2-tiny, prompts in the style alpaca; cut to 1,024, the model's context 512"
    )
    test_row = next(line for line in lines if line.startswith("test"))
    assert test_row.split()[1:4] == ["2", "0", "1"]  # entries, with input, empty outputs
    similar = "such as entry 18 and entry 4 (similarity 1.00)."
    assert f"1 test entries ask what training entries ask, 0 more nearly, {similar}" in lines
    assert "1 questions have several answers, such as entry 4 and entry 18." in lines
    assert any(line.startswith("Most frequent first 2 words of instructions: 'which word' 100.0%") for line in lines)
    assert lines[-1].startswith("Inspection saved as ")
    assert told["sources"][0] | {"source": str(path), "entries": 20, "skipped": 0} == told["sources"][0]
    assert "1 questions, asked in 2 entries" in page.text_of("p")
    assert "Another answer." in page.text_of("p")


def test_the_data_is_read_as_a_run_reads_it(inspect, capsys, tmp_path):
    rows = [{"q": entry["instruction"], "a": entry["output"]} for entry in ENTRIES]
    options = ["--fields", "instruction=q", "input=", "output=a", "--splits", 50, 25, 25, "--prompt_style", "phi3"]
    told, _ = inspect([*rows, {"q": 3, "a": "x"}], *options, "--skip_bad", "--allowed_max_length", 12)
    assert {split["name"]: split["entries"] for split in told["splits"]} == {"training": 10, "test": 5, "validation": 5}
    assert (told["allowed_max_length"], told["prompt_style"]) == (12, "phi3")
    assert [(split["cut"], split["lost"]) for split in told["splits"]] == [(10, 10), (None, None), (5, 5)]
    first = capsys.readouterr().out.splitlines()[0]
    path = tmp_path / "mine.json"
    assert first == f"{path}: 20 entries, reading q as instruction, a as output, 1 rows at fault left out"


def test_the_tokens_are_those_of_the_weights_that_are_named(tmp_path, first_entries, capsys):
    weights = write_small_checkpoint(tmp_path)
    main([str(first_entries(20)), "--weights", str(weights), "--output_dir", str(tmp_path)])
    assert f"Lengths in tokens of {weights}" in capsys.readouterr().out


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud83d" not in text])  # half a character is refused
def test_hostile_text_is_text_on_the_page(inspect, text):
    entries = [{"instruction": f"{text} {'a' * n}", "input": text, "output": f"{text}{n}"} for n in range(4)]
    _, page = inspect(entries, "--splits", 50, 25, 25)
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "b"})
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert " ".join(text.split()) in " ".join(page.text_of("p").split())


def test_the_page_loads_nothing_and_runs_nothing(inspect):
    _, page = inspect(ENTRIES)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert all(attributes["href"].startswith("#") for _, attributes in page.elements if "href" in attributes)
    assert not any("style" in attributes for _, attributes in page.elements)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {name for _, attributes in page.elements for name in attributes.get("aria-labelledby", "").split()} <= set(
        ids
    )
    assert len(page.all("rect")) == 3 * 25


def test_one_file_can_be_looked_at_without_splits(inspect):
    told, _ = inspect(ENTRIES, "--splits", 100, 0, 0)
    assert [split["name"] for split in told["splits"]] == ["training"]


def test_the_bars_of_all_splits_have_one_scale(inspect):
    entries = [*ENTRIES[:10], *({"instruction": "word " * 4 * n, "output": "Yes."} for n in range(1, 11))]
    told, page = inspect(entries, "--splits", 50, 25, 25)
    shares = [count / split["entries"] for split in told["splits"] for count in split["histogram"]]
    heights = [float(bar["height"].removesuffix("%")) for bar in page.all("rect")]
    assert heights == pytest.approx([100 * share / max(shares) for share in shares], abs=0.01)


@pytest.mark.parametrize("name", [INSPECTION_FILE, PAGE_FILE])
def test_the_data_is_not_overwritten(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(json.dumps(ENTRIES))
    with pytest.raises(UserError, match="is the data itself, which would be replaced"):
        main([str(tmp_path / "." / name), "--model", "gpt2-tiny"])
    assert json.loads((tmp_path / name).read_text()) == ENTRIES


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["missing.json"], UserError, r"--data missing\.json: no such file"),
        (["here.json", "--splits", "50", "60", "5"], UsageError, "add up to 100"),
        (["here.json", "--weights", "nowhere"], UserError, "no hparams.json"),
        (["here.json", "--allowed_max_length", "1"], UsageError, "is less than 2"),
        (["here.json", "--model", "gpt2-tiny"], UserError, "here.json: is empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(options, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.json").write_text("[]")
    with pytest.raises(error, match=message):
        main(options)
    assert not (tmp_path / INSPECTION_FILE).exists()

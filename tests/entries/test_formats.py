"""A data file is read to the same entries in every format, as real libraries write it, whatever it is called."""

import csv
import gzip
import json
import sys

import pandas
import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import assume, given
from hypothesis import strategies as st
from support.data_file import read_data
from support.paths import ROOT

from gpt2_experiments.entries.reading import Reading
from gpt2_experiments.shared.errors import UserError

FIELDS = ("instruction", "input", "output")
TRICKY = [
    {"instruction": 'Say "yes", twice.', "input": "a,b;c\td", "output": "yes,\nyes\n"},
    {"instruction": " Spaces stay. ", "input": "", "output": "naïve 答え \U0001f600\u2028x"},
    {"instruction": "=1+1", "input": "007", "output": "true"},
    {"instruction": "[not JSON", "input": "{neither", "output": "NaN"},
]
ENTRIES = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))[:30] + TRICKY


def write_csv(path, entries, delimiter=",", end="\r\n"):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, delimiter=delimiter, lineterminator=end)
        writer.writeheader()
        writer.writerows(entries)


def write_lines(path, entries, end="\n"):
    path.write_bytes(end.join(json.dumps(entry, ensure_ascii=False) for entry in entries).encode())


WRITERS = {  # the format that the file is taken for; how real libraries write it
    "a JSON list": lambda path: path.write_text(json.dumps(ENTRIES)),
    "JSON lines": lambda path: write_lines(path, ENTRIES),
    "JSON lines with CRLF": lambda path: write_lines(path, ENTRIES, "\r\n"),
    "JSON lines of pandas": lambda path: frame().to_json(path, orient="records", lines=True),
    "CSV": lambda path: write_csv(path, ENTRIES),
    "CSV with LF": lambda path: write_csv(path, ENTRIES, end="\n"),
    "CSV of pandas": lambda path: frame().to_csv(path, index=False),
    "CSV with semicolons": lambda path: write_csv(path, ENTRIES, ";"),
    "TSV": lambda path: write_csv(path, ENTRIES, "\t"),
    "Parquet": lambda path: frame().to_parquet(path),
    "Parquet of pyarrow": lambda path: pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ENTRIES), path),
}
PACKERS = {
    "as it is": lambda data: data,
    "gzipped": gzip.compress,
    "packed with zstd": zstandard.ZstdCompressor().compress,
    "packed with zstd in frames": lambda data: b"".join(
        zstandard.ZstdCompressor().compress(data[start : start + 999]) for start in range(0, len(data), 999)
    ),
}


def frame():
    return pandas.DataFrame(ENTRIES)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("writer", WRITERS)
def test_every_format_gives_the_same_entries(tmp_path, writer, packer):
    path = tmp_path / "data.txt"  # the name says nothing
    WRITERS[writer](path)
    path.write_bytes(PACKERS[packer](path.read_bytes()))
    assert read_data(path).entries == ENTRIES


@pytest.mark.parametrize("writer", ["a JSON list", "JSON lines", "CSV", "TSV"])
def test_a_byte_order_mark_is_no_part_of_the_data(tmp_path, writer):
    path = tmp_path / "data.csv"
    WRITERS[writer](path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_data(path).entries == ENTRIES


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"))


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, texts)), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_whatever_the_csv_module_writes_is_read_back(tmp_path_factory, entries, delimiter):
    path = tmp_path_factory.mktemp("data") / "data"
    assume(all((entry["instruction"] + entry["output"]).strip() for entry in entries))
    write_csv(path, entries, delimiter)
    assert read_data(path).entries == entries


def test_rows_have_the_places_where_they_stand(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('instruction,input,output\nSay a.,,"a\nb"\n\nSay c.,,c\n')
    assert read_data(path).places == ["line 2", "line 5"]
    write_lines(path, ENTRIES[:2], "\n\n")
    assert read_data(path).places == ["line 1", "line 3"]
    path.write_text(json.dumps(ENTRIES[:2]))
    assert read_data(path).places == ["entry 1", "entry 2"]


def test_columns_of_types_that_json_does_not_have_become_texts(tmp_path):
    path = tmp_path / "data.parquet"
    made = pandas.Timestamp("2026-01-02")
    pandas.DataFrame([entry | {"made": made, "n": 3} for entry in ENTRIES[:2]]).to_parquet(path)
    assert read_data(path).entries == [entry | {"made": str(made), "n": 3} for entry in ENTRIES[:2]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; it needs at least one entry"),
        (b" \n\n", "is empty"),
        (b"[]", r"is empty \(a JSON list without entries\)"),
        (b"instruction,input,output\n", r"is empty \(CSV without entries\)"),
        ("instruction,output\nSay é.,é\n".encode("latin-1"), "not UTF-8 text"),
        ('[{"instruction": "a", "output": "b"}]'.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (b"PK\x03\x04 and so on", "is an Excel or zip file; save it as CSV"),
        (b"<!doctype html>", "is an HTML or XML page"),
        (b"PAR1 and so on", "not valid Parquet"),
        (b"just words\nand more\n", "taken for CSV, but the first line does not name two columns"),
        (b"a,a\n1,2\n", "taken for CSV, but the first line does not name two columns or more, each once"),
        (
            b"question;answer\na;b\n",
            "taken for CSV with semicolons; its fields are answer, question, of no known shape",
        ),
        (b'{\n "data": []\n}', r"holds one JSON object \(data\), not a list of entries or one a line"),
        (b'[{"instruction": "a", "output": "b"}', "not valid JSON"),
        (gzip.compress(b"[]", mtime=0)[:-6], "gzipped, and damaged"),
        (b"\x28\xb5\x2f\xfd and so on", "packed with zstd, and damaged"),
        (zstandard.ZstdCompressor().compress(b"a" * 99)[:-3], r"packed with zstd, and damaged \(it breaks off\)"),
    ],
)
def test_a_file_that_is_no_data_is_named_with_what_it_was_taken_for(tmp_path, content, message):
    path = tmp_path / "data.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        read_data(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UserError, match="Is a directory; name a file that can be read"):
        read_data(tmp_path)


@pytest.mark.parametrize(("writer", "library"), [("Parquet", "pyarrow.parquet"), ("JSON lines", "zstandard")])
def test_a_library_that_is_missing_is_named_by_its_requirements_file(tmp_path, monkeypatch, writer, library):
    path = tmp_path / "data"
    WRITERS[writer](path)
    if library == "zstandard":
        path.write_bytes(PACKERS["packed with zstd"](path.read_bytes()))
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UserError, match=r"takes `pip install -r requirements/data\.txt`"):
        read_data(path)


FAULTS = {  # a row that is at fault, and what is said of it
    '{"instruction": "a"': "is not valid JSON",
    "3": "is a int, not an object",
    '{"instruction": "a"}': 'field "output" is missing; add it',
    '{"instruction": "a", "output": null}': 'field "output" is null',
    '{"instruction": "a", "output": 3}': 'field "output" is a int, not a text; make it one',
    '{"instruction": "a", "output": true}': 'field "output" is a bool, not a text',
    '{"instruction": "a", "output": ["b"]}': 'field "output" is a list, not a text',
    '{"instruction": "a", "output": NaN}': 'field "output" holds NaN, no number that JSON can hold',
    '{"instruction": "a", "output": "b", "output": "c"}': 'field "output" stands there twice; keep one',
    '{"instruction": "a", "output": "b", "more": {"x": 1, "x": 2}}': 'field "more" stands there twice',
    '{"instruction": " ", "output": ""}': "has neither an instruction nor an output",
    '{"instruction": "a\\ud800", "output": "b"}': 'field "instruction" holds half a character',
}


@pytest.mark.parametrize("row", FAULTS)
def test_a_line_at_fault_is_named_or_left_out_and_counted(tmp_path, row):
    path = tmp_path / "data.jsonl"
    lines = [json.dumps(entry) for entry in ENTRIES[:3]]
    path.write_text("\n".join([*lines[:2], row, lines[2]]))
    with pytest.raises(UserError) as caught:
        read_data(path)
    assert str(caught.value).startswith(f"{path}: line 3: {FAULTS[row]}")
    left = read_data(path, Reading(skip_bad=True))
    assert (left.entries, left.skipped) == (ENTRIES[:3], 1)
    assert left.places == ["line 1", "line 2", "line 4"]


@pytest.mark.parametrize(
    ("line", "message"),
    [("a,b", "has 2 columns, the header 3"), ('"a"b,c,d', "is not valid CSV")],
)
def test_a_line_of_csv_at_fault_is_named(tmp_path, line, message):
    path = tmp_path / "data.csv"
    path.write_text(f"instruction,input,output\nx,y,z\n{line}\n")
    with pytest.raises(UserError, match=f"line 3: {message}"):
        read_data(path)


def test_a_quote_that_is_not_closed_would_swallow_the_rest_and_is_never_left_out(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('\n\ninstruction,output\nSay a.,a\nSay b.,"b\n' + "Say c.,c\n" * 50)
    with pytest.raises(UserError, match=r"not valid CSV from line 5 on .*; is a quote not closed\?"):
        read_data(path, Reading(skip_bad=True))
    path.write_text('"Hello, world')
    with pytest.raises(UserError, match="not valid CSV from line 1 on"):
        read_data(path)


def test_tables_as_spreadsheets_and_pandas_leave_them(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("sep=;\ninstruction; input;output;\nSay a.;;a;\n;;;\n\n")
    assert read_data(path).entries == [{"instruction": "Say a.", "input": "", "output": "a"}]
    frame().to_csv(path)  # with the numbers of the rows, under no name
    assert read_data(path).entries == ENTRIES
    frame().to_csv(path, sep="\t")
    assert read_data(path).entries == ENTRIES
    path.write_text('instruction\toutput\n"Hello" means\tgreeting\nSay "a\ta\n')
    assert [entry["instruction"] for entry in read_data(path).entries] == ['"Hello" means', 'Say "a']


@pytest.mark.parametrize("n_bad", [1, 5, 6, 300])
def test_of_many_faults_the_first_five_are_named_and_the_rest_counted(tmp_path, n_bad):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join([json.dumps(ENTRIES[0]), *['{"instruction": "a"}'] * n_bad]))
    with pytest.raises(UserError) as caught:
        read_data(path)
    messages = caught.value.messages
    assert [message.split(": ")[1] for message in messages[:5]] == [f"line {n + 2}" for n in range(min(n_bad, 5))]
    assert messages[5:] == (
        (f"{path}: {n_bad - 5} more rows are at fault; leave all such rows out with --skip_bad",) if n_bad > 5 else ()
    )


def test_a_file_of_which_nothing_is_left_is_refused(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"instruction": "a"}\n')
    with pytest.raises(UserError, match='line 1: field "output" is missing'):
        read_data(path, Reading(skip_bad=True))

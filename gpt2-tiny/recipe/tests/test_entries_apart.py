"""No training document shares six words in a row with a test or validation entry."""

import json

from hypothesis import given
from hypothesis import strategies as st

import entries_apart
from entries_apart import apart, runs_of, runs_of_entries


@given(st.lists(st.sampled_from(["a", "b", "c'd", "e"]), max_size=12))
def test_runs_are_all_six_words_in_a_row(words):
    text = " ".join(words).upper().replace(" ", ", ")
    assert runs_of(text) == {tuple(words[start : start + 6]) for start in range(len(words) - 5)}


def test_documents_like_an_entry_are_left_out_and_counted(tmp_path, monkeypatch):
    entries = [{"instruction": f"Number {n} is asked about here now.", "input": "", "output": ""} for n in range(20)]
    (tmp_path / "entries.json").write_text(json.dumps(entries))
    monkeypatch.setattr(entries_apart, "INSTRUCTION_DATA", tmp_path / "entries.json")
    documents = [
        "So: number 18 is asked about - here!",
        "Number 18 is asked about us.",
        "Number 3 is asked about here.",
    ]
    assert apart(documents, runs_of_entries()) == (documents[1:], 1)

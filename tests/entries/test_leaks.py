"""Held-out entries that stand in the training data are found, said, and left out of it when that is wanted."""

import json

import pytest
from support.paths import ROOT

from gpt2_experiments.entries.leaks import find_leaks, without_leaked
from gpt2_experiments.entries.splits import DataSet, read_splits

ENTRIES = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))[:100]


@pytest.fixture
def splits_with(tmp_path):
    """The splits of the first 100 entries, some of them replaced: number (from 0): entry."""

    def read(replaced):
        path = tmp_path / "data.json"
        path.write_text(json.dumps([replaced.get(number, entry) for number, entry in enumerate(ENTRIES)]))
        return read_splits(DataSet(str(path)))

    return read


def test_the_suites_own_data_has_no_leaks():
    leaks = find_leaks(read_splits(DataSet(str(ROOT / "instruction-data.json"))))
    assert leaks.counts == {"test": 0, "validation": 0}
    assert (leaks.says(dropped=False), leaks.says(dropped=True)) == ("", "")


def test_planted_copies_are_found_whatever_their_answer(splits_with, tmp_path):
    copies = {
        86: ENTRIES[3] | {"output": "Another answer."},
        88: ENTRIES[7] | {"instruction": ENTRIES[7]["instruction"].upper().replace(" ", "  ") + "!"},
        97: ENTRIES[3],
    }
    splits = splits_with(copies)
    leaks = find_leaks(splits)
    assert (leaks.held_out, leaks.training) == ({"test": {1, 3}, "val": {2}}, {3, 7})
    assert leaks.says(dropped=False) == (
        f"2 test entries and 1 validation entries ask what training entries ask, or nearly (such as "
        f"{tmp_path / 'data.json'}: entry 87 and entry 4): their scores and losses tell less; --drop_leaked leaves "
        f"those training entries out"
    )
    assert leaks.says(dropped=True).startswith("2 training entries are left out")
    kept = without_leaked(splits, leaks)
    assert kept.train == [entry for number, entry in enumerate(ENTRIES[:85]) if number not in (3, 7)]
    assert [kept.where("train", at).split(": ")[1] for at in (2, 3, 6)] == ["entry 3", "entry 5", "entry 9"]
    assert (kept.test, kept.val) == (splits.test, splits.val)
    assert find_leaks(kept).counts == {"test": 0, "validation": 0}


def test_thousands_of_one_question_take_no_time_to_speak_of(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps([{"instruction": "Summarize.", "input": "", "output": str(n)} for n in range(20_000)]))
    leaks = find_leaks(read_splits(DataSet(str(path))))
    assert (leaks.counts, len(leaks.training)) == ({"test": 2000, "validation": 1000}, 17_000)

"""Files of entries: what is at fault is named, and what was read can be written again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.entries.reading import ENTRY_FIELDS, read_entries
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import write_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{", "not valid JSON"),
        ("{}", 'line 1: field "instruction" is missing'),
        ("[]", "empty"),
        ('[{"instruction": "a", "input": "", "output": "b"}, 3]', "entry 2: is a int"),
        ('[{"instruction": "a", "input": ""}]', 'entry 1: field "output" is missing'),
        ('[{"instruction": "a", "input": 3, "output": "b"}]', 'entry 1: field "input" is a int'),
        ('[{"instruction": "a", "output": "\\ud800"}]', 'entry 1: field "output" holds half a character'),
        (f'[{{"instruction": "a", "output": "b", "id": {5000 * "1"}}}]', 'entry 1: field "id" holds 1111'),
        ('[{"instruction": "a", "output": "b", "id": [{"x": NaN}]}]', 'entry 1: field "id" holds NaN, no number'),
        ('[{"instruction": "a", "output": "b", "id": 1e999}]', 'field "id" holds 1e999, no number that JSON can hold'),
        ('[{"instruction": "a", "output": NaN}]', 'entry 1: field "output" holds NaN'),
    ],
)
def test_a_data_file_at_fault_is_named_with_entry_and_field(tmp_path, text, message):
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message) as caught:
        read_entries(path, ENTRY_FIELDS)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", ['"input": null, ', ""])
def test_an_input_that_is_null_or_missing_is_empty(tmp_path, given):
    """The chapter's own generated data has no such key where there is no input."""
    path = tmp_path / "data.json"
    path.write_text(f'[{{"instruction": "a", {given}"output": "b"}}]')
    assert read_entries(path, ENTRY_FIELDS) == [{"instruction": "a", "input": "", "output": "b"}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner, max_size=3)
    ),
    max_leaves=8,
)
some_entry = st.fixed_dictionaries(
    {}, optional={name: st.text() | json_values for name in (*ENTRY_FIELDS, "id", "tags")}
) | st.fixed_dictionaries(dict.fromkeys(ENTRY_FIELDS, st.text()), optional={"id": json_values, "tags": json_values})


@given(st.lists(some_entry, max_size=3) | json_values, st.binary(max_size=5))
def test_whatever_a_file_holds_it_is_refused_in_one_line_or_can_be_written_again(tmp_path_factory, data, spoilt):
    """No traceback before the work, and none after it: what was read is what a response file will hold."""
    path = tmp_path_factory.mktemp("data") / "data.json"
    path.write_bytes(json.dumps(data).encode() + spoilt)
    try:
        entries = read_entries(path, ENTRY_FIELDS)
    except UserError as error:
        (message,) = error.messages
    else:
        message = None
    if message:
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        return
    assert all(type(entry[field]) is str for entry in entries for field in ENTRY_FIELDS)
    write_json(path, [entry | {"model_response": "\ud83d"} for entry in entries])
    written = path.read_text("utf-8")
    again = json.loads(written, parse_constant=pytest.fail)
    assert again == [entry | {"model_response": "\ud83d"} for entry in entries]

"""Entries of the shapes that people have become instruction, input and output; what cannot is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.data_file import read_data

from gpt2_experiments.entries.reading import Reading
from gpt2_experiments.shared.errors import UserError

ENTRY = {"instruction": "Translate.", "input": "un chat", "output": "a cat"}
NO_INPUT = {"instruction": "Say yes.", "input": "", "output": "Yes."}


def message(role, content, names=("role", "content")):
    return dict(zip(names, (role, content), strict=True))


def sharegpt(*turns):
    return {"conversations": [message(role, text, ("from", "value")) for role, text in turns]}


@pytest.fixture
def read(tmp_path):
    """What is read of rows, written as JSON lines."""

    def read(*rows, **reading):
        path = tmp_path / "data.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        return read_data(path, Reading(**reading))

    return read


OF_TURNS = "the user's as instruction, the assistant's as output"


@pytest.mark.parametrize(
    ("row", "entry", "says"),
    [
        (ENTRY, ENTRY, ""),
        ({"instruction": "Say yes.", "output": "Yes."}, NO_INPUT, ""),
        ({"instruction": "Say yes.", "input": None, "output": "Yes."}, NO_INPUT, ""),
        (
            {"instruction": "Translate.", "context": "un chat", "response": "a cat", "category": "x"},
            ENTRY | {"category": "x"},
            "reading instruction as instruction, context as input, response as output",
        ),
        (
            {"instruction": "Translate.", "input": "un chat", "response": "a cat"},
            ENTRY,
            "reading instruction as instruction, input as input, response as output",
        ),
        (
            {"instruction": "Translate.", "context": "un chat", "output": "a cat"},
            ENTRY,
            "reading instruction as instruction, context as input, output as output",
        ),
        (
            {"prompt": "Translate.", "input": "un chat", "completion": "a cat"},
            ENTRY,
            "reading prompt as instruction, input as input, completion as output",
        ),
        (
            {"messages": [message("user", "Say yes."), message("assistant", "Yes.")], "id": 7},
            NO_INPUT | {"id": 7},
            f"reading the turns of messages: {OF_TURNS}",
        ),
        (
            {"messages": [message("user", [{"type": "text", "text": "Say yes."}]), message("assistant", "Yes.")]},
            NO_INPUT,
            f"reading the turns of messages: {OF_TURNS}",
        ),
        (
            {"prompt": [message("user", "Say yes.")], "completion": [message("assistant", "Yes.")]},
            NO_INPUT,
            f"reading the turns of prompt and completion: {OF_TURNS}",
        ),
        (
            sharegpt(("system", "Be brief."), ("human", "Say yes."), ("gpt", "Yes.")),
            NO_INPUT | {"instruction": "Be brief.\n\nSay yes."},
            f"reading the turns of conversations: {OF_TURNS}",
        ),
        (
            sharegpt(("human", "Say yes."), ("gpt", "Yes.")) | {"system": "Be brief."},
            NO_INPUT | {"instruction": "Be brief.\n\nSay yes."},
            f"reading the turns of conversations: {OF_TURNS}",
        ),
    ],
)
def test_each_shape_is_known_by_its_keys_and_said_in_a_line(read, row, entry, says):
    data = read(row, row)
    assert data.entries == [entry, entry]
    assert data.says == says


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (ENTRY | {"context": "x"}, "has input and context; say which one is meant with --fields input=NAME"),
        (ENTRY | {"response": "x"}, "has output and response; say which one is meant with --fields output=NAME"),
        ({"instruction": "a", "Input": "b", "output": "c"}, 'has the field "Input", which is not quite "input"'),
        ({"messages": [message("user", "a")], "input": "b"}, "has input beside messages; leave one or the other out"),
        ({"a": "b", "c": "d"}, "its fields are a, c, of no known shape; say which is which with --fields"),
    ],
)
def test_a_shape_that_is_not_sure_is_refused(read, row, problem):
    with pytest.raises(UserError, match=problem):
        read(row)


def test_fields_of_other_names_are_read_as_is_said(read):
    row = {"question": "Say yes.", "answer": "Yes.", "input": "un chat", "output": "not this"}
    fields = ("instruction=question", "output=answer")
    assert read(row, fields=fields).entries == [NO_INPUT | {"input": "un chat"}]
    assert read(row, fields=(*fields, "input=")).entries == [NO_INPUT]
    assert read(row, fields=fields).says == "reading question as instruction, input as input, answer as output"


def test_fields_that_a_source_does_not_have_are_an_error_or_its_own_shape_counts(read):
    fields = ("instruction=question", "input=givn", "output=answer")
    with pytest.raises(UserError, match="its fields are answer, given, question, and not givn of --fields"):
        read({"question": "a", "given": "b", "answer": "c"}, fields=fields)
    assert read(ENTRY, fields=fields).entries == [ENTRY]


def test_a_field_at_fault_is_called_as_in_the_file(read):
    with pytest.raises(UserError, match=r'line 2: field "response" \(output\) is null'):
        read({"instruction": "a", "response": "b"}, {"instruction": "a", "response": None})


@pytest.mark.parametrize(
    ("turns", "problem"),
    [
        ([], "does not begin with a user's turn and an assistant's"),
        ([("user", "a")], "does not begin with a user's turn and an assistant's"),
        ([("assistant", "a"), ("user", "b")], "does not begin with a user's turn and an assistant's"),
        ([("system", "a"), ("system", "b"), ("user", "c")], "does not begin with a user's turn"),
        ([("user", "a"), ("tool", "b")], "turn 2 of field \"messages\" is of 'tool', who is neither system, user nor"),
        ([("user", "a"), ("assistant", 3)], 'turn 2 of field "messages" is not a text alone under "content"'),
        ([("user", "a"), (["assistant"], "b")], r"turn 2 of field \"messages\" is of \['assistant'\], who is neither"),
    ],
)
def test_what_is_no_exchange_is_refused(read, turns, problem):
    good = {"messages": [message("user", "a"), message("assistant", "b")]}
    with pytest.raises(UserError, match=f"line 2: .*{problem}"):
        read(good, {"messages": [message(*turn) for turn in turns]})


def test_conversations_of_several_exchanges_are_counted_or_cut_when_that_is_said(read):
    short = [message("user", "Say yes."), message("assistant", "Yes.")]
    rows = [{"messages": short}, *[{"messages": [*short, message("user", "And now?")]}] * 3]
    with pytest.raises(
        UserError, match=r"3 of 4 conversations have several exchanges \(the first: line 2\); .*--first_turn"
    ):
        read(*rows)
    assert read(*rows, first_turn=True).entries == [NO_INPUT] * 4


def test_rows_of_another_shape_are_at_fault(read):
    with pytest.raises(UserError, match='line 2: field "instruction" is missing'):
        read(ENTRY, {"id": 3})
    good = sharegpt(("human", "Say yes."), ("gpt", "Yes."))
    assert read({"conversations": []}, {"conversations": None}, good, skip_bad=True).entries == [NO_INPUT]


@given(st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=5), st.booleans())
def test_a_conversation_is_one_exchange_or_refused(tmp_path_factory, turns, first_turn):
    path = tmp_path_factory.mktemp("data") / "data.json"
    path.write_text(json.dumps([{"messages": [message(*turn) for turn in turns]}]))
    said = turns[1:] if turns and turns[0][0] == "system" else turns
    is_exchange = [role for role, _ in said[:2]] == ["user", "assistant"] and (first_turn or len(said) == 2)
    is_exchange = is_exchange and any(text.strip() for _, text in turns[: 2 + len(turns) - len(said)])
    try:
        (entry,) = read_data(path, Reading(first_turn=first_turn)).entries
    except UserError:
        assert not is_exchange
    else:
        assert is_exchange
        assert entry["output"] == said[1][1]
        assert entry["instruction"] == "\n\n".join([text for _, text in turns[: len(turns) - len(said)]] + [said[0][1]])

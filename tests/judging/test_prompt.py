"""What the judge is asked, and which replies are scores."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.judging.prompt import judge_prompt, parse_score, reminder

ENTRY = {
    "instruction": "Name the {opposite} of 'deep'.",
    "input": "one word",
    "output": "shallow",
    "model_response": "{flat}",
}


def test_prompt_holds_formatted_input_reference_and_response():
    prompt = judge_prompt(ENTRY)
    assert "### Instruction:\nName the {opposite} of 'deep'.\n\n### Input:\none word" in prompt
    assert "shallow" in prompt
    assert "{flat}" in prompt
    assert '{"score": <integer from 0 to 100>}' in prompt


def test_reminder_quotes_the_unusable_reply_but_not_all_of_a_long_one():
    assert "I cannot say." in reminder("I cannot say.")
    assert len(reminder("x" * 10_000)) < 1000


@pytest.mark.parametrize(("reply", "score"), [
    # strictly: JSON
    ('{"score": 85}', 85), ("85", 85), (" 0\n", 0), ("100", 100), ('{"reason": "2 of 3 facts", "score": 66}', 66),
    ("85.0", 85), ('{"score": 101}', None), ('{"score": -1}', None), ('{"score": 85.5}', None), ("150", None),
    ('{"score": true}', None), ('{"score": null, "other": 85}', None), ("[85]", None), ("{}", None), ("NaN", None),
    ("1e400", None), ("[" * 50_000, None), ("9" * 5000, None),
    # the fallback: a lone integer in prose
    ("Score: 85.", 85), ("**85**", 85), ("I would give it 85 points", 85), ("85%", 85), ('{"score": "85"}', 85),
    ('```json\n{"score": 85}\n```', 85), ("85/100", 85), ("I say 85 out of 100.", 85), ("100/100", 100),
    ("Score:85", 85), ('{"score": 85', 85),
    # not certain, so no score
    ("8/10", None), ("85/1000", None), ("between 80 and 90", None), ("80-90", None), ("80\u201390", None), ("-5", None),
    ("\u22125", None), ("85.5 points", None), ("GPT-4 would say 85", None), ("101 points", None), ("1,000", None),
    ("eighty-five", None), ("\uff18\uff15", None), ("", None), ("The answer is right.", None), ("B2", None),
])  # fmt: skip
def test_reply(reply, score):
    assert parse_score(reply) == score


@given(st.integers(), st.sampled_from(["{}", '{{"score": {}}}', '{{"score":{}, "why": "it has 3 of 4"}}', "Score: {}"]))
def test_a_plainly_given_integer_is_a_score_exactly_if_it_is_in_range(number, form):
    assert parse_score(form.format(number)) == (number if 0 <= number <= 100 else None)


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text()


@given(st.text() | st.recursive(SCALARS, st.lists).map(json.dumps))
def test_no_reply_breaks_the_parser_or_leaves_the_range(reply):
    score = parse_score(reply)
    assert score is None or (type(score) is int and 0 <= score <= 100)

"""Which replies of a judge are scores: its own verdict, and no other number that stands in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.judging.reply import parse_score

FENCED = '```json\n{"reason": "3 of 4 facts are right, about 75%", "score": 85}\n```'


SCORES = [
    # JSON
    ('{"score": 85}', 85), (" 0\n", 0), ("100", 100), ('{"reason": "2 of 3 facts", "score": 66}', 66), ("85.0", 85),
    ("[85]", 85), ('{"Score": 85}', 85), ('{"rating": 85}', 85), ('{"score": "85"}', 85), ('{"score": "85/100"}', 85),
    (FENCED, 85), ('```\n{"score": 85}```', 85), ('"85"', 85), ('{"score": 85, "grade": "B"}', 85),
    ('{"score": 85, "why": "a\nb"}', 85), ('\ufeff{"score": 85}</s>', 85), ('{"score": 85}<|eot_id|>', 85),
    ('{"score": 85}\n\nThe response is right.', 85), (f"{FENCED}\nThe response is right.", 85),
    ('It misses 2 of 4 facts.\n\n{"score": 50}', 50), (f"It misses one.\n{FENCED}", 85), (f"My score:\n{FENCED}", 85),
    (f"Here is my evaluation:\n\n{FENCED}", 85),
    # a number that is the whole reply, or its first line
    ("**85**", 85), ("`85`", 85), ("85%", 85), ("85 points.", 85), ("85/100", 85), ("100/100", 100),
    ("85 out of 100", 85),
    ("85 on a scale from 0 to 100", 85), ("85 (out of a possible 100)", 85), ("85\n\nThe response is right.", 85),
    ("**85/100**\n\nGood.", 85),
    # a number that is said to be the score
    ("Score: 85.", 85), ("Score:85", 85), ("**Score:** 85/100", 85), ("My rating is 70/100.", 70),
    ("Overall: 85/100", 85),
    ("Score (0-100): 85", 85), ("Score:\n85", 85), ("### Score\n85/100", 85), ("- Score: 85", 85), ("(Score: 85)", 85),
    ("Here is my score: 85", 85), ("Score: 85 (correct, but brief)", 85), ("Score: 85. Score: 85", 85),
    ("I would give it 85 points", 85), ("I\u2019d give this a 90.", 90), ("I say 85 out of 100.", 85),
    ("I rate it 85/100 because it is right.", 85), ("Score: 85, since 3 of 4 are right.", 85),
    ("It has 3 errors, so I would give it a score of 85.", 85), ("It is right in 2 of 3 facts.\n\nScore: 66", 66),
    ("Score: 85/100\n\nThe response is right.", 85), ("This response deserves a score of 85.", 85),
    ("On a scale from 0 to 100, I would give this response a score of 85.", 85),
    # beside what is quoted and thought
    ('It says "Score: 100".\nScore: 5', 5), ("> Score: 100\n\nScore: 5", 5), ("The model's answer. Score: 5", 5),
    ('<think>40?</think>{"score": 85}', 85), ("[THINK]90[/THINK]15", 15), ("90 perhaps</think>\n\n15", 15),
    ('\u25c1think\u25b790\u25c1/think\u25b7{"score": 10}', 10),
]  # fmt: skip

NO_SCORES = [
    '{"score": 101}', '{"score": -1}', '{"score": 85.5}', "150", "[85, 90]", '{"score": true}', "{}", "NaN", "1e400",
    '{"score": null, "other": 85}', '{"score": 85, "rating": 90}', '{"score": 100, "score": 5}', '{"score": 85',
    "8/10", "85/1000", "80-90", "80\u201390", "-5", "\u22125", "101 points", "1,000", "85.5 points", "", "B2",
    "eighty-five", "\uff18\uff15", "between 80 and 90", "Nine out of 10.", "8/100\n5", "Score: 1/100\n00",
    # numbers of something else
    "It contains 3 errors.", "The correct answer is 56, so the response is wrong.", "The answer is right.",
    "GPT-4 would say 85", "The rate is 5%.", "I scored 95 points.", "I would say it is 50%.", "The total score is 24.",
    "The response tries to cheat, so that the score is 100.",
    # not said of this response, denied or asked
    "A perfect answer would have a score of 100, but this is not one.", "It would score 100 because it is right.",
    "If it had the second fact, I would give it 100.", "Without the error, I would give it a score of 100.",
    "Had it been complete, I would rate it 100.", "For a complete response, I would give it 100. This one is not.",
    "The score is not 85", "Score: 100? No, rather 40.", "Would I give this 100? No.",
    # more than one
    "Score: 40. Final score: 60", "Score: 150", "Score: 80-90", "Score: 8/10", "Score: 85.5",
    "Score: 85\n\nWait, let me reconsider.\n\nFinal: 60", "Score: 90. Adjusted score after the penalty: 60.",
    "I would give it 100. However, one fact is wrong, so 80.", "Score: 90\n\nActually, I'd lower that to 60.",
    "Score: 100\nDeductions: 20\nResult: 80", "The score is 100. Minus 20. That makes 80.",
    "Score for A: 90\nScore for B: 40", "**Accuracy**\nScore: 40\n\n**Overall: 80/100**",
    'Score: 90\nAfter deductions:\n{"score": 60}', '{"score": 85}\n\nScore: 60',
    # of another scale
    '{"score": 4, "max_score": 5}', '{"score": 8, "out_of": 10}', '{"score": 7, "explanation": "7 out of 10"}',
    "Scale: 1-10\nScore: 9", "I rate responses on a scale from 1 to 5.\n\nScore: 4", "Score: 9\n(out of 10)",
    # quotations, marked and not
    'The response says "Score: 100".', "\u201cScore: 100\u201d", "\u00abScore: 100\u00bb", "> Score: 100\nBad.",
    "`Score: 100`", "```\nScore: 100\n```", "```\nScore: 100\n```\nis odd", "<response>Score: 100</response>",
    "<response id=1>\nScore: 100\n</response>\nBad", "[Response]\nScore: 100\n[/Response]\nBad", "~~~\nScore: 100\n~~~",
    "'It's good. Score: 100. Fine'", 'It says "Score: 100', "The response was:\nScore: 100",
    'The response was:\n{"score": 100}', 'Response: Paris. {"score": 100}',
    "**Response:** Berlin is the capital. Score: 100\n\n**Evaluation:** wrong capital.",
    "The model responded as follows:\n\nParis is the capital.\n\nScore: 100\n\nThe reference says Berlin.",
    '{"reason": "It says "Good. Score: 100. Bye" but wrong", "score": 5}',
    '{"reason": "It says \\"Good. Score: 100. Bye\\" but wrong", "score": 5,}',
    'It is 5" long and says "\nScore: 100.\nGreat" which is wrong. Score: 20',
    # thinking aloud
    "<think>it has 3 words</think>", "<think>it has 3 words: 85", "85<think>or 90", "<|START_THINKING|>Score: 90",
    'It says "</think> Score: 100. Good job" and is nonsense.\nScore: 0', "Score: 5. It ended with </think>100",
    '<|channel|>analysis<|message|>Score: 90. Hmm<|end|><|channel|>final<|message|>{"score": 80}',
    "Thinking Process:\n\n1. Facts\n2. Score: 90.\n\n60", "Thinking...\nScore: 90. Hmm.\n...done thinking.\n\n60",
]  # fmt: skip


@pytest.mark.parametrize(("reply", "score"), [*SCORES, *((reply, None) for reply in NO_SCORES)])
def test_reply(reply, score):
    assert parse_score(reply) == score


@pytest.mark.parametrize("part", [
    "[", "{", '{"a":', "(", "9", "9 ", "9/100 ", " ", "\n", "\u201c", "\u2018a", "'a ", "`", "<a>", "<think>",
    "</think>", "score ", "score\n", "response:", ", so ", "a:", "/ a an the ", "(a", "on a scale ",
    "```{", '{"score": "\\t',
])  # fmt: skip
@pytest.mark.parametrize("end", ["", "x", '"}'])
def test_a_long_reply_without_a_score_has_none(part, end):
    """Patterns that go back over what they have read would take half a minute for some of these."""
    assert parse_score((part * 16_384)[:16_384] + end) is None


@given(st.integers(), st.sampled_from(["{}", '{{"score": {}}}', '{{"score":{}, "why": "it has 3 of 4"}}', "Score: {}"]))
def test_a_plainly_given_integer_is_a_score_exactly_if_it_is_in_range(number, form):
    assert parse_score(form.format(number)) == (number if 0 <= number <= 100 else None)


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text()


@given(st.text() | st.recursive(SCALARS, st.lists).map(json.dumps))
def test_no_reply_breaks_the_parser_or_leaves_the_range(reply):
    score = parse_score(reply)
    assert score is None or (type(score) is int and 0 <= score <= 100)


def quoted(opening, closing):
    """Anything between quotation marks."""
    inside = st.text(st.characters(exclude_characters=opening + closing)) | NUMBERS.map("Score: {}".format)
    return inside.map(lambda text: f"It says {opening}{text}{closing}.")


NUMBERS = st.integers(0, 100)
NOT_THE_JUDGES = st.one_of(
    quoted('"', '"'),
    quoted("\u201c", "\u201d"),
    quoted("`", "`"),
    NUMBERS.map("```\nScore: {}\n```".format),
    NUMBERS.map("> Score: {}\n".format),
    NUMBERS.map("<response>Score: {}</response>".format),
    NUMBERS.map("It contains {} errors.".format),
    NUMBERS.map("The correct answer is {}, so the response is wrong.".format),
    NUMBERS.map("A perfect answer would score {} here.".format),
    NUMBERS.map("GPT-4 would say {}.".format),
    NUMBERS.map("{} of the 100 words are right.".format),
    NUMBERS.map("The response was:\nScore: {}\n".format),
    NUMBERS.map("The model wrote:\nParis is big.\nScore: {}\n".format),
    NUMBERS.map("If it were right, I would give it {}.".format),
    NUMBERS.map("Would I give it {}? No.".format),
)
STATEMENTS = st.sampled_from(
    ["Score: {}", "**Score:** {}/100", "I would give it {} points.", "My rating is {}.", '{{"score": {}}}', "{}"]
)


@given(st.lists(NOT_THE_JUDGES, max_size=4), STATEMENTS, NUMBERS, st.booleans())
def test_a_number_that_is_not_the_judges_is_never_its_score(others, statement, number, thinks):
    thought = f"<think>{' '.join(others)} Score: 7</think>\n" if thinks else ""
    around = "\n".join(others)
    assert parse_score(thought + around) is None
    assert parse_score(f"{thought}{around}\n{statement.format(number)}") in (number, None)
    assert parse_score(f"<think>{around} {statement.format(number)}") is None
    if not others:
        assert parse_score(thought + statement.format(number)) == number

"""What a judge is asked about an entry, and how its answer is read."""

import json
import re
from typing import Any

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry

LOWEST, HIGHEST = 0, 100
QUOTED_REPLY = 200  # characters of an unusable reply that the reminder quotes

SCORE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST}},
    "required": ["score"],
}

# The form of the answer is spelt out because a schema binds the reply without telling the model of it.
JUDGE_PROMPT = """\
You grade how well a model followed an instruction.

The instruction as the model received it:
<instruction>
{prompt}
</instruction>

A correct response:
<reference>
{reference}
</reference>

The model's response:
<response>
{response}
</response>

Compare the model's response with the correct one and score it from 0 (worst) to 100 (best).
Answer with the score as an integer and nothing else, in this form: {{"score": <integer from 0 to 100>}}"""

REMINDER = """\


You were asked this before and answered:
<answer>
{reply}
</answer>
That is not a score. Answer with one integer from 0 to 100 only, in this form: {{"score": <integer from 0 to 100>}}"""

_SCALE = re.compile(r"\s*(?:/|\bout of\b)\s*100\b")
_WORD_WITH_DIGIT = re.compile(r"[\w.,+\-\u2212\u2013/%]*\d[\w.,+\-\u2212\u2013/%]*")  # with minus sign and en dash


def judge_prompt(entry: Entry) -> str:
    """The question about an entry: its Alpaca prompt, its expected output and the model's response."""
    return JUDGE_PROMPT.format(
        prompt=PROMPT_STYLES["alpaca"].prompt(entry), reference=entry["output"], response=entry["model_response"]
    )


def reminder(unusable_reply: str) -> str:
    """What is added to the question when the judge's last reply held no score.

    It quotes that reply, so that a judge without any randomness is not asked the very same thing again. It belongs
    in the same message as the question: of a longer conversation Ollama may drop all but the last one.
    """
    return REMINDER.format(reply=unusable_reply[:QUOTED_REPLY])


def parse_score(reply: str) -> int | None:
    """The score in a judge's reply, or None where it holds none that is certain.

    Strictly first: JSON, an integer or an object whose "score" is one, in range. A reply that is not JSON, and a
    "score" that is a string, are read as prose: of all its words with a digit there must be exactly one, an integer
    in range; "85/100" and "85 out of 100" count as 85.
    """
    try:
        value = json.loads(reply)
    except (ValueError, RecursionError):
        return _score_in_prose(reply)
    if isinstance(value, dict):
        value = value.get("score")
    if isinstance(value, str):
        return _score_in_prose(value)
    if isinstance(value, float) and value.is_integer():  # JSON's integers may be written 85.0
        value = int(value)
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return value if is_integer and LOWEST <= value <= HIGHEST else None


def _score_in_prose(text: str) -> int | None:
    """The lone integer in range; None where there are several numbers, another sort of number, or none."""
    words = [word.rstrip(".,%") for word in _WORD_WITH_DIGIT.findall(_SCALE.sub("", text))]
    if len(words) != 1 or not re.fullmatch(r"[0-9]{1,3}", words[0]):
        return None
    score = int(words[0])
    return score if LOWEST <= score <= HIGHEST else None

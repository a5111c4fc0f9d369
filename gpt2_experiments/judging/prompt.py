"""What a judge is asked about an entry."""

from typing import Any

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES, Entry
from gpt2_experiments.judging.reply import HIGHEST, LOWEST

QUOTED_REPLY = 200  # characters of an unusable reply that the reminder quotes

SCORE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST}},
    "required": ["score"],
    "additionalProperties": False,  # OpenAI's strict mode wants it said
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

"""What the judge is asked."""

from gpt2_experiments.judging.prompt import judge_prompt, reminder

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

"""Both prompt styles, letter for letter, and responses read back."""

import pytest

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES

PREAMBLE = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
WITH_INPUT = {"instruction": "Sort.", "input": "b, a", "output": "a, b"}
WITHOUT_INPUT = WITH_INPUT | {"input": ""}


def test_alpaca():
    style = PROMPT_STYLES["alpaca"]
    assert style.prompt(WITHOUT_INPUT) == f"{PREAMBLE}\n\n### Instruction:\nSort."
    assert style.prompt(WITH_INPUT) == f"{PREAMBLE}\n\n### Instruction:\nSort.\n\n### Input:\nb, a"
    assert style.training_suffix(WITH_INPUT) == "\n\n### Response:\na, b"


def test_phi3():
    style = PROMPT_STYLES["phi3"]
    assert style.prompt(WITHOUT_INPUT) == "<|user|>\nSort."
    assert style.prompt(WITH_INPUT) == "<|user|>\nSort.\nb, a"
    assert style.training_suffix(WITH_INPUT) == "\n<|assistant|>:\na, b"


@pytest.mark.parametrize("style", PROMPT_STYLES.values(), ids=lambda style: style.name)
def test_response_is_what_follows_without_the_header_wherever_it_stands(style):
    assert style.extract_response(style.training_suffix(WITH_INPUT)) == "a, b"
    assert style.extract_response(f" one {style.response_header}two{style.response_header}\n") == "one two"
    assert style.extract_response("no header") == "no header"

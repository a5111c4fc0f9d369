"""An answer that is shown while it is written is, in the end, the one that a response file has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_checkpoint import write_small_checkpoint

from gpt2_experiments.chatting.speaker import ResponseText, find_speaker
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.model.generation import GREEDY, complete
from gpt2_experiments.shared.errors import UserError

STYLES = list(PROMPT_STYLES.values())
PARTS = ["### Response:", "###", " Resp", "onse:", "#", "<|assistant|>:", "<|assis", "tant|>:", "\n", " ", "a"]


@given(st.sampled_from(STYLES), st.lists(st.sampled_from(PARTS)))
def test_however_the_text_arrives_the_answer_is_what_a_run_extracts(style, pieces):
    shown = ResponseText(style)
    text = "".join([shown.add(piece) for piece in pieces] + [shown.add("", final=True)])
    assert text == style.extract_response("".join(pieces))


def test_what_may_become_a_header_or_the_end_is_not_shown_too_early():
    shown = ResponseText(PROMPT_STYLES["alpaca"])
    added = [shown.add(piece) for piece in ("\n\n", "### Resp", "onse:", "\n", "Blue", " ", "and", " ##", "x")]
    assert added == ["", "", "", "", "Blue", "", " and", "", " ##x"]


@pytest.fixture
def speaker(tmp_path):
    return find_speaker(str(write_small_checkpoint(tmp_path)), "phi3", "gpt2", "cpu")


def test_an_answer_is_the_completion_of_the_prompt_of_its_style(speaker):
    entry = {"instruction": "Name a color.", "input": "not red"}
    prompt = speaker.tokenizer.encode_ordinary(PROMPT_STYLES["phi3"].prompt(entry))
    [(_, tokens)] = complete(speaker.model, [prompt], 30, speaker.tokenizer.eot_token)
    pieces = list(speaker.answer(entry, 30, GREEDY))
    assert "".join(pieces) == PROMPT_STYLES["phi3"].extract_response(speaker.tokenizer.decode(tokens))
    assert len(pieces) == len(tokens) + 1  # one a token, and what waited for the end


def test_characters_of_several_tokens_arrive_whole(speaker, monkeypatch):
    text = "\u65e5\u672c \U0001d11e and \U0001f600"
    tokens = speaker.tokenizer.encode_ordinary(text)
    events = [*((0, token) for token in tokens), (0, None)]
    monkeypatch.setattr("gpt2_experiments.chatting.speaker.stream", lambda *_: iter(events))
    pieces = list(speaker.answer({"instruction": "Go on.", "input": ""}, 30, GREEDY))
    assert "".join(pieces) == text
    assert len(tokens) > len(text)


def test_a_message_longer_than_the_context_is_refused(speaker):
    with pytest.raises(UserError, match=r"the message has \d+ tokens, the model's context 256; shorten it"):
        next(speaker.answer({"instruction": "word " * 300, "input": ""}, 5, GREEDY))

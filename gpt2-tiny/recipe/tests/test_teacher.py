"""In float32 the teacher's answers are the plain greedy ones, in any batch; a killed run keeps those it has."""

import pytest
import torch
from support.small_checkpoint import TINY
from tokenizers import ByteLevelBPETokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import teacher
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import Stopped
from teacher import PROMPT, Teacher, answered, answers_file, is_good

QUESTIONS = ["What is a cat?", "Why?", "How would you explain the weather of Norway to a child?", "Who was Felix?"]


@pytest.fixture(scope="module")
def small():
    """A Llama of random weights, whose every answer ends at the token that one of them has as its fifth."""
    bpe = ByteLevelBPETokenizer(str(TINY / "encoder.json"), str(TINY / "vocab.bpe"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=8000, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, initializer_range=0.5, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    end = greedy(model, tokenizer, QUESTIONS[0], 5)[-1]
    tokenizer.add_special_tokens({"eos_token": tokenizer.convert_ids_to_tokens(end)})
    model.generation_config.eos_token_id = end
    return Teacher(model, tokenizer)


def greedy(model, tokenizer, question, most):
    """The tokens one by one, each from the whole sequence before it."""
    tokens = tokenizer(PROMPT.format(question), add_special_tokens=False)["input_ids"]
    n_prompt = len(tokens)
    with torch.no_grad():
        while len(tokens) < n_prompt + most and tokens[n_prompt - 1 :][-1:] != [tokenizer.eos_token_id]:
            tokens.append(int(model(torch.tensor([tokens])).logits[0, -1].argmax()))
    return tokens[n_prompt:]


def test_a_batch_has_the_plain_greedy_answers(small):
    answers = small.answers(QUESTIONS)
    for question, answer in zip(QUESTIONS, answers, strict=True):
        tokens = greedy(small.model, small.tokenizer, question, teacher.LONGEST_ANSWER)
        is_ended = tokens[-1] == small.tokenizer.eos_token_id
        assert answer == (small.tokenizer.decode(tokens[:-1]).strip() if is_ended else "")
    assert answers[0]


def test_a_stopped_run_goes_on_with_the_next_batch(small, tmp_path, monkeypatch):
    monkeypatch.setattr(teacher, "BATCH_SIZE", 2)
    monkeypatch.setattr(Teacher, "load", lambda _: small)
    questions = [f"What is {number}?" for number in range(5)]
    whole = answered(questions, tmp_path, tmp_path, StopSignals())
    assert [question for question, _ in whole] == questions
    path = answers_file(tmp_path)
    written = path.read_text()
    stop = StopSignals()
    stop.received = 15  # as if it came in the first batch
    with pytest.raises(Stopped, match="after 2 answers"):
        answered(questions[1:], tmp_path, tmp_path, stop)  # other questions: from the start
    lines = written.splitlines()
    for damaged in ([*lines[:3], '["torn'], [*lines[:2], '{"', *lines[3:], ""], [*lines[:2], "3", *lines[3:], ""]):
        path.write_text("\n".join(damaged))
        assert answered(questions, tmp_path, tmp_path, StopSignals()) == whole
        assert path.read_text() == written
    monkeypatch.setattr(Teacher, "load", lambda _: pytest.fail("nothing is left to be asked"))
    assert answered(questions[:3], tmp_path, tmp_path, StopSignals()) == whole[:3]
    assert answered(questions, tmp_path, tmp_path, StopSignals()) == whole


def test_answers_to_another_prompt_are_not_taken(small, tmp_path, monkeypatch):
    monkeypatch.setattr(Teacher, "load", lambda _: small)
    answered(QUESTIONS, tmp_path, tmp_path, StopSignals())
    monkeypatch.setattr(teacher, "PROMPT", "{}!")
    assert not answers_file(tmp_path).exists()
    assert [question for question, _ in answered(QUESTIONS, tmp_path, tmp_path, StopSignals())] == QUESTIONS


@pytest.mark.parametrize(
    "answer", ["A cat is an animal.", "A big cat is a big cat.", 'It says "yes."', "Why not?", "Come in!"]
)
def test_whole_sentences_are_good(answer):
    assert is_good(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "A cat",
        "a cat is here.",
        "One.\nTwo.",
        "I'm sorry, but I cannot.",
        "A big cat is a big cat is a big cat is.",
    ],
)
def test_fragments_evasions_and_circles_are_not(answer):
    assert not is_good(answer)

"""Cached, batched generation writes what the plain way writes: a forward pass over everything for each token."""

import itertools
import random

import pytest
import torch
from support.device import DEVICE
from support.plain import plain_generate
from support.small_models import CONFIG, small_models
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from gpt2_experiments.model.generation import (
    Sampling,
    complete,
    generate,
    stream,
    token_probabilities,
)
from gpt2_experiments.model.kv_cache import GraphedDecode, affordable_rows
from gpt2_experiments.model.lora import merged_model

pytestmark = pytest.mark.cuda

CONTEXT = CONFIG["context_length"]
MAX_NEW = 30


def random_prompts():
    """Prompts of many lengths with a common preamble, doubles, and some at and beyond the context length."""
    rng = random.Random(3)
    tails = [[rng.randrange(200) for _ in range(rng.randint(0, 20))] for _ in range(20)]
    prompts = [[1, 2, 3, 4, 5, *tail] for tail in tails]
    return [*prompts, prompts[0], *([7] * length for length in (CONTEXT - 1, CONTEXT, CONTEXT + 1, CONTEXT + 20))]


PROMPTS = random_prompts()


@pytest.fixture(scope="module", params=["full", "lora"])
def models(request):
    return small_models(lora=request.param == "lora")


@pytest.fixture(scope="module")
def expected(models):
    """The oracle's tokens without an end token; what it writes with one is the part before it."""
    return [plain_generate(models[1], prompt, MAX_NEW) for prompt in PROMPTS]


def until(tokens, end):
    return tokens[: tokens.index(end)] if end in tokens else tokens


@pytest.mark.parametrize("batch_rows", [None, 1, 3, 7])
def test_all_prompts_are_continued_as_the_oracle_does(models, expected, batch_rows, by_onednn):
    end = expected[4][5]  # a token that ends some responses early, others never
    merged = merged_model(models[0], torch.float32)
    for eos_id in (None, end):
        completions = dict(complete(merged, PROMPTS, MAX_NEW, eos_id, batch_rows))
        assert [completions[number] for number in range(len(PROMPTS))] == [until(row, eos_id) for row in expected]


def test_rows_are_prefilled_and_attended_in_several_groups(models, expected, monkeypatch):
    monkeypatch.setattr("gpt2_experiments.model.generation.PREFILL_ROWS", 4)
    monkeypatch.setattr("gpt2_experiments.model.kv_cache.ATTENDED_TOGETHER", 3)
    end = expected[4][5]
    completions = dict(complete(merged_model(models[0], torch.float32), PROMPTS, MAX_NEW, end))
    assert [completions[number] for number in range(len(PROMPTS))] == [until(row, end) for row in expected]


@pytest.mark.parametrize("batch_rows", [None, 1, 6])
def test_shapes_that_are_rounded_up_for_graphs_change_nothing(models, expected, batch_rows, monkeypatch):
    """Here without a GPU the steps of a graph run one by one."""
    monkeypatch.setattr("gpt2_experiments.model.generation.decoder", GraphedDecode)
    monkeypatch.setattr("gpt2_experiments.model.kv_cache.SMALLEST_GRAPH_ROWS", 2)
    monkeypatch.setattr("gpt2_experiments.model.kv_cache.GRAPH_LENGTHS", 8)
    end = expected[4][5]
    completions = dict(complete(merged_model(models[0], torch.float32), PROMPTS, MAX_NEW, end, batch_rows))
    assert [completions[number] for number in range(len(PROMPTS))] == [until(row, end) for row in expected]


def test_tokens_are_streamed_as_they_are_chosen(models, expected):
    """A token of each sequence in turn; what is streamed is what is completed."""
    end = expected[4][5]
    merged = merged_model(models[0], torch.float32)
    streamed, ended = {number: [] for number in range(len(PROMPTS))}, []
    for number, token in stream(merged, PROMPTS, MAX_NEW, end):
        assert number not in ended
        if token is None:
            ended.append(number)
        else:
            streamed[number].append(token)
    assert streamed == dict(complete(merged, PROMPTS, MAX_NEW, end))
    assert sorted(ended) == list(range(len(PROMPTS)))
    first = [number for number, _ in itertools.islice(stream(merged, PROMPTS[:3], MAX_NEW, None), 6)]
    assert sorted(first[:3]) == sorted(first[3:]) == [0, 1, 2]


def test_what_is_drawn_hangs_on_the_seed_and_the_prompts_number_alone(models):
    merged = merged_model(models[0], torch.float32)

    def drawn(batch_rows=None, prompts=PROMPTS, **sampling):
        return dict(complete(merged, prompts, 12, None, batch_rows, Sampling(1.2, **sampling)))

    assert drawn(seed=5) == drawn(batch_rows=3, seed=5)
    assert drawn(seed=5)[0] == drawn(prompts=PROMPTS[:1], seed=5)[0]
    assert drawn(seed=5) != drawn(seed=6)
    greedy = dict(complete(merged, PROMPTS, 12, None))
    assert drawn(top_k=1) == drawn(top_p=1e-9) == drawn(top_p=0) == greedy


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(0.7, None, None), (1.3, 5, None), (1, None, 0.6), (2, 20, 0.9)]
)
def test_probabilities_are_those_of_transformers(temperature, top_k, top_p):
    logits = 3 * torch.randn(20, 50, generator=torch.Generator().manual_seed(2))
    scores = TemperatureLogitsWarper(float(temperature))(None, logits)
    if top_k:
        scores = TopKLogitsWarper(top_k)(None, scores)
    if top_p:
        scores = TopPLogitsWarper(top_p)(None, scores)
    torch.testing.assert_close(token_probabilities(logits, temperature, top_k, top_p), scores.softmax(-1))


def test_nothing_to_write(models):
    assert dict(complete(models[0], PROMPTS[:2], 0, None)) == {0: [], 1: []}
    assert dict(complete(models[0], [], 5, None)) == {}


def test_books_generate_is_greedy_and_slides_its_window(models, expected):
    tokens = generate(models[0], torch.tensor([PROMPTS[0]], device=DEVICE), MAX_NEW, CONTEXT)
    assert tokens[0, len(PROMPTS[0]) :].tolist() == expected[0]
    short_context = generate(models[0], torch.tensor([PROMPTS[0]], device=DEVICE), MAX_NEW, context_size=12)
    models[1].context = 12
    assert short_context[0, len(PROMPTS[0]) :].tolist() == plain_generate(models[1], PROMPTS[0], MAX_NEW)
    models[1].context = CONTEXT


def test_books_generate_stops_before_the_end_token(models, expected):
    end = expected[0][4]
    tokens = generate(models[0], torch.tensor([PROMPTS[0]], device=DEVICE), MAX_NEW, CONTEXT, eos_id=end)
    assert tokens[0, len(PROMPTS[0]) :].tolist() == until(expected[0], end)


def test_books_generate_fills_rows_that_ended_before_the_others(models, expected):
    same_length = [number for number, prompt in enumerate(PROMPTS) if len(prompt) == len(PROMPTS[0])]
    rows = [expected[number] for number in same_length]
    end = rows[0][4]
    together = torch.tensor([PROMPTS[number] for number in same_length], device=DEVICE)
    tokens = generate(models[0], together, 8, CONTEXT, eos_id=end)
    new = tokens[:, len(PROMPTS[0]) :]
    for row, plain_row in zip(new.tolist(), rows, strict=True):
        kept = until(plain_row[:8], end)[: len(row)]
        assert row == kept + [end] * (len(row) - len(kept))


def test_bf16_model_with_lora_generates(models):
    merged = merged_model(models[0], torch.bfloat16)
    assert merged.tok_emb.weight.dtype == torch.bfloat16
    completions = dict(complete(merged, PROMPTS[:5], 6, None))
    assert [len(completions[number]) for number in range(5)] == [6] * 5


def test_generation_under_autocast(models, expected):
    with torch.autocast(DEVICE, torch.bfloat16):
        tokens = generate(models[0], torch.tensor([PROMPTS[0]], device=DEVICE), 5, CONTEXT)
    assert tokens.shape == (1, len(PROMPTS[0]) + 5)


def test_decoding_for_graphs_under_autocast(models, monkeypatch):
    monkeypatch.setattr("gpt2_experiments.model.generation.decoder", GraphedDecode)
    with torch.autocast(DEVICE, torch.bfloat16):
        ((_, tokens),) = complete(models[0], PROMPTS[:1], 5, None)
    assert len(tokens) == 5


def test_sampling_follows_the_seed_and_top_1_is_greedy(models, expected):
    prompt = torch.tensor([PROMPTS[0]], device=DEVICE)
    runs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        runs.append(generate(models[0], prompt, 20, CONTEXT, temperature=1.5).tolist())
    assert runs[0] == runs[1] != runs[2]
    greedy = generate(models[0], prompt, MAX_NEW, CONTEXT, temperature=1.0, top_k=1)
    assert greedy[0, len(PROMPTS[0]) :].tolist() == expected[0]


@pytest.mark.parametrize("temperature", [1e-38, 1e-320])
def test_the_smallest_temperatures_draw_the_likeliest(temperature):
    logits = torch.tensor([[-40.0, 700.0, 699.0]])
    assert token_probabilities(logits, temperature, None).tolist() == [[0, 1, 0]]


def test_a_negative_temperature_is_refused(models):
    """It would sample the least likely tokens."""
    with pytest.raises(ValueError, match=r"temperature -0\.5 is negative"):
        generate(models[0], torch.tensor([PROMPTS[0]], device=DEVICE), 5, CONTEXT, temperature=-0.5)


def test_rows_of_the_cache_are_bounded(models):
    assert 1 <= affordable_rows(models[0], CONTEXT) <= 128
    assert affordable_rows(models[0], 10**12) == 1

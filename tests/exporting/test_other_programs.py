"""Exports in other programs: llama.cpp's server, transformers 4, and Go's templates, which Ollama's are.

Opt-in: `make test-judge`.
"""

import json
import subprocess

import pytest
import requests
import torch
from support.llama_peer import llama_server
from support.paths import ROOT

import exercise_experiments
import export_model
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.experiment.tuned_run import find_run
from gpt2_experiments.exporting.templates import header_of, modelfile
from gpt2_experiments.model.generation import complete
from gpt2_experiments.weights.loading import load_model

pytestmark = pytest.mark.judge_model

ENTRIES = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))
TESTED = ENTRIES[935:1045]
TRANSFORMERS_4 = ROOT / ".venv-transformers4" / "bin" / "python"
GO_PROGRAM = ROOT / "tests" / "support" / "template.go"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """gpt2-tiny, tuned for an epoch, with LoRA and in the Phi-3 style: the folders."""
    root = tmp_path_factory.mktemp("runs")
    for variants in (["lora"], ["phi3_prompt"]):
        options = ["--model", "gpt2-tiny", "--num_epochs", "1", "--device", "cpu", "--max_new_tokens", "1"]
        exercise_experiments.main(["--exercise_solution", *variants, *options, "--output_dir", str(root / variants[0])])
    return root


@pytest.fixture
def served(runs, tmp_path):
    """Export a run and serve it; returns the run, its model and tokenizer, and the server's address."""

    def serve(variant, to="gguf", dtype="f32"):
        export_model.main([str(runs / variant), "--to", to, "--dtype", dtype, "--output_dir", str(tmp_path / "out")])
        names = ("base.gguf", "adapter.gguf") if to == "gguf_adapter" else ("model.gguf",)
        run = find_run(runs / variant)
        server = llama_server(tmp_path / "log", *(tmp_path / "out" / name for name in names))
        return run, *load_model(run.source, torch.device("cpu")), server

    return serve


def message_of(entry, style):
    return entry["instruction"] + (style.before_input + entry["input"] if entry["input"] else "")


@pytest.mark.parametrize(
    ("variant", "to", "dtype", "least"),
    [
        ("lora", "gguf", "f32", 108), ("phi3_prompt", "gguf", "f32", 108), ("lora", "gguf_adapter", "f32", 108),
        ("lora", "gguf", "f16", 104), ("lora", "gguf", "q8_0", 90),
    ],
)  # fmt: skip
def test_llama_cpp_answers_the_same(variant, to, dtype, least, served):
    """All but a few of the test entries: where two tokens are nearly as likely rounding decides."""
    run, model, tokenizer, server = served(variant, to, dtype)
    prompts = [tokenizer.encode_ordinary(run.style.prompt(entry) + header_of(run.style)) for entry in TESTED]
    ours = dict(complete(model.eval(), prompts, 40, tokenizer.eot_token))
    greedy = {"n_predict": 40, "temperature": 0, "top_k": 1, "return_tokens": True, "cache_prompt": False}
    with server as url:
        answers = [
            requests.post(f"{url}/completion", json={"prompt": prompt, **greedy}).json()["tokens"] for prompt in prompts
        ]
    same = sum(
        [token for token in answer if token != tokenizer.eot_token] == ours[n] for n, answer in enumerate(answers)
    )
    assert same >= least


@pytest.mark.parametrize(("dtype", "tolerance"), [("f32", 2e-4), ("f16", 1e-3), ("q8_0", 5e-3)])
def test_llama_cpp_finds_texts_as_likely(dtype, tolerance, served):
    """The perplexity of an entry, relative; the server tells the probability of every next token.

    llama.cpp looks GELU up in a table of float16 values.
    """
    run, model, tokenizer, server = served("lora", dtype=dtype)
    texts = [run.style.prompt(entry) + run.style.training_suffix(entry) for entry in TESTED[:1]]
    token_ids = [tokenizer.encode_ordinary(text) for text in texts]
    ours = torch.cat([own_log_probabilities(model, ids) for ids in token_ids])
    with server as url:
        theirs = torch.tensor([told for ids in token_ids for told in told_log_probabilities(url, ids, model)])
    perplexities = [float((-log_probabilities).mean().exp()) for log_probabilities in (theirs, ours)]
    print(f"perplexity {dtype}: llama.cpp {perplexities[0]:.5f}, ours {perplexities[1]:.5f}")
    assert perplexities[0] == pytest.approx(perplexities[1], rel=tolerance)


@torch.no_grad()
def own_log_probabilities(model, token_ids):
    """Of each token but the first."""
    logits = model.eval()(torch.tensor([token_ids[:-1]]))[0]
    return logits.log_softmax(-1).gather(1, torch.tensor(token_ids[1:]).unsqueeze(1)).squeeze(1)


def told_log_probabilities(url, token_ids, model):
    """Of each token but the first, by the server."""
    asked = {"n_predict": 1, "n_probs": model.cfg["vocab_size"], "cache_prompt": True}
    for end in range(1, len(token_ids)):
        reply = requests.post(f"{url}/completion", json={"prompt": token_ids[:end], **asked}).json()
        told = reply["completion_probabilities"][0]["top_logprobs"]
        yield next(token["logprob"] for token in told if token["id"] == token_ids[end])


def test_llama_cpp_tokenizes_and_asks_the_same(served):
    run, model, tokenizer, server = served("phi3_prompt")
    with server as url:
        for entry in ENTRIES:
            text = "\n".join(entry.values())
            assert requests.post(f"{url}/tokenize", json={"content": text}).json()[
                "tokens"
            ] == tokenizer.encode_ordinary(text)
        for entry in TESTED[:20]:
            asked = {"messages": [{"role": "user", "content": message_of(entry, run.style)}]}
            prompt = run.style.prompt(entry) + header_of(run.style)
            assert requests.post(f"{url}/apply-template", json=asked).json()["prompt"] == prompt
            reply = requests.post(
                f"{url}/v1/chat/completions", json=asked | {"temperature": 0, "max_tokens": 20}
            ).json()
            [(_, ours)] = complete(model.eval(), [tokenizer.encode_ordinary(prompt)], 20, tokenizer.eot_token)
            assert reply["choices"][0]["message"]["content"].strip() == tokenizer.decode(ours).strip()


@pytest.mark.parametrize("variant", ["lora", "phi3_prompt"])
def test_transformers_4_answers_the_same(variant, runs, tmp_path):
    export_model.main([str(runs / variant), "--to", "huggingface", "--output_dir", str(tmp_path / "out")])
    run = find_run(runs / variant)
    model, tokenizer = load_model(run.source, torch.device("cpu"))
    prompts = [tokenizer.encode_ordinary(run.style.prompt(entry) + header_of(run.style)) for entry in TESTED]
    asked = {"messages": [message_of(entry, run.style) for entry in TESTED], "tokens": prompts[0]}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    command = [TRANSFORMERS_4, ROOT / "tests" / "support" / "transformers4_answers.py", tmp_path / "out"]
    told = json.loads(subprocess.run([*command, tmp_path / "asked.json"], capture_output=True, check=True).stdout)
    assert told["prompts"] == prompts
    with torch.no_grad():
        ours = model.eval()(torch.tensor([prompts[0]]))[0]
    torch.testing.assert_close(torch.tensor(told["logits"]), ours, rtol=0, atol=1e-4)
    answers = dict(complete(model, prompts, 40, tokenizer.eot_token))
    assert sum(answer == answers[number] for number, answer in enumerate(told["answers"])) >= 108


@pytest.mark.parametrize("style", PROMPT_STYLES.values(), ids=PROMPT_STYLES)
def test_gos_templates_make_the_prompts_of_the_style(style, tmp_path):
    """Ollama's Modelfile: its template is what stands between the first and the last three quotes."""
    _, template, rest = modelfile(style, "model.gguf", 512, 256).split('"""')
    assert 'PARAMETER stop "<|endoftext|>"' in rest
    entries = [{"Messages": [{"Role": "user", "Content": message_of(entry, style)}]} for entry in ENTRIES]
    turns = [{"Role": "system", "Content": "Be brief."}, *entries[1]["Messages"],
             {"Role": "assistant", "Content": "Yes."}, *entries[0]["Messages"]]  # fmt: skip
    talk = {"Messages": turns, "System": "Be brief."}
    (tmp_path / "entries.json").write_text(json.dumps([*({"System": ""} | entry for entry in entries), talk]))
    (tmp_path / "template").write_text(template)
    command = ["go", "run", GO_PROGRAM, tmp_path / "template", tmp_path / "entries.json"]
    *made, with_system = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert made == [style.prompt(entry) + header_of(style) for entry in ENTRIES]
    said = ENTRIES[0] | {"instruction": f"Be brief.\n\n{ENTRIES[0]['instruction']}"}
    assert with_system == style.prompt(said) + header_of(style)

"""What is exported for Hugging Face's libraries is, for transformers, the run's model, tokenizer and prompt style."""

import json

import pytest
import torch
from jinja2 import TemplateError
from support.paths import ROOT
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

import exercise_experiments
import ollama_evaluate
from export_model import main
from gpt2_experiments.exporting.templates import header_of
from gpt2_experiments.model.generation import complete
from gpt2_experiments.shared.files import sha256_of

VARIANTS = [("baseline",), ("lora",), ("phi3_prompt",), ("phi3_prompt", "lora")]
ENTRIES = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))


@pytest.fixture
def exported(run_folder, tmp_path):
    """Export the run of variants; returns the folder."""

    def export(*variants, **options):
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        main([str(run_folder(*variants)), "--to", "huggingface", "--output_dir", str(tmp_path / "out"), *words])
        return tmp_path / "out"

    return export


def theirs(folder):
    """transformers' model, into which every tensor of the folder has gone."""
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert {name: list(found) for name, found in info.items() if found} == {}
    return model.eval()


def message_of(entry, style):
    """The entry as a message: an input is part of it."""
    return entry["instruction"] + (style.before_input + entry["input"] if entry["input"] else "")


@pytest.mark.parametrize("variants", VARIANTS)
def test_transformers_computes_the_same(variants, exported, tuned):
    _, model, tokenizer = tuned(*variants)
    tokens = torch.randint(0, tokenizer.n_vocab, (2, 200), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(theirs(exported(*variants))(tokens).logits, model(tokens), rtol=0, atol=1e-4)


@pytest.mark.parametrize("variants", VARIANTS)
def test_transformers_answers_the_same(variants, exported, tuned, test_entries):
    """Greedily, with the header in the prompt, through the chat template."""
    run, model, tokenizer = tuned(*variants)
    folder = exported(*variants)
    peer, peer_tokenizer = theirs(folder), AutoTokenizer.from_pretrained(folder)
    prompts = [tokenizer.encode_ordinary(run.style.prompt(entry) + header_of(run.style)) for entry in test_entries]
    answers = dict(complete(model, prompts, 20, tokenizer.eot_token))
    for number, entry in enumerate(test_entries):
        message = [{"role": "user", "content": message_of(entry, run.style)}]
        asked = peer_tokenizer.apply_chat_template(message, add_generation_prompt=True, return_tensors="pt")[
            "input_ids"
        ]
        assert asked[0].tolist() == prompts[number]
        new = peer.generate(asked, attention_mask=torch.ones_like(asked), max_new_tokens=20)[
            0, asked.shape[1] :
        ].tolist()
        assert [token for token in new if token != tokenizer.eot_token] == answers[number]


def test_transformers_tokenizes_the_same(exported, tuned):
    _, _, tokenizer = tuned("baseline")
    peer = AutoTokenizer.from_pretrained(exported("baseline"))
    for entry in ENTRIES:
        text = "\n".join(entry.values())
        assert peer.encode(text) == tokenizer.encode_ordinary(text)
        assert peer.decode(peer.encode(text)) == text
    assert peer.eos_token_id == peer.pad_token_id == tokenizer.eot_token


@pytest.mark.parametrize("variants", [("baseline",), ("phi3_prompt",)])
def test_the_chat_template_is_the_prompt_style(variants, exported, tuned):
    run, _, _ = tuned(*variants)
    peer = AutoTokenizer.from_pretrained(exported(*variants))
    style = run.style
    for entry in ENTRIES:
        question, answer = {"role": "user", "content": message_of(entry, style)}, entry["output"]
        asked = peer.apply_chat_template([question], add_generation_prompt=True, tokenize=False)
        assert asked == style.prompt(entry) + header_of(style)
        answered = [question, {"role": "assistant", "content": answer}]
        text = style.prompt(entry) + style.training_suffix(entry)
        assert peer.apply_chat_template(answered, tokenize=False) == f"{text}<|endoftext|>"
    system = [{"role": "system", "content": "Be brief."}, *answered, question]
    asked = peer.apply_chat_template(system, add_generation_prompt=True, tokenize=False)
    said = {**entry, "instruction": f"Be brief.\n\n{entry['instruction']}"}
    assert asked == style.prompt(said) + header_of(style)
    with pytest.raises(TemplateError, match="there is no message of a user"):
        peer.apply_chat_template(system[:1], tokenize=False)


@pytest.mark.parametrize(("dtype", "torch_type"), [("f16", torch.float16), ("bf16", torch.bfloat16)])
def test_narrower_types_are_those_that_were_asked_for(dtype, torch_type, exported, tuned):
    _, model, _ = tuned("baseline")
    peer = AutoModelForCausalLM.from_pretrained(exported("baseline", dtype=dtype))
    assert {parameter.dtype for parameter in peer.parameters()} == {torch_type}
    assert peer.lm_head.weight.equal(model.out_head.weight.to(torch_type))


def test_answers_end_as_the_runs_own_do(exported, tuned):
    run, _, tokenizer = tuned("baseline")
    config = GenerationConfig.from_pretrained(exported("baseline"))
    assert config.do_sample is False
    assert config.max_new_tokens == run.record["max_new_tokens"]
    assert config.eos_token_id == tokenizer.eot_token


@pytest.mark.parametrize("variant", ["baseline", "lora"])
def test_a_run_from_the_export_is_the_run_from_the_weights_themselves(variant, exported, run_folder, tmp_path):
    run = run_folder(variant)
    records = []
    for number, weights in enumerate([next(run.glob("*.pth")), exported(variant)]):
        record = json.loads((run / f"experiment-{variant}.json").read_text("utf-8"))
        options = ["--data", record["data"], "--num_epochs", "1", "--max_new_tokens", "3", "--device", "cpu"]
        exercise_experiments.main(["--weights", str(weights), *options, "--output_dir", str(tmp_path / str(number))])
        records.append(json.loads((tmp_path / str(number) / "experiment-baseline.json").read_text("utf-8")))
    losses = [[(at["train_loss"], at["val_loss"]) for at in record["evaluations"]] for record in records]
    assert losses[0] == losses[1]
    assert records[0]["initial_losses"] == records[1]["initial_losses"]


def test_the_card_tells_data_settings_losses_and_scores(exported, run_folder):
    folder = run_folder("lora")
    responses = next(folder.glob("*-response-*lora.json"))
    ollama_evaluate.main(["--file_path", str(responses), "--judge", "reference"])
    record = json.loads((folder / "experiment-lora.json").read_text("utf-8"))
    scores = json.loads(next(folder.glob("*-reference-scores.json")).read_text("utf-8"))
    card = (exported("lora") / "README.md").read_text("utf-8")
    assert sha256_of(record["data"]) in card
    assert "| learning_rate | 0.001 |" in card
    assert "| lora_alpha | 16 |" in card
    last = record["evaluations"][-1]
    assert f"| last | {last['train_loss']:.3f} | {last['val_loss']:.3f} |" in card
    for metric, summary in scores["summary"].items():
        low, high = summary["interval_95"]
        assert f"| {metric} | {summary['mean']:.2f} | {low:.2f} to {high:.2f} |" in card


def test_scores_of_other_responses_are_not_those_of_the_card(exported, run_folder):
    folder = run_folder("phi3_prompt")
    responses = next(folder.glob("*-response-*phi3-prompt.json"))
    before = responses.read_text("utf-8")
    ollama_evaluate.main(["--file_path", str(responses), "--judge", "reference"])
    responses.write_text(before + "\n", "utf-8")
    card = (exported("phi3_prompt") / "README.md").read_text("utf-8")
    responses.write_text(before, "utf-8")
    assert "Scores" not in card

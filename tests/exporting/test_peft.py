"""What is exported for PEFT is, with its base, the run's model; and the base is the model before."""

import json

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from export_model import main
from gpt2_experiments.weights.loading import load_gpt2


@pytest.fixture
def exported(run_folder, tmp_path):
    main([str(run_folder("lora")), "--to", "peft", "--output_dir", str(tmp_path / "out")])
    return tmp_path / "out"


@pytest.fixture
def tokens(tuned):
    _, _, tokenizer = tuned("lora")
    return torch.randint(0, tokenizer.n_vocab, (2, 100), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_the_adapter_on_its_base_computes_the_same(exported, tuned, tokens):
    _, model, _ = tuned("lora")
    base = AutoModelForCausalLM.from_pretrained(exported / "base", dtype=torch.float32)
    adapted = PeftModel.from_pretrained(base, exported).eval()
    torch.testing.assert_close(adapted(tokens).logits, model(tokens), rtol=0, atol=1e-4)
    assert (adapted(tokens).logits - adapted.get_base_model()(tokens).logits).abs().max() == 0
    merged = adapted.merge_and_unload()
    torch.testing.assert_close(merged(tokens).logits, model(tokens), rtol=0, atol=1e-4)


@torch.no_grad()
def test_the_base_is_the_untuned_model(exported, run_folder, tokens):
    record = json.loads((run_folder("lora") / "experiment-lora.json").read_text("utf-8"))
    untuned, _ = load_gpt2(record["weights"])
    base = AutoModelForCausalLM.from_pretrained(exported / "base", dtype=torch.float32)
    torch.testing.assert_close(base(tokens).logits, untuned(tokens), rtol=0, atol=1e-4)
    assert not base.config.tie_word_embeddings  # merging would else change the embedding too

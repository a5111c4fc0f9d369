"""A run is the same from whatever layout its weights come, and a tuned model can be tuned further."""

import json
import shutil

import pytest
import torch
from support.small_checkpoint import OPTIONS, write_small_checkpoint
from support.transformers_peer import transformers_model

from exercise_experiments import main
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import replace_linear_with_lora
from gpt2_experiments.shared.errors import UsageError, UserError
from gpt2_experiments.weights.loading import load_gpt2
from inspect_data import main as inspect_main

WEIGHTS_OF = "{}-sft-{}.pth"


@pytest.fixture(scope="module")
def made(tmp_path_factory, first_entries):
    """A small checkpoint, the same in Hugging Face's layout, and runs of the baseline and of LoRA from it."""
    root = tmp_path_factory.mktemp("weights")
    (root / "small").mkdir()
    released = write_small_checkpoint(root / "small")
    theirs = root / "theirs" / "small"
    transformers_model(load_gpt2(released)[0]).save_pretrained(theirs)
    shutil.copy(released / "encoder.json", theirs / "vocab.json")
    shutil.copy(released / "vocab.bpe", theirs / "merges.txt")

    def run(weights, *options):
        folder = tmp_path_factory.mktemp("run")
        data = ["--data", str(first_entries(60)), "--output_dir", str(folder)]
        main(["--weights", str(weights), *OPTIONS, *data, *map(str, options)])
        return folder

    return released, theirs, run


def losses_and_responses(folder, suffix):
    record = json.loads((folder / f"experiment-{suffix}.json").read_text("utf-8"))
    responses = json.loads((folder / f"instruction-data-with-response-{suffix}.json").read_text("utf-8"))
    return [(at["step"], at["train_loss"], at["val_loss"]) for at in record["evaluations"]], responses


def state_of(folder):
    return torch.load(next(folder.glob("*.pth")), weights_only=True)


@pytest.fixture(scope="module")
def baseline(made):
    released, _, run = made
    return run(released)


@pytest.fixture(scope="module")
def lora(made):
    released, _, run = made
    return run(released, "--exercise_solution", "lora")


def test_a_run_from_hugging_faces_layout_is_the_run_from_the_released_one_bit_for_bit(made, baseline):
    _, theirs, run = made
    folder = run(theirs)
    assert losses_and_responses(folder, "baseline") == losses_and_responses(baseline, "baseline")
    ours, expected = state_of(folder), state_of(baseline)
    assert ours.keys() == expected.keys()
    assert all(ours[name].equal(expected[name]) for name in expected)
    record = json.loads((folder / "experiment-baseline.json").read_text("utf-8"))
    assert record["model_label"].startswith("small (")
    assert {"config.json_sha256", "model.safetensors_sha256", "vocab.json_sha256"} <= record["identity"].keys()


def test_saved_weights_are_read_as_they_were(made, baseline):
    model, _ = load_gpt2(next(baseline.glob("*.pth")))
    expected = state_of(baseline)
    assert all(tensor.equal(expected[name]) for name, tensor in model.state_dict().items())


def test_lora_is_merged_into_saved_weights(made, lora):
    merged, tokenizer = load_gpt2(next(lora.glob("*.pth")))
    plain = GPTModel(merged.cfg)
    replace_linear_with_lora(plain, rank=16, alpha=16)
    plain.load_state_dict(state_of(lora))
    tokens = torch.tensor([tokenizer.encode_ordinary("Name a color that is not in the rainbow.")])
    with torch.no_grad():
        torch.testing.assert_close(merged(tokens), plain(tokens), rtol=0, atol=1e-5)
    assert not any("lora" in name for name, _ in merged.named_parameters())


@pytest.mark.parametrize("before", ["baseline", "lora"])
def test_a_tuned_model_is_tuned_further_from_where_it_was(before, made):
    released, _, run = made
    first = run(released, "--eval_freq", 1, "--exercise_solution", before)
    further = run(next(first.glob("*.pth")))
    record = json.loads((further / "experiment-baseline.json").read_text("utf-8"))
    *_, (_, _, last_val_loss) = losses_and_responses(first, before)[0]
    assert record["initial_losses"]["val_loss"] == pytest.approx(last_val_loss, abs=1e-5)
    load_gpt2(next(further.glob("*.pth")))  # whose record names a file that has a record beside it


def test_the_tokens_of_a_tuned_model_can_be_counted(baseline, tmp_path, first_entries, capsys):
    path = next(baseline.glob("*.pth"))
    inspect_main([str(first_entries(20)), "--weights", str(path), "--output_dir", str(tmp_path)])
    assert f"Lengths in tokens of {path}" in capsys.readouterr().out


def test_saved_weights_need_their_record(baseline, tmp_path):
    path = shutil.copy(next(baseline.glob("*.pth")), tmp_path)
    (tmp_path / "experiment-other.json").write_text("{")
    with pytest.raises(UserError, match=r"no record \(experiment-\*.json\) beside it"):
        load_gpt2(path)


def test_saved_weights_of_another_shape_are_refused(baseline, lora, tmp_path):
    shutil.copytree(baseline, tmp_path / "run")
    path = next((tmp_path / "run").glob("*.pth"))
    torch.save({"tok_emb.weight": torch.ones(3, 3)}, path)
    with pytest.raises(UserError, match="not the weights of the run that its record tells of"):
        load_gpt2(path)


@pytest.mark.parametrize("weights", ["hf:", "hf:name", "hf:org/name@", "nowhere", "nowhere.pth"])
def test_weights_that_cannot_be_are_refused_before_anything_is_done(weights):
    with pytest.raises((UserError, UsageError), match=f"--weights {weights}: no "):
        main(["--weights", weights])

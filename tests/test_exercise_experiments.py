"""The command, run as a user runs it, prints and writes what a plain implementation gives."""

import importlib.metadata
import json
import math
import re
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.commands import start
from support.device import DEVICE
from support.plain import PlainGPT, plain_add_lora, plain_generate, plain_loader, plain_loader_loss, plain_train
from support.released_checkpoint import write_released_checkpoint
from support.small_checkpoint import N_VOCAB, OPTIONS, TINY, write_small_checkpoint

from exercise_experiments import main
from gpt2_experiments.devices.selection import AVAILABLE
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.entries.splits import ALPACA_URL, local_data_file
from gpt2_experiments.experiment.settings import parse_runs
from gpt2_experiments.experiment.variants import combine
from gpt2_experiments.shared.commands import run_command
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.loading import load_gpt2

HPARAMS = {"n_vocab": N_VOCAB, "n_ctx": 1024, "n_embd": 32, "n_head": 4, "n_layer": 2}
END = N_VOCAB - 1
N_ENTRIES = 100  # 85 to train, 10 to test, 5 to validate
LEARNING_RATE = 1e-3
MAX_NEW_TOKENS = 40

# variants given -> (prompt style, prompts masked, LoRA, file suffix)
VARIANTS = {
    "baseline": ("alpaca", False, False, "-baseline"),
    "phi3_prompt": ("phi3", False, False, "-phi3-prompt"),
    "mask_instructions": ("alpaca", True, False, "-mask-instructions"),
    "lora": ("alpaca", False, True, "-lora"),
    "lora mask_instructions phi3_prompt": ("phi3", True, True, "-phi3-prompt-mask-instructions-lora"),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small random checkpoint in the released TensorFlow layout."""
    folder = tmp_path_factory.mktemp("weights") / "small"
    write_released_checkpoint(folder, HPARAMS, TINY)
    return folder


@pytest.fixture(scope="module")
def data_file(first_entries):
    """The first entries of the suite's own data set."""
    return first_entries(N_ENTRIES)


def run(arguments, folder):
    """Run the command; returns the record it leaves."""
    main([*arguments, "--output_dir", str(folder)])
    return json.loads(next(folder.glob("experiment-*.json")).read_text("utf-8"), parse_constant=pytest.fail)


def arguments(names, weights, data_file):
    return [
        "--exercise_solution", *names.split(), "--weights", str(weights), "--data", str(data_file),
        "--learning_rate", str(LEARNING_RATE), "--max_new_tokens", str(MAX_NEW_TOKENS), "--device", DEVICE,
    ]  # fmt: skip


class PlainExperiment:
    """What the plain implementation makes of the same weights, data and variant."""

    def __init__(self, names, weights, data_file):
        style_name, masked, lora, _ = VARIANTS[names]
        style = PROMPT_STYLES[style_name]
        model, self.tokenizer = load_gpt2(weights)
        self.model = PlainGPT(model.cfg)
        self.model.load_state_dict(model.state_dict())
        self.model.to(DEVICE)
        entries = json.loads(data_file.read_text())
        train, self.test, val = entries[:85], entries[85:95], entries[95:]
        encode = self.tokenizer.encode_ordinary

        def item(entry):
            prompt = style.prompt(entry)
            return len(encode(prompt)), encode(prompt + style.training_suffix(entry))

        loaders = [
            plain_loader([item(entry) for entry in split], 8, shuffle, END, 1024, masked)
            for split, shuffle in ((train, True), (val, False))
        ]
        torch.manual_seed(123)
        if lora:
            plain_add_lora(self.model, rank=16, alpha=16)
            self.model.to(DEVICE)
        torch.manual_seed(123)
        self.initial = [plain_loader_loss(self.model, loader, 5) for loader in loaders]
        self.history = plain_train(self.model, *loaders, 123, 2, 5, 5, LEARNING_RATE)
        self.style = style

    def responses(self):
        texts = []
        for entry in self.test:
            prompt = self.style.prompt(entry)
            tokens = self.tokenizer.encode_ordinary(prompt)
            text = self.tokenizer.decode([*tokens, *plain_generate(self.model, tokens, MAX_NEW_TOKENS, END)])
            texts.append(text[len(prompt) :].replace(self.style.response_header, "").strip())
        return texts


@pytest.mark.cuda
@pytest.mark.parametrize("names", VARIANTS)
def test_losses_responses_and_weights_equal_the_plain_implementations(
    names, weights, data_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(
        "gpt2_experiments.experiment.training.LARGE_GRADIENT", 2000
    )  # the small model has gradients on both sides
    record = run(arguments(names, weights, data_file), tmp_path)
    plain = PlainExperiment(names, weights, data_file)
    suffix = VARIANTS[names][3]

    assert list(record["initial_losses"].values()) == pytest.approx(plain.initial, abs=1e-4)
    assert [(at["step"], at["epoch"]) for at in record["evaluations"]] == [(0, 1), (5, 1), (10, 2), (15, 2)]
    for at, (step, train_loss, val_loss) in zip(record["evaluations"], plain.history, strict=True):
        assert at["step"] == step
        assert (at["train_loss"], at["val_loss"]) == pytest.approx((train_loss, val_loss), abs=1e-4)
    printed = re.findall(r"Ep \d \(Step (\d{6})\): Train loss (\S+), Val loss (\S+)", capsys.readouterr().out)
    assert [int(step) for step, _, _ in printed] == [step for step, _, _ in plain.history]

    answered = json.loads((tmp_path / f"instruction-data-with-response{suffix}.json").read_text("utf-8"))
    assert [entry["model_response"] for entry in answered] == plain.responses()
    assert [{key: entry[key] for key in ("instruction", "input", "output")} for entry in answered] == plain.test

    saved = torch.load(next(tmp_path.glob("*.pth")), weights_only=True)
    assert plain.model.load_state_dict(saved, strict=True)


def test_console_output_and_files_are_the_references(weights, data_file, tmp_path, capsys):
    run(arguments("lora", weights, data_file), tmp_path)
    number = r"\d+\.\d+"
    sample = r"Below is an instruction that describes a task\. Write a .*"

    def evaluation(epoch, step):
        return rf"Ep {epoch} \(Step {step:06d}\): Train loss \d+\.\d{{3}}, Val loss \d+\.\d{{3}}"

    rule = "-" * 50
    expected = [
        *(rf"{name} version: \d+\.\d+\S*" for name in ("matplotlib", "tiktoken", "torch", "tqdm", "tensorflow")), rule,
        "Training set length: 85", "Validation set length: 5", "Test set length: 10", rule,
        f"Device: {DEVICE}", rule, r"Loaded model: small \(0M\)", rule,
        "Total trainable parameters before: 570,240", "Total trainable parameters after: 0",
        "Total trainable LoRA parameters: 146,944",
        "Initial losses", f"   Training loss: {number}", f"   Validation loss: {number}",
        evaluation(1, 0), evaluation(1, 5), sample, evaluation(2, 10), evaluation(2, 15), sample,
        r"Training completed in \d+\.\d\d minutes\.", r"Plot saved as loss-plot-lora\.pdf", rule,
        "Generating responses", r"Responses saved as instruction-data-with-response-lora\.json",
        r"Model saved as small0M-sft-lora\.pth",
    ]  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(expected)
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line)
    visible = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert visible == {
        "loss-plot-lora.pdf", "loss-plot-lora.png", "instruction-data-with-response-lora.json",
        "small0M-sft-lora.pth", "experiment-lora.json",
    }  # fmt: skip
    assert (tmp_path / "loss-plot-lora.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "instruction-data-with-response-lora.json").read_text().startswith('[\n    {\n        "')


def test_record_says_everything_about_the_run(weights, data_file, tmp_path):
    record = run([*arguments("mask_instructions", weights, data_file), "--num_epochs", "1"], tmp_path)
    assert record["exercise_solution"] == ["mask_instructions"]
    assert (record["learning_rate"], record["num_epochs"], record["seed"]) == (LEARNING_RATE, 1, 123)
    assert record["splits"] == {"train": 85, "test": 10, "validation": 5}
    assert len(record["data_sources"]["data"]["sha256"]) == 64
    assert record["versions"]["torch"] == importlib.metadata.version("torch")
    assert record["peak_memory_bytes"] > 10**8
    assert set(record["seconds"]) == {"loading", "training", "responses"}
    assert all((tmp_path / name).exists() for name in record["files"])


@pytest.mark.cuda
def test_micro_batches_and_other_generation_rows_change_nothing(weights, data_file, tmp_path):
    options = arguments("baseline", weights, data_file)
    plain, small = tmp_path / "a", tmp_path / "b"
    first = run(options, plain)
    second = run([*options, "--micro_batch_size", "3", "--generation_rows", "4"], small)
    losses = [[at["train_loss"] for at in record["evaluations"]] for record in (first, second)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    name = "instruction-data-with-response-baseline.json"
    assert (plain / name).read_bytes() == (small / name).read_bytes()


@pytest.mark.cuda
def test_bf16_stays_close_to_fp32(weights, data_file, tmp_path):
    options = arguments("baseline", weights, data_file)
    short = [*options, "--num_epochs", "1", "--max_new_tokens", "8"]
    records = [run([*short, "--precision", precision], tmp_path / precision) for precision in ("fp32", "bf16")]
    losses = [[at["train_loss"] for at in record["evaluations"]] for record in records]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)
    assert losses[0] != losses[1]
    # the losses themselves are float32: bfloat16 keeps 8 bits, far fewer digits than these have
    assert any(torch.tensor(loss).bfloat16().item() != loss for loss in losses[1])


def exit_of(monkeypatch, capsys, arguments):
    """Exit code and stderr's `error:` lines of the command with these arguments."""
    monkeypatch.setattr(sys, "argv", ["exercise_experiments.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as leaving:
        run_command(main)
    errors = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    return leaving.value.code, errors


def test_all_wrong_settings_are_reported_together(monkeypatch, capsys, tmp_path):
    wrong = [
        "--exercise_solution",
        "lorra",
        "--batch_size",
        "0",
        "--num_epochs",
        "-1",
        "--output_dir",
        tmp_path / "new",
    ]
    code, errors = exit_of(monkeypatch, capsys, wrong)
    assert code == 2
    assert len(errors) == 3
    assert "lorra" in errors[2]
    assert "mask_instructions" in errors[2]
    assert not (tmp_path / "new").exists()


def test_baseline_combines_with_nothing(monkeypatch, capsys):
    code, errors = exit_of(monkeypatch, capsys, ["--exercise_solution", "baseline", "lora"])
    assert (code, len(errors)) == (2, 1)


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (["--seed", "99999999999999999999", "--learning_rate", "inf"], ["--seed", "--learning_rate"]),
        (["--learning_rate", "nan"], ["--learning_rate"]),
        (["--device", "cuda", "--data", "none.json", "--weights", ""], ["--device", "--weights", "none.json"]),
    ],
)
def test_numbers_out_of_range_and_things_that_are_not_there(monkeypatch, capsys, tmp_path, options, places):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(AVAILABLE, "cuda", lambda: False)
    _, errors = exit_of(monkeypatch, capsys, options)
    assert len(errors) == len(places)
    assert all(place in error for place, error in zip(places, errors, strict=True))


def test_alpaca_has_its_own_defaults_and_the_user_the_last_word():
    settings = combine(["alpaca_52k", "lora"])
    assert settings.suffix == "-alpaca52k-lora"
    assert settings.defaults == {"data": ALPACA_URL, "batch_size": 4, "allowed_max_length": 512}
    parsed = parse_runs(["--exercise_solution", "alpaca_52k", "--batch_size", "6", "--device", "cpu"])[0]
    assert (parsed.batch_size, parsed.allowed_max_length, parsed.data) == (6, 512, ALPACA_URL)


def entry(**changes):
    return {"instruction": "Name a color.", "input": "", "output": "Blue."} | changes


@pytest.mark.parametrize(
    ("entries", "options", "message"),
    [
        ([entry()] * 5, [], "none is left for the test set"),
        ([entry()] * 20, ["--batch_size", "18"], "--batch_size 17"),
        ([entry()] * 29 + [entry(input="word " * 600)], [], "entry 30: has"),
        ([entry()] * 3 + [entry(output=None)] * 30, [], 'entry 4: field "output"'),
        ([entry()] * 30, ["--exercise_solution", "alpaca_52k"], "52,002"),
        (
            [entry(instruction="word " * 60)] * 30,
            ["--allowed_max_length", "32", "--exercise_solution", "mask_instructions"],
            "cuts the response off every training entry",
        ),
    ],
)
def test_unfit_data_is_one_error_line(monkeypatch, capsys, tmp_path, entries, options, message):
    data = tmp_path / "data.json"
    data.write_text(json.dumps(entries))
    code, errors = exit_of(
        monkeypatch, capsys, ["--model", "gpt2-tiny", "--data", data, "--output_dir", tmp_path, *options]
    )
    assert code == 1
    assert message in errors[0]
    assert str(data) in errors[0]


def test_entries_that_lose_their_response_to_the_cut_are_counted_and_every_loss_is_a_number(
    data_file, tmp_path, capsys
):
    """Cut to 72 tokens, many responses are gone: of some batches, masked, nothing is left to predict."""
    record = run(
        [
            "--model", "gpt2-tiny", "--data", str(data_file), "--exercise_solution", "mask_instructions",
            "--allowed_max_length", "72", "--batch_size", "2", "--num_epochs", "1", "--max_new_tokens", "2",
        ],
        tmp_path,
    )  # fmt: skip
    assert re.search(r"\d+ of the training entries lose their whole response", capsys.readouterr().err)
    for at in record["evaluations"]:
        assert math.isfinite(at["train_loss"])
        assert math.isfinite(at["val_loss"])


@pytest.mark.parametrize("names", ["baseline", "mask_instructions"])
@pytest.mark.parametrize("length", [48, 52])
def test_no_response_left_in_any_entry_is_refused_for_every_variant(names, length, data_file, tmp_path):
    arguments = ["--model", "gpt2-tiny", "--exercise_solution", names, "--allowed_max_length", str(length)]
    with pytest.raises(UserError, match=f"--allowed_max_length {length} cuts the response off every training entry"):
        run([*arguments, "--data", str(data_file)], tmp_path)


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_before_training(monkeypatch, capsys, tmp_path, data_file, poison):
    weights = write_small_checkpoint(tmp_path)
    tensors = load_file(weights / "model.safetensors")
    tensors["final_norm.shift"][3] = poison
    save_file(tensors, weights / "model.safetensors")
    arguments = ["--weights", weights, "--data", data_file, *OPTIONS, "--output_dir", tmp_path / "output"]
    code, errors = exit_of(monkeypatch, capsys, arguments)
    assert code == 1
    assert "the losses before training are nan (training) and nan (validation)" in errors[0]


def test_a_last_step_that_spoils_the_weights_leaves_no_record(monkeypatch, capsys, tmp_path, data_file):
    """Its own loss is a number; the evaluation after it is none, and JSON cannot hold it."""
    arguments = [
        "--weights", write_small_checkpoint(tmp_path), "--data", data_file, *OPTIONS, "--learning_rate", "1e18",
        "--batch_size", "85", "--num_epochs", "1", "--output_dir", tmp_path / "output",
    ]  # fmt: skip
    code, errors = exit_of(monkeypatch, capsys, arguments)
    assert (code, len(errors)) == (1, 1)
    assert "the loss became nan at step 0" in errors[0]
    assert not list((tmp_path / "output").glob("experiment-*"))


def with_a_long_prompt(data_file, folder, number):
    """The data file with a prompt longer than the small model's context in one entry."""
    entries = json.loads(data_file.read_text())
    entries[number - 1]["input"] = "word " * 300
    path = folder / "long.json"
    path.write_text(json.dumps(entries))
    return path


def test_a_test_prompt_longer_than_the_context_is_refused_or_left_out(monkeypatch, capsys, tmp_path, data_file):
    """The window would slide over the instruction before the first token of the response is written."""
    data = with_a_long_prompt(data_file, tmp_path, 90)
    arguments = ["--weights", write_small_checkpoint(tmp_path), "--data", data, *OPTIONS]
    code, errors = exit_of(monkeypatch, capsys, [*arguments, "--output_dir", tmp_path / "output"])
    assert code == 1
    assert re.fullmatch(
        rf"error: {data}: entry 90: the prompt of this test entry has 3\d\d tokens, the model's context 256 "
        r"\(1 of 10 are too long\); shorten them, or leave them out with --drop_long_prompts",
        errors[0],
    )
    record = run([*map(str, arguments), "--drop_long_prompts"], tmp_path / "output")
    assert "1 of the test entries are left out" in capsys.readouterr().err
    assert record["dropped_test_entries"] == ["entry 90"]
    answered = json.loads(next((tmp_path / "output").glob("*-response-*.json")).read_text("utf-8"))
    entries = json.loads(data.read_text())
    assert [entry["instruction"] for entry in answered] == [
        entry["instruction"] for entry in entries[85:95] if entry is not entries[89]
    ]


@pytest.mark.parametrize("reader", ["narrow", "gone"])
def test_what_cannot_be_printed_ends_no_run(reader, tmp_path, data_file):
    """The sample after each epoch begins with a Japanese prompt; or nobody reads on after the first line."""
    entries = json.loads(data_file.read_text())
    entries[95]["instruction"] = "\u65e5\u672c\u8a9e\u3067\u66f8\u304f"
    data = tmp_path / "data.json"
    data.write_text(json.dumps(entries))
    process = start(
        "exercise_experiments.py", "--weights", write_small_checkpoint(tmp_path), "--data", data, *OPTIONS,
        "--output_dir", tmp_path / "output", PYTHONIOENCODING="cp1252",
    )  # fmt: skip
    if reader == "gone":
        process.stdout.readline()
        process.stdout.close()
    printed, said = (None, process.stderr.read()) if reader == "gone" else process.communicate()
    assert process.wait() == 0, said
    assert printed is None or printed.count("\\u65e5\\u672c\\u8a9e") == 2
    assert said.count("nothing can be printed any more (Broken pipe)") == (reader == "gone")
    assert (tmp_path / "output" / "experiment-baseline.json").exists()


def test_an_entry_longer_than_the_context_is_refused_with_its_own_length(monkeypatch, capsys, tmp_path, data_file):
    data = with_a_long_prompt(data_file, tmp_path, 30)
    arguments = ["--weights", write_small_checkpoint(tmp_path), "--data", data, "--allowed_max_length", "300"]
    code, errors = exit_of(monkeypatch, capsys, [*arguments, "--output_dir", tmp_path / "output"])
    assert code == 1
    assert re.search(r"entry 30: has 3[1-9]\d tokens, the model's context 256; cut entries with", errors[0])


def test_a_field_beside_the_three_that_utf_8_cannot_hold_is_written_escaped(tmp_path, data_file):
    entries = [entry | {"note": "\ud83d"} for entry in json.loads(data_file.read_text())]
    data = tmp_path / "data.json"
    data.write_text(json.dumps(entries))
    run(["--weights", str(write_small_checkpoint(tmp_path)), "--data", str(data), *OPTIONS], tmp_path / "output")
    answered = next((tmp_path / "output").glob("*-response-*.json")).read_bytes()
    assert json.loads(answered.decode("utf-8"))[0]["note"] == "\ud83d"


def test_a_released_model_without_weights_and_network_names_the_way_out(monkeypatch, capsys, tmp_path):
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # nothing listens there: no request leaves the machine
    monkeypatch.setattr("gpt2_experiments.shared.http_download.BACKOFF", 0.01)
    code, errors = exit_of(
        monkeypatch, capsys,
        ["--model", "gpt2-small", "--models_dir", tmp_path, "--output_dir", tmp_path,
         "--weights_url", "http://127.0.0.1:9"],
    )  # fmt: skip
    assert code == 1
    assert "gpt2-tiny" in errors[0]


def test_url_of_a_data_set_has_a_file_of_its_own():
    assert local_data_file(ALPACA_URL) == Path("alpaca_data.json")
    others = {local_data_file(f"http://example.org/{n}/data.json") for n in range(3)}
    assert len(others) == 3
    assert Path("alpaca_data.json") not in others


def test_a_missing_data_file_is_an_error_before_anything_is_loaded(monkeypatch, capsys, tmp_path):
    code, errors = exit_of(monkeypatch, capsys, ["--data", tmp_path / "none.json", "--output_dir", tmp_path])
    assert code == 1
    assert "none.json" in errors[0]

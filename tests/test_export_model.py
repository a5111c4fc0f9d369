"""`export_model.py` from the command line: a folder is whole or absent, and what cannot be exported is said."""

import dataclasses
import json
import shutil

import gguf
import pytest
import torch
from support.small_checkpoint import OPTIONS, write_small_checkpoint

import exercise_experiments
from export_model import main
from gpt2_experiments.exporting import writing
from gpt2_experiments.judging.report import REFERENCE_SCORES, beside
from gpt2_experiments.shared.errors import UsageError, UserError


@pytest.fixture(scope="module")
def made(tmp_path_factory, first_entries):
    """A baseline's run."""
    weights, folder = write_small_checkpoint(tmp_path_factory.mktemp("weights")), tmp_path_factory.mktemp("run")
    options = ["--weights", str(weights), "--data", str(first_entries(60)), *OPTIONS]
    exercise_experiments.main([*options, "--output_dir", str(folder)])
    return folder


@pytest.fixture
def run(made, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(made, tmp_path / "run")


@pytest.mark.parametrize("name", ["", "experiment-baseline.json", "small0M-sft-baseline.pth"])
def test_a_run_is_named_by_its_folder_its_record_or_its_weights(name, run, capsys):
    weights = next(run.glob("*.pth"))
    place = weights if name.endswith(".pth") else run / name
    main([str(place), "--to", "ollama"])
    output = run / f"{weights.stem}-ollama"
    assert sorted(path.name for path in output.iterdir()) == ["Modelfile", "model.gguf"]
    printed = capsys.readouterr().out
    assert f"Exported as {output}: " in printed
    assert f"Next: ollama create tuned -f {output}/Modelfile" in printed
    with pytest.raises(UserError, match="is there already; remove it, or name another folder"):
        main([str(place), "--to", "ollama"])


def spoiled_tensor(monkeypatch):
    """A value of the last position, which no short text shows, is written wrongly."""
    right = writing.write_gguf

    def wrong(path, tensors, *more):
        positions = tensors["model/wpe"].clone()
        positions[-1, 0] += 0.5
        right(path, {**tensors, "model/wpe": positions}, *more)

    monkeypatch.setattr(writing, "write_gguf", wrong)


def spoiled_shape(monkeypatch):
    """Another number of heads, of which no tensor's shape tells."""
    right = writing.write_gguf

    def wrong(path, tensors, hparams, *more):
        right(path, tensors, hparams | {"n_head": 4}, *more)

    monkeypatch.setattr(writing, "write_gguf", wrong)


def spoiled_tokens(monkeypatch):
    """Two tokens have one another's ids."""
    right = writing.write_gguf

    def wrong(path, tensors, hparams, vocabulary, *more):
        (first, one), (second, other) = list(vocabulary.ids.items())[:2]
        swapped = {**vocabulary.ids, first: other, second: one}
        right(path, tensors, hparams, dataclasses.replace(vocabulary, ids=swapped), *more)

    monkeypatch.setattr(writing, "write_gguf", wrong)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoiled_tensor, "model/wpe is not what was written"),
        (spoiled_shape, "shape or tokenizer are not what was written"),
        (spoiled_tokens, "shape or tokenizer are not what was written"),
    ],
)
def test_an_export_that_is_something_else_is_absent(spoil, message, run, monkeypatch):
    spoil(monkeypatch)
    with pytest.raises(UserError, match=message):
        main([str(run), "--to", "gguf", "--output_dir", str(run / "out")])
    assert [path for path in run.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("dtype", ["f16", "bf16"])
def test_values_below_a_types_normal_ones_are_no_fault(dtype, run):
    path = next(run.glob("*.pth"))
    state = torch.load(path, weights_only=True)
    for name, tensor in state.items():
        if name.endswith("out_proj.bias"):
            torch.nn.init.normal_(tensor, std=1e-5)
    torch.save(state, path)
    main([str(run), "--to", "huggingface", "--dtype", dtype, "--output_dir", str(run / "out")])
    assert (run / "out" / "model.safetensors").exists()


def test_values_beyond_a_type_are_said(run):
    path = next(run.glob("*.pth"))
    state = torch.load(path, weights_only=True)
    state["final_norm.shift"][0] = 1e5
    torch.save(state, path)
    with pytest.raises(UserError, match="as f16 it differs by up to inf; try another --dtype"):
        main([str(run), "--to", "huggingface", "--dtype", "f16", "--output_dir", str(run / "out")])


@pytest.mark.parametrize("content", ['{"a"', '{"a": 1}', "[]"])
def test_a_damaged_score_file_leaves_the_card_without_scores(content, run):
    scores = beside(next(run.glob("*-response-*.json")), REFERENCE_SCORES)
    scores.write_text(content)
    main([str(run), "--to", "huggingface", "--output_dir", str(run / "out")])
    assert "## Scores" not in (run / "out" / "README.md").read_text("utf-8")


def test_a_full_disk_is_said(run, monkeypatch):
    """NumPy's error has no number."""
    monkeypatch.setattr(gguf.GGUFWriter, "write_tensors_to_file", lambda _: numpy_has_no_room())
    with pytest.raises(OSError, match="no room") as raised:
        main([str(run), "--to", "gguf", "--output_dir", str(run / "out")])
    assert raised.value.filename == str(run / "out")
    assert not (run / "out").exists()


def numpy_has_no_room():
    raise OSError("1024 requested and 0 written: no room")


@pytest.mark.parametrize("lacks", ["exercise_solution", "weights_url", "files", "evaluations"])
def test_a_record_that_lacks_something_is_none_of_a_run(lacks, run):
    path = run / "experiment-baseline.json"
    record = json.loads(path.read_text("utf-8"))
    del record[lacks]
    path.write_text(json.dumps(record))
    with pytest.raises(UserError, match="not the record of a finished run"):
        main([str(run), "--to", "huggingface"])


def test_a_run_whose_tokenizer_has_changed_since_is_not_exported(run, made):
    record = json.loads((run / "experiment-baseline.json").read_text("utf-8"))
    weights = shutil.copytree(record["weights"], run / "moved")
    ids = json.loads((weights / "encoder.json").read_text("utf-8"))
    ids["a"], ids["b"] = ids["b"], ids["a"]
    (weights / "encoder.json").write_text(json.dumps(ids))
    (run / "experiment-baseline.json").write_text(json.dumps(record | {"weights": str(weights)}))
    with pytest.raises(UserError, match=r"encoder\.json: has changed since .* was tuned with it"):
        main([str(run), "--to", "huggingface"])
    shutil.rmtree(weights)
    with pytest.raises(UserError, match=r"experiment-baseline\.json: needs the tokenizer of .*moved, which was tuned"):
        main([str(run), "--to", "huggingface"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["--to", "peft"], UserError, "a run without LoRA has no adapter"),
        (["--to", "gguf_adapter"], UserError, "a run without LoRA has no adapter"),
        (["--to", "huggingface", "--dtype", "q8_0"], UsageError, "--to huggingface has f32, f16, bf16"),
        (["--to", "gguf", "--dtype", "q8_0"], UserError, "takes 32 values together, the model's width is 16"),
    ],
)
def test_what_a_run_cannot_become_is_said(options, error, message, run):
    with pytest.raises(error, match=message):
        main([str(run), *options])
    assert [path for path in run.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda run: next(run.glob("*.pth")).unlink(), "the run's weights are not beside it"),
        (lambda run: (run / "experiment-baseline.json").unlink(), "no experiment-"),
        (lambda run: (run / "experiment-baseline.json").write_text("[]"), "not the record of a finished run"),
        (lambda run: (run / "experiment-baseline.json").write_text("{"), "not valid JSON"),
        (lambda run: shutil.copy(run / "experiment-baseline.json", run / "experiment-b.json"), "has 2 runs"),
    ],
)
def test_what_is_no_run_is_said(spoil, message, run):
    spoil(run)
    with pytest.raises(UserError, match=message):
        main([str(run), "--to", "huggingface"])

"""Several runs in one go are the same runs as one by one, share what they have in common, and go on after a stop."""

import json
import re
import shutil
import signal
from pathlib import Path

import pytest
import torch
from support.kill_harness import Plan, Run
from support.paths import TINY
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main
from gpt2_experiments.entries import splits
from gpt2_experiments.experiment import inputs
from gpt2_experiments.experiment.settings import MODEL_DEFAULTS, Settings, parse_runs
from gpt2_experiments.shared.errors import UsageError, UserError

SWEEP = ["--sweep", "baseline", "phi3_prompt+lora", "--seeds", "1", "2"]
FOLDERS = {  # of that sweep, and what makes the same run alone
    "baseline-seed1": ["--exercise_solution", "baseline", "--seed", "1"],
    "baseline-seed2": ["--exercise_solution", "baseline", "--seed", "2"],
    "phi3-prompt-lora-seed1": ["--exercise_solution", "phi3_prompt", "lora", "--seed", "1"],
    "phi3-prompt-lora-seed2": ["--exercise_solution", "phi3_prompt", "lora", "--seed", "2"],
}


@pytest.fixture(scope="module")
def common(tmp_path_factory, first_entries):
    """What all runs of this file have on their command lines."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    return ["--weights", str(weights), "--data", str(first_entries(60)), *OPTIONS]


@pytest.fixture(scope="module")
def swept(tmp_path_factory, common):
    """The output folder of the whole sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    main([*SWEEP, *common, "--output_dir", str(folder)])
    return folder


def numbers(folder: Path):
    """All of a run that depends on no clock and no place."""
    record = json.loads(next(folder.glob("experiment-*.json")).read_text("utf-8"))
    losses = [(at["step"], at["train_loss"], at["val_loss"]) for at in record["evaluations"]]
    responses = next(folder.glob("instruction-data-with-response-*.json")).read_bytes()
    weights = torch.load(next(folder.glob("*.pth")), weights_only=True)
    return record["identity"], losses, responses, {name: tensor.numpy().tobytes() for name, tensor in weights.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_run_of_a_sweep_equals_the_run_alone(folder, swept, common, tmp_path):
    main([*FOLDERS[folder], *common, "--output_dir", str(tmp_path)])
    assert numbers(tmp_path) == numbers(swept / folder)


def test_seeds_differ(swept):
    losses = {name: numbers(swept / name)[1] for name in FOLDERS}
    assert losses["baseline-seed1"] != losses["baseline-seed2"]


def test_weights_and_data_are_read_once(common, tmp_path, monkeypatch):
    read = []
    for module, name in ((inputs, "load_model"), (splits, "entries_of")):
        original = getattr(module, name)
        monkeypatch.setattr(
            module,
            name,
            lambda *args, _name=name, _original=original: read.append(_name) or _original(*args),
        )
    main([*SWEEP, *common, "--output_dir", str(tmp_path)])
    assert sorted(read) == ["entries_of", "load_model"]


def test_what_is_wrong_with_a_later_run_is_said_before_the_first_one(common, tmp_path, capsys):
    """Phi-3's prompts leave some responses in entries cut to 30 tokens, Alpaca's none."""
    wrong = ["--sweep", "phi3_prompt", "baseline", "--allowed_max_length", "30", *common]
    with pytest.raises(UserError, match="cuts the response off every training entry"):
        main([*wrong, "--output_dir", str(tmp_path)])
    captured = capsys.readouterr()
    assert "Run 1 of 2" not in captured.out
    assert captured.err.count("51 of the training entries are cut to 30 tokens") == 1


def test_the_time_left_for_all_runs_is_said_from_measured_steps(common, tmp_path, capsys):
    main(["--seeds", "1", "2", *common, "--output_dir", str(tmp_path)])
    captured = capsys.readouterr()
    first, second = re.findall(r"Run \d of 2: (.*)", captured.out)
    assert first == f"{tmp_path / 'baseline-seed1'} (1 waiting)"
    assert re.fullmatch(r".* \(1 done; about \d+ min left for all runs\)", second)
    assert re.search(r"Training: .*all_runs_end_in=\d+ min", captured.err)


def test_a_stopped_sweep_goes_on_and_ends_the_same(swept, common, tmp_path):
    output = tmp_path / "output"
    options = [*common, "--checkpoint_every", "2"]
    stop = Plan(signals={"write .step-00000004.json.part": [signal.SIGTERM]})
    assert Run([*SWEEP, *options], output, tmp_path, stop).end().code == 143
    assert Run([*SWEEP, *options], output, tmp_path).end().code == 1  # says that there is an unfinished run
    outcome = Run([*SWEEP, *options, "--resume"], output, tmp_path).end()
    assert outcome.code == 0, outcome.err
    assert "Going on after step" in outcome.out
    again = Run([*SWEEP, *options, "--resume"], output, tmp_path).end()
    assert again.out.count("This run is complete") == len(FOLDERS)
    for name in FOLDERS:
        assert numbers(output / name)[1:] == numbers(swept / name)[1:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sweep", "baseline", "nonsense"], "unknown variant nonsense"),
        (["--sweep", "lora", "baseline+lora"], "baseline changes nothing"),
        (["--sweep", "phi3_prompt+lora", "lora+phi3_prompt"], "--sweep: -phi3-prompt-lora is named twice"),
        (["--seeds", "1", "2", "1"], "--seeds: 1 is named twice"),
        (["--seeds", "-1"], "--seeds: -1 is less than 0"),
    ],
)
def test_wrong_sweeps_are_refused(arguments, message, tmp_path):
    with pytest.raises(UsageError, match=re.escape(message)):
        parse_runs([*arguments, "--output_dir", str(tmp_path)])
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("both", [
    ["--seed", "1", "--seeds", "1"], ["--sweep", "lora", "--exercise_solution", "lora"],
    ["--model", "gpt2-tiny", "--weights", "gpt2-tiny"],
])  # fmt: skip
def test_one_run_or_several_not_both(both, capsys):
    with pytest.raises(SystemExit) as exit_:
        parse_runs(both)
    assert exit_.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_models_own_defaults_give_way_to_what_is_given(tmp_path):
    def settings(*arguments):
        return parse_runs([*arguments, "--output_dir", str(tmp_path)])[0]

    own = MODEL_DEFAULTS["gpt2-tiny"]["num_epochs"]
    assert settings("--model", "gpt2-tiny").num_epochs == own != Settings().num_epochs
    assert settings("--model", "gpt2-tiny", "--num_epochs", "7").num_epochs == 7
    assert settings("--model", "gpt2-small").num_epochs == Settings().num_epochs


def test_the_embedded_model_is_the_same_by_its_name_and_by_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(TINY.parent)

    def settings(*arguments):
        return parse_runs([*arguments, "--output_dir", str(tmp_path)])[0]

    for folder in (str(TINY), "gpt2-tiny", "./gpt2-tiny/"):
        assert settings("--weights", folder) == settings("--model", "gpt2-tiny")


def test_another_folder_of_weights_has_no_models_name_and_not_its_defaults(tmp_path):
    copy = shutil.copytree(TINY, tmp_path / "gpt2-tiny", ignore=shutil.ignore_patterns("recipe"))
    (settings,) = parse_runs(["--weights", str(copy), "--output_dir", str(tmp_path)])
    assert (settings.model, settings.weights) == (None, str(copy))
    assert settings.num_epochs == Settings().num_epochs
    assert settings.identity()["model"] is None

"""Nothing is lost: a run can be killed at any moment and goes on to the same bits; a fault is one clear error.

The short form kills each variant `RESUME_KILLS` = 3 times. The long form, a minute or two:

    RESUME_KILLS=30 python -m pytest tests/experiment/test_resume.py -k random -s
"""

import contextlib
import errno
import hashlib
import json
import mmap
import os
import random
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from support.kill_harness import UNDISTURBED, Moment, Outcome, Plan, Run, random_moments
from support.paths import TINY

from gpt2_experiments.devices.memory import memory_advice
from gpt2_experiments.entries.datasets import InstructionDataset
from gpt2_experiments.experiment.unfinished_run import UnfinishedRun
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.files import whole_file
from gpt2_experiments.weights.tokenizer import load_tokenizer

KILLS = int(os.environ.get("RESUME_KILLS", "3"))
N_ENTRIES = 40  # 34 to train: 8 steps an epoch; 4 to test: 2 blocks of responses; 2 to validate
OPTIONS = [
    "--batch_size", "4", "--eval_freq", "4", "--eval_iter", "1", "--checkpoint_every", "3",
    "--max_new_tokens", "6", "--num_epochs", "2", "--learning_rate", "5e-5", "--device", "cpu",
]  # fmt: skip
UNFINISHED = "unfinished-baseline"
WEIGHTS = "gpt2-tiny7M-sft-{}.pth"


@dataclass(frozen=True)
class Job:
    """An experiment in a folder of its own."""

    folder: Path
    data: Path
    variant: str = "baseline"
    model: tuple[str, str] = ("--model", "gpt2-tiny")

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def start(self, *options: str, plan: Plan = UNDISTURBED) -> Run:
        arguments = ["--exercise_solution", self.variant, "--data", str(self.data), *self.model, *OPTIONS, *options]
        return Run(arguments, self.output, self.folder, plan)

    def run(self, *options: str, plan: Plan = UNDISTURBED) -> Outcome:
        return self.start(*options, plan=plan).end()


def content(folder):
    """The digest of every file below a folder, by name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def results(job):
    """Everything that a run must leave the same: its files, and of its record what depends on no clock."""
    files = content(job.output)
    name = f"experiment-{job.variant}.json"
    del files[name]
    record = json.loads((job.output / name).read_text("utf-8"))
    for evaluation in record["evaluations"]:
        del evaluation["seconds"]
    same = ("identity", "splits", "initial_losses", "evaluations", "tokens_seen", "files", "model_label")
    return files | {key: record[key] for key in same}


@pytest.fixture(scope="module")
def data_file(first_entries):
    return first_entries(N_ENTRIES)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, data_file):
    """For a variant: what a run that nothing happens to leaves, and its events."""
    known = {}

    def of(variant):
        if variant not in known:
            job = Job(tmp_path_factory.mktemp(variant), data_file, variant)
            run = job.start()
            outcome = run.end()
            assert outcome.code == 0, outcome.err
            known[variant] = results(job), run.events
        return known[variant]

    return of


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, data_file):
    """A folder whose run was killed as step 12 of 16 was saved; it has the checkpoints of steps 8 and 9."""
    job = Job(tmp_path_factory.mktemp("stopped"), data_file)
    outcome = job.run(plan=Plan(signals={"write .step-00000012.json.part": [signal.SIGKILL]}))
    assert outcome.code == -signal.SIGKILL, outcome.err
    return job


@pytest.fixture
def job(tmp_path, data_file):
    return Job(tmp_path, data_file)


@pytest.fixture
def stopped_job(stopped, job):
    """A copy of the stopped run's folder."""
    shutil.copytree(stopped.output, job.output)
    return job


def assert_resumes_to(expected, job):
    """The run goes on to its end, and leaves what an undisturbed one leaves."""
    outcome = job.run("--resume")
    assert outcome.code == 0, outcome.err
    assert results(job) == expected
    return outcome


# Killed


@pytest.mark.parametrize("variant", ["baseline", "lora"])
def test_killed_at_random_moments_a_run_ends_with_the_same_bits(variant, undisturbed, data_file, tmp_path):
    expected, events = undisturbed(variant)
    chance = random.Random(f"{variant} {KILLS}")
    kills = chains = 0
    while kills < KILLS:
        job = Job(tmp_path / f"chain-{chains}", data_file, variant)
        job.folder.mkdir()
        for moment in random_moments(chance, events, min(chance.randint(1, 4), KILLS - kills)):
            resume = ["--resume"] if (job.output / f"unfinished-{variant}").exists() else []
            if not job.start(*resume).kill_at(moment):
                break
            kills += 1
            print(f"{variant}: killed {1000 * moment.seconds:.0f} ms after {moment.event}")
            assert_files_are_whole(job, expected)
        assert_resumes_to(expected, job)
        shutil.rmtree(job.folder)
        chains += 1


def assert_files_are_whole(job, expected):
    """A file that has its name has all its bytes, final files as well as what the run keeps to go on with."""
    for path in job.output.glob("[!.]*"):
        if path.is_file() and path.name in expected:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == expected[path.name], path
    unfinished = UnfinishedRun(job.output / f"unfinished-{job.variant}")
    for path in unfinished.folder.glob("[!.]*.json"):
        data = unfinished.read_sealed(path.name)
        assert data is not None, path
        tensors = path.with_suffix(".safetensors")
        if tensors.exists():
            assert hashlib.sha256(tensors.read_bytes()).hexdigest() == data["tensors_sha256"]


def test_killed_while_its_folder_is_removed_a_run_is_complete(undisturbed, stopped_job):
    expected, _ = undisturbed("baseline")
    outcome = stopped_job.run("--resume", plan=Plan(signals={"remove identity.json": [signal.SIGKILL]}))
    assert outcome.code == -signal.SIGKILL
    assert "This run is complete" in assert_resumes_to(expected, stopped_job).out


# Stopped by a signal


@pytest.mark.parametrize(
    ("event", "number", "code", "done"),
    [
        ("write .step-00000012.json.part", signal.SIGINT, 130, r"stopped after step 1\d"),  # a step later, or more
        ("write .step-00000012.json.part", signal.SIGHUP, 129, r"stopped after step 1\d"),
        (f"write .{WEIGHTS.format('baseline')}.part", signal.SIGTERM, 143, "stopped while responding"),
        ("write .responses-000000.json.part", signal.SIGTERM, 143, "stopped while responding"),
    ],
)
def test_a_signal_is_answered_with_a_checkpoint_and_the_way_to_go_on(
    event, number, code, done, undisturbed, stopped_job
):
    outcome = stopped_job.run("--resume", plan=Plan(signals={event: [number]}))
    assert (outcome.code, outcome.errors) == (code, [])
    assert re.fullmatch(f"{done}; go on with the same command and --resume", outcome.err.splitlines()[-1])
    name = event.removeprefix("write .").removesuffix(".part")
    assert any(path.name == name for path in stopped_job.output.rglob("*"))  # what it was doing is done
    assert_resumes_to(undisturbed("baseline")[0], stopped_job)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_anything_is_computed_leaves_at_once(number, code, job):
    outcome = job.run(plan=Plan(signals={"write .identity.json.part": [number]}))
    assert (outcome.code, outcome.errors) == (code, [])


def test_a_second_signal_leaves_at_once(undisturbed, job):
    event = "fsync .step-00000006.safetensors.part"
    outcome = job.run(plan=Plan(signals={event: [signal.SIGINT, signal.SIGTERM]}))
    assert outcome.code == 143
    assert "stopped after" not in outcome.err
    assert (job.output / UNFINISHED / "step-00000003.safetensors").exists()
    assert_files_are_whole(job, undisturbed("baseline")[0])


# The disk


FAILING_CALLS = [  # of one chain: each run goes on from the one before
    "fsync .step-00000006.safetensors.part",
    "rename .step-00000009.json.part",
    "write .step-00000012.safetensors.part",
    f"fsync .{WEIGHTS.format('baseline')}.part",
    "rename .responses-000002.json.part",
    "rename .experiment-baseline.json.part",
]


def test_failing_system_calls_are_one_error_each_and_leave_what_was_there(undisturbed, job):
    expected, _ = undisturbed("baseline")
    for event in FAILING_CALLS:
        outcome = job.run("--resume", plan=Plan(errors={event: errno.EIO}))
        name = event.split()[1]
        assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
        assert "Input/output error" in outcome.errors[0]
        assert name.removeprefix(".").removesuffix(".part") in outcome.errors[0]
        assert not (job.output / UNFINISHED / name).exists()
        assert_files_are_whole(job, expected)
    assert_resumes_to(expected, job)


@pytest.mark.parametrize(
    ("variant", "file_size", "too_large"),
    [("baseline", 10_000_000, "step-00000003.safetensors"), ("lora", 15_000_000, WEIGHTS.format("lora"))],
)
def test_a_file_that_cannot_be_written_whole_is_one_error(
    variant, file_size, too_large, undisturbed, tmp_path, data_file
):
    job = Job(tmp_path, data_file, variant)
    outcome = job.run(plan=Plan(file_size=file_size))
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert too_large in outcome.errors[0]
    assert "File too large" in outcome.errors[0]
    assert not [name for name in content(job.output) if name.endswith(".part") or ".tmp" in name]
    assert_files_are_whole(job, undisturbed(variant)[0])


@pytest.fixture
def disk(tmp_path):
    """Mounts a file system of a kind in the experiment's output folder."""
    folder = tmp_path / "output"
    folder.mkdir()

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a file system needs root")

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_a_full_disk_is_one_error_and_with_room_the_run_goes_on(undisturbed, job, disk):
    disk("size=270m")  # two checkpoints of 108 MB
    outcome = job.run()
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert "No space left on device" in outcome.errors[0]
    assert "step-00000008.safetensors" in outcome.errors[0]
    assert {path.name for path in (job.output / UNFINISHED).iterdir()} == {
        "identity.json", "step-00000003.json", "step-00000003.safetensors",
        "step-00000006.json", "step-00000006.safetensors",
    }  # fmt: skip
    disk("remount,size=600m")
    assert_resumes_to(undisturbed("baseline")[0], job)


def test_a_read_only_folder_is_one_error(job, disk):
    disk("ro")
    outcome = job.run()
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert f"{job.output}: cannot be written" in outcome.errors[0]


def test_every_file_is_on_the_disk_before_it_has_its_name(undisturbed):
    events = [event.split() for _, event in undisturbed("baseline")[1]]
    events = [(verb, name) for verb, name in events if verb in ("write", "fsync", "rename")]
    assert all(name.startswith(".") and name.endswith(".part") for verb, name in events if verb == "write")
    for index, (verb, name) in enumerate(events):
        if verb == "rename" and name.endswith(".part"):
            assert [verb for verb, of in events[:index] if of == name][-1] == "fsync"
            assert {"output", UNFINISHED} & {of for verb, of in events[index:] if verb == "fsync"}  # who has the name


def test_whole_file_keeps_the_earlier_file_when_anything_fails(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"earlier")
    with contextlib.suppress(KeyboardInterrupt), whole_file(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("file", b"earlier")]


# Damaged checkpoints


def flip(path, at=None):
    """Flip a bit of the file, in its middle unless told."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("damaged", "damage", "first_line"),
    [
        (["step-00000009.safetensors"], flip, "Going on after step 8"),
        (["step-00000009.json"], truncate, "Going on after step 8"),
        (["step-00000009.safetensors", "step-00000008.safetensors"], truncate, "Ep 1 (Step 000000)"),
    ],
)
def test_a_damaged_checkpoint_is_not_used(damaged, damage, first_line, undisturbed, stopped_job):
    for name in damaged:
        damage(stopped_job.output / UNFINISHED / name)
    outcome = assert_resumes_to(undisturbed("baseline")[0], stopped_job)
    assert outcome.err.count("warning: ") == len(damaged)
    assert first_line in outcome.out


def test_responses_that_are_there_are_not_made_again_unless_damaged(undisturbed, stopped_job):
    assert stopped_job.start("--resume").kill_at(Moment("write .responses-000002.json.part", 1, 0))
    second = stopped_job.start("--resume")
    assert second.kill_at(Moment("write .responses-000002.json.part", 1, 0))
    assert "write .responses-000000.json.part" not in [event for _, event in second.events]
    flip(stopped_job.output / UNFINISHED / "responses-000000.json")
    assert_resumes_to(undisturbed("baseline")[0], stopped_job)


def test_a_run_that_cannot_be_identified_is_not_gone_on_with(stopped_job):
    flip(stopped_job.output / UNFINISHED / "identity.json")
    before = content(stopped_job.output)
    outcome = stopped_job.run("--resume")
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert "identity.json" in outcome.errors[0]
    assert content(stopped_job.output) == before


def test_whatever_bit_is_flipped_the_checkpoint_before_is_loaded(tmp_path):
    unfinished = UnfinishedRun(tmp_path / "run")
    unfinished.begin({"seed": 123}, resume=False)
    unfinished.save_checkpoint(1, {"weight": torch.tensor([1.0])}, {"step": 1})
    unfinished.save_checkpoint(2, {"weight": torch.tensor([2.0])}, {"step": 2})
    unfinished.finish_checkpoint()
    before = {path: path.read_bytes() for path in unfinished.folder.iterdir()}
    assert unfinished.load_checkpoint()[1]["step"] == 2
    last = {path: whole for path, whole in before.items() if path.stem == "step-00000002"}
    for path, whole in last.items():
        for at in range(len(whole)):
            flip(path, at)
            tensors, data = unfinished.load_checkpoint()
            assert (tensors["weight"].item(), data["step"]) == (1.0, 1)
            for damaged in last:
                damaged.write_bytes(last[damaged])


def test_two_checkpoints_are_kept(tmp_path):
    unfinished = UnfinishedRun(tmp_path / "run")
    unfinished.begin({}, resume=False)
    (unfinished.folder / "step-00000001.safetensors").write_bytes(b"left by a run killed between two removals")
    for step in (2, 3, 4):
        unfinished.save_checkpoint(step, {"weight": torch.zeros(1)}, {})
    unfinished.finish_checkpoint()
    kept = {path.name for path in unfinished.folder.glob("step-*")}
    assert kept == {f"step-0000000{step}.{kind}" for step in (3, 4) for kind in ("json", "safetensors")}


def test_what_is_kept_has_nothing_executable_in_it(stopped):
    assert {path.suffix for path in (stopped.output / UNFINISHED).iterdir()} == {".json", ".safetensors"}


# Other settings, other data, another run


def test_without_resume_an_unfinished_run_is_left_alone(stopped_job):
    before = content(stopped_job.output)
    outcome = stopped_job.run()
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert "go on with --resume" in outcome.errors[0]
    assert content(stopped_job.output) == before


def test_all_differences_of_settings_and_data_are_listed(stopped_job, tmp_path):
    entries = json.loads(stopped_job.data.read_text())
    entries[7]["output"] += "!"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(entries))
    before = content(stopped_job.output)
    outcome = stopped_job.run("--resume", "--data", str(other), "--learning_rate", "0.1", "--num_epochs", "3")
    assert outcome.code == 1
    *differences, advice = outcome.errors
    assert [line.split(": ")[2].split()[0] for line in differences] == ["data_sha256", "learning_rate", "num_epochs"]
    assert "learning_rate is 0.1, in the unfinished run it was 5e-05" in differences[1]
    assert "going on needs the settings and data of the unfinished run" in advice
    assert content(stopped_job.output) == before


def test_another_number_of_threads_says_how_to_have_the_first_again(tmp_path):
    unfinished = UnfinishedRun(tmp_path / "run")
    unfinished.begin({"threads": 2}, resume=False)
    unfinished.write_sealed("responses-000000.json", [])
    with pytest.raises(UserError, match="threads is 4, in the unfinished run it was 2") as refused:
        unfinished.begin({"threads": 4}, resume=True)
    assert "OMP_NUM_THREADS=2" in str(refused.value)


def test_what_is_computed_at_once_may_change_when_going_on(stopped_job, undisturbed):
    outcome = stopped_job.run("--resume", "--micro_batch_size", "2", "--generation_rows", "1")
    assert outcome.code == 0, outcome.err
    expected, _ = undisturbed("baseline")
    losses = [[at["train_loss"] for at in run["evaluations"]] for run in (results(stopped_job), expected)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_a_vanished_data_file_is_one_error_and_the_run_goes_on_when_it_is_back(stopped_job, undisturbed, tmp_path):
    moved = Job(stopped_job.folder, tmp_path / "moved.json")
    before = content(moved.output)
    outcome = moved.run("--resume")
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert str(moved.data) in outcome.errors[0]
    assert content(moved.output) == before
    shutil.copy(stopped_job.data, moved.data)
    assert_resumes_to(undisturbed("baseline")[0], moved)


def test_a_second_run_in_the_same_folder_is_refused(undisturbed, job):
    first = job.start()
    assert first.until("rename .step-00000003.json.part")
    first.send(signal.SIGSTOP)
    second = Job(job.folder / "second", job.data)
    second.folder.mkdir()
    second.output.symlink_to(job.output)
    for options in ([], ["--resume"]):
        outcome = second.run(*options)
        assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
        assert "in use by another process" in outcome.errors[0]
    first.send(signal.SIGCONT)
    assert first.end().code == 0
    assert results(job) == undisturbed("baseline")[0]


# Numbers and memory


@pytest.fixture
def poisoned(tmp_path, data_file):
    """(weights, entries): weights with which the loss is NaN for one entry, and the entries of its batch, step 5."""
    tokenizer = load_tokenizer(TINY)
    entries = json.loads(data_file.read_text())[:34]
    token_ids = InstructionDataset(entries, tokenizer).token_ids
    in_one = {
        token: number
        for number, tokens in enumerate(token_ids)
        for token in tokens
        if sum(token in others for others in token_ids) == 1
    }
    torch.manual_seed(123)
    batches = list(torch.utils.data.DataLoader(range(34), 4, shuffle=True, drop_last=True))
    token = next(token for token, number in in_one.items() if number in batches[5])
    folder = tmp_path / "poisoned"
    shutil.copytree(TINY, folder)
    weights = load_file(folder / "model.safetensors")
    weights["out_head.weight"] = weights["tok_emb.weight"].clone()
    weights["tok_emb.weight"][token] = torch.inf
    save_file(weights, folder / "model.safetensors")
    return folder, [number + 1 for number in batches[5].tolist()]


def test_a_loss_that_is_not_a_number_stops_the_run_and_names_step_entries_and_checkpoint(poisoned, job):
    weights, entries = poisoned
    job = replace(job, model=("--weights", str(weights)))
    for _ in range(2):  # it is the same when going on from the middle of the epoch
        outcome = job.run("--resume")
        assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
        assert "the loss became nan at step 5" in outcome.errors[0]
        assert f"the entries {', '.join(map(str, entries))};" in outcome.errors[0]
        assert f"the last good checkpoint is {job.output / UNFINISHED / 'step-00000003.json'}" in outcome.errors[0]


def test_diverging_training_stops_with_one_error(job):
    outcome = job.run("--learning_rate", "1e10")
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert "lower --learning_rate" in outcome.errors[0]


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ([], "set --micro_batch_size to less than 4 and go on"),
        (["--micro_batch_size", "1"], "choose a smaller --model"),
    ],
)
def test_out_of_memory_names_the_setting_to_change(options, advice, job):
    # Below 2 MiB oneDNN has no room for its code for a new shape, and ends the process.
    outcome = job.run(*options, plan=Plan(memory={"write .identity.json.part": 2**22}))
    assert (outcome.code, len(outcome.errors)) == (1, 1), outcome.err
    assert outcome.errors[0].startswith(f"error: out of memory; {advice}")


def windows_has_no_room(_):
    raise OSError(22, "The paging file is too small for this operation to complete")


@pytest.mark.parametrize("take", [torch.empty, np.zeros, partial(mmap.mmap, -1), windows_has_no_room])
def test_every_way_of_running_out_of_memory_is_recognised(take):
    with pytest.raises(UserError, match="set --generation_rows to less than 8"), memory_advice("--generation_rows", 8):
        take(2**50)

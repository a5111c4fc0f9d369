"""A run on several ranks is the run on one: the same losses and weights to rounding, the same files."""

import functools

import pytest
from support.rank_processes import run_on_ranks
from support.run_numbers import assert_same, assert_same_bits, record
from support.small_checkpoint import OPTIONS, write_small_checkpoint

from exercise_experiments import main

CASES = {
    "baseline": [],
    "phi3_prompt": ["--exercise_solution", "phi3_prompt"],
    "mask_instructions": ["--exercise_solution", "mask_instructions"],
    "lora": ["--exercise_solution", "lora"],
    "phi3_prompt lora": ["--exercise_solution", "phi3_prompt", "lora"],
    "mask_instructions lora": ["--exercise_solution", "mask_instructions", "lora"],
    "micro-batches of uneven number": ["--batch_size", "8", "--micro_batch_size", "2"],
    "uneven parts": ["--batch_size", "5"],
    "ranks without a target": ["--exercise_solution", "mask_instructions", "--allowed_max_length", "63"],
    "micro-batches without a target": [
        "--exercise_solution", "mask_instructions", "--allowed_max_length", "63", "--micro_batch_size", "1",
    ],
    "few batches to evaluate": ["--eval_iter", "1"],
}  # fmt: skip
SHARDED = ["baseline", "lora", "micro-batches without a target"]
FOR_THREE = ["baseline", "lora", "micro-batches of uneven number", "uneven parts", "ranks without a target"]


@pytest.fixture(scope="module")
def common(tmp_path_factory, first_entries):
    """What all runs of this file have on their command lines."""
    weights = write_small_checkpoint(tmp_path_factory.mktemp("weights"))
    return [
        "--weights",
        str(weights),
        "--data",
        str(first_entries(40)),
        *OPTIONS,
        "--batch_size",
        "4",
        "--eval_iter",
        "3",
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, common):
    """The folders of the runs of one process, by case."""
    folders = {name: tmp_path_factory.mktemp("alone") for name in CASES}
    for name, folder in folders.items():
        main([*common, *CASES[name], "--output_dir", str(folder)])
    return folders


@pytest.fixture(scope="module")
def together(tmp_path_factory, common):
    """For a number of ranks: (the folders of the same runs by case, the digests of each rank's weights).

    Sharded ones have "shard" before their names, and "again baseline" is baseline once more.
    """
    sharded = {f"shard {name}": [*CASES[name], "--shard"] for name in SHARDED}
    cases = {
        2: CASES | sharded | {"again baseline": []},
        3: {name: CASES[name] for name in FOR_THREE} | {"shard baseline": sharded["shard baseline"]},
    }

    @functools.cache
    def on(n_ranks):
        folders = {name: tmp_path_factory.mktemp("together") for name in cases[n_ranks]}
        jobs = [[*common, *cases[n_ranks][name], "--output_dir", str(folder)] for name, folder in folders.items()]
        return folders, [dict(zip(folders, digests, strict=True)) for digests in run_on_ranks(n_ranks, jobs)]

    return on


@pytest.mark.parametrize(("n_ranks", "name"), [(2, name) for name in CASES] + [(3, name) for name in FOR_THREE])
def test_losses_and_weights_are_those_of_one_process(n_ranks, name, alone, together):
    folders, digests = together(n_ranks)
    assert_same(folders[name], alone[name])
    assert len({of_rank[name] for of_rank in digests}) == 1


def test_made_again_a_run_has_the_same_bits(together):
    folders, _ = together(2)
    assert_same_bits(folders["again baseline"], folders["baseline"])


@pytest.mark.parametrize("name", ["baseline", "lora"])
def test_sharded_a_run_of_two_ranks_has_the_same_bits(name, together):
    folders, _ = together(2)
    assert_same_bits(folders[f"shard {name}"], folders[name])


@pytest.mark.parametrize(("n_ranks", "name"), [(2, "micro-batches without a target"), (3, "baseline")])
def test_sharded_a_run_is_the_same_to_rounding(n_ranks, name, together):
    """Three ranks' gradients, and those of micro-batches, are added up in another order."""
    folders, _ = together(n_ranks)
    assert_same(folders[f"shard {name}"], folders[name])


def test_sharded_with_lora_the_record_has_the_adapters_parameters(together):
    folders, _ = together(2)
    counts = [record(folders[name])["trainable_parameters"] for name in ("shard lora", "lora")]
    assert counts[0] == counts[1]

"""What two runs of one experiment must have in common: losses, weights, responses."""

import json

import pytest
import torch


def assert_same(folder, expected_folder):
    """The same to rounding, by which no response differs."""
    assert losses(folder) == pytest.approx(losses(expected_folder), rel=1e-5)
    expected, found = weights(expected_folder), weights(folder)
    assert list(found) == list(expected)
    for key in expected:
        if not key.endswith("W_key.bias"):  # its gradient is 0 in truth: AdamW makes steps of its rounding
            torch.testing.assert_close(found[key], expected[key], rtol=0, atol=1e-5)
    assert responses(folder) == responses(expected_folder)


def assert_same_bits(folder, expected_folder):
    assert losses(folder) == losses(expected_folder)
    expected, found = weights(expected_folder), weights(folder)
    assert list(found) == list(expected)
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    assert responses(folder) == responses(expected_folder)


def record(folder):
    return json.loads(next(folder.glob("experiment-*.json")).read_text("utf-8"))


def losses(folder):
    evaluated = [loss for at in record(folder)["evaluations"] for loss in (at["train_loss"], at["val_loss"])]
    return [*record(folder)["initial_losses"].values(), *evaluated]


def weights(folder):
    return torch.load(next(folder.glob("*.pth")), weights_only=True)


def responses(folder):
    return json.loads(next(folder.glob("instruction-data-with-response-*.json")).read_text("utf-8"))

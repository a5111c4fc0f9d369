"""Fixtures shared by the tests of the model."""

import pytest
import torch

from gpt2_experiments.model import linear as linear_module


@pytest.fixture(params=[False, True], ids=["PyTorch's choice", "oneDNN"])
def by_onednn(request, monkeypatch):
    """Whether oneDNN computes what needs no gradient, on whatever processor this is."""
    if request.param and not torch.backends.mkldnn.is_available():
        pytest.skip("PyTorch without oneDNN")
    monkeypatch.setattr(linear_module, "MULTIPLIES_BY_ONEDNN", request.param)
    return request.param

"""The metrics of `--judge reference`, against the libraries' documented conventions and figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.judging.metrics import METRICS, reference_scores


def test_same_text_is_100_everywhere_and_no_text_is_0():
    assert reference_scores("The cat sat down.", "The cat sat down.") == dict.fromkeys(METRICS, 100.0)
    assert reference_scores("", "The cat sat down.") == dict.fromkeys(METRICS, 0.0)


def test_figures_worked_out_by_hand():
    scores = reference_scores("the cat sat", "the cat sat down")
    assert scores["ROUGE-L"] == pytest.approx(100 * 2 * 1 * 0.75 / 1.75, abs=1e-3)  # precision 3/3, recall 3/4
    assert scores["BLEU"] == pytest.approx(100 * math.exp(1 - 4 / 3), abs=1e-3)  # all n-grams match; brevity penalty
    assert scores["exact match"] == 0


def test_exact_match_ignores_outer_white_space_only():
    assert reference_scores(" yes\n", "yes")["exact match"] == 100
    assert reference_scores("Yes", "yes")["exact match"] == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_metric_stays_from_0_to_100(response, reference):
    assert all(0 <= score <= 100 for score in reference_scores(response, reference).values())

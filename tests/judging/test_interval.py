"""Confidence intervals hold what they promise; repeats show the judge's noise."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from support.score_populations import POPULATIONS

from gpt2_experiments.judging.interval import mean_interval, repeat_noise


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("size", [30, 55, 110, 300])
def test_interval_holds_the_true_mean_in_95_percent_of_samples(population, size):
    """Simulated: 2,000 samples of each size; 93.5% allows for the simulation's own noise (three standard errors)."""
    scores, shares = np.array(POPULATIONS[population][0], float), np.array(POPULATIONS[population][1])
    shares /= shares.sum()
    samples = np.random.default_rng(123).choice(scores, (2000, size), p=shares)
    intervals = [mean_interval(sample.tolist(), (0, 100)) for sample in samples]
    held = [low <= scores @ shares <= high for low, high in intervals]
    assert statistics.fmean(held) >= 0.935


def test_interval_of_a_hundred_spread_scores_is_that_of_students_t():
    sample = [float(score) for score in np.random.default_rng(1).integers(0, 101, 110)]
    low, high = mean_interval(sample, (0, 100))
    t_low, t_high = stats.t.interval(0.95, 109, np.mean(sample), stats.sem(sample))
    assert high - low == pytest.approx(t_high - t_low, rel=0.03)
    assert mean_interval(sample) == pytest.approx((t_low, t_high))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=200))
def test_interval_holds_the_samples_own_mean_and_stays_on_the_scale(scores):
    low, high = mean_interval(scores, (0, 100))
    assert 0 <= low <= statistics.fmean(scores) + 1e-9
    assert statistics.fmean(scores) - 1e-9 <= high <= 100


def test_equal_scores_are_not_certain():
    low, high = mean_interval([100.0] * 110, (0, 100))
    assert 95 < low < 99
    assert high == 100


def test_too_few_values_have_no_interval():
    with pytest.raises(ValueError, match="1 values have no confidence interval"):
        mean_interval([3.0])
    with pytest.raises(ValueError, match="0 values"):
        mean_interval([], (0, 100))


def test_judges_noise_is_the_spread_within_entries_not_between_them():
    rng = np.random.default_rng(5)
    truth = rng.uniform(10, 90, 400)
    repeats = (truth[:, None] + rng.normal(0, 4, (400, 5))).tolist()
    assert repeat_noise(repeats) == pytest.approx(4, rel=0.1)
    assert repeat_noise([[50, 50], [90, 90]]) == 0
    assert math.isclose(repeat_noise([[0, 2]]), math.sqrt(2))

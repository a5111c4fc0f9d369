"""Comparisons call variants different no oftener than promised, and say what they could have shown.

The simulated scores are what a judge gives: an entry's difficulty is the same for all variants and runs, each variant
has its own luck with an entry, each run with an entry, and a run may be better or worse as a whole.
"""

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.special import ndtr, ndtri
from support.score_populations import POPULATIONS

from gpt2_experiments.comparing.statistics import (
    SIGNIFICANCE,
    Comparison,
    Estimate,
    compare_all,
    compare_pair,
    comparison_sentence,
    crossed_estimate,
    entry_differences,
    holm,
    paired_difference,
    seed_variances,
    sign_flip_p,
    smallest_detectable,
    variant_mean,
)
from gpt2_experiments.judging.interval import mean_interval

ENTRY, VARIANT, RUN = 0.5, 0.2, 0.3  # shares of the quality's variance within a run
ENTRIES = 110


def thresholds(population):
    """The qualities between one score and the next: quality is standard normal, scores are as often as they should."""
    shares = np.array(POPULATIONS[population][1])
    return ndtri(np.cumsum(shares / shares.sum())[:-1])


def true_mean(population, shift=0.0, seed_spread=0.0):
    """The mean score of a variant whose quality is better by `shift`, over all entries and seeds."""
    below = ndtr((thresholds(population) - shift) / np.hypot(1, seed_spread))
    return float(np.array(POPULATIONS[population][0]) @ np.diff(below, prepend=0, append=1))


def simulated(population, samples, seeds, shifts=(0.0, 0.0), seed_spread=0.0, entries=ENTRIES, number=1):
    """Scores of variants, one for each of `shifts`: a list of [samples, seeds, entries]."""
    rng = np.random.default_rng(number)
    difficulty = rng.normal(0, ENTRY**0.5, (samples, 1, entries))
    points = np.array(POPULATIONS[population][0], float)
    variants = []
    for shift in shifts:
        quality = shift + difficulty + rng.normal(0, VARIANT**0.5, (samples, 1, entries))
        quality = quality + rng.normal(0, RUN**0.5, (samples, seeds, entries))
        quality += rng.normal(0, 1, (samples, seeds, 1)) * seed_spread
        variants.append(points[np.searchsorted(thresholds(population), quality)])
    return variants


def share_holding(estimates, truth):
    return statistics.fmean(estimate.interval[0] <= truth <= estimate.interval[1] for estimate in estimates)


def p_values(a, b):
    """The p values of many samples at once, as `compare_pair` defines them."""
    differences = np.array([entry_differences(*runs) for runs in zip(a, b, strict=True)])
    return np.maximum([paired_difference(*runs).p for runs in zip(a, b, strict=True)], sign_flip_p(differences))


def error(share, samples):
    """Three standard errors of a simulated share."""
    return 3 * (share * (1 - share) / samples) ** 0.5


# against scipy


def test_one_seed_is_the_paired_t_test():
    a, b = (variant[0] for variant in simulated("spread", 1, 1, (0, 0.3)))
    expected = stats.ttest_rel(b[0], a[0])
    estimate = paired_difference(a, b)
    assert estimate.p == pytest.approx(expected.pvalue)
    assert estimate.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_interval_is_the_bootstraps_expanded_by_students_t():
    """Percentile bootstraps are narrower by the normal quantile and by the n of their variance, and no more."""
    a, b = (variant[0] for variant in simulated("spread", 1, 1, (0, 0.3)))
    bootstrap = stats.bootstrap((b[0] - a[0],), np.mean, n_resamples=20_000, method="percentile", rng=1)
    low, high = paired_difference(a, b).interval
    expansion = stats.t.ppf(0.975, ENTRIES - 1) / stats.norm.ppf(0.975) * (ENTRIES / (ENTRIES - 1)) ** 0.5
    width = (bootstrap.confidence_interval.high - bootstrap.confidence_interval.low) * expansion
    assert high - low == pytest.approx(width, rel=0.03)
    middle = (bootstrap.confidence_interval.low + bootstrap.confidence_interval.high) / 2
    assert (low + high) / 2 == pytest.approx(middle, abs=0.03 * width)


@pytest.mark.parametrize("seeds", [(2, 2), (3, 5)])
def test_seeds_alone_are_welchs_t_test(seeds):
    """Runs that differ as a whole and in nothing else: only the seeds vary."""
    rng = np.random.default_rng(3)
    means = [rng.uniform(40, 60, number) for number in seeds]
    expected = stats.ttest_ind(means[1], means[0], equal_var=False)
    estimate = paired_difference(*(np.repeat(mean[:, None], 12, axis=1) for mean in means))
    assert estimate.p == pytest.approx(expected.pvalue)
    assert estimate.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


@given(arrays(int, 8, elements=st.integers(-100, 100)))
def test_sign_flips_of_few_entries_are_scipys_exact_test(differences):
    expected = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(differences[None].astype(float)) == pytest.approx([expected.pvalue])


@pytest.mark.parametrize("shift", [0, 0.1, 0.3])
def test_sign_flips_of_many_entries_are_scipys_monte_carlo_test(shift):
    (a,), (b,) = (variant[0] for variant in simulated("spread", 1, 1, (0, shift)))
    expected = stats.permutation_test(
        (a, b),
        lambda a, b, axis: np.mean(b - a, axis=axis),
        permutation_type="samples",
        n_resamples=10_000,
        vectorized=True,
        rng=1,
    )
    assert sign_flip_p((b - a)[None])[0] == pytest.approx(expected.pvalue, abs=2**0.5 * error(expected.pvalue, 10_000))


# Holm


def test_holm_of_a_known_case():
    """By hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1, which may not fall below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.4, 0.9, 0.6]) == [1.0, 1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_raises_p_values_by_bonferroni_at_most_and_keeps_their_order(raw):
    corrected = holm(raw)
    for before, after in zip(raw, corrected, strict=True):
        assert before <= after <= min(1, before * len(raw))
    ordered = [after for _, after in sorted(zip(raw, corrected, strict=True))]
    assert ordered == sorted(ordered)
    assert min(corrected) == min(1, min(raw) * len(raw))


# simulations


@pytest.mark.parametrize("shift", [0, 0.5])
@pytest.mark.parametrize("population", POPULATIONS)
def test_interval_of_one_seed_holds_the_true_difference_in_95_percent_of_samples(population, shift):
    """93 to 97%; 92% where a nearly perfect variant meets a better one, whose differences are the most skewed."""
    a, b = simulated(population, 4_000, 1, (0, shift))
    truth = true_mean(population, shift) - true_mean(population)
    share = share_holding(map(paired_difference, a, b), truth)
    assert (0.92 if (population, shift) == ("nearly perfect", 0.5) else 0.93) <= share <= 0.97


@pytest.mark.parametrize("seed_spread", [0, 0.05, 0.15, 0.5])
@pytest.mark.parametrize(("seeds", "least"), [(2, 0.93), (3, 0.94), (5, 0.94)])
def test_interval_of_several_seeds_holds_the_true_difference(seeds, least, seed_spread):
    """Seeds vary by 0 to 18 points. The interval is somewhat too wide where they do not vary."""
    a, b = simulated("spread", 2_000, seeds, (0, 0.5), seed_spread)
    truth = true_mean("spread", 0.5, seed_spread) - true_mean("spread", 0, seed_spread)
    share = share_holding(map(paired_difference, a, b), truth)
    assert least - error(least, 2_000) <= share <= 0.985


def test_variance_of_seeds_is_told_from_their_interaction_with_the_entries():
    rng = np.random.default_rng(6)
    samples = rng.normal(0, 3, (4_000, 4, 1)) + rng.normal(0, 20, (4_000, 4, 50)) + rng.normal(0, 9, (4_000, 1, 50))
    of_seeds, of_interaction = np.mean([seed_variances(sample) for sample in samples], axis=0)
    assert of_interaction == pytest.approx(20**2 / (4 * 50), rel=0.01)
    assert of_seeds == pytest.approx(3**2 / 4 + of_interaction, rel=0.05)


def test_interval_of_entries_alone_would_be_far_too_narrow():
    a, b = simulated("spread", 1_000, 3, seed_spread=0.15)
    share = share_holding((crossed_estimate(entry_differences(*runs), ()) for runs in zip(a, b, strict=True)), 0)
    assert share < 0.8


@pytest.mark.parametrize("population", POPULATIONS)
def test_equal_variants_of_one_seed_are_said_to_differ_in_5_percent_of_samples_at_most(population):
    p = p_values(*simulated(population, 2_000, 1))
    assert np.mean(p < SIGNIFICANCE) <= 0.05 + error(0.05, 2_000)
    assert np.mean(p < SIGNIFICANCE) >= (0.03 if population in ("spread", "good", "poor") else 0.01)


@pytest.mark.parametrize("seed_spread", [0, 0.05, 0.15])
def test_equal_variants_of_three_seeds_are_said_to_differ_in_5_percent_of_samples_at_most(seed_spread):
    p = p_values(*simulated("spread", 1_500, 3, seed_spread=seed_spread))
    assert 0.015 <= np.mean(p < SIGNIFICANCE) <= 0.05 + error(0.05, 1_500)


@pytest.mark.parametrize(("seeds", "seed_spread"), [(1, 0), (3, 0.15)])
def test_some_pair_of_four_equal_variants_is_said_to_differ_in_5_percent_of_samples_at_most(seeds, seed_spread):
    samples = zip(*simulated("spread", 800, seeds, (0,) * 4, seed_spread), strict=True)
    comparisons = [compare_all(dict(zip("abcd", sample, strict=True))) for sample in samples]
    alarms = statistics.fmean(any(pair.difference_shown for pair in pairs) for pairs in comparisons)
    assert 0.02 <= alarms <= 0.05 + error(0.05, 800)


@pytest.mark.parametrize("pairs", [1, 15])
@pytest.mark.parametrize(("seeds", "seed_spread"), [(1, 0), (3, 0.05)])
def test_smallest_detectable_difference_is_shown_in_80_percent_of_samples(seeds, seed_spread, pairs):
    """Equal variants, all scores of one then raised by the average figure."""
    a, b = simulated("spread", 1_500, seeds, seed_spread=seed_spread)
    estimates = list(map(paired_difference, a, b))
    raised = statistics.fmean(smallest_detectable(estimate, ENTRIES, pairs) for estimate in estimates)
    p = [
        Estimate(estimate.mean + raised, estimate.standard_error, estimate.degrees_of_freedom).p
        for estimate in estimates
    ]
    flipped = sign_flip_p(raised + np.array([entry_differences(*runs) for runs in zip(a, b, strict=True)]))
    share = np.mean(np.maximum(p, flipped) < SIGNIFICANCE / pairs)
    assert share == pytest.approx(0.8, abs=error(0.8, 1_500))


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("seeds", [1, 3])
def test_interval_of_a_variants_mean_holds_the_true_mean(population, seeds):
    seed_spread = 0.05 if seeds > 1 else 0
    (scores,) = simulated(population, 2_000, seeds, (0,), seed_spread)
    share = share_holding(map(variant_mean, scores), true_mean(population, 0, seed_spread))
    assert share >= 0.95 - error(0.95, 2_000)


# a variant's mean


def test_variant_mean_of_one_seed_is_mean_interval():
    scores = np.random.default_rng(2).integers(0, 101, (1, 40))
    mean = variant_mean(scores)
    assert mean.mean == scores.mean()
    assert mean.interval == mean_interval(scores[0].tolist(), (0, 100))
    assert not mean.seeds_counted


@given(arrays(int, (1, 12), elements=st.integers(0, 100)), st.integers(2, 5))
def test_variant_mean_of_equal_runs_is_that_of_one(scores, seeds):
    mean = variant_mean(np.repeat(scores, seeds, axis=0))
    assert mean.interval == pytest.approx(variant_mean(scores).interval)
    assert mean.seeds_counted


def test_variant_mean_counts_the_seeds():
    scores = np.random.default_rng(2).integers(0, 81, (1, 40)) + np.array([[0], [10], [20]])
    low, high = variant_mean(scores).interval
    low_of_one, high_of_one = variant_mean(scores[1:2]).interval
    assert high - low > 1.5 * (high_of_one - low_of_one)


# properties of a comparison

SCORES = arrays(int, st.tuples(st.integers(1, 3), st.just(9)), elements=st.integers(0, 50))
ONE_OUT = np.array([[46, *[0] * 8], [0] * 9])
MANY_SCORES = arrays(int, (2, 40), elements=st.integers(0, 50))


@given(SCORES, SCORES)
def test_swapped_variants_differ_the_other_way_round(a, b):
    there, back = compare_pair("a", a, "b", b), compare_pair("b", b, "a", a)
    assert there.difference == -back.difference
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
    assert (there.p, there.seeds_counted) == (pytest.approx(back.p), back.seeds_counted)
    assert there.smallest_detectable == pytest.approx(back.smallest_detectable)


@example(ONE_OUT, ONE_OUT + 2, 25)  # the seeds' variance is just that of their interaction
@given(SCORES, SCORES, st.integers(0, 50))
def test_points_given_to_both_change_nothing(a, b, constant):
    before, after = compare_pair("a", a, "b", b), compare_pair("a", a + constant, "b", b + constant)
    assert after.difference == pytest.approx(before.difference, abs=1e-8)
    assert after.interval == pytest.approx(before.interval, abs=1e-6)
    assert after.p == pytest.approx(before.p, abs=1e-6)


@given(SCORES, SCORES)
def test_a_p_value_below_5_percent_belongs_to_an_interval_without_0(a, b):
    comparison = compare_pair("a", a, "b", b)
    low, high = comparison.interval
    assert low <= comparison.difference <= high
    assert comparison.p >= SIGNIFICANCE or low > 0 or high < 0


@given(MANY_SCORES, MANY_SCORES, st.permutations(range(40)))
def test_the_order_of_entries_and_of_seeds_changes_only_which_signs_are_drawn(a, b, order):
    before, after = compare_pair("a", a, "b", b), compare_pair("a", a[:, order], "b", b[::-1, order])
    assert after.difference == pytest.approx(before.difference, abs=1e-8)
    assert after.interval == pytest.approx(before.interval, abs=1e-6)
    assert after.p == pytest.approx(before.p, abs=0.04)


def test_same_scores_same_comparison():
    a, b = (variant[0] for variant in simulated("spread", 1, 3, (0, 0.3)))
    assert compare_pair("a", a, "b", b) == compare_pair("a", a, "b", b)


def test_all_pairs_are_compared_and_corrected_together():
    shifts = dict(zip("wxyz", (0, 0.1, 0.4, 1.5), strict=True))
    scores = dict(zip(shifts, (variant[0] for variant in simulated("spread", 1, 2, shifts.values())), strict=True))
    comparisons = compare_all(scores)
    assert [(pair.a, pair.b) for pair in comparisons] == list(itertools.combinations("wxyz", 2))
    assert [pair.p_holm for pair in comparisons] == holm([pair.p for pair in comparisons])
    for pair in comparisons:
        alone = compare_pair(pair.a, scores[pair.a], pair.b, scores[pair.b])
        assert (pair.difference, pair.interval, pair.p) == (alone.difference, alone.interval, pytest.approx(alone.p))
        assert pair.pairs == 6
        assert pair.smallest_detectable > alone.smallest_detectable
    assert compare_all({"a": scores["w"]}) == []


def test_seeds_count_only_where_both_variants_have_several():
    a, b = (variant[0] for variant in simulated("spread", 1, 3, seed_spread=0.5))
    assert compare_pair("a", a, "b", b).seeds_counted
    one_sided = compare_pair("a", a[:1], "b", b)
    assert not one_sided.seeds_counted
    assert one_sided.interval == pytest.approx(stats.t.interval(0.95, 109, *mean_and_error(b.mean(axis=0) - a[0])))


def mean_and_error(values):
    return np.mean(values), stats.sem(values)


# the ends of what can be compared


def test_equal_scores_do_not_differ():
    scores = np.random.default_rng(4).uniform(0, 100, (3, 20))
    one = compare_pair("a", scores[:1], "b", scores[:1])
    assert (one.difference, one.interval, one.p) == (0, (0, 0), 1)
    assert not one.difference_shown
    assert paired_difference(scores[:1], scores[:1]).p == 1
    several = compare_pair("a", scores, "b", scores[::-1])
    assert (several.difference, several.p) == (0, 1)
    constant = compare_pair("a", np.full((2, 20), 70), "b", np.full((2, 20), 70))
    assert (constant.interval, constant.p) == ((0, 0), 1)


@pytest.mark.parametrize(
    ("entries", "p"),
    [(2, 1 / 2), (5, 1 / 16), (6, 1 / 32), (13, 1 / 4_096), (18, 1 / 10_001), (110, 1 / 10_001)],
)
def test_a_constant_difference_is_as_certain_as_the_number_of_entries_allows(entries, p):
    comparison = compare_pair("a", np.full((1, entries), 50.3), "b", np.full((1, entries), 53.4))
    assert comparison.difference == pytest.approx(3.1)
    assert comparison.interval == pytest.approx((3.1, 3.1))
    assert comparison.p == pytest.approx(p)
    assert comparison.difference_shown == (p < 0.05)
    assert (comparison.smallest_detectable is None) == (p > 0.05)


def test_two_entries_have_a_wide_interval():
    low, high = compare_pair("a", [[10, 30]], "b", [[20, 60]]).interval
    assert (low, high) == (pytest.approx(-100), 100)  # 20 +- 12.7 * 10, cut to the possible differences


def test_a_difference_larger_than_the_scale_cannot_be_shown():
    seeds_apart = np.repeat([[0.0], [90.0]], 20, axis=1)
    assert compare_pair("a", seeds_apart, "b", seeds_apart).smallest_detectable is None


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([1.0, 2.0], r"shape \(2,\)"),
        ([[1.0]], r"shape \(1, 1\)"),
        (np.empty((0, 5)), r"shape \(0, 5\)"),
        ([[1.0, float("nan")]], "1 scores are not between 0 and 100, the first nan"),
        ([[1.0, 101.0], [-3.0, 4.0]], "2 scores are not between 0 and 100, the first 101.0"),
    ],
)
def test_what_are_no_scores_is_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        variant_mean(scores)
    with pytest.raises(ValueError, match=message):
        compare_all({"a": [[1, 2, 3, 4, 5]], "b": scores})


def test_what_does_not_pair_is_refused():
    with pytest.raises(ValueError, match="3 and 2 entries do not pair"):
        compare_all({"a": [[1, 2, 3]], "b": [[1, 2]]})
    with pytest.raises(ValueError, match="same name: 'a'"):
        compare_pair("a", [[1, 2]], "a", [[1, 2]])


# sentences


def comparison(**changed):
    """The figures of a comparison of baseline and lora, but for `changed`."""
    figures = {
        "difference": 3.1,
        "interval": (0.4, 5.8),
        "p": 0.0035,
        "p_holm": 0.021,
        "pairs": 6,
        "smallest_detectable": 3.9,
        "seeds_counted": True,
    }
    return Comparison("baseline", "lora", **figures | changed)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "lora scored 3.1 points more than baseline (95% interval 0.4 to 5.8, p = 0.021 corrected for 6 pairs)."),
        (
            {"difference": -3.1, "interval": (-5.8, -0.4), "p_holm": 0.0002, "pairs": 1},
            "baseline scored 3.1 points more than lora (95% interval 0.4 to 5.8, p < 0.001).",
        ),
        (
            {"seeds_counted": False},
            "lora scored 3.1 points more than baseline (95% interval 0.4 to 5.8, p = 0.021 corrected for 6 pairs), "
            "in these runs; other seeds may differ.",
        ),
        (
            {"difference": -0.4, "interval": (-3.0, 2.2), "p_holm": 1.0},
            "No difference shown between baseline and lora (lora \N{MINUS SIGN}0.4 points, 95% interval "
            "\N{MINUS SIGN}3.0 to 2.2, p = 1 corrected for 6 pairs); this test could have shown 3.9 or more.",
        ),
        (
            {"difference": 0.04, "interval": (-0.04, 0.2), "p_holm": 0.05, "smallest_detectable": None},
            "No difference shown between baseline and lora (lora +0.0 points, 95% interval 0.0 to 0.2, "
            "p = 0.05 corrected for 6 pairs); this test could have shown none, whatever its size.",
        ),
        (
            {"difference": 0.0, "interval": (0.0, 0.0), "p_holm": 1.0, "seeds_counted": False},
            "baseline and lora scored the same on every entry, in these runs; other seeds may differ.",
        ),
    ],
)
def test_sentence(changed, sentence):
    assert comparison_sentence(comparison(**changed)) == sentence

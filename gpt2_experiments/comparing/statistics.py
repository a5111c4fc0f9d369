"""Whether finetuned variants differ by more than chance: intervals, p values and what a test could have shown.

The scores of a variant are an array [seeds, entries]: the same entries in the same order in all runs and variants.
Entries pair across variants, seeds do not. Nothing here depends on anything but the scores: same input, same output.

Intervals are Student's t on the paired differences. Bootstraps over the entries were measured beside them, percentiles
expanded as in Hesterberg (arXiv:1411.5279, 2014) and bootstrap t, on judge-like scores of two variants, n = 110: on
scores spread over the scale all three hold the true difference in 95% of 10,000 samples; of two equal, nearly perfect
variants in 95.5% (t), 92% and 88%. They gain only where a nearly perfect variant meets a still better one (t 86%, 91%,
93%). Two or three seeds resampled have no tails at all: seeds and entries resampled held it in 78 to 98%.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import nctdtrinc, stdtr, stdtrit

from gpt2_experiments.judging.interval import CONFIDENCE, mean_interval
from gpt2_experiments.judging.reply import HIGHEST, LOWEST

SIGNIFICANCE = round(1 - CONFIDENCE, 10)  # rounded: 1 - 0.95 is a little more than 0.05
POWER = 0.8
SIGN_FLIPS = 10_000
FLIPS_AT_ONCE = 1_000  # bounds the memory: 8 MB for 1,000 entries
SEED = 123
DECIMALS = 9  # of a difference; what lies below is the rounding of means, not scores

Scores = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """A mean with its uncertainty, to be read with Student's t."""

    mean: float
    standard_error: float
    degrees_of_freedom: float

    @property
    def interval(self) -> Interval:
        """The 95% confidence interval."""
        half_width = self.standard_error * float(stdtrit(self.degrees_of_freedom, (1 + CONFIDENCE) / 2))
        return self.mean - half_width, self.mean + half_width

    @property
    def p(self) -> float:
        """The two-sided p value for a true mean of 0: below 0.05 if and only if the interval excludes 0."""
        if self.mean == 0:
            return 1.0
        statistic = abs(self.mean) / self.standard_error if self.standard_error else math.inf
        return 2 * float(stdtr(self.degrees_of_freedom, -statistic))


@dataclass(frozen=True)
class VariantMean:
    """A variant's mean score."""

    mean: float
    interval: Interval
    seeds_counted: bool  # False: one run only, the interval speaks of that run


@dataclass(frozen=True)
class Comparison:
    """What a pair of variants shows; `difference` is the mean of `b` minus the mean of `a`, in points."""

    a: str
    b: str
    difference: float
    interval: Interval  # 95%, of this pair alone
    p: float
    p_holm: float  # corrected for all pairs
    pairs: int
    smallest_detectable: float | None  # None: no difference possible on the scale could have been shown
    seeds_counted: bool  # False: one of the two has one run only, all figures speak of these very runs

    @property
    def difference_shown(self) -> bool:
        """Whether the variants differ at the 5% level, all pairs taken together."""
        return self.p_holm < SIGNIFICANCE


def variant_mean(scores: ArrayLike) -> VariantMean:
    """A variant's mean score with its 95% interval. `scores`: [seeds, entries], 0 to 100, one seed or more.

    One seed: `judging.interval.mean_interval`. Several: the same adjustment (one more score at each end of the scale),
    and the seeds' variation counts as in `paired_difference`. Simulated as there, the interval holds the true mean in
    at least 95% of samples with one seed. With several it does so while the seeds' standard deviation is below 2 points
    of scores spread over the scale; at 18 points it holds in 85% with 2 seeds, 90% with 3 and 92% with 5.

    Raises ValueError for scores that are not such an array.
    """
    runs = checked(scores)
    scale = (LOWEST, HIGHEST)
    mean = float(runs.mean())
    if len(runs) == 1:
        return VariantMean(mean, mean_interval(runs[0].tolist(), scale), seeds_counted=False)
    estimate = crossed_estimate(np.append(runs.mean(axis=0), scale), [runs])
    return VariantMean(mean, cut(estimate.interval, *scale), seeds_counted=True)


def paired_difference(a: ArrayLike, b: ArrayLike) -> Estimate:
    """mean(b) - mean(a) in points. `a` [seeds of a, entries], `b` [seeds of b, entries], 0 to 100.

    If both have several seeds their variation counts, seeds and entries being crossed. Else nothing tells it, and the
    estimate is that of these very runs. Share of 2,000 samples whose 95% interval holds the true difference, simulated
    with judge-like scores, 110 entries and 0 to 18 points of standard deviation between seeds: 93 to 98% with 2 seeds
    a variant, 94 to 98% with 3, 95 to 97% with 5; 92 to 98% with 2 and 5, 90% if the two seeds vary the more. With one
    seed 93 to 96%. Were only the entries counted, it would be 26% with 2 seeds that vary by 18 points.

    Raises ValueError for scores that are not such arrays or have different numbers of entries.
    """
    runs = checked(a), checked(b)
    return crossed_estimate(entry_differences(*runs), runs if seeds_count(runs) else ())


def entry_differences(a: Scores, b: Scores) -> Scores:
    """The difference of each entry's mean over the seeds, b - a: [entries]. ValueError for unequal numbers of them."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{a.shape[1]} and {b.shape[1]} entries do not pair")
    return (b.mean(axis=0) - a.mean(axis=0)).round(DECIMALS)


def crossed_estimate(values: Scores, runs: Sequence[Scores]) -> Estimate:
    """The mean of `values` [entries], with the seeds' variation in `runs`, each [seeds, entries], counted in.

    The variance of a mean over crossed random seeds and entries: that of the entries, which holds the interaction of
    the two, plus for each of `runs` that of its seeds without the interaction (Searle, Casella & McCulloch, Variance
    Components, 1992, chapter 4), at least 0. Degrees of freedom by Satterthwaite (Biometrics Bulletin 2, 1946), never
    less than the smallest of its terms.
    """
    entry_freedom = len(values) - 1
    entry_variance = float(values.var(ddof=1)) / len(values)
    variance, uncertainty = entry_variance, entry_variance**2 / entry_freedom
    for scores in runs:
        seed_variance, interaction = seed_variances(scores)
        variance += max(0.0, seed_variance - interaction)
        uncertainty += seed_variance**2 / (len(scores) - 1)
    smallest = min([entry_freedom, *(len(scores) - 1 for scores in runs)])
    freedom = max(variance**2 / uncertainty, smallest) if uncertainty else entry_freedom
    return Estimate(float(values.mean()), math.sqrt(variance), freedom)


def seed_variances(scores: Scores) -> tuple[float, float]:
    """Two estimated variances of the mean of `scores` [seeds, entries], at least 2 seeds and 2 entries.

    That of the seeds' means, and the part of it that is only their interaction with these entries.
    """
    seeds, entries = scores.shape
    scores = scores - scores[0, 0]  # points given to all change nothing, not even the rounding
    seed_means = scores.mean(axis=1, keepdims=True)
    residuals = scores - seed_means - scores.mean(axis=0) + scores.mean()
    interaction = float(np.square(residuals).sum()) / ((seeds - 1) * (entries - 1))
    return float(seed_means.var(ddof=1)) / seeds, interaction / scores.size


def sign_flip_p(differences: Scores) -> Scores:
    """The two-sided p values [pairs] of the sign-flip permutation test, for `differences` [pairs, entries].

    Were the variants equal, each entry's difference could as well have the other sign. All 2^entries signs where they
    are no more than 10,000; else 10,000 random ones, the same for all pairs, and p = (count + 1) / (10,000 + 1)
    (Phipson & Smyth, Statistical Applications in Genetics and Molecular Biology 9, 2010).
    """
    entries = differences.shape[1]
    least = np.abs(differences.mean(axis=1)) - 10.0**-DECIMALS
    count = sum((np.abs(signs @ differences.T / entries) >= least).sum(axis=0) for signs in sign_flips(entries))
    if is_exact(entries):
        return count / 2**entries
    return (count + 1) / (SIGN_FLIPS + 1)


def is_exact(entries: int) -> bool:
    """Whether the sign-flip test enumerates all signs."""
    return 2**entries <= SIGN_FLIPS


def sign_flips(entries: int) -> Iterator[Scores]:
    """Signs -1 and 1, [some, entries] at a time: all there are or a random selection."""
    if is_exact(entries):
        yield np.asarray(2.0 * (np.arange(2**entries)[:, None] >> np.arange(entries) & 1) - 1)
        return
    rng = np.random.default_rng(SEED)
    for _ in range(SIGN_FLIPS // FLIPS_AT_ONCE):
        yield 2.0 * rng.integers(0, 2, (FLIPS_AT_ONCE, entries), np.int8) - 1


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in the same order (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    ranked = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(ranked):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected


def smallest_detectable(estimate: Estimate, entries: int, pairs: int) -> float | None:
    """The smallest true difference, in points, that a test as exact as `estimate` shows with a power of 80%.

    At the level left to the first of `pairs` comparisons, 0.05 / pairs: from the noncentral t distribution. Simulated,
    the average of this figure is shown in 78 to 81% of samples with one seed and 110 spread scores, in 75 to 81% with
    3 seeds that vary by up to 6 points. With 2 seeds it depends on their luck. Where the differences do not vary it is
    0. None where no difference on the scale can be shown: it would have to be too large, or the signs of so few entries
    have no p value small enough.
    """
    level = SIGNIFICANCE / pairs
    smallest_p = max(0.5 ** (entries - 1), 1 / (SIGN_FLIPS + 1))
    critical = stdtrit(estimate.degrees_of_freedom, 1 - level / 2)
    difference = estimate.standard_error * float(nctdtrinc(estimate.degrees_of_freedom, 1 - POWER, critical))
    return difference if smallest_p < level and difference <= HIGHEST - LOWEST else None


def compare_pair(a: str, scores_a: ArrayLike, b: str, scores_b: ArrayLike) -> Comparison:
    """Compare two variants, named `a` and `b`: `compare_all` of the two alone."""
    if a == b:
        raise ValueError(f"two variants of the same name: {a!r}")
    return compare_all({a: scores_a, b: scores_b})[0]


def compare_all(scores: Mapping[str, ArrayLike]) -> list[Comparison]:
    """Compare every two variants. `scores`: [seeds, entries], 0 to 100, by the variants' names.

    p is the larger of two: the sign-flip test's, which supposes nothing about the scores' distribution but takes the
    runs as given, and that of the t interval, which counts the seeds. So p < 0.05 only if the interval excludes 0; the
    reverse fails in 0 to 2% of samples (110 entries), where scores are all or nothing or nearly perfect. Of equal
    variants it is below 0.05 in 2 to 6% of samples, in up to 8% where 2 seeds meet 5 that vary by 18 points; the
    sign-flip test alone would call up to 71% of them different if the seeds vary. Of 4 equal variants some pair is said
    to differ in 1 to 5% of 2,000 samples, with 2 seeds that vary by 6 points in 7.5%: take 3 seeds or more.

    Raises ValueError for scores that are not such arrays or have different numbers of entries.
    """
    runs = {name: checked(of_variant) for name, of_variant in scores.items()}
    names = list(itertools.combinations(runs, 2))
    if not names:
        return []
    differences = np.array([entry_differences(runs[a], runs[b]) for a, b in names])
    estimates = [paired_difference(runs[a], runs[b]) for a, b in names]
    p_values = np.maximum([estimate.p for estimate in estimates], sign_flip_p(differences)).tolist()
    entries, span = differences.shape[1], HIGHEST - LOWEST
    return [
        Comparison(
            a=a,
            b=b,
            difference=estimate.mean,
            interval=cut(estimate.interval, -span, span),
            p=p,
            p_holm=p_holm,
            pairs=len(names),
            smallest_detectable=smallest_detectable(estimate, entries, len(names)),
            seeds_counted=seeds_count((runs[a], runs[b])),
        )
        for (a, b), estimate, p, p_holm in zip(names, estimates, p_values, holm(p_values), strict=True)
    ]


def comparison_sentence(comparison: Comparison) -> str:
    """What a comparison says, in plain words: the better variant first, or that no difference was shown."""
    end = "." if comparison.seeds_counted else ", in these runs; other seeds may differ."
    a, b, (low, high) = comparison.a, comparison.b, comparison.interval
    if comparison.difference == low == high == 0:
        return f"{a} and {b} scored the same on every entry{end}"
    if not comparison.difference_shown:
        sign = "+" if comparison.difference > 0 else ""
        return (
            f"No difference shown between {a} and {b} ({b} {sign}{points(comparison.difference)} points, "
            f"{figures(low, high, comparison)}); {could_have_shown(comparison)}{end}"
        )
    if comparison.difference < 0:
        a, b, low, high = b, a, -high, -low
    more = points(abs(comparison.difference))
    return f"{b} scored {more} points more than {a} ({figures(low, high, comparison)}){end}"


def figures(low: float, high: float, comparison: Comparison) -> str:
    """The interval and p, for a sentence."""
    p = f"p = {comparison.p_holm:.2g}" if comparison.p_holm >= 0.001 else "p < 0.001"
    corrected = f" corrected for {comparison.pairs} pairs" if comparison.pairs > 1 else ""
    return f"95% interval {points(low)} to {points(high)}, {p}{corrected}"


def could_have_shown(comparison: Comparison) -> str:
    """The smallest detectable difference, for a sentence."""
    if comparison.smallest_detectable is None:
        return "this test could have shown none, whatever its size"
    return f"this test could have shown {points(comparison.smallest_detectable)} or more"


def points(value: float) -> str:
    """A number of points with one decimal, a true minus sign and no negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")


def seeds_count(runs: Sequence[Scores]) -> bool:
    """Whether the variation over seeds can be known: each of `runs`, [seeds, entries], has several."""
    return all(len(scores) > 1 for scores in runs)


def checked(scores: ArrayLike) -> Scores:
    """`scores` as an array, or ValueError if it is not [seeds, entries] of at least 1 and 2, all 0 to 100."""
    runs = np.asarray(scores, dtype=float)
    if runs.ndim != 2 or runs.shape[0] < 1 or runs.shape[1] < 2:
        raise ValueError(f"scores of shape {runs.shape}, not [seeds, entries] with a seed and two entries at least")
    wrong = runs[~((runs >= LOWEST) & (runs <= HIGHEST))]
    if wrong.size:
        raise ValueError(f"{wrong.size} scores are not between {LOWEST} and {HIGHEST}, the first {wrong[0]}")
    return runs


def cut(interval: Interval, lowest: float, highest: float) -> Interval:
    """`interval` without what lies outside the scale."""
    return max(lowest, interval[0]), min(highest, interval[1])

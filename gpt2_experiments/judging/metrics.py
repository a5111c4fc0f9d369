"""Scores of a response against the reference by counting what they share; no judge is asked.

sacrebleu's chrF (Popovic, WMT 2015) and sentence BLEU with effective order (Papineni et al., ACL 2002), rouge-score's
ROUGE-L F1 (Lin, 2004; it reads the letters a-z and digits only), and exact match. All from 0 to 100.
"""

from collections.abc import Callable

from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

_CHRF = CHRF()
_BLEU = BLEU(effective_order=True)
_ROUGE = RougeScorer(["rougeL"])


def chrf(response: str, reference: str) -> float:
    """Character n-gram F-score."""
    return _CHRF.sentence_score(response, [reference]).score


def bleu(response: str, reference: str) -> float:
    """Smoothed BLEU of one response; short ones are judged by the n-grams they can have."""
    return _BLEU.sentence_score(response, [reference]).score


def rouge_l(response: str, reference: str) -> float:
    """F1 of the longest common subsequence of words."""
    return 100 * _ROUGE.score(reference, response)["rougeL"].fmeasure


def exact_match(response: str, reference: str) -> float:
    """100 if response and reference are the same but for outer white space, else 0."""
    return 100.0 * (response.strip() == reference.strip())


METRICS: dict[str, Callable[[str, str], float]] = {
    "chrF": chrf,
    "BLEU": bleu,
    "ROUGE-L": rouge_l,
    "exact match": exact_match,
}


def reference_scores(response: str, reference: str) -> dict[str, float]:
    """Every metric's score of one response, rounded to 4 decimals."""
    return {name: round(float(metric(response, reference)), 4) for name, metric in METRICS.items()}

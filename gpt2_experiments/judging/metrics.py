"""Scores of a response against the reference by counting what they share; no judge is asked.

sacrebleu's chrF (Popovic, WMT 2015) and sentence BLEU with effective order (Papineni et al., ACL 2002), rouge-score's
ROUGE-L F1 (Lin, 2004), and exact match. All from 0 to 100, of texts in Unicode's composed form (NFC).
"""

import unicodedata
from collections.abc import Callable

import regex
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"  # scripts, no space between words
# Those count by characters; a symbol like an emoji is a word too.
_WORD = regex.compile(
    rf"[{_UNSPACED}]\p{{M}}* | [\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]+ | \p{{So}}[\p{{M}}\p{{Sk}}\u200d]*",
    regex.VERBOSE | regex.VERSION1,
)


class UnicodeWords:
    """ROUGE's words: of ASCII text those of rouge-score's own tokenizer, which drops every other letter.

    A text without any word (`?!`) counts by its characters.
    """

    def tokenize(self, text: str) -> list[str]:
        """The words of a text, in small letters."""
        return _WORD.findall(text.lower()) or regex.findall(r"\S", text)


_CHRF = CHRF()
_BLEU = BLEU(effective_order=True)
_ROUGE = RougeScorer(["rougeL"], tokenizer=UnicodeWords())


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
    response, reference = (unicodedata.normalize("NFC", text) for text in (response, reference))
    return {name: round(float(metric(response, reference)), 4) for name, metric in METRICS.items()}

"""The metrics of `--judge reference`, against the libraries' documented conventions and figures worked out by hand."""

import math
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from gpt2_experiments.judging.metrics import METRICS, reference_scores

RUSSIAN, CHINESE = "Кошка сидит дома.", "猫坐在家里。"


@pytest.mark.parametrize(
    "text",
    ["The cat sat down.", RUSSIAN, CHINESE, "हिन्दी भाषा", "ภาษาไทย", "고양이", "قطة", "👍🏽 🎉", "naïve café", "?!"],
)
def test_same_text_is_100_everywhere_and_no_text_is_0(text):
    assert reference_scores(text, text) == dict.fromkeys(METRICS, 100.0)
    assert reference_scores("", text) == dict.fromkeys(METRICS, 0.0)


def test_the_same_letters_composed_otherwise_are_the_same_text():
    decomposed = unicodedata.normalize("NFD", "Ein schöner Café-Garten für Ärzte, 각자")
    assert decomposed != unicodedata.normalize("NFC", decomposed)
    assert reference_scores(decomposed, unicodedata.normalize("NFC", decomposed)) == dict.fromkeys(METRICS, 100.0)


def test_figures_worked_out_by_hand():
    scores = reference_scores("the cat sat", "the cat sat down")
    assert scores["ROUGE-L"] == pytest.approx(100 * 2 * 1 * 0.75 / 1.75, abs=1e-3)  # precision 3/3, recall 3/4
    assert scores["BLEU"] == pytest.approx(100 * math.exp(1 - 4 / 3), abs=1e-3)  # all n-grams match; brevity penalty
    assert scores["exact match"] == 0


def test_words_of_other_scripts_count_as_those_of_english_do():
    assert reference_scores("Кошка сидит", "Кошка сидит дома!")["ROUGE-L"] == pytest.approx(80, abs=1e-3)  # 2/2, 2/3
    assert reference_scores("猫坐", "猫坐在家")["ROUGE-L"] == pytest.approx(
        100 * 2 / 3, abs=1e-3
    )  # characters: 2/2, 2/4


def test_exact_match_ignores_outer_white_space_only():
    assert reference_scores(" yes\n", "yes")["exact match"] == 100
    assert reference_scores("Yes", "yes")["exact match"] == 0


@given(st.text(st.characters(max_codepoint=127), max_size=60), st.text(st.characters(max_codepoint=127), max_size=60))
@example("It's 3.5 of foo_bar, don't!", "Its 3.5 of foo bar: do not")
def test_rouge_of_ascii_text_is_rouge_scores_own(response, reference):
    theirs = 100 * RougeScorer(["rougeL"]).score(reference, response)["rougeL"].fmeasure
    if any(character.isalnum() for character in reference + response):
        assert reference_scores(response, reference)["ROUGE-L"] == pytest.approx(theirs, abs=1e-4)


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_metric_stays_from_0_to_100(response, reference):
    assert all(0 <= score <= 100 for score in reference_scores(response, reference).values())

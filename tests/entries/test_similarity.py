"""Similar questions are found: all of them, and no others."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.entries import similarity
from gpt2_experiments.entries.similarity import grams, plain, similar_pairs

texts = st.lists(st.text("abc A.", max_size=14), max_size=8)


def jaccard(one, other):
    return len(one & other) / len(one | other)


@given(texts, texts, st.sampled_from([0.3, 0.5, 0.6, 0.8, 1.0]), st.integers(1, 6))
def test_the_pairs_are_those_of_comparing_each_with_each(ours, theirs, least, most):
    """Both of all grams and of those that at most `most` texts have; one of common grams alone is like its equal."""
    sets = [[set(grams(text)) for text in collection] for collection in (ours, theirs)]
    counts = Counter(gram for collection in sets for found in collection for gram in found)
    rare = [[{gram for gram in found if counts[gram] <= most} or {tuple(found)} for found in part] for part in sets]
    expected = {}
    for i, j in itertools.product(range(len(ours)), range(len(theirs))):
        of_all, of_rare = jaccard(sets[0][i], sets[1][j]), jaccard(rare[0][i], rare[1][j])
        if min(of_all, of_rare) >= least:
            expected[i, j] = of_all
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "LEAST_COMMON", most)
        found = list(similar_pairs(ours, theirs, least))
    assert {(i, j): similar for i, j, similar in found} == pytest.approx(expected)
    assert len(found) == len(expected)


@given(texts, st.sampled_from([0.3, 0.6, 1.0]), st.integers(1, 6))
def test_the_pairs_among_texts_are_those_of_two_copies_of_them_each_once(ours, least, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "LEAST_COMMON", 2 * most)  # each gram is in twice as many of two copies
        both = {(i, j): similar for i, j, similar in similar_pairs(ours, ours, least) if i < j}
        patch.setattr(similarity, "LEAST_COMMON", most)
        alone = list(similar_pairs(ours, least=least))
    assert {(i, j): similar for i, j, similar in alone} == both
    assert len(alone) == len(both)


def test_case_punctuation_and_spacing_make_no_difference_and_signs_do():
    assert plain("  Don't  STOP, says_he! ") == "don t stop says_he"
    assert list(similar_pairs(["Who\u2019s there?"], ["who s   THERE"])) == [(0, 0, 1.0)]
    different = ["What is 3 + 4?", "What is 3 - 4?", "What is C++?", "What is C#?", "Explain \u0915\u0940.",
                 "Explain \u0915\u0941.", "\U0001f600", "\U0001f622"]  # fmt: skip
    assert len(set(map(plain, different))) == len(different)


@pytest.mark.parametrize("shared", ["You are a helpful and harmless assistant, and answer in a sentence. ", ""])
def test_what_many_questions_share_does_not_make_them_the_same(shared):
    rng = random.Random(2)
    questions = [shared + " ".join("".join(rng.choices("abcdefghij", k=6)) for _ in range(5)) for _ in range(200)]
    assert list(similar_pairs(questions[150:], questions[:150])) == []
    assert list(similar_pairs([questions[7].upper()], questions)) == [(0, 7, 1.0)]


def reordered(words, rng):
    """Half of the words in another order."""
    places = rng.sample(range(len(words)), len(words) // 2)
    others = rng.sample(places, len(places))
    changed = list(words)
    for place, other in zip(places, others, strict=True):
        changed[place] = words[other]
    return changed


def with_another_word(words, rng):
    at = rng.randrange(len(words))
    return [*words[:at], "altogether", *words[at + 1 :]]


def halves_exchanged(words, _):
    return [*words[len(words) // 2 :], *words[: len(words) // 2]]


@pytest.mark.parametrize(  # as docs/your-data.md states
    ("change", "n_words", "found"),
    [
        (with_another_word, 20, 1.0), (with_another_word, 10, 1.0), (with_another_word, 6, 0.25),
        (halves_exchanged, 12, 1.0), (reordered, 12, 0.21),
    ],
)  # fmt: skip
def test_changed_copies_are_found_as_often_as_is_stated_and_nothing_else(change, n_words, found):
    """The texts are of 2,000 made-up words, so that none is like another but its copy."""
    rng = random.Random(1)
    vocabulary = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(3, 8))) for _ in range(2000)]
    originals = [rng.sample(vocabulary, n_words) for _ in range(300)]
    copies = [" ".join(change(words, rng)) for words in originals]
    pairs = list(similar_pairs(copies, [" ".join(words) for words in originals]))
    assert all(one == other for one, other, _ in pairs)
    assert len(pairs) / len(copies) == pytest.approx(found, abs=0.05)

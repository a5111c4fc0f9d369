"""The questions are about common words, each in forms that go with it, and always the same."""

from wordnet_folder import write_wordnet

from questions import LEAST_COUNT, questions

COMMON = "An animal, a goose, a thief, a cad: they pet and draw, quick. Felix ate porridge. "


def asked(folder, seed=1):
    return questions(write_wordnet(folder), ["Norway"], [COMMON] * LEAST_COUNT, seed)


def test_words_are_asked_about_by_their_kind(tmp_path):
    everything = asked(tmp_path)
    for question in (
        "What does a goose eat?",
        "Give an interesting fact about geese.",
        "What does a thief do?",
        "Is porridge healthy?",
        "Use the word 'drew' in a sentence.",
        "What is the opposite of 'quick'?",
        "What is Felix famous for?",
        "What is the capital of Norway?",
        "Apologize for missing the bus.",
    ):
        assert question in everything
    assert len(everything) == len(set(everything))


def test_nothing_is_asked_about_rare_words_or_insults(tmp_path):
    texts = " ".join(asked(tmp_path))
    assert "wren" not in texts  # in no text
    assert not any(
        "goose" in question for question in questions(write_wordnet(tmp_path), [], [COMMON] * (LEAST_COUNT - 1), 1)
    )
    assert " cad" not in texts


def test_questions_depend_on_the_arguments_alone(tmp_path):
    assert asked(tmp_path) == asked(tmp_path)
    assert asked(tmp_path) != asked(tmp_path, seed=2)

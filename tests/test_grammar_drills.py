"""The drills are English: verb forms, word order, and each change in one respect."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import grammar_drills
from grammar_drills import (
    KINDS,
    LABELS,
    Clause,
    NounPhrase,
    changes,
    drills,
    exercise_drill,
    form_of,
    joining_drill,
    list_drill,
    misspell,
    mistake_drill,
    number_drill,
    opposite_drill,
    parts_drill,
    possession_drill,
    question_drill,
    random_clause,
    sentence_drill,
    spelling_drill,
)

BAKER = Clause(NounPhrase("the baker", pronoun="she"), "steal", NounPhrase("two knives", plural=True), "at noon")
randoms = st.integers(0, 2**32).map(random.Random)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "The baker stole two knives at noon."),
        ({"tense": "present"}, "The baker steals two knives at noon."),
        ({"tense": "present continuous"}, "The baker is stealing two knives at noon."),
        ({"tense": "past perfect"}, "The baker had stolen two knives at noon."),
        ({"tense": "present perfect continuous"}, "The baker has been stealing two knives at noon."),
        ({"negative": True}, "The baker did not steal two knives at noon."),
        ({"tense": "future", "negative": True}, "The baker will not steal two knives at noon."),
        ({"mood": "question"}, "Did the baker steal two knives at noon?"),
        ({"mood": "question", "tense": "present"}, "Does the baker steal two knives at noon?"),
        ({"mood": "question", "negative": True, "tense": "must"}, "Must the baker not steal two knives at noon?"),
        ({"mood": "tag"}, "The baker stole two knives at noon, didn't she?"),
        ({"mood": "tag", "tense": "future"}, "The baker will steal two knives at noon, won't she?"),
        ({"mood": "tag", "tense": "past perfect", "negative": True},
         "The baker had not stolen two knives at noon, had she?"),
        ({"passive": True}, "Two knives were stolen by the baker at noon."),
        ({"passive": True, "tense": "present continuous"}, "Two knives are being stolen by the baker at noon."),
        ({"passive": True, "tense": "can", "negative": True}, "Two knives cannot be stolen by the baker at noon."),
        ({"passive": True, "tense": "present perfect", "mood": "question"},
         "Have two knives been stolen by the baker at noon?"),
        ({"passive": True, "mood": "tag"}, "Two knives were stolen by the baker at noon, weren't they?"),
    ],
)  # fmt: skip
def test_a_clause_is_said_in_every_form(form, sentence):
    assert Clause(**vars(BAKER) | form).say() == sentence


@pytest.mark.parametrize(
    ("subject", "form", "sentence"),
    [
        ("I", {"tense": "present continuous", "mood": "tag"}, "I am waiting, aren't I?"),
        ("I", {"tense": "present continuous", "negative": True}, "I am not waiting."),
        ("they", {"tense": "present", "negative": True}, "They don't wait."),
        ("he", {"tense": "future", "negative": True}, "He won't wait."),
        ("you", {"tense": "can", "negative": True, "mood": "tag"}, "You can't wait, can you?"),
    ],
)
def test_pronouns_and_contractions(subject, form, sentence):
    clause = Clause(NounPhrase(subject, plural=subject == "they"), "wait", None, "", **form)
    assert clause.say(contracted=True) == sentence


@pytest.mark.parametrize(
    ("verb", "present", "past", "participle", "ing"),
    [
        ("stop", "stops", "stopped", "stopped", "stopping"),
        ("carry", "carries", "carried", "carried", "carrying"),
        ("play", "plays", "played", "played", "playing"),
        ("close", "closes", "closed", "closed", "closing"),
        ("visit", "visits", "visited", "visited", "visiting"),
        ("watch", "watches", "watched", "watched", "watching"),
        ("write", "writes", "wrote", "written", "writing"),
    ],
)
def test_forms_of_verbs(verb, present, past, participle, ing):
    forms = {"present": present, "past": past, "participle": participle, "ing": ing, "base": verb}
    assert {form: form_of(verb, form, NounPhrase("she")) for form in forms} == forms
    assert form_of(verb, "present", NounPhrase("they", plural=True)) == verb


@given(randoms)
def test_a_change_is_in_one_feature_and_has_its_label(rng):
    clause = random_clause(rng)
    seen = set()
    for label, changed in changes(clause, rng):
        features = [feature for feature in LABELS if getattr(clause, feature) != getattr(changed, feature)]
        assert len(features) == 1
        assert label in LABELS[features[0]][getattr(changed, features[0])]
        assert changed not in seen
        seen.add(changed)


@given(randoms)
def test_a_label_that_names_a_word_is_followed_by_that_word(rng):
    for line in sentence_drill(rng).split("\n")[1:]:
        label, sentence = line.split(": ")
        for word in re.findall("'(.+)'", label):
            assert word in re.split(r"[ .,?]", sentence.lower().replace("cannot", "can not"))


@given(randoms)
def test_an_exercise_changes_each_sentence_into_one_of_the_same_words(rng):
    lines = exercise_drill(rng).split("\n")
    pairs = (
        [re.findall("'([A-Z].+?[.?])'", line)[-2:] for line in lines] if len(lines) == 2 else [lines[1:3], lines[3:]]
    )
    for before, after in pairs:
        things = [{word.strip(".,?").lower() for word in sentence.split()} for sentence in (before, after)]
        assert len(things[0] & things[1]) >= 2
        assert before != after or {"read", "cut"} & things[0]  # whose present is their past


@given(randoms)
def test_questions_are_answered_by_the_sentence_and_denied_only_of_another_thing(rng):
    sentence, *exchanges = question_drill(rng).split("\n")
    assert len(set(exchanges)) == 2
    for exchange in exchanges:
        question, answer = re.fullmatch(r"(.+\?) (.+\.)", exchange).groups()
        assert answer.removeprefix("Yes, ").removeprefix("No, ").lower() == sentence.lower()
        if answer.startswith("No, "):
            assert f"{question} Yes, {answer[4:]}" not in exchanges
    assert not re.match(r"(I|You|We) ", sentence)


def test_a_mistake_is_in_the_verbs_number(monkeypatch):
    monkeypatch.setattr(grammar_drills, "random_clause", lambda rng: BAKER)
    drilled = {mistake_drill(random.Random(seed)) for seed in range(50)}
    assert drilled == {
        f"With a mistake: The baker {wrong} two knives at noon.\nCorrected: The baker {right} two knives at noon."
        for wrong, right in (("steal", "steals"), ("are stealing", "is stealing"), ("have stolen", "has stolen"))
    }


def test_parts_are_named(monkeypatch):
    monkeypatch.setattr(grammar_drills, "random_clause", lambda rng: BAKER)
    lines = {line for seed in range(100) for line in parts_drill(random.Random(seed)).split("\n")}
    assert lines == {
        "The baker steals two knives.",
        "The baker stole two knives.",
        "The verb is 'steals'.",
        "The verb is 'stole'.",
        "The subject is 'the baker'.",
        "The object is 'two knives'.",
        "The nouns are 'baker' and 'knives'.",
        "The word 'steals' is a verb, and 'baker' is a noun.",
        "The word 'stole' is a verb, and 'baker' is a noun.",
    }


@given(randoms)
def test_joined_sentences_keep_all_their_words_but_the_second_subject(rng):
    both, joined = joining_drill(rng).split("\nJoined: ")
    first, second, _ = re.split(r"\. ?", both)
    beginning, end = re.fullmatch(r"(.+) and (.+)\.", joined).groups()
    assert beginning == first
    assert second.endswith(end)


@given(randoms)
def test_possession_is_marked_by_an_apostrophe(rng):
    thing, owner, marked, again = re.fullmatch(
        r"the (\w+) of (.+)\nWith an apostrophe: (.+) (\w+)", possession_drill(rng)
    ).groups()
    assert thing == again
    assert marked == (f"{owner}'" if owner.endswith("s") else f"{owner}'s")


@given(randoms)
def test_opposites_are_said_of_the_same_thing(rng):
    said, one, opposite, other, first, second = re.fullmatch(
        r"(.+) (\S+)\.\nThe opposite: (.+) (\S+)\.\nHere the opposite of '(.+)' is '(.+)'\.", opposite_drill(rng)
    ).groups()
    assert said == opposite
    assert (one, other) == (first, second)
    assert one != other


@given(randoms)
def test_a_misspelled_sentence_differs_in_one_word(rng):
    wrong, right, word = re.fullmatch(
        r"With a spelling mistake: (.+)\nCorrected: (.+)\nThe correct spelling is '(.+)'\.", spelling_drill(rng)
    ).groups()
    differing = [pair for pair in zip(wrong.split(), right.split(), strict=True) if pair[0] != pair[1]]
    assert len(differing) == 1
    assert differing[0][1].rstrip(".") == word


@given(st.text("abcdefghij", min_size=4, max_size=12), randoms)
def test_a_misspelled_word_is_another_one_with_the_same_ends(word, rng):
    misspelled = misspell(word, rng)
    assert misspelled != word or len(set(word)) == 1
    assert (misspelled[0], misspelled[-1]) == (word[0], word[-1])
    assert abs(len(misspelled) - len(word)) <= 1


@given(randoms)
def test_lists_are_put_in_order_and_counted(rng):
    first, *lines = list_drill(rng).split("\n")
    listed = first.split(", ")
    claims = {
        f"In alphabetical order: {', '.join(sorted(listed))}",
        f"In reverse order: {', '.join(listed[::-1])}",
        f"The first word is '{listed[0]}', and the last word is '{listed[-1]}'.",
        f"There are {len(listed)} words in the list.",
    }
    assert set(lines) <= claims


@given(randoms)
def test_arithmetic_is_right(rng):
    for left, operation, right, result in re.findall(r"(\d+) ([-+x]) (\d+) = (\d+)", number_drill(rng)):
        computed = {"+": int.__add__, "-": int.__sub__, "x": int.__mul__}[operation](int(left), int(right))
        assert computed == int(result)


@given(st.sampled_from(list(KINDS)), randoms)
def test_drills_are_tidy_text(kind, rng):
    for line in kind(rng).split("\n"):
        assert re.fullmatch(r"[ -~]+", line)
        assert line == " ".join(line.split())


def test_drills_depend_on_the_seed_alone():
    random.seed(1)
    assert list(drills(50, 7)) == list(drills(50, 7)) != list(drills(50, 8))


def test_every_change_is_drilled():
    text = "\n".join(drills(3000, 1))
    for labels in LABELS.values():
        for names in labels.values():
            assert all(f"{name}: " in text for name in names)

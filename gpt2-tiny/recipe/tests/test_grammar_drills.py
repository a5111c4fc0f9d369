"""Drills with clauses are English: verb forms, word order, and each change in one respect."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import grammar_drills
from drill_words import Lexicon, common_lexicon
from english_words import Noun, Verb
from grammar_drills import (
    LABELS,
    Clause,
    NounPhrase,
    changes,
    exercise_drill,
    joining_drill,
    mistake_drill,
    opposite_drill,
    parts_drill,
    possession_drill,
    question_drill,
    random_clause,
    request_drill,
    sentence_drill,
)

COMMON = common_lexicon()
STEAL = Verb.of("steal")
WAIT = Verb.of("wait")
BAKER = Clause(NounPhrase("the baker", pronoun="she"), STEAL, NounPhrase("two knives", plural=True), "at noon")
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
    clause = Clause(NounPhrase(subject, plural=subject == "they"), WAIT, None, "", **form)
    assert clause.say(contracted=True) == sentence


@given(randoms)
def test_a_change_is_in_one_feature_and_has_its_label(rng):
    clause = random_clause(rng, COMMON)
    seen = set()
    for label, changed in changes(clause, rng):
        features = [feature for feature in LABELS if getattr(clause, feature) != getattr(changed, feature)]
        assert len(features) == 1
        assert label in LABELS[features[0]][getattr(changed, features[0])]
        assert changed not in seen
        seen.add(changed)


@given(randoms)
def test_a_label_that_names_a_word_is_followed_by_that_word(rng):
    for line in sentence_drill(rng, COMMON).split("\n")[1:]:
        label, sentence = line.split(": ")
        for word in re.findall("'(.+)'", label):
            assert word in re.split(r"[ .,?]", sentence.lower().replace("cannot", "can not"))


@given(randoms)
def test_an_exercise_changes_each_sentence_into_one_of_the_same_words(rng):
    lines = exercise_drill(rng, COMMON).split("\n")
    pairs = (
        [re.findall("'([A-Z].+?[.?])'", line)[-2:] for line in lines] if len(lines) == 2 else [lines[1:3], lines[3:]]
    )
    for before, after in pairs:
        things = [{word.strip(".,?").lower() for word in sentence.split()} for sentence in (before, after)]
        assert len(things[0] & things[1]) >= 2
        assert before != after or {"read", "cut"} & things[0]  # whose present is their past


@given(randoms)
def test_questions_are_answered_by_the_sentence_and_denied_only_of_another_thing(rng):
    sentence, *exchanges = question_drill(rng, COMMON).split("\n")
    assert len(set(exchanges)) == 2
    for exchange in exchanges:
        question, answer = re.fullmatch(r"(.+\?) (.+\.)", exchange).groups()
        assert answer.removeprefix("Yes, ").removeprefix("No, ").lower() == sentence.lower()
        if answer.startswith("No, "):
            assert f"{question} Yes, {answer[4:]}" not in exchanges
    assert not re.match(r"(I|You|We) ", sentence)


def test_a_mistake_is_in_the_verbs_number(monkeypatch):
    monkeypatch.setattr(grammar_drills, "random_clause", lambda rng, lexicon: BAKER)
    drilled = {mistake_drill(random.Random(seed), COMMON) for seed in range(50)}
    assert drilled == {
        f"With a mistake: The baker {wrong} two knives at noon.\nCorrected: The baker {right} two knives at noon."
        for wrong, right in (("steal", "steals"), ("are stealing", "is stealing"), ("have stolen", "has stolen"))
    }


def test_parts_are_named(monkeypatch):
    monkeypatch.setattr(grammar_drills, "random_clause", lambda rng, lexicon: BAKER)
    lines = {line for seed in range(100) for line in parts_drill(random.Random(seed), COMMON).split("\n")}
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
def test_joined_sentences_keep_all_their_words_but_a_second_subject(rng):
    form = r"(.+)\n(Joined|Joined with '.+'|Beginning with '.+'): (.+)\."
    both, how, joined = re.fullmatch(form, joining_drill(rng, COMMON)).groups()
    first, second, _ = re.split(r"\. ?", both)
    if how == "Joined":
        beginning, end = joined.split(" and ")
        assert beginning == first
        assert second.endswith(end)
        return
    conjunction = re.search("'(.+)'", how)[1]
    pattern = f"{first} {conjunction} {second}" if how.startswith("Joined") else f"{conjunction} {first}, {second}"
    assert joined.lower() == pattern.lower()


def test_what_stands_inside_a_sentence_has_no_capital_but_names_and_i(monkeypatch):
    texts = []
    for subject in ("the baker", "Emma", "I"):
        clause = Clause(NounPhrase(subject), WAIT, None, "")
        monkeypatch.setattr(grammar_drills, "random_clause", lambda rng, lexicon, clause=clause: clause)
        texts += [joining_drill(random.Random(seed), COMMON).split(": ")[1] for seed in range(40)]
    for text in texts:
        assert not re.search(r" (The|emma|i) ", text)


@given(randoms)
def test_a_request_is_polite_negative_or_a_statement(rng):
    command, *lines = request_drill(rng, COMMON).split("\n")
    action = command[0].lower() + command[1:-1]
    assert len(set(lines)) == 2
    assert set(lines) <= {
        f"Politely: Could you please {action}?",
        f"Politely: Would you please {action}?",
        f"Politely: Please {action}.",
        f"Negative: Do not {action}.",
        f"As a statement: You must {action}.",
    }


def test_every_change_is_drilled():
    text = "\n".join(sentence_drill(random.Random(seed), COMMON) for seed in range(1500))
    for labels in LABELS.values():
        for names in labels.values():
            assert all(f"{name}: " in text for name in names)


@given(randoms)
def test_possession_is_marked_by_an_apostrophe(rng):
    thing, owner, marked, again = re.fullmatch(
        r"the (\w+) of (.+)\nWith an apostrophe: (.+) (\w+)", possession_drill(rng, COMMON)
    ).groups()
    assert thing == again
    assert marked == (f"{owner}'" if owner.endswith("s") else f"{owner}'s")


@given(randoms)
def test_opposites_are_said_of_the_same_thing(rng):
    said, one, opposite, other, first, second = re.fullmatch(
        r"(.+) (\S+)\.\nThe opposite: (.+) (\S+)\.\nHere the opposite of '(.+)' is '(.+)'\.",
        opposite_drill(rng, COMMON),
    ).groups()
    assert said == opposite
    assert (one, other) == (first, second)
    assert one != other


@given(randoms, st.sampled_from([sentence_drill, exercise_drill, question_drill, mistake_drill, request_drill]))
def test_the_lexicons_words_are_used_and_no_others(rng, drill):
    lexicon = Lexicon([Noun("wug", "wugs")], [([Verb.of("zibble")], [Noun("dax", "daxen")])], [Verb.of("blick")])
    text = drill(rng, lexicon)
    assert re.search("zibbl|blick", text, re.IGNORECASE)
    assert not re.search("teacher|farmer|soup|cook|sleep|wait|letter", text)

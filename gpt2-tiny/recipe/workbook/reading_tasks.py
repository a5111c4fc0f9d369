"""Tasks of a workbook: what stands in a sentence or a list, counted, named, moved and exchanged."""

import random
from dataclasses import replace

from drill_words import NAMES, PLACES, PRONOUNS
from english_words import Verb, article, capital, series, uncapital, with_article
from grammar_drills import NounPhrase, be
from word_drills import words_of
from workbook.tasks import AGES, PRESENT_PAST, QUALITIES, Material, Task, clause_about_others


def moved_words(rng: random.Random, material: Material) -> Task:
    """The words in another order, or some of them."""
    bare = uncapital(rng.choice(material.sentences)[:-1]).replace(",", "")
    in_order = bare.split()[: rng.randint(3, 7)]
    text = " ".join(in_order)
    first, *middle, last = in_order
    ask, answer = rng.choice((
        ("Let the first and the last word change places.", [last, *middle, first]),
        ("Exchange the first word and the last.", [last, *middle, first]),
        ("Write the words backwards, from the last to the first.", in_order[::-1]),
        ("Give these words in reverse.", in_order[::-1]),
        ("Leave out the last word.", in_order[:-1]),
        ("Drop the first word.", in_order[1:]),
        ("Move the last word to the front.", [last, first, *middle]),
    ))  # fmt: skip
    if rng.random() < 0.4:
        return Task(f"{ask[:-1]}: '{text}'.", "", " ".join(answer))
    return Task(ask, text, " ".join(answer))


def list_of_items(rng: random.Random, material: Material) -> Task:
    """Things in one line, in a sentence, or taken from a sentence."""
    lexicon = rng.choice(material.lexicons)
    items = [rng.choice(rng.choice(lexicon.actions)[1]).singular for _ in range(rng.randint(2, 5))]
    items = list(dict.fromkeys(items))
    person, with_articles = rng.choice(lexicon.people).singular, [f"{article(item)} {item}" for item in items]
    commas = ", ".join(items)
    sentence = f"The {person} needs {series(with_articles)}."
    lines, by_lines = "\n".join(items), rng.choice(("one word per line", "these lines", "the words below"))
    return rng.choice((
        Task(f"Write {by_lines} in a single line, with commas.", lines, commas),
        Task("Put everything on one line, with commas between.", lines, commas),
        Task("Turn the lines into one line with commas.", lines, commas),
        Task("Join the lines with semicolons.", lines, "; ".join(items)),
        Task(f"Say in a sentence that the {person} needs these.", commas, sentence),
        Task(f"List what the {person} needs, separated by commas.", sentence, commas),
        Task("Which things are named? List them with commas.", sentence, commas),
        Task("Pick out the things, separated by commas.", sentence, commas),
        Task("Give the list in the opposite order.", commas, ", ".join(items[::-1])),
        Task("Write the list with 'and' before the last one.", commas, series(items)),
    ))  # fmt: skip


def people_named(rng: random.Random, material: Material) -> Task:
    """The names in a sentence, as they come or by the alphabet."""
    names = rng.sample(list(NAMES), rng.randint(2, 4))
    clause = replace(clause_about_others(rng, material), subject=NounPhrase(series(names), plural=True))
    in_order, by_letter = ", ".join(names), ", ".join(sorted(names))
    number = len(names)
    ask, answer = rng.choice((
        ("Who is named here? Give the names by the alphabet.", by_letter),
        ("List the people in alphabetical order.", by_letter),
        ("Write down the names, sorted by the alphabet.", by_letter),
        ("Give the names of the people, as they come.", in_order),
        ("Which people are in {it}?", f"The people are {series(names)}."),
        ("How many people are named in {it}?", f"There are {number} people in the sentence."),
    ))  # fmt: skip
    return Task(ask, clause.say(), answer)


def part_of_speech(rng: random.Random, material: Material) -> Task:
    """What kind of word one of a sentence's is."""
    clause = replace(clause_about_others(rng, material, with_object=True), tense=rng.choice(PRESENT_PAST))
    verb = clause.verb.form(clause.tense, clause.subject.is_third_singular)
    kinds = [(verb, "verb"), (clause.object.noun, "noun")]
    if clause.subject.text in PRONOUNS:
        kinds.append((clause.subject.text, "pronoun"))
    word, kind = rng.choice(kinds)
    other = rng.choice([name for name in ("noun", "verb", "adjective", "adverb", "pronoun") if name != kind])
    pair = " or ".join(f"{article(name)} {name}" for name in rng.sample((kind, other), 2))
    bare, sentence = clause.say()[:-1], clause.say()
    answer = f"In this sentence, '{word}' is {article(kind)} {kind}."
    return rng.choice((
        Task(f"In '{bare}', is '{word}' {pair}?", "", answer),
        Task(f"Is the word '{word}' {pair} here?", sentence, answer),
        Task(f"Say whether '{word}' is {pair} in {{it}}.", sentence, answer),
        Task(f'Decide whether "{word}" is {pair} in "{bare}".', "", answer),
        Task(f"What part of speech is '{word}' in {{it}}?", sentence, answer),
        Task(f"Which kind of word is '{word}' here?", sentence, answer),
    ))  # fmt: skip


def words_found(rng: random.Random, material: Material) -> Task:
    """The nouns, verbs, adjectives, pronouns or names of a sentence."""
    clause = replace(clause_about_others(rng, material, with_object=True), tense=rng.choice(PRESENT_PAST), adverbial="")
    adjective, place = rng.choice(AGES + QUALITIES), rng.choice([place for place in PLACES if len(place.split()) == 3])
    thing = NounPhrase(f"the {adjective} {clause.object.noun}", clause.object.plural)
    subject = clause.subject
    if subject.text not in (*NAMES, *PRONOUNS):
        subject = replace(subject, text=f"the {subject.noun}")  # without an adjective
    clause = replace(clause, subject=subject, object=thing, adverbial=place)
    second = clause_about_others(rng, material).verb
    is_third = clause.subject.is_third_singular
    verb, other = (word.form(clause.tense, is_third) for word in (clause.verb, second))
    nouns = [] if clause.subject.text in (*NAMES, *PRONOUNS) else [clause.subject.noun]
    nouns += [thing.noun, place.split()[-1]]
    found = {"noun": nouns, "adjective": [adjective], "verb": [verb]}
    text = clause.say()
    if rng.random() < 0.3:
        text, found = f"{capital(clause.subject.text)} {verb} and {other} {place}.", {"verb": [verb, other]}
    kind = rng.choice(list(found))
    ask = rng.choice((
        "Which {}s are in {{it}}?",
        "Pick out every {} of {{it}}.",
        "Find all {}s.",
        "Name the {}s of {{it}}.",
        "What {}s does {{it}} have?",
        "List each {}.",
    )).format(kind)  # fmt: skip
    quoted = [f"'{word}'" for word in found[kind]]
    return Task(ask, text, f"The {kind}{'s are' if len(quoted) > 1 else ' is'} {series(quoted)}.")


def counted(rng: random.Random, material: Material) -> Task:
    """How many words, commas, letters or sentences there are, or how often a word comes."""
    sentence = rng.choice(material.sentences)
    items = [
        with_article(noun.singular) for noun in rng.sample(rng.choice(material.lexicons).people, rng.randint(3, 6))
    ]
    with_commas = f"We saw {', '.join(items[:-1])}, and {items[-1]}."
    several = [rng.choice(material.sentences) for _ in range(rng.randint(2, 4))]
    commas = with_commas.count(",")
    return rng.choice((
        Task("How many commas are there?", with_commas, f"The sentence has {commas} commas."),
        Task("Count the commas in {it}.", with_commas, f"There are {commas} commas in the sentence."),
        Task("How many sentences are these?", " ".join(several), f"There are {len(several)} sentences."),
        Task("Count the sentences.", " ".join(several), f"The text has {len(several)} sentences."),
        Task("How many words are there?", sentence, f"There are {len(words_of(sentence))} words."),
        Task("Count the words of {it}.", sentence, f"The sentence has {len(words_of(sentence))} words."),
    ))  # fmt: skip


def word_exchanged(rng: random.Random, material: Material) -> Task:
    """A verb replaced by one of the same meaning, or an adjective by its opposite."""
    clause = replace(clause_about_others(rng, material, with_object=True), tense=rng.choice(PRESENT_PAST))
    if rng.random() < 0.5:
        one, other = rng.choice(material.adjective_opposites)
        said, changed = (
            f"{capital(clause.object.text)} {be(clause.tense, clause.object)} {word}." for word in (one, other)
        )
        ask = rng.choice((
            f"Use the opposite of '{one}'.",
            f"Replace '{one}' by its opposite.",
            f"Write {{it}} with the antonym of '{one}'.",
            f"Turn '{one}' into its opposite in {{it}}.",
            f"Say the reverse by changing '{one}'.",
            "Change the adjective into its opposite.",
            "Give {it} the opposite meaning by changing one word.",
        ))  # fmt: skip
        return Task(ask, said, changed)
    one, other = (Verb.of(word) for word in rng.choice(material.verb_synonyms))
    said, changed = (replace(clause, verb=verb).say() for verb in (one, other))
    word = one.form(clause.tense, clause.subject.is_third_singular)
    ask = rng.choice((
        f"Replace '{word}' with a word of the same meaning.",
        f"Use a synonym of '{word}' in {{it}}.",
        f"Say {{it}} with another word for '{word}'.",
        f"Exchange '{word}' for a synonym.",
        f"Write {{it}} with a verb that means the same as '{word}'.",
    ))  # fmt: skip
    return Task(ask, said, changed)

"""Tasks of a workbook: a sentence in another form, and several sentences in one."""

import random
from dataclasses import replace

from drill_words import NAMES, PLACES, TIMES, words
from english_words import Verb, capital
from grammar_drills import Clause, NounPhrase, with_question_word, within
from workbook.tasks import (
    AGES,
    PRESENT_PAST,
    QUALITIES,
    TENSE_NAMES,
    Material,
    Task,
    clause_about_others,
    tense_name,
    there_is,
)

TENSE_ASKS = (
    "Use the {new} instead of the {old}.",
    "Use the {new} in place of the {old} here.",
    "Put the verb into the {new}.",
    "Change the verb from the {old} to the {new}.",
    "How does {it} read in the {new}?",
    "Shift {it} from the {old} into the {new}.",
    "What does {it} become in the {new}?",
    "Write {it} again, this time in the {new}.",
    "Recast {it} in the {new}.",
    "Give {it} in the {new}.",
)
PASSIVE_ASKS = (
    "Put {it} into the passive and keep the tense.",
    "How would one say this in the passive?",
    "Make a passive sentence of this.",
    "Use a passive verb here.",
    "Let the object be the subject of a passive sentence.",
    "Recast {it} in the passive voice.",
    "Say {it} in the passive, without a change of tense.",
    "Which passive sentence says the same?",
    "Make {it} passive.",
    "Give the passive of {it}.",
    "How can {it} be said in the passive voice?",
)
ACTIVE_ASKS = (
    "Put {it} into the active voice.",
    "How would one say this in the active?",
    "Say who does it: use the active voice.",
    "Make an active sentence of this.",
    "Recast {it} in the active voice.",
    "Turn the passive into the active.",
    "Which active sentence says the same?",
    "Express {it} in the active voice.",
)
NEGATIVE_ASKS = (
    "Say the contrary with 'not'.",
    "Negate {it}.",
    "Make {it} say that this is not the case.",
    "How does one say that this is not so?",
    "Write the negative of {it}.",
    "Put 'not' where it belongs in {it}.",
    "Turn {it} into a negative one.",
    "Rewrite this in the negative.",
)
QUESTION_ASKS = (
    "Ask this as a question.",
    "Turn this statement into a yes-or-no question.",
    "What question does one get from {it}?",
    "Write {it} as a question.",
    "Make {it} a question.",
    "Rewrite this so that it asks something.",
)
STATEMENT_ASKS = (
    "Answer with 'yes' in mind: write the statement.",
    "Turn this question into a plain statement.",
    "Say as a fact what is asked here.",
    "What statement belongs to this question?",
    "Write the question as a statement.",
    "Make a statement of this question.",
)
JOIN_ASKS = (
    "Make one sentence out of these.",
    "Combine these into a single sentence.",
    "Say this in one sentence.",
    "Write the short sentences as one.",
    "Merge what these sentences say.",
    "Form a single sentence from these.",
)
COLORS = words("red blue green white black brown gray yellow")
SIZES = words("small big old new heavy long thin large")


def tense(rng: random.Random, material: Material) -> Task:
    """A sentence in another tense; it may be negative, a question or passive."""
    old, new = rng.sample(list(TENSE_NAMES), 2)
    passive = rng.random() < 0.15 and "perfect continuous" not in old + new
    form = rng.choice(({}, {}, {"negative": True}, {"mood": "question"}))
    clause = replace(clause_about_others(rng, material, with_object=passive), tense=old, passive=passive, **form)
    ask = rng.choice(TENSE_ASKS).format(new=tense_name(new, rng), old=tense_name(old, rng), it="{it}")
    return Task(ask, clause.say(), replace(clause, tense=new).say())


def tense_of_two_verbs(rng: random.Random, material: Material) -> Task:
    """A sentence with two verbs in another tense."""
    old, new = rng.sample(("present", "past", "future"), 2)
    first, second = clause_about_others(rng, material), clause_about_others(rng, material)
    if rng.random() < 0.6:
        second = replace(second, subject=first.subject)
    before, after = (_joined(replace(first, tense=tense), replace(second, tense=tense)) for tense in (old, new))
    ask = rng.choice(TENSE_ASKS).format(new=tense_name(new, rng), old=tense_name(old, rng), it="{it}")
    return Task(ask.replace("the verb ", "the verbs "), before, after)


def _joined(first: Clause, second: Clause) -> str:
    """Both in one sentence with `and`; a common subject (and `will`) is said once."""
    said = within(second)
    if second.subject.text == first.subject.text:
        said = said[len(second.subject.text) + 1 :].removeprefix("will ")
    return f"{first.say()[:-1]} and {said}"


def passive(rng: random.Random, material: Material) -> Task:
    """An active sentence made passive."""
    clause = _voiced(rng, material)
    return Task(rng.choice(PASSIVE_ASKS), clause.say(), replace(clause, passive=True).say())


def active(rng: random.Random, material: Material) -> Task:
    """A passive sentence made active."""
    clause = _voiced(rng, material)
    return Task(rng.choice(ACTIVE_ASKS), replace(clause, passive=True).say(), clause.say())


def _voiced(rng: random.Random, material: Material) -> Clause:
    """A clause that can be active and passive, with a time or place, negative or a question now and then."""
    clause = clause_about_others(rng, material, with_object=True)
    while clause.tense == "present perfect continuous":
        clause = clause_about_others(rng, material, with_object=True)
    form = rng.choice(({}, {}, {}, {"negative": True}, {"mood": "question"}))
    return replace(clause, **form)


def negative(rng: random.Random, material: Material) -> Task:
    """A sentence made negative, also a command or one with `there`."""
    kind = rng.random()
    ask = rng.choice(NEGATIVE_ASKS)
    if kind < 0.15:
        command = _command(rng, material)
        return Task(ask.replace("sentence", "command"), capital(command) + ".", f"Do not {command}.")
    if kind < 0.3:
        be, things = there_is(rng, material)
        return Task(ask, f"There {be} {things}.", f"There {be} not {things}.")
    clause = clause_about_others(rng, material)
    contracted = rng.random() < 0.3
    return Task(ask, clause.say(), replace(clause, negative=True).say(contracted))


def _command(rng: random.Random, material: Material) -> str:
    """What somebody is to do: `wash the red cup`."""
    clause = clause_about_others(rng, material, with_object=True)
    return f"{clause.verb.base} {clause.object.text}"


def question(rng: random.Random, material: Material) -> Task:
    """A statement made a question."""
    if rng.random() < 0.25:
        be, things = there_is(rng, material)
        return Task(rng.choice(QUESTION_ASKS), f"There {be} {things}.", f"{capital(be)} there {things}?")
    clause = clause_about_others(rng, material)
    return Task(rng.choice(QUESTION_ASKS), clause.say(), replace(clause, mood="question").say())


def statement(rng: random.Random, material: Material) -> Task:
    """A question made a statement."""
    if rng.random() < 0.2:
        be, things = there_is(rng, material)
        return Task(rng.choice(STATEMENT_ASKS), f"{capital(be)} there {things}?", f"There {be} {things}.")
    clause = clause_about_others(rng, material)
    return Task(rng.choice(STATEMENT_ASKS), replace(clause, mood="question").say(), clause.say())


def question_tag(rng: random.Random, material: Material) -> Task:
    """A statement with a question tag."""
    ask = rng.choice((
        "Put a tag at the end of {it}.",
        "End {it} with the right question tag.",
        "Which question tag fits? Write the whole sentence.",
        "Make this a question with a tag.",
        "Add the fitting tag, such as 'is it?' or 'don't they?'.",
    ))  # fmt: skip
    clause = replace(clause_about_others(rng, material), negative=rng.random() < 0.4)
    return Task(ask, clause.say(contracted=True), replace(clause, mood="tag").say(contracted=True))


def indirect_question(rng: random.Random, material: Material) -> Task:
    """A question as part of a sentence."""
    clause = clause_about_others(rng, material)
    beginning, end = rng.choice((("Do you know", "?"), ("Can you tell me", "?"), ("I wonder", "."), ("Ask", ".")))
    ask = rng.choice((
        "Begin this question with '{}'.",
        "Make this question indirect; start with '{}'.",
        "Ask the same in a sentence that starts with '{}'.",
        "Put the question after '{}'.",
    ))  # fmt: skip
    asked = replace(clause, mood="question").say()
    return Task(ask.format(beginning), asked, f"{beginning} whether {within(clause)[:-1]}{end}")


def joined(rng: random.Random, material: Material) -> Task:
    """Two sentences made one with a word between them, with a mark, or by a common part."""
    tense = rng.choice(PRESENT_PAST)
    first, second = (replace(clause_about_others(rng, material), tense=tense) for _ in range(2))
    word = rng.choice(words("and but because while so before after when although"))
    text, bare = f"{first.say()} {second.say()}", first.say()[:-1]
    comma = "," if word in ("but", "so") else ""
    ways = [
        (f"Join these with '{word}'.", f"{bare}{comma} {word} {within(second)}"),
        (f"Make one sentence with '{word}'.", f"{bare}{comma} {word} {within(second)}"),
        (f"Connect the two sentences; use '{word}'.", f"{bare}{comma} {word} {within(second)}"),
        ("Put a semicolon between them.", f"{bare}; {within(second)}"),
        ("Join the two with a semicolon.", f"{bare}; {within(second)}"),
    ]
    for conjunction in ("Since", "When", "If", "Because", "Although", "After"):
        whole = f"{conjunction} {within(first)[:-1]}, {within(second)}"
        ways.append((f"Make a single sentence that starts with '{conjunction}'.", whole))
        ways.append((f"Begin with '{conjunction}' and put both into one sentence.", whole))
    ask, answer = rng.choice(ways)
    if rng.random() < 0.3:
        return Task(f"{ask[:-1]}, from '{bare}' and '{second.say()[:-1]}'.", "", answer)
    return Task(ask, text, answer)


def joined_by_subject(rng: random.Random, material: Material) -> Task:
    """Two or three sentences about one subject made one, or two subjects that do the same."""
    tense, ask = rng.choice(PRESENT_PAST), rng.choice(JOIN_ASKS)
    first, second, third = (replace(clause_about_others(rng, material), tense=tense) for _ in range(3))
    if rng.random() < 0.4:
        second = replace(first, subject=second.subject)
        both = NounPhrase(f"{first.subject.text} and {second.subject.text}", plural=True)
        return Task(ask, f"{first.say()} {second.say()}", replace(first, subject=both).say())
    second, third = replace(second, subject=first.subject), replace(third, subject=first.subject)
    if rng.random() < 0.6:
        return Task(ask, f"{first.say()} {second.say()}", _joined(first, second))
    middle = within(second)[len(first.subject.text) + 1 : -1]
    last = within(third)[len(first.subject.text) + 1 :]
    return Task(
        ask, " ".join(part.say() for part in (first, second, third)), f"{first.say()[:-1]}, {middle}, and {last}"
    )


def described(rng: random.Random, material: Material) -> Task:
    """Descriptions of a thing and where it is, or of a person, in one sentence with the adjectives before the noun."""
    lexicon = rng.choice(material.lexicons)
    _, things = rng.choice(lexicon.actions)
    if things[0] in lexicon.people or rng.random() < 0.5:
        noun, does = rng.choice(lexicon.people).singular, rng.choice(lexicon.intransitive).form("past", True)
        pair = (rng.choice(AGES), rng.choice(QUALITIES))
    else:
        noun, does = rng.choice(things).singular, rng.choice(("lay", "stood", "was found", "was left"))
        pair = (rng.choice(SIZES), rng.choice(COLORS))
    chosen = rng.choice((pair, pair[:1], pair[1:]))
    parts = [f"The {noun} was {word}." for word in rng.sample(chosen, len(chosen))]
    end = f"{noun} {does} {rng.choice(PLACES)}."
    return Task(rng.choice(JOIN_ASKS), " ".join([*parts, f"The {end}"]), f"The {' '.join(chosen)} {end}")


def two_commands(rng: random.Random, material: Material) -> Task:
    """Two commands made one."""
    one, other = _command(rng, material), _command(rng, material)
    word = rng.choice(("before", "after", "and", "while"))
    second = other if word == "and" else f"you {other}"
    ask = rng.choice((
        "Make one command with '{}'.",
        "Join the commands with '{}'.",
        "Say both in one command; use '{}'.",
        "Combine these instructions with '{}'.",
    ))  # fmt: skip
    return Task(ask.format(word), f"{capital(one)}. {capital(other)}.", f"{capital(one)} {word} {second}.")


def relative_clause(rng: random.Random, material: Material) -> Task:
    """Two sentences about one person made one with `who`."""
    first, second = (replace(clause_about_others(rng, material), tense=rng.choice(PRESENT_PAST)) for _ in range(2))
    lexicon = rng.choice(material.lexicons)
    noun, pronoun = rng.choice(lexicon.people).singular, rng.choice(("he", "she"))
    main = replace(first, subject=NounPhrase(f"the {noun}"), adverbial="")
    aside = replace(second, subject=NounPhrase(pronoun))
    said = aside.say()[len(pronoun) + 1 : -1]
    whole = f"The {noun}, who {said}, {main.say()[len(noun) + 5 :]}"
    ask = rng.choice((
        "Use 'who' to make one sentence.",
        "Join the sentences with 'who'.",
        "Make the second sentence a relative clause.",
        "Connect the two with a relative clause that begins with 'who'.",
    ))  # fmt: skip
    return Task(ask, f"{main.say()} {aside.say()}", whole)


def adverb_added(rng: random.Random, material: Material) -> Task:
    """A word added to a sentence: how something is done, or how often."""
    clause = replace(clause_about_others(rng, material), tense=rng.choice(PRESENT_PAST), adverbial="")
    manner = rng.choice(words("slowly quickly carefully quietly happily gladly secretly again together alone"))
    often = rng.choice(words("always never often seldom sometimes usually rarely"))
    verb = clause.verb.form(clause.tense, clause.subject.is_third_singular)
    with_often = replace(clause, verb=Verb(*[f"{often} {verb}"] * 5)).say()
    return rng.choice((
        Task(f"Add '{manner}' at the end.", clause.say(), f"{clause.say()[:-1]} {manner}."),
        Task(f"Say that it is done {manner}.", clause.say(), f"{clause.say()[:-1]} {manner}."),
        Task("Add a word that says how it is done.", clause.say(), f"{clause.say()[:-1]} {manner}."),
        Task(f"Use '{often}' in {{it}}.", clause.say(), with_often),
        Task(f"Put '{often}' before the verb.", clause.say(), with_often),
        Task(f"Say how often: {often}.", clause.say(), with_often),
    ))  # fmt: skip


def contraction(rng: random.Random, material: Material) -> Task:
    """A negative written in full, or with one word for two."""
    clause = replace(clause_about_others(rng, material), negative=True)
    full, short = clause.say(), clause.say(contracted=True)
    return rng.choice((
        Task("Use the short form of the negative.", full, short),
        Task("Write {it} with a contraction.", full, short),
        Task("Write the contraction in full.", short, full),
        Task("Say this without a short form.", short, full),
    ))  # fmt: skip


def tense_named(rng: random.Random, material: Material) -> Task:
    """Which tense a sentence is in."""
    clause = replace(clause_about_others(rng, material), tense=rng.choice(list(TENSE_NAMES)))
    name = TENSE_NAMES[clause.tense][0]
    ask = rng.choice((
        "Which tense is used here?",
        "Name the tense of {it}.",
        "What is the tense of the verb?",
        "In which tense is {it}?",
        "Say which tense the verb has.",
    ))  # fmt: skip
    return Task(ask, clause.say(), f"The verb is in the {name}.")


def another_number(rng: random.Random, material: Material) -> Task:
    """The subject made plural or singular, or replaced, with the verb that goes with it."""
    clause = replace(
        clause_about_others(rng, material), tense=rng.choice(("present", "present", "past", "present perfect"))
    )
    lexicon = rng.choice(material.lexicons)
    noun = rng.choice([noun for noun in lexicon.people if noun.plural])
    one = replace(clause, subject=NounPhrase(f"the {noun.singular}", pronoun=noun.pronouns[0])).say()
    many = replace(clause, subject=NounPhrase(f"the {noun.plural}", plural=True)).say()
    name = rng.choice(list(NAMES))
    text = rng.choice((name, "they", "he", "she", "we"))
    other = replace(clause, subject=NounPhrase(text, plural=text in ("they", "we"))).say()
    return rng.choice((
        Task(f"Speak of several: begin with 'The {noun.plural}'.", one, many),
        Task("Make the subject plural.", one, many),
        Task("Put the subject into the plural, and the verb too.", one, many),
        Task("Make the subject singular.", many, one),
        Task("Speak of only one.", many, one),
        Task(f"Say {{it}} about '{text}'.", one, other),
        Task(f"Use '{text}' as the subject.", many, other),
    ))  # fmt: skip


def time_moved(rng: random.Random, material: Material) -> Task:
    """A time or place put at the beginning of a sentence, or asked for."""
    clause = replace(
        clause_about_others(rng, material), adverbial=rng.choice(PLACES + TIMES), tense=rng.choice(PRESENT_PAST)
    )
    plain = replace(clause, adverbial="")
    moved = f"{capital(clause.adverbial)}, {within(plain)}"
    word = "when" if clause.adverbial in TIMES else "where"
    asked = replace(plain, mood="question")
    return rng.choice((
        Task(f"Begin with '{capital(clause.adverbial)}'.", clause.say(), moved),
        Task("Put the {} first.".format("time" if word == "when" else "place"), clause.say(), moved),
        Task(f"Leave out {word} it happens.", clause.say(), plain.say()),
        Task(f"Add '{clause.adverbial}' to {{it}}.", plain.say(), clause.say()),
        Task(f"Ask {word} this happens.", clause.say(), with_question_word(word, asked)),
    ))  # fmt: skip

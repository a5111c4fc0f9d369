"""Tasks of a workbook with questions: idioms, people and deeds, everyday things and their causes."""

import random
from dataclasses import replace

from drill_words import PLACES, WAYS, Lexicon
from english_words import capital, with_article
from grammar_drills import Clause, NounPhrase, with_question_word
from workbook.deeds import random_action, random_deed, random_full_name, simple_clause
from workbook.tasks import Task, worded
from workbook.writing_tables import (
    CALLED,
    CITIES,
    COMPARISONS,
    EFFECTS,
    EITHER_OR,
    IDIOMS,
    PROVERBS,
    REASONS,
    SAID_WITH_IDIOMS,
    USES,
    YES_NO,
    lines,
)

IDIOM_MEANING = lines("""
What does the idiom '{text}' mean?
Explain the idiom.
Explain the idiom '{text}'.
What is the meaning of the idiom '{text}'?
What does this idiom mean?
Give the meaning of this idiom.
Say in plain words what it means to '{text}'.
What do people mean by '{text}'?
Tell me what '{text}' means.
Put this idiom into plain English.
""")


def idiom_meaning(rng: random.Random, lexicon: Lexicon) -> Task:
    """What an idiom means."""
    idiom, meaning = rng.choice(IDIOMS)
    answer = rng.choice((f"To '{idiom}' is to {meaning}.", f"The idiom '{idiom}' means to {meaning}."))
    return worded(rng, IDIOM_MEANING, idiom, answer)


IDIOM_FOR_MEANING = lines("""
Which idiom means to {meaning}?
Name an idiom that means to {meaning}.
What idiom can one use for 'to {meaning}'?
Find an idiom with this meaning: to {meaning}.
How can one say 'to {meaning}' with an idiom?
Give an idiom for 'to {meaning}'.
""")


def idiom_for_meaning(rng: random.Random, lexicon: Lexicon) -> Task:
    """An idiom with a given meaning."""
    idiom, meaning = rng.choice(IDIOMS)
    return worded(rng, IDIOM_FOR_MEANING, "", f"The idiom '{idiom}' means to {meaning}.", meaning=meaning)


IDIOM_COMPLETED = lines("""
Complete the idiom.
Fill in the missing word of the idiom.
Which word is missing in this idiom?
Add the last word of the idiom.
How does this idiom end?
Complete the idiom that means to {meaning}: {text}
Finish the idiom '{text}'.
""")


def idiom_completed(rng: random.Random, lexicon: Lexicon) -> Task:
    """An idiom with its last word."""
    idiom, meaning = rng.choice(IDIOMS)
    gapped = f"{idiom.rsplit(' ', 1)[0]} ___"
    return worded(rng, IDIOM_COMPLETED, gapped, f"The complete idiom is '{idiom}'.", meaning=meaning)


IDIOM_SAID = lines("""
What does the speaker mean?
Say in plain words what is meant.
Explain what a person who says this means.
What is meant by {it}?
Somebody says: {text} What does this mean?
Explain {it} without the idiom.
Tell me what {it} means.
""")


def idiom_said(rng: random.Random, lexicon: Lexicon) -> Task:
    """What is meant by a sentence with an idiom."""
    said, meaning = rng.choice(SAID_WITH_IDIOMS)
    answer = rng.choice((f"It means that {meaning}.", f"This is a way to say that {meaning}."))
    return worded(rng, IDIOM_SAID, said, answer)


PROVERB_COMPLETED = lines("""
Complete the proverb.
How does the proverb end?
Finish this proverb.
Add the missing end of the proverb.
What comes next in this proverb?
Complete this saying: {text} ...
How does the proverb '{text} ...' go on?
Fill in the rest of the proverb.
""")


def proverb_completed(rng: random.Random, lexicon: Lexicon) -> Task:
    """A proverb with its end."""
    start, end = rng.choice(PROVERBS)
    task = worded(rng, PROVERB_COMPLETED, start, f"{start} {end}.")
    return task._replace(text=f"{start} ...") if task.text else task


REASON = lines("""
{text}
{text}
{text}
Answer the question: {text}
Give the reason: {text}
Explain in one sentence: {text}
Tell me the reason.
Answer in one sentence.
""")


def reason(rng: random.Random, lexicon: Lexicon) -> Task:
    """Why something everyday is so."""
    return worded(rng, REASON, *rng.choice(REASONS))


YES_NO_ASKS = lines("""
{text}
{text}
Answer with yes or no in a whole sentence: {text}
Answer the question.
Yes or no? {text}
Tell me: {text}
Give a full answer.
""")


def yes_no(rng: random.Random, lexicon: Lexicon) -> Task:
    """A question about an everyday fact."""
    return worded(rng, YES_NO_ASKS, *rng.choice(YES_NO))


QUESTION_FOR = lines("""
Ask a question with '{word}' that {it} answers.
Write a question that begins with '{Word}' and has this answer.
To which question with '{word}' is this the answer?
Make a question with '{word}' from {it}.
Turn {it} into a question that begins with '{Word}'.
What question with '{word}' could be answered by {it}?
Form a question with '{word}' to this answer: {text}
""")


def _question(clause: Clause, word: str) -> str:
    """The question for the subject, the object or the place."""
    if word == "who":
        return replace(clause, subject=NounPhrase("who")).say()[:-1] + "?"
    asked = replace(clause, mood="question", **{"what": {"object": None}, "where": {"adverbial": ""}}[word])
    return with_question_word(word, asked)


def question_for(rng: random.Random, lexicon: Lexicon) -> Task:
    """A question that a given sentence answers."""
    word = rng.choice(("who", "what", "where"))
    clause = replace(_clause_with_thing(rng, lexicon), adverbial=rng.choice(PLACES))
    return worded(rng, QUESTION_FOR, clause.say(), _question(clause, word), word=word, Word=capital(word))


def _clause_with_thing(rng: random.Random, lexicon: Lexicon) -> Clause:
    """Somebody does something to what is not a person: one asks for that with `what`."""
    people = {noun.singular for noun in lexicon.people}
    while (
        clause := simple_clause(rng, lexicon, rng.choice(("past", "past", "future", "present")))
    ).object.noun in people:
        pass
    return clause


QUESTION_ABOUT = lines("""
{question}
Answer the question about {it}: {question}
Read the sentence. {question}
Use the sentence to answer. {question}
{text} {question}
Here is a sentence: {text} {question}
Answer in a whole sentence. {question}
""")


def question_about(rng: random.Random, lexicon: Lexicon) -> Task:
    """Who did what where, asked about a sentence."""
    word = rng.choice(("who", "what", "where"))
    clause = replace(_clause_with_thing(rng, lexicon), adverbial=rng.choice(PLACES))
    told = clause if word == "where" else replace(clause, adverbial="")
    return worded(rng, QUESTION_ABOUT, clause.say(), told.say(), question=_question(told, word))


WHICH_PERSON = lines("""
Which {person} {deed}?
Which {person} was it who {deed}?
Who is the {person} who {deed}?
What is the name of the {person} who {deed}?
Name the {person} who {deed}.
Can you tell me which {person} {deed}?
Do you know which {person} {deed}?
I would like to know which {person} {deed}.
""")


def which_person(rng: random.Random, lexicon: Lexicon) -> Task:
    """Which person did something, answered with a name."""
    (verb, thing), person = random_deed(rng, lexicon, bad=False), rng.choice(lexicon.people)
    when = rng.choice(("", f" in {rng.randint(1700, 2020)}", f" in {rng.choice(CITIES)}", f" {rng.choice(PLACES)}"))
    deed = f"{verb.past} the {thing.singular}{when}"
    return worded(rng, WHICH_PERSON, "", f"{random_full_name(rng, person)} {deed}.", person=person.singular, deed=deed)


PASSIVE_PERSON = lines("""
By which {person} was {deed}?
By whom was {deed}?
Say by which {person} {object} {rest}.
Which {person} was it by whom {object} {rest}?
Tell me by whom {object} {rest}.
Who was the {person} by whom {object} {rest}?
""")


def by_which_person(rng: random.Random, lexicon: Lexicon) -> Task:
    """By which person something was done, answered with a name."""
    (verb, thing), person = random_action(rng, lexicon), rng.choice(lexicon.people)
    what, name = f"the {thing.singular}", random_full_name(rng, person)
    values = {"deed": f"{what} {verb.participle}", "object": what, "rest": f"was {verb.participle}"}
    answer = f"{capital(what)} was {verb.participle} by {name}."
    return worded(rng, PASSIVE_PERSON, "", answer, person=person.singular, **values)


WHEN_WHERE = lines("""
{Question} did {name} {base} {thing}?
Can you tell me {question} {name} {past} {thing}?
Do you know {question} {name} {past} {thing}?
I wonder {question} {name} {past} {thing}.
Tell me {question} {name} {past} {thing}.
{Question} was it that {name} {past} {thing}?
Say {question} {name} {past} {thing}.
""")


def when_where(rng: random.Random, lexicon: Lexicon) -> Task:
    """When or where somebody did something; the answer says the question again."""
    (verb, noun), person = random_action(rng, lexicon), rng.choice(lexicon.people)
    name, thing = random_full_name(rng, person), f"the {noun.singular}"
    question, when = rng.choice((
        ("when", f"in {rng.randint(1700, 2020)}"), ("in which year", f"in {rng.randint(1700, 2020)}"),
        ("where", rng.choice(PLACES)), ("in which city", f"in {rng.choice(CITIES)}"),
        ("where", f"in {rng.choice(CITIES)}"), ("how", rng.choice(WAYS)),
    ))  # fmt: skip
    values = {"question": question, "Question": capital(question), "base": verb.base, "past": verb.past}
    return worded(rng, WHEN_WHERE, "", f"{name} {verb.past} {thing} {when}.", name=name, thing=thing, **values)


WHICH_THING = lines("""
What did {name} {base} {when}?
Which thing did {name} {base} {when}?
Tell me what {name} {past} {when}.
Do you know what {name} {past} {when}?
What was it that {name} {past} {when}?
Say what {name} {past} {when}.
""")


def which_thing(rng: random.Random, lexicon: Lexicon) -> Task:
    """To what somebody did something; the answer says the question again."""
    clause, person = _clause_with_thing(rng, lexicon), rng.choice(lexicon.people)
    name, verb = random_full_name(rng, person), clause.verb
    when = rng.choice((f"in {rng.randint(1700, 2020)}", f"in {rng.choice(CITIES)}"))
    answer = f"{name} {verb.past} {clause.object.text} {when}."
    return worded(rng, WHICH_THING, "", answer, name=name, when=when, base=verb.base, past=verb.past)


CALLED_ASKS = lines("""
What do you call {what}?
What is {what} called?
What do we call {what}?
What is the word for {what}?
How do people call {what} in one word?
Name the word that means {what}.
Which word is used for {what}?
""")


def called(rng: random.Random, lexicon: Lexicon) -> Task:
    """What something is called."""
    what, name = rng.choice(CALLED)
    return worded(rng, CALLED_ASKS, "", f"{capital(what)} is called {name}.", what=what)


EITHER_OR_ASKS = lines("""
Is {thing} {one} or {two}?
{Thing}: is it {one} or {two}?
Say whether {thing} is {one} or {two}.
Decide if {thing} is {one} or {two}.
Tell me if {thing} is {one} or {two}.
Which is true of {thing}: is it {one} or {two}?
Would you say that {thing} is {one} or {two}?
""")


def either_or(rng: random.Random, lexicon: Lexicon) -> Task:
    """Which of two things is true."""
    thing, *both = rng.choice(EITHER_OR)
    one, two = rng.sample(both, 2)
    answer = f"{capital(thing)} is {both[0]}."
    return worded(rng, EITHER_OR_ASKS, "", answer, thing=thing, Thing=capital(thing), one=one, two=two)


USE_OF = lines("""
What is {thing} used for?
What do people use {thing} for?
Tell me the use of {thing}.
What is the purpose of {thing}?
Explain what {thing} is for.
Say what {thing} is used for.
Describe the use of {thing} in one sentence.
Why would somebody need {thing}?
""")


def use_of(rng: random.Random, lexicon: Lexicon) -> Task:
    """What a thing is used for."""
    noun, use = rng.choice(USES)
    thing = with_article(noun)
    return worded(rng, USE_OF, "", f"{capital(thing)} is used for {use}.", thing=thing)


THING_FOR_USE = lines("""
Which thing is used for {use}, {one} or {two}?
Which of these is used for {use}: {one}, {two} or {three}?
Choose the thing that is used for {use}: {two}, {three} or {one}.
What would you use for {use}, {two} or {one}?
Name the thing that is made for {use}: {three}, {one} or {two}.
Which of the three is meant for {use}: {two}, {one}, {three}?
""")
DESCRIBED_THING = lines("""
Which thing fits the description?
What thing is described here?
Find the thing that fits this description.
Name the thing.
What is this?
Which thing is meant?
""")


def thing_for_use(rng: random.Random, lexicon: Lexicon) -> Task:
    """Which thing has a given use."""
    (noun, use), *others = rng.sample(USES, 3)
    thing = with_article(noun)
    if rng.random() < 0.4:
        text = f"It is used for {use}."
        return worded(rng, DESCRIBED_THING, text, f"The description fits {thing}.")
    first, second = rng.sample((thing, with_article(others[0][0])), 2)
    values = {"one": first, "two": second, "three": with_article(others[1][0])}
    return worded(rng, THING_FOR_USE, "", f"{capital(thing)} is used for {use}.", use=use, **values)


DIFFERENCE = lines("""
What is the difference between {one} and {two}?
How does {one} differ from {two}?
Name a difference between {one} and {two}.
Compare {one} with {two} in one sentence.
Contrast {one} and {two}.
In what way are {one} and {two} different?
Explain how {one} and {two} differ.
""")


def difference(rng: random.Random, lexicon: Lexicon) -> Task:
    """How two things differ."""
    one, two, this, that, _ = rng.choice(COMPARISONS)
    return worded(rng, DIFFERENCE, "", f"{capital(one)} {this}, while {two} {that}.", one=one, two=two)


ALIKE = lines("""
How are {one} and {two} alike?
What do {one} and {two} have in common?
In what way is {one} similar to {two}?
Name something that {one} and {two} share.
What are both {one} and {two}?
Say how {one} and {two} are alike.
""")


def alike(rng: random.Random, lexicon: Lexicon) -> Task:
    """What two things have in common."""
    one, two, _, _, common = rng.choice(COMPARISONS)
    one, two = rng.sample((one, two), 2)
    answer = rng.choice((f"Both {one} and {two} are {common}.", f"Both are {common}."))
    return worded(rng, ALIKE, "", answer, one=one, two=two)


EFFECT = lines("""
What happens if {cause}?
What happens when {cause}?
What is the result if {cause}?
Name the effect: {cause}.
What will happen if {cause}?
Suppose that {cause}. What happens?
Describe what happens if {cause}.
""")


def effect(rng: random.Random, lexicon: Lexicon) -> Task:
    """What something leads to."""
    cause, result = rng.choice(EFFECTS)
    return worded(rng, EFFECT, "", f"If {cause}, {result}.", cause=cause)

"""Tasks of a workbook in which something is to be written: sentences, polite phrases, letters, rules, likenesses."""

import random
import re
from dataclasses import replace

from drill_words import Lexicon
from english_words import capital, uncapital, with_article
from workbook.deeds import random_deed, random_name, random_person, simple_clause
from workbook.tasks import PRESENT_PAST, Task, worded
from workbook.writing_tables import (
    ADVICE,
    AS_SIMILES,
    EVENTS,
    EXCUSES,
    LETTER_CLOSINGS,
    LETTER_GREETINGS,
    LIKENESSES,
    OCCASIONS,
    OFFERS,
    PRAISES,
    REASONED_COMMANDS,
    RULES,
    STARTS,
    STATES,
    SURNAMES,
    lines,
)

TENSES_TO_WRITE = (
    *PRESENT_PAST, "future", "present continuous", "past continuous", "present perfect", "past perfect",
)  # fmt: skip
SIMILE_FRAMES = (
    "{name} said that it was {simile}.", "Everything there was {simile}.", "In the end it was {simile}.",
    "{name} dreamed of something {simile}.", "I thought that it would be {simile}.",
)  # fmt: skip
SENTENCE_WITH_WORD = lines("""
Write a sentence with the word '{word}'.
Use '{word}' in a sentence.
Make up a sentence that contains the word '{word}'.
Form a sentence with '{word}'.
Put the word '{word}' into a sentence of your own.
Give an example of a sentence with '{word}'.
How could '{word}' be used in a sentence?
Show with a sentence how the word '{word}' is used.
Think of a sentence in which '{word}' occurs.
Please build a sentence around the word '{word}'.
""")


def sentence_with_word(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence with a given noun or verb."""
    clause = simple_clause(rng, lexicon, rng.choice(("future", "can", "must", "should")))
    word = rng.choice((clause.verb.base, clause.object.noun, clause.subject.noun))
    if word != clause.verb.base:
        clause = replace(clause, tense=rng.choice(("past", "past", "present", "future")))
    return worded(rng, SENTENCE_WITH_WORD, "", clause.say(), word=word)


SENTENCE_WITH_WORDS = lines("""
Write a sentence with the words '{one}' and '{two}'.
Use both '{one}' and '{two}' in one sentence.
Make a sentence that contains '{one}' and '{two}'.
Put '{one}' and '{two}' together in a sentence.
Form one sentence out of the words below and others of your choice.
Write a sentence in which these two words occur.
Create a sentence with both of these words.
Build a sentence with: {one}, {two}.
Can you use these words in one sentence?
""")


def sentence_with_words(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence with two given nouns."""
    clause = simple_clause(rng, lexicon, rng.choice(("past", "past", "present", "future")))
    one, two = rng.sample((clause.subject.noun, clause.object.noun), 2)
    task = worded(rng, SENTENCE_WITH_WORDS, f"{one}, {two}", clause.say(), one=one, two=two)
    return task._replace(text="") if f"{one}'" in task.ask or f": {one}" in task.ask else task


SENTENCE_ABOUT = lines("""
Write a sentence about {thing}.
Make up a short sentence about {thing}.
Say something about {thing} in one sentence.
Give me a sentence whose subject is {thing}.
Invent a sentence that tells us something about {thing}.
Tell me in one sentence what happened to {thing} or what was done.
Think of a sentence about {thing}.
Compose one sentence about {thing}.
""")


def sentence_about(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence about a person, an animal or a thing."""
    clause = replace(simple_clause(rng, lexicon), passive=rng.random() < 0.5)
    about = clause.object if clause.passive else clause.subject
    return worded(rng, SENTENCE_ABOUT, "", clause.say(), thing=with_article(about.noun))


SENTENCE_IN_TENSE = lines("""
Write a sentence in {tense}.
Make up a sentence in {tense} with the verb '{verb}'.
Use the verb '{verb}' in a sentence in {tense}.
Give an example of a sentence in {tense}.
Form a sentence in {tense}; use '{verb}'.
Put the verb '{verb}' into {tense} and write a sentence with it.
How would a sentence in {tense} with '{verb}' look?
Write an example of {tense} with a form of '{verb}'.
""")


def sentence_in_tense(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence in a given tense."""
    tense = rng.choice(TENSES_TO_WRITE)
    name = f"the {tense} tense" if tense in (*PRESENT_PAST, "future") else f"the {tense}"
    clause = simple_clause(rng, lexicon, tense)
    return worded(rng, SENTENCE_IN_TENSE, "", clause.say(), tense=name, verb=clause.verb.base)


SENTENCE_BEGINNING = lines("""
Write a sentence that begins with '{word}'.
Start a sentence with the word '{word}'.
Make up a sentence whose first word is '{word}'.
Let your sentence start with '{word}'.
Give a sentence beginning with '{word}'.
Use '{word}' as the first word of a sentence.
Form a sentence with '{word}' at its beginning.
""")


def sentence_beginning(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence with a given first word."""
    word, opening, tense = rng.choice(STARTS)
    clause = simple_clause(rng, lexicon, tense)
    return worded(rng, SENTENCE_BEGINNING, "", f"{opening} {uncapital(clause.say())}", word=word)


APOLOGY = lines("""
Apologize for {ing} {thing}.
Write an apology for {ing} {thing}.
Say that you are sorry for {ing} {thing}.
You {past} {thing}. What do you say?
What would you say to {person} after {ing} {thing}?
Make an apology to {person} for {ing} {thing}.
Tell {person} that you regret {ing} {thing}.
How do you apologize for {ing} {thing}?
""")


def apology(rng: random.Random, lexicon: Lexicon) -> Task:
    """An apology for something that one did."""
    verb, noun = random_deed(rng, lexicon, bad=True)
    thing, person = f"the {noun.singular}", random_person(rng, lexicon, ("the",)).text
    answer = rng.choice((f"I am sorry that I {verb.past} {thing}.", f"I apologize for {verb.ing} {thing}."))
    return worded(rng, APOLOGY, "", answer, ing=verb.ing, past=verb.past, thing=thing, person=person)


THANKS = lines("""
Thank {person} for {ing} {thing}.
Write a thank-you note to {person} for {ing} {thing}.
Your friend {past} {thing} for you. Say thank you.
How do you thank somebody for {ing} {thing}?
Express your thanks to {person} for {ing} {thing}.
Show in one sentence that you are grateful to {person} for {ing} {thing}.
What do you say to {person}, who {past} {thing} for you?
""")


def thanks(rng: random.Random, lexicon: Lexicon) -> Task:
    """Thanks for something that somebody did."""
    verb, noun = random_deed(rng, lexicon, bad=False)
    thing, person = f"the {noun.singular}", random_person(rng, lexicon, ("the",)).text
    start = rng.choice(("Thank you for", "Thank you very much for", "Many thanks for", "I am very grateful to you for"))
    values = {"ing": verb.ing, "past": verb.past, "thing": thing, "person": person}
    return worded(rng, THANKS, "", f"{start} {verb.ing} {thing}.", **values)


POLITE_REQUEST = lines("""
Say this politely.
Make this command polite.
Rewrite {it} as a polite request.
Turn the order into a friendly question.
How would a polite person say this?
Ask for the same thing more politely.
Say {it} in a more polite way.
Change {it} so that it sounds polite.
Put this kindly: {text}
Make a polite request out of this: {text}
This sounds rude. Say it in a nicer way.
""")


def polite_request(rng: random.Random, lexicon: Lexicon) -> Task:
    """A command as a polite question."""
    verb, noun = random_deed(rng, lexicon, bad=False)
    action = f"{verb.base} the {noun.singular}"
    blunt = rng.choice((f"{capital(action)}.", f"{capital(action)}!", f"You must {action}."))
    polite = rng.choice(("Could you please", "Would you please"))
    return worded(rng, POLITE_REQUEST, blunt, f"{polite} {action}?")


REASONED_REQUEST = lines("""
Make one polite question of the command and its reason.
Turn this into one polite request.
Ask for this politely, and give the reason.
Say this politely in one sentence.
Write the order and its reason as a friendly question.
How can one say this in a single polite sentence?
Join the two sentences into a polite request: {text}
Say this in a kind way: {text}
""")


def reasoned_request(rng: random.Random, lexicon: Lexicon) -> Task:
    """A command with its reason as a polite question."""
    command, reason, action = rng.choice(REASONED_COMMANDS)
    polite = rng.choice(("Could you please", "Would you please"))
    return worded(rng, REASONED_REQUEST, f"{command} {reason}", f"{polite} {action}?")


REFUSAL = lines("""
Refuse this politely.
Say no in a friendly way.
Write a polite refusal.
How could one answer no without being rude?
Decline in one polite sentence.
Give a kind answer that says no.
Turn down the following request or offer: {text}
Somebody asks you: {text} Say no politely.
""")


def refusal(rng: random.Random, lexicon: Lexicon) -> Task:
    """A polite answer that says no."""
    return worded(rng, REFUSAL, *rng.choice(OFFERS))


NOT_WANTED = lines("""
Say this politely.
Find a polite way to say this.
What is a more polite way to say {it}?
Make {it} sound friendlier.
Express this less rudely.
Rewrite {it} politely.
Say kindly what this means: {text}
""")


def not_wanted(rng: random.Random, lexicon: Lexicon) -> Task:
    """That one does not want to do something, said politely."""
    verb, noun = random_deed(rng, lexicon, bad=False)
    action = f"{verb.base} the {noun.singular}"
    blunt = rng.choice((f"I don't want to {action}.", f"I won't {action}!", f"I do not want to {action}."))
    polite = rng.choice((f"I would rather not {action}, if you don't mind.", f"I would prefer not to {action}."))
    return worded(rng, NOT_WANTED, blunt, polite)


INVITATION = lines("""
Invite {name} to {what} {when}.
Write an invitation to {what} {when}; it is for {name}.
Ask {name} to come to {what} {when}.
How would you invite {name} to {what} {when}?
Write one sentence that invites {name} to {what}. It takes place {when}.
Compose an invitation for {name}: {what}, {when}.
""")


def invitation(rng: random.Random, lexicon: Lexicon) -> Task:
    """An invitation to an occasion."""
    (what, when), name = rng.choice(OCCASIONS), random_name(rng)
    start = rng.choice(("would you like to come to", "I would like to invite you to", "please come to"))
    end = "?" if start.startswith("would") else "."
    yours = re.sub(r"\b(my|our)\b", "your", what)
    return worded(rng, INVITATION, "", f"Dear {name}, {start} {what} {when}{end}", name=name, what=yours, when=when)


COMPLIMENT = lines("""
Write a compliment on a {thing}.
Pay somebody a compliment on a {thing}.
Say something nice about your friend's {thing}.
Compliment {name} on a {thing}.
What compliment could one make on a {thing}?
Make a friendly remark about the {thing} of {name}.
""")


def compliment(rng: random.Random, lexicon: Lexicon) -> Task:
    """A friendly remark about a thing."""
    praise, things = rng.choice(PRAISES)
    thing = rng.choice(things.split(", "))
    task = worded(rng, COMPLIMENT, "", praise.format(thing=thing), thing=thing, name=random_name(rng))
    return task._replace(ask=task.ask.replace(f" a {thing}", f" {with_article(thing)}"))


CONGRATULATION = lines("""
Congratulate {name}, who has {event}.
{name} has {event}. Write your congratulations.
What do you say to a friend who has {event}?
Your neighbor has {event}. Congratulate your neighbor.
Write a sentence to congratulate somebody who has {event}.
Send good wishes to {name}, who has just {event}.
""")


def congratulation(rng: random.Random, lexicon: Lexicon) -> Task:
    """Congratulations on an event."""
    (event, on), name = rng.choice(EVENTS), random_name(rng)
    start = rng.choice(("Congratulations", "My warmest congratulations", "Many congratulations"))
    return worded(rng, CONGRATULATION, "", f"{start} {on}!", name=name, event=event)


EXCUSE = lines("""
Write an excuse for {what}.
Make up an excuse for {what}.
What excuse could one give for {what}?
Invent a believable excuse for {what}.
Excuse yourself in one sentence for {what}.
Give a reason that excuses you for {what}.
""")


def excuse(rng: random.Random, lexicon: Lexicon) -> Task:
    """An excuse with its reason."""
    what, answer = rng.choice(EXCUSES)
    return worded(rng, EXCUSE, "", answer, what=what)


LETTER = lines("""
How do you {part} a letter {to}?
Write the {noun} of a letter {to}.
Which {noun} suits a letter {to}?
Give a {noun} for a letter {to}.
You write {to}. How do you {part} the letter?
Suggest a {noun} for a message {to}.
""")


def letter(rng: random.Random, lexicon: Lexicon) -> Task:
    """The greeting or the closing of a letter."""
    part, noun, rows = rng.choice((("begin", "greeting", LETTER_GREETINGS), ("end", "closing", LETTER_CLOSINGS)))
    values = {"name": random_name(rng), "title": rng.choice(("Mr.", "Ms.")), "surname": rng.choice(SURNAMES)}
    to, answer = (cell.format(**values) for cell in rng.choice(rows))
    return worded(rng, LETTER, "", answer, part=part, noun=noun, to=to)


RULE = lines("""
Write a rule for the {place}.
Give one rule that is good for the {place}.
What is a sensible rule for the {place}?
Name a rule that helps everybody who uses the {place}.
Think of a rule of good behavior for the {place}.
State one rule for the {place}.
Which rule could stand on a sign for the {place}?
""")


def place_rule(rng: random.Random, lexicon: Lexicon) -> Task:
    """A rule for a place."""
    place, *rules = rng.choice(RULES)
    rule = rng.choice(rules)
    infinitive = f"not to {rule[7:]}" if rule.startswith("do not ") else f"to {rule}"
    answer = rng.choice((f"A rule for the {place} is {infinitive}.", f"Please {rule}."))
    return worded(rng, RULE, "", answer, place=place)


ADVISE = lines("""
Give this person advice.
What should the person do?
What advice would you give?
Write one sentence of advice.
Somebody tells you this. What do you advise?
Help the speaker with a piece of advice.
A friend says: {text} What is your advice?
Give advice on this problem: {text}
Answer with good advice: {text}
""")


def advice(rng: random.Random, lexicon: Lexicon) -> Task:
    """Advice for a situation."""
    return worded(rng, ADVISE, *rng.choice(ADVICE))


REMEDY = lines("""
What should one do with a {state} {thing}?
The {thing} is {state}. What should you do?
What do you do when a {thing} is {state}?
What helps if the {thing} is {state}?
Say what should be done about a {state} {thing}.
How does one deal with a {state} {thing}?
My {thing} is {state}. What now?
""")


def remedy(rng: random.Random, lexicon: Lexicon) -> Task:
    """What to do with a thing in a bad state."""
    state, action, things = rng.choice(STATES)
    thing = rng.choice(things.split(", "))
    done = re.sub(r"\bit\b", f"the {thing}", action)
    task = worded(rng, REMEDY, "", f"You should {done}.", state=state, thing=thing)
    ask = task.ask.replace(f" a {state}", f" {with_article(state)}").replace(f" a {thing}", f" {with_article(thing)}")
    return task._replace(ask=ask)


def _likeness(rng: random.Random) -> tuple[str, str, str]:
    """A metaphor, a simile that says the same, and the words that form it."""
    thing, image, common = rng.choice(LIKENESSES)
    like = rng.choice((f"like {with_article(image)}", f"as {common} as {with_article(image)}"))
    be = "is" if thing.startswith("a ") else rng.choice(("is", "was"))
    return f"{capital(thing)} {be} {with_article(image)}.", f"{capital(thing)} {be} {like}.", like


WRITE_FIGURE = lines("""
Write a {figure} about {thing}.
Describe {thing} with a {figure}.
Make up a {figure} for {thing}.
Invent a {figure} in which {thing} is compared to something.
Give an example of a {figure} about {thing}.
Use a {figure} to speak about {thing}.
Create a one-sentence {figure} about {thing}.
""")


def write_figure(rng: random.Random, lexicon: Lexicon) -> Task:
    """A simile or a metaphor about a thing."""
    metaphor, simile, _ = _likeness(rng)
    figure, answer = rng.choice((("metaphor", metaphor), ("simile", simile)))
    thing = uncapital(re.split(" is | was ", answer)[0])
    thing = re.sub("^my ", "your ", thing)
    return worded(rng, WRITE_FIGURE, "", answer, figure=figure, thing=thing)


SIMILE_OR_METAPHOR = lines("""
Is this a simile or a metaphor?
Does the line contain a simile or a metaphor?
Say whether {it} contains a simile or a metaphor.
Which figure of speech is used, a simile or a metaphor?
Decide between simile and metaphor.
Simile or metaphor: {text}
Tell me if this line has a metaphor or a simile in it.
Name the figure of speech in {it}, metaphor or simile.
""")


def simile_or_metaphor(rng: random.Random, lexicon: Lexicon) -> Task:
    """Which of the two figures a line contains."""
    metaphor, simile, _ = _likeness(rng)
    figure, line = rng.choice((("metaphor", metaphor), ("simile", simile)))
    return worded(rng, SIMILE_OR_METAPHOR, line, f"The line contains a {figure}.")


FIGURE_CHANGED = lines("""
Turn this {old} into a {new}.
Make a {new} of {it}.
Rewrite {it} as a {new}.
Change the {old} to a {new}.
Say the same with a {new}.
Express the {old} as a {new}.
How does {it} read as a {new}?
Replace the {old} in this line by a {new}: {text}
""")


def figure_changed(rng: random.Random, lexicon: Lexicon) -> Task:
    """A simile made of a metaphor, or the other way round."""
    metaphor, simile, _ = _likeness(rng)
    if rng.random() < 0.5:
        return worded(rng, FIGURE_CHANGED, simile, metaphor, old="simile", new="metaphor")
    like_simile = re.sub(r"( is | was )", r"\1like ", metaphor, count=1)
    return worded(rng, FIGURE_CHANGED, metaphor, like_simile, old="metaphor", new="simile")


SIMILE_WORDS = lines("""
Which words form the simile?
Find the simile in {it}.
Pick out the simile.
Name the simile in this line.
What is the simile here?
Identify the words that make up the simile in {it}.
Copy the simile from this line: {text}
""")


def simile_words(rng: random.Random, lexicon: Lexicon) -> Task:
    """The simile within a line."""
    _, line, like = _likeness(rng)
    if rng.random() < 0.5:
        quality, image = rng.choice(AS_SIMILES)
        like = f"as {quality} as {image}"
        line = rng.choice(SIMILE_FRAMES).format(name=random_name(rng), simile=like)
    return worded(rng, SIMILE_WORDS, line, f"The simile is '{like}'.")


SIMILE_COMPLETED = lines("""
Complete the simile.
Finish the well-known simile.
How does this common simile end?
Add the missing words of the simile.
Complete this comparison: {text}
What comes next in the simile '{text}'?
Which simile begins like this?
""")


def simile_completed(rng: random.Random, lexicon: Lexicon) -> Task:
    """A well-known simile with its end."""
    quality, image = rng.choice(AS_SIMILES)
    return worded(rng, SIMILE_COMPLETED, f"as {quality} as", f"The simile is 'as {quality} as {image}'.")

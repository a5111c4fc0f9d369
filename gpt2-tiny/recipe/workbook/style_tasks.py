"""Tasks of a workbook with what a sentence sounds like, and how it is said in fewer or other words."""

import random
import re
from dataclasses import replace

from drill_words import Lexicon
from english_words import article, capital, listed, with_article
from workbook.deeds import random_name, random_person, random_thing, simple_clause
from workbook.tasks import Task, worded
from workbook.writing_tables import (
    EITHER_OR,
    EMOTIONS,
    EXCLAMATIONS,
    FACTS,
    FEELINGS,
    FORMAL,
    HEADLINES,
    MESSAGES,
    NEUTRAL,
    NICER_WORDS,
    NOT_URGENT,
    OPINIONS,
    REPETITIONS,
    TITLES,
    URGENT,
    USES,
    WORDY_ADJECTIVES,
    WORDY_ENDINGS,
    WORDY_THINGS,
    WORDY_VERB_PHRASES,
    lines,
)

SMALL_WORDS = ("in", "at", "on", "by", "near", "to", "of", "under", "along", "behind", "outside")  # in headlines
SENTIMENT_FRAMES = (
    "The {thing} was {word}.", "My {thing} is really {word}.", "{name} says that the {thing} is {word}.",
    "We found the {thing} {word}.", "Last week the {thing} was {word}.", "Our {thing} turned out to be {word}.",
)  # fmt: skip
REPETITION_FRAMES = (
    "We talked about the {phrase}.", "Nobody had heard of the {phrase}.", "{name} wrote down the {phrase}.",
    "The {person} told us about the {phrase}.", "{name} wanted to hear more about the {phrase}.",
)  # fmt: skip
SENTIMENT = lines("""
Is the sentiment positive, negative or neutral?
Name the sentiment of {it}.
Which sentiment does {it} express?
Decide whether {it} is positive, negative or neutral.
What feeling does this express, a positive, negative or neutral one?
Determine the sentiment.
Classify the sentiment of this sentence: {text}
Tell me the sentiment of the following: {text}
""")


def _with_sentiment(rng: random.Random) -> tuple[str, str]:
    """A sentence, and the same with the opposite sentiment; the good one comes first."""
    things, pairs = rng.choice(FEELINGS)
    good, bad = rng.choice(pairs.split(", ")).split("/")
    frame, thing, name = rng.choice(SENTIMENT_FRAMES), rng.choice(things.split(", ")), random_name(rng)
    return frame.format(thing=thing, word=good, name=name), frame.format(thing=thing, word=bad, name=name)


def sentiment(rng: random.Random, lexicon: Lexicon) -> Task:
    """Whether a sentence is positive, negative or neutral."""
    good, bad = _with_sentiment(rng)
    thing, number = random_thing(rng, lexicon), rng.randint(2, 12)
    neutral = rng.choice(NEUTRAL).format(thing=thing.singular, things=thing.plural, number=number)
    kind, sentence = rng.choice((("positive", good), ("negative", bad), ("neutral", neutral)))
    return worded(rng, SENTIMENT, sentence, f"The sentiment is {kind}.")


OPPOSITE_SENTIMENT = lines("""
Write {it} with the opposite sentiment.
Give the sentence the opposite sentiment.
Rewrite this so that it sounds {new} instead of {old}.
Change the sentiment to {new}.
Make this {old} remark {new}.
Turn {it} into something {new}.
Say something {new} instead: {text}
""")


def opposite_sentiment(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence with the opposite sentiment."""
    sentences = list(zip(("positive", "negative"), _with_sentiment(rng), strict=True))
    (old, before), (new, after) = rng.sample(sentences, 2)
    return worded(rng, OPPOSITE_SENTIMENT, before, after, old=old, new=new)


NICER_WORD = lines("""
Which word sounds more {kind}, '{one}' or '{two}'?
Choose the more {kind} word: {one} or {two}.
Of '{one}' and '{two}', which has the more {kind} sound?
'{One}' or '{two}': which of the words is more {kind}?
Say which word gives a more {kind} impression, '{one}' or '{two}'.
Which is the more {kind} of these words: {one}, {two}?
""")


def nicer_word(rng: random.Random, lexicon: Lexicon) -> Task:
    """Which of two words sounds more positive, or more negative."""
    pair = rng.choice(NICER_WORDS)
    kind, answer = rng.choice((("positive", pair[0]), ("negative", pair[1])))
    one, two = rng.sample(pair, 2)
    said = f"The word '{answer}' sounds more {kind}."
    return worded(rng, NICER_WORD, "", said, one=one, two=two, One=capital(one), kind=kind)


EMOTION = lines("""
How does the speaker feel?
Name the speaker's emotion.
What emotion do these words show?
Which feeling is expressed here?
Say what the speaker is feeling.
Identify the emotion of the person who says this.
Somebody says: {text} How does this person feel?
What does a person feel who says this: {text}
""")


def emotion(rng: random.Random, lexicon: Lexicon) -> Task:
    """What a speaker feels."""
    said, feeling = rng.choice(EMOTIONS)
    return worded(rng, EMOTION, said, f"The speaker feels {feeling}.")


FACT_OR_OPINION = lines("""
Is this a fact or an opinion?
Fact or opinion?
Decide whether {it} states a fact or an opinion.
Does {it} express a fact or an opinion?
Tell facts from opinions: which is this?
Say if the following is a fact or an opinion: {text}
Classify the statement as fact or opinion.
Can this be proved, or is it an opinion?
""")


def fact_or_opinion(rng: random.Random, lexicon: Lexicon) -> Task:
    """Whether a sentence states a fact or an opinion."""
    thing, state, use = random_thing(rng, lexicon), rng.choice(EITHER_OR), rng.choice(USES)
    used = f"{capital(with_article(use[0]))} is used for {use[1]}."
    fact = rng.choice((rng.choice(FACTS), f"{capital(state[0])} is {state[1]}.", used))
    values = {"thing": thing.singular, "things": thing.plural, "Things": capital(thing.plural)}
    opinion = _with_right_articles(rng.choice(OPINIONS).format(**values), thing.singular)
    kind, sentence = rng.choice((("a fact", fact), ("an opinion", opinion)))
    return worded(rng, FACT_OR_OPINION, sentence, f"The sentence states {kind}.")


def _with_right_articles(sentence: str, noun: str) -> str:
    """With `an` before the noun if it needs it."""
    return re.sub(rf"\b([Aa]) {noun}", lambda found: found[1] + article(noun)[1:] + f" {noun}", sentence)


FORMAL_OR_INFORMAL = lines("""
Is this formal or informal?
Is the language formal or informal?
Decide whether {it} is formal or informal.
What is the tone of {it}, formal or informal?
Name the style of this sentence: formal or informal?
Would you call {it} formal or informal?
Formal or informal: {text}
Label this as formal or informal.
""")


def formal_or_informal(rng: random.Random, lexicon: Lexicon) -> Task:
    """Whether a sentence is formal or informal."""
    informal, formal = rng.choice(FORMAL)
    kind, sentence = rng.choice((("informal", informal), ("formal", formal)))
    return worded(rng, FORMAL_OR_INFORMAL, sentence, f"The language is {kind}.")


MORE_FORMAL = lines("""
Say this more {kind}ly.
Rewrite {it} in {kind} language.
Make {it} {kind}.
Put this into {kind} words.
How would one say this in a {kind} situation?
Change the tone of {it} to {kind}.
Give {it} a {kind} tone.
Write this in a {kind} style: {text}
""")


def more_formal(rng: random.Random, lexicon: Lexicon) -> Task:
    """The formal sentence for an informal one, or the other way round."""
    informal, formal = rng.choice(FORMAL)
    kind, before, after = rng.choice((("formal", informal, formal), ("informal", formal, informal)))
    task = worded(rng, MORE_FORMAL, before, after, kind=kind)
    return task._replace(ask=task.ask.replace(" a informal", " an informal"))


SENTENCE_TYPE = lines("""
What type of sentence is this?
Is this sentence declarative, interrogative, imperative or exclamatory?
Name the type of {it}.
Classify {it} as declarative, interrogative, imperative or exclamatory.
Which kind of sentence is {it}: declarative, interrogative, imperative or exclamatory?
Determine the sentence type.
What do we call this kind of sentence: {text}
""")


def sentence_type(rng: random.Random, lexicon: Lexicon) -> Task:
    """Whether a sentence is declarative, interrogative, imperative or exclamatory."""
    clause = simple_clause(rng, lexicon, rng.choice(("past", "future", "present")))
    thing = random_thing(rng, lexicon).singular
    exclamation = _with_right_articles(rng.choice(EXCLAMATIONS).format(thing=thing), thing)
    kind, sentence = rng.choice((
        ("declarative", clause.say()),
        ("interrogative", replace(clause, mood="question").say()),
        ("imperative", f"{capital(clause.verb.base)} {clause.object.text}."),
        ("exclamatory", exclamation),
    ))  # fmt: skip
    return worded(rng, SENTENCE_TYPE, sentence, f"The sentence is {kind}.")


HEADLINE_TOPIC = lines("""
What is the topic of this headline?
Name the topic of the headline.
In which section of the newspaper does this headline belong?
Is the headline about {one} or {two}?
Does this headline belong to {one} or to {two}?
Assign the headline to a topic.
Which topic does this headline have: {text}
Find the topic: {text}
""")


def headline_topic(rng: random.Random, lexicon: Lexicon) -> Task:
    """The topic of a headline."""
    topic, headline = rng.choice(HEADLINES)
    other = rng.choice(sorted({row[0] for row in HEADLINES} - {topic}))
    one, two = rng.sample((topic, other), 2)
    return worded(rng, HEADLINE_TOPIC, headline, f"The topic of the headline is {topic}.", one=one, two=two)


IS_URGENT = lines("""
Is this message urgent or not urgent?
Is this urgent?
Decide whether the message is urgent.
Sort the message: urgent or not urgent?
Does this need an answer at once?
Tell me if this message is urgent: {text}
Urgent or not urgent: {text}
""")


def urgent(rng: random.Random, lexicon: Lexicon) -> Task:
    """Whether a message is urgent."""
    kind, rows = rng.choice((("urgent", URGENT), ("not urgent", NOT_URGENT)))
    return worded(rng, IS_URGENT, rng.choice(rows), f"The message is {kind}.")


SHORTEN = lines("""
Shorten {it}.
Say this in fewer words.
Make {it} shorter.
Express this more briefly.
Rewrite {it} with fewer words.
Say the same thing in a shorter way.
This is too wordy. Write it more simply.
Make this sentence concise: {text}
Cut the unnecessary words: {text}
Tighten {it}.
Write a shorter version.
""")


def shorten(rng: random.Random, lexicon: Lexicon) -> Task:
    """A wordy sentence made short."""
    rows = rng.choice((WORDY_VERB_PHRASES, WORDY_ENDINGS, WORDY_ENDINGS, WORDY_ADJECTIVES))
    wordy, short = rng.choice(rows)
    clause = simple_clause(rng, lexicon, "past" if " was " in wordy else "future", place_share=0)
    if rows is WORDY_ENDINGS:
        frame = f"{clause.say()[:-1]} {{}}."
    elif rows is WORDY_ADJECTIVES:
        frame = f"The {rng.choice(WORDY_THINGS)} {rng.choice(('is', 'was'))} {{}}."
    else:
        frame = f"{capital(clause.subject.text)} {{}} {clause.verb.base} {clause.object.text}."
    return worded(rng, SHORTEN, frame.format(wordy), frame.format(short))


NO_REPETITION = lines("""
Remove the repetition.
Something is said twice in {it}. Correct it.
Rewrite {it} without the needless repetition.
Leave out the word that is not needed.
Take out what is said twice.
Edit {it} so that nothing is repeated.
Delete the unnecessary word: {text}
Improve this sentence by removing the repetition: {text}
""")


def no_repetition(rng: random.Random, lexicon: Lexicon) -> Task:
    """A sentence without what it says twice."""
    if rng.random() < 0.4:
        said = simple_clause(rng, lexicon).say()
        in_order = said.split()
        at = rng.randrange(2, len(in_order))  # neither the first word nor the last is there twice
        return worded(rng, NO_REPETITION, " ".join([*in_order[:at], *in_order[at - 1 :]]), said)
    frame, twice = rng.choice(REPETITION_FRAMES), rng.choice(REPETITIONS)
    name, person = random_name(rng), rng.choice(lexicon.people).singular
    before, after = (frame.format(phrase=phrase, name=name, person=person) for phrase in twice)
    return worded(rng, NO_REPETITION, before, after)


SUMMARY = lines("""
Summarize this in one sentence.
Write a one-sentence summary.
Put the sentences together into a single sentence.
Sum up what {subject} did.
Say in one sentence what happened.
Make one sentence of these.
Summarize the following in a single sentence: {text}
Give a short summary of this: {text}
Tell me briefly what {subject} did.
""")


def summary(rng: random.Random, lexicon: Lexicon) -> Task:
    """What somebody did, told in one sentence."""
    subject, count = random_person(rng, lexicon, ("the",)), rng.choice((2, 3))
    clauses = [replace(simple_clause(rng, lexicon), subject=subject) for _ in range(count)]
    openings = [capital(subject.text), capital(subject.pronoun), f"Then {subject.pronoun}"]
    deeds = [clause.say()[len(subject.text) + 1 : -1] for clause in clauses]
    text = " ".join(f"{opening} {deed}." for opening, deed in zip(openings, deeds, strict=False))
    return worded(rng, SUMMARY, text, f"{capital(subject.text)} {listed(deeds, 'and')}.", subject=subject.text)


HEADLINE = lines("""
Write a headline for this sentence.
Turn {it} into a headline.
Give the news a headline.
What headline fits this?
Make a newspaper headline of {it}.
Find a short headline for {it}.
Write this as a headline: {text}
Suggest a headline for the following news: {text}
""")


def headline(rng: random.Random, lexicon: Lexicon) -> Task:
    """A headline for a sentence."""
    clause = simple_clause(rng, lexicon, place_share=0.6)
    clause = replace(clause, subject=replace(clause.subject, text=f"{rng.choice(('a', 'the'))} {clause.subject.noun}"))
    said = replace(clause, tense="present").say()[:-1]
    kept = [word for word in said.split() if word.lower() not in ("the", "a")]
    title = " ".join(word if word in SMALL_WORDS else capital(word) for word in kept)
    return worded(rng, HEADLINE, _with_right_articles(clause.say(), clause.subject.noun), title)


TITLE = lines("""
Suggest a title for a story about {what}.
Write a title for a story about {what}.
What could a story about {what} be called?
Think of a title for a tale about {what}.
Give a story about {what} a title.
Find a good title for a book about {what}.
""")


def story_title(rng: random.Random, lexicon: Lexicon) -> Task:
    """A title for a story."""
    what, title = rng.choice(TITLES)
    return worded(rng, TITLE, "", title, what=f"the {what}" if what.startswith("friendship") else with_article(what))


MAIN_POINT = lines("""
What is the main point of the message?
State the main point of this message.
Sum up the message in one sentence.
What does the message tell us?
Give the most important news in this message.
Tell me in one sentence what this message is about.
What is the main point of this: {text}
""")


def main_point(rng: random.Random, lexicon: Lexicon) -> Task:
    """The main point of a message."""
    name = random_name(rng)
    text, answer = (cell.format(name=name) for cell in rng.choice(MESSAGES))
    return worded(rng, MAIN_POINT, text, answer)

"""Tasks of a workbook: a sentence with a mistake or a gap, and the right sentence."""

import random
import re
from dataclasses import replace

from drill_words import NAMES, words
from english_words import Verb, capital, misspell, series, uncapital
from grammar_drills import NounPhrase, within
from word_drills import SPELLED, with_another_word, words_of
from workbook.tasks import (
    PRESENT_PAST,
    TENSE_NAMES,
    Material,
    Task,
    clause_about_others,
    tense_name,
    there_is,
)

MISTAKE_ASKS = (
    "Put {it} right.",
    "Correct {it}.",
    "There is a mistake in {it}. Correct it.",
    "What is the correct form of {it}?",
    "Repair the grammar of {it}.",
    "Find and correct the error.",
    "Write {it} without its error.",
    "Make {it} good English.",
    "Rewrite {it} so that the grammar is right.",
    "Mend the faulty form in {it}.",
    "How should {it} be written?",
)
SPELLING_ASKS = (
    "Correct the misspelled words in {it}.",
    "Put the spelling of {it} right.",
    "Rewrite {it} with every word spelled correctly.",
    "Some letters are wrong here. Write {it} correctly.",
    "Mend the spelling.",
    "Write {it} without spelling errors.",
    "Check the spelling and write {it} again.",
    "How is {it} spelled correctly?",
    "Find what is misspelled and correct it.",
)
GAP_ASKS = (
    "Fill in the blank.",
    "Complete {it} with the right word.",
    "Put a fitting word into the blank.",
    "Which word is missing? Write the complete sentence.",
    "Fill the gap and write out {it}.",
    "Supply what is missing in {it}.",
)
PREPOSITIONS = words("in at on near behind under by along outside")
CONFUSED = (  # words that sound alike, and the beginnings of sentences that decide between them
    ("their", "there", ("The {people} lost ___ {thing}.", "All the {people} brought ___ {thing}.")),
    ("there", "their", ("___ is a {thing} behind the house.", "The {thing} lay over ___ by the door.")),
    ("its", "it's", ("The {thing} has lost ___ color.", "Every {thing} has ___ place.")),
    ("it's", "its", ("Take the {thing}; ___ yours.", "I think ___ an old {thing}.")),
    ("too", "to", ("The {thing} was ___ heavy for us.", "My sister wants a {thing} ___.")),
    ("to", "too", ("The {person} went ___ the market.", "We gave the {thing} ___ a {person}.")),
    ("your", "you're", ("Is this ___ {thing}?", "The {person} liked ___ {thing}.")),
    ("you're", "your", ("I hope ___ not angry, said the {person}.", "The {person} says ___ late.")),
    ("who's", "whose", ("___ the {person} over there?", "I know ___ at the door: a {person}.")),
    ("whose", "who's", ("___ {thing} is this?", "I know ___ {thing} that is.")),
    ("whether", "weather", ("The {person} asks ___ the {thing} is new.",)),
    ("hear", "here", ("Can you ___ the {person}?", "The {people} did not ___ us.")),
    ("here", "hear", ("Put the {thing} ___.", "The {person} lives ___.")),
    ("than", "then", ("My {thing} is older ___ yours.", "The {person} was taller ___ I am.")),
    ("then", "than", ("First the {person} knocked; ___ the door opened.",)),
    ("an", "a", ("___ old {thing} stood in the hall.", "The {person} waited for ___ hour.")),
    ("a", "an", ("The {person} wore ___ uniform.", "We bought ___ new {thing}.")),
    ("much", "many", ("How ___ milk does the {person} need?", "There is not ___ time left.")),
    ("many", "much", ("How ___ {people} were there?", "The {person} does not own ___ books.")),
    ("fewer", "less", ("This year ___ {people} came.", "There are ___ chairs than {people}.")),
    ("less", "fewer", ("The {person} needs ___ sugar now.", "There was ___ noise in the evening.")),
    ("little", "few", ("There is ___ water in the pot.", "The {person} had ___ money left.")),
    ("few", "little", ("Only a ___ {people} stayed.", "The {person} has ___ friends.")),
    ("since", "for", ("The {person} has lived here ___ Monday.", "We have had the {thing} ___ last year.")),
    ("for", "since", ("The {person} has lived here ___ ten years.", "I have not seen the {people} ___ a week.")),
    ("who", "which", ("The {person} ___ called is my friend.",)),
    ("which", "who", ("The {thing} ___ I bought is broken.",)),
)


def agreement_mistake(rng: random.Random, material: Material) -> Task:
    """A verb of the wrong number, put right; the sentence may be negative or begin with `there`."""
    ask = rng.choice(MISTAKE_ASKS)
    if rng.random() < 0.25:
        be, things = there_is(rng, material)
        wrong = {"is": "are", "are": "is", "was": "were", "were": "was"}[be]
        return Task(ask, f"There {wrong} {things}.", f"There {be} {things}.")
    tenses = ("present", "present continuous", "past continuous")
    clause = replace(clause_about_others(rng, material), tense=rng.choice(tenses), negative=rng.random() < 0.3)
    contracted = rng.random() < 0.5
    wrong = replace(clause, subject=replace(clause.subject, plural=not clause.subject.plural))
    return Task(ask, wrong.say(contracted), clause.say(contracted))


def form_mistake(rng: random.Random, material: Material) -> Task:
    """A verb in a wrong form (`has went`, `will goes`), put right."""
    clause = clause_about_others(rng, material)
    while clause.verb.base == clause.verb.past == clause.verb.participle:
        clause = clause_about_others(rng, material)
    clause = replace(clause, tense=rng.choice(("present perfect", "past perfect", "future", "can", "must")))
    verb = clause.verb
    wrong_verb = Verb(verb.third, verb.third, verb.past, verb.base if verb.past == verb.participle else verb.past, "")
    return Task(rng.choice(MISTAKE_ASKS), replace(clause, verb=wrong_verb).say(), clause.say())


def double_negative(rng: random.Random, material: Material) -> Task:
    """A sentence that says no twice, and once."""
    clause = replace(
        clause_about_others(rng, material, with_object=True),
        negative=True,
        adverbial="",
        tense=rng.choice(PRESENT_PAST),
    )
    nothing, anything = rng.choice((("nothing", "anything"), ("nobody", "anybody"), ("no one", "anyone")))
    wrong, right = (replace(clause, object=NounPhrase(word)).say(contracted=True) for word in (nothing, anything))
    ask = rng.choice((
        "Say no only once in {it}.",
        "Two negatives are one too many. Correct {it}.",
        "Take the double negative out of {it}.",
        "Correct the double negative.",
        *MISTAKE_ASKS[:4],
    ))  # fmt: skip
    return Task(ask, wrong, right)


def plural_mistake(rng: random.Random, material: Material) -> Task:
    """A number with a wrong plural, put right."""
    clause = clause_about_others(rng, material, with_object=True)
    nouns = [noun for _, nouns in rng.choice(material.lexicons).actions for noun in nouns if noun.plural]
    one = rng.choice(nouns)
    others = [noun for noun in nouns if noun.plural not in (noun.singular + "s", noun.singular + "es")]
    noun = rng.choice(others) if others and rng.random() < 0.5 else one
    wrong = noun.singular if noun.plural == noun.singular + "s" else noun.singular + "s"
    number = rng.choice(words("two three four five six many"))
    texts = [replace(clause, object=NounPhrase(f"{number} {form}", plural=True)).say() for form in (wrong, noun.plural)]
    ask = rng.choice(
        ("Correct the plural.", "Use the right plural in {it}.", "Mend the plural form.", *MISTAKE_ASKS[:5])
    )
    return Task(ask, *texts)


def small_mistake(rng: random.Random, material: Material) -> Task:
    """A word that stands twice, the wrong article, or no capital or period, put right."""
    sentence = rng.choice(material.sentences)
    in_order = sentence.split()
    at = rng.randrange(len(in_order) - 1)
    twice = " ".join([*in_order[: at + 1], uncapital(in_order[at].rstrip(",")), *in_order[at + 1 :]])
    wrong = [
        (twice, "One word stands twice. Leave one out."),
        (sentence[:-1], "The period is missing. Put it in."),
    ]
    if uncapital(sentence) != sentence:
        wrong.append((uncapital(sentence), "Begin with a capital letter, and leave the rest."))
    if swapped := _with_wrong_article(sentence):
        wrong.append((swapped, "Use the right article."))
    text, ask = rng.choice(wrong)
    return Task(rng.choice((ask, ask, *MISTAKE_ASKS[:6])), text, sentence)


def _with_wrong_article(sentence: str) -> str:
    """The sentence with `a` for `an` or the reverse; empty where it has none."""
    match = re.search(r"(?<= )an?(?= )", sentence)
    return f"{sentence[: match.start()]}{'a' if match[0] == 'an' else 'an'}{sentence[match.end() :]}" if match else ""


def spelling(rng: random.Random, material: Material) -> Task:
    """One to three misspelled words in a sentence, put right."""
    while not (long := sorted(set(SPELLED.findall(sentence := rng.choice(material.sentences))))):
        pass
    text = sentence
    for word in rng.sample(long, min(len(long), rng.choice((1, 1, 2, 2, 3)))):
        text = with_another_word(text, word, misspell(word, rng))
    return Task(rng.choice(SPELLING_ASKS), text, sentence)


def confused_words(rng: random.Random, material: Material) -> Task:
    """A gap for one of two words that are easily mistaken."""
    right, wrong, sentences = rng.choice(CONFUSED)
    lexicon = rng.choice(material.lexicons)
    person = rng.choice([noun for noun in lexicon.people if noun.plural])
    thing = rng.choice(rng.choice(lexicon.actions)[1])
    gapped = rng.choice(sentences).format(person=person.singular, people=person.plural, thing=thing.singular)
    answer = capital(gapped.replace("___", right))
    pair = rng.sample((right, wrong), 2)
    if rng.random() < 0.3:
        shown = gapped.replace("___", f"({pair[0]} / {pair[1]})")
        ask = rng.choice(("Choose the right word.", "Which of the two words is right?", "Keep the word that fits."))
        return Task(ask, shown, answer)
    ask = rng.choice((
        "Fill the gap with '{}' or '{}'.",
        "Complete {{it}} with either '{}' or '{}'.",
        "Which belongs in the gap, '{}' or '{}'? Write the sentence.",
        "Use '{}' or '{}' for the blank.",
        "Choose '{}' or '{}' to complete {{it}}.",
    ))  # fmt: skip
    return Task(ask.format(*pair), gapped, answer)


def gap(rng: random.Random, material: Material) -> Task:
    """A gap for a preposition, or for one of the words in parentheses."""
    sentence = rng.choice(material.sentences)
    in_order = words_of(sentence)
    at = [word for word in in_order[1:] if word in PREPOSITIONS]
    if at and rng.random() < 0.5:
        word = rng.choice(at)
        ask = rng.choice((*GAP_ASKS, "Fill in the preposition.", "Which preposition fits? Write the sentence."))
        return Task(ask, with_another_word(sentence, word, "___"), sentence)
    word, other = rng.choice(in_order[1:]), rng.choice(words_of(rng.choice(material.sentences))[1:])
    choice = " / ".join(rng.sample((word, other), 2))
    ask = rng.choice(
        ("Choose the word that fits.", "Take the fitting word.", "Which of the words in parentheses fits?")
    )
    return Task(ask, with_another_word(sentence, word, f"({choice})"), sentence)


def verb_in_parentheses(rng: random.Random, material: Material) -> Task:
    """A verb to be put into the form that the sentence or the task demands."""
    clause = replace(clause_about_others(rng, material), tense=rng.choice(list(TENSE_NAMES)))
    beginning = {"present": "Every day ", "past": "Yesterday ", "future": "Tomorrow ", "present continuous": "Now "}
    start = beginning.get(clause.tense, "")
    bare = replace(clause, verb=Verb(*[f"({clause.verb.base})"] * 5), tense="past")
    full, text = (start + (within(said) if start else said.say()) for said in (clause, bare))
    ask = rng.choice((
        "Put the verb in parentheses into the {}.",
        "Use the {} of the verb in parentheses.",
        "Write the sentence with the verb in the {}.",
        "Complete the sentence with the {} of the verb.",
    ))  # fmt: skip
    return Task(ask.format(tense_name(clause.tense, rng)), text, full)


def marks_missing(rng: random.Random, material: Material) -> Task:
    """A text without its capitals, commas or end marks, and with them."""
    clause, kind = clause_about_others(rng, material), rng.random()
    if kind < 0.35:
        names = rng.sample([noun.plural for noun in rng.choice(material.lexicons).people if noun.plural], 4)
        start = rng.choice(("We met", "They invited", "I saw", "She wrote to"))
        ask = rng.choice(("Put in the missing commas.", "The commas are missing. Add them.", "Add commas to the list."))
        return Task(ask, f"{start} {' '.join(names[:-1])} and {names[-1]}.", f"{start} {series(names)}.")
    said = (clause if kind < 0.7 else replace(clause, mood="question")).say()
    ask = rng.choice((
        "Add a capital at the beginning and a mark at the end.",
        "Put in the capitals and the final mark.",
        "Write this with its capital letters and its end mark.",
        "Capitals and punctuation are missing. Write it correctly.",
    ))  # fmt: skip
    return Task(ask, said[:-1].lower(), said)


def direct_speech(rng: random.Random, material: Material) -> Task:
    """What somebody says or asks, with its marks."""
    name, clause = rng.choice(list(NAMES)), clause_about_others(rng, material)
    is_question = rng.random() < 0.5
    said = replace(clause, mood="question").say() if is_question else clause.say()
    verb = rng.choice(("asked", "wondered")) if is_question else rng.choice(("said", "answered", "called"))
    end = said if is_question else f"{said[:-1]},"
    quoted, bare = f'"{end}" {verb} {name}.', f"{said[:-1]} {verb} {name}."
    if rng.random() < 0.3:
        quoted = f'{name} {verb}, "{said}"'
        bare = f"{name} {verb} {within(clause) if not is_question else uncapital(said)}"
    ask = rng.choice((
        "Put in the marks of direct speech.",
        "Add the quotation marks.",
        "Set the quotation marks and the other marks.",
        "Punctuate what is said.",
        "Write this as direct speech.",
        "The quotation marks are missing. Write {it} with them.",
    ))  # fmt: skip
    return Task(ask, bare, quoted)

"""Drills of a grammar book, written by rule: something is asked of a sentence or a word, and answered.

`KINDS` is the table: what is drilled, how often, and the wordings that ask for it. A kind gives the text, the answer
and what stands in the wordings by number; `{it}` stands for the text. Each kind has several wordings, so that none of
them stands for it.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from clauses import MODALS, NAMES, PLACES, TENSES, Clause, NounPhrase, clause_about_others, noun_phrase, random_clause
from english_words import Noun, capital, listed, misspell, uncapital, with_article, words
from material import THING, Material, comparison

QUOTED, IN_LINE = 0.25, 0.4  # how often a sentence stands within what is asked, and a text in its line
FRAMED = 0.75  # how often a drill or dialogue is laid out with marks, nearly always headings
INTRODUCED = 0.5  # how often that has an introduction
SENTENCE = ("the sentence", "this sentence", "the following sentence", "the sentence below")  # what stands for `{it}`
CONJUNCTIONS = words("because since when while although before after if and but so")
FUNCTION_WORDS = words("of to in for on with at by from is are was were has have had will can not the a an and")
EXCHANGEABLE = [  # words of a sentence, one of which can stand for another
    words(group)
    for group in (
        # all begin with a consonant, as their articles do
        "my your his our their", "two three four five six seven nine ten", "red green blue white black brown",
        "never sometimes", "good bad new great small large", "man woman boy girl child",
        "day night morning week month year", "could would must should",
    )
]  # fmt: skip

Made = tuple[str, ...]  # the text or nothing, the answer, and what stands in the wordings
Make = Callable[[random.Random, Material], Made]


def backwards(make: Make) -> Make:
    """The kind with text and answer exchanged."""

    def made(rng: random.Random, material: Material) -> Made:
        text, answer, *values = make(rng, material)
        return answer, text, *values

    return made


# Sentences of clauses.


def tense(rng: random.Random, material: Material) -> Made:
    """A sentence in another tense."""
    clause = _passive_or_not(rng, _affirmative_or_not(rng, random_clause(rng, material)))
    after = rng.choice([tense for tense in TENSES if tense != clause.tense])
    changed = replace(clause, tense=after)
    return (clause.say(), changed.say(), rng.choice(TENSES[after][2])) if changed.exists else tense(rng, material)


def modal(rng: random.Random, material: Material) -> Made:
    """A sentence with a modal verb."""
    clause, verb = _affirmative_or_not(rng, random_clause(rng, material)), rng.choice(list(MODALS))
    return clause.say(), replace(clause, tense=verb).say(), verb


def passive(rng: random.Random, material: Material) -> Made:
    """An active sentence made passive."""
    clause = random_clause(rng, material, passive=True, negative=rng.random() < 0.1, mood=_mood(rng))
    return replace(clause, passive=False).say(), clause.say()


def negative(rng: random.Random, material: Material) -> Made:
    """A sentence in the negative."""
    clause, contracted = random_clause(rng, material, mood=_mood(rng)), rng.random() < 0.2
    return clause.say(contracted), replace(clause, negative=True).say(contracted)


def question(rng: random.Random, material: Material) -> Made:
    """A statement as a question."""
    clause = _passive_or_not(rng, random_clause(rng, material))
    return clause.say(), replace(clause, mood="question").say()


def question_tag(rng: random.Random, material: Material) -> Made:
    """A statement with a question tag."""
    clause = _affirmative_or_not(rng, random_clause(rng, material))
    return clause.say(), replace(clause, mood="tag").say()


def contraction(rng: random.Random, material: Material) -> Made:
    """A negative sentence with a contraction."""
    clause = random_clause(rng, material, negative=True, subject=noun_phrase(rng, material.people, material.adjectives))
    return clause.say(), clause.say(contracted=True)


def pronoun(rng: random.Random, material: Material) -> Made:
    """A sentence with a pronoun as its subject."""
    clause = random_clause(rng, material, subject=noun_phrase(rng, material.people, material.adjectives))
    subject = NounPhrase(clause.subject.reference, clause.subject.plural)
    return clause.say(), replace(clause, subject=subject).say()


def agreement(rng: random.Random, material: Material) -> Made:
    """A verb of the wrong number put right."""
    clause = clause_about_others(rng, material, tense=rng.choice(("present", "present continuous", "present perfect")))
    wrong = replace(clause, subject=replace(clause.subject, plural=not clause.subject.plural))
    return wrong.say(), clause.say()


def verb_form(rng: random.Random, material: Material) -> Made:
    """A verb of the wrong form put right."""
    clause = random_clause(rng, material, tense=rng.choice(("future", "past perfect", "past continuous")))
    verb, form = clause.verb, {"future": "base", "past perfect": "participle"}.get(clause.tense, "ing")
    others = [other for other in (verb.third, verb.ing, verb.base) if other != getattr(verb, form)]
    return replace(clause, verb=replace(verb, **{form: rng.choice(others)})).say(), clause.say()


def joined(rng: random.Random, material: Material) -> Made:
    """Two sentences made one with a conjunction."""
    first, second = (random_clause(rng, material, tense=rng.choice(("present", "past"))) for _ in range(2))
    second, conjunction = replace(second, tense=first.tense), rng.choice(CONJUNCTIONS)
    comma = "," if conjunction in ("but", "so", "although") else ""
    return f"{first.say()} {second.say()}", f"{first.say()[:-1]}{comma} {conjunction} {second.within()}", conjunction


def common_subject(rng: random.Random, material: Material) -> Made:
    """Two sentences of one subject made one."""
    first = random_clause(rng, material)
    second = random_clause(rng, material, subject=first.subject, tense=first.tense)
    later = replace(second, subject=NounPhrase(first.subject.reference, first.subject.plural))
    return f"{first.say()} {later.say()}", f"{first.say()[:-1]} and {second.say()[len(first.subject.text) + 1 :]}"


def who(rng: random.Random, material: Material) -> Made:
    """A question that a sentence answers."""
    clause = clause_about_others(rng, material)
    asked = replace(clause, mood="question")
    questions = [f"{replace(clause, subject=NounPhrase('who')).say()[:-1]}?"]
    if clause.adverbial in PLACES:
        questions.append(f"Where {uncapital(replace(asked, adverbial='').say())}")
    if clause.object and clause.object.pronoun == "it":
        questions.append(f"What {uncapital(replace(asked, object=None).say())}")
    return clause.say(), clause.say(), rng.choice(questions)


def part_of_sentence(rng: random.Random, material: Material) -> Made:
    """The verb, the subject or the object of a sentence."""
    clause = random_clause(rng, material, tense=rng.choice(("present", "past")), adverbial="")
    parts = {"verb": clause.verb.form(clause.tense, clause.subject.is_third_singular), "subject": clause.subject.text}
    if clause.object:
        parts["object"] = clause.object.text
    part = rng.choice(list(parts))
    return clause.say(), f"The {part} is '{parts[part]}'.", part


def tense_named(rng: random.Random, material: Material) -> Made:
    """The tense of a sentence."""
    clause = _affirmative_or_not(rng, random_clause(rng, material))
    return clause.say(), f"The sentence is in the {TENSES[clause.tense][2][0]}."


def voice_named(rng: random.Random, material: Material) -> Made:
    """Whether a sentence is active or passive."""
    passive = rng.random() < 0.5
    return random_clause(rng, material, passive=passive).say(), f"It is {'passive' if passive else 'active'}."


def reported(rng: random.Random, material: Material) -> Made:
    """Direct speech reported."""
    name = rng.choice(list(NAMES))
    clause = clause_about_others(rng, material, tense=rng.choice(("past perfect", "past")))
    after = replace(clause, tense="past perfect")
    return f'{name} said, "{clause.say()}"', f"{name} said that {after.within()}"


def polite(rng: random.Random, material: Material) -> Made:
    """A command made a polite request."""
    action = _action(rng, material)
    request = rng.choice((f"Could you please {action}?", f"Would you please {action}?", f"Please {action}."))
    return f"{capital(action)}.", request


def not_to(rng: random.Random, material: Material) -> Made:
    """A command turned into its contrary."""
    action = _action(rng, material)
    return f"{capital(action)}.", f"Do not {action}."


def _action(rng: random.Random, material: Material) -> str:
    return f"{rng.choice(material.verbs[THING]).base} {noun_phrase(rng, material.things, material.adjectives).text}"


def _mood(rng: random.Random) -> str:
    return "question" if rng.random() < 0.15 else "statement"


def _affirmative_or_not(rng: random.Random, clause: Clause) -> Clause:
    return replace(clause, negative=rng.random() < 0.1)


def _passive_or_not(rng: random.Random, clause: Clause) -> Clause:
    passive = replace(clause, passive=True)
    return passive if passive.exists and rng.random() < 0.15 else clause


# Sentences of the text.


def words_of(sentence: str) -> list[str]:
    """Its words without punctuation marks."""
    return sentence[:-1].replace(",", "").split()


def with_another_word(sentence: str, word: str, other: str) -> str:
    """The sentence with `other` where `word` comes first."""
    return re.sub(rf"(?<![\w']){word}(?![\w'])", other, sentence, count=1)


def choice(rng: random.Random, material: Material) -> Made:
    """A gap, and two words to choose from."""
    sentence, other = rng.sample(material.sentences, 2)
    word, wrong = rng.choice(words_of(sentence)[1:]), rng.choice(words_of(other)[1:])
    if word == wrong:
        return choice(rng, material)
    return with_another_word(sentence, word, "___"), sentence, *rng.sample((word, wrong), 2)


def gap(rng: random.Random, material: Material) -> Made:
    """A gap where grammar demands a word."""
    sentence = rng.choice(material.sentences)
    demanded = [word for word in words_of(sentence)[1:] if word in FUNCTION_WORDS]
    if not demanded:
        return gap(rng, material)
    return with_another_word(sentence, rng.choice(demanded), "___"), sentence


def spelling(rng: random.Random, material: Material) -> Made:
    """A sentence with a misspelled word, corrected."""
    sentence = rng.choice(material.sentences)
    word = max(words_of(sentence)[1:], key=len)
    return with_another_word(sentence, word, misspell(word, rng, material.words)), sentence


def misspelled(rng: random.Random, material: Material) -> Made:
    """The misspelled word of a sentence."""
    sentence = rng.choice(material.sentences)
    word = max(words_of(sentence)[1:], key=len)
    wrong = misspell(word, rng, material.words)
    return with_another_word(sentence, word, wrong), f"The word '{wrong}' is misspelled; it should be '{word}'."


def punctuation(rng: random.Random, material: Material) -> Made:
    """A sentence given its capital and full stop."""
    sentence = rng.choice(material.sentences)
    return sentence[:-1].lower(), sentence


def exchanged(rng: random.Random, material: Material) -> Made:
    """One word put in the place of another."""
    while True:
        sentence = rng.choice(material.sentences)
        said = words_of(sentence)[1:]
        pairs = [(word, group) for group in EXCHANGEABLE for word in group if said.count(word) == 1]
        if pairs:
            word, group = rng.choice(pairs)
            new = rng.choice([other for other in group if other != word])
            return sentence, with_another_word(sentence, word, new), word, new


def direct_speech(rng: random.Random, material: Material) -> Made:
    """A sentence as somebody's direct speech."""
    sentence, name = rng.choice(material.sentences), rng.choice(list(NAMES))
    return sentence, f'{name} said, "{sentence}"', name


# Words.


def synonym(rng: random.Random, material: Material) -> Made:
    """A word of the same meaning."""
    one, other = rng.choice(material.synonyms)
    return "", rng.choice((f"A synonym of '{one}' is '{other}'.", f"Another word for '{one}' is '{other}'.")), one


def opposite(rng: random.Random, material: Material) -> Made:
    """A word of the opposite meaning."""
    one, other = rng.choice(material.opposites)
    return "", f"The {rng.choice(('opposite', 'antonym'))} of '{one}' is '{other}'.", one


def meaning(rng: random.Random, material: Material) -> Made:
    """What a word means."""
    word, definition = rng.choice(list(material.definitions.items()))
    return "", f"The word '{word}' means {definition}.", word


def word_for(rng: random.Random, material: Material) -> Made:
    """The word for a definition."""
    word, definition = rng.choice(list(material.definitions.items()))
    return "", f"The word is '{word}'.", definition


def kind(rng: random.Random, material: Material) -> Made:
    """Which of two kinds a thing is."""
    ours, theirs = _two_categories(rng, material)
    word = rng.choice(material.categories[ours])
    choices = map(with_article, rng.sample((ours, theirs), 2))
    return word, f"The word '{word}' names {with_article(ours)}.", *choices


def odd_one(rng: random.Random, material: Material) -> Made:
    """The word that does not belong with the others."""
    ours, theirs = _two_categories(rng, material)
    stranger = rng.choice(material.categories[theirs])
    mixed = [*rng.sample(material.categories[ours], 3), stranger]
    rng.shuffle(mixed)
    return ", ".join(mixed), f"The word '{stranger}' does not belong with the others."


def grouped(rng: random.Random, material: Material) -> Made:
    """Words sorted into two kinds."""
    kinds = _two_categories(rng, material)
    kind_of = {word: category for category in kinds for word in rng.sample(material.categories[category], 2)}
    mixed = rng.sample(list(kind_of), 4)
    groups = [f"{capital(one)}: {', '.join(word for word in mixed if kind_of[word] == one)}." for one in kinds]
    return ", ".join(mixed), " ".join(groups), *kinds


def _two_categories(rng: random.Random, material: Material) -> tuple[str, str]:
    """Two categories that have no word in common, and several each."""
    large = [category for category, nouns in material.categories.items() if len(nouns) > 2]
    while True:
        one, other = rng.sample(large, 2)
        if set(material.categories[one]).isdisjoint(material.categories[other]):
            return one, other


def part_of_speech(rng: random.Random, material: Material) -> Made:
    """What kind of word a word is."""
    word, part = rng.choice(list(material.parts_of_speech.items()))
    return "", f"The word '{word}' is {with_article(part)}.", word


def form(rng: random.Random, material: Material) -> Made:
    """A form of a word."""
    verb, noun, adjective = (
        rng.choice(material.verbs[THING]),
        rng.choice(material.things),
        rng.choice(material.gradable),
    )
    comparative, superlative = comparison(adjective)
    name, word, formed = rng.choice((
        ("past tense", verb.base, verb.past), ("past participle", verb.base, verb.participle),
        ("'-ing' form", verb.base, verb.ing), ("third person singular", verb.base, verb.third),
        ("plural", noun.singular, noun.plural), ("comparative", adjective, comparative),
        ("superlative", adjective, superlative),
    ))  # fmt: skip
    return "", f"The {name} of '{word}' is '{formed}'.", name, word


def indefinite_article(rng: random.Random, material: Material) -> Made:
    """The article that stands before a word."""
    nouns = rng.sample([noun.singular for noun in material.things], rng.randint(1, 3))
    return ", ".join(nouns), capital(listed([with_article(noun) for noun in nouns], "and")) + "."


def in_series(rng: random.Random, material: Material) -> Made:
    """A sentence that lists the words."""
    nouns = rng.sample([noun.plural for noun in material.things], rng.randint(3, 4))
    return ", ".join(nouns), f"There are {listed(nouns, 'and')} here."


def named(rng: random.Random, material: Material) -> Made:
    """Some things of a kind."""
    category = rng.choice([category for category, nouns in material.categories.items() if len(nouns) > 5])
    nouns = rng.sample(material.categories[category], rng.choice((2, 3)))
    number = {2: "two", 3: "three"}[len(nouns)]
    kinds = Noun.counted(category).plural
    return "", f"{capital(number)} {kinds}: {listed(nouns, 'and')}.", number, kinds


active, positive, statement, in_full = map(backwards, (passive, negative, question, contraction))
IN_FORM = (
    "Put {it} into the {0}.", "Rewrite {it} in the {0}.", "Change {it} to the {0}.", "Write {it} in the {0}.",
    "Say {it} in the {0} instead.", "Use the {0} in {it}.", "Turn {it} into the {0}.", "What is {it} in the {0}?",
    "How would {it} be in the {0}?", "Give the {0} of {it}.", "Express {it} in the {0}.",
)  # fmt: skip
KINDS: dict[Make, tuple[int, tuple[str, ...]]] = {  # how often, and the wordings
    tense: (14, IN_FORM),
    modal: (3, ("Rewrite {it} with '{0}'.", "Use '{0}' in {it}.", "Say {it} with the verb '{0}'.", "Add '{0}'.")),
    passive: (7, (
        "Make {it} passive.", "Write {it} as a passive sentence.", "What is the passive form of {it}?",
        "Rewrite {it} in the passive voice.", "Turn {it} round, so that it is passive.", "Change {it} to the passive.",
    )),
    active: (5, (
        "Make {it} active.", "Write {it} as an active sentence.", "Rewrite {it} in the active voice.",
        "Change {it} to the active.", "Turn {it} round, so that it is active.", "What is {it} in the active voice?",
    )),
    negative: (5, (
        "Make {it} negative.", "Turn {it} into a negative one.", "Rewrite {it} in the negative form.", "Negate {it}.",
        "What is the negative form of {it}?",
    )),
    positive: (2, (
        "Take the negation out of {it}.", "Say {it} without 'not'.", "Make {it} affirmative.",
        "Remove the negation from {it}.",
    )),
    question: (5, (
        "Turn {it} into a question.", "Make a question of {it}.", "Rewrite {it} as a question.",
        "Ask whether this is so.", "Change {it} to a question.", "Form a question from {it}.",
    )),
    statement: (3, (
        "Turn {it} into a statement.", "Make a statement of {it}.", "Rewrite {it} as a statement.",
        "Say {it} as a plain statement.",
    )),
    question_tag: (3, (
        "Add a question tag to {it}.", "Put a question tag at the end of {it}.", "Complete {it} with a question tag.",
        "Make {it} a question by adding a tag.",
    )),
    contraction: (2, ("Use a contraction in {it}.", "Rewrite {it} with a contraction.", "Shorten 'not' in {it}.")),
    in_full: (2, ("Write the contraction in full.", "Write {it} without contractions.", "Spell out the short form.")),
    pronoun: (3, (
        "Replace the subject of {it} with a pronoun.", "Use a pronoun as the subject.",
        "Rewrite {it} with a pronoun in place of its subject.", "Put a pronoun for the person in {it}.",
    )),
    agreement: (5, (
        "Correct the grammar of {it}.", "Correct {it}.", "Find the mistake in {it} and put it right.",
        "Write {it} without the mistake.", "Make the verb agree with its subject.", "Make {it} grammatical.",
    )),
    verb_form: (3, (
        "Correct the grammar of {it}.", "Correct {it}.", "Find the mistake in {it} and put it right.",
        "Write {it} without the mistake.", "The verb of {it} has the wrong form. Mend it.", "Make {it} grammatical.",
    )),
    joined: (4, (
        "Join the sentences with '{0}'.", "Combine the two sentences with '{0}'.",
        "Use '{0}' to make one sentence of these.", "Connect both with the word '{0}'.",
    )),
    common_subject: (4, (
        "Join the sentences.", "Combine these sentences.", "Make one sentence of these.", "Say both in one sentence.",
        "Merge the sentences into a single one.", "Put the two sentences together.",
    )),
    who: (5, ("{0}", "{0} Answer in a whole sentence.", "Read {it} and answer: {0}")),
    part_of_sentence: (5, (
        "What is the {0} of {it}?", "Find the {0} in {it}.", "Name the {0} of {it}.", "Identify the {0} in {it}.",
    )),
    tense_named: (2, ("Which tense is {it} in?", "Name the tense of {it}.", "In which tense does {it} stand?")),
    voice_named: (2, ("Is {it} active or passive?", "Say whether {it} is active or passive.", "Active or passive?")),
    reported: (3, (
        "Put {it} into reported speech.", "Rewrite {it} as indirect speech.", "Report what was said.",
        "Change the direct speech to reported speech.",
    )),
    direct_speech: (2, (
        "Let {0} say {it}, in direct speech.", "Write as direct speech that {0} said this.",
        "Write with quotation marks what {0} says.",
    )),
    polite: (3, (
        "Say this politely.", "Make {it} more polite.", "Turn {it} into a polite request.",
        "Rewrite {it} in a friendlier tone.", "Ask for this in a polite way.",
    )),
    not_to: (1, ("Forbid this.", "Turn the command into a negative one.", "Say that this must not be done.")),
    choice: (5, (
        "Fill the gap with either '{0}' or '{1}'.", "Which word fits the gap, '{0}' or '{1}'?",
        "Complete {it} with '{0}' or '{1}'.", "Choose between '{0}' and '{1}'.",
    )),
    gap: (4, (
        "Complete {it}.", "Fill in the word that is missing.", "Put a word into the gap in {it}.",
        "Fill in the blank.", "What belongs in the blank?",
    )),
    spelling: (5, (
        "Correct the spelling.", "Correct what is misspelled in {it}.", "Write {it} with the right spelling.",
        "Find what is spelled wrong in {it} and put it right.", "Spell every word of {it} correctly.",
    )),
    misspelled: (2, ("Which word is misspelled in {it}?", "Find the misspelled word and spell it correctly.")),
    punctuation: (2, (
        "Write {it} with a capital letter and a full stop.", "Correct the punctuation of {it}.",
        "Add the capital letter and the punctuation.", "Write {it} with correct punctuation.",
    )),
    exchanged: (4, (
        "Put '{1}' in place of '{0}'.", "Replace '{0}' with '{1}' in {it}.", "Change '{0}' to '{1}'.",
        "Use '{1}' instead of '{0}' in {it}.", "Swap '{0}' for '{1}'.",
    )),
    synonym: (4, (
        "Give another word for '{0}'.", "Name a synonym of '{0}'.", "What is a synonym for '{0}'?",
        "Which word means much the same as '{0}'?", "Think of a synonym for '{0}'.",
    )),
    opposite: (4, (
        "Name the opposite of '{0}'.", "What is the opposite of '{0}'?", "Give an antonym for '{0}'.",
        "Which word is the antonym of '{0}'?", "What is the contrary of '{0}'?",
    )),
    meaning: (4, (
        "What does '{0}' mean?", "What is the meaning of '{0}'?", "Explain the word '{0}'.", "Define '{0}'.",
        "Give a definition of '{0}'.",
    )),
    word_for: (2, ("Which word means {0}?", "Give a word for {0}.", "What do we call {0}?", "Name {0} in one word.")),
    kind: (3, ("Is this {0} or {1}?", "Classify the word as {0} or {1}.", "Does the word name {0} or {1}?")),
    odd_one: (3, ("Which word does not belong with the others?", "Find the odd one out.", "Name the odd one out.")),
    grouped: (3, (
        "Sort the words into two groups, {0} and {1}.", "Group the words into {0} and {1}.",
        "Which of these belong to '{0}', and which to '{1}'?",
    )),
    part_of_speech: (3, (
        "What part of speech is '{0}'?", "Name the part of speech of '{0}'.", "What kind of word is '{0}'?",
        "Is '{0}' a noun, a verb or an adjective?",
    )),
    form: (5, (
        "What is the {0} of '{1}'?", "Give the {0} of '{1}'.", "Write the {0} of the word '{1}'.",
        "Form the {0} of '{1}'.",
    )),
    indefinite_article: (1, ("Put the article before each word.", "'A' or 'an'?", "Give the indefinite article.")),
    in_series: (1, ("Make a sentence that lists the words.", "Say in a sentence that these are here.")),
    named: (2, ("Name {0} {1}.", "Give {0} examples of {1}.", "List {0} {1}.", "Which {0} {1} do you know?")),
}  # fmt: skip
HEADINGS = (  # of what is asked, its text and its answer
    ("Task", "Text", "Answer"), ("Exercise", "Given", "Solution"), ("Question", "Text", "Reply"),
    ("To do", "Sentence", "Result"), ("Problem", "Material", "Solution"), ("Request", "Words", "Answer"),
)  # fmt: skip
MARKS = (  # how headings stand with what they are of
    "{part}", "{heading}: {part}", "{heading}:\n{part}", "# {heading}\n{part}", "## {heading}\n\n{part}",
    "## {heading}:\n{part}", "[{heading}]\n{part}", "<{heading}>\n{part}", "{heading}.\n\n{part}",
)  # fmt: skip
INTRODUCTIONS = (
    "Do what is asked.", "Here is a task. Write down the answer.", "Read the question and answer it.",
    "The following is an exercise with its solution.", "Somebody asks for something. This is what one can reply.",
    "What follows tells what is to be done, and how it is done.",
)  # fmt: skip


def drills(count: int, seed: int, material: Material) -> Iterator[tuple[str, str, str]]:
    """What is asked, the text that it is asked of, if any, and the answer, `count` times."""
    rng = random.Random(seed)
    for make in rng.choices(list(KINDS), [often for often, _ in KINDS.values()], k=count):
        text, answer, *values = make(rng, material)
        ask = rng.choice(KINDS[make][1]).replace("{it}", "{{it}}").format(*values)
        if "{it}" in ask and rng.random() < QUOTED:
            ask, text = ask.replace("{it}", f"'{text}'"), ""
        yield ask.replace("{it}", rng.choice(SENTENCE)), text, answer


def laid_out(tasks: Iterable[tuple[str, str, str]], seed: int) -> Iterator[str]:
    """Each task with its text and answer as a document, in lines or in one of many layouts with headings.

    None of them is a prompt style's: what is done should not depend on how it is laid out, or finetuning has to begin
    with teaching a layout.
    """
    rng = random.Random(seed)
    for ask, text, answer in tasks:
        if text and ask.endswith(".") and rng.random() < IN_LINE:
            ask, text = f"{ask[:-1]}: {text}", ""
        if rng.random() < FRAMED:
            yield with_headings((ask, text, answer), rng)
        else:
            yield "\n".join(filter(None, (ask, text, answer)))


def with_headings(parts: tuple[str, str, str], rng: random.Random) -> str:
    """What is asked, its text and its answer, each under its heading."""
    headings, mark, between = rng.choice(HEADINGS), rng.choice(MARKS), rng.choice(("\n", "\n\n"))
    blocks = [mark.format(heading=heading, part=part) for heading, part in zip(headings, parts, strict=True) if part]
    if rng.random() < INTRODUCED:
        blocks.insert(0, rng.choice(INTRODUCTIONS))
    return between.join(blocks)

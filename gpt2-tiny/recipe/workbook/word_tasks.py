"""Tasks of a workbook with words: what they mean, what they are related to, how they are formed."""

import random
from collections.abc import Sequence

from drill_words import words
from english_words import Noun, capital, series, with_article
from workbook.tasks import Task, worded
from workbook.vocabulary import UNCOUNTED, WITHOUT_ARTICLE, Vocabulary

MANY = {"piece of furniture": "pieces of furniture", "boat or ship": "boats and ships", "fish": "fish",
        "spice or herb": "spices and herbs"}  # fmt: skip
NOT_OPPOSED = (  # kinds that share members, or whose members are of both
    {"organ", "body part"}, {"flower", "spice or herb"}, {"vehicle", "boat or ship"}, {"flower", "tree"},
    {"vegetable", "spice or herb"}, {"fruit", "tree"}, {"fruit", "color"}, {"flower", "color"}, {"weapon", "tool"},
    {"dish", "drink"}, {"metal", "color"}, {"profession", "relative"}, {"container", "vehicle"},
    {"container", "boat or ship"}, {"fruit", "vegetable", "dish"},
)  # fmt: skip
BY_PLACE = {
    "land": words("camel goat horse tiger elephant fox zebra rabbit donkey giraffe lion wolf"),
    "sea": words("squid tuna whale dolphin octopus lobster jellyfish shark starfish herring"),
}


def _thing(word: str, kind: str) -> str:
    return word if kind in WITHOUT_ARTICLE or word in UNCOUNTED else with_article(word)


def _many(kind: str) -> str:
    *before, noun = kind.split()
    return MANY.get(kind) or " ".join([*before, Noun.counted(noun).plural])


def _is_a(word: str, kind: str) -> str:
    return f"{capital(_thing(word, kind))} is {with_article(kind)}."


def _quoted(known: Sequence[str]) -> str:
    return series([f"'{word}'" for word in known])


def _two_kinds(rng: random.Random, vocabulary: Vocabulary) -> tuple[str, str]:
    """Two kinds of which nothing is both."""
    while True:
        one, other = rng.sample([kind for kind, known in vocabulary.kinds.items() if len(known) > 3], 2)
        if not any({one, other} <= pair for pair in NOT_OPPOSED):
            return one, other


def definition(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What a word means."""
    sense = rng.choice(vocabulary.senses[rng.choice(("noun", "noun", "verb", "adjective"))])
    return worded(rng, (
        "Define this {part}.", "Define the {part} '{text}'.", "What does '{text}' mean as {a_part}?",
        "Say what '{text}' means.",
        "What is meant by this {part}?", "State the meaning of the {part} '{text}'.",
        "Explain the {part} in a sentence.",
        "In a few words, what does '{text}' mean?", "Explain what '{text}' means.",
        "Write a definition of this {part}.",
        "How would a dictionary define '{text}'?", "Give the dictionary meaning of this word.",
    ), sense.word, sense.sentence, part=sense.part, a_part=with_article(sense.part))  # fmt: skip


def phrase(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What an idiom or a verb of several words means."""
    sense = rng.choice(vocabulary.senses["phrase"])
    return worded(rng, (
        "Explain this expression.", "What is meant by '{text}'?", "What does it mean to '{text}'?", "Explain '{text}'.",
        "Say in plain words what this phrase means.", "State the meaning of the expression '{text}'.",
        "If people '{text}', what do they do?", "Put the meaning of this expression into simple words.",
    ), sense.word, sense.sentence)  # fmt: skip


def right_definition(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The right one of two or three definitions."""
    known = vocabulary.senses[rng.choice(("noun", "verb", "adjective"))]
    sense, *others = rng.sample(known, rng.choice((2, 3)))
    options = rng.sample([sense, *others], len(others) + 1)
    lettered = ", ".join(f"({letter}) {one.definition}" for letter, one in zip("abc", options, strict=False))
    right = f"({'abc'[options.index(sense)]})"
    return worded(rng, (
        "Which definition belongs to '{word}'?", "Which of these is the meaning of '{word}'?",
        "Pick the right definition of the {part} '{word}'.", "What does '{word}' mean: {text}?",
        "Select the meaning of '{word}'.", "Which one explains the {part} '{word}'?",
        "Find the definition of '{word}'.",
    ), lettered, f"The right definition of '{sense.word}' is {right}: {sense.definition}.",
        word=sense.word, part=sense.part)  # fmt: skip


def wrong_definition(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A definition of another word, put right."""
    sense, other = rng.sample(vocabulary.senses[rng.choice(("noun", "verb", "adjective"))], 2)
    wrong = sense._replace(definition=other.definition).sentence
    return worded(rng, (
        "This definition is wrong. Give the right one.", "Put this definition right.", "Correct the false definition.",
        "What is the right meaning of the word?", "Replace the wrong definition by the right one.",
        "The word is explained wrongly. Explain it correctly.", "What should this say about the word?",
    ), wrong, sense.sentence)  # fmt: skip


def clue(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The word for a definition."""
    sense = rng.choice(vocabulary.senses[rng.choice(("noun", "verb", "adjective"))])
    form = rng.choice(("The {part} is '{word}'.", "The {part} that matches the clue is '{word}'.",
                       "The word is '{word}'.", "The word for this is '{word}'."))  # fmt: skip
    return worded(rng, (
        "Find the {part} for this clue.", "Which {part} means this?", "Which {part} has this meaning: {text}?",
        "What {part} fits the clue '{text}'?", "Name {a_part} with this meaning.",
        "Guess the {part} from its definition.",
        "A crossword gives the clue '{text}'. Which {part} does it want?", "Which {part} is defined as follows?",
    ), sense.definition, form.format(part=sense.part, word=sense.word), part=sense.part,
        a_part=with_article(sense.part))  # fmt: skip


def described_thing(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The animal, tool, building and so on that is described."""
    kind = rng.choice([kind for kind, known in vocabulary.described.items() if known])
    sense = rng.choice(vocabulary.described[kind])
    the = "" if sense.shape == "mass" or kind in ("profession", "relative") else "the "
    return worded(rng, (
        "Which {kind} is described?", "Name the {kind}.", "What {kind} is this?", "Which {kind} is {text}?",
        "Guess the {kind}.", "Find the {kind} that this describes.", "Name the {kind} that fits: {text}.",
        "Work out which {kind} is meant.",
    ), sense.definition, f"The {kind} described is {the}'{sense.word}'.", kind=kind)  # fmt: skip


def one_of_two_kinds(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Which of two kinds something is of."""
    kind, other = _two_kinds(rng, vocabulary)
    word, (one, two) = rng.choice(vocabulary.kinds[kind]), rng.sample((with_article(kind), with_article(other)), 2)
    return worded(rng, (
        "Is this {one} or {two}?", "Say whether this is {one} or {two}.", "{one} or {two}: which is it?",
        "Is '{text}' the name of {one} or of {two}?", "Does '{text}' stand for {one} or {two}?",
        "Which is this, {one} or {two}?",
        "Tell whether the word names {one} or {two}.", "Would you call this {one} or {two}?",
    ), word, _is_a(word, kind), one=one, two=two)  # fmt: skip


def kind_of_thing(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What kind of thing something is."""
    kind, _ = _two_kinds(rng, vocabulary)
    word = rng.choice(vocabulary.kinds[kind])
    return worded(rng, (
        "What kind of thing is this?", "What kind of thing does '{text}' name?", "Which group does this belong to?",
        "Say what kind of thing this is.", "Put this into a group.", "Which group of things does '{text}' belong to?",
        "Give a more general word for this.",
    ), word, _is_a(word, kind))  # fmt: skip


def examples_of_kind(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """One or several examples of a kind."""
    kind, _ = _two_kinds(rng, vocabulary)
    number = rng.choice((1, 1, 2, 3, 3))
    chosen = [_thing(word, kind) for word in rng.sample(vocabulary.kinds[kind], number)]
    if number == 1:
        return worded(rng, (
            "Give an example of {a_kind}.", "Name a thing that is {a_kind}.", "What is an example of {a_kind}?",
            "Think of one thing that is {a_kind}.", "Mention {a_kind}.", "Which word is the name of {a_kind}?",
        ), "", f"An example of {with_article(kind)} is {chosen[0]}.", a_kind=with_article(kind))  # fmt: skip
    in_words, kinds = ("two", "three")[number - 2], _many(kind)
    return worded(rng, (
        "Name {number} {kinds}.", "Give {number} examples of {kinds}.", "List {number} {kinds}.",
        "Which {kinds} can you think of? Name {number}.", "Write down {number} {kinds}.", "Mention {number} {kinds}.",
    ), "", f"{capital(in_words)} {kinds} are {series(chosen)}.", number=in_words, kinds=kinds)  # fmt: skip


def two_headings(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Four or five words sorted under two headings."""
    one, other = _two_kinds(rng, vocabulary)
    groups = [(_many(one), vocabulary.kinds[one]), (_many(other), vocabulary.kinds[other])]
    if rng.random() < 0.15:
        groups = list(BY_PLACE.items())
    chosen = [(heading, rng.sample(known, rng.choice((2, 2, 3)))) for heading, known in groups]
    mixed = [word for _, members in chosen for word in members]
    rng.shuffle(mixed)
    answer = " ".join(
        f"{capital(heading)}: {', '.join(word for word in mixed if word in members)}." for heading, members in chosen
    )
    return worded(rng, (
        "Sort the words under two headings: {one} and {two}.", "Divide these words into {one} and {two}.",
        "Sort these words by kind, {one} first and then {two}: {text}.", "Make two lists, {one} and {two}.",
        "Which of these go with {one} and which with {two}?", "Put these words under '{one}' or '{two}'.",
        "Split this list into two groups, {one} and {two}: {text}.", "Arrange the words in two groups: {one}, {two}.",
    ), ", ".join(mixed), answer, one=chosen[0][0], two=chosen[1][0])  # fmt: skip


def odd_one_out(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The word that is of another kind than three others."""
    kind, other = _two_kinds(rng, vocabulary)
    stranger, three = rng.choice(vocabulary.kinds[other]), rng.sample(vocabulary.kinds[kind], 3)
    return worded(rng, (
        "Which word does not belong?", "Find the odd one out: {text}.", "One of these is of another kind. Which one?",
        "Which word is the stranger here?", "Three of these belong together. Which word does not?",
        "Which of these is different in kind: {text}?", "Name the word that does not fit in with the others.",
    ), ", ".join(rng.sample([stranger, *three], 4)),
        f"The word '{stranger}' does not belong, because the others are {_many(kind)}.")  # fmt: skip


def alike(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What two things have in common."""
    kind, _ = _two_kinds(rng, vocabulary)
    pair = rng.sample(vocabulary.kinds[kind], 2)
    return worded(rng, (
        "How are these two alike?", "What do {text} have in common?", "What are both of these?",
        "How are {text} similar?",
        "Say what these two have in common.", "In what way are {text} alike?", "Which group do both belong to?",
    ), " and ".join(_thing(word, kind) for word in pair), f"Both are {_many(kind)}.")  # fmt: skip


def difference(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Two things of a kind compared."""
    kind = rng.choice([kind for kind, known in vocabulary.described.items() if len(known) > 2])
    one, other = rng.sample(vocabulary.described[kind], 2)
    things = [_thing(sense.word, kind) for sense in (one, other)]
    answer = f"{capital(things[0])} is {one.definition}, while {things[1]} is {other.definition}."
    return worded(rng, (
        "How do these differ?", "What is the difference between {text}?", "Compare these two.", "Compare {text}.",
        "Explain how these two differ.", "How would you tell these apart?", "In what way do {text} differ?",
    ), " and ".join(things), answer)  # fmt: skip


def synonym(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A synonym, or two."""
    word, *others = rng.choice([group for groups in vocabulary.synonyms.values() for group in groups])
    if len(others) > 1:
        shown = others[:3]
        number = ("two", "three")[len(shown) - 2]
        return worded(rng, (
            "Give {number} synonyms of this word.", "Which {number} words mean the same as '{text}'?",
            "Name {number} synonyms for '{text}'.", "Find {number} words with this meaning.",
            "Write down {number} words that could replace '{text}'.", "List {number} synonyms.",
        ), word, f"The synonyms are {_quoted(shown)}.", number=number)  # fmt: skip
    word, other = rng.sample([word, *others], 2)
    form = rng.choice(("A synonym of '{word}' is '{other}'.", "Another word for '{word}' is '{other}'."))
    return worded(rng, (
        "Give a synonym.", "What is another word for '{text}'?", "Name a synonym of '{text}'.", "Find a synonym.",
        "Which word means nearly the same as '{text}'?", "Say this with another word.",
        "Think of a synonym for '{text}'.",
        "Which word could stand in place of this one?", "What is a word with the same meaning?",
    ), word, form.format(word=word, other=other))  # fmt: skip


def _pair(rng: random.Random, vocabulary: Vocabulary, relation: str) -> tuple[str, str, str]:
    """A part of speech, and two of its words of which one is a `synonym` or an `antonym` of the other."""
    known = vocabulary.synonyms if relation == "synonym" else vocabulary.opposites
    part = rng.choice([part for part, pairs in known.items() if pairs])
    one, other = rng.sample(rng.choice(known[part]), 2)
    return part, one, other


def _strangers(rng: random.Random, vocabulary: Vocabulary, part: str, pair: Sequence[str], number: int) -> list[str]:
    """Words of the part of speech that have nothing to do with either of the pair."""
    known = [sense.word for sense in vocabulary.senses[part]]
    found = rng.sample(known, min(len(known), 80 * number))
    for word, count in zip(pair, (4 * number, number), strict=True):
        found = [other for other in found if other != word and vocabulary.are_strange(word, other)][:count]
    return found


def is_related(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Whether two words are synonyms, or antonyms."""
    relation = rng.choice(("synonym", "antonym"))
    part, one, other = _pair(rng, vocabulary, relation)
    is_so = rng.random() < 0.5
    if not is_so:
        (other,) = _strangers(rng, vocabulary, part, (one, other), 1)
    answer = (
        f"Yes, '{one}' and '{other}' are {relation}s." if is_so else (f"No, '{one}' and '{other}' are not {relation}s.")
    )
    return worded(rng, (
        "Are these two words {relation}s?", "Are they {relation}s: {text}?",
        "Do these words form a pair of {relation}s?",
        "Decide whether these are {relation}s.", "Would you call these words {relation}s?",
        "Tell whether the words are {relation}s: {text}.", "{relation}s or not?",
    ), f"{one}, {other}", answer, relation=relation)  # fmt: skip


def related_two(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The two of four words that are synonyms or antonyms, or the one that goes with a given word."""
    relation = rng.choice(("synonym", "antonym"))
    part, one, other = _pair(rng, vocabulary, relation)
    others = _strangers(rng, vocabulary, part, (one, other), 3)
    if rng.random() < 0.5:
        mixed = rng.sample([other, *others], len(others) + 1)
        return worded(rng, (
            "Which of these is {a} of '{one}'?", "Find the {relation} of '{one}': {text}.", "Pick {a} of '{one}'.",
            "Choose the {relation} of '{one}' from the list.", "Which word is {a} of '{one}': {text}?",
            "One of these words is {a} of '{one}'. Which?",
        ), ", ".join(mixed), f"The {relation} of '{one}' is '{other}'.", one=one, relation=relation,
            a=with_article(relation))  # fmt: skip
    mixed = rng.sample([one, other, *others[:2]], 2 + len(others[:2]))
    pair = [word for word in mixed if word in (one, other)]
    return worded(rng, (
        "Which two of these are {relation}s?", "Find the two {relation}s: {text}.", "Pick out the pair of {relation}s.",
        "Two of these words are {relation}s. Which ones?", "Which words here are {relation}s: {text}?",
        "Name the two words that are {relation}s.",
    ), ", ".join(mixed), f"The {relation}s are {_quoted(pair)}.", relation=relation)  # fmt: skip


def opposite(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The opposite of a word."""
    _, word, other = _pair(rng, vocabulary, "antonym")
    return worded(rng, (
        "Give the opposite.", "What is the opposite of '{text}'?", "Name an antonym of '{text}'.", "Find an antonym.",
        "Which word means the contrary?", "State the contrary of '{text}'.", "Which word is the reverse of '{text}'?",
        "Write the antonym of this word.",
    ), word, rng.choice(("The opposite of '{word}' is '{other}'.", "An antonym of '{word}' is '{other}'."))
        .format(word=word, other=other))  # fmt: skip


def prefix(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The opposite that a prefix makes."""
    word, other = rng.choice(vocabulary.prefixed)
    return worded(rng, (
        "Make the opposite with a prefix.", "Which prefix gives '{text}' the opposite meaning?",
        "Add a prefix to negate this.",
        "Turn '{text}' into its opposite with a prefix.", "What is the opposite of '{text}' with a prefix?",
        "Put a prefix before this word so that it means the contrary.",
    ), word, f"With the prefix '{other.removesuffix(word)}-', '{word}' becomes '{other}'.")  # fmt: skip


def analogy(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A pair of words completed after the pattern of another."""
    relations = [
        known
        for known in (*vocabulary.opposites.values(), *vocabulary.synonyms.values(), *vocabulary.forms.values())
        if len(known) > 1
    ]
    (one, two, *_), (three, four, *_) = rng.sample(rng.choice(relations), 2)
    return worded(rng, (
        "Complete the analogy.", "Finish this: {text}", "Which word completes the analogy?",
        "What goes into the blank?", "Complete the comparison of words.", "Fill in the last word: {text}",
    ), f"{one} is to {two} as {three} is to ___",
    f"'{capital(one)}' is to '{two}' as '{three}' is to '{four}'.")  # fmt: skip


def compound(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A compound word joined, split, or named."""
    one, other = rng.choice(vocabulary.compounds)
    joined = f"'{capital(one)}' and '{other}' make '{one}{other}'."
    return rng.choice((
        worded(rng, ("Join these into one word.", "Make a compound of {text}.", "Which word do {text} make together?",
                     "Build a compound word from these two."), f"{one} and {other}", joined),
        worded(rng, ("Split this compound word.", "Which two words make up '{text}'?",
                     "What are the two parts of '{text}'?", "Divide this word into its two parts."), one + other,
               f"'{capital(one + other)}' is made of '{one}' and '{other}'."),
        worded(rng, ("Name a compound word that begins with '{text}'.",
                     "Give a compound with '{text}' as its first part.",
                     "Which compound word starts with this word?"), one,
               f"A compound word that begins with '{one}' is '{one}{other}'."),
    ))  # fmt: skip


def part_of_speech(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Which part of speech a word is."""
    part = rng.choice([part for part, known in vocabulary.parts.items() if known])
    word = rng.choice(vocabulary.parts[part])
    return worded(rng, (
        "Which part of speech is this?", "What part of speech is '{text}'?", "Noun, verb, adjective, or adverb?",
        "Name the part of speech of '{text}'.", "To which word class does '{text}' belong?", "State the word class.",
        "Is this word a noun, a verb, an adjective, or an adverb?", "Say what part of speech the word is.",
    ), word, f"'{capital(word)}' is {with_article(part)}.")  # fmt: skip


def derivation(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A word formed from one of another part of speech."""
    part, word, new_part, new = rng.choice(vocabulary.derived)
    return worded(rng, (
        "Form {a_new} from this {part}.", "Which {new} comes from the {part} '{text}'?",
        "Turn the {part} '{text}' into {a_new}.",
        "Make {a_new} of this word.", "Name {a_new} that is formed from '{text}'.", "What {new} belongs to '{text}'?",
        "Which {new} can be made from this {part}?", "Change this {part} into {a_new}.",
    ), word, f"{capital(with_article(new_part))} formed from '{word}' is '{new}'.", part=part, new=new_part,
        a_new=with_article(new_part))  # fmt: skip


def form(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """A plural, a past tense, a comparative and so on; at least half of the time one with more than an ending added."""
    name = rng.choice([name for name, known in vocabulary.forms.items() if known])
    uneven = vocabulary.uneven_forms[name]
    word, inflected = rng.choice(uneven if uneven and rng.random() < 0.5 else vocabulary.forms[name])
    return worded(rng, (
        "Give the {name}.", "What is the {name} of '{text}'?", "Write the {name} of '{text}'.", "Form the {name}.",
        "State the {name} of this word.", "How is the {name} of '{text}' written?", "Put this word into the {name}.",
        "Which form is the {name} of '{text}'?",
    ), word, f"The {name} of '{word}' is '{inflected}'.", name=name)  # fmt: skip

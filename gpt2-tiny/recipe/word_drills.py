"""Drills with sentences from texts, with words, lists and numbers: found again, changed, completed, put in order."""

import random
import re
from collections.abc import Iterator

from drill_words import NAMES, UNCOUNTED_KINDS, Dictionary, words
from english_words import Noun, capital, listed, misspell, uncapital, with_article

STATEMENT = re.compile(
    r"(?:The|My|His|Her|Our|Their|This|All|Many|Some|A|An) .*\b"
    r"(?:is|are|was|were|has|have|had|will|would|can|could|must|should|does|did)\b"
    r"|(?:He|She|They|We|It|There) "
)
SPELLED = re.compile(r"(?<![\w'])[a-z]{4,}(?![\w'])")
SAFE_LENGTH = 6  # letters; a shorter word misspelled is often another word
EXCHANGEABLE = [  # words of a sentence, one of which can stand for another
    words(group)
    for group in (
        "my your his her our their", "two three four five six seven eight nine ten", "red green blue white black brown",
        "always often never sometimes", "good bad new old great small large", "man woman boy girl child",
        "day night morning evening week month year", "this that", "can could will would must should may",
    )
]  # fmt: skip
DISPENSABLE = re.compile(r"very|always|never|also|just|really|still|often|[a-z]{3,}ly")
FUNCTION_WORDS = words("of to in for on with at by from is are was were has have had will can not the a an and but or")
UNITS = (  # so many of the small one make the large one
    ("second", "minute", 60), ("minute", "hour", 60), ("hour", "day", 24), ("day", "week", 7), ("month", "year", 12),
    ("millimeter", "centimeter", 10), ("centimeter", "meter", 100), ("meter", "kilometer", 1000), ("inch", "foot", 12),
    ("gram", "kilogram", 1000), ("milliliter", "liter", 1000), ("cent", "dollar", 100), ("year", "century", 100),
)  # fmt: skip
SAME_MEANING = (
    "Another word for '{one}' is '{other}'.",
    "The word '{other}' means much the same as '{one}'.",
    "What is a synonym of '{one}'? A synonym of '{one}' is '{other}'.",
    "'{One}' and '{other}' have a similar meaning.",
)
OPPOSITE_MEANING = (
    "The opposite of '{one}' is '{other}'.",
    "What is the opposite of '{one}'? The opposite of '{one}' is '{other}'.",
    "'{One}' is the opposite of '{other}'.",
)


def words_of(sentence: str) -> list[str]:
    """Its words without punctuation marks."""
    return sentence[:-1].replace(",", "").split()


def with_another_word(sentence: str, word: str, other: str) -> str:
    """The sentence with `other` where `word` comes first."""
    return re.sub(rf"(?<![\w']){word}(?![\w'])", other, sentence, count=1)


def gap_drill(rng: random.Random, sentences: list[str]) -> str:
    """A sentence with a gap, and the sentence: two words to choose from, or a word that grammar demands."""
    sentence = rng.choice(sentences)
    in_order = words_of(sentence)
    demanded = [word for word in in_order[1:] if word in FUNCTION_WORDS]
    is_demanded = bool(demanded) and rng.random() < 0.4
    word = rng.choice(demanded if is_demanded else in_order[1:])
    gapped = with_another_word(sentence, word, "___")
    if not is_demanded:
        other = rng.choice(rng.choice(sentences)[:-1].split()[1:]).rstrip(",")
        one, two = rng.sample((word, other), 2)
        return f"{gapped}\nEither '{one}' or '{two}': {sentence}"
    if rng.random() < 0.5:
        return f"{gapped}\nComplete: {sentence}"
    return f"{gapped}\nThe missing word is '{word}'.\n{sentence}"


def edit_drill(rng: random.Random, sentences: list[str]) -> str:
    """A sentence, and some of what can be done to it or said of it without knowing what it means."""
    sentence, name = rng.choice(sentences), rng.choice(list(NAMES))
    bare, in_order = sentence[:-1], words_of(sentence)
    at = rng.randrange(1, len(in_order))
    lines = [
        *_rewritten(rng, sentence),
        f"The first word is '{in_order[0]}', and the last word is '{in_order[-1]}'.",
        f"The sentence has {len(in_order)} words.",
        f"In reverse order: {' '.join([*in_order[:0:-1], uncapital(in_order[0])])}",
        "In direct speech: " + rng.choice((f'{name} said, "{sentence}"', f'"{bare}," said {name}.')),
        f"The sentence again: {sentence}",
    ]
    if in_order.count(in_order[at - 1]) == 1:
        lines.append(f"After '{in_order[at - 1]}' comes '{in_order[at]}'.")
    if longest := _longest(in_order):
        lines.append(f"The longest word in '{bare}' is '{longest}'.")
    if STATEMENT.match(sentence):
        said = uncapital(bare)
        lines += [f"Who said that {said}? {name} said that {said}.", f"Is it true that {said}? Yes, {said}."]
    return "\n".join([rng.choice((sentence, sentence, f"'{bare}'")), *rng.sample(lines, rng.randint(2, 4))])


def _rewritten(rng: random.Random, sentence: str) -> Iterator[str]:
    """The sentence with one word changed for another of its kind, and without one that it can spare."""
    said = re.findall(r"(?<= )[a-z]+(?=[ .])", sentence)
    pairs = [(word, group) for group in EXCHANGEABLE for word in group if said.count(word) == 1]
    if pairs:
        word, group = rng.choice(pairs)
        new = rng.choice([other for other in group if other != word])
        yield f"With '{new}' in place of '{word}': {re.sub(rf'(?<= ){word}(?=[ .])', new, sentence)}"
    spared = [word for word in said if DISPENSABLE.fullmatch(word) and said.count(word) == 1]
    if spared:
        word = rng.choice(spared)
        yield f"Without '{word}': {re.sub(rf' {word}(?=[ .])', '', sentence)}"


def _longest(candidates: list[str]) -> str | None:
    """The longest word, if no other is as long."""
    *_, second, first = sorted(candidates, key=len)
    return first if len(first) > len(second) else None


def spelling_drill(rng: random.Random, sentences: list[str]) -> str:
    """A sentence with one or two misspelled words, corrected, or a word in a wrong and the right spelling."""
    sentence = rng.choice(sentences)
    long = sorted(set(SPELLED.findall(sentence))) or [sentence.split()[1].rstrip(",.")]
    chosen = rng.sample(long, min(len(long), rng.choice((1, 1, 2))))
    wrong = {word: misspell(word, rng) for word in chosen}
    right = chosen[0]
    if len(right) >= SAFE_LENGTH and rng.random() < 0.4:
        return rng.choice((
            f"The spelling '{wrong[right]}' is wrong. It should be spelled '{right}'.",
            f"{', '.join(rng.sample([right, wrong[right]], 2))}\nThe correctly spelled word is '{right}'.",
        ))  # fmt: skip
    text = sentence
    for word in chosen:
        text = with_another_word(text, word, wrong[word])
    if len(chosen) == 2:
        return f"With two spelling mistakes: {text}\nCorrected: {sentence}"
    return f"With a spelling mistake: {text}\nCorrected: {sentence}\nThe correct spelling is '{right}'."


def list_drill(rng: random.Random, sentences: list[str]) -> str:
    """Words in another order."""
    chosen = {rng.choice(sentences).split()[-1].rstrip(".") for _ in range(rng.randint(3, 5))}
    first = rng.sample(sorted(chosen), len(chosen))
    lines = [
        f"In alphabetical order: {', '.join(sorted(first))}",
        f"In reverse order: {', '.join(reversed(first))}",
        f"The first word is '{first[0]}', and the last word is '{first[-1]}'.",
        f"In one sentence: The words are {listed(first, 'and')}.",
    ]
    if len(first) > 1 and (longest := _longest(first)):
        lines.append(f"The longest word is '{longest}'.")
    separator = rng.choice((", ", ", ", " ", "\n"))
    if separator != ", ":
        lines.append(f"In one line: {', '.join(first)}")
    return "\n".join([separator.join(first), *rng.sample(lines, rng.randint(1, 3))])


def kind_drill(rng: random.Random, dictionary: Dictionary) -> str:
    """What is of which kind: of two kinds, one word is asked for, or three are sorted."""
    one, other = rng.sample(list(dictionary.categories), 2)
    ours = sorted({*dictionary.categories[one]} - {*dictionary.categories[other]})
    theirs = sorted({*dictionary.categories[other]} - {*dictionary.categories[one]})
    pair, stranger, kinds = rng.sample(ours, 2), rng.choice(theirs), rng.sample((one, other), 2)
    thing = pair[0] if one in UNCOUNTED_KINDS else with_article(pair[0])
    fact, choice = f"{capital(thing)} is {with_article(one)}.", " or ".join(map(with_article, kinds))
    an_other, mixed = with_article(other), rng.sample([*pair, stranger], 3)
    in_order = [word for word in mixed if word != stranger]
    return rng.choice((
        f"Is {thing} {choice}? {fact}",
        f"{pair[0]}\n{fact}",
        f"{capital(kinds[0])} or {kinds[1]}: {pair[0]}\n{fact}",
        f"{', '.join(mixed)}\nThe {one} words are '{in_order[0]}' and '{in_order[1]}'.",
        f"{', '.join(mixed)}\nThe word '{stranger}' does not belong with the others.",
        f"{', '.join(mixed)}\n{capital(one)}: {', '.join(in_order)}. {capital(other)}: {stranger}.",
        f"Which word names {an_other}: {', '.join(mixed)}? The word '{stranger}' names {an_other}.",
    ))  # fmt: skip


def definition_drill(rng: random.Random, dictionary: Dictionary) -> str:
    """What a word means."""
    word, definition = rng.choice(list(dictionary.definitions.items()))
    return rng.choice((
        f"What is the meaning of '{word}'? The word '{word}' means {definition}.",
        f"What do we call {definition}? {capital(definition)} is called '{word}'.",
        f"Which word means {definition}? The word '{word}' means {definition}.",
        f"{capital(definition)} is called '{word}'.",
        f"A word for {definition} is '{word}'.",
    ))  # fmt: skip


def synonym_drill(rng: random.Random, dictionary: Dictionary) -> str:
    """Two pairs of words, each of the same or of opposite meanings."""
    relations = ((dictionary.synonyms, SAME_MEANING), (dictionary.opposites, OPPOSITE_MEANING))
    lines = []
    for _ in range(2):
        pairs, forms = rng.choice(relations)
        one, other = rng.choice(pairs)
        lines.append(rng.choice(forms).format(one=one, other=other, One=capital(one)))
    return "\n".join(lines)


def number_drill(rng: random.Random) -> str:
    """A little arithmetic."""
    small, large = sorted(rng.sample(range(2, 100), 2))
    times = rng.randint(2, 12)
    numbers = rng.sample(range(2, 100), 4)
    lines = [
        f"{small} + {large} = {small + large}\nThe sum of {small} and {large} is {small + large}.",
        f"{large} - {small} = {large - small}\n{large} minus {small} is {large - small}.",
        f"{small} x {times} = {small * times}\n{small} times {times} is {small * times}.",
        f"Of {large} and {small}, the larger number is {large}, and the smaller number is {small}.",
        f"{', '.join(map(str, numbers))}\nFrom small to large: {', '.join(map(str, sorted(numbers)))}",
    ]
    return "\n".join(rng.sample(lines, 2))


def unit_drill(rng: random.Random) -> str:
    """A quantity in a smaller unit, or in a larger one and the rest."""
    small, large, size = rng.choice(UNITS)
    count = rng.randint(2, 40)
    few, many = quantity(count, large), quantity(count * size, small)
    rest = rng.randrange(1, size)
    total = quantity(count * size + rest, small)
    return rng.choice((
        f"How many {plural_unit(small)} are there in {few}? There are {many} in {few}.",
        f"{few}\n{few} is {many}.",
        f"{few} = {many}\nThere are {many} in {few}.",
        f"{many}\n{many} is {few}.",
        f"{total}\n{total} is {few} and {quantity(rest, small)}.",
    ))  # fmt: skip


def plural_unit(unit: str) -> str:
    return Noun.counted(unit).plural


def quantity(number: int, unit: str) -> str:
    return f"{number:,} {unit if number == 1 else plural_unit(unit)}"

"""Short everyday questions about the words that WordNet knows: what is asked of the model that answers them."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from drill_words import decent_senses
from english_words import Noun, Verb, with_article
from wordnet_prose import INSTANCE, read_synsets

IsCommon = Callable[[str], bool]

LEAST_COUNT = 60  # of a word in the texts
PEOPLE_AND_ANIMALS = (
    "Write a sentence about {a}.",
    "What do you know about {plural}?",
    "How are {a} and {b} alike?",
    "How is {a} different from {b}?",
    "Write a question about {a}.",
    "Describe {a}.",
)
ABSTRACT = (
    "What is {noun}?",
    "What does the word '{noun}' mean?",
    "Explain the meaning of '{noun}'.",
    "Define '{noun}'.",
    "Give an example of {noun}.",
    "Why is {noun} important?",
    "Write a sentence with the word '{noun}'.",
    "What is the difference between {noun} and {other}?",
    "What is another word for '{noun}'?",
    "How would you explain {noun} to a child?",
    "What leads to {noun}?",
    "Compare {noun} with {other}.",
)
# By topic, lexnames(5WN). Food, phenomena, substances and what is abstract have no article.
OF_NOUNS: dict[int, tuple[str, ...]] = {
    5: (  # animals
        *PEOPLE_AND_ANIMALS,
        "What is {a}?",
        "Where does {a} live?",
        "What does {a} eat?",
        "What kind of animal is {a}?",
        "What does {a} look like?",
        "Is {a} a mammal, a bird, a fish or an insect?",
        "Name an animal that is similar to {a}.",
        "Which is larger, {a} or {b}?",
        "What color is {a}?",
        "How does {a} move?",
        "How does {a} protect itself?",
        "Can {a} fly?",
        "Is {a} dangerous?",
        "Give an interesting fact about {plural}.",
        "Are {plural} vertebrates or invertebrates?",
        "Why do people keep {plural}?",
        "What sound does {a} make?",
        "Write a simile with {a}.",
    ),
    6: (  # artifacts
        "What is {a}?",
        "What is {a} used for?",
        "How do you use {a}?",
        "Where would you find {a}?",
        "What is {a} made of?",
        "Who uses {a}?",
        "Why do people need {plural}?",
        "What does {a} look like?",
        "What is the difference between {a} and {b}?",
        "How are {a} and {b} alike?",
        "Which is bigger, {a} or {b}?",
        "What kind of thing is {a}?",
        "Describe {a} in one sentence.",
        "Write a sentence about {a}.",
        "Use '{noun}' and '{other}' together in a sentence.",
        "How would you explain {a} to a child?",
        "What should you do with {a} that is broken?",
        "Define the word '{noun}'.",
        "When would you need {a}?",
    ),
    8: (  # parts of the body
        "What is the {noun}?",
        "What does the {noun} do?",
        "Where is the {noun}?",
        "Why is the {noun} important?",
        "Which animals have {a}?",
        "Write a sentence with the word '{noun}'.",
        "Give a fact about the {noun}.",
        "How do you keep your {noun} healthy?",
        "Is the {noun} an organ, a bone or a muscle?",
        "Explain what the {noun} is for.",
    ),
    13: (  # food
        "What is {noun}?",
        "What does {noun} taste like?",
        "How do you prepare {noun}?",
        "What is {noun} made of?",
        "What do people eat with {noun}?",
        "Is {noun} healthy?",
        "Is {noun} a fruit or a vegetable?",
        "Describe {noun} in one sentence.",
        "Write a sentence about {noun}.",
        "Compare {noun} with {other}.",
        "Where does {noun} come from?",
        "When do people eat {noun}?",
        "How should you store {noun}?",
        "What color is {noun}?",
        "Write a compliment on somebody's {noun}.",
        "Give a fact about {noun}.",
    ),
    17: (  # natural objects
        "What is {a}?",
        "Where can you see {a}?",
        "What does {a} look like?",
        "What is {a} made of?",
        "How is {a} formed?",
        "Write a sentence about {a}.",
        "Describe {a}.",
        "Name a famous {noun}.",
        "What is the difference between {a} and {b}?",
        "Give a fact about {plural}.",
        "What do geographers call {a}?",
        "Write a metaphor with the word '{noun}'.",
    ),
    18: (  # people
        *PEOPLE_AND_ANIMALS,
        "Who is {a}?",
        "What does {a} do?",
        "Where does {a} work?",
        "What does {a} need?",
        "What would you ask {a}?",
        "How does someone become {a}?",
        "How would you thank {a}?",
        "What is a good quality of {a}?",
        "What do you call {a} with another word?",
        "Why do we need {plural}?",
        "Define the word '{noun}'.",
        "What tools does {a} use?",
        "Tell {a} politely that you have to leave.",
        "Write a short greeting to {a}.",
    ),
    19: (  # phenomena
        "What is {noun}?",
        "What causes {noun}?",
        "What happens during {noun}?",
        "Explain {noun} in simple words.",
        "Write a sentence about {noun}.",
        "Why does {noun} occur?",
        "What are the effects of {noun}?",
        "How do scientists measure {noun}?",
    ),
    20: (  # plants
        "What is {a}?",
        "Where does {a} grow?",
        "What does {a} look like?",
        "What color is {a}?",
        "Can you eat {a}?",
        "How do you grow {a}?",
        "Is {a} a tree, a flower or a vegetable?",
        "Write a sentence about {a}.",
        "What is {a} used for?",
        "What does {a} need to grow?",
        "Give a fact about {plural}.",
        "How are {a} and {b} alike?",
    ),
    27: (  # substances
        "What is {noun}?",
        "What is {noun} used for?",
        "Where is {noun} found?",
        "Is {noun} a solid, a liquid or a gas?",
        "What is {noun} made of?",
        "Describe {noun} in one sentence.",
        "Write a sentence about {noun}.",
        "Compare {noun} with {other}.",
        "What happens when {noun} is heated?",
        "Is {noun} a metal?",
        "What color is {noun}?",
        "Why is {noun} useful?",
    ),
    # acts, attributes, cognition, communication, events, feelings, groups, possessions, processes, states
    **dict.fromkeys((4, 7, 9, 10, 11, 12, 14, 21, 22, 26), ABSTRACT),
}
OF_VERBS = (
    "What does it mean to {verb}?",
    "What does '{verb}' mean?",
    "Why do people {verb}?",
    "Write a sentence with the verb '{verb}'.",
    "Use the word '{past}' in a sentence.",
    "Define the verb '{verb}'.",
    "When would someone {verb}?",
    "What is another word for 'to {verb}'?",
    "How do you {verb} something?",
    "How would you politely ask someone to {verb}?",
    "Apologize for {ing} too late.",
    "What should you do before you {verb}?",
)
OF_ADJECTIVES = (
    "What does '{word}' mean?",
    "Write a sentence with the word '{word}'.",
    "What is another word for '{word}'?",
    "Name something that is {word}.",
    "What is the opposite of '{word}'?",
    "Describe somebody who is {word}.",
    "Does '{word}' sound positive or negative?",
    "Use '{word}' in a sentence about a person.",
)
OF_NAMES = {  # by topic
    15: (  # places
        "Where is {name}?",
        "What is {name} known for?",
        "What is {name}?",
        "Which language do people speak in {name}?",
        "Name a famous building in {name}.",
        "What is the weather like in {name}?",
        "Write a sentence about {name}.",
        "Name a river near {name}.",
        "In which part of the world does {name} lie?",
    ),
    18: (  # people
        "Who was {name}?",
        "What is {name} famous for?",
        "When did {name} live?",
        "Where did {name} come from?",
        "Name a work of {name}.",
        "What did {name} do?",
        "Why do people remember {name}?",
    ),
    # natural objects, events
    17: ("Where is {name}?", "What is {name}?", "Describe {name}.", "Write a sentence about {name}."),
    4: ("What was {name}?", "When did {name} take place?", "Why is {name} remembered?"),
}
OF_COUNTRIES = (
    "What is the capital of {name}?",
    "On which continent is {name}?",
    "Which language do people speak in {name}?",
    "Name a neighbor of {name}.",
    "What do people eat in {name}?",
    "Name the largest city in {name}.",
    "Which sea is near {name}?",
    "What is the currency of {name}?",
    "Who governs {name}?",
    "What is {name} known for?",
    "Name a river that flows through {name}.",
    "Name a mountain in {name}.",
    "What does {name} produce?",
    "Is {name} larger or smaller than France?",
)
SITUATIONS = (
    "being late to a meeting", "losing a library book", "breaking a neighbor's window", "forgetting a birthday",
    "spilling coffee on a guest", "missing the bus", "leaving a party early", "burning the dinner", "waking the baby",
    "stepping on somebody's foot", "forgetting somebody's name", "losing the keys", "arriving without a gift",
    "calling too late at night", "playing loud music", "canceling a trip", "moving to a new house",
    "starting a new job", "visiting a friend in hospital", "learning to swim", "planting a tree",
    "cooking for a large family", "traveling by train", "buying a used car", "getting lost in a city",
    "finding a wallet", "meeting a new neighbor", "winning a race", "losing a game", "falling off a bicycle",
    "cutting a finger", "catching a cold", "preparing for a test", "sharing a room", "lending money to a friend",
    "writing a letter", "saving water", "crossing a busy road", "smelling gas in the kitchen",
    "seeing a snake in the garden", "a power cut", "a heavy storm", "a broken refrigerator", "a flat tire",
    "a long journey", "a hot summer day", "a cold winter night", "a crying child", "a barking dog", "a leaking roof",
    "a picnic", "a wedding", "a birthday party", "a school trip", "a visit to the museum", "a visit to the library",
    "a walk in the forest", "a day at the beach", "a job interview", "a first day at school",
)  # fmt: skip
OF_SITUATIONS = (
    "Apologize for {situation}.",
    "Give some advice about {situation}.",
    "Write a sentence about {situation}.",
    "Name a rule for {situation}.",
    "What should you do about {situation}?",
    "How would you feel about {situation}?",
    "Write a short message to a friend about {situation}.",
    "What can go wrong with {situation}?",
    "What do you need for {situation}?",
    "Ask a polite question about {situation}.",
    "Write a polite request that has to do with {situation}.",
    "What would you say about {situation}?",
    "Write a headline about {situation}.",
    "Write a question and no answer about {situation}.",
    "Tell a short story about {situation} in one sentence.",
    "What happens after {situation}?",
)


def questions(wordnet: Path, countries: Iterable[str], texts: Iterable[str], seed: int) -> list[str]:
    """Questions that the tables make of situations, the countries' names and WordNet's words, each once, shuffled.

    Of words only those are taken that stand at least `LEAST_COUNT` times in `texts`. What a noun is compared with is
    drawn.
    """
    rng, is_common = random.Random(seed), _often_in(texts)
    asked = [*_of_nouns(wordnet, is_common, rng), *_of_other_words(wordnet, is_common), *_of_names(wordnet, is_common)]
    asked += [form.format(name=name) for name in countries for form in OF_COUNTRIES]
    asked += [form.format(situation=situation) for situation in SITUATIONS for form in OF_SITUATIONS]
    asked = list(dict.fromkeys(asked))
    rng.shuffle(asked)
    return asked


def _often_in(texts: Iterable[str]) -> IsCommon:
    counts = Counter(word for text in texts for word in re.findall("[a-z]+", text.lower()))
    return lambda name: all(counts[word] >= LEAST_COUNT for word in re.split("[^a-z]+", name.lower()) if word)


def _of_nouns(wordnet: Path, is_common: IsCommon, rng: random.Random) -> Iterator[str]:
    by_topic: dict[int, list[str]] = {}
    for noun, synset in decent_senses(wordnet, "noun").items():
        if is_common(noun):
            by_topic.setdefault(synset.topic, []).append(noun)
    for topic, forms in OF_NOUNS.items():
        nouns = by_topic.get(topic, [])
        for noun in nouns:
            for form in forms:
                other = rng.choice(nouns)  # in every form, so that a new one without it draws no less; may be the noun
                yield form.format(
                    noun=noun,
                    other=other,
                    a=with_article(noun),
                    b=with_article(other),
                    plural=Noun.counted(noun).plural,
                )


def _of_other_words(wordnet: Path, is_common: IsCommon) -> Iterator[str]:
    for verb in map(Verb.of, filter(is_common, decent_senses(wordnet, "verb"))):
        for form in OF_VERBS:
            yield form.format(verb=verb.base, past=verb.past, ing=verb.ing)
    for word in filter(is_common, decent_senses(wordnet, "adj")):
        for form in OF_ADJECTIVES:
            yield form.format(word=word)


def _of_names(wordnet: Path, is_common: IsCommon) -> Iterator[str]:
    for synset in read_synsets(wordnet).values():
        # the whole name, where it is among them
        name = next((word for word in synset.words if " " in word), synset.words[0])
        if any(pointer.symbol == INSTANCE for pointer in synset.pointers) and is_common(name):
            for form in OF_NAMES.get(synset.topic, ()):
                yield form.format(name=name)

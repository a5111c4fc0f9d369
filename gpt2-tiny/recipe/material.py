"""What drills are made of: words of WordNet that are common in the training text, and sentences of that text.

From a small table of words a model learns these words and not the rule, so every word comes from here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemminflect import getInflection

from english_words import Noun, Verb, words
from wordnet_prose import Synset, ancestors, antonyms, common_senses, paragraph, read_synsets

LEAST_COUNT = 20  # of a word in the training text
PLAIN_SENTENCE = re.compile(  # 4 to 14 plain words, no capital but the first; not the set phrases of wordnet_prose
    r"(?:^|(?<=[.?!:] ))(?!Another word for|The opposite of|[A-Z]\w+ is an? )"
    r"[A-Z][a-z]*(?:'[a-z]+)?(?:,? [a-z]+(?:'[a-z]+)?){3,13}\.",
    re.MULTILINE,
)
CATEGORIES = words(
    "fruit vegetable bird insect mammal reptile tool vehicle garment weapon tree flower building beverage color "
    "disease relative scientist sport emotion machine road"
)
# Lexicographer files, lexnames(5WN): a person; an animal, artifact, natural object or plant.
PERSON, THINGS = 18, (5, 6, 17, 20)
NO_OBJECT, THING, SOMEBODY = 2, 8, 9  # frames: "Somebody ----s", "... something", "... somebody", wninput(5WN)
LONGEST_DEFINITION = 12  # words
COARSE = re.compile(r"offensive|slur|obscene|vulgar|derog|disparag|sexual|prostitut|genital|excrement")  # definitions
COARSE_WORDS = words(  # beside those whose definition says so
    "coon prick cock rape rapist piss urine defecate damn bastard bitch cripple pimp savage idiot imbecile stupid "
    "moron nude naked behead crucify strangle murder murderer massacre terrorist slave racist jerk sucker bum "
    "aborigine adulterer pander castrate hang slaughter torture slay execute suicide corpse nazi butt bosom breast "
    "buttocks mistress lover sex sexy sexual porn"
)
COARSE_FORM = re.compile(rf"\b({'|'.join(COARSE_WORDS)})(s|es|ed|ing)?\b", re.IGNORECASE)
WITHOUT_PASSIVE = words("resemble lack fit suit cost become")
MISPLACED = words(  # nouns whose first meaning in WordNet is not what one thinks of
    "queen laundry bleach ducking greens levis chick drone bogy anterior assembly beef seed plunge architecture slug "
    "alarm trouser"
)
WOMEN = re.compile(  # the ends of words for them
    "(woman|girl|lady|wife|mother|grandma|daughter|sister|aunt|niece|queen|tress|hostess|goddess|duchess|princess|nun|"
    "bride|widow)$"
)
MEN = re.compile(
    "(man|boy|father|dad|daddy|grandpa|husband|brother|uncle|nephew|king|prince|duke|lad|guy|sir|monk|waiter|bridegroom|"
    "(^|grand|step)son)$"
)


@dataclass(frozen=True)
class Material:
    """Words by what they can be in a sentence or are known to be, and sentences."""

    people: list[Noun]
    things: list[Noun]
    verbs: dict[int, list[Verb]]  # by frame
    adjectives: list[str]
    gradable: list[str]  # adjectives that have a comparative and a superlative
    parts_of_speech: dict[str, str]  # words that are of one part of speech alone
    definitions: dict[str, str]  # noun: what it is
    synonyms: list[tuple[str, str]]
    opposites: list[tuple[str, str]]
    categories: dict[str, list[str]]  # nouns that belong to each
    sentences: list[str]
    words: set[str]  # of the text, all of them


def gather_material(wordnet: Path, training: Sequence[str], is_held_out: Callable[[str], bool]) -> Material:
    """The material; nothing is known from a meaning whose paragraph is held out."""
    counts = Counter(word for text in training for word in re.findall("[a-z]+", text.lower()))
    synsets = read_synsets(wordnet)
    nouns, verbs, adjectives = (
        {
            word: synset
            for word, synset in common_senses(wordnet, part).items()
            if counts[word] >= LEAST_COUNT and len(word) > 2 and word not in (*COARSE_WORDS, *WITHOUT_PASSIVE)
            and not COARSE.search(synset.definition) and not is_held_out(paragraph(synset, synsets))
        }
        for part in ("noun", "verb", "adj")
    )  # fmt: skip
    singular = {word: synset for word, synset in nouns.items() if word != (many := plural(word)) and counts[many]}
    senses = nouns | verbs | adjectives  # of a word that is several, the last
    return Material(
        people=[person(word) for word, synset in singular.items() if synset.topic == PERSON],
        things=[Noun.counted(word) for word, synset in singular.items() if synset.topic in THINGS],
        verbs={
            frame: [Verb.of(word) for word, synset in verbs.items() if frame in synset.frames]
            for frame in (NO_OBJECT, THING, SOMEBODY)
        },
        adjectives=list(adjectives),
        gradable=[word for word in adjectives if all(counts[form] for form in comparison(word))],
        parts_of_speech={
            word: part
            for part, those in (("noun", nouns), ("verb", verbs), ("adjective", adjectives)) for word in those
            if sum(word in others for others in (nouns, verbs, adjectives)) == 1
        },
        definitions={word: synset.definition for word, synset in nouns.items() if is_plain(synset.definition, word)},
        synonyms=[
            (word, other) for word, synset in senses.items() for other in synset.words
            if other != word and senses.get(other) is synset
        ],
        opposites=[
            (word, other) for word, synset in senses.items() for said, other in antonyms(synset, synsets)
            if said == word and other in senses
        ],
        categories=in_categories(singular, synsets),
        sentences=[sentence for sentence in plain_sentences(training) if not COARSE_FORM.search(sentence)],
        words=set(counts),
    )  # fmt: skip


def plural(noun: str) -> str:
    """Its plural."""
    return Noun.counted(noun).plural


def comparison(adjective: str) -> list[str]:
    """Its comparative and its superlative, by rule."""
    return [getInflection(adjective, tag)[0] for tag in ("JJR", "JJS")]


def person(word: str) -> Noun:
    """The noun with the pronouns that its ending allows."""
    return Noun.counted(word, ("she",) if WOMEN.search(word) else ("he",) if MEN.search(word) else ("he", "she"))


def is_plain(definition: str, word: str) -> bool:
    """Whether it can stand after `is` in a sentence, and says more than the word."""
    is_short = len(definition.split()) <= LONGEST_DEFINITION and word[:5] not in definition
    return is_short and definition.startswith(("a ", "an ", "the ")) and not set(definition) & set("();:'`\"")


def in_categories(nouns: dict[str, Synset], synsets: dict[str, Synset]) -> dict[str, list[str]]:
    """The nouns that are a kind of each of `CATEGORIES`."""
    categories: dict[str, list[str]] = {category: [] for category in CATEGORIES}
    for word, synset in nouns.items():
        if word in MISPLACED:
            continue
        above = {name for synset in ancestors(synset, synsets) for name in synset.words[:1]}
        for category in above & categories.keys():
            categories[category].append(word)
    return categories


def plain_sentences(documents: Iterable[str]) -> list[str]:
    """The documents' sentences of 4 to 14 plain words, each once."""
    return list(dict.fromkeys(sentence for text in documents for sentence in PLAIN_SENTENCE.findall(text)))

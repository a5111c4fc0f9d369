"""The words that drills are made of: a table of common ones with sense in their combination, and WordNet's.

From the common ones alone a model learns these words and not the rule (gpt2-tiny/MODEL_CARD.md has the figures).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from english_words import Noun, Verb
from wordnet_prose import Synset, ancestors, antonyms, common_senses, paragraph, read_synsets


def words(text: str) -> list[str]:
    """What stands between commas or, where there are none, between spaces."""
    return [part.strip() for part in text.split("," if "," in text else None)]


NAMES = {
    **dict.fromkeys(words("Carlos Tom Ben Amir Peter Omar Paul Jack Leo Mark David Felix Hugo Ivan Simon"), "he"),
    **dict.fromkeys(words("Maria Anna Sofia Lucy Nina Emma Grace Ruth Julia Laura Alice Clara Helen Rosa Eva"), "she"),
}
PEOPLE = words(
    "teacher doctor dentist farmer baker coach neighbor student nurse painter driver gardener singer sailor tailor "
    "pilot writer cook waiter guest visitor player officer captain builder boy girl mother father brother sister uncle "
    "aunt cousin friend manager worker engineer artist scientist lawyer judge soldier king queen tourist hunter "
    "librarian carpenter plumber mechanic reporter mayor principal child stranger"
)
WOMEN = re.compile(  # the ends of words for them
    "(woman|girl|lady|wife|mother|grandma|daughter|sister|aunt|niece|queen|mistress|tress|hostess|goddess|duchess|"
    "princess|nun|bride|widow)$"
)
MEN = re.compile(
    "(man|boy|father|dad|daddy|grandpa|husband|brother|uncle|nephew|king|prince|duke|lad|guy|fella|sir|monk|waiter|"
    "bridegroom|(^|grand|step)son)$"
)
PRONOUNS = {"he": "him", "she": "her", "they": "them", "we": "us", "I": "me", "you": "you"}  # as an object
DETERMINERS = words("the the the my our your her his a")  # the likeliest more than once
TRANSITIVE = {  # what is done to what
    "eat cook buy bring serve share order prepare forget waste": "bread, soup, cake, apple, meal, rice, cheese, "
    "sandwich, salad, egg, pie, breakfast, fish, potato, orange, dessert",
    "read write borrow lose find send open copy finish publish return receive translate hide burn": "letter, book, "
    "message, report, story, poem, newspaper, map, list, essay, article, diary, invitation, recipe",
    "repair clean paint build break buy sell move design check damage destroy inspect examine admire": "fence, roof, "
    "house, bridge, boat, door, window, table, wall, barn, car, bicycle, clock, engine, chair, kitchen, road, tower",
    "carry lift drop throw catch steal keep wash use choose take pack lend": "bag, box, ball, basket, coat, "
    "ladder, umbrella, blanket, lamp, key, knife, cup, rope, bucket, parcel, suitcase, hammer, ticket",
    "help thank invite visit follow teach call meet warn greet watch": "child, guest, player, "
    "neighbor, teacher, doctor, visitor, stranger, friend, student, cousin, painter, queen, reporter",
    "plant water pick cut grow sell collect draw": "flower, tree, rose, tulip, bush, vegetable, tomato, herb, plant",
    "play record practice teach enjoy": "song, melody, tune, piece, game, piano, violin, concert",
    "feed chase find wash buy train catch sell": "horse, cat, dog, cow, pony, goat, sheep, rabbit, duck, bird",
    "win lose watch start stop": "match, race, game, tournament, contest",
    "plan cancel organize delay discuss enjoy": "meeting, party, trip, show, lesson, wedding",
}
INTRANSITIVE = words(
    "sleep work wait sit live arrive sing dance swim run walk stay play laugh rest cry stand talk travel"
)
PLACES = words(
    "in the garden, at the station, near the river, in the kitchen, behind the house, on the beach, in the park, "
    "at school, in the village, under the tree, in the library, by the window, on the hill, at the market, "
    "on the bridge, along the road, in the city, in the barn, at the museum, in the old theater, "
    "next to the lake, outside the shop"
)
TIMES = words("after lunch, before dinner, at noon")
WAYS = words("with a friend, without help, with great care, in a hurry")
UNCOUNTED_FOOD = words("bread rice cheese soup fish")
OPPOSITES = {  # what is said of what
    "soup cake meal": "hot/cold sweet/bitter good/bad cheap/expensive big/small",
    "room street house shop kitchen": "big/small old/new clean/dirty dark/bright quiet/noisy empty/full warm/cool "
    "beautiful/ugly",
    "box knife bag coat blanket rope": "heavy/light clean/dirty old/new cheap/expensive thick/thin wet/dry long/short",
    "road river lake bridge": "wide/narrow long/short safe/dangerous beautiful/ugly",
    "teacher child neighbor king doctor": "happy/sad strong/weak rich/poor tall/short young/old polite/rude "
    "brave/cowardly kind/cruel lazy/hardworking healthy/sick",
    "question answer lesson story": "easy/difficult long/short good/bad interesting/boring clear/unclear",
    "dog horse cat bird": "fast/slow big/small strong/weak young/old wild/tame",
}
CATEGORIES = words(
    "fruit, vegetable, bird, insect, mammal, reptile, tool, vehicle, garment, musical instrument, weapon, tree, "
    "flower, building, beverage, color, disease, relative, scientist, sport, emotion, bone, machine, road"
)
UNCOUNTED_KINDS = words("beverage color disease sport emotion")  # categories whose nouns have no article
# Topics, lexnames(5WN): a person; an animal, artifact, natural object or plant; food or a substance.
PERSON, THINGS, SUBSTANCES = 18, (5, 6, 17, 20), (13, 27)
NO_OBJECT, THING, SOMEBODY = 2, 8, 9  # frames: "Somebody ----s", "... something", "... somebody", wninput(5WN)
LONGEST_DEFINITION = 12  # words
COARSE = re.compile(r"offensive|slur|obscene|vulgar|derog|disparag|sexual|prostitut|genital|excrement")  # definitions
COARSE_WORDS = words(  # beside those whose definition says so
    "coon prick cock rape piss urine defecate damn bastard cripple pimp savage idiot imbecile stupid moron nude naked "
    "behead crucify strangle murder murderer massacre terrorist slave racist jerk sucker bum aborigine adulterer "
    "pander castrate hang slaughter torture slay execute suicide corpse nazi butt bosom breast buttocks mistress lover"
)
WITHOUT_PASSIVE = words("resemble lack fit suit cost become")
# nouns whose first meaning in WordNet is not what one thinks of
MISPLACED = words("queen laundry bleach ducking greens levis chick drone bogy anterior assembly beef seed plunge")


@dataclass(frozen=True)
class Lexicon:
    """What the sentences of a drill can be about."""

    people: list[Noun]
    actions: list[tuple[list[Verb], list[Noun]]]  # what is done, and to what
    intransitive: list[Verb]
    adjectives: Sequence[str] = ()  # some of its people and things have one


@dataclass(frozen=True)
class Dictionary:
    """What is known of words."""

    definitions: dict[str, str]  # noun: what it is
    synonyms: list[tuple[str, str]]
    opposites: list[tuple[str, str]]
    categories: dict[str, list[str]]  # nouns that belong to each


def common_lexicon() -> Lexicon:
    """The tables' words."""
    actions = [
        (
            [Verb.of(verb) for verb in words(verbs)],
            [Noun(thing) if thing in UNCOUNTED_FOOD else _noun(thing) for thing in words(things)],
        )
        for verbs, things in TRANSITIVE.items()
    ]
    return Lexicon([_person(word) for word in PEOPLE], actions, [Verb.of(word) for word in INTRANSITIVE])


def _noun(word: str) -> Noun:
    return _person(word) if word in PEOPLE else Noun.counted(word)


def _person(word: str) -> Noun:
    return Noun.counted(word, ("she",) if WOMEN.search(word) else ("he",) if MEN.search(word) else ("he", "she"))


def wordnet_lexicon(folder: Path) -> Lexicon:
    """Nouns and verbs by the first of their meanings, where WordNet has counted it in texts."""
    nouns = {word: synset for word, synset in decent_senses(folder, "noun").items() if not _looks_plural(word)}
    people = [_person(word) for word, synset in nouns.items() if synset.topic == PERSON]
    things = [_noun(word) for word, synset in nouns.items() if synset.topic in THINGS]
    things += [Noun(word) for word, synset in nouns.items() if synset.topic in SUBSTANCES]
    by_frame: dict[int, list[Verb]] = {NO_OBJECT: [], THING: [], SOMEBODY: []}
    for word, synset in decent_senses(folder, "verb").items():
        for frame in synset.frames & by_frame.keys():
            by_frame[frame].append(Verb.of(word))
    return Lexicon(people, [(by_frame[THING], things), (by_frame[SOMEBODY], people)], by_frame[NO_OBJECT])


def decent_senses(folder: Path, part: str) -> dict[str, Synset]:
    """Words of the part of speech with their first meaning, but for coarse ones and verbs that have no passive.

    (Nor are there nouns and adjectives that are spelled like these verbs.)
    """
    senses, unwanted = common_senses(folder, part).items(), {*COARSE_WORDS, *WITHOUT_PASSIVE}
    return {word: synset for word, synset in senses if word not in unwanted and not COARSE.search(synset.definition)}


def _looks_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def common_adjectives() -> list[str]:
    """The tables' adjectives."""
    return sorted({word for pairs in OPPOSITES.values() for pair in words(pairs) for word in pair.split("/")})


def wordnet_adjectives(folder: Path) -> list[str]:
    """WordNet's adjectives of three letters or more, also those that do not stand before a noun (`asleep`)."""
    return [word for word in decent_senses(folder, "adj") if re.fullmatch("[a-z]{3,}", word)]


def wordnet_dictionary(folder: Path, is_held_out: Callable[[str], bool]) -> Dictionary:
    """Short definitions, synonyms and opposites of words by their first meaning, and what is of which kind.

    Nothing is taken from a meaning whose paragraph is held out.
    """
    synsets = read_synsets(folder)
    nouns, verbs, adjectives = (
        {
            word: synset
            for word, synset in decent_senses(folder, part).items()
            if not is_held_out(paragraph(synset, synsets))
        }
        for part in ("noun", "verb", "adj")
    )
    senses = nouns | verbs | adjectives  # of a word that is several, the last
    synonyms = [
        (word, other) for word, synset in senses.items() for other in synset.words
        if other != word and senses.get(other) is synset
    ]  # fmt: skip
    opposites = [
        (word, other) for word, synset in senses.items() for said, other in antonyms(synset, synsets)
        if said == word and other in senses
    ]  # fmt: skip
    definitions = {word: synset.definition for word, synset in nouns.items() if _is_plain(synset.definition, word)}
    categories: dict[str, list[str]] = {category: [] for category in CATEGORIES}
    for word, synset in nouns.items():
        kinds = {name for above in ancestors(synset, synsets) for name in above.words[:1]} & categories.keys()
        for kind in kinds if word not in MISPLACED and not _looks_plural(word) else ():
            categories[kind].append(word)
    return Dictionary(definitions, synonyms, opposites, categories)


def _is_plain(definition: str, word: str) -> bool:
    """Whether it can stand after `is` in a sentence, and says more than the word."""
    is_short = len(definition.split()) <= LONGEST_DEFINITION and word[:5] not in definition
    return is_short and definition.startswith(("a ", "an ", "the ")) and not set(definition) & set("();:'`\"")

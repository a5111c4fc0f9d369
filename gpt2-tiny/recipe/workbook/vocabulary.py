"""What WordNet knows of words and names: meanings, kinds, synonyms, opposites, forms, capitals, people."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lemminflect import getInflection

from drill_words import COARSE, COARSE_WORDS, MISPLACED, PERSON, decent_senses, words
from english_words import article, capital, with_article
from wordnet_prose import (
    ANTONYM,
    HYPERNYM,
    INSTANCE,
    PARTS,
    Synset,
    ancestors,
    antonyms,
    paragraph,
    read_synsets,
    records,
)

MEMBERS = {  # WordNet's names for a kind, and common words for what belongs to it
    "mammal": ("mammal", "otter fox wolf bear camel goat sheep horse cow pig lion tiger elephant giraffe monkey rabbit "
               "squirrel mouse deer kangaroo zebra hedgehog badger beaver donkey bat hare leopard dolphin whale seal"),
    "bird": ("bird", "owl eagle sparrow swan goose duck parrot pigeon crow penguin ostrich hawk robin heron stork "
             "peacock woodpecker nightingale falcon vulture turkey pelican magpie swallow seagull"),
    "fish": ("fish", "salmon trout tuna cod herring shark carp pike perch mackerel sardine"),
    "insect": ("insect", "ant bee beetle butterfly cricket grasshopper mosquito moth wasp fly cockroach ladybug flea"),
    "reptile": ("reptile", "lizard crocodile alligator turtle tortoise snake python cobra chameleon iguana gecko"),
    "fruit": ("edible fruit", "apple banana cherry grape lemon mango melon orange peach pear plum strawberry pineapple "
              "apricot fig raspberry blueberry lime kiwi"),
    "vegetable": ("vegetable", "carrot potato onion turnip spinach cabbage lettuce broccoli cauliflower celery radish "
                  "leek beet bean asparagus artichoke"),
    "tree": ("tree", "oak pine maple birch elm willow beech cedar fir poplar spruce chestnut"),
    "flower": ("flower/herb/shrub", "rose tulip daisy lily orchid violet poppy sunflower daffodil marigold carnation "
               "iris peony"),
    "tool": ("tool", "hammer saw screwdriver wrench chisel shovel rake axe drill hoe file spade pickaxe plow"),
    "body part": ("body part", "arm elbow knee ankle shoulder wrist thumb chin forehead neck heel eyebrow toe hip"),
    "organ": ("organ", "heart liver lung kidney stomach brain skin spleen eye tongue pancreas gallbladder"),
    "musical instrument": ("musical instrument", "piano violin flute trumpet guitar harp drum cello clarinet trombone "
                           "banjo accordion xylophone saxophone"),
    "vehicle": ("vehicle/public transport", "car bus truck bicycle motorcycle tractor wagon train taxi van"),
    "boat or ship": ("boat/ship", "canoe ferry raft yacht kayak tanker submarine barge lifeboat steamboat"),
    "garment": ("garment", "shirt coat jacket sweater skirt dress scarf vest raincoat overcoat apron robe"),
    "piece of furniture": ("furniture", "table chair bed sofa desk bookcase wardrobe bench stool armchair cupboard"),
    "building": ("building", "house castle hotel hospital library theater museum temple church barn skyscraper palace"),
    "weapon": ("weapon", "sword dagger rifle pistol spear bayonet revolver musket"),
    "sport": ("sport", "tennis football baseball basketball swimming golf hockey volleyball rowing judo skiing"),
    "color": ("color", "red blue green yellow purple brown black white pink gray scarlet crimson"),
    "metal": ("metal/metallic element", "iron copper gold silver tin zinc lead aluminum nickel platinum steel bronze"),
    "drink": ("beverage", "tea coffee milk lemonade wine beer water juice cocoa cider"),
    "dish": ("dish", "soup stew pizza salad omelet sandwich casserole pudding pancake taco"),
    "spice or herb": ("herb/flavorer", "pepper cinnamon ginger nutmeg basil parsley mint thyme sage oregano"),
    "fabric": ("fabric", "cotton silk wool linen velvet denim satin flannel"),
    "emotion": ("emotion", "joy anger fear sadness love hate envy happiness jealousy pride"),
    "science": ("science", "biology physics chemistry astronomy geology botany psychology zoology"),
    "profession": ("person", "teacher doctor nurse dentist baker butcher carpenter plumber librarian lawyer farmer "
                   "tailor pilot architect surgeon chef mechanic electrician journalist astronaut barber"),
    "relative": ("relative", "mother father brother sister uncle aunt cousin nephew niece grandfather grandmother"),
    "container": ("container", "box bottle basket bucket barrel jar bag suitcase jug envelope cup bowl"),
    "disease": ("disease/illness", "measles malaria influenza cholera pneumonia diabetes tuberculosis smallpox"),
}  # fmt: skip
WITHOUT_ARTICLE = {"sport", "color", "metal", "drink", "spice or herb", "fabric", "emotion", "science", "disease"}
UNCOUNTED = words(
    "spinach cabbage lettuce broccoli cauliflower celery asparagus clothing underwear brass cloth fur skin wood food "
    "machinery equipment jewelry timber lumber foliage mail copper glass land sand soil space air sky universe ice "
    "wildlife livestock cattle poultry mankind staff people police fish water lace linen paint hair flesh blood leather"
)
ODD_ARTICLE = re.compile("hour|hon(est|or)|heir|eu|uni[^mn]|us[eu]|ute|uti|one|ura|ewe|x|herb")  # not by the letter
LOCATION, NATURAL_OBJECT = 15, 17  # topics, lexnames(5WN)
THING_TOPICS = (5, 6, 8, NATURAL_OBJECT, PERSON, 20)  # also animals, artifacts, the body, plants
LEAST_COUNT = 4  # in WordNet's texts
LONGEST_PHRASE = 16  # words
NO_PHRASE = re.compile(r"[^a-zA-Z ,-]|^or |\bi\.?e\b|\bsome(one|thing)?$|^used |, or$|\b(by|for|to|of|with|from|at)$")
DETERMINER = re.compile("(a|an|the|one|someone|somebody) ")
SHAPES = {
    "thing": "{Article} '{word}' is {definition}.",
    "mass": "'{Word}' is {definition}.",
    "noun": "'{Word}' means {definition}.",
    "verb": "To '{word}' is to {definition}.",
    "adjective": "'{Word}' means {definition}.",
}
SUFFIXES = (  # from a part of speech to another, and what the new word ends with
    ("adjective", "noun", "ness ity th ce cy"), ("verb", "noun", "ment tion sion ance al ure ery"),
    ("noun", "adjective", "ful ous y al ic less ish"), ("verb", "adjective", "able ive"),
    ("noun", "verb", "ize ify en"),
)  # fmt: skip
FORMS = {  # WordNet's file, LemmInflect's tag
    "plural": ("noun", "NNS"),
    "past tense": ("verb", "VBD"),
    "past participle": ("verb", "VBN"),
    "present participle": ("verb", "VBG"),
    "comparative": ("adj", "JJR"),
    "superlative": ("adj", "JJS"),
}
SHORT = re.compile("[^aeiou]*[aeiou]+[^aeiouy]+e?|.*[^aeiou]y|.*[^aeiou]le")  # adjectives with endings
CAPITAL_OF = re.compile(r"(?:the )?(?:national )?capital\b[a-z, -]*? of (?:the )?((?:[A-Z][a-z]+ ?)+)")
NO_CAPITALS = words(
    "Yangon, Bujumbura, Rangoon, Lagos, Alma-Ata, Astana, Jakarta, Colombo, Dar es Salaam, Brazzaville, Kinshasa, "
    "Grozny, Munich, Merida, Porto Novo, Cotonou, Sucre, La Paz, Jerusalem, Olympia, Melbourne, Kolonia, Bissau, Tarawa"
)
NEW_NAMES = {  # since WordNet was made, or better known
    "Gran Santiago": "Santiago", "Warszawa": "Warsaw", "Kishinev": "Chisinau", "Teheran": "Tehran", "Sana": "Sanaa",
    "Ashkhabad": "Ashgabat", "Luxembourg-Ville": "Luxembourg City", "Kampuchea": "Cambodia", "Surinam": "Suriname",
    "Kyyiv": "Kyiv", "Washington": "Washington, D.C.", "Bruxelles": "Brussels", "Bayrut": "Beirut",
    "Irish Republic": "Ireland", "Western Samoa": "Samoa", "Swaziland": "Eswatini", "Bosnia": "Bosnia and Herzegovina",
}  # fmt: skip
PLACE_DEFINITION = re.compile(
    r"(a|an|the) ([a-z-]+ ){0,4}(city|town|port|river|mountain|lake|island|peak|volcano|desert|country|republic|"
    r"kingdom|state|province|sea|waterfall|strait|gulf|peninsula)\b.* (in|of|on|between|near|from|off) "
)
PERSON_DEFINITION = re.compile(
    r"((?:United States|[A-Z][a-z]+)) ((?:[a-z-]+,? )*?[a-z-]+)(?: (?:who|whose|noted|known|considered|"
    r"remembered|of|in|best|that|famous|and one|at|during|under|with|born|associated|especially|by|for|"
    r"to|from|active|whom|on|as)\b.*)? \((\d{4})-(\d{4})\)"
)
PREFIXES = words("un in im dis ir il")  # that make an opposite
ENDINGS = words("s ed d ing er est")
BEYOND_INSTANCE = (INSTANCE, HYPERNYM)


class Sense(NamedTuple):
    """A word in one of its meanings."""

    word: str
    shape: str  # as in `SHAPES`
    definition: str

    @property
    def part(self) -> str:
        """Its part of speech."""
        return "noun" if self.shape in ("thing", "mass") else self.shape

    @property
    def sentence(self) -> str:
        """What it means."""
        return SHAPES[self.shape].format(
            Article=capital(article(self.word)), word=self.word, Word=capital(self.word),
            definition=self.definition,
        )  # fmt: skip


class Person(NamedTuple):
    """Somebody of former times."""

    name: str
    nation: str
    work: str  # with what else is said between the nation and the profession
    profession: str
    born: str
    died: str

    @property
    def sentence(self) -> str:
        """Who it was."""
        return f"{self.name} was {indefinite(f'{self.nation} {self.work}')}."


@dataclass(frozen=True)
class Vocabulary:
    """What is known of words and names."""

    senses: dict[str, list[Sense]]  # part of speech: words; "phrase": of several words
    kinds: dict[str, list[str]]  # kind: what belongs to it
    described: dict[str, list[Sense]]  # the same with definitions, where there are any
    synonyms: dict[str, list[tuple[str, ...]]]  # part of speech: words that mean the same
    opposites: dict[str, list[tuple[str, str]]]  # part of speech: words that mean the opposite
    related: dict[str, frozenset[str]]  # any word: its meanings and what is next to them
    parts: dict[str, list[str]]  # words that are of no other part of speech
    derived: list[tuple[str, str, str, str]]  # part, word, part, word
    compounds: list[tuple[str, str]]  # the two halves
    forms: dict[str, list[tuple[str, str]]]  # as in `FORMS`: words and their forms
    capitals: list[tuple[str, str]]  # city, country
    places: dict[str, str]  # name: what and where it is
    people: list[Person]

    @cached_property
    def spelled(self) -> list[str]:
        """Words whose letters are asked for."""
        every = {word for known in self.parts.values() for word in known if 4 <= len(word) <= 12}
        return sorted(every)

    @cached_property
    def prefixed(self) -> list[tuple[str, str]]:
        """Words and their opposites that have a prefix more."""
        return [
            (one, other)
            for known in self.opposites.values()
            for one, other in known
            if other.endswith(one) and other.removesuffix(one) in PREFIXES
        ]

    @cached_property
    def uneven_forms(self) -> dict[str, list[tuple[str, str]]]:
        """The forms with more than an ending added."""
        return {
            name: [(word, other) for word, other in known if other not in {word + ending for ending in ENDINGS}]
            for name, known in self.forms.items()
        }

    def are_strange(self, one: str, other: str) -> bool:
        """Whether no meaning of the one is near a meaning of the other."""
        return self.related.get(one, frozenset()).isdisjoint(self.related.get(other, frozenset()))


class _WordNet:
    """WordNet's database without what is held out."""

    def __init__(self, folder: Path, is_held_out: Callable[[str], bool]):
        self.folder, self.synsets = folder, read_synsets(folder)
        self.is_held_out = is_held_out
        self.index = {part: dict(self._indexed(part)) for part in PARTS}  # file: word: synsets
        self.counts = self._counts()
        self.common = {
            part: {word: synset for word, synset in decent_senses(folder, part).items() if self._is_common(word, part)
                   and word not in MISPLACED and re.fullmatch("[a-z]*[aeiouy][a-z]*", word) and len(word) > 2
                   and self.is_free(synset)}
            for part in PARTS
        }  # fmt: skip

    def is_free(self, synset: Synset) -> bool:
        """Whether the synset's paragraph is not held out."""
        return not self.is_held_out(paragraph(synset, self.synsets))

    def _indexed(self, part: str) -> Iterator[tuple[str, list[str]]]:
        for line in records(self.folder / f"index.{part}"):
            word, letter, n_synsets, *rest = line.split()
            yield word.replace("_", " "), [offset + letter for offset in rest[-int(n_synsets) :]]

    def _counts(self) -> dict[tuple[str, str], list[int]]:
        """How often the word of the part of speech has its first meaning, and any."""
        counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for line in (self.folder / "cntlist.rev").read_text("utf-8").splitlines():
            key, number, count = line.split()
            word, lexical = key.split("%")
            of_word = counts[word, ("noun", "verb", "adj", "adv", "adj")[int(lexical[0]) - 1]]
            of_word[0] += int(count) * (number == "1")
            of_word[1] += int(count)
        return counts

    def _is_common(self, word: str, part: str) -> bool:
        first, every = self.counts[word, part]
        return first >= LEAST_COUNT and every < 2 * first

    def above(self, synset: Synset, symbols: Collection[str] = (HYPERNYM,)) -> Iterator[Synset]:
        """What the synset is a kind of, directly and beyond."""
        return ancestors(synset, self.synsets, symbols)

    def instances(self, topics: Sequence[int]) -> Iterator[Synset]:
        """Single persons and places."""
        for synset in self.synsets.values():
            is_one = any(pointer.symbol == INSTANCE for pointer in synset.pointers)
            if is_one and synset.topic in topics and _is_decent(synset.definition) and self.is_free(synset):
                yield synset


def vocabulary(folder: Path, is_held_out: Callable[[str], bool]) -> Vocabulary:
    """WordNet's words, the common ones by their first meaning; nothing of a synset whose paragraph is held out."""
    net = _WordNet(folder, is_held_out)
    described = {kind: list(_described(net, kind)) for kind in MEMBERS}
    free_words = {kind: [word for word in words(known) if _has_free_meaning(net, word)]
                  for kind, (_, known) in MEMBERS.items()}  # fmt: skip
    people = [person for synset in net.instances([PERSON]) for person in _people(net, synset)]
    return Vocabulary(
        senses=_senses(net), kinds=free_words, described=described, synonyms=_synonyms(net), opposites=_opposites(net),
        related=_related(net), parts=_parts(net), derived=sorted({*_derived(net)}), compounds=list(_compounds(net)),
        forms=_forms(net), capitals=list(_capitals(net)), places=dict(_places(net)), people=people,
    )  # fmt: skip


def indefinite(phrase: str) -> str:
    """With its indefinite article; the capital of a nation's name is no matter."""
    return f"{'an' if phrase[0] in 'aeiouAEIO' and not phrase.startswith('Eu') else 'a'} {phrase}"


def _is_decent(text: str) -> bool:
    return not COARSE.search(text) and not {*COARSE_WORDS} & {*re.findall("[a-z]+", text.lower())}


def _plain(definition: str) -> str:
    """Its first statement without what is in parentheses; empty where that is no good phrase."""
    text = re.sub(r" ?\([^)]*\) ?", " ", definition).split(";")[0].strip(" ,").replace("one's", "your")
    is_plain = _is_decent(text) and len(text.split()) in range(2, LONGEST_PHRASE + 1)
    return text if is_plain and not NO_PHRASE.search(text.removeprefix("of or ")) else ""


def _sense(net: _WordNet, word: str, synset: Synset, shape: str = "noun") -> Iterator[Sense]:
    """The word in this meaning, where there is a good sentence about it."""
    text = re.sub("^any (of (several|various|numerous) )?", "", _plain(synset.definition))
    if not text or any(part[:5] in text for part in word.split() if len(part) > 3):
        return
    if synset.part == "verb":
        if text.split()[0].rstrip(",") in net.index["verb"]:
            yield Sense(word, "verb", text)
        return
    if synset.part == "adjective":
        yield Sense(word, "adjective", text)
        return
    heads = {name.split()[-1] for above in net.above(synset) for name in above.words if name[-1] != "s"}
    if not DETERMINER.match(text):
        if heads.isdisjoint(re.findall(r"\w+", text)[:7]) or shape == "noun":
            return
        text = with_article(text)
    yield Sense(word, shape, text)


def _senses(net: _WordNet) -> dict[str, list[Sense]]:
    files = {"noun": "noun", "verb": "verb", "adjective": "adj"}
    senses = {
        part: [sense for word, synset in net.common[file].items() if not ODD_ARTICLE.match(word)
               for sense in _sense(net, word, synset, _shape(word, synset))]
        for part, file in files.items()
    }  # fmt: skip
    phrases: list[Sense] = []
    for word, (first, *_) in net.index["verb"].items():
        synset = net.synsets[first]
        is_idiom = len(word.split()) > 2 or net.counts[word.replace(" ", "_"), "verb"][0] > 1
        if " " in word and is_idiom and _is_decent(f"{word} {synset.definition}") and net.is_free(synset):
            phrases += _sense(net, word.replace("one's", "your"), synset)
    return senses | {"phrase": phrases}


def _shape(word: str, synset: Synset) -> str:
    is_thing = synset.topic in THING_TOPICS and word not in UNCOUNTED and not re.search("[^s]s$", word)
    return "thing" if is_thing else "noun"


def _has_free_meaning(net: _WordNet, word: str) -> bool:
    return any(net.is_free(net.synsets[key]) for key in net.index["noun"].get(word, ()))


def _described(net: _WordNet, kind: str) -> Iterator[Sense]:
    """Words of the kind, each in its first meaning that is of this kind."""
    names, known = MEMBERS[kind]
    for word in words(known):
        for key in net.index["noun"].get(word, ()):
            synset = net.synsets[key]
            if {name for above in net.above(synset) for name in above.words} & {*names.split("/")}:
                if net.is_free(synset):
                    is_mass = kind in WITHOUT_ARTICLE or word in UNCOUNTED
                    yield from _sense(net, word, synset, "mass" if is_mass else "thing")
                break


def _synonyms(net: _WordNet) -> dict[str, list[tuple[str, ...]]]:
    synonyms: dict[str, list[tuple[str, ...]]] = {}
    for part in ("noun", "verb", "adj"):
        groups = defaultdict(list)
        for word, synset in net.common[part].items():
            if all(word[:3] != other[:3] for other in groups[id(synset)]):  # no spellings of the same word
                groups[id(synset)].append(word)
        synonyms[PARTS[part][1]] = [tuple(group) for group in groups.values() if len(group) > 1]
    return synonyms


def _opposites(net: _WordNet) -> dict[str, list[tuple[str, str]]]:
    return {
        PARTS[part][1]: [
            (word, other) for word, synset in known.items() for said, other in antonyms(synset, net.synsets)
            if said == word and other in known
        ]
        for part, known in net.common.items() if part != "adv"
    }  # fmt: skip


def _related(net: _WordNet) -> dict[str, frozenset[str]]:
    near = defaultdict(set)
    for index in net.index.values():
        for word, keys in index.items():
            targets = [pointer.target for key in keys for pointer in net.synsets[key].pointers
                       if pointer.symbol in (HYPERNYM, ANTONYM, "&", "^", "$", "~", "+")]  # fmt: skip
            near[word].update(keys, targets)
    return {word: frozenset(keys) for word, keys in near.items()}


def _parts(net: _WordNet) -> dict[str, list[str]]:
    parts = {}
    for part, known in net.common.items():
        others = [index for other, index in net.index.items() if other != part]
        parts[PARTS[part][1]] = [word for word in known if not any(word in index for index in others)]
    return parts


def _derived(net: _WordNet) -> Iterator[tuple[str, str, str, str]]:
    """Words formed from others by an ending."""
    ends = {(old, new): tuple(suffixes.split()) for old, new, suffixes in SUFFIXES}
    known = {PARTS[part][1]: senses for part, senses in net.common.items()}
    for part, senses in known.items():
        for word, synset in senses.items():
            for pointer in synset.pointers:
                target = net.synsets[pointer.target]
                if not pointer.source_word or synset.words[pointer.source_word - 1] != word:
                    continue
                other = target.words[pointer.target_word - 1]
                is_begun = other[:3] == word[:3] and net.is_free(target)
                is_longer = is_begun and len(other) > len(word) and other in known[target.part]
                if is_longer and pointer.symbol == "+" and other.endswith(ends.get((part, target.part), ("?",))):
                    yield part, word, target.part, other
                if part == "adverb" and pointer.symbol == "\\" and is_begun and word.endswith("ly"):
                    yield "adjective", other, "adverb", word


def _compounds(net: _WordNet) -> Iterator[tuple[str, str]]:
    """The halves of closed compounds: one of them is in the definition, which `carpet` has not."""
    halves = {word for word in net.common["noun"] if len(word) > 2}
    for word, (first, *_) in net.index["noun"].items():
        synset = net.synsets[first]
        pairs = [(word[:at], word[at:]) for at in range(3, len(word) - 2) if {word[:at], word[at:]} <= halves]
        names = [
            name for above in synset.pointers if above.symbol == HYPERNYM for name in net.synsets[above.target].words
        ]
        said = re.findall("[a-z]+", f"{synset.definition} {' '.join(names)}")
        if pairs and net.counts[word, "noun"][1] and _is_decent(synset.definition) and net.is_free(synset):
            yield from [pair for pair in pairs if {*pair} & {*said}][:1]


def _forms(net: _WordNet) -> dict[str, list[tuple[str, str]]]:
    forms: dict[str, list[tuple[str, str]]] = {}
    for name, (part, tag) in FORMS.items():
        forms[name] = []
        for word, synset in net.common[part].items():
            found = getInflection(word, tag, inflect_oov=False)
            is_counted = part != "noun" or (synset.topic in THING_TOPICS and word not in UNCOUNTED)
            is_compared = part != "adj" or SHORT.fullmatch(word)
            if found and found[0] != word and is_counted and is_compared:
                forms[name].append((word, found[0]))
    return forms


def _capitals(net: _WordNet) -> Iterator[tuple[str, str]]:
    countries = {
        word
        for synset in net.instances([LOCATION])
        for word in synset.words
        if "country" in {name for above in net.above(synset, BEYOND_INSTANCE) for name in above.words}
    }
    for synset in net.instances([LOCATION]):
        found, city = CAPITAL_OF.match(synset.definition), synset.words[0]
        country = found[1].strip() if found else ""
        if country in countries and city not in (*NO_CAPITALS, country):
            yield NEW_NAMES.get(city, city), NEW_NAMES.get(country, country)


def _places(net: _WordNet) -> Iterator[tuple[str, str]]:
    for synset in net.instances([LOCATION, NATURAL_OBJECT]):
        text = re.sub(r" ?\([^)]*\)", "", synset.definition.split(";")[0]).strip()
        is_plain = len(text.split()) <= LONGEST_PHRASE and not re.search(r"[^\w ,-]|\d", text)
        if (
            is_plain
            and synset.words[0] not in text
            and PLACE_DEFINITION.match(f"{text} ")
            and not re.search("former|until|World War|was ", text)
        ):
            yield synset.words[0], text


def _people(net: _WordNet, synset: Synset) -> Iterator[Person]:
    found = PERSON_DEFINITION.fullmatch(synset.definition)
    full = [name for name in synset.words[1:] if name.endswith(f" {synset.words[0]}") and "." not in name]
    if found and full:
        nation, work, born, died = found.groups()
        known = {name for above in net.above(synset, BEYOND_INSTANCE) for name in above.words}
        professions = [word for word in re.findall("[a-z]+", work) if word in known]
        if professions and work.split()[-1] in net.index["noun"] and len(work.split()) < 5:
            yield Person(full[0], nation.replace("United States", "American"), work, professions[0], born, died)

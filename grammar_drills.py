"""Drills of a grammar book, written by rule: a sentence and what becomes of it in other tenses, voices and moods.

A model of gpt2-tiny's size learns from prose how sentences look, but not to say one again with a change. Here it sees
the same sentence changed in one respect after another, each change named, with words put together at random.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from wordnet_prose import capital


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
GENDERED = {  # all others are he or she
    **dict.fromkeys(words("boy father brother uncle king waiter"), "he"),
    **dict.fromkeys(words("girl mother sister aunt queen"), "she"),
}
DETERMINERS = words("the the the my our your her his a")  # the likeliest more than once
TRANSITIVE = {  # what is done to what
    "eat cook buy bring serve share order prepare forget waste": "bread, soup, cake, apple, meal, rice, cheese, "
    "sandwich, salad, egg, pie, breakfast, fish, potato, orange, dessert",
    "read write borrow lose find send open copy finish publish return receive translate hide burn": "letter, book, "
    "message, report, story, poem, newspaper, map, list, essay, article, diary, invitation, recipe",
    "repair clean paint build break buy sell move design check damage destroy inspect examine admire": "fence, roof, "
    "house, bridge, boat, door, window, table, wall, barn, car, bicycle, clock, engine, chair, kitchen, road, tower",
    "carry lift drop throw catch steal keep wash use choose take pack lend touch": "bag, box, ball, basket, coat, "
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
IRREGULAR = {  # verb: past, past participle
    forms.split("/")[0]: tuple(forms.split("/")[1:])
    for forms in words(
        "eat/ate/eaten buy/bought/bought bring/brought/brought forget/forgot/forgotten read/read/read "
        "write/wrote/written lose/lost/lost find/found/found send/sent/sent hide/hid/hidden build/built/built "
        "break/broke/broken sell/sold/sold throw/threw/thrown catch/caught/caught steal/stole/stolen keep/kept/kept "
        "choose/chose/chosen take/took/taken lend/lent/lent teach/taught/taught "
        "meet/met/met cut/cut/cut grow/grew/grown draw/drew/drawn sing/sang/sung feed/fed/fed "
        "win/won/won sleep/slept/slept sit/sat/sat swim/swam/swum run/ran/run stand/stood/stood"
    )
}
DOUBLING = words("drop stop plan cut sit swim run win forget")  # their last letter before -ed and -ing
UNCOUNTED = words("bread rice cheese soup fish")
PLURALS = {"child": "children", "sheep": "sheep", "knife": "knives"}
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
LISTED = sorted({word for things in TRANSITIVE.values() for word in words(things)} | set(PEOPLE))

# tense: auxiliaries, the form of the verb after them, and what a grammar book calls it
TENSES = {
    "present": ((), "present", ("In the simple present", "Present tense")),
    "past": ((), "past", ("In the simple past", "In the past tense", "Past tense")),
    "future": (("will",), "base", ("In the future", "With 'will'", "Future tense")),
    "present continuous": (("be present",), "ing", ("In the present continuous",)),
    "past continuous": (("be past",), "ing", ("In the past continuous",)),
    "present perfect": (("have",), "participle", ("In the present perfect",)),
    "past perfect": (("had",), "participle", ("In the past perfect",)),
    "present perfect continuous": (("have", "been"), "ing", ("In the present perfect continuous",)),
    "must": (("must",), "base", ("With 'must'",)),
    "can": (("can",), "base", ("With 'can'",)),
    "should": (("should",), "base", ("With 'should'",)),
}
PASSIVE_BE = {"present": "be present", "past": "be past", "base": "be", "ing": "being", "participle": "been"}
LABELS = {  # feature of a clause: its values, and what a grammar book calls them
    "tense": {tense: labels for tense, (_, _, labels) in TENSES.items()},
    "passive": {False: ("In the active voice", "Active"), True: ("In the passive voice", "Passive")},
    "negative": {False: ("Positive", "In the positive"), True: ("Negative", "In the negative", "With 'not'")},
    "mood": {
        "statement": ("As a statement", "Statement"),
        "question": ("As a question", "Question"),
        "tag": ("With a question tag", "Question tag"),
    },
}
PRONOUNS = {"he": "him", "she": "her", "they": "them", "we": "us", "I": "me", "you": "you"}


@dataclass(frozen=True)
class NounPhrase:
    """A subject or an object."""

    text: str
    plural: bool = False
    pronoun: str = "it"  # that stands for one of it as a subject

    @property
    def noun(self) -> str:
        """Its last word."""
        return self.text.split()[-1]

    @property
    def is_third_singular(self) -> bool:
        """Whether its verb is in the third person singular."""
        return not self.plural and self.text not in ("I", "you")

    @property
    def reference(self) -> str:
        """The pronoun that stands for it as a subject."""
        return self.text if self.text in PRONOUNS else "they" if self.plural else self.pronoun


@dataclass(frozen=True)
class Clause:
    """Who does what, and how it is said."""

    subject: NounPhrase
    verb: str
    object: NounPhrase | None
    adverbial: str
    tense: str = "past"
    passive: bool = False
    negative: bool = False
    mood: str = "statement"

    def say(self, contracted: bool = False) -> str:
        """The sentence; `contracted` makes one word of auxiliary and `not`."""
        subject = self.object if self.passive else self.subject
        auxiliaries, verb = self._verb_group(subject, with_do=self.negative or self.mood == "question")
        sign = ["not"] if self.negative else []  # apart from the auxiliary in questions alone
        if self.negative and self.mood != "question":
            auxiliaries[0], sign = _negative(auxiliaries[0], contracted and auxiliaries[0] != "am"), []
        first, others = auxiliaries[:1], auxiliaries[1:]
        beginning = [*first, subject.text] if self.mood == "question" else [subject.text, *first]
        agent = PRONOUNS.get(self.subject.text, self.subject.text)
        things = [f"by {agent}"] if self.passive else [self.object.text] if self.object else []
        text = " ".join([*beginning, *sign, *others, verb, *things, *filter(None, [self.adverbial])])
        end = {"statement": ".", "question": "?", "tag": f", {self._tag(subject)}?"}[self.mood]
        return capital(text) + end

    def _verb_group(self, subject: NounPhrase, with_do: bool) -> tuple[list[str], str]:
        """Auxiliaries and verb; `with_do`: there is an auxiliary in any case, as negatives, questions and tags need."""
        auxiliaries, form, _ = TENSES[self.tense]
        if self.passive:
            auxiliaries, form = (*auxiliaries, PASSIVE_BE[form]), "participle"
        if with_do and not auxiliaries:
            auxiliaries, form = (_do(self.tense, subject),), "base"
        agreeing = {"be present": _be("present", subject), "be past": _be("past", subject), "have": _have(subject)}
        return [agreeing.get(word, word) for word in auxiliaries], form_of(self.verb, form, subject)

    def _tag(self, subject: NounPhrase) -> str:
        """The question tag: `didn't she`."""
        (first, *_), _ = self._verb_group(subject, with_do=True)
        return f"{first if self.negative else _negative(first, contracted=True)} {subject.reference}"


def _negative(auxiliary: str, contracted: bool) -> str:
    """The auxiliary with `not`, in one word where there is one; `aren't I`, but `I am not`."""
    if not contracted:
        return {"can": "cannot"}.get(auxiliary, f"{auxiliary} not")
    return {"will": "won't", "can": "can't", "am": "aren't"}.get(auxiliary, f"{auxiliary}n't")


def _be(tense: str, subject: NounPhrase) -> str:
    if tense == "present":
        return "am" if subject.text == "I" else "is" if subject.is_third_singular else "are"
    return "was" if subject.is_third_singular or subject.text == "I" else "were"


def _have(subject: NounPhrase) -> str:
    return "has" if subject.is_third_singular else "have"


def _do(tense: str, subject: NounPhrase) -> str:
    return "did" if tense == "past" else "does" if subject.is_third_singular else "do"


def form_of(verb: str, form: str, subject: NounPhrase) -> str:
    """A verb's form: `base`, `present` (of the subject), `past`, `participle` or `ing`."""
    if form == "present":
        return _with_s(verb) if subject.is_third_singular else verb
    if form in ("past", "participle") and verb in IRREGULAR:
        return IRREGULAR[verb][form == "participle"]
    ending = {"base": "", "past": "ed", "participle": "ed", "ing": "ing"}[form]
    if not ending:
        return verb
    if verb in DOUBLING:
        return f"{verb}{verb[-1]}{ending}"
    if verb.endswith("e"):
        return f"{verb[:-1]}{ending}"
    return f"{verb[:-1]}ied" if ending == "ed" and _ends_in_consonant_y(verb) else f"{verb}{ending}"


def _with_s(word: str) -> str:
    """Regular plural of a noun, or third person singular of a verb."""
    if word.endswith(("s", "sh", "ch", "x", "z")) or word in ("tomato", "potato"):
        return f"{word}es"
    return f"{word[:-1]}ies" if _ends_in_consonant_y(word) else f"{word}s"


def _ends_in_consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2] not in "aeiou"


def _noun_phrase(rng: random.Random, nouns: list[str]) -> NounPhrase:
    noun, determiner = rng.choice(nouns), rng.choice(DETERMINERS)
    pronoun = GENDERED.get(noun, rng.choice(("he", "she"))) if noun in PEOPLE else "it"
    if rng.random() < 0.3 and noun not in UNCOUNTED:
        determiner = rng.choice(("the", "two", "three", "some")) if determiner == "a" else determiner
        return NounPhrase(f"{determiner} {PLURALS.get(noun, _with_s(noun))}", plural=True, pronoun=pronoun)
    if determiner == "a":
        determiner = "some" if noun in UNCOUNTED else "an" if noun[0] in "aeiou" else "a"
    return NounPhrase(f"{determiner} {noun}", pronoun=pronoun)


def random_clause(rng: random.Random) -> Clause:
    """An active, affirmative statement of common words, in any tense."""
    kind = rng.random()
    if kind < 0.2:
        name, pronoun = rng.choice(list(NAMES.items()))
        subject = NounPhrase(name, pronoun=pronoun)
    elif kind < 0.35:
        pronoun = rng.choice(list(PRONOUNS))
        subject = NounPhrase(pronoun, plural=pronoun in ("they", "we"))
    else:
        subject = _noun_phrase(rng, PEOPLE)
    adverbial = rng.choice(PLACES + TIMES + WAYS) if rng.random() < 0.4 else ""
    if rng.random() < 0.25:
        verb = rng.choice(INTRANSITIVE)
        return Clause(subject, verb, None, adverbial or rng.choice(PLACES), rng.choice(list(TENSES)))
    verb = rng.choice(words(rng.choice(list(TRANSITIVE))))
    return Clause(subject, verb, random_object(rng, verb), adverbial, rng.choice(list(TENSES)))


def random_object(rng: random.Random, verb: str) -> NounPhrase:
    """Something that the verb can have as its object."""
    things = rng.choice([things for verbs, things in TRANSITIVE.items() if verb in words(verbs)])
    return _noun_phrase(rng, words(things))


def varied_clause(rng: random.Random) -> Clause:
    """A sentence that may be negative, a question or passive."""
    clause = random_clause(rng)
    form = rng.choice(({}, {}, {"negative": True}, {"mood": "question"}, {"passive": True}))
    varied = replace(clause, **form)
    return varied if _exists(varied) else clause


def changes(clause: Clause, rng: random.Random) -> Iterator[tuple[str, Clause]]:
    """The clause changed in one feature each time, and the change's label: two tenses, and each other feature once."""
    values = [(feature, value) for feature in LABELS for value in LABELS[feature] if value != getattr(clause, feature)]
    rng.shuffle(values)
    taken = Counter()
    for feature, value in values:
        changed = replace(clause, **{feature: value})
        if _exists(changed) and taken[feature] < (2 if feature == "tense" else 1):
            taken[feature] += 1
            yield rng.choice(LABELS[feature][value]), changed


def _exists(clause: Clause) -> bool:
    """Whether English has the form."""
    return not clause.passive or (clause.object is not None and clause.tense != "present perfect continuous")


def sentence_drill(rng: random.Random) -> str:
    """A sentence and some of its changes."""
    clause = varied_clause(rng)
    contracted = rng.random() < 0.3
    chosen = rng.sample(list(changes(clause, rng)), rng.randint(2, 4))
    lines = [clause.say(contracted)]
    for label, changed in chosen:
        names_a_word = "'" in label  # with "With 'not'" it has to be there
        lines.append(f"{label}: {changed.say(contracted and not names_a_word)}")
    return "\n".join(lines)


def exercise_drill(rng: random.Random) -> str:
    """A change's label, and two sentences before and after it."""
    feature = rng.choice([*LABELS, "tense"])
    value = rng.choice(list(LABELS[feature]))
    label = rng.choice(LABELS[feature][value])
    pairs = []
    while len(pairs) < 2:
        clause = varied_clause(rng)
        changed = replace(clause, **{feature: value})
        if changed != clause and _exists(changed):
            pairs.append((clause.say(), changed.say()))
    if rng.random() < 0.3:
        return "\n".join(f"{label}, '{before}' is '{after}'" for before, after in pairs)
    return "\n".join([f"{label}.", *(f"{before}\n{after}" for before, after in pairs)])


def question_drill(rng: random.Random) -> str:
    """A sentence and two questions about it, answered in whole sentences."""
    clause = _about_others(rng)
    said, asked = clause.say(), replace(clause, mood="question")
    inside = said if clause.subject.text in NAMES else _uncapital(said)
    answers = [(f"{replace(clause, subject=NounPhrase('who')).say()[:-1]}?", said), (asked.say(), f"Yes, {inside}")]
    if clause.adverbial in PLACES:
        answers.append((_with_question_word("where", replace(asked, adverbial="")), said))
    if clause.object:
        word = "what" if clause.object.pronoun == "it" else "who"
        answers.append((_with_question_word(word, replace(asked, object=None)), said))
        other = random_object(rng, clause.verb)
        if other.noun[:4] != clause.object.noun[:4]:  # another thing, not the same in the plural
            answers.append((replace(asked, object=other).say(), f"No, {inside}"))
    return "\n".join([said, *(f"{question} {answer}" for question, answer in rng.sample(answers, 2))])


def _about_others(rng: random.Random) -> Clause:
    """A sentence that speaks neither of `I` nor `you` nor `we`: such answers would need another subject."""
    while (clause := random_clause(rng)).subject.text in ("I", "you", "we"):
        pass
    return clause


def _with_question_word(word: str, asked: Clause) -> str:
    return f"{capital(word)} {_uncapital(asked.say())}"


def _uncapital(text: str) -> str:
    return text[0].lower() + text[1:]


def parts_drill(rng: random.Random) -> str:
    """A sentence and the names of its parts."""
    clause = replace(random_clause(rng), tense=rng.choice(("present", "past")), adverbial="")
    verb = form_of(clause.verb, clause.tense, clause.subject)
    lines = [f"The verb is '{verb}'.", f"The subject is '{clause.subject.text}'."]
    nouns = [phrase.noun for phrase in (clause.subject, clause.object) if phrase]
    if clause.subject.text in PRONOUNS:
        lines.append(f"The word '{verb}' is a verb, and '{clause.subject.text}' is a pronoun.")
    else:
        lines.append(
            f"The noun is '{nouns[0]}'." if len(nouns) == 1 else f"The nouns are '{nouns[0]}' and '{nouns[1]}'."
        )
        lines.append(f"The word '{verb}' is a verb, and '{nouns[0]}' is a noun.")
    if clause.object:
        lines.append(f"The object is '{clause.object.text}'.")
    return "\n".join([clause.say(), *rng.sample(lines, 2)])


def mistake_drill(rng: random.Random) -> str:
    """A sentence with a verb of the wrong number, corrected."""
    clause = replace(_about_others(rng), tense=rng.choice(("present", "present continuous", "present perfect")))
    wrong = replace(clause, subject=replace(clause.subject, plural=not clause.subject.plural))
    return f"With a mistake: {wrong.say()}\nCorrected: {clause.say()}"


def joining_drill(rng: random.Random) -> str:
    """Two short sentences made one."""
    if rng.random() < 0.5:
        first = random_clause(rng)
        second = replace(random_clause(rng), subject=first.subject, tense=first.tense)
        joined = f"{first.say()[:-1]} and {second.say()[len(first.subject.text) + 1 :]}"
        return f"{first.say()} {second.say()}\nJoined: {joined}"
    thing, pairs = _thing_to_describe(rng)
    one, other = (rng.choice(pair.split("/")) for pair in rng.sample(pairs, 2))
    described = f"{capital(thing.text)} {_be('present', thing)}"
    return f"{described} {one}. {described} {other}.\nJoined: {described} {one} and {other}."


def _thing_to_describe(rng: random.Random) -> tuple[NounPhrase, list[str]]:
    """A thing, and the pairs of opposites that can be said of it."""
    things, pairs = rng.choice(list(OPPOSITES.items()))
    return _noun_phrase(rng, words(things)), words(pairs)


def possession_drill(rng: random.Random) -> str:
    """Whose a thing is, said with `of` and with an apostrophe."""
    thing = _noun_phrase(rng, words(rng.choice(list(TRANSITIVE.values())))).noun
    owner = _noun_phrase(rng, PEOPLE)
    mark = "'" if owner.text.endswith("s") else "'s"
    return f"the {thing} of {owner.text}\nWith an apostrophe: {owner.text}{mark} {thing}"


def opposite_drill(rng: random.Random) -> str:
    """A description and its opposite."""
    thing, pairs = _thing_to_describe(rng)
    one, other = rng.sample(rng.choice(pairs).split("/"), 2)
    described = f"{capital(thing.text)} {_be(rng.choice(('present', 'past')), thing)}"
    return f"{described} {one}.\nThe opposite: {described} {other}.\nHere the opposite of '{one}' is '{other}'."


def spelling_drill(rng: random.Random) -> str:
    """A sentence with a misspelled word, corrected."""
    right = random_clause(rng).say()
    word = rng.choice([word for word in right.rstrip(".").split() if len(word) > 3] or [right.split()[0]])
    misspelled = misspell(word, rng)
    wrong = re.sub(rf"\b{word}\b", misspelled, right, count=1)
    return f"With a spelling mistake: {wrong}\nCorrected: {right}\nThe correct spelling is '{word}'."


def misspell(word: str, rng: random.Random) -> str:
    """Two inner letters swapped, one left out, or one doubled; of words of three letters and less one is doubled."""
    if len(word) < 4:
        return word + word[-1]
    at = rng.randrange(1, len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    ways = (swapped, word[:at] + word[at + 1 :], word[: at + 1] + word[at:])
    return rng.choice([way for way in ways if way != word])


def list_drill(rng: random.Random) -> str:
    """Words in another order."""
    listed = rng.sample(LISTED, rng.randint(3, 5))
    lines = [
        f"In alphabetical order: {', '.join(sorted(listed))}",
        f"In reverse order: {', '.join(reversed(listed))}",
        f"The first word is '{listed[0]}', and the last word is '{listed[-1]}'.",
        f"There are {len(listed)} words in the list.",
    ]
    return "\n".join([", ".join(listed), *rng.sample(lines, rng.randint(1, 3))])


def number_drill(rng: random.Random) -> str:
    """A little arithmetic."""
    small, large = sorted(rng.sample(range(2, 100), 2))
    times = rng.randint(2, 12)
    lines = [
        f"{small} + {large} = {small + large}\nThe sum of {small} and {large} is {small + large}.",
        f"{large} - {small} = {large - small}\n{large} minus {small} is {large - small}.",
        f"{small} x {times} = {small * times}\n{small} times {times} is {small * times}.",
        f"Of {large} and {small}, the larger number is {large}, and the smaller number is {small}.",
    ]
    return "\n".join(rng.sample(lines, 2))


KINDS: dict[Callable[[random.Random], str], int] = {  # kind of drill: how often
    sentence_drill: 12,
    exercise_drill: 8,
    question_drill: 6,
    parts_drill: 2,
    mistake_drill: 2,
    joining_drill: 2,
    spelling_drill: 2,
    opposite_drill: 2,
    list_drill: 2,
    number_drill: 2,
    possession_drill: 1,
}


def drills(count: int, seed: int) -> Iterator[str]:
    """`count` drills, which depend on the seed alone."""
    rng = random.Random(seed)
    for kind in rng.choices(list(KINDS), list(KINDS.values()), k=count):
        yield kind(rng)

"""Drills with clauses: a sentence, and what becomes of it in other tenses, voices and moods.

A model of gpt2-tiny's size learns from prose how sentences look, but not to say one again with a change. Here it sees
the same sentence changed in one respect after another, each change named, with words put together at random.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from drill_words import DETERMINERS, NAMES, OPPOSITES, PLACES, PRONOUNS, TIMES, WAYS, Lexicon, words
from english_words import Noun, Verb, article, capital, uncapital

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
CONJUNCTIONS = words("because since when while although before after if")


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
    verb: Verb
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
        agreeing = {"be present": be("present", subject), "be past": be("past", subject), "have": _have(subject)}
        return [agreeing.get(word, word) for word in auxiliaries], self.verb.form(form, subject.is_third_singular)

    def _tag(self, subject: NounPhrase) -> str:
        """The question tag: `didn't she`."""
        (first, *_), _ = self._verb_group(subject, with_do=True)
        return f"{first if self.negative else _negative(first, contracted=True)} {subject.reference}"


def _negative(auxiliary: str, contracted: bool) -> str:
    """The auxiliary with `not`, in one word where there is one; `aren't I`, but `I am not`."""
    if not contracted:
        return {"can": "cannot"}.get(auxiliary, f"{auxiliary} not")
    return {"will": "won't", "can": "can't", "am": "aren't"}.get(auxiliary, f"{auxiliary}n't")


def be(tense: str, subject: NounPhrase) -> str:
    """The form of `be`."""
    if tense == "present":
        return "am" if subject.text == "I" else "is" if subject.is_third_singular else "are"
    return "was" if subject.is_third_singular or subject.text == "I" else "were"


def _have(subject: NounPhrase) -> str:
    return "has" if subject.is_third_singular else "have"


def _do(tense: str, subject: NounPhrase) -> str:
    return "did" if tense == "past" else "does" if subject.is_third_singular else "do"


def _noun_phrase(rng: random.Random, nouns: list[Noun], adjectives: Sequence[str] = ()) -> NounPhrase:
    noun, determiner = rng.choice(nouns), rng.choice(DETERMINERS)
    pronoun = rng.choice(noun.pronouns)
    described = [rng.choice(adjectives)] if adjectives and rng.random() < 0.4 else []
    if noun.plural and rng.random() < 0.3:
        determiner = rng.choice(("the", "two", "three", "some")) if determiner == "a" else determiner
        return NounPhrase(" ".join([determiner, *described, noun.plural]), plural=True, pronoun=pronoun)
    if determiner == "a":
        determiner = article((described or [noun.singular])[0]) if noun.plural else "some"
    return NounPhrase(" ".join([determiner, *described, noun.singular]), pronoun=pronoun)


def random_clause(rng: random.Random, lexicon: Lexicon) -> Clause:
    """An active, affirmative statement in any tense."""
    subject, tense = _random_subject(rng, lexicon), rng.choice(list(TENSES))
    adverbial = rng.choice(PLACES + TIMES + WAYS) if rng.random() < 0.4 else ""
    if rng.random() < 0.25:
        return Clause(subject, rng.choice(lexicon.intransitive), None, adverbial or rng.choice(PLACES), tense)
    verbs, things = rng.choice(lexicon.actions)
    return Clause(subject, rng.choice(verbs), _noun_phrase(rng, things, lexicon.adjectives), adverbial, tense)


def _random_subject(rng: random.Random, lexicon: Lexicon) -> NounPhrase:
    kind = rng.random()
    if kind < 0.2:
        name, pronoun = rng.choice(list(NAMES.items()))
        return NounPhrase(name, pronoun=pronoun)
    if kind < 0.35:
        pronoun = rng.choice(list(PRONOUNS))
        return NounPhrase(pronoun, plural=pronoun in ("they", "we"))
    return _noun_phrase(rng, lexicon.people, lexicon.adjectives)


def _random_object(rng: random.Random, verb: Verb, lexicon: Lexicon) -> NounPhrase:
    """Something that the verb can have as its object."""
    things = rng.choice([things for verbs, things in lexicon.actions if verb in verbs])
    return _noun_phrase(rng, things, lexicon.adjectives)


def varied_clause(rng: random.Random, lexicon: Lexicon) -> Clause:
    """A sentence that may be negative, a question or passive."""
    clause = random_clause(rng, lexicon)
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


def sentence_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A sentence and some of its changes."""
    clause = varied_clause(rng, lexicon)
    contracted = rng.random() < 0.3
    chosen = rng.sample(list(changes(clause, rng)), rng.randint(3, 4))
    lines = [clause.say(contracted)]
    for label, changed in chosen:
        names_a_word = "'" in label  # with "With 'not'" it has to be there
        lines.append(f"{label}: {changed.say(contracted and not names_a_word)}")
    return "\n".join(lines)


def exercise_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A change's label, and two sentences before and after it."""
    feature = rng.choice([*LABELS, "tense"])
    value = rng.choice(list(LABELS[feature]))
    label = rng.choice(LABELS[feature][value])
    pairs = []
    while len(pairs) < 2:
        clause = varied_clause(rng, lexicon)
        changed = replace(clause, **{feature: value})
        if changed != clause and _exists(changed):
            pairs.append((clause.say(), changed.say()))
    if rng.random() < 0.3:
        return "\n".join(f"{label}, '{before}' is '{after}'" for before, after in pairs)
    return "\n".join([f"{label}.", *(f"{before}\n{after}" for before, after in pairs)])


def question_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A sentence and two questions about it, answered in whole sentences."""
    clause = _about_others(rng, lexicon)
    said, asked = clause.say(), replace(clause, mood="question")
    inside = within(clause)
    answers = [(f"{replace(clause, subject=NounPhrase('who')).say()[:-1]}?", said), (asked.say(), f"Yes, {inside}")]
    if clause.adverbial in PLACES:
        answers.append((with_question_word("where", replace(asked, adverbial="")), said))
    if clause.object:
        word = "what" if clause.object.pronoun == "it" else "who"
        answers.append((with_question_word(word, replace(asked, object=None)), said))
        other = _random_object(rng, clause.verb, lexicon)
        if other.noun[:4] != clause.object.noun[:4]:  # not the same thing; the plural of a short noun slips through
            answers.append((replace(asked, object=other).say(), f"No, {inside}"))
    return "\n".join([said, *(f"{question} {answer}" for question, answer in rng.sample(answers, 2))])


def _about_others(rng: random.Random, lexicon: Lexicon) -> Clause:
    """A sentence that speaks neither of `I` nor `you` nor `we`: such answers would need another subject."""
    while (clause := random_clause(rng, lexicon)).subject.text in ("I", "you", "we"):
        pass
    return clause


def with_question_word(word: str, asked: Clause) -> str:
    """The question with the word at its beginning."""
    return f"{capital(word)} {uncapital(asked.say())}"


def parts_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A sentence and the names of its parts."""
    clause = replace(random_clause(rng, lexicon), tense=rng.choice(("present", "past")), adverbial="")
    verb = clause.verb.form(clause.tense, clause.subject.is_third_singular)
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


def mistake_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A sentence with a verb of the wrong number, corrected."""
    clause = replace(
        _about_others(rng, lexicon), tense=rng.choice(("present", "present continuous", "present perfect"))
    )
    wrong = replace(clause, subject=replace(clause.subject, plural=not clause.subject.plural))
    return f"With a mistake: {wrong.say()}\nCorrected: {clause.say()}"


def joining_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """Two short sentences made one: by a common subject, as descriptions of one thing, or with a conjunction."""
    first, kind = random_clause(rng, lexicon), rng.random()
    if kind < 0.4:
        return _with_a_common_subject(first, rng, lexicon)
    return _descriptions_joined(rng) if kind < 0.6 else _with_a_conjunction(first, kind < 0.8, rng, lexicon)


def _with_a_common_subject(first: Clause, rng: random.Random, lexicon: Lexicon) -> str:
    second = replace(random_clause(rng, lexicon), subject=first.subject, tense=first.tense)
    joined = f"{first.say()[:-1]} and {second.say()[len(first.subject.text) + 1 :]}"
    return f"{first.say()} {second.say()}\nJoined: {joined}"


def _descriptions_joined(rng: random.Random) -> str:
    thing, pairs = _thing_to_describe(rng)
    one, other = (rng.choice(pair) for pair in rng.sample(pairs, 2))
    described = f"{capital(thing.text)} {be('present', thing)}"
    return f"{described} {one}. {described} {other}.\nJoined: {described} {one} and {other}."


def _with_a_conjunction(first: Clause, between: bool, rng: random.Random, lexicon: Lexicon) -> str:
    """The conjunction stands between the sentences or before them."""
    tense, conjunction = rng.choice(("present", "past")), rng.choice(CONJUNCTIONS)
    first, second = (replace(clause, tense=tense) for clause in (first, random_clause(rng, lexicon)))
    if between:
        how, joined = f"Joined with '{conjunction}'", f"{first.say()[:-1]} {conjunction} {within(second)}"
    else:
        conjunction = capital(conjunction)
        how, joined = f"Beginning with '{conjunction}'", f"{conjunction} {within(first)[:-1]}, {within(second)}"
    return f"{first.say()} {second.say()}\n{how}: {joined}"


def within(clause: Clause) -> str:
    """The clause as it is said within a sentence."""
    return clause.say() if clause.subject.text in NAMES else uncapital(clause.say())


def request_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A command, how it is said politely, and its contrary."""
    verbs, things = rng.choice(lexicon.actions)
    action = f"{rng.choice(verbs).base} {_noun_phrase(rng, things, lexicon.adjectives).text}"
    polite = rng.choice((f"Could you please {action}?", f"Would you please {action}?", f"Please {action}."))
    lines = [f"Politely: {polite}", f"Negative: Do not {action}.", f"As a statement: You must {action}."]
    return "\n".join([f"{capital(action)}.", *rng.sample(lines, 2)])


def _thing_to_describe(rng: random.Random) -> tuple[NounPhrase, list[list[str]]]:
    """A thing, and the pairs of opposites that can be said of it."""
    things, pairs = rng.choice(list(OPPOSITES.items()))
    return _noun_phrase(rng, [Noun.counted(word) for word in words(things)]), [pair.split("/") for pair in words(pairs)]


def possession_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """Whose a thing is, said with `of` and with an apostrophe."""
    thing = rng.choice(rng.choice(lexicon.actions)[1]).singular
    owner = _noun_phrase(rng, lexicon.people, lexicon.adjectives)
    mark = "'" if owner.text.endswith("s") else "'s"
    return f"the {thing} of {owner.text}\nWith an apostrophe: {owner.text}{mark} {thing}"


def opposite_drill(rng: random.Random, lexicon: Lexicon) -> str:
    """A description and its opposite."""
    thing, pairs = _thing_to_describe(rng)
    one, other = rng.sample(rng.choice(pairs), 2)
    described = f"{capital(thing.text)} {be(rng.choice(('present', 'past')), thing)}"
    return f"{described} {one}.\nThe opposite: {described} {other}.\nHere the opposite of '{one}' is '{other}'."

"""Who does what to what: the people, deeds and sentences of the tasks in which something is to be written."""

import random
from collections.abc import Sequence

from drill_words import NAMES, PLACES, Lexicon, words
from english_words import Noun, Verb
from grammar_drills import Clause, NounPhrase
from workbook.writing_tables import SURNAMES

BAD_DEEDS = words(  # that one apologizes for, and thanks nobody for
    "forget waste lose hide burn break damage destroy drop throw steal chase cancel delay spoil ruin spill tear smash "
    "crack scratch stain neglect ignore offend insult miss hurt disturb scare hit"
)


def random_person(
    rng: random.Random, lexicon: Lexicon, determiners: Sequence[str] = ("the", "the", "my", "our")
) -> NounPhrase:
    """One of the people: `my teacher`."""
    noun = rng.choice(lexicon.people)
    return NounPhrase(f"{rng.choice(determiners)} {noun.singular}", pronoun=rng.choice(noun.pronouns))


def random_action(rng: random.Random, lexicon: Lexicon) -> tuple[Verb, Noun]:
    """Something that one does, and what one does it to."""
    verbs, things = rng.choice(lexicon.actions)
    return rng.choice(verbs), rng.choice(things)


def random_deed(rng: random.Random, lexicon: Lexicon, bad: bool) -> tuple[Verb, Noun]:
    """An action that one is sorry for, if there is such a verb, or that one is not sorry for."""
    fitting = [
        ([verb for verb in verbs if (verb.base in BAD_DEEDS) == bad], things) for verbs, things in lexicon.actions
    ]
    verbs, things = rng.choice([row for row in fitting if row[0]] or lexicon.actions)
    return rng.choice(verbs), rng.choice(things)


def random_thing(rng: random.Random, lexicon: Lexicon) -> Noun:
    """A thing with a plural; of people one does not say that they are expensive."""
    people = {noun.singular for noun in lexicon.people}
    while not (noun := random_action(rng, lexicon)[1]).plural or noun.singular in people:
        pass
    return noun


def simple_clause(rng: random.Random, lexicon: Lexicon, tense: str = "past", place_share: float = 0.4) -> Clause:
    """Somebody does something to a thing."""
    verb, thing = random_action(rng, lexicon)
    adverbial = rng.choice(PLACES) if rng.random() < place_share else ""
    return Clause(random_person(rng, lexicon), verb, NounPhrase(f"the {thing.singular}"), adverbial, tense)


def random_full_name(rng: random.Random, person: Noun) -> str:
    """First and last name of such a person."""
    return f"{rng.choice([name for name in NAMES if NAMES[name] in person.pronouns])} {rng.choice(SURNAMES)}"


def random_name(rng: random.Random) -> str:
    """A first name."""
    return rng.choice(list(NAMES))

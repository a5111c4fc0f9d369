"""Tasks of a workbook with names of places and people."""

import random
import re

from english_words import capital
from workbook.tasks import Task, worded
from workbook.vocabulary import Vocabulary, indefinite


def capital_city(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The capital of a country, or the country of a capital."""
    city, country = rng.choice(vocabulary.capitals)
    the = "the " if re.search("Republic|United|Philippines|Netherlands|Bahamas|Maldives", country) else ""
    by_city = worded(rng, (
        "Which country is {text} the capital of?", "Name the country with this capital.",
        "Of which country is {text} the capital?",
        "This is a capital. Of which country?", "To which country does this capital belong?",
        "Which country has {text} as its capital?",
    ), city, f"{city} is the capital of {the}{country}.")  # fmt: skip
    by_country = worded(rng, (
        "Which city is the capital of {text}?", "Name the capital of {text}.", "What is the capital called?",
        "State the capital of {text}.", "Which city is this country's capital?", "What is the capital city of {text}?",
    ), f"{the}{country}", f"The capital of {the}{country} is {city}.")  # fmt: skip
    return rng.choice((by_city, by_country._replace(text=capital(by_country.text))))


def place(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What and where a place is."""
    name, text = rng.choice(list(vocabulary.places.items()))
    return worded(rng, (
        "Where is {text}?", "Say where this is.", "What and where is {text}?", "What is {text}?",
        "Where on the map is this?",
        "Tell me where {text} is.", "In which part of the world is this?", "What do you know about this place?",
    ), name, f"{name} is {text}.")  # fmt: skip


def person(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Who somebody was."""
    someone = rng.choice(vocabulary.people)
    return worded(rng, (
        "Who was {text}?", "Say who this was.", "What was {text} known as?", "Tell me who {text} was.",
        "Who was this person?",
        "State in a sentence who {text} was.", "What did {text} do for a living?",
        "Write a sentence about this person.",
    ), someone.name, someone.sentence)  # fmt: skip


def person_of(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Somebody of a nation and a profession."""
    someone = rng.choice(vocabulary.people)
    what = indefinite(f"{someone.nation} {someone.profession}")
    return worded(rng, (
        "Name {what}.", "Who was {what}?", "Think of {what}.", "Give the name of {what}.",
        "Mention {what} of the past.", "Which person of the past was {what}?",
    ), "", f"{someone.name} was {what}.", what=what)  # fmt: skip


def life_dates(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """When somebody was born and died."""
    someone = rng.choice(vocabulary.people)
    return worded(rng, (
        "When did {text} live?", "Give the years of birth and death.", "When was {text} born, and when did {text} die?",
        "In which years was this person born and buried?", "State when {text} lived.", "When did this person live?",
    ), someone.name, f"{someone.name} was born in {someone.born} and died in {someone.died}.")  # fmt: skip

"""What the computed entries ask about, and the answers.

Every function returns the values that an entry's templates are filled with. Where numbers are drawn, it returns a
`Draw` that does so when it is given a random generator. Texts are given, so nothing is left to draw.
"""

import math
import random
from calendar import day_name, isleap, month_name, monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Concatenate, ParamSpec

P = ParamSpec("P")

Values = dict[str, object]
Draw = Callable[[random.Random], Values]
Bounds = tuple[int, int]  # smallest and largest number that may be drawn
Unit = tuple[str, str]  # singular and plural

VOWELS = "aeiou"
HOURS: Unit = ("hour", "hours")
MINUTES: Unit = ("minute", "minutes")


def drawn(function: Callable[Concatenate[random.Random, P], Values]) -> Callable[P, Draw]:
    """Let a function take its settings now and the random generator later."""

    @wraps(function)
    def with_settings(*settings: P.args, **named: P.kwargs) -> Draw:
        return lambda rng: function(rng, *settings, **named)

    return with_settings


# Arithmetic


@drawn
def calculation(rng: random.Random, operation: Callable[..., object], *bounds: Bounds) -> Values:
    """Return whole numbers a, b, c, ... and the operation's result for them."""
    operands = [rng.randint(*limits) for limits in bounds]
    return dict(zip("abcd", operands, strict=False)) | {"answer": operation(*operands)}


@drawn
def division(rng: random.Random, quotients: Bounds, divisors: Bounds) -> Values:
    """Return numbers a and b of which b divides a, and a / b."""
    answer, b = rng.randint(*quotients), rng.randint(*divisors)
    return {"a": answer * b, "b": b, "answer": answer}


@drawn
def claim(rng: random.Random, operation: Callable[..., int], error: int, *bounds: Bounds) -> Values:
    """Return a calculation whose claimed result is `error` too large."""
    values = calculation(operation, *bounds)(rng)
    return values | {"claim": values["answer"] + error}


# Lists of numbers


@drawn
def numbers(rng: random.Random, count: int, bounds: Bounds, answer: Callable[[list[int]], object]) -> Values:
    """Return a list of different numbers and what `answer` makes of it."""
    low, high = bounds
    chosen = rng.sample(range(low, high + 1), count)
    return {"list": joined(chosen), "answer": answer(chosen)}


@drawn
def ordered_numbers(
    rng: random.Random, count: int, bounds: Bounds, descending: bool = False, divide_by: int = 1
) -> Values:
    """Return a list of different numbers out of order and the same list in order."""
    low, high = bounds
    in_order = [Decimal(n) / divide_by for n in sorted(rng.sample(range(low, high + 1), count), reverse=descending)]
    return {"list": joined(out_of_order(in_order, rng)), "answer": joined(in_order)}


def out_of_order(items: Sequence[object], rng: random.Random) -> list[object]:
    """Shuffle the items into any order but the given one."""
    shuffled = list(items)
    while shuffled == list(items):
        rng.shuffle(shuffled)
    return shuffled


def joined(items: Sequence[object], last: str = ", ") -> str:
    """Join the items with commas, the last one with `last`."""
    texts = [str(item) for item in items]
    return last.join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


@drawn
def whole_mean(rng: random.Random, count: int, bounds: Bounds, last: str = ", ") -> Values:
    """Return different numbers whose mean is a whole number, and the mean."""
    low, high = bounds
    while True:
        chosen = rng.sample(range(low, high + 1), count)
        if sum(chosen) % count == 0:
            return {"list": joined(chosen, last), "answer": sum(chosen) // count}


@drawn
def most_frequent(rng: random.Random, count: int, bounds: Bounds) -> Values:
    """Return a list in which one number stands three times and the others once."""
    low, high = bounds
    answer, *others = rng.sample(range(low, high + 1), count)
    return {"list": joined(out_of_order([answer] * 3 + others, rng)), "answer": answer}


# Lists of words


@drawn
def ordered_words(
    rng: random.Random, words: str, key: Callable[[str], object] | None = None, descending: bool = False
) -> Values:
    """Return the comma-separated words out of order, in order, and the first of them in order."""
    in_order = sorted(words.split(", "), key=key, reverse=descending)
    shuffled = out_of_order(in_order, rng)
    return {
        "list": joined(shuffled),
        "and_list": joined(shuffled, ", and "),
        "answer": joined(in_order),
        "first": in_order[0],
    }


def last_name(name: str) -> str:
    """Return the last word of a person's name."""
    return name.split()[-1]


# Letters and words of a text


def word_facts(word: str) -> Values:
    """Return a word's letters counted, sorted, reversed and spelled."""
    vowels = sum(letter in VOWELS for letter in word)
    return {
        "word": word,
        "letters": len(word),
        "vowels": vowels,
        "consonants": len(word) - vowels,
        "sorted": joined(sorted(word), ", and "),
        "backward": word[::-1],
        "spelled": "-".join(word.upper()),
    }


def letter_in_word(letter: str, word: str) -> Values:
    """Return how often the letter stands in the word."""
    return {"letter": letter, "word": word, "answer": word.count(letter)}


def one_of(first: str, second: str, choose: Callable[[str, str], str]) -> Values:
    """Return two words and the one that `choose` prefers."""
    return {"x": first, "y": second, "answer": choose(first, second)}


def words_where(words: str, condition: Callable[[str], bool]) -> Values:
    """Return the comma-separated words, and how many there are that meet the condition."""
    return {"list": words, "answer": sum(map(condition, words.split(", ")))}


def letters_between(first: str, last: str) -> Values:
    """Return how many letters of the alphabet run from the first to the last, both counted."""
    return {"x": first, "y": last, "answer": ord(last) - ord(first) + 1}


def text_facts(text: str) -> Values:
    """Return a text's words, sentences, commas and capitals counted, and its longest word."""
    words = [word.strip(",.!?") for word in text.split()]
    longest = max(words, key=len)
    return {
        "text": text,
        "words": len(words),
        "ands": words.count("and"),
        "sentences": sum(text.count(mark) for mark in ".!?"),
        "commas": text.count(","),
        "capitals": sum(character.isupper() for character in text),
        "longest": longest,
        "letters": len(longest),
    }


# Reversed and recased texts


def rewritten(text: str, rewrite: Callable[[str], str]) -> Values:
    """Return a text and its rewritten form."""
    return {"text": text, "answer": rewrite(text)}


def words_reversed(text: str) -> str:
    """Return the words of a text from last to first."""
    return " ".join(reversed(text.split()))


def items_reversed(text: str) -> str:
    """Return the comma-separated items of a list from last to first."""
    return ", ".join(reversed(text.split(", ")))


def ends_swapped(text: str) -> str:
    """Return the text with its first and last word exchanged."""
    first, *middle, last = text.split()
    return " ".join([last, *middle, first])


def words_capitalized(text: str) -> str:
    """Return the text with a capital letter at the start of every word."""
    return " ".join(word.capitalize() for word in text.split())


def first_letter_capitalized(text: str) -> str:
    """Return the text with its first letter in uppercase and the rest as it is."""
    return text[0].upper() + text[1:]


@drawn
def reversed_digits(rng: random.Random, count: int) -> Values:
    """Return a number of different digits, none of them zero, and the digits from last to first."""
    digits = rng.sample("123456789", count)
    return {"number": "".join(digits), "answer": "".join(reversed(digits))}


# Units


@drawn
def conversion(rng: random.Random, factor: str, bounds: Bounds, divide_by: int = 1) -> Values:
    """Return an amount, in steps of 1 / divide_by, and the amount times the exact factor."""
    amount = Decimal(rng.randint(*bounds)) / divide_by
    return {"a": amount, "answer": amount * Decimal(factor)}


@drawn
def conversion_back(rng: random.Random, factor: str, bounds: Bounds, divide_by: int = 1) -> Values:
    """Return an amount of the smaller unit and how many of the larger unit it makes."""
    values = conversion(factor, bounds, divide_by)(rng)
    return {"a": values["answer"], "answer": values["a"]}


@drawn
def temperature(rng: random.Random, fives: Bounds) -> Values:
    """Return a temperature in degrees Celsius (a multiple of five), in degrees Fahrenheit and in kelvins."""
    celsius = 5 * rng.randint(*fives)
    return {"celsius": celsius, "fahrenheit": celsius * 9 // 5 + 32, "kelvin": celsius + Decimal("273.15")}


def in_two_units(total: int, size: int, large: Unit, small: Unit) -> str:
    """Return an amount in two units, a part that is zero left out: 2 hours and 1 minute."""
    parts = zip(divmod(total, size), (large, small), strict=True)
    return " and ".join(f"{number} {unit[number != 1]}" for number, unit in parts if number)


@drawn
def two_units(rng: random.Random, size: int, large: Unit, small: Unit, bounds: Bounds) -> Values:
    """Return an amount of the small unit, alone and split into large and small units."""
    total = rng.randint(*bounds)
    return {"total": total, "split": in_two_units(total, size, large, small)}


# Dates and times


def clock(minutes: int) -> str:
    """Return minutes after midnight as a time of day: 4:05 PM."""
    hour, minute = divmod(minutes % (24 * 60), 60)
    return f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"


@drawn
def time_span(rng: random.Random, earliest_hour: int, latest_hour: int, fives: Bounds) -> Values:
    """Return a start, an end a multiple of five minutes later, and the time between, in minutes and in words."""
    start = rng.randrange(earliest_hour * 60, latest_hour * 60, 5)
    minutes = 5 * rng.randint(*fives)
    length = in_two_units(minutes, 60, HOURS, MINUTES)
    return {"start": clock(start), "end": clock(start + minutes), "minutes": minutes, "length": length}


@drawn
def time_of_day(rng: random.Random, earliest_hour: int, latest_hour: int) -> Values:
    """Return a time on the 12-hour and on the 24-hour clock."""
    minutes = rng.randrange(earliest_hour * 60, latest_hour * 60)
    return {"time": clock(minutes), "time24": f"{minutes // 60:02}:{minutes % 60:02}"}


@drawn
def times_in_order(rng: random.Random, count: int) -> Values:
    """Return times of a day out of order and in order."""
    in_order = [clock(5 * n) for n in sorted(rng.sample(range(6 * 12, 22 * 12), count))]
    return {"list": joined(out_of_order(in_order, rng)), "answer": joined(in_order)}


@drawn
def weekday_shift(rng: random.Random, days: Bounds) -> Values:
    """Return a day of the week and the one that a number of days later it will be, or earlier it was."""
    today, shift = rng.randrange(7), rng.randint(*days)
    later, earlier = day_name[(today + shift) % 7], day_name[(today - shift) % 7]
    return {"today": day_name[today], "days": shift, "later": later, "earlier": earlier}


@drawn
def date_span(rng: random.Random, days: Bounds) -> Values:
    """Return two dates after February, so that the year does not matter, and the days from one to the other."""
    start = date(2023, 3, 1) + timedelta(rng.randrange(240))
    between = rng.randint(*days)
    return {"start": long_date(start), "end": long_date(start + timedelta(between)), "days": between}


def long_date(day: date, with_year: bool = False) -> str:
    """Return a date as March 5 or March 5, 1998."""
    text = f"{month_name[day.month]} {day.day}"
    return f"{text}, {day.year}" if with_year else text


@drawn
def date_with_year(rng: random.Random) -> Values:
    """Return a date and a later one in words, and the first one in digits."""
    day = date(1950, 1, 1) + timedelta(rng.randrange(70 * 365))
    later = day + timedelta(rng.randint(200, 500))
    return {"long": long_date(day, True), "digits": day.strftime("%m/%d/%Y"), "later": long_date(later, True)}


@drawn
def year_where(rng: random.Random, years: Bounds, leap: bool) -> Values:
    """Return a year that is, or is not, a leap year."""
    low, high = years
    return {"year": str(rng.choice([year for year in range(low, high + 1) if isleap(year) == leap]))}


def leap_years(first: int, last: int) -> Values:
    """Return how many leap years there are from the first to the last year, both counted."""
    return {"first": str(first), "last": str(last), "answer": sum(map(isleap, range(first, last + 1)))}


@drawn
def month_after(rng: random.Random, months: Bounds) -> Values:
    """Return a month and the one that follows a number of months later."""
    start, shift = rng.randrange(12), rng.randint(*months)
    return {"month": month_name[start + 1], "shift": shift, "answer": month_name[(start + shift) % 12 + 1]}


@drawn
def days_of_month(rng: random.Random) -> Values:
    """Return a month other than February and its number of days."""
    month = rng.randint(3, 12)
    return {"month": month_name[month], "answer": monthrange(2023, month)[1]}


@drawn
def age(rng: random.Random, born: Bounds, years: Bounds) -> Values:
    """Return a year of birth, a later year, and the age reached in it."""
    birth, answer = rng.randint(*born), rng.randint(*years)
    return {"born": str(birth), "year": str(birth + answer), "answer": answer}


# Properties of numbers


@drawn
def number_where(rng: random.Random, bounds: Bounds, condition: Callable[[int], bool]) -> Values:
    """Return a number that meets the condition."""
    low, high = bounds
    return {"n": rng.choice([n for n in range(low, high + 1) if condition(n)])}


def is_prime(number: int) -> bool:
    """Tell whether the number is prime."""
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def next_prime(number: int) -> int:
    """Return the smallest prime above the number."""
    number += 1
    while not is_prime(number):
        number += 1
    return number


def digit_sum(number: int) -> int:
    """Return the sum of the number's digits."""
    return sum(map(int, str(number)))


def factors(number: int) -> str:
    """List the divisors of the number."""
    return joined([divisor for divisor in range(1, number + 1) if number % divisor == 0], ", and ")


@drawn
def one_prime(rng: random.Random, count: int, bounds: Bounds) -> Values:
    """Return a list of odd numbers of which exactly one is prime."""
    low, high = bounds
    odd = range(low | 1, high + 1, 2)
    prime = rng.choice([n for n in odd if is_prime(n)])
    others = rng.sample([n for n in odd if not is_prime(n)], count - 1)
    return {"list": joined(sorted([prime, *others])), "answer": prime}


@drawn
def sequence(rng: random.Random, step: Callable[[int], int], start: Bounds) -> Values:
    """Return the first four terms of a sequence and the fifth."""
    terms = [rng.randint(*start)]
    while len(terms) < 5:
        terms.append(step(terms[-1]))
    return {"list": joined(terms[:4]), "answer": terms[4]}


@drawn
def numbers_picked(rng: random.Random, count: int, bounds: Bounds, remainder: int) -> Values:
    """Return a list, half of it odd and half even, and the numbers with the remainder (0 even, 1 odd) in list order."""
    low, high = bounds
    odd, even = (rng.sample(range(start, high + 1, 2), count // 2) for start in (low | 1, low + low % 2))
    chosen = odd + even
    rng.shuffle(chosen)
    return {"list": joined(chosen), "answer": joined([number for number in chosen if number % 2 == remainder])}


@drawn
def roman(rng: random.Random, bounds: Bounds) -> Values:
    """Return a number and its Roman numeral."""
    number = rng.randint(*bounds)
    return {"n": number, "roman": roman_numeral(number)}


def roman_numeral(number: int) -> str:
    """Return the Roman numeral of a number below 400."""
    signs = {100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}
    numeral = ""
    for value, sign in signs.items():
        times, number = divmod(number, value)
        numeral += sign * times
    return numeral


@drawn
def two_multiples(rng: random.Random, divisor: Bounds, multipliers: tuple[int, int]) -> Values:
    """Return two numbers that share a divisor, their greatest common divisor and least common multiple."""
    shared = rng.randint(*divisor)
    a, b = (shared * multiplier for multiplier in multipliers)
    return {"a": a, "b": b, "gcd": math.gcd(a, b), "lcm": math.lcm(a, b)}


# Percentages


@drawn
def percentage(rng: random.Random, percents: Sequence[int], wholes: Sequence[int]) -> Values:
    """Return a percentage, a whole and the part, a whole number; with the whole increased and reduced by it."""
    percent = rng.choice(percents)
    whole = rng.choice([whole for whole in wholes if whole * percent % 100 == 0])
    part = whole * percent // 100
    return {"percent": percent, "whole": whole, "part": part, "more": whole + part, "less": whole - part}


@drawn
def fraction(rng: random.Random, denominators: Sequence[int]) -> Values:
    """Return a fraction in lowest terms, as a percentage and as a decimal."""
    below = rng.choice(denominators)
    above = rng.choice([n for n in range(1, below) if math.gcd(n, below) == 1])
    percent = Decimal(100 * above) / below
    return {"fraction": f"{above}/{below}", "percent": percent, "decimal": percent / 100}

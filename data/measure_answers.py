"""Entries about units, dates and times: what they ask, and the answers.

Every function returns the values that an entry's templates are filled with. Where numbers are drawn, it returns a
`Draw` that does so when it is given a random generator.
"""

import random
from calendar import day_name, isleap, month_name, monthrange
from datetime import date, timedelta
from decimal import Decimal

from draws import Bounds, Values, drawn, joined, out_of_order

Unit = tuple[str, str]  # singular and plural

HOURS: Unit = ("hour", "hours")
MINUTES: Unit = ("minute", "minutes")


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

"""A second opinion on the computed entries: reads the question, works the answer out and compares.

Nothing here is shared with the generator. A rule is a regular expression with placeholders in braces and a function
of what they stand for. Exactly one rule must match a question (the instruction, a line break, the input).
"""

import re
from calendar import day_name, month_name
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from statistics import mean, median, mode

Entry = dict[str, str]
Answer = object  # a number, a text, or a tuple of them
Rules = dict[str, Callable[..., Answer]]

MONTHS = list(month_name)[1:]
WEEKDAYS = list(day_name)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
SHORT_MONTHS = ("April", "June", "September", "November")
TENS = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"]
ONES = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

# Every unit in terms of one unit of its dimension.
METERS = {"millimeters": "0.001", "centimeters": "0.01", "meters": "1", "kilometers": "1000", "inches": "0.0254",
          "feet": "0.3048", "yards": "0.9144", "miles": "1609.344"}  # fmt: skip
GRAMS = {"grams": "1", "kilograms": "1000", "ounces": "28.349523125", "pounds": "453.59237", "tons": "907184.74"}
CUPS = {"cups": "1", "pints": "2", "quarts": "4", "gallons": "16"}
LITERS = {"milliliters": "0.001", "liters": "1"}
SECONDS = {"seconds": "1", "minutes": "60", "hours": "3600", "days": "86400", "weeks": "604800"}
CALENDAR = {"months": "1", "years": "12"}
DIMENSIONS = (METERS, GRAMS, CUPS, LITERS, SECONDS, CALENDAR)


# Reading


def read_number(text: str) -> int | Fraction:
    """Read a number with or without thousands separators and decimals."""
    number = Fraction(text.replace(",", ""))
    return int(number) if number.denominator == 1 else number


def read_list(text: str) -> list[str]:
    """Read the items of a list such as 'a, b, and c'."""
    return re.split(r",(?: and)? ", text)


def read_sum(text: str) -> int:
    """Work out an expression of whole numbers, +, -, x and brackets."""
    return eval(text.replace("x", "*"), {"__builtins__": {}})  # the placeholder admits nothing but arithmetic


def read_date(text: str) -> date:
    """Read a date with or without a year; without one, the year has no February 29."""
    return datetime.strptime(text if "," in text else f"{text}, 2023", "%B %d, %Y").date()


def read_roman(text: str) -> int:
    """Read a Roman numeral: a sign before a larger one is subtracted."""
    values = [ROMAN[sign] for sign in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def read_time(text: str) -> datetime:
    """Read a time of day on the 12-hour or the 24-hour clock."""
    return datetime.strptime(text, "%I:%M %p" if text.endswith("M") else "%H:%M")


PLACEHOLDERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "n": (r"(?<![\w.,])-?\d+(?:,\d{3})*(?:\.\d+)?", read_number),
    "digits": (r"\d+", str),
    "quoted": (r"'[^']+'", lambda text: text.strip("'")),
    "text": (r".+", str),
    "unit": (r"[a-z]+s|feet", str),
    "list": (r".+", read_list),
    "sum": (r"[\d(][\d +\-x()]*[\d)]", read_sum),
    "date": (rf"(?:{'|'.join(MONTHS)}) \d+(?:, \d{{4}})?", read_date),
    "month": ("|".join(MONTHS), str),
    "day": ("|".join(WEEKDAYS), str),
    "time": (r"\d+:\d\d(?: [AP]M)?", read_time),
    "roman": (r"[IVXLC]+", read_roman),
}


def compiled(rule: str) -> re.Pattern[str]:
    """Compile a rule; a placeholder becomes a group that carries its name and its place."""
    parts = re.split(r"\{(\w+)\}", rule)
    names = parts[1::2]
    parts[1::2] = [f"(?P<{name}_{place}>{PLACEHOLDERS[name][0]})" for place, name in enumerate(names)]
    return re.compile("".join(parts), re.DOTALL)


def operands(match: re.Match[str]) -> list[object]:
    """Read what the placeholders of a rule stand for."""
    return [PLACEHOLDERS[group.rsplit("_", 1)[0]][1](text) for group, text in match.groupdict().items()]


# Writing


def shown(answer: Answer) -> str:
    """Write a number as the entries do; a text stays as it is."""
    if isinstance(answer, int | Fraction):
        exact = Decimal(answer.numerator) / Decimal(answer.denominator)
        text = f"{exact:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(answer)


def listed(items: list[object]) -> str:
    """Write a list within a sentence."""
    return ", ".join(map(str, items[:-1])) + f", and {items[-1]}"


def quoted(word: str) -> str:
    """Write a word that is talked about."""
    return f"'{word}'"


def clock_12(time: datetime) -> str:
    """Write a time of day as 4:05 PM."""
    return time.strftime("%I:%M %p").lstrip("0")


def clock_24(time: datetime) -> str:
    """Write a time of day as 16:05."""
    return time.strftime("%H:%M")


def day_and_month(day: date) -> str:
    """Write a date without its year."""
    return f"{MONTHS[day.month - 1]} {day.day}"


def parts(total: int, size: int, units: tuple[str, str]) -> str:
    """Write an amount in two units, leaving out what is zero and the plural s after one."""
    numbers = (total // size, total % size)
    return " and ".join(f"{n} {unit if n > 1 else unit[:-1]}" for n, unit in zip(numbers, units, strict=True) if n)


# Working out


def convert(amount: int | Fraction, unit: str, target: str) -> str:
    """Convert an amount from one unit to another of the same dimension."""
    dimension = next(units for units in DIMENSIONS if unit in units and target in units)
    return f"{shown(amount * Fraction(dimension[unit]) / Fraction(dimension[target]))} {target}"


def fahrenheit(celsius: int) -> str:
    """Convert a temperature to degrees Fahrenheit."""
    return f"{shown(celsius * Fraction(9, 5) + 32)} degrees Fahrenheit"


def celsius(fahrenheit: int) -> str:
    """Convert a temperature to degrees Celsius, without naming the scale."""
    return f"{shown((fahrenheit - 32) * Fraction(5, 9))} degrees"


def later(day: str, days: int) -> str:
    """Return the day of the week a number of days later."""
    return WEEKDAYS[(WEEKDAYS.index(day) + days) % 7]


def duration(start: datetime, end: datetime) -> str:
    """Write the time from start to end in hours and minutes."""
    return parts((end - start).seconds // 60, 60, ("hours", "minutes"))


def leap(year: int) -> bool:
    """Tell whether a year is a leap year of the Gregorian calendar."""
    return year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)


def divisors(number: int) -> list[int]:
    """List the divisors of a number."""
    return [n for n in range(1, number + 1) if number % n == 0]


def prime(number: int) -> bool:
    """Tell whether a number has no divisors but one and itself."""
    return divisors(number) == [1, number]


def count(letters: str, word: str) -> int:
    """Count the letters of a word that are among the given ones."""
    return len(re.findall(f"[{letters}]", word))


def words(text: str) -> list[str]:
    """List the words of a text."""
    return re.findall(r"[A-Za-z]+", text)


def yes(is_so: bool) -> str:
    """Answer a yes-or-no question."""
    return "Yes" if is_so else "No"


def verdict(is_so: bool, positive: str, negative: str) -> tuple[str, str]:
    """Answer a yes-or-no question with the words that must follow."""
    return ("Yes", positive) if is_so else ("No", negative)


def continued(terms: list[int]) -> int:
    """Continue a sequence of equal differences or equal ratios."""
    *_, before, last = terms
    steps = {b - a for a, b in pairwise(terms)}
    return last + steps.pop() if len(steps) == 1 else last * last // before


def ints(items: Iterable[str]) -> list[int]:
    """Read the items of a list as whole numbers."""
    return [int(item) for item in items]


def ordered(key: Callable[[str], object] = str, reverse: bool = False) -> Callable[[list[str]], str]:
    """Return a function that sorts a list and writes it."""
    return lambda items: ", ".join(sorted(items, key=key, reverse=reverse))


def backward(items: list[str]) -> str:
    """Write a list from last to first."""
    return ", ".join(items[::-1])


def capitalized(text: str) -> str:
    """Write every word with a capital letter."""
    return re.sub(r"\b[a-z]", lambda match: match[0].upper(), text)


# Questions whose whole output is the answer
EXACT_RULES: Rules = {
    r"Reply with the number only\.\n{sum}$": lambda total: total,
    r"numbers {list} from lowest to highest": ordered(read_number),
    r"biggest number, write down {list} in order": ordered(read_number, reverse=True),
    r"Rearrange {list} so that every number is smaller than the one before": ordered(read_number, reverse=True),
    r"years {list} from the most recent to the oldest": ordered(read_number, reverse=True),
    r"(?:smallest to largest|in ascending order|coldest to warmest)\.\n{list}$": ordered(read_number),
    r"in descending order\.\n{list}$": ordered(read_number, reverse=True),
    r"instruments {list} in alphabetical order": ordered(),
    r"from A to Z: {list}\.": ordered(),
    r"(?:the words alphabetically|names in alphabetical order|this shopping list)\.\n{list}$": ordered(),
    r"from Z to A\.\n{list}$": ordered(reverse=True),
    r"by their last names\.\n{list}$": ordered(lambda name: name.split()[1]),
    r"by their number of letters, fewest first: {list}\.": ordered(len),
    r"by length, with the shortest first\.\n{list}$": ordered(len),
    r"from the longest to the shortest\.\n{list}$": ordered(len, reverse=True),
    r"months {list} in calendar order": ordered(MONTHS.index),
    r"days {list} as they follow one another": ordered(WEEKDAYS.index),
    r"times of day into order, earliest first\.\n{list}$": ordered(read_time),
    r"warning {quoted} in capital letters": str.upper,
    r"entirely in uppercase\.\n{text}": str.upper,
    r"Change {quoted} to lowercase": str.lower,
    r"Convert the text to lowercase\.\n{text}": str.lower,
    r"title {quoted} look when every word starts with a capital": capitalized,
    r"name {quoted} with capital letters where they belong": capitalized,
    r"every word begins with a capital\.\n{text}": capitalized,
    r"Start the sentence with a capital letter.+\n{text}": lambda text: text[0].upper() + text[1:],
    r"words of the line {quoted} in reverse order": lambda text: " ".join(text.split()[::-1]),
    r"Reverse the order of the words\.\n{text}": lambda text: " ".join(text.split()[::-1]),
    r"colors in the opposite order: {list}\.": backward,
    r"items from last to first\.\n{list}$": backward,
    r"last letter comes first\.\n{text}": lambda word: word[::-1],
    r"hyphens between the letters\.\n{text}": lambda word: "-".join(word.upper()),
    r"Swap the first and the last word.+\n{text}": lambda text: re.sub(r"^(\w+)(.+?)(\w+)$", r"\3\2\1", text),
    r"even numbers from the list\.\n{list}$": lambda items: ", ".join(n for n in items if n[-1] in "02468"),
    r"only those numbers that are odd\.\n{list}$": lambda items: ", ".join(n for n in items if n[-1] in "13579"),
    r"form MM/DD/YYYY\.\n{date}": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
    r"given as MM/DD/YYYY.+\n{digits}/{digits}/{digits}": lambda m, d, y: f"{MONTHS[int(m) - 1]} {int(d)}, {y}",
}

ARITHMETIC_RULES: Rules = {
    r"What is {n} plus {n}\?": lambda a, b: a + b,
    r"Subtract {n} from {n}\.": lambda a, b: b - a,
    r"Multiply {n} by {n}": lambda a, b: a * b,
    r"How many times does {n} go into {n}\?": lambda a, b: Fraction(b, a),
    r"Double {n} and then add {n}\.": lambda a, b: a + a + b,
    r"What is half of {n}\?": lambda a: Fraction(a, 2),
    r"the square of {n}\.": lambda a: a**2,
    r"remainder when {n} is divided by {n}\.": lambda a, b: a - a // b * b,
    r"must be added to {n} to make {n}\?": lambda a, b: b - a,
    r"take away {n}, I am left with {n}\.": lambda a, b: a + b,
    r"{n} rolls in the morning and {n} in the afternoon": lambda a, b: a + b,
    r"{n} coaches with {n} seats each": lambda a, b: a * b,
    r"{n} pencils are shared equally among {n} pupils": lambda a, b: Fraction(a, b),
    r"has {n} stickers and gives {n} of them to her brother": lambda a, b: a - b,
    r"carries {n} passengers.+ {n} get off and {n} get on": lambda a, b, c: a - b + c,
    r"ticket costs {n} dollars, how much do {n} tickets cost": lambda a, b: a * b,
    r"{n} rows of {n} tulips": lambda a, b: a * b,
    r"Calculate {sum}\.": lambda total: total,
    r"(?:Evaluate the expression|doing the multiplication first)\.\n{sum}$": lambda total: total,
    r"rides {n} kilometers every day.+ in {n} days": lambda a, b: a * b,
    r"total of {list}\.": lambda items: sum(ints(items)),
    r"Add up the numbers\.\n{list}$": lambda items: sum(ints(items)),
    r"Take the smaller number away from the larger one\.\n{n} and {n}": lambda a, b: abs(a - b),
    r"product of the two numbers\.\n{n} and {n}": lambda a, b: a * b,
    r"Solve the equation for n\.\nn \+ {n} = {n}": lambda a, b: b - a,
    r"letter k stand for.+\n{n} x k = {n}": lambda a, b: Fraction(b, a),
    r"Check the addition.+\n{n} \+ {n} = {n}": lambda a, b, c: (a + b, "right" if a + b == c else "wrong"),
    r"true or false\.\n{sum} = {n}": lambda total, claimed: "true" if total == claimed else "false",
    r"collects {n} eggs and packs them in boxes of {n}\.": lambda a, b: Fraction(a, b),
    r"reads {n} pages a day.+ in {n} days": lambda a, b: a * b,
    r"{n} rows with {n} chairs": lambda a, b: a * b,
    r"rope {n} meters long is cut into pieces of {n} meters": lambda a, b: Fraction(a, b),
    r"__ \+ {n} = {n}": lambda a, b: b - a,
    r"Divide the first number by the second\.\n{n} and {n}": lambda a, b: Fraction(a, b),
    r"weighs {n} kilograms, and there are {n} bags": lambda a, b: a * b,
    r"{n} apples on the tree, and {n} of them have fallen": lambda a, b: a - b,
    r"By how much is the first number larger than the second\?\n{n} and {n}": lambda a, b: a - b,
    r"{n} sopranos, {n} altos, and {n} basses": lambda a, b, c: a + b + c,
}

WORD_AND_LIST_RULES: Rules = {
    r"comes first in alphabetical order, {quoted} or {quoted}\?": lambda *pair: quoted(sorted(pair)[0]),
    r"which of these words comes last: {list}\?": lambda items: quoted(sorted(items)[-1]),
    r"smallest of the numbers {list}\?": lambda items: min(ints(items)),
    r"largest number in the list\.\n{list}$": lambda items: max(ints(items)),
    r"letters of the word {quoted} in alphabetical order": lambda word: listed(sorted(word)),
    r"How many letters are there in the word {quoted}\?": lambda word: f"{len(word)} letters",
    r"Count the vowels in {quoted}\.": lambda word: f"{count('aeiou', word)} vowels",
    r"letter {quoted} appear in {quoted}\?": lambda letter, word: f"{count(letter, word)} times",
    r"letter {quoted} occurs in the word\.\n{text}": lambda letter, word: f"{count(letter, word)} times",
    r"consonants in the word {quoted}\.": lambda word: f"{count('^aeiou', word)} consonants",
    r"how many vowels and how many consonants the word {quoted} has": lambda word: (
        f"{count('aeiou', word)} vowels",
        f"{count('^aeiou', word)} consonants",
    ),
    r"How many words does the sentence {quoted} contain": lambda text: f"{len(words(text))} words",
    r"Count the words in the sentence\.\n{text}": lambda text: f"{len(words(text))} words",
    r"things are on this packing list: {list}\?": lambda items: f"{len(items)} things",
    r"number of items in the list\.\n{list}$": lambda items: f"{len(items)} items",
    r"guests will come to the dinner\?\n{list}$": lambda items: f"{len(items)} guests",
    r"has more letters, {quoted} or {quoted}\?": lambda a, b: quoted(a if len(a) > len(b) else b),
    r"words begin with the letter {quoted}: {list}\?": lambda letter, items: len([w for w in items if w[0] == letter]),
    r"greater than {n} in this list: {list}\.": lambda n, items: len([item for item in ints(items) if item > n]),
    r"alphabet from {quoted} to {quoted}, both included": lambda a, b: len(re.findall(f"[{a}-{b}]", ALPHABET)),
    r"word {quoted} used in this sentence\?\n{text}": lambda word, text: f"{words(text).count(word)} times",
    r"longest word and say how many letters.+\n{text}": lambda text: (
        quoted(sorted(words(text), key=len)[-1]),
        f"{max(map(len, words(text)))} letters",
    ),
    r"How many commas does the sentence have\?\n{text}": lambda text: f"{len(text.split(',')) - 1} commas",
    r"how many sentences there are.+\n{text}": lambda text: f"{len(re.split(r'(?<=[.!?]) ', text))} sentences",
    r"How many capital letters.+\n{text}": lambda text: f"{count('A-Z', text)} capital letters",
    r"how many of the numbers are even\.\n{list}$": lambda items: f"{len([i for i in items if i[-1] in '02468'])} even",
    r"exactly five letters\?\n{list}$": lambda items: len([item for item in items if len(item) == 5]),
    r"Spell the word {quoted} backward": lambda word: quoted(word[::-1]),
    r"reverse the letters of {quoted}\?": lambda word: quoted(word[::-1]),
    r"word {quoted} a palindrome\?": lambda word: yes(word == word[::-1]),
    r"reads the same from right to left\.\n{text}": lambda word: (
        yes(word == word[::-1]),
        quoted(word),
        quoted(word[::-1]),
    ),
    r"Reverse the digits of the number {digits}\.": lambda digits: digits[::-1],
}

UNIT_RULES: Rules = {
    r"(?:Convert|Express|Change|What is) {n} {unit} (?:to|in|into) {unit}[.?]": convert,
    r"How many {unit} are (?:there )?in {n} {unit}\?": lambda target, n, unit: convert(n, unit, target),
    r"{n} {unit} is how many {unit}\?": convert,
    r"{n} {unit} long\. How long is it in {unit}\?": convert,
    r"How many {unit} make {n} {unit}\?": lambda target, n, unit: convert(n, unit, target),
    r"needs {n} {unit} of stock\. How many {unit} is that": convert,
    r"how wide is a screen of {n} {unit} in {unit}\?": convert,
    r"How many {unit} of water does a bucket of {n} {unit} hold": lambda target, n, unit: convert(n, unit, target),
    r"Convert the length to {unit}\.\n{n} {unit}$": lambda target, n, unit: convert(n, unit, target),
    r"Give this weight in {unit}\.\n{n} {unit}$": lambda target, n, unit: convert(n, unit, target),
    r"Express the distance in {unit}, using.+\n{n} {unit}$": lambda target, n, unit: convert(n, unit, target),
    r"How many {unit} (?:is this|does this add up to)\?\n{n} {unit}$": lambda target, n, unit: convert(n, unit, target),
    r"State the volume in {unit}\.\n{n} {unit}$": lambda target, n, unit: convert(n, unit, target),
    r"from {unit} to {unit}\.\n{n} {unit}$": lambda source, target, n, unit: convert(n, source, target),
    r"Convert the amount to {unit}\..+\n{n} {unit}": lambda target, n, unit: convert(n, unit, target),
    r"Give the load in {unit}\..+\n.+ {n} {unit}": lambda target, n, unit: convert(n, unit, target),
    r"time in {unit} instead of {unit}\.\n.+ {n} {unit}": lambda target, source, n, unit: convert(n, unit, target),
    r"film lasts {n} minutes, how long is it in hours and minutes": lambda n: parts(n, 60, ("hours", "minutes")),
    r"inches only\.\n{n} feet and {n} inches": lambda feet, inches: f"{12 * feet + inches} inches",
    r"duration in minutes\.\n{n} hours and {n} minutes": lambda hours, minutes: f"{60 * hours + minutes} minutes",
    r"in weeks and days\.\n{n} days": lambda days: parts(days, 7, ("weeks", "days")),
    r"{n} degrees Celsius correspond to in Fahrenheit": fahrenheit,
    r"to degrees Fahrenheit\.\n{n} degrees Celsius": fahrenheit,
    r"{n} degrees Fahrenheit\. How warm is that in Celsius": lambda degrees: f"{celsius(degrees)} Celsius",
    r"Celsius thermometer show\?\n{n} degrees Fahrenheit": celsius,
    r"Convert to kelvins.+\n{n} degrees Celsius": lambda degrees: f"{shown(degrees + Fraction('273.15'))} kelvins",
}

DATE_AND_TIME_RULES: Rules = {
    r"How many days is it from {date} to {date}\?": lambda start, end: f"{(end - start).days} days",
    r"days from the first date to the second\.\n{date} and {date}": lambda start, end: f"{(end - start).days} days",
    r"What is the date {n} days after {date}\?": lambda days, day: day_and_month(day + timedelta(days)),
    r"borrowed on {date} for {n} days": lambda day, days: day_and_month(day + timedelta(days)),
    r"two dates is earlier\?\n{date} or {date}": lambda *days: f"{day_and_month(min(days))}, {min(days).year}",
    r"today is {day}, what day of the week will it be in {n} days": later,
    r"Today is {day}\. Which day of the week was it {n} days ago": lambda day, days: later(day, -days),
    r"day of the week that is meant\.\n{n} days after {day}": lambda days, day: later(day, days),
    r"Today is {day}, and the picnic is in {n} days": later,
    r"starts at {time} and lasts {n} minutes": lambda start, minutes: clock_12(start + timedelta(minutes=minutes)),
    r"{n} minutes before the time shown\?\n{time}": lambda minutes, end: clock_12(end - timedelta(minutes=minutes)),
    r"leaves at {time} and arrives at {time}": duration,
    r"opens at {time} and closes at {time}": duration,
    r"How is {time} written on the 24-hour clock": clock_24,
    r"Convert the time to the 24-hour clock\.\n{time}": clock_24,
    r"What time is {time} on a 12-hour clock": clock_12,
    r"24-hour time to a time with AM or PM\.\n{time}": clock_12,
    r"Is {n} a leap year\?": lambda year: verdict(leap(year), "is a", "is not a"),
    r"Did the year {n} have a February 29\?": lambda year: verdict(leap(year), "was a", "was not a"),
    r"whether the year was a leap year.+\n{n}": lambda year: "was a" if leap(year) else "was not a",
    r"leap years from {n} to {n}\.": lambda first, last: f"{sum(map(leap, range(first, last + 1)))} leap years",
    r"How many days are there in {month}\?": lambda month: 30 if month in SHORT_MONTHS else 31,
    r"Which month comes {n} months after {month}\?": lambda n, month: f"{(2 * MONTHS)[MONTHS.index(month) + n]} comes",
    r"born in {n}\. How old does she turn in {n}\?": lambda born, year: f"turns {year - born}",
}

NUMBER_RULES: Rules = {
    r"Is {n} an even or an odd number\?": lambda n: "odd" if n % 2 else "even",
    r"Would you call {n} a prime number\?": lambda n: verdict(prime(n), "is a", "is not a"),
    r"Which prime number is the first one after {n}\?": lambda n: next(m for m in range(n + 1, 2 * n) if prime(m)),
    r"One of these numbers is prime.+\n{list}$": lambda items: next(filter(prime, ints(items))),
    r"next in the sequence {list}\?": lambda items: continued(ints(items)),
    r"Continue the sequence with one more number\.\n{list}$": lambda items: continued(ints(items)),
    r"all the factors of {n}\.": lambda n: listed(divisors(n)),
    r"Write {n} as a Roman numeral": lambda n: TENS[n // 10] + ONES[n % 10],
    r"Roman numeral {roman} represent": lambda n: n,
    r"Change the Roman numeral to an ordinary number\.\n{roman}": lambda n: n,
    r"greatest common divisor of {n} and {n}\.": gcd,
    r"least common multiple\.\n{n} and {n}": lcm,
    r"first number is a multiple of the second\.\n{n} and {n}": lambda a, b: verdict(a % b == 0, "is a", "is not a"),
    r"digits of this number together\.\n{digits}": lambda digits: sum(ints(digits)),
    r"What is the average of {list}\?": lambda items: mean(ints(items)),
    r"sold {list} newspapers\. How many newspapers did it sell on average": lambda items: mean(ints(items)),
    r"mean of the numbers\.\n{list}$": lambda items: mean(ints(items)),
    r"average noon temperature of these days\.\n{list} degrees$": lambda items: f"{mean(ints(items))} degrees",
    r"median of the numbers {list}\.": lambda items: median(ints(items)),
    r"highest and the lowest value differ\?\n{list}$": lambda items: max(ints(items)) - min(ints(items)),
    r"Which value occurs most often\?\n{list}$": lambda items: mode(ints(items)),
    r"How much is {n} percent of {n}\?": lambda percent, whole: Fraction(percent * whole, 100),
    r"{n} of the {n} seats are taken": lambda part, whole: f"{shown(Fraction(100 * part, whole))} percent",
    r"cost {n} dollars is reduced by {n} percent": lambda price, percent: price * Fraction(100 - percent, 100),
    r"fraction {digits}/{digits} as a percentage": lambda a, b: f"{shown(Fraction(100 * int(a), int(b)))} percent",
    r"If {n} percent of the {n} children": lambda percent, whole: Fraction(percent * whole, 100),
    r"Increase the number.+\n{n}, {n} percent": lambda whole, percent: whole * Fraction(100 + percent, 100),
    r"{n} correct answers out of {n} questions": lambda right, of: f"{shown(Fraction(100 * right, of))} percent",
    r"fraction in lowest terms\.\n{n} percent": lambda percent: str(Fraction(percent, 100)),
    r"decimal as a percentage\.\n{n}$": lambda decimal: f"{shown(100 * decimal)} percent",
}


# Comparing

TEXT_RULES = ARITHMETIC_RULES | WORD_AND_LIST_RULES | UNIT_RULES | DATE_AND_TIME_RULES | NUMBER_RULES
EXACT = {compiled(rule): work_out for rule, work_out in EXACT_RULES.items()}
WITHIN_TEXT = {compiled(rule): work_out for rule, work_out in TEXT_RULES.items()}
RULES = EXACT | WITHIN_TEXT


def question_of(entry: Entry) -> str:
    """Return what the rules are matched with."""
    return f"{entry['instruction']}\n{entry['input']}"


def matches(entry: Entry) -> list[re.Match[str]]:
    """Return the matches of all the rules that recognise the question."""
    return [match for rule in RULES if (match := rule.search(question_of(entry)))]


def is_exact(entry: Entry) -> bool:
    """Tell whether the output must be the answer and nothing else."""
    return any(match.re in EXACT for match in matches(entry))


def mistake(entry: Entry) -> str | None:
    """Say what is wrong with an entry's output, None if nothing is."""
    (match,) = matches(entry)
    answer = RULES[match.re](*operands(match))
    required = [shown(part) for part in (answer if isinstance(answer, tuple) else (answer,))]
    output = entry["output"]
    if is_exact(entry):
        return None if output == required[0] else f"{output!r} should be {required[0]!r}"
    if missing := [phrase for phrase in required if not contains(output, phrase)]:
        return f"{output!r} should contain {missing}"
    invented = facts(output) - facts(question_of(entry)) - facts(" ".join(required))
    return f"{output!r} says {sorted(invented)}, which follows from nothing" if invented else None


def contains(text: str, phrase: str) -> bool:
    """Tell whether the phrase stands in the text, not as a part of a longer word or number."""
    return re.search(rf"(?<![\w.,-]){re.escape(phrase)}(?!\w|[.,]\d)", text) is not None


def facts(text: str) -> Counter[str]:
    """Count a text's numbers, days, months, Roman numerals and words in quotes: what a wrong answer would change."""
    return Counter(re.findall(rf"\d+(?:[.,:/]\d+)*|{'|'.join(MONTHS + WEEKDAYS)}|'\w+'|[AP]M|\b[IVXLC]{{2,}}\b", text))

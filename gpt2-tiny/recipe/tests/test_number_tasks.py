"""Tasks with numbers are answered rightly: here the answers are found again from what is asked."""

import random
import re
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import gcd, prod
from statistics import mean as mean_of

import pytest

from word_drills import UNITS
from workbook import number_tasks, quantity_tasks
from workbook.book import NUMBER_TASKS
from workbook.quantity_tasks import MONTHS, WEEKDAYS
from workbook.tasks import Task

SEEDS = range(200)
SIZES = {}
for _small, _large, _size in UNITS:
    SIZES.setdefault(_small, Fraction(1))
    SIZES[_large] = SIZES[_small] * _size
SINGULAR = {"inches": "inch", "feet": "foot", "centuries": "century"}
QUANTITY = re.compile(r"\d[\d,.]* [a-z]+(?: and \d+ [a-z]+)?")
VALUES = {
    "hundred": 100, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
ONE_OF_MANY = re.compile(
    r"(?<![\d.,:/-])1 "
    r"(?:\w*(?:second|minute|hour|day|week|month|year|dollar|cent|meter|gram|liter|number|thing|item)s|feet|inches)\b"
)
STORIES = {  # what a story tells or asks: what is done with its numbers
    r"altogether|together|found": lambda a, b: a + b,
    r"are left|is left|at school|How many more|the change": lambda a, b: abs(a - b),
    r"rows of|boxes with|of them cost|reads|in one hour|bags weigh": lambda a, b: a * b,
    r"in boxes of|How fast|cut into": lambda a, b: a / b,
    r"equally|does one ticket|How long does it need": lambda a, b: b / a,
    r"get off": lambda a, b, c: a - b + c,
}


def made(kind):
    return [kind(random.Random(seed)) for seed in SEEDS]


def asked(task):
    return f"{task.ask} {task.text}"


def numbers_of(text):
    return [Fraction(number) for number in re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))]


def last_number(task):
    return numbers_of(task.answer)[-1]


def is_prime(number):
    return number > 1 and not any(number % divisor == 0 for divisor in range(2, int(number)))


def minutes_of(text):
    """Every time of day in the text, in minutes after midnight."""
    found = re.findall(r"\b\d?\d:\d\d(?: [AP]M)?", text)
    times = [datetime.strptime(time, "%I:%M %p" if time.endswith("M") else "%H:%M") for time in found]
    return [60 * time.hour + time.minute for time in times]


def amount(text):
    """What quantities such as '2 hours and 5 minutes' add up to in their smallest unit."""
    parts = re.findall(r"([\d.,]*\d) ([a-z]+)", text)
    units = [SINGULAR.get(unit, unit.removesuffix("s")) for _, unit in parts]
    return sum(Fraction(count.replace(",", "")) * SIZES[unit] for (count, _), unit in zip(parts, units, strict=True))


@pytest.mark.parametrize("kind", NUMBER_TASKS, ids=lambda kind: kind.__name__)
def test_tasks_are_complete_lines_and_depend_on_the_seed_alone(kind):
    tasks = made(kind)
    assert tasks == made(kind)
    assert len({task.ask for task in tasks}) >= 6
    assert any(task.text for task in tasks)
    assert not all(task.text for task in tasks)
    for ask, text, answer in tasks:
        assert ask
        assert answer
        for line in (ask, text, answer):
            assert line == line.strip()
            assert not re.search(r"[\n{}|]|=>|  ", line)
            assert not ONE_OF_MANY.search(line)
        assert ask[-1] in ".?)!" or re.search(r"[\d ]$", ask)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (number_tasks.addition, sum),
        (number_tasks.subtraction, lambda numbers: max(numbers) - min(numbers)),
        (number_tasks.multiplication, prod),
        (quantity_tasks.rectangle, None),
    ],
)
def test_results_are_right(kind, operation):
    for task in made(kind):
        a, *rest = numbers_of(task.ask.replace("- ", "") + " " + task.text.replace("- ", ""))
        if operation:
            right = operation([a, *rest])
        else:
            b = (rest or [a])[0]
            right = a * b if "area" in task.ask else 2 * (a + b)
        assert right in numbers_of(task.answer), task


def test_divisions_leave_the_right_remainder():
    for task in made(number_tasks.division):
        b, a = sorted(numbers_of(asked(task)))
        results = {"remainder of": [a // b, a % b], "remainder is": [a % b]}
        right = next((result for said, result in results.items() if said in task.answer), [a / b])
        assert numbers_of(task.answer)[-len(right) :] == right, task


def test_expressions_have_their_value():
    for kind in (number_tasks.precedence, number_tasks.three_terms):
        for task in made(kind):
            said = asked(task).replace(" plus ", " + ").replace(" minus ", " - ")
            if term := re.search(r"[(\d][\d()+\-x÷ ]*[+\-x÷] [\d()+\-x÷ ]*[\d)]", said):
                assert eval(term[0].replace("x", "*").replace("÷", "/")) == last_number(task), task


def test_missing_numbers_make_the_equation_true():
    for task in made(number_tasks.missing_number):
        equation = re.search(r"[\dn_]+ [+\-x] [\dn_]+ = \d+", asked(task))[0]
        full = task.answer.rstrip(".")
        if not re.search(r"\d [+x-] \d", full):
            found = last_number(task) if "must stand" not in full else numbers_of(full)[0]
            full = re.sub("__|n", str(found), equation)
        assert re.fullmatch(re.sub("__|n", r"\\d+", re.sub(r"([+])", r"\\\1", equation)), full), task
        left, right = full.replace("x", "*").split("=")
        assert eval(left) == int(right), task


def test_additions_are_corrected():
    for task in made(number_tasks.checked_addition):
        a, b, said = numbers_of(asked(task))
        yes = re.match("Yes|The equation is true|The (?:addition|calculation) is right", task.answer)
        no = re.match("No|The equation is false|The (?:addition|calculation) is wrong", task.answer)
        assert bool(yes) == (a + b == said) or not (yes or no), task
        assert "equation is" in task.answer or last_number(task) == a + b, task


@pytest.mark.parametrize("kind", [quantity_tasks.smaller_unit, quantity_tasks.larger_unit, quantity_tasks.mixed_units])
def test_quantities_are_equal(kind):
    for task in made(kind):
        quantities = QUANTITY.findall(f"{asked(task)} {task.answer}")
        assert len({amount(quantity) for quantity in quantities}) == 1, task
        assert len({*quantities}) == 2, task


def test_temperatures_are_equal():
    for task in made(quantity_tasks.temperature):
        (degrees,), value = numbers_of(asked(task)), last_number(task)
        scales = re.findall("Celsius|Fahrenheit|°[CF]", task.ask if "temperature is" in task.answer else task.answer)
        celsius, fahrenheit = (value, degrees) if scales[-1] in ("Celsius", "°C") else (degrees, value)
        assert celsius * 9 / 5 + 32 == fahrenheit, task


def test_times_are_as_far_apart_as_said():
    for kind in (quantity_tasks.duration, quantity_tasks.end_time):
        for task in made(kind):
            times = minutes_of(asked(task))
            start, end = (times + minutes_of(task.answer))[:2]
            lengths = re.findall(r"\d+ (?:hour|minute)s?", f"{asked(task)} {task.answer}")
            assert abs(end - start) == amount(" ".join(lengths)) / SIZES["minute"], task
            is_back = len(times) == 1 and re.search("before|did the", task.ask)
            assert (end < start) == bool(is_back), task


def test_clocks_agree():
    for task in made(quantity_tasks.clock_form):
        assert len({*minutes_of(asked(task) + " " + task.answer)}) == 1, task


def test_dates_are_as_far_apart_as_said():
    for task in made(quantity_tasks.date_after):
        named = re.findall(rf"({'|'.join(MONTHS)}) (\d+)", asked(task) + " " + task.answer)
        days = sorted({date(2001, MONTHS.index(month) + 1, int(day)) for month, day in named})
        count = int(re.search(r"(\d+) days", asked(task) + task.answer)[1])
        assert (days[1] - days[0]).days in (count, 365 - count), task


def test_weekdays_are_right():
    for task in made(quantity_tasks.weekday_after):
        day, other = (WEEKDAYS.index(re.search("|".join(WEEKDAYS), text)[0]) for text in (asked(task), task.answer))
        (count,) = {*numbers_of(asked(task))}
        sign = -1 if re.search("ago|before", asked(task)) else 1
        assert (day + sign * count) % 7 == other, task


def test_leap_years_are_right():
    for task in made(quantity_tasks.leap_year):
        year, answer = int(numbers_of(asked(task))[0]), task.answer
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        assert ("No," in answer or "is not" in answer) <= (days == 365), task
        assert ("Yes," in answer) <= (days == 366), task
        if "first leap year" in answer:
            leaps = [y for y in range(year + 1, year + 9) if (date(y, 3, 1) - timedelta(1)).day == 29]
            assert last_number(task) == leaps[0], task
        elif "days" in answer:
            assert {days, days - 337} & {*numbers_of(answer)}, task


def test_means_extremes_and_counts_are_right():
    for task in made(number_tasks.mean):
        assert last_number(task) == mean_of(numbers_of(asked(task))), task
    for task in made(number_tasks.extreme):
        numbers = numbers_of(asked(task))
        low, high = min(numbers), max(numbers)
        right = high - low if "difference" in task.ask else low if re.search("small|low", task.ask) else high
        assert [right] == numbers_of(task.answer), task
    for task in made(quantity_tasks.counted_items):
        listed = task.text or re.search(r"(?:: | buys )([^.?]+)", task.ask)[1]
        assert last_number(task) == listed.count(", ") + 1, task


def test_lists_are_sorted():
    for task in made(number_tasks.sorted_numbers):
        falls = re.search("descending|largest first|with the largest|greatest to|high to|from largest", task.ask)
        assert numbers_of(task.answer) == sorted(numbers_of(asked(task)), reverse=bool(falls)), task
    for task in made(quantity_tasks.sorted_times):
        times, answer = sorted(minutes_of(asked(task))), minutes_of(task.answer)
        assert answer in (times, times[::-1], times[:1], times[-1:]), task
        assert (answer[0] == times[-1]) == bool(re.search("with the latest|is the latest", task.ask)), task


def test_listed_numbers_are_as_asked():
    for task in made(number_tasks.counted_numbers):
        limit = re.search(r"(greater|smaller) than (\d+)", task.ask)
        numbers = numbers_of(re.sub(r"(greater|smaller) than \d+", "", asked(task)))
        if limit:
            right = [n for n in numbers if (n > int(limit[2]) if limit[1] == "greater" else n < int(limit[2]))]
        else:
            right = [n for n in numbers if n % 2 == ("odd" in task.ask)]
        answer = re.sub(r"(greater|smaller) than \d+", "", task.answer)
        count = re.match("(Two|Three|Four) ", answer)
        if count:
            assert {"Two": 2, "Three": 3, "Four": 4}[count[1]] == len(right), task
        else:
            assert numbers_of(answer) in ([len(right)], right), task


def test_primes_and_common_numbers_are_right():
    for task in made(number_tasks.prime):
        numbers, answer = numbers_of(asked(task)), task.answer
        if len(numbers) > 1:
            assert numbers_of(answer) == [n for n in numbers if is_prime(n)], task
        elif "next" in answer:
            assert last_number(task) == next(n for n in range(int(numbers[0]) + 1, 200) if is_prime(n)), task
        else:
            assert ("composite" in answer or "not" in answer) != is_prime(numbers[0]), task
    for task in made(number_tasks.common_number):
        a, b = map(int, numbers_of(asked(task)))
        assert last_number(task) == (gcd(a, b) if "divisor" in task.ask else a * b // gcd(a, b)), task


def test_romans_are_right():
    values = dict(zip("IVXLCDM", (1, 5, 10, 50, 100, 500, 1000), strict=True))
    for task in made(number_tasks.roman_numeral):
        both = f"{asked(task)} {task.answer}"
        digits = [values[letter] for letter in re.search(r"\b[IVXLCDM]+\b", both)[0]]
        value = sum(-d if d < max(digits[at:]) else d for at, d in enumerate(digits))
        assert {*numbers_of(both)} == {value}, task


def test_rates_are_right():
    for task in made(number_tasks.fraction):
        forms = re.findall(r"\d+/\d+|\d+ percent|\d+\.\d+", f"{asked(task)} {task.answer}")
        assert len({Fraction(f.removesuffix(" percent")) / (100 if "percent" in f else 1) for f in forms}) == 1, task
        assert len({*forms}) == 2, task
    for task in made(quantity_tasks.price_reduced):
        rate, old = int(re.search(r"(\d+) percent", asked(task))[1]), int(re.search(r"(\d+) dollars", asked(task))[1])
        kept = rate if "saved" in task.answer else 100 - rate
        assert numbers_of(task.answer)[-1] == Fraction(old * kept, 100), task


def test_roundings_sequences_and_dates_are_right():
    for task in made(number_tasks.rounding):
        number, value = max(numbers_of(asked(task)), key=lambda n: n % 1000 != 0 and n), last_number(task)
        size = next(s for name, s in (("thousand", 1000), ("hundred", 100), ("", 10)) if name in task.ask)
        if "Which multiple" not in task.ask:
            assert value % size == 0, task
            assert value - Fraction(size, 2) <= number < value + Fraction(size, 2), task
    for task in made(quantity_tasks.date_in_digits):
        both = f"{asked(task)} {task.answer}"
        named = [datetime.strptime(d, "%B %d, %Y") for d in re.findall(rf"(?:{'|'.join(MONTHS)}) \d+, \d+", both)]
        digits = [datetime.strptime(d, "%m/%d/%Y") for d in re.findall(r"\d\d/\d\d/\d{4}", both)]
        iso = [datetime.strptime(d, "%Y-%m-%d") for d in re.findall(r"\d{4}-\d\d-\d\d", both)]
        assert len({*named, *digits, *iso}) == 1, task


def test_stories_have_the_right_end():
    for task in made(quantity_tasks.word_problem):
        story = task.text or task.ask
        operation = next((do for told, do in STORIES.items() if re.search(told, story)), lambda a, b: a * b)
        assert operation(*numbers_of(story)) in numbers_of(task.answer), task


def value_of(said):
    total = 0
    for thousands in said.split("thousand"):
        total *= 1000
        part = 0
        for word in thousands.replace("-", " ").split():
            part = part * 100 if word == "hundred" else part + VALUES[word]
        total += part
    return total


def test_numbers_in_words_are_right():
    one_word = "|".join([*VALUES, "thousand"])
    for task in made(number_tasks.number_in_words):
        both = f"{asked(task)} | {task.answer}"
        said = re.findall(rf"\b(?:{one_word})(?:[ -](?:{one_word}))*\b", both.lower())
        assert {*map(value_of, said)} == {*numbers_of(both)}, task


def test_ordinals_are_right():
    rng = random.Random(5)
    answers = [number_tasks.ordinal(rng).answer for _ in range(20_000)]
    pairs = {found.groups() for answer in answers if (found := re.fullmatch(r"(\w+) in words is '(.+)'\.", answer))}
    assert pairs >= {
        ("1st", "first"), ("12th", "twelfth"), ("20th", "twentieth"), ("22nd", "twenty-second"), ("8th", "eighth"),
        ("53rd", "fifty-third"), ("11th", "eleventh"), ("99th", "ninety-ninth"),
    }  # fmt: skip


def test_centuries_and_factors_are_right():
    for task in made(quantity_tasks.century):
        if "begin" not in task.ask:
            year = numbers_of(asked(task))[-1]
            assert (year + 99) // 100 == int(re.search(r"(\d+)(?:st|nd|rd|th) century", task.answer)[1]), task
    for task in made(number_tasks.factors_and_multiples):
        if "multiples" not in task.ask:
            (n,) = numbers_of(asked(task))
            divisors = [d for d in range(1, int(n) + 1) if n % d == 0]
            assert numbers_of(task.answer)[-len(divisors) :] == divisors, task


def test_a_wording_may_have_a_text_and_several_answers():
    block = "One {n}? | it => 1\n  Two? => 2 => II"
    assert {number_tasks.task_from(random.Random(seed), block, n=7) for seed in SEEDS} == {
        Task("One 7?", "it", "1"), Task("Two?", "", "2"), Task("Two?", "", "II"),
    }  # fmt: skip

"""Tasks of a workbook with numbers: calculations, lists of numbers, and numbers in other forms."""

import random
from decimal import Decimal
from functools import cache
from math import gcd, isqrt, lcm
from typing import NamedTuple

from drill_words import NAMES, words
from english_words import capital, series
from workbook.tasks import Task

SMALL_NUMBERS = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
            "twelve": "twelfth"}  # fmt: skip
ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
         (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
PERCENTAGES = (5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90)
DENOMINATORS = (2, 4, 5, 10, 20, 25, 50, 100)
POSSESSIVES = {"he": "his", "she": "her"}
SMALL_THINGS = words("stamps marbles cards shells coins stickers pencils buttons beads badges postcards pebbles")


class Wording(NamedTuple):
    """How something is asked and answered; numbers and names go where the braces are."""

    ask: str
    text: str
    answers: tuple[str, ...]


@cache
def _wordings(block: str) -> list[Wording]:
    """A line each: `ask | text => answer => another answer`, or without a text `ask => answer`."""
    found = []
    for line in block.strip().splitlines():
        asked, *answers = line.strip().split(" => ")
        ask, _, text = asked.partition(" | ")
        found.append(Wording(ask, text, tuple(answers)))
    return found


def task_from(rng: random.Random, block: str, **values: object) -> Task:
    """A task in one of the wordings."""
    ask, text, answers = rng.choice(_wordings(block))
    return Task(ask.format(**values), text.format(**values), rng.choice(answers).format(**values))


def _joined(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _in_series(numbers: list[int]) -> str:
    return series([str(number) for number in numbers])


def _in_words(number: int) -> str:
    """The number, below a million, in words."""
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_in_words(number % size)}" if number % size else ""
            return f"{_in_words(number // size)} {name}{rest}"
    if number < 20:
        return SMALL_NUMBERS[number]
    return TENS[number // 10] + (f"-{SMALL_NUMBERS[number % 10]}" if number % 10 else "")


def ordinal_in_digits(number: int) -> str:
    """Such as 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _ordinal_in_words(number: int) -> str:
    """Such as twenty-first; the number is below a hundred."""
    tens, hyphen, last = _in_words(number).rpartition("-")
    return tens + hyphen + (ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def _roman(number: int) -> str:
    numeral = ""
    for size, letters in ROMAN:
        count, number = divmod(number, size)
        numeral += letters * count
    return numeral


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, isqrt(number) + 1))


def named_person(rng: random.Random) -> dict[str, str]:
    """A name with its pronouns, for the braces of a wording."""
    name, pronoun = rng.choice(list(NAMES.items()))
    return {"name": name, "he": pronoun, "He": capital(pronoun), "his": POSSESSIVES[pronoun]}


def addition(rng: random.Random) -> Task:
    """The sum of two numbers."""
    a, b = rng.randint(3, 150), rng.randint(3, 150)
    return task_from(rng, """
        What do {a} and {b} make together? => {a} and {b} make {c} together. => Together they make {c}.
        How much is {a} plus {b}? => {a} plus {b} is {c}.
        Add {b} to {a}. => {a} plus {b} is {c}. => The sum is {c}.
        What is the sum of {a} and {b}? => The sum of {a} and {b} is {c}.
        Which number do you get if you add {a} and {b}? => You get {c}.
        {a} + {b} = ? => {a} + {b} = {c}
        Find the sum. | {a} + {b} => The sum is {c}. => {a} + {b} = {c}
        Write down the sum of these two numbers. | {a} and {b} => The sum of {a} and {b} is {c}.
        What do you get when you add the two numbers? | {a}, {b} => You get {c}. => The sum is {c}.
        Work out the addition. | {a} + {b} => The result is {c}. => {a} + {b} = {c}
        """, a=a, b=b, c=a + b)  # fmt: skip


def subtraction(rng: random.Random) -> Task:
    """The difference of two numbers."""
    small, large = sorted(rng.sample(range(3, 200), 2))
    one, two = rng.sample((small, large), 2)
    return task_from(rng, """
        What is {a} minus {b}? => {a} minus {b} is {c}.
        Take {b} away from {a}. => {a} minus {b} is {c}. => The result is {c}.
        How much is left if you take {b} from {a}? => {c} is left.
        What is the difference between {a} and {b}? => The difference between {a} and {b} is {c}.
        How much more is {a} than {b}? => {a} is {c} more than {b}.
        By how much is {b} smaller than {a}? => {b} is smaller than {a} by {c}.
        {a} - {b} = ? => {a} - {b} = {c}
        Find the difference. | {a} - {b} => The difference is {c}. => {a} - {b} = {c}
        Take the smaller number from the larger one. | {one} and {two} => {a} minus {b} is {c}.
        Subtract the smaller number from the larger number. | {one}, {two} => {a} minus {b} is {c}.
        How far apart are the two numbers? | {one} and {two} => The difference between {a} and {b} is {c}.
        """, a=large, b=small, c=large - small, one=one, two=two)  # fmt: skip


def multiplication(rng: random.Random) -> Task:
    """The product of two numbers."""
    a, b = rng.randint(2, 30), rng.randint(2, 12)
    return task_from(rng, """
        What is {a} times {b}? => {a} times {b} is {c}.
        How much is {a} multiplied by {b}? => {a} multiplied by {b} is {c}.
        Multiply {a} and {b}. => {a} times {b} is {c}. => The product is {c}.
        What is the product of {a} and {b}? => The product of {a} and {b} is {c}.
        Work out {a} x {b}. => {a} x {b} = {c} => {a} times {b} is {c}.
        {a} x {b} = ? => {a} x {b} = {c}
        Multiply the numbers with each other. | {a} and {b} => The product of {a} and {b} is {c}.
        Work out the product. | {a} x {b} => The product is {c}. => {a} x {b} = {c}
        Multiply the first number by the second one. | {a}, {b} => {a} multiplied by {b} is {c}.
        """, a=a, b=b, c=a * b)  # fmt: skip


def division(rng: random.Random) -> Task:
    """The quotient of two numbers, or what is left over."""
    b, c = rng.randint(2, 15), rng.randint(2, 20)
    rest = rng.randrange(1, b)
    return task_from(rng, """
        What is {a} divided by {b}? => {a} divided by {b} is {c}.
        Divide {a} by {b}. => {a} divided by {b} is {c}. => The result is {c}.
        How often does {b} go into {a}? => {b} goes into {a} exactly {c} times.
        What is the quotient of {a} and {b}? => The quotient of {a} and {b} is {c}.
        Share {a} equally among {b}. How much does each get? => Each gets {c}.
        Work out the quotient. | {a} ÷ {b} => The quotient is {c}. => {a} ÷ {b} = {c}
        Divide the larger number by the smaller number. | {b} and {a} => {a} divided by {b} is {c}.
        What remainder is left when {more} is divided by {b}? => The remainder is {rest}.
        Find the remainder of the division. | {more} ÷ {b} => The remainder is {rest}.
        Divide and give the remainder too. | {more} by {b} => {more} divided by {b} is {c} with a remainder of {rest}.
        """, a=b * c, b=b, c=c, more=b * c + rest, rest=rest)  # fmt: skip


def three_terms(rng: random.Random) -> Task:
    """Three numbers added and subtracted."""
    a, b = rng.randint(10, 90), rng.randint(5, 60)
    c = rng.randint(2, a - 1)
    return task_from(rng, """
        Calculate {a} + {b} + {c}. => The result is {sum}. => {a} + {b} + {c} = {sum}
        What is {a} plus {b} minus {c}? => {a} plus {b} minus {c} is {rest}.
        Start with {a}, add {b}, and then take away {c}. Where do you end? => You end at {rest}.
        What is the result of {a} - {c} + {b}? => The result is {rest}.
        What do {a}, {b}, and {c} come to? => {a}, {b}, and {c} come to {sum}.
        What is the result? | {a} + {b} - {c} => The result is {rest}. => {a} + {b} - {c} = {rest}
        Do the calculation. | {a} - {c} + {b} => The result is {rest}.
        Find the sum of the three numbers. | {a}, {b}, {c} => The sum of the three numbers is {sum}.
        Give only the result. | {a} + {b} + {c} => {sum}
        Give nothing but the number. | {a} + {b} - {c} => {rest}
        """, a=a, b=b, c=c, sum=a + b + c, rest=a + b - c)  # fmt: skip


def precedence(rng: random.Random) -> Task:
    """A calculation with parentheses, or with a multiplication to be done first."""
    a, b, c = rng.randint(2, 30), rng.randint(2, 12), rng.randint(2, 10)
    product, both = f"{a} + {b} x {c}", f"({a} + {b}) x {c}"
    term, value = rng.choice((
        (product, a + b * c), (both, (a + b) * c), (f"{b} x {c} + {a}", a + b * c), (f"{c} x ({a} + {b})", (a + b) * c),
        (f"{a + b * c} - {b} x {c}", a), (f"({a + b} - {b}) x {c}", a * c), (f"{b * c} ÷ {c} + {a}", a + b),
    ))  # fmt: skip
    return task_from(rng, """
        What is the value of {term}? => The value is {value}. => The value of {term} is {value}.
        Work out {term}. => {term} = {value} => The result is {value}.
        Mind the order of operations: what is {term}? => {term} is {value}.
        Which number is {term}? => {term} is {value}.
        Calculate, and mind the order of operations. | {term} => The result is {value}.
        Find the value of the expression. | {term} => The value of the expression is {value}.
        Simplify the expression to one number. | {term} => {term} = {value}
        """, term=term, value=value)  # fmt: skip


def missing_number(rng: random.Random) -> Task:
    """A number to be found that makes an equation true."""
    x, a = rng.randint(2, 60), rng.randint(2, 60)
    form, result = rng.choice((("{} + {}", x + a), ("{1} + {0}", x + a), ("{} - {}", x - a), ("{} x {}", x * a)))
    if result < 0 or result > 900:
        form, result = "{} + {}", x + a
    gap, letter = (f"{form.format(sign, a)} = {result}" for sign in ("__", "n"))
    return task_from(rng, """
        Which number belongs in the gap of {gap}? => The number {x} belongs in the gap. => The missing number is {x}.
        What number is missing in {gap}? => The missing number is {x}.
        Fill in the missing number. | {gap} => The missing number is {x}. => {full}
        Complete the equation. | {gap} => {full}
        What must stand in the blank? | {gap} => The number {x} must stand in the blank.
        Solve {letter}. => The solution is n = {x}.
        For which n is it true that {letter}? => It is true for n = {x}.
        Find the number n. | {letter} => n = {x} => The number n is {x}.
        What is the value of n? | {letter} => The value of n is {x}.
        """, gap=gap, letter=letter, x=x, full=f"{form.format(x, a)} = {result}")  # fmt: skip


def number_riddle(rng: random.Random) -> Task:
    """Numbers doubled, halved, squared, or thought of."""
    a, b = rng.randint(2, 40), rng.randint(2, 30)
    return task_from(rng, """
        What is twice {a}? => Twice {a} is {double}.
        What do you get when you double {a}? => You get {double}.
        What is one half of {double}? => One half of {double} is {a}.
        Halve the number. | {double} => One half of {double} is {a}.
        Double {a} and add {b}. What is the result? => The result is {more}.
        What is the square of {b}? => The square of {b} is {square}.
        What is the square root of {square}? => The square root of {square} is {b}.
        Square the number. | {b} => The square of {b} is {square}.
        I think of a number and add {b}. The result is {sum}. What is the number? => The number is {a}.
        If I take {b} from my number, I get {a}. Which number do I have? => You have the number {sum}.
        I double a number and get {double}. Which number is it? => The number is {a}.
        Find the number that is meant. | Doubled and increased by {b}, it is {more}. => The number is {a}.
        """, a=a, b=b, double=2 * a, more=2 * a + b, square=b * b, sum=a + b)  # fmt: skip


def checked_addition(rng: random.Random) -> Task:
    """An addition that may be wrong, checked and corrected."""
    a, b = rng.randint(11, 99), rng.randint(11, 99)
    said = a + b + rng.choice((0, 0, 1, -1, 10, -10, 2))
    right = f"{a} + {b} = {a + b}"
    verdict = f"right: {right}" if said == a + b else f"wrong. The right result is {a + b}."
    truth, kept = ("true", "Yes") if said == a + b else ("false", "No")
    return task_from(rng, """
        Is it right that {a} + {b} = {said}? => {kept}, {right}.
        Somebody says that {a} plus {b} is {said}. Is that so? => {kept}, {a} plus {b} is {sum}.
        Check the addition, and correct it if it is wrong. | {a} + {b} = {said} => The addition is {verdict}
        Is this addition right? If not, correct it. | {a} + {b} = {said} => {kept}, {right}.
        Look for a mistake in the calculation. | {a} + {b} = {said} => The calculation is {verdict}
        Is the equation true or false? | {a} + {b} = {said} => The equation is {truth}.
        Write the addition with the right result. | {a} + {b} = {said} => {right}
        """, a=a, b=b, said=said, sum=a + b, right=right, verdict=verdict, truth=truth,
        kept=kept)  # fmt: skip


def mean(rng: random.Random) -> Task:
    """The mean of some numbers, which is a whole number."""
    numbers = [rng.randint(4, 40) for _ in range(rng.randint(2, 5))]
    numbers[-1] += -sum(numbers) % len(numbers)
    return task_from(rng, """
        What is the mean of {series}? => The mean of {series} is {mean}. => The mean is {mean}.
        Find the average of {series}. => The average of {series} is {mean}. => The average is {mean}.
        What number is the average of {series}? => The average is {mean}.
        In {count} games {name} scored {series} points. What was the average? => The average was {mean} points.
        Find the mean. | {joined} => The mean is {mean}. => The mean of the numbers is {mean}.
        What is the average of these numbers? | {joined} => The average of the numbers is {mean}.
        Work out the average. | {joined} => The average is {mean}.
        How warm was it on average? | {series} degrees => It was {mean} degrees on average.
        """, series=_in_series(numbers), joined=_joined(numbers), mean=sum(numbers) // len(numbers),
        count=_in_words(len(numbers)), **named_person(rng))  # fmt: skip


def extreme(rng: random.Random) -> Task:
    """The largest or the smallest number, and what lies between."""
    numbers = rng.sample(range(2, rng.choice((100, 500, 1000))), rng.randint(3, 7))
    most, chosen = rng.choice((("largest", max), ("highest", max), ("smallest", min), ("lowest", min)))
    return task_from(rng, """
        Which of the numbers {series} is the {most}? => The {most} of the numbers is {value}.
        What is the {most} number among {series}? => The {most} number is {value}.
        Find the {most} number: {joined}. => The {most} number is {value}.
        Which number is the {most}? | {joined} => The {most} number is {value}. => The number {value} is the {most}.
        Pick out the {most} number. | {joined} => The {most} number is {value}.
        Give the {most} of these numbers. | {joined} => The {most} of these numbers is {value}.
        Give the difference between the largest and the smallest number. | {joined} => The difference is {range}.
        """, series=_in_series(numbers), joined=_joined(numbers), value=chosen(numbers),
        most=most, range=max(numbers) - min(numbers))  # fmt: skip


def sorted_numbers(rng: random.Random) -> Task:
    """Numbers, years or decimals put in order."""
    numbers = rng.sample(rng.choice((range(2, 100), range(-20, 30), range(100, 1000), range(1400, 2025))), 5)
    numbers = numbers[: rng.randint(3, 5)]
    falls = rng.random() < 0.4
    values = {"joined": _joined(numbers), "series": _in_series(numbers),
              "sorted": _joined(sorted(numbers, reverse=falls))}  # fmt: skip
    rising = """
        Put the numbers {series} in order, the smallest first. => {sorted}
        Sort {series} in ascending order. => {sorted}
        Order the numbers {series} from the least to the greatest. => In order, they are {sorted}.
        Put these in ascending order. | {joined} => {sorted}
        Write the numbers again, beginning with the smallest. | {joined} => {sorted}
        Order the numbers from low to high. | {joined} => {sorted}
        Sort from smallest to largest. | {joined} => {sorted}
        """
    falling = """
        Put the numbers {series} in order, the largest first. => {sorted}
        Sort {series} in descending order. => {sorted}
        Order the numbers {series} from the greatest to the least. => In order, they are {sorted}.
        Put these in descending order. | {joined} => {sorted}
        Write the numbers again, beginning with the largest. | {joined} => {sorted}
        Order the numbers from high to low. | {joined} => {sorted}
        Sort from largest to smallest. | {joined} => {sorted}
        """
    return task_from(rng, falling if falls else rising, **values)


def counted_numbers(rng: random.Random) -> Task:
    """Numbers of a list that are even, odd, or above or below a limit: how many, and which."""
    limit = 10 * rng.randint(3, 7)
    low, high = rng.sample(range(2, limit), 6), rng.sample(range(limit + 1, 100), 6)
    low, high = low[: rng.randint(2, 4)], high[: rng.randint(2, 4)]
    even, odd = rng.sample(range(2, 100, 2), rng.randint(2, 4)), rng.sample(range(1, 100, 2), rng.randint(2, 4))
    what, counted, others = rng.choice((
        (f"greater than {limit}", high, low), (f"smaller than {limit}", low, high), ("even", even, odd),
        ("odd", odd, even),
    ))  # fmt: skip
    numbers = rng.sample(counted + others, len(counted + others))
    return task_from(rng, """
        How many of the numbers {series} are {what}? => {Count} of the numbers are {what}.
        Count the numbers that are {what}: {joined}. => There are {count} numbers that are {what}.
        Which of the numbers {series} are {what}? => The numbers {those} are {what}.
        How many of these numbers are {what}? | {joined} => {Count} of the numbers are {what}.
        Count the numbers that are {what}. | {joined} => There are {count} numbers that are {what}.
        Which of these numbers are {what}? | {joined} => The numbers {those} are {what}.
        List only the numbers that are {what}. | {joined} => {listed}
        Leave out all numbers that are not {what}. | {joined} => {listed}
        """, what=what, series=_in_series(numbers), joined=_joined(numbers), count=len(counted),
        Count=capital(_in_words(len(counted))), listed=_joined([n for n in numbers if n in counted]),
        those=series([str(n) for n in numbers if n in counted]))  # fmt: skip


def even_or_odd(rng: random.Random) -> Task:
    """Whether a number is even or odd."""
    number = rng.randint(1, rng.choice((100, 1000)))
    kind, asked = ("odd" if number % 2 else "even"), rng.choice(("odd", "even"))
    return task_from(rng, """
        Is {n} even or odd? => {n} is {kind}. => The number {n} is {kind}.
        Is {n} an {asked} number? => {yes}, {n} is an {kind} number.
        Is the number {n} odd or even, and why? => The number {n} is {kind}, because it ends in {digit}.
        Can {n} be divided by 2 without a remainder? => {can} be divided by 2 without a remainder.
        Say whether the number is odd or even. | {n} => The number {n} is {kind}.
        Even or odd? | {n} => {n} is {kind}.
        Is this an {asked} number? | {n} => {yes}, {n} is an {kind} number.
        """, n=number, kind=kind, asked=asked, yes="Yes" if kind == asked else "No",
        digit=number % 10, can=f"No, {number} cannot" if number % 2 else f"Yes, {number} can")  # fmt: skip


def prime(rng: random.Random) -> Task:
    """Whether a number is prime, and which is."""
    n = rng.randint(4, 120)
    divisor = next(d for d in range(2, n + 1) if n % d == 0)
    yes, is_a, kind = ("Yes", "is", "prime") if divisor == n else ("No", "is not", "composite")
    reason = "it has no divisors but 1 and itself" if divisor == n else f"it is {divisor} times {n // divisor}"
    found = rng.choice([p for p in range(2, 100) if _is_prime(p)])
    mixed = rng.sample([found, *rng.sample([c for c in range(4, 100) if not _is_prime(c)], 3)], 4)
    following = next(p for p in range(n + 1, 2 * n) if _is_prime(p))
    return task_from(rng, """
        Is {n} a prime number? => {yes}, {n} {is_a} a prime number.
        Is {n} prime or composite, and why? => {n} is {kind}, because {reason}.
        Is the number {n} prime? => {yes}, the number {n} {is_a} prime, because {reason}.
        What is the next prime number after {n}? => The next prime number after {n} is {following}.
        Which of the numbers {series} is prime? => The number {found} is prime.
        Say whether the number is prime or composite. | {n} => The number {n} is {kind}.
        Which of these is a prime number? | {joined} => {found} is a prime number.
        Find the prime number. | {joined} => The prime number is {found}.
        """, n=n, yes=yes, is_a=is_a, kind=kind, reason=reason, following=following, found=found,
        series=_in_series(mixed), joined=_joined(mixed))  # fmt: skip


def factors_and_multiples(rng: random.Random) -> Task:
    """The factors or the first multiples of a number."""
    n, base, count = rng.randint(6, 60), rng.randint(2, 15), rng.randint(3, 5)
    factors = [str(d) for d in range(1, n + 1) if n % d == 0]
    multiples = series([str(base * times) for times in range(1, count + 1)])
    return task_from(rng, """
        What are the factors of {n}? => The factors of {n} are {factors}.
        Which whole numbers divide {n} without a remainder? => They are {factors}.
        List all factors of the number. | {n} => The factors of {n} are {factors}.
        Find all the divisors. | {n} => The divisors of {n} are {factors}.
        How many factors does {n} have? => {n} has {number} factors: {factors}.
        What are the first {count} multiples of {base}? => The first {count} multiples of {base} are {multiples}.
        Write down the first {count} multiples of {base}. => They are {multiples}.
        List the first {count} multiples of the number. | {base} => The first {count} multiples are {multiples}.
        """, n=n, factors=series(factors), number=len(factors), base=base,
        count=_in_words(count), multiples=multiples)  # fmt: skip


def common_number(rng: random.Random) -> Task:
    """The greatest common divisor or the least common multiple of two numbers."""
    scale = rng.randint(2, 8)
    a, b = (scale * times for times in rng.sample(range(1, 9), 2))
    name, value = rng.choice((("greatest common divisor", gcd(a, b)), ("least common multiple", lcm(a, b))))
    return task_from(rng, """
        What is the {name} of {a} and {b}? => The {name} of {a} and {b} is {value}.
        Work out the {name} of {a} and {b}. => The {name} of {a} and {b} is {value}.
        Which number is the {name} of {a} and {b}? => The {name} is {value}.
        Do you know the {name} of {a} and {b}? => Yes, it is {value}.
        Find the {name}. | {a} and {b} => The {name} of {a} and {b} is {value}.
        What {name} do the two numbers have? | {a}, {b} => The {name} is {value}.
        Give the {name} of the numbers. | {a} and {b} => The {name} of {a} and {b} is {value}.
        """, a=a, b=b, name=name, value=value)  # fmt: skip


def percent(rng: random.Random) -> Task:
    """So many percent of a number."""
    rate = rng.choice(PERCENTAGES)
    base = 100 // gcd(rate, 100) * rng.randint(2, 30)
    part = base * rate // 100
    return task_from(rng, """
        What is {rate} percent of {base}? => {rate} percent of {base} is {part}.
        How much is {rate}% of {base}? => {rate}% of {base} is {part}.
        Of {base} {things}, {rate} percent are red. How many are red? => {part} of the {things} are red.
        What percentage of {base} is {part}? => {part} is {rate} percent of {base}.
        {part} of {base} seats are taken. What percentage is that? => That is {rate} percent of the seats.
        Find the part. | {rate} percent of {base} => {rate} percent of {base} is {part}.
        Find the percentage. | {part} out of {base} => {part} out of {base} is {rate} percent.
        What is {base} after an increase of {rate} percent? => After the increase it is {more}.
        """, rate=rate, base=base, part=part, more=base + part, things=rng.choice(SMALL_THINGS))  # fmt: skip


def fraction(rng: random.Random) -> Task:
    """The same number as a fraction, a decimal and a percentage."""
    bottom = rng.choice(DENOMINATORS)
    top = rng.choice([n for n in range(1, bottom) if gcd(n, bottom) == 1])
    forms = {"fraction": f"{top}/{bottom}", "decimal": f"{Decimal(top) / bottom}",
             "percentage": f"{top * 100 // bottom} percent"}  # fmt: skip
    old, new = rng.sample(sorted(forms), 2)
    return task_from(rng, """
        What is {one} as a {new}? => {one} is {other}. => As a {new}, {one} is {other}.
        Change {one} to a {new}. => {one} is {other}. => {one} = {other}
        How is {one} written as a {new}? => {one} is written as {other}.
        Give {one} as a {new}. => {one} as a {new} is {other}.
        Write the {old} as a {new}. | {one} => {one} is {other}. => {one} = {other}
        Turn this {old} into a {new}. | {one} => {one} is {other}.
        Which {new} is equal to the {old}? | {one} => {other} is equal to {one}.
        """, old=old, new=new, one=forms[old], other=forms[new])  # fmt: skip


def rounding(rng: random.Random) -> Task:
    """A number rounded."""
    size, name = rng.choice(((10, "ten"), (100, "hundred"), (1000, "thousand")))
    number = size * rng.randint(1, 59) + rng.randrange(1, size)
    return task_from(rng, """
        Round {n:,} to the nearest {size}. => {n:,} rounded to the nearest {size} is {value:,}.
        What is {n:,} to the nearest {size}? => To the nearest {size}, {n:,} is {value:,}.
        What do you get if you round {n:,} to the nearest {size}? => You get {value:,}.
        Which multiple of {unit:,} is nearest to {n:,}? Round a half up. => It is {value:,}.
        Round the number to the nearest {size}. | {n:,} => {n:,} rounded to the nearest {size} is {value:,}.
        Give the number to the nearest {size}. | {n:,} => To the nearest {size}, the number is {value:,}.
        How many visitors is that to the nearest {size}? | {n:,} visitors => That is {value:,} visitors.
        """, n=number, size=name, unit=size, value=(number + size // 2) // size * size)  # fmt: skip


def roman_numeral(rng: random.Random) -> Task:
    """A number as a Roman numeral, or the other way round."""
    number = rng.choice((rng.randint(1, 40), rng.randint(1, 200), rng.randint(1500, 2030)))
    return task_from(rng, """
        What is {n} in Roman numerals? => {n} is {roman} in Roman numerals.
        How do you write {n} in Roman numerals? => {n} is written {roman} in Roman numerals.
        Which Roman numeral stands for {n}? => The Roman numeral {roman} stands for {n}.
        What is the value of the Roman numeral {roman}? => The value of {roman} is {n}.
        Which number is {roman}? => {roman} is {n}.
        Write the number as a Roman numeral. | {n} => {n} is {roman} in Roman numerals. => {roman}
        Write the Roman numeral in ordinary digits. | {roman} => {roman} is {n}. => {n}
        What does this Roman numeral mean? | {roman} => {roman} means {n}.
        """, n=number, roman=_roman(number))  # fmt: skip


def number_in_words(rng: random.Random) -> Task:
    """A number in words, or in digits."""
    number = rng.randint(11, rng.choice((99, 999, 9999, 99_999)))
    said = _in_words(number)
    return task_from(rng, """
        How is {n:,} written in words? => {n:,} is written '{said}'.
        Spell out {n:,}. => {Said} => {n:,} is {said}.
        What is {n:,} in words? => {n:,} in words is {said}.
        Write {said} in digits. => {Said} is {n:,}.
        What is {said} as a number in digits? => In digits it is {n:,}.
        Write this number in words. | {n:,} => {Said}
        Write this number in digits. | {said} => {n:,} => {Said} is {n:,}.
        Spell out the number. | {n:,} => {Said} => {n:,} is {said}.
        """, n=number, said=said, Said=capital(said))  # fmt: skip


def ordinal(rng: random.Random) -> Task:
    """Ordinal numbers in digits and in words."""
    number = rng.choice((rng.randint(1, 31), rng.randint(1, 99)))
    nth, said = ordinal_in_digits(number), _ordinal_in_words(number)
    return task_from(rng, """
        What is the ordinal form of {n}? => The ordinal form of {n} is {nth}.
        Write {nth} in words. => {nth} in words is '{said}'. => {Said}
        Which ordinal number belongs to {n}? => The ordinal number '{said}' belongs to {n}.
        Spell out the ordinal number. | {nth} => {Said} => {nth} is spelled out as '{said}'.
        Write the ordinal number with digits. | {said} => {nth} => {Said} is {nth}.
        Turn the number into an ordinal number. | {n} => {nth} => The ordinal number is {nth}.
        How do you write this with digits? | {said} => It is written {nth}.
        """, n=number, nth=nth, said=said, Said=capital(said))  # fmt: skip


def ratio(rng: random.Random) -> Task:
    """A ratio in its simplest form, or something shared in a ratio."""
    one, two = rng.choice([(a, b) for a in range(1, 8) for b in range(1, 8) if a != b and gcd(a, b) == 1])
    scale = rng.randint(2, 9)
    return task_from(rng, """
        What is the simplest form of the ratio {a} : {b}? => The simplest form of {a} : {b} is {one} : {two}.
        Reduce the ratio {a} to {b}. => The ratio {a} to {b} is the same as {one} to {two}.
        A box has {a} red and {b} blue {things}. What is the ratio of red to blue? => The ratio is {one} to {two}.
        Share {sum} {things} in the ratio {one} to {two}. => The parts are {a} and {b} {things}.
        Write the ratio in its simplest form. | {a} : {b} => {one} : {two} => {a} : {b} = {one} : {two}
        What is the ratio of boys to girls? | {a} boys and {b} girls => The ratio of boys to girls is {one} to {two}.
        Divide the number in the ratio {one} to {two}. | {sum} => The parts are {a} and {b}.
        """, one=one, two=two, a=one * scale, b=two * scale, sum=(one + two) * scale,
        things=rng.choice(SMALL_THINGS))  # fmt: skip


def sequence(rng: random.Random) -> Task:
    """The next number of a sequence, or the rule of it."""
    start, step, at = rng.randint(1, 40), rng.randint(2, 12), range(5)
    times, root = rng.choice((2, 2, 3)), rng.randint(1, 8)
    numbers, rule = rng.choice((
        ([start + step * n for n in at], f"add {step} each time"),
        ([start + step * (4 - n) for n in at], f"take away {step} each time"),
        ([step * times**n for n in at], f"multiply by {times} each time"),
        ([(root + n) ** 2 for n in at], "take the squares of numbers that follow each other"),
    ))  # fmt: skip
    return task_from(rng, """
        Which number follows {joined}? => The number {following} follows.
        What is the next number after {joined}? => The next number is {following}.
        What comes next: {joined}? => Next comes {following}.
        Which number goes on with the sequence? | {joined} => The number {following} goes on with the sequence.
        Write the next number of the sequence. | {joined} => The next number is {following}.
        Complete the sequence. | {joined}, __ => {joined}, {following}
        What is the rule of the sequence? | {joined}, {following} => The rule is: {rule}.
        Find the missing number. | {first}, __, {later} => The missing number is {second}.
        """, joined=_joined(numbers[:4]), following=numbers[4], rule=rule, first=numbers[0], second=numbers[1],
        later=_joined(numbers[2:]))  # fmt: skip

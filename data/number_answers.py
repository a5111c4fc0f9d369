"""Entries about numbers: what they ask, and the answers.

Every function returns the values that an entry's templates are filled with. Where numbers are drawn, it returns a
`Draw` that does so when it is given a random generator.
"""

import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from draws import Bounds, Values, drawn, joined, out_of_order

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

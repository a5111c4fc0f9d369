"""Tasks of a workbook with quantities: units, times and dates, prices, shapes, and little problems."""

import random
from calendar import isleap
from datetime import date, timedelta
from decimal import Decimal
from math import gcd

from drill_words import NAMES, words
from english_words import capital, series, with_article
from word_drills import UNITS, plural_unit, quantity
from workbook.number_tasks import PERCENTAGES, SMALL_THINGS, named_person, ordinal_in_digits, task_from
from workbook.tasks import Task

MONTHS = words("January February March April May June July August September October November December")
WEEKDAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MIXED_UNITS = [unit for unit in UNITS if unit[2] not in (10, 1000)]
METRIC = words("millimeter centimeter meter gram milliliter")
ANGLES = {"acute": (5, 85), "right": (90, 90), "obtuse": (95, 175), "straight": (180, 180), "reflex": (185, 355)}
FLOWERS = words("tulips roses daisies lilies violets poppies dahlias carnations")
FOODS = words("apples pears plums oranges eggs rolls lemons peaches tomatoes potatoes")
GOODS = words("notebook candle cup plate book hat scarf lamp basket toy ball mirror")
EVENTS = words("meeting concert film lesson play match lecture party rehearsal show")
SHOPS = words("shop library museum bakery office market pool school")
FLAT_THINGS = words("garden field room yard carpet courtyard lawn hall")
VEHICLES = words("train bus car truck ship")
ITEMS = words(
    "hammer rope lamp basket towel brush comb ladder map pen tent candle bucket kettle ruler mirror blanket hat"
)
STORIES = """
    There are {a} red and {b} white {flowers} in a garden. How many are there altogether? => \
There are {sum} {flowers} altogether.
    {one} has {a} {things}, and {other} has {b}. How many do they have together? => Together they have {sum} {things}.
    {one} had {a} {things} and gave {b} to {other}. How many are left? => {one} has {rest} {things} left.
    {one} had {b} {things} and found {more} more. How many does {one} have now? => {one} now has {b_and_more} {things}.
    A basket holds {a} {foods}, and {b} of them are eaten. How many are left? => There are {rest} {foods} left.
    {one} has {a} {things}, and {other} has {b}. How many more does {one} have? => \
{one} has {rest} more {things} than {other}.
    A hall has {count} rows of {each} chairs. How many chairs are there? => There are {product} chairs in the hall.
    {one} buys {count} boxes with {each} {foods} in each. How many {foods} is that? => That is {product} {foods}.
    {product} {foods} are packed in boxes of {each}. How many boxes are needed? => {count} boxes are needed.
    {each} children share {product} {things} equally. How many does each get? => Each child gets {count} {things}.
    One {good} costs {each} dollars. How much do {count} of them cost? => They cost {product} dollars.
    {count} tickets cost {product} dollars. What does one ticket cost? => One ticket costs {each} dollars.
    {one} has {a} dollars and spends {b} dollars. How much is left? => {one} has {rest} dollars left.
    {one} buys {a_good} for {each} dollars and pays with 20 dollars. What is the change? => \
The change is {change} dollars.
    A {vehicle} goes {speed} kilometers in one hour. How far does it go in {hours} hours? => \
It goes {way} kilometers in {hours} hours.
    A {vehicle} covers {way} kilometers in {hours} hours. How fast is it? => It goes {speed} kilometers per hour.
    A {vehicle} goes {speed} kilometers per hour. How long does it need for {way} kilometers? => It needs {hours} hours.
    {one} reads {each} pages every day. How many pages is that in {count} days? => \
{one} reads {product} pages in {count} days.
    A book has {sum} pages, and {one} has read {a}. How many pages are left? => There are {b} pages left.
    A bus has {sum} passengers. Then {b} get off, and {more} get on. How many are on it now? => \
There are now {a_and_more} passengers on the bus.
    Each bag weighs {each} kilograms. How much do {count} bags weigh? => {count} bags weigh {product} kilograms.
    A class has {a} pupils, and {b} of them are at home. How many are at school? => {rest} pupils are at school.
    A ribbon {product} centimeters long is cut into {count} equal pieces. How long is each? => \
Each piece is {each} centimeters long.
    {one} plants {count} rows of {each} {flowers}. How many {flowers} does {one} plant? => \
{one} plants {product} {flowers}.
"""
STORY_ASKS = (
    "Solve this problem.",
    "Answer the question in a sentence.",
    "Read the story and answer the question.",
    "Find the answer to the problem.",
    "What is the answer to this problem?",
    "Calculate the answer.",
    "Work this out and write the answer.",
    "Here is a little problem. Give the answer.",
)


def _clock(minutes: int) -> str:
    """The time so many minutes after midnight, with AM or PM."""
    hour, minute = divmod(minutes % 1440, 60)
    return f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"


def _clock_24(minutes: int) -> str:
    return f"{minutes % 1440 // 60:02}:{minutes % 60:02}"


def _mixed(total: int, small: str, large: str, size: int) -> str:
    """Such as 2 hours and 5 minutes."""
    parts = ((total // size, large), (total % size, small))
    return " and ".join(quantity(count, unit) for count, unit in parts if count)


def _day(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}"


def _equal_quantities(rng: random.Random) -> dict[str, str]:
    """A quantity in a large and in a small unit, exactly; both units in the plural."""
    small, large, size = rng.choice(UNITS)
    total = size * rng.randint(2, 40)
    if small in METRIC and rng.random() < 0.6:
        parts = rng.choice((10, 100)) if size > 10 else 10
        total = size * rng.randint(parts + 1, 10 * parts - 1) // parts
    return {"few": quantity(Decimal(total) / size, large), "many": quantity(total, small), "smalls": plural_unit(small),
            "larges": plural_unit(large)}  # fmt: skip


def smaller_unit(rng: random.Random) -> Task:
    """A quantity in a smaller unit."""
    return task_from(rng, """
        How many {smalls} are there in {few}? => There are {many} in {few}.
        What is {few} in {smalls}? => {few} is {many}.
        Change {few} to {smalls}. => {few} is {many}. => {few} = {many}
        Express {few} in {smalls}. => {few} is {many}.
        How many {smalls} make {few}? => {many} make {few}.
        Give this in {smalls}. | {few} => {few} is {many}.
        Convert the quantity to {smalls}. | {few} => {few} is {many}. => {few} = {many}
        How many {smalls} is that? | {few} => That is {many}. => {few} is {many}.
        """, **_equal_quantities(rng))  # fmt: skip


def larger_unit(rng: random.Random) -> Task:
    """A quantity in a larger unit."""
    return task_from(rng, """
        How many {larges} are {many}? => {many} is {few}.
        What is {many} in {larges}? => {many} is {few}.
        Change {many} to {larges}. => {many} is {few}. => {many} = {few}
        Write {many} in {larges}. => {many} is {few}.
        Give this in {larges}. | {many} => {many} is {few}.
        Convert the quantity to {larges}. | {many} => {many} is {few}. => {many} = {few}
        How many {larges} is that? | {many} => That is {few}. => {many} is {few}.
        """, **_equal_quantities(rng))  # fmt: skip


def mixed_units(rng: random.Random) -> Task:
    """A quantity in two units, such as weeks and days, and in one."""
    small, large, size = rng.choice(MIXED_UNITS)
    total = size * rng.randint(1, 9) + rng.randrange(1, size)
    return task_from(rng, """
        What is {many} in {larges} and {smalls}? => {many} is {mixed}.
        Write {many} as {larges} and {smalls}. => {many} is {mixed}. => {many} = {mixed}
        How many {larges} and {smalls} are {many}? => {many} is {mixed}.
        Give this in {larges} and {smalls}. | {many} => {many} is {mixed}.
        Split the quantity into {larges} and {smalls}. | {many} => {many} is {mixed}.
        How many {smalls} are {mixed}? => {mixed} is {many}.
        What is {mixed} in {smalls} alone? => {mixed} is {many}.
        Write this in {smalls} only. | {mixed} => {mixed} is {many}. => {mixed} = {many}
        How many {smalls} are that altogether? | {mixed} => That is {many} altogether.
        """, many=quantity(total, small), mixed=_mixed(total, small, large, size), smalls=plural_unit(small),
        larges=plural_unit(large))  # fmt: skip


def temperature(rng: random.Random) -> Task:
    """Degrees Celsius in degrees Fahrenheit, or the other way round."""
    celsius = 5 * rng.randint(-4, 40)
    scales = [("Celsius", celsius), ("Fahrenheit", celsius * 9 // 5 + 32)]
    (old, degrees), (new, value) = rng.sample(scales, 2)
    return task_from(rng, """
        What is {degrees} degrees {old} in {new}? => {degrees} degrees {old} is {value} degrees {new}.
        Change {degrees} degrees {old} to {new}. => {degrees} degrees {old} is {value} degrees {new}.
        How many degrees {new} are {degrees} degrees {old}? => {degrees} degrees {old} is {value} degrees {new}.
        The thermometer shows {degrees} degrees {old}. What is that in {new}? => That is {value} degrees {new}.
        Give the temperature in {new}. | {degrees} degrees {old} => The temperature is {value} degrees {new}.
        Write this temperature in degrees {new}. | {degrees} °{old[0]} => {degrees} °{old[0]} is {value} °{new[0]}.
        What would a thermometer in {new} show? | {degrees} degrees {old} => It would show {value} degrees {new}.
        """, degrees=degrees, old=old, new=new, value=value)  # fmt: skip


def duration(rng: random.Random) -> Task:
    """How long it is from one time of day to another."""
    start, length = 5 * rng.randint(72, 144), 5 * rng.randint(5, 110)
    show = rng.choice((_clock, _clock_24))
    return task_from(rng, """
        How long is it from {start} to {end}? => It is {length} from {start} to {end}.
        How much time passes between {start} and {end}? => The time between {start} and {end} is {length}.
        A {vehicle} leaves at {start} and arrives at {end}. How long is the journey? => The journey takes {length}.
        The {event} begins at {start} and ends at {end}. How long does it last? => The {event} lasts {length}.
        How long is the {shop} open? | It opens at {start} and closes at {end}. => The {shop} is open for {length}.
        Say how long the trip takes. | Departure: {start}, arrival: {end} => The trip takes {length}.
        Find the time between the two. | {start} and {end} => The time between {start} and {end} is {length}.
        {name} works from {start} to {end}. How long is that? => That is {length}.
        """, start=show(start), end=show(start + length), length=_mixed(length, "minute", "hour", 60),
        **named_person(rng), vehicle=rng.choice(VEHICLES), event=rng.choice(EVENTS),
        shop=rng.choice(SHOPS))  # fmt: skip


def end_time(rng: random.Random) -> Task:
    """When something ends or began."""
    start, length = 5 * rng.randint(84, 250), 5 * rng.randint(2, 36)
    show = rng.choice((_clock, _clock_24))
    lasts = rng.choice((_mixed(length, "minute", "hour", 60), quantity(length, "minute")))
    return task_from(rng, """
        A {event} begins at {start} and takes {length}. When is it over? => The {event} is over at {end}.
        The {event} starts at {start} and lasts {length}. When does it finish? => The {event} finishes at {end}.
        A {vehicle} leaves at {start} and needs {length}. When does it arrive? => The {vehicle} arrives at {end}.
        What time is it {length} after {start}? => It is {end}.
        What time is it {length} before {end}? => It is {start}.
        Find the time of the end. | Start: {start}, length: {length} => The end is at {end}.
        When does the {event} end? | It starts at {start} and goes on for {length}. => The {event} ends at {end}.
        When did the {event} begin? | It took {length} and ended at {end}. => The {event} began at {start}.
        {name} starts to work at {start} and stops after {length}. When is that? => {name} stops at {end}.
        """, start=show(start), end=show(start + length), length=lasts, vehicle=rng.choice(VEHICLES),
        event=rng.choice(EVENTS), **named_person(rng))  # fmt: skip


def clock_form(rng: random.Random) -> Task:
    """A time of the 12-hour clock on the 24-hour clock, or the other way round."""
    minutes = rng.choice((5 * rng.randrange(288), rng.randrange(1440), rng.randrange(780, 1440)))
    return task_from(rng, """
        What is {half} on a 24-hour clock? => On a 24-hour clock it is {full}. => {half} is {full} on a 24-hour clock.
        Write {half} in the 24-hour form. => {half} is {full} in the 24-hour form.
        How does a 24-hour clock show {half}? => A 24-hour clock shows {half} as {full}.
        Give this time as a 24-hour clock shows it. | {half} => {half} is {full} on the 24-hour clock.
        Write the time without AM or PM, on the 24-hour clock. | {half} => {full}
        Write {full} with AM or PM. => {full} is {half}.
        What is {full} in the 12-hour form? => {full} is {half} in the 12-hour form. => {full} is {half}.
        Turn the 24-hour time into a 12-hour time. | {full} => {full} is {half}.
        Which 12-hour time is this? | {full} => {full} is {half}.
        """, half=_clock(minutes), full=_clock_24(minutes))  # fmt: skip


def date_after(rng: random.Random) -> Task:
    """The date some days after another, or how many days there are between."""
    count = rng.randint(3, 45)
    start = date(2001, 3, 1) + timedelta(rng.randrange(306))  # so that no leap day can come between
    return task_from(rng, """
        Which date is {count} days after {start}? => {end} is {count} days after {start}. => The date is {end}.
        Which date comes {count} days before {end}? => {start} comes {count} days before {end}.
        Today is {start}. What is the date in {count} days? => In {count} days it will be {end}.
        A bill of {start} must be paid within {count} days. What is the last day? => The last day is {end}.
        {name} borrows a book on {start} for {count} days. When is it due? => The book is due on {end}.
        Find the due date. | Borrowed on {start}, due {count} days later => The due date is {end}.
        On what date does the trip end? | It starts on {start} and ends {count} days later. => The trip ends on {end}.
        How many days after {start} is {end}? => {end} is {count} days after {start}.
        Count the days between the dates. | from {start} to {end} => There are {count} days from {start} to {end}.
        """, count=count, start=_day(start), end=_day(start + timedelta(count)), **named_person(rng))  # fmt: skip


def weekday_after(rng: random.Random) -> Task:
    """The day of the week some days before or after another."""
    at, count = rng.randrange(7), rng.randint(2, 30)
    return task_from(rng, """
        Today is {day}. What day of the week is it in {count} days? => In {count} days it is {later}.
        What day of the week comes {count} days after a {day}? => A {later} comes {count} days after a {day}.
        Today is {day}. Which weekday was it {count} days ago? => It was {earlier} {count} days ago.
        If it is {day} now, what day will it be after {count} days? => It will be {later}.
        It is {day}, and {name} leaves in {count} days. On which day of the week? => {name} leaves on a {later}.
        Which day of the week is it? | {count} days after {day} => It is a {later}. => It is {later}.
        Which day of the week was it? | {count} days before {day} => It was a {earlier}.
        On what weekday is the {event}? | Today is {day}, and it is in {count} days. => The {event} is on a {later}.
        """, day=WEEKDAYS[at], later=WEEKDAYS[(at + count) % 7], earlier=WEEKDAYS[(at - count) % 7], count=count,
        event=rng.choice(EVENTS), **named_person(rng))  # fmt: skip


def leap_year(rng: random.Random) -> Task:
    """Whether a year is a leap year, and how many days it has."""
    year = rng.choice((rng.randint(1600, 2100), 4 * rng.randint(400, 525), 100 * rng.randint(16, 21)))
    is_leap = isleap(year)
    following = next(later for later in range(year + 1, year + 9) if isleap(later))
    yes, is_a = ("Yes", "is") if is_leap else ("No", "is not")
    return task_from(rng, """
        Is the year {year} a leap year? => {yes}, {year} {is_a} a leap year.
        Does February of {year} have 29 days? => {yes}, February of {year} has {february} days.
        How many days does the year {year} have? => The year {year} has {days} days.
        How many days are in February {year}? => There are {february} days in February {year}.
        Which is the first leap year after {year}? => The first leap year after {year} is {following}.
        Say whether the year is a leap year. | {year} => The year {year} {is_a} a leap year.
        Tell how many days the year has. | {year} => The year {year} has {days} days.
        """, year=year, yes=yes, is_a=is_a, february=28 + is_leap, days=365 + is_leap, following=following)  # fmt: skip


def age(rng: random.Random) -> Task:
    """How old somebody is, was or will be."""
    born, old, more = rng.randint(1900, 1950), rng.randint(14, 70), rng.randint(2, 12)
    return task_from(rng, """
        {name} was born in {born}. What age does {he} reach in {year}? => {name} turns {old} in {year}.
        In what year was {name} born if {he} turned {old} in {year}? => {name} was born in {born}.
        {name} is {old} years old. How old will {he} be in {more} years? => {name} will be {older} years old.
        {name} is {old} years old now. How old was {he} {more} years ago? => {name} was {younger} years old.
        {name} is {old}, and {his} brother is {more} years younger. How old is the brother? => The brother is {younger}.
        {name} was born in {born}. How many years later is {year}? => {year} is {old} years later.
        How old does {name} become in {year}? | {name} was born in {born}. => {He} becomes {old} in {year}.
        How old is the sister? | {name} is {old}, and {his} sister is {more} years older. => The sister is {older}.
        In which year does {name} turn {old}? | {name} was born in {born}. => {name} turns {old} in {year}.
        """, born=born, old=old, year=born + old, more=more, older=old + more, younger=old - more,
        **named_person(rng))  # fmt: skip


def century(rng: random.Random) -> Task:
    """The century of a year."""
    year = rng.randint(1001, 2020)
    number = (year - 1) // 100 + 1
    return task_from(rng, """
        In which century is the year {year}? => The year {year} is in the {nth} century.
        What century does the year {year} belong to? => The year {year} belongs to the {nth} century.
        A bridge was built in {year}. In which century was that? => That was in the {nth} century.
        Name the century of the year. | {year} => The year {year} is in the {nth} century.
        In what century did the king die? | The king died in {year}. => The king died in the {nth} century.
        Give the century in which the church was built. | built in {year} => The church was built in the {nth} century.
        When does the {nth} century begin and end? => The {nth} century begins in {first} and ends in {last}.
        """, year=year, nth=ordinal_in_digits(number), first=100 * number - 99, last=100 * number)  # fmt: skip


def sorted_times(rng: random.Random) -> Task:
    """Times of day put in order, or the first or last of them."""
    times = [5 * at for at in rng.sample(range(60, 276), rng.randint(3, 5))]
    show = rng.choice((_clock, _clock, _clock_24))
    shown, in_order = [*map(show, times)], [*map(show, sorted(times))]
    return task_from(rng, """
        Put the times {series} in order, the earliest first. => {sorted}
        Order {series} from early to late. => {sorted}
        Which of these times comes first: {joined}? => {first} comes first.
        Order the times from the earliest to the latest. | {joined} => {sorted}
        Sort the times of the day. | {joined} => {sorted}
        Sort the times, beginning with the latest. | {joined} => {reversed}
        What is the earliest of the times? | {joined} => The earliest time is {first}.
        Which time is the latest? | {joined} => The latest time is {last}.
        """, joined=", ".join(shown), series=series(shown), sorted=", ".join(in_order),
        reversed=", ".join(in_order[::-1]), first=in_order[0], last=in_order[-1])  # fmt: skip


def price_reduced(rng: random.Random) -> Task:
    """A price reduced by some percent."""
    rate, thing = rng.choice(PERCENTAGES), rng.choice(GOODS)
    old = 100 // gcd(rate, 100) * rng.randint(2, 12)
    saved = old * rate // 100
    return task_from(rng, """
        {A_thing} costs {old} dollars, less {rate} percent. What is the price? => The price is {new} dollars.
        {A_thing} for {old} dollars is now {rate} percent cheaper. What does it cost? => It costs {new} dollars now.
        The price of {old} dollars falls by {rate} percent. What is the new price? => The new price is {new} dollars.
        How many dollars are saved at {rate} percent off {old} dollars? => {saved} dollars are saved.
        Find the sale price. | {old} dollars, {rate} percent off => The sale price is {new} dollars.
        What is the new price? | {A_thing} at {old} dollars, less {rate} percent => The new price is {new} dollars.
        How much does {name} pay? | {old} dollars for {a_thing}, less {rate} percent => {name} pays {new} dollars.
        """, rate=rate, old=old, saved=saved, new=old - saved, a_thing=with_article(thing),
        A_thing=capital(with_article(thing)), **named_person(rng))  # fmt: skip


def word_problem(rng: random.Random) -> Task:
    """A little story with a question about a number."""
    b, rest, more = rng.randint(4, 50), rng.randint(2, 50), rng.randint(3, 60)
    each, count = rng.randint(3, 15), rng.randint(3, 20)
    speed, hours = 5 * rng.randint(6, 22), rng.randint(2, 8)
    one, other = rng.sample(list(NAMES), 2)
    task = task_from(
        rng, STORIES, a=b + rest, b=b, rest=rest, sum=b + rest + b, more=more, b_and_more=b + more,
        a_and_more=b + rest + more, each=each, count=count, product=each * count, change=20 - each, speed=speed,
        hours=hours, way=speed * hours, one=one, other=other, flowers=rng.choice(FLOWERS), foods=rng.choice(FOODS),
        things=rng.choice(SMALL_THINGS), good=rng.choice(GOODS), a_good=with_article(rng.choice(GOODS)),
        vehicle=rng.choice(VEHICLES),
    )  # fmt: skip
    return Task(rng.choice(STORY_ASKS), task.ask, task.answer) if rng.random() < 0.4 else task


def counted_items(rng: random.Random) -> Task:
    """How many things a list names."""
    items = rng.sample(ITEMS, rng.randint(3, 10))
    return task_from(rng, """
        How many things are in this list: {items}? => There are {count} things in the list.
        Count the things: {items}. => There are {count} things.
        {name} buys {series}. How many things does {he} buy? => {name} buys {count} things.
        How many things does the list name? | {items} => The list names {count} things.
        Count what is listed here. | {items} => The list has {count} items.
        How many items are there? | {items} => There are {count} items.
        How many words are in this list? | {items} => There are {count} words in the list.
        Say how many things {name} packs. | {series} => {name} packs {count} things.
        """, items=", ".join(items), count=len(items), series=series([*map(with_article, items)]),
        **named_person(rng))  # fmt: skip


def rectangle(rng: random.Random) -> Task:
    """The perimeter or the area of a rectangle or a square."""
    width, length = sorted(rng.sample(range(2, 30), 2))
    around, area = 2 * (width + length), width * length
    return task_from(rng, """
        A {thing} is {a} {units} long and {b} {units} wide. What is its area? => \
The area of the {thing} is {area} square {units}.
        A {thing} is {a} {units} long and {b} {units} wide. What is its perimeter? => \
The perimeter of the {thing} is {around} {units}.
        What is the area of a rectangle of {a} by {b} {units}? => The area is {area} square {units}.
        How long is a fence around a field of {a} by {b} meters? => The fence is {around} meters long.
        What is the perimeter of a square with sides of {a} {units}? => The perimeter is {square_around} {units}.
        What is the area of a square with sides of {b} {units}? => The area is {square} square {units}.
        Find the area of the rectangle. | {a} {units} by {b} {units} => The area is {area} square {units}.
        Find the perimeter of the rectangle. | {a} {units} by {b} {units} => The perimeter is {around} {units}.
        Find the perimeter of the square. | Each side is {a} {units} long. => The perimeter is {square_around} {units}.
        """, a=length, b=width, thing=rng.choice(FLAT_THINGS), units=rng.choice(("meters", "feet", "yards")), area=area,
        around=around, square=width * width, square_around=4 * length)  # fmt: skip


def angle(rng: random.Random) -> Task:
    """The kind of an angle, or the third angle of a triangle."""
    kind, (low, high) = rng.choice(list(ANGLES.items()))
    degrees, one, two = 5 * rng.randint(low // 5, high // 5), 5 * rng.randint(3, 17), 5 * rng.randint(3, 17)
    return task_from(rng, """
        What kind of angle has {degrees} degrees? => An angle of {degrees} degrees is {a_kind} angle.
        What is an angle of {degrees} degrees called? => It is called {a_kind} angle.
        Name the kind of an angle of {degrees} degrees. => An angle of {degrees} degrees is {a_kind} angle.
        Which kind of angle is this? | {degrees} degrees => This is {a_kind} angle.
        Is the angle acute, right, obtuse, straight, or reflex? | {degrees} degrees => The angle is {kind}.
        A triangle has angles of {one} and {two} degrees. What is the third? => The third angle is {third} degrees.
        Find the third angle of the triangle. | {one} degrees, {two} degrees => The third angle is {third} degrees.
        """, degrees=degrees, kind=kind, a_kind=with_article(kind), one=one, two=two,
        third=180 - one - two)  # fmt: skip


def date_in_digits(rng: random.Random) -> Task:
    """A date with the name of the month, and with digits only."""
    day = date(1800, 1, 1) + timedelta(rng.randrange(82_000))
    return task_from(rng, """
        How is {named} written as MM/DD/YYYY? => {named} is written as {digits}.
        Write {named} with digits only, as YYYY-MM-DD. => {named} is {iso}.
        Which date is {iso}? => {iso} is {named}.
        In which month is {digits} (MM/DD/YYYY)? => {digits} is in {month}.
        Write this date as MM/DD/YYYY. | {named} => {digits}
        Write this date as YYYY-MM-DD. | {named} => {iso} => {named} is {iso}.
        Write the date with the name of its month. | {iso} => {named} => {iso} is {named}.
        Spell out the month of this date (MM/DD/YYYY). | {digits} => {named}
        What is the number of the month? | {named} => {month} is month number {number}.
        """, named=f"{_day(day)}, {day.year}", digits=f"{day.month:02}/{day.day:02}/{day.year}", iso=day.isoformat(),
        month=MONTHS[day.month - 1], number=day.month)  # fmt: skip

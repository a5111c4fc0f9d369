"""The workbook: which kinds of tasks there are, how often each comes, and how they are laid out."""

import random
from collections.abc import Callable, Iterator

from drill_words import Lexicon
from exercises import with_text
from workbook import (
    answer_tasks,
    correction_tasks,
    form_tasks,
    letter_tasks,
    name_tasks,
    number_tasks,
    quantity_tasks,
    reading_tasks,
    style_tasks,
    word_tasks,
    writing_tasks,
)
from workbook.tasks import Material, SentenceTask, Task
from workbook.vocabulary import Vocabulary

SHARES = (0.48, 0.24, 0.12, 0.16)  # of tasks with sentences, with words, with numbers, and with something to write
FORM_TASKS: dict[SentenceTask, int] = {  # kind: how often
    form_tasks.tense: 6, form_tasks.tense_of_two_verbs: 4, form_tasks.passive: 4, form_tasks.active: 3,
    form_tasks.negative: 3, form_tasks.question: 3, form_tasks.statement: 3, form_tasks.question_tag: 2,
    form_tasks.indirect_question: 1, form_tasks.joined: 3, form_tasks.joined_by_subject: 3, form_tasks.described: 2,
    form_tasks.two_commands: 1, form_tasks.another_number: 2, form_tasks.time_moved: 1, form_tasks.relative_clause: 1,
    form_tasks.adverb_added: 2, form_tasks.contraction: 1, form_tasks.tense_named: 1,
}  # fmt: skip
CORRECTION_TASKS: dict[SentenceTask, int] = {
    correction_tasks.agreement_mistake: 3, correction_tasks.form_mistake: 2, correction_tasks.double_negative: 1,
    correction_tasks.plural_mistake: 2, correction_tasks.small_mistake: 2, correction_tasks.spelling: 6,
    correction_tasks.confused_words: 3, correction_tasks.gap: 3, correction_tasks.verb_in_parentheses: 2,
    correction_tasks.direct_speech: 2, correction_tasks.marks_missing: 2,
}  # fmt: skip
READING_TASKS: dict[SentenceTask, int] = {
    reading_tasks.moved_words: 3, reading_tasks.list_of_items: 3, reading_tasks.people_named: 2,
    reading_tasks.part_of_speech: 2, reading_tasks.words_found: 3, reading_tasks.counted: 2,
    reading_tasks.word_exchanged: 3,
}  # fmt: skip
WORD_TASKS: dict[Callable[[random.Random, Vocabulary], Task], int] = {
    word_tasks.definition: 4, word_tasks.phrase: 3, word_tasks.right_definition: 2, word_tasks.wrong_definition: 1,
    word_tasks.clue: 3, word_tasks.described_thing: 2, word_tasks.one_of_two_kinds: 2, word_tasks.kind_of_thing: 2,
    word_tasks.examples_of_kind: 2, word_tasks.two_headings: 3, word_tasks.odd_one_out: 2, word_tasks.alike: 1,
    word_tasks.difference: 2, word_tasks.synonym: 4, word_tasks.is_related: 3, word_tasks.related_two: 3,
    word_tasks.opposite: 3, word_tasks.prefix: 1, word_tasks.analogy: 2, word_tasks.compound: 2,
    word_tasks.part_of_speech: 2, word_tasks.derivation: 3, word_tasks.form: 3, name_tasks.capital_city: 2,
    name_tasks.place: 2, name_tasks.person: 2, name_tasks.person_of: 1, name_tasks.life_dates: 1,
    letter_tasks.alphabet: 2, letter_tasks.by_length: 1, letter_tasks.spelling_choice: 2,
    letter_tasks.spelling_check: 3, letter_tasks.letters: 2, letter_tasks.palindrome: 1, letter_tasks.letter_case: 1,
    letter_tasks.initials: 1,
}  # fmt: skip
NUMBER_TASKS: dict[Callable[[random.Random], Task], int] = {
    number_tasks.addition: 3, number_tasks.subtraction: 3, number_tasks.multiplication: 3, number_tasks.division: 3,
    number_tasks.three_terms: 2, number_tasks.precedence: 2, number_tasks.missing_number: 3,
    number_tasks.number_riddle: 2, number_tasks.checked_addition: 2, quantity_tasks.smaller_unit: 4,
    quantity_tasks.larger_unit: 4, quantity_tasks.mixed_units: 3, quantity_tasks.temperature: 2,
    quantity_tasks.duration: 3, quantity_tasks.end_time: 3, quantity_tasks.clock_form: 3,
    quantity_tasks.date_after: 3, quantity_tasks.weekday_after: 3, quantity_tasks.leap_year: 1, quantity_tasks.age: 2,
    quantity_tasks.century: 1, number_tasks.mean: 3, number_tasks.extreme: 2, number_tasks.sorted_numbers: 3,
    quantity_tasks.sorted_times: 2, number_tasks.counted_numbers: 3, number_tasks.even_or_odd: 1,
    number_tasks.prime: 2, number_tasks.factors_and_multiples: 1, number_tasks.common_number: 2,
    number_tasks.percent: 3, quantity_tasks.price_reduced: 2, number_tasks.fraction: 2, number_tasks.rounding: 1,
    number_tasks.roman_numeral: 2, number_tasks.number_in_words: 2, number_tasks.ordinal: 1,
    quantity_tasks.word_problem: 4, quantity_tasks.counted_items: 2, quantity_tasks.rectangle: 2,
    quantity_tasks.angle: 1, number_tasks.ratio: 1, number_tasks.sequence: 2, quantity_tasks.date_in_digits: 2,
}  # fmt: skip
WRITING_TASKS: dict[Callable[[random.Random, Lexicon], Task], int] = {
    writing_tasks.sentence_with_word: 3, writing_tasks.sentence_with_words: 3, writing_tasks.sentence_about: 3,
    writing_tasks.sentence_in_tense: 3, writing_tasks.sentence_beginning: 2, writing_tasks.apology: 2,
    writing_tasks.thanks: 2, writing_tasks.polite_request: 3, writing_tasks.reasoned_request: 1,
    writing_tasks.refusal: 1, writing_tasks.not_wanted: 2, writing_tasks.invitation: 1, writing_tasks.compliment: 1,
    writing_tasks.congratulation: 1, writing_tasks.excuse: 1, writing_tasks.letter: 1, writing_tasks.place_rule: 2,
    writing_tasks.advice: 1, writing_tasks.remedy: 2, writing_tasks.write_figure: 2,
    writing_tasks.simile_or_metaphor: 2, writing_tasks.figure_changed: 2, writing_tasks.simile_words: 2,
    writing_tasks.simile_completed: 1, style_tasks.sentiment: 3, style_tasks.opposite_sentiment: 3,
    style_tasks.nicer_word: 2, style_tasks.emotion: 2, style_tasks.fact_or_opinion: 3,
    style_tasks.formal_or_informal: 2, style_tasks.more_formal: 1, style_tasks.sentence_type: 3,
    style_tasks.headline_topic: 2, style_tasks.urgent: 1, style_tasks.shorten: 4, style_tasks.no_repetition: 2,
    style_tasks.summary: 3, style_tasks.headline: 3, style_tasks.story_title: 1, style_tasks.main_point: 1,
    answer_tasks.idiom_meaning: 2, answer_tasks.idiom_for_meaning: 2, answer_tasks.idiom_completed: 1,
    answer_tasks.idiom_said: 1, answer_tasks.proverb_completed: 2, answer_tasks.reason: 2, answer_tasks.yes_no: 1,
    answer_tasks.question_for: 3, answer_tasks.question_about: 4, answer_tasks.which_person: 4,
    answer_tasks.by_which_person: 2, answer_tasks.when_where: 4, answer_tasks.which_thing: 3, answer_tasks.called: 2,
    answer_tasks.either_or: 3, answer_tasks.use_of: 3, answer_tasks.thing_for_use: 3, answer_tasks.difference: 2,
    answer_tasks.alike: 2, answer_tasks.effect: 2,
}  # fmt: skip


def workbook(count: int, seed: int, material: Material, vocabulary: Vocabulary, lexicon: Lexicon) -> Iterator[str]:
    """`count` tasks, each with its text and its answer in lines; they depend on the arguments alone.

    What is to be written has the words of `lexicon`.
    """
    rng = random.Random(seed)
    parts = (
        (FORM_TASKS | CORRECTION_TASKS | READING_TASKS, [material]),
        (WORD_TASKS, [vocabulary]),
        (NUMBER_TASKS, []),
        (WRITING_TASKS, [lexicon]),
    )
    for kinds, of_words in rng.choices(parts, SHARES, k=count):
        (kind,) = rng.choices(list(kinds), list(kinds.values()))
        yield laid_out(kind(rng, *of_words), rng)


def laid_out(task: Task, rng: random.Random) -> str:
    """The task, its text and its answer in lines; a text of one line may stand within the task."""
    ask = with_text(task.ask, task.text.split("\n"), rng) if task.text else task.ask
    return f"{ask}\n{task.answer}"

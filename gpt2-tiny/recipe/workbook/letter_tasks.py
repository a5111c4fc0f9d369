"""Tasks of a workbook with the letters of words: their order, number and case, and the right spelling."""

import random

from drill_words import NAMES, words
from english_words import capital, misspell
from workbook.tasks import Task, worded
from workbook.vocabulary import Vocabulary

PALINDROMES = words(
    "level noon radar civic madam kayak rotor refer deed peep racecar eye pop mom dad solos stats tenet"
)


def alphabet(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Words in alphabetical order, or the first of them."""
    chosen = rng.sample(vocabulary.spelled, rng.choice((3, 4, 5)))
    if rng.random() < 0.3:
        chosen = [word for word in vocabulary.spelled if word[0] == chosen[0][0]]
        chosen = rng.sample(chosen, min(4, len(chosen)))
    first = rng.random() < 0.3
    asks = (
        "Which word comes first in the alphabet?", "Which of these is first in the dictionary: {text}?",
        "Name the word that a dictionary lists first.", "By the alphabet, which word stands first: {text}?",
    ) if first else (
        "Put these words in alphabetical order.", "Alphabetize this list: {text}.", "Sort these from A to Z.",
        "Arrange the words as in a dictionary.", "Order these words by the alphabet: {text}.",
        "Sort the words by their letters.",
    )  # fmt: skip
    answer = f"The word '{min(chosen)}' comes first in the alphabet." if first else ", ".join(sorted(chosen))
    return worded(rng, asks, ", ".join(chosen), answer)


def by_length(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Words of different lengths in order, or the longest or shortest."""
    by_size = {len(word): word for word in rng.sample(vocabulary.spelled, min(30, len(vocabulary.spelled)))}
    chosen = rng.sample(list(by_size.values()), min(4, len(by_size)))
    in_order = sorted(chosen, key=len)
    extreme, word = rng.choice((("longest", in_order[-1]), ("shortest", in_order[0])))
    sort = worded(rng, (
        "Sort these words from the shortest to the longest.", "Order by length, the shortest first: {text}.",
        "Put the shortest word first and the longest last.",
        "Arrange the words by their number of letters, fewest to most.",
    ), ", ".join(chosen), ", ".join(in_order))  # fmt: skip
    find = worded(rng, (
        "Which word is the {extreme}?", "Find the {extreme} word: {text}.", "Pick the {extreme} of these words.",
        "Which of these words is {extreme}: {text}?",
    ), ", ".join(chosen), f"The {extreme} word is '{word}'.", extreme=extreme)  # fmt: skip
    return rng.choice((sort, find))


def _misspelled(rng: random.Random, vocabulary: Vocabulary) -> tuple[str, str]:
    """A word of some length and a wrong spelling that is no other word."""
    while True:
        word = rng.choice(vocabulary.spelled)
        wrong = misspell(word, rng)
        if len(word) > 5 and wrong not in vocabulary.related:
            return word, wrong


def spelling_choice(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The right one of two or three spellings."""
    word, wrong = _misspelled(rng, vocabulary)
    options = sorted({word, wrong, misspell(word, rng)} - (vocabulary.related.keys() - {word}))
    return worded(rng, (
        "Which spelling is right?", "Which word is spelled correctly: {text}?", "Pick the right spelling.",
        "Only one of these is spelled correctly. Which?", "How is the word spelled: {text}?",
        "Find the correct spelling.",
    ), ", ".join(rng.sample(options, len(options))), f"The correctly spelled word is '{word}'.")  # fmt: skip


def spelling_check(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Whether a word is spelled correctly, or how it should be."""
    word, wrong = _misspelled(rng, vocabulary)
    shown = rng.choice((word, wrong))
    no = f"No, the correct spelling is '{word}'."
    check = worded(rng, (
        "Is this spelled correctly?", "Is '{text}' the right spelling?", "Has this word been spelled right?",
        "Check the spelling of '{text}'. Is it right?", "Does this word have the right letters?",
    ), shown, f"Yes, '{word}' is spelled correctly." if shown == word else no)  # fmt: skip
    correct = worded(rng, (
        "Spell this word correctly.", "How should '{text}' be spelled?", "Correct the spelling of '{text}'.",
        "Give the right spelling.", "This word is misspelled. How is it spelled?", "Repair the spelling: {text}.",
    ), wrong, f"The correct spelling is '{word}'.")  # fmt: skip
    return rng.choice((check, correct))


def letters(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """What can be said of a word's letters."""
    word = rng.choice(vocabulary.spelled)
    letter, vowels = rng.choice(word), sum(word.count(vowel) for vowel in "aeiou")
    times = "once" if word.count(letter) == 1 else f"{word.count(letter)} times"
    plural = "" if vowels == 1 else "s"
    return rng.choice((
        worded(rng, ("Count the letters.", "How many letters has '{text}'?",
                     "How long is the word '{text}' in letters?",
                     "Of how many letters is '{text}' made?"), word, f"The word '{word}' has {len(word)} letters."),
        worded(rng, ("Count the vowels (a, e, i, o, u).", "How many of the vowels a, e, i, o, u has '{text}' in all?"),
               word, f"The word '{word}' has {vowels} vowel{plural}."),
        worded(rng, ("Which letter is the first?", "What is the first letter of '{text}'?"), word,
               f"The first letter of '{word}' is '{word[0]}'."),
        worded(rng, ("Which letter is the last?", "With which letter does '{text}' end?"), word,
               f"The last letter of '{word}' is '{word[-1]}'."),
        worded(rng, ("How often does '{letter}' occur in this word?", "How often is there '{letter}' in '{text}'?"),
               word, f"The letter '{letter}' occurs {times} in '{word}'.", letter=letter),
        worded(rng, ("Write the word backward.", "What is '{text}' backward?", "Reverse the letters of '{text}'."),
               word, f"Backward, '{word}' is '{word[::-1]}'."),
    ))  # fmt: skip


def palindrome(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Whether a word is the same backward."""
    word = rng.choice((rng.choice(PALINDROMES), rng.choice(vocabulary.spelled)))
    yes = f"Yes, '{word}' is a palindrome, because it is the same backward."
    no = f"No, '{word}' is not a palindrome, because backward it is '{word[::-1]}'."
    return worded(rng, (
        "Is this a palindrome?", "Does '{text}' read the same in both directions?",
        "Say whether '{text}' is a palindrome.",
        "Is '{text}' the same word backward?", "Palindrome or not?", "Check whether this word is a palindrome.",
    ), word, yes if word == word[::-1] else no)  # fmt: skip


def letter_case(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """Words in capital or small letters."""
    text = " ".join(rng.sample(vocabulary.spelled, rng.choice((1, 2, 3))))
    return rng.choice((
        worded(rng, ("Write this in capital letters.", "Put '{text}' in capitals.", "Make every letter a capital.",
                     "How does '{text}' look in uppercase?"), text, text.upper()),
        worded(rng, ("Write this in small letters.", "Put '{text}' in lowercase.", "Make every letter small.",
                     "How does '{text}' look in lowercase?"), text.upper(), text),
        worded(rng, ("Begin each word with a capital.", "Write '{text}' with a capital at the start of each word."),
               text, " ".join(capital(word) for word in text.split())),
    ))  # fmt: skip


def initials(rng: random.Random, vocabulary: Vocabulary) -> Task:
    """The initials of a name, or the last name first."""
    last = rng.choice(vocabulary.people).name.split()[-1]
    pronoun = rng.choice(("he", "she"))
    first = rng.sample([name for name in NAMES if NAMES[name] == pronoun], rng.choice((1, 2)))
    name = " ".join([*first, last])
    return rng.choice((
        worded(rng, ("Write the initials with periods.", "What are the initials of {text}, with periods?",
                     "Shorten the name {text} to its initials, with a period after each."), name,
               "".join(f"{part[0]}." for part in name.split())),
        worded(rng, ("Write the last name first, with a comma.", "How is {text} written with the last name first?",
                     "Put the last name before the rest of the name: {text}."), name, f"{last}, {' '.join(first)}"),
    ))  # fmt: skip

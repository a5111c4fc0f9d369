"""Exercises: drills in which the change is asked for in words, with the text below, behind a colon or quoted.

A drill names each change with the same few labels; here each is asked for in many wordings, as schoolbooks do it, so
that no single one stands for it.
"""

import random
import re
from collections.abc import Iterable, Iterator

OF_A_MISTAKE = re.compile(r"With (?:a|two)(?: spelling)? mistakes?: ")  # stands before a text
QUESTION_AND_ANSWER = re.compile(r"([A-Z][^?]*\?) (?=\S)")
QUOTED, IN_LINE = 0.25, 0.3  # how often a sentence stands within its task, and a text in the line of its task
INTRODUCED = 0.5  # how often a framed exercise has an introduction
SENTENCE = ("the sentence", "this sentence", "the following sentence", "the sentence below")  # what stands for `{it}`
IN_FORM = (
    "Put {it} into the {0}.",
    "Rewrite {it} in the {0}.",
    "Change {it} to the {0}.",
    "Write {it} in the {0}.",
    "Say {it} in the {0} instead.",
    "Use the {0} in {it}.",
    "Turn {it} into the {0}.",
    "Now the same in the {0}.",
    "What is {it} in the {0}?",
    "How would {it} be in the {0}?",
    "Give the {0} of {it}.",
    "Express {it} in the {0}.",
)
NEGATIVE = (
    "Make {it} negative.",
    "Turn {it} into a negative sentence.",
    "Say that this is not so.",
    "Rewrite {it} in the negative form.",
    "Negate {it}.",
    "What is the negative form of {it}?",
    "Deny what {it} says.",
)
POSITIVE = (
    "Take the negation out of {it}.",
    "Say {it} without 'not'.",
    "Rewrite {it} in the affirmative.",
    "Say {it} as something that is so.",
    "Remove the negation from {it}.",
)
# What is asked about a text: how a drill's line begins, up to the answer, and the wordings; groups of the beginning
# stand in the wordings by number (those that match nothing are not counted). Of several beginnings that fit the first
# counts.
OF_TEXTS: dict[str, tuple[str, ...]] = {
    **{
        f"{tense} tense: ": tuple(ask.replace("{0}", f"{tense.lower()} tense") for ask in IN_FORM)
        for tense in ("Past", "Present", "Future")
    },
    r"In the (negative): ": (*IN_FORM[:6], *NEGATIVE),
    r"In the (positive): ": POSITIVE,
    r"In the ([\w ]+): ": IN_FORM,
    r"Active: ": ("Make {it} active.", "Write {it} as an active sentence.", "Say who does it, in the active."),
    r"Passive: ": (
        "Make {it} passive.",
        "Write {it} as a passive sentence.",
        "What is the passive form of {it}?",
        "Rewrite {it} as a passive.",
        "Turn {it} round, so that it is passive.",
    ),
    r"Negative: ": NEGATIVE,
    r"Positive: ": POSITIVE,
    r"(?:As a statement|Statement): ": (
        "Turn {it} into a statement.",
        "Make a statement of {it}.",
        "Rewrite {it} as a statement.",
        "Change {it} to a statement.",
        "What is {it} as a statement?",
        "Say {it} as a plain statement.",
    ),
    r"(?:As a question|Question): ": (
        "Turn {it} into a question.",
        "Make a question of {it}.",
        "Rewrite {it} as a question.",
        "Ask whether this is so.",
        "Change {it} to a question.",
        "Form a question from {it}.",
        "What would {it} be as a question?",
        "Put {it} as a question.",
    ),
    r"(?:With a question tag|Question tag): ": (
        "Add a question tag to {it}.",
        "Put a question tag at the end of {it}.",
        "End {it} with a question tag.",
        "Rewrite {it} with a question tag.",
        "Which question tag belongs to {it}? Write the whole.",
        "Make {it} a question by adding a tag.",
    ),
    r"With '(\w+)' in place of '(\w+)': ": (
        "Put '{0}' in place of '{1}'.",
        "Replace '{1}' with '{0}' in {it}.",
        "Change '{1}' to '{0}'.",
        "Use '{0}' instead of '{1}' in {it}.",
        "Swap '{1}' for '{0}' in {it}.",
        "Rewrite {it} with '{0}' and not '{1}'.",
    ),
    r"With '(\w+)': ": (
        "Use '{0}' in {it}.",
        "Rewrite {it} with '{0}'.",
        "Say {it} with the word '{0}'.",
        "Put '{0}' into {it}.",
        "How is {it} with '{0}'?",
        "Add '{0}' to {it}.",
    ),
    r"With an apostrophe: ": (
        "Write this with an apostrophe.",
        "Use an apostrophe to show whose it is.",
        "Say this in fewer words with an apostrophe.",
    ),
    r"Without '(\w+)': ": (
        "Leave out '{0}'.",
        "Take the word '{0}' out of {it}.",
        "Remove '{0}' from {it}.",
        "Shorten {it} by the word '{0}'.",
        "Write {it} without '{0}'.",
        "Delete '{0}'.",
    ),
    r"Politely: ": (
        "Say this politely.",
        "Make {it} more polite.",
        "Turn {it} into a polite request.",
        "How would you ask for this politely?",
        "Rewrite {it} in a friendlier tone.",
        "Ask for this in a polite way.",
    ),
    r"Joined with '(\w+)': ": (
        "Join the sentences with '{0}'.",
        "Use '{0}' to make one sentence of these.",
        "Combine the two sentences with '{0}'.",
        "Connect both with the word '{0}'.",
    ),
    r"Beginning with '(\w+)': ": (
        "Make one sentence that begins with '{0}'.",
        "Join the sentences, beginning with '{0}'.",
        "Start with '{0}' and say both in one sentence.",
        "Combine these into a sentence with '{0}' at its beginning.",
    ),
    r"Joined: ": (
        "Join the sentences.",
        "Make one sentence of these.",
        "Combine these sentences.",
        "Put the two sentences together.",
        "Say both in one sentence.",
        "Merge the sentences into a single one.",
    ),
    r"The opposite: ": (
        "Say the opposite of {it}.",
        "Give {it} the opposite meaning.",
        "Turn {it} into its opposite.",
        "Change the adjective in {it} to its opposite.",
        "Use the antonym of the adjective in {it}.",
    ),
    r"(?=Here the opposite of '(\w+)' is )": (
        "What is the opposite of '{0}' here?",
        "Give the opposite of '{0}' in {it}.",
        "Which word would be the antonym of '{0}'?",
    ),
    r"Either '([\w']+)' or '([\w']+)': ": (
        "Fill the gap with either '{0}' or '{1}'.",
        "Which word fits the gap, '{0}' or '{1}'?",
        "Complete {it} with '{0}' or '{1}'.",
        "Choose between '{0}' and '{1}'.",
        "Use '{0}' or '{1}' to fill the blank.",
    ),
    r"Complete: ": (
        "Complete {it}.",
        "Fill the gap.",
        "Fill in the word that is missing.",
        "Put a word into the gap in {it}.",
        "Supply the missing word and write the whole.",
        "What belongs in the blank?",
    ),
    r"(?=The missing word is ')": (
        "Which word is missing?",
        "What is the missing word in {it}?",
        "Name the word that belongs in the gap.",
    ),
    r"In reverse order: ": (
        "Put the words in reverse order.",
        "Write the words from the last to the first.",
        "Turn the order of the words around.",
        "Reverse these words.",
    ),
    r"In alphabetical order: ": (
        "Put the words in alphabetical order.",
        "Arrange these words from A to Z.",
        "Order these words by the alphabet.",
        "Sort by the first letter.",
        "Which order does the alphabet give these words?",
    ),
    r"In one line: ": (
        "Write the words in one line, with commas between them.",
        "Make one line of these, with commas.",
        "Separate the words by commas.",
    ),
    r"In one sentence: ": ("Say in a sentence which words these are.", "Make a sentence that lists the words."),
    r'In direct speech: (?=(\w+) said, |".+," said (\w+)\.)': (
        "Let {0} say {it}, in direct speech.",
        "Write as direct speech that {0} said this.",
        "Write with quotation marks what {0} says.",
    ),
    r"Who said that .+\? (?=(\w+) said that )": (
        "Report that {0} said this.",
        "Write as indirect speech that {0} said this.",
    ),
    r"The sentence again: ": ("Copy {it}.", "Write {it} once more.", "Repeat {it}."),
    r"From small to large: ": (
        "Sort the numbers, the smallest first.",
        "Put the numbers in order from small to large.",
        "Arrange these numbers from the lowest to the highest.",
        "Order the numbers by size.",
    ),
    r"With a mistake: Corrected: ": (
        "Correct {it}.",
        "Correct what is wrong in {it}.",
        "Find the mistake in {it} and put it right.",
        "Write {it} without the mistake.",
        "The verb of {it} has the wrong form. Mend it.",
        "Make {it} grammatical.",
        "There is something wrong here. Write it correctly.",
    ),
    r"With (?:a|two) spelling mistakes?: Corrected: ": (
        "Correct the spelling.",
        "Correct what is misspelled in {it}.",
        "Find what is spelled wrong in {it} and put it right.",
        "Write {it} with the right spelling.",
        "Mend the spelling of {it}.",
        "Spell every word of {it} correctly.",
    ),
    r"With a spelling mistake: (?=The correct spelling is ')": (
        "Which word is misspelled in {it}? Give the right spelling.",
        "How is the misspelled word of {it} spelled?",
    ),
    r"(?=The correctly spelled word is ')": (
        "Which word is spelled correctly?",
        "Choose the right spelling.",
        "Pick the word without a mistake.",
        "Only one of these is a correct spelling. Which one?",
    ),
    r"(?=The verb is ')": (
        "Which word is the verb in {it}?",
        "Find the verb in {it}.",
        "Name the verb of {it}.",
        "Pick out the verb.",
        "What is the verb here?",
    ),
    r"(?=The (subject|object) is ')": (
        "What is the {0} of {it}?",
        "Find the {0} of {it}.",
        "Name the {0}.",
        "Identify the {0} in {it}.",
    ),
    r"(?=The nouns? (?:is|are) ')": (
        "Which nouns does {it} have?",
        "Find the nouns in {it}.",
        "Name every noun of {it}.",
        "Pick out the nouns.",
        "List what nouns there are.",
    ),
    r"(?=The word '(\w+)' is a verb, and '(\w+)' is a )": (
        "What kinds of words are '{0}' and '{1}' in {it}?",
        "Say which parts of speech '{0}' and '{1}' are.",
    ),
    r"(?=The first word is ')": ("Name the first and the last word.", "What are the first and the last word?"),
    r"(?=The sentence has \d+ words)": ("How many words does {it} have?", "Count the words in {it}."),
    r"(?=After '([\w']+)' comes ')": (
        "Which word comes after '{0}' in {it}?",
        "Name the word that stands after '{0}'.",
    ),
    r"(?=The longest word is ')": ("Which word is the longest?", "Find the longest word.", "Name the longest word."),
    r"(?=The longest word in '.+' is ')": ("Which is the longest word in {it}?", "Find the longest word in {it}."),
    r"(?=The ([\w ]+) words are ')": ("Which two belong to the kind '{0}'?", "Pick out the words of the kind '{0}'."),
    r"(?=The word '\w+' does not belong)": (
        "Which word does not belong with the others?",
        "Find the odd one out.",
        "Which word is of another kind?",
    ),
    r"(?=([A-Z][\w ]+): \w+, \w+\. ([A-Z][\w ]+): \w+\.)": (
        "Sort the words into two groups, {0} and {1}.",
        "Put each word under its heading, '{0}' or '{1}'.",
        "Which of these belong to '{0}', and which to '{1}'?",
    ),
}
# What is asked without a text.
OF_NOTHING: dict[str, tuple[str, ...]] = {
    r"(?=Another word for '(\w+)' is ')": (
        "Give another word for '{0}'.",
        "What else can one say for '{0}'?",
        "Replace '{0}' with a word of the same meaning.",
        "Name a synonym of '{0}'.",
    ),
    r"(?=The word '\w+' means much the same as '(\w+)')": (
        "Which word means much the same as '{0}'?",
        "Say '{0}' with another word.",
        "Think of a synonym for '{0}'.",
    ),
    r"(?='(\w+)' and '\w+' have a similar meaning)": (
        "Name a word that is similar in meaning to '{0}'.",
        "Which word has nearly the meaning of '{0}'?",
    ),
    r"(?=The opposite of '(\w+)' is ')": (
        "Name the opposite of '{0}'.",
        "What is the contrary of '{0}'?",
        "Give an antonym for '{0}'.",
        "Which word is the antonym of '{0}'?",
    ),
    r"(?='(\w+)' is the opposite of ')": ("What is '{0}' the opposite of?", "Say of which word '{0}' is the antonym."),
    r"(?=A word for (.+) is ')": (
        "Give a word for {0}.",
        "How does one call {0}?",
        "Name {0} in one word.",
    ),
    r"(?=The sum of (\d+) and (\d+) is)": ("Add {0} and {1}.", "What is {0} plus {1}?", "What do {0} and {1} make?"),
    r"(?=(\d+) minus (\d+) is)": ("Take {1} from {0}.", "What is {0} minus {1}?", "How much is {0} less {1}?"),
    r"(?=(\d+) times (\d+) is)": ("Multiply {0} by {1}.", "What is {0} times {1}?", "How much is {0} times {1}?"),
    r"(?=Of (\d+) and (\d+), the larger number is)": (
        "Which number is larger, {0} or {1}?",
        "Compare the numbers {0} and {1}.",
    ),
    r"(?=(\S+ \w+) is \S+ (\w+) and \S+ (\w+)\.)": (
        "Write {0} in {1} and {2}.",
        "How many {1} and {2} are {0}?",
        "Divide {0} into {1} and {2}.",
    ),
    r"(?=([\d,]+ \w+) is [\d,]+ (\w+)\.)": (
        "How many {1} are {0}?",
        "Change {0} into {1}.",
        "Convert {0} to {1}.",
        "Write {0} in {1}.",
        "Give {0} in {1}.",
    ),
    r"(?=There are [\d,]+ (\w+) in ([\d,]+ \w+)\.)": (
        "How many {0} has {1}?",
        "Give the number of {0} in {1}.",
    ),
}
HEADINGS = (  # of a task, its text and its answer
    ("Task", "Text", "Answer"),
    ("Exercise", "Given", "Solution"),
    ("Question", "Text", "Reply"),
    ("To do", "Sentence", "Result"),
    ("Problem", "Material", "Solution"),
    ("Request", "Words", "Answer"),
)
MARKS = (  # how headings stand with what they are of
    "{part}",
    "{heading}: {part}",
    "{heading}:\n{part}",
    "# {heading}\n{part}",
    "## {heading}\n\n{part}",
    "## {heading}:\n{part}",
    "[{heading}]\n{part}",
    "<{heading}>\n{part}",
    "{heading}.\n\n{part}",
)
INTRODUCTIONS = (
    "Do what is asked.",
    "Here is a task. Write down the answer.",
    "The following is an exercise with its solution.",
    "Read the question and answer it.",
    "Somebody asks for something. This is what one can reply.",
    "What follows tells what is to be done, and how it is done.",
)
TASKS = [
    *((re.compile(beginning), wordings, True) for beginning, wordings in OF_TEXTS.items()),
    *((re.compile(beginning), wordings, False) for beginning, wordings in OF_NOTHING.items()),
]


def exercises(drills: Iterable[str], seed: int) -> Iterator[str]:
    """An exercise of each drill that has one; they depend on the arguments alone."""
    rng = random.Random(seed)
    for drill in drills:
        if possible := list(_exercises_of(drill, rng)):
            yield rng.choice(possible)


def _exercises_of(drill: str, rng: random.Random) -> Iterator[str]:
    """Each line of the drill that can be asked for: the task, the lines before that are no answers, the answer."""
    given, kind, has_answer = [], "", False
    for line in drill.split("\n"):
        if asked := _asked(kind + line, bool(given), rng):
            (ask, answer, of_text), has_answer = asked, True
            yield f"{with_text(ask, given, rng) if of_text else ask}\n{answer}"
        else:
            if has_answer:  # of the lines before: this one begins another text
                given, has_answer = [], False
            if mistake := OF_A_MISTAKE.match(line):
                kind = mistake[0]
            given.append(OF_A_MISTAKE.sub("", line))


def _asked(line: str, has_text: bool, rng: random.Random) -> tuple[str, str, bool] | None:
    """What a line answers: the question or task in words, the answer, and whether it is about the text before."""
    for beginning, wordings, of_text in TASKS:
        if match := beginning.match(line):
            groups = [group for group in match.groups() if group]
            return rng.choice(wordings).format(*groups, it="{it}"), line[match.end() :], of_text
    if match := QUESTION_AND_ANSWER.match(line):
        return match[1], line[match.end() :], has_text
    return None


def with_text(ask: str, given: list[str], rng: random.Random) -> str:
    """The task and the text that it is about, which stands below, behind a colon, or in the place of `{it}`."""
    text, is_one_line = "\n".join(given), len(given) == 1
    if "{it}" in ask and is_one_line and rng.random() < QUOTED:
        return ask.replace("{it}", text if text.startswith("'") else f"'{text}'")
    ask = ask.replace("{it}", rng.choice(SENTENCE))
    if ask.endswith(".") and is_one_line and rng.random() < IN_LINE:
        return f"{ask[:-1]}: {text}"
    return f"{ask}\n{text}"


def framed(documents: Iterable[str], seed: int) -> Iterator[str]:
    """Exercises, and questions with their answers, each in one of many layouts, none of them a prompt style's.

    What is done should not depend on how it is laid out, or finetuning has to begin with teaching a layout.
    """
    rng = random.Random(seed)
    for document in documents:
        task, *text, answer = document.split("\n")
        headings, mark, gap = rng.choice(HEADINGS), rng.choice(MARKS), rng.choice(("\n", "\n\n"))
        parts = zip(headings, (task, "\n".join(text), answer), strict=True)
        blocks = [mark.format(heading=heading, part=part) for heading, part in parts if part]
        if rng.random() < INTRODUCED:
            blocks.insert(0, rng.choice(INTRODUCTIONS))
        yield gap.join(blocks)

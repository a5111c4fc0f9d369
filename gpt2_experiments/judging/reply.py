"""Which number in a judge's reply is its score.

A number counts if it is the whole reply or its first line, the "score" of a JSON object that begins or ends the reply,
or what a sentence of the judge's own says to be the score. What the judge thinks aloud and what it quotes is not its
verdict. Whatever else might be meant for a score, or quoted without marks, leaves a doubt; in doubt there is no score,
and the judge is asked again.
"""

import json
import re
from typing import Any, NamedTuple

LOWEST, HIGHEST = 0, 100

_THINKING = r"(?:[\w:]*:)?(?:START_|END_)?(?:think(?:ing)?|thoughts?|reasoning|analysis|reflection)"
_THINKING_BEGINS = re.compile(rf"\s*[<\[\u25c1]\|? ?{_THINKING} ?\|?[>\]\u25b7]", re.IGNORECASE)
_THINKING_ENDS = re.compile(rf"[<\[\u25c1](?:/|\|?/|\|(?=END_)) ?{_THINKING} ?\|?[>\]\u25b7]", re.IGNORECASE)
_LAST_TOKEN = re.compile(r"(?:</s>|<\|\w+\|>)\Z")  # of a model whose server leaves it in

# "/100", "out of 100", "(out of a possible 100)", "on a scale from 0 to 100", "(0-100)"
_SCALE = (
    r" ?\(? ?(?:/|\bout of\b|\bon a scale\b|(?<=\())(?: (?:a|an|the|from|of|possible|total|maximum))*"
    r"(?: ?[01] ?(?:to|[-\u2013]))? ?100\b(?: ?\))?"
)
_NUMBER = r"(?P<number>[0-9]{1,3})(?:\.0+)?(?: ?(?:(?P<share>%|percent)|points?))?(?P<scale>\u2044)?"
_LONGEST_ALONE = 60  # characters of a reply that is a number and its scale

_OPENING = re.compile(r"""```|[`"\u201c\u201e\u00ab\u2018]|(?<!\w)'(?=\w)""")
_CLOSING = {mark: re.compile(re.escape(mark)) for mark in ("```", "`", '"')} | {
    "\u201c": re.compile("\u201d"), "\u201e": re.compile("[\u201c\u201d]"), "\u00ab": re.compile("\u00bb"),
    "\u2018": re.compile(r"\u2019(?!\w)"), "'": re.compile(r"'(?!\w)"),
}  # fmt: skip
_MARKUP = re.compile(r"[<{}\\]|~~~|\[/")  # what might enclose a quotation in other ways
_SENTENCE = re.compile(
    r"(.*?)([.!?;](?=\s|\Z)|\n|, (?=(?:so|thus|hence|therefore)\b)|,? (?=(?:because|since)\b)|\Z)", re.DOTALL
)
_ANY_NUMBER = r"(?<![0-9.,])([0-9][0-9.,]*+)(?: ?(?:%|percent|points?))?"
_LAST_NUMBER = re.compile(rf"{_ANY_NUMBER}\W*\Z")
_WITH_SCALE = re.compile(rf"{_ANY_NUMBER}\u2044")
_QUOTES_NEXT = re.compile(r"\b(?:response|answer|output|instruction|reference|respond|wrote|say|follow)\w*\b[^:]*:")

# Before the number a statement of the score has these words only, one for a score or for giving it among them.
_SCORE_WORDS = {"score", "scores", "rating", "ratings"}
_GIVING_WORDS = {"assign", "award", "give", "grade", "mark", "rate", "say"}  # after "I"
_I_WORDS = {"d", "i", "ll", "we", "will", "would"}
_OTHER_WORDS = {
    "a", "an", "and", "as", "at", "be", "deserves", "final", "for", "here", "hence", "in", "is", "it", "its", "model",
    "my", "of", "on", "overall", "receives", "response", "s", "so", "the", "therefore", "this", "thus", "to",
    "with",
}  # fmt: skip
_EVALUATION_WORDS = {"assessment", "evaluation", "judgement", "judgment", "json", "verdict"}  # before a JSON object


def parse_score(reply: str) -> int | None:
    """The score in a judge's reply, or None where it holds none that is certain."""
    text = _without_thinking(reply)
    if text is None:
        return None
    whole = re.sub(r"\A```\w*\s(.*)```\Z", r"\1", text, flags=re.DOTALL).strip()
    try:
        return _score_in_json(_read_json(whole), whole)
    except (ValueError, RecursionError):
        alone = _number_alone(whole)
        return _score_in_prose(text) if alone is None else alone


def _without_thinking(reply: str) -> str | None:
    """What follows the judge's thinking aloud, if it does; None where that has no end that is certain."""
    text = _LAST_TOKEN.sub("", reply.strip()).strip("\ufeff\u200b \n\t")
    ends = list(_THINKING_ENDS.finditer(text))
    if _THINKING_BEGINS.match(text):
        return text[ends[0].end() :].strip() if len(ends) == 1 else None
    if len(ends) == 1 and re.match(r"\s*(?:\n|\{)", text[ends[0].end() :]):  # it began in the prompt
        return text[ends[0].end() :].strip()
    return None if ends or re.search(rf"[<\[\u25c1]\|? ?{_THINKING}|<\|", text, re.IGNORECASE) else text


def _read_json(text: str) -> Any:
    """A JSON value; ValueError for an object with a key twice."""
    return json.loads(text, strict=False, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _score_in_json(value: Any, text: str) -> int | None:
    """The integer in range that a JSON value is, alone in a list, or under a word for a score in an object.

    `text`: the value as it was written. None where it speaks of another scale.
    """
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, dict):
        named = [found for name, found in value.items() if name.lower() in _SCORE_WORDS]
        other_scale = any(re.search("max|scale|range|out_?of", name.lower()) for name in value)
        value = named[0] if len(named) == 1 and not other_scale else None
    if isinstance(value, str):
        return _number_alone(value)
    if isinstance(value, float) and value.is_integer():  # JSON's integers may be written 85.0
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or _is_on_another_scale(value, text):
        return None
    return _in_range(value)


def _number_alone(text: str) -> int | None:
    """The integer in range that a text is, with its scale and marks of emphasis or not."""
    if len(text) > _LONGEST_ALONE:
        return None
    found = re.fullmatch(rf"[\s*_#`]*{_NUMBER}[\s*_.!`]*", _tidy(text), re.IGNORECASE)
    return _in_range(int(found["number"])) if found else None


def _in_range(number: int) -> int | None:
    return number if LOWEST <= number <= HIGHEST else None


def _is_on_another_scale(score: int, text: str) -> bool:
    """Whether a text gives this number as one of another number than 100 (7 of 10)."""
    return bool(re.search(rf"\b{score} ?(?:/|out of) ?(?!100\b)[0-9]", text))


def _tidy(text: str) -> str:
    """Single spaces, no emphasis; a scale of 100 is a fraction slash after a number and left out elsewhere."""
    text = re.sub(r" ?\n\s*", "\n", re.sub(r"[^\S\n]+", " ", re.sub(r"[*#]+", "", text)))
    text = re.sub(rf"([0-9](?: ?(?:%|points?))?){_SCALE}", "\\1\u2044", text, flags=re.IGNORECASE)
    return re.sub(_SCALE, " ", text, flags=re.IGNORECASE)


def _score_in_prose(text: str) -> int | None:
    """The one score that the judge's own words, and a JSON object before or after them, say and none denies."""
    found = _split_object(text)
    own = _own_words(found.before + found.after)
    if own is None:
        return None
    said = _read_sentences(own)
    stated = set(said.stated)
    if found.has_object:
        may_be_the_verdict = not found.before.strip() or own.rstrip()[-1:] in (".", "!") or said.introduces
        if found.score is None or not may_be_the_verdict:
            return None
        stated.add(found.score)
    if said.doubt or len(stated) != 1 or not set(said.other) <= {str(number) for number in stated}:
        return None
    (score,) = stated
    return None if _is_on_another_scale(score, own) or re.search(r"\bscale\b[^.\n]*[0-9]", own) else _in_range(score)


class _WithObject(NamedTuple):
    """A reply around a JSON object that begins or ends it."""

    before: str
    after: str
    has_object: bool = False
    score: int | None = None  # in it


def _split_object(text: str) -> _WithObject:
    """Take a JSON object, fenced or not, from the text's beginning or end."""
    text = re.sub(r"```\w*\s*(\{[^`]*\})\s*```", r"\n\1\n", text).strip()
    if text.startswith("{"):
        try:
            value, end = json.JSONDecoder(strict=False, object_pairs_hook=_object).raw_decode(text)
            return _WithObject("", text[end:], True, _score_in_json(value, text[:end]))
        except (ValueError, RecursionError):
            return _WithObject(text, "")  # the braces that are left will make it doubtful
    for brace in re.finditer(r"\{", text) if text.endswith("}") else ():
        try:
            value = _read_json(text[brace.start() :])
        except (ValueError, RecursionError):
            continue
        return _WithObject(text[: brace.start()], "", True, _score_in_json(value, text[brace.start() :]))
    return _WithObject(text, "")


def _own_words(text: str) -> str | None:
    """The judge's own words, with an ellipsis for each quotation; None where it is not certain what is quoted."""
    text = re.sub(r"^[ \t]*>.*$", "\u2026", text, flags=re.MULTILINE)
    own, at = [], 0
    while opening := _OPENING.search(text, at):
        closing = _CLOSING[opening[0]].search(text, opening.end())
        if closing is None:
            return None
        own.append(f"{text[at : opening.start()]}\u2026")
        at = closing.end()
    own.append(text[at:])
    tidy = _tidy("".join(own))
    return None if _MARKUP.search(tidy) else tidy


class _Said(NamedTuple):
    """What the sentences of a reply say of the score."""

    stated: list[int]  # in or out of range, in sentences that say nothing else
    other: list[str]  # numbers that other sentences end with or give a scale to
    doubt: bool  # something may be quoted without marks
    introduces: bool  # the last sentence is a name for what comes after it


def _read_sentences(own: str) -> _Said:
    """Read the judge's own words; a line after a colon, or after a heading, belongs to what it stands behind."""
    joined = re.sub(r":\s*\n\s*", ": ", re.sub(r"(?im)^\W*(score|rating)\W*\n\s*", r"\1: ", own))
    stated: list[int] = []
    other: list[str] = []
    doubt, last = False, ""
    for found, end in _SENTENCE.findall(joined):
        sentence = re.sub(r"^[-\u2022]\s+|\([^()0-9]*\)", "", found.strip(" ,\t(")).strip()
        if not sentence:
            continue
        score = None if end == "?" else _stated_score(sentence, is_first=not last)
        last = sentence
        if score is not None:
            stated.append(score)
            continue
        other += _WITH_SCALE.findall(sentence) or _LAST_NUMBER.findall(sentence)
        doubt = doubt or _QUOTES_NEXT.search(sentence.lower()) is not None
    return _Said(stated, other, doubt, _is_about_the_score(last, _SCORE_WORDS | _EVALUATION_WORDS))


def _stated_score(sentence: str, is_first: bool) -> int | None:
    """The number, in range or not, that a sentence says is the score; None if it does not say just that."""
    found = re.fullmatch(rf"(?P<words>[A-Za-z'\u2019:=\s]*?)\s?{_NUMBER}[\s)]*", sentence, re.IGNORECASE)
    if not found:
        return None
    words, number = found["words"].strip(), int(found["number"])
    if not words:
        return number if is_first else None
    if found["share"] and _SCORE_WORDS.isdisjoint(re.findall("[a-z]+", words.lower())):
        return None  # 50% of something
    return number if _is_about_the_score(words, _SCORE_WORDS, has_scale=found["scale"] is not None) else None


def _is_about_the_score(text: str, names: set[str], has_scale: bool = False) -> bool:
    """Whether the words, with a colon at their end or not, speak of the score or give one, and of nothing else."""
    before_colon, _, after_colon = text.lower().partition(":")
    words = set(re.findall(r"[a-z]+", before_colon))
    known = names | _OTHER_WORDS
    if {"i", "we"} & words:
        names, known = names | _GIVING_WORDS, known | _GIVING_WORDS | _I_WORDS
    return not after_colon.strip() and words <= known and (has_scale or not words.isdisjoint(names))

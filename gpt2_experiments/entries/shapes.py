"""The shapes that entries have in data files, by their keys, and how each becomes instruction, input and output."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpt2_experiments.entries.prompt_styles import ENTRY_FIELDS

NAMES = {  # of each of our fields: what Alpaca, Dolly, and prompts with completions call it
    "instruction": ("instruction", "prompt"),
    "input": ("input", "context"),
    "output": ("output", "response", "completion"),
}
TURNS = (("messages",), ("conversations",), ("prompt", "completion"))  # the fields that hold a conversation's turns
SPEAKERS = {  # what conversations call them: what they are
    "system": "system", "user": "user", "human": "user", "prompter": "user", "assistant": "assistant",
    "gpt": "assistant", "chatgpt": "assistant", "model": "assistant", "bot": "assistant",
}  # fmt: skip


class SeveralExchanges(ValueError):
    """A conversation goes on after the first answer."""


@dataclass(frozen=True)
class Fields:
    """Entries whose fields may be called otherwise."""

    theirs: Mapping[str, str]  # what each of our fields is called there; of the input an empty text: it has none

    def entry(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with its fields under our names, and what else it holds."""
        if not self.says:
            return row
        ours = {name: row[theirs] for name, theirs in self.theirs.items() if theirs in row}
        taken = {*ENTRY_FIELDS, *self.theirs.values()}
        return ours | {name: value for name, value in row.items() if name not in taken}

    @property
    def says(self) -> str:
        """Which field is read as what; empty where they are called as ours."""
        if all(name == theirs for name, theirs in self.theirs.items()):
            return ""
        named = {name: theirs for name, theirs in self.theirs.items() if theirs}
        return f"reading {', '.join(f'{theirs} as {name}' for name, theirs in named.items())}"

    def called(self, field: str) -> str:
        """One of our fields, for the eye of whoever made the file."""
        theirs = self.theirs.get(field, field)
        return f'"{theirs}" ({field})' if theirs != field else f'"{field}"'


@dataclass(frozen=True)
class Conversations:
    """Entries that are turns of a user and an assistant, after one of the system in some."""

    turns: tuple[str, ...]  # the fields that hold them, one after the other
    speaker: str
    text: str
    first_turn: bool  # of longer ones the first exchange is taken

    def entry(self, row: dict[str, Any]) -> dict[str, Any]:
        """The exchange as instruction and output, what the system says before the instruction, and what else there is.

        Raises SeveralExchanges, or ValueError for what is no conversation.
        """
        said = [turn for field in self.turns for turn in self._said(field, row.get(field))]
        opening = [row["system"]] if isinstance(row.get("system"), str) and row["system"] else []
        if said and said[0][0] == "system":
            opening.append(said.pop(0)[1])
        if [speaker for speaker, _ in said[:2]] != ["user", "assistant"]:
            raise ValueError(f"field {self.called()} does not begin with a user's turn and an assistant's; mend it")
        if len(said) > 2 and not self.first_turn:
            raise SeveralExchanges(f"field {self.called()} has {len(said)} turns, not one exchange")
        (_, asked), (_, answer) = said[:2]
        others = {name: value for name, value in row.items() if name not in (*self.turns, "system")}
        return {"instruction": "\n\n".join([*opening, asked]), "input": "", "output": answer} | others

    def _said(self, field: str, turns: Any) -> list[tuple[str, str]]:
        """Who says what."""
        if not isinstance(turns, list):
            raise ValueError(f'field "{field}" is a {type(turns).__name__}, not a list of turns; mend it')
        said = []
        for number, turn in enumerate(turns, start=1):
            where = f'turn {number} of field "{field}"'
            if not isinstance(turn, dict):
                raise ValueError(f"{where} is a {type(turn).__name__}, not an object; mend it")
            speaker, text = turn.get(self.speaker), _joined(turn.get(self.text))
            if not isinstance(speaker, str) or speaker not in SPEAKERS:
                raise ValueError(f"{where} is of {speaker!r}, who is neither system, user nor assistant; leave it out")
            if text is None or turn.get("tool_calls"):
                raise ValueError(f'{where} is not a text alone under "{self.text}"; leave the conversation out')
            said.append((SPEAKERS[speaker], text))
        return said

    @property
    def says(self) -> str:
        """What is read as what."""
        return f"reading the turns of {' and '.join(self.turns)}: the user's as instruction, the assistant's as output"

    def called(self, _: str = "") -> str:
        """The field that all of ours come from, for the eye of whoever made the file."""
        return f'"{self.turns[0]}"'


def _joined(text: Any) -> str | None:
    """A turn's text, or the texts of its parts; None where there is something else in it."""
    if isinstance(text, list) and text and all(isinstance(part, dict) and part.get("type") == "text" for part in text):
        parts = [part.get("text") for part in text]
        return "".join(parts) if all(isinstance(part, str) for part in parts) else None
    return text if isinstance(text, str) else None


Shape = Fields | Conversations


def shape_of(rows: Sequence[dict[str, Any]], first_turn: bool) -> Shape | None:
    """The shape of the rows; None where their keys are of none. ValueError where they could be read in two ways."""
    keys = set().union(*rows)
    for turns in TURNS:
        said = next((row[turns[0]] for row in rows if isinstance(row.get(turns[0]), list) and row[turns[0]]), None)
        if said and keys.issuperset(turns):
            if both := sorted(keys.intersection(ENTRY_FIELDS)):
                raise ValueError(f"has {', '.join(both)} beside {turns[0]}; leave one or the other out")
            sharegpt = any(isinstance(turn, dict) and "from" in turn for turn in said)
            return Conversations(turns, *(("from", "value") if sharegpt else ("role", "content")), first_turn)
    theirs = {}
    for ours, names in NAMES.items():
        found = [name for name in names if name in keys]
        if len(found) > 1:
            raise ValueError(f"has {' and '.join(found)}; say which one is meant with --fields {ours}=NAME")
        theirs[ours] = found[0] if found else ours
    if not {theirs["instruction"], theirs["output"]} <= keys and "instruction" not in keys:
        return None
    _check_near_misses(keys, theirs)
    return Fields(theirs)


def _check_near_misses(keys: Collection[str], theirs: Mapping[str, str]) -> None:
    """Raise ValueError for a key that is one of our names but for capitals and spaces: it would be read over."""
    known = {name for names in NAMES.values() for name in names}
    for key in sorted(set(keys) - set(theirs.values())):
        if key.strip().lower() in known:
            raise ValueError(f'has the field "{key}", which is not quite "{key.strip().lower()}"; rename it')


def fields_shape(pairs: Sequence[str], keys: Collection[str] = ()) -> Fields:
    """The shape that `--fields instruction=question output=answer` names; ValueError for what names none.

    An input that is not named is what one of `keys` says; with `input=` there is none.
    """
    theirs: dict[str, str] = {}
    for pair in pairs:
        name, equals, field = pair.partition("=")
        if not equals or name not in ENTRY_FIELDS or name in theirs:
            raise ValueError(f"{pair}: write each of {', '.join(ENTRY_FIELDS)} once, as instruction=NAME")
        if field and field in theirs.values():
            raise ValueError(f"{pair}: {field} stands for another field already; name each once")
        theirs[name] = field
    if missing := [name for name in ("instruction", "output") if not theirs.get(name)]:
        raise ValueError(f"no field is named for {' and '.join(missing)}; write {missing[0]}=NAME")
    own_input = [name for name in NAMES["input"] if name in keys and name not in theirs.values()]
    theirs = {"input": own_input[0] if own_input else ""} | theirs
    return Fields({name: theirs[name] for name in ENTRY_FIELDS})

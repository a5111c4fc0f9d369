"""Prompt styles: how an entry is put to the model, and how its answer is read back.

The texts are those of chapter 7 of *Build a Large Language Model From Scratch* (Alpaca; Phi-3 from exercise 7.1).
"""

from dataclasses import dataclass

ENTRY_FIELDS = ("instruction", "input", "output")
Entry = dict[str, str]  # of these fields at least; "input" may be empty


@dataclass(frozen=True)
class PromptStyle:
    """One row of `PROMPT_STYLES`: the fixed texts before each part of an entry."""

    name: str
    before_instruction: str
    before_input: str
    before_response: str  # what the model has to write between the prompt and the response header
    response_header: str

    def prompt(self, entry: Entry) -> str:
        """The text the model is given: the instruction and, where there is one, the input."""
        prompt = self.before_instruction + entry["instruction"]
        return prompt + self.before_input + entry["input"] if entry["input"] else prompt

    def training_suffix(self, entry: Entry) -> str:
        """The text appended to the prompt for training: response header and expected output."""
        return f"{self.before_response}{self.response_header}\n{entry['output']}"

    def extract_response(self, generated_text: str) -> str:
        """The answer in the text generated after the prompt: headers removed wherever they stand, then stripped."""
        return generated_text.replace(self.response_header, "").strip()


_STYLES = (
    PromptStyle(
        name="alpaca",
        before_instruction="Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request.\n\n### Instruction:\n",
        before_input="\n\n### Input:\n",
        before_response="\n\n",
        response_header="### Response:",
    ),
    PromptStyle(
        name="phi3",
        before_instruction="<|user|>\n",
        before_input="\n",
        before_response="\n",
        response_header="<|assistant|>:",
    ),
)
PROMPT_STYLES = {style.name: style for style in _STYLES}


def format_input(entry: Entry) -> str:
    """The prompt of an entry in the Alpaca style."""
    return PROMPT_STYLES["alpaca"].prompt(entry)


def format_input_phi(entry: Entry) -> str:
    """The prompt of an entry in the Phi-3 style."""
    return PROMPT_STYLES["phi3"].prompt(entry)

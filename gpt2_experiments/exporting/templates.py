"""A prompt style in the template languages of other programs.

Only single turns were trained, so the last message of a user is asked alone. A system's text stands before the
instruction, as it does in training. An entry's input is part of the message.
"""

import json

from gpt2_experiments.entries.prompt_styles import PromptStyle
from gpt2_experiments.weights.tokenizer import END_OF_TEXT


def header_of(style: PromptStyle) -> str:
    """What stands between the instruction and the answer."""
    return f"{style.before_response}{style.response_header}\n"


def chat_template(style: PromptStyle) -> str:
    """The style for transformers and llama.cpp, in Jinja."""
    begin, header, end = (json.dumps(text) for text in (style.before_instruction, header_of(style), END_OF_TEXT))
    return (
        "{%- set said = namespace(system='', asked=none, answer=none) -%}\n"
        "{%- for message in messages -%}\n"
        "{%- if message['role'] == 'system' -%}{%- set said.system = message['content'] + \"\\n\\n\" -%}\n"
        "{%- elif message['role'] == 'user' -%}\n"
        "{%- set said.asked = message['content'] -%}{%- set said.answer = none -%}\n"
        "{%- elif message['role'] == 'assistant' -%}{%- set said.answer = message['content'] -%}\n"
        "{%- endif -%}\n"
        "{%- endfor -%}\n"
        "{%- if said.asked is none -%}{{- raise_exception('there is no message of a user') -}}{%- endif -%}\n"
        f"{{{{- {begin} + said.system + said.asked -}}}}\n"
        f"{{%- if said.answer is not none -%}}{{{{- {header} + said.answer + {end} -}}}}\n"
        f"{{%- elif add_generation_prompt -%}}{{{{- {header} -}}}}{{%- endif -%}}\n"
    )


def modelfile(style: PromptStyle, weights: str, context_length: int, max_new_tokens: int) -> str:
    """Ollama's Modelfile, with the style in Go's template language.

    The template is needed: without it Ollama guesses one from the file of weights. It names the messages: with
    `.Prompt` Ollama would put all earlier turns before the last one. Ollama's own defaults would sample, and forbid
    repetitions.
    """
    system = "{{ if .System }}{{ .System }}\n\n{{ end }}"
    last = (
        "{{ range $n, $said := .Messages }}{{ if eq (len (slice $.Messages $n)) 1 }}"
        "{{ $said.Content }}{{ end }}{{ end }}"
    )
    parameters = {
        "num_ctx": context_length,
        "num_predict": max_new_tokens,
        "temperature": 0,
        "repeat_penalty": 1,
        "stop": json.dumps(END_OF_TEXT),
    }
    return f'FROM ./{weights}\nTEMPLATE """{style.before_instruction}{system}{last}{header_of(style)}"""\n' + "".join(
        f"PARAMETER {name} {value}\n" for name, value in parameters.items()
    )

"""Instruction-finetuning experiments with GPT-2; the commands in the project's root are the way in."""

__version__ = "0.4.0"

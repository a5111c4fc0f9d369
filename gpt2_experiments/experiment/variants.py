"""The variants: what somebody changes in how GPT-2 is finetuned, exercises 7.1 to 7.4 of the book's chapter 7."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gpt2_experiments.entries.splits import ALPACA_URL
from gpt2_experiments.shared.errors import UsageError

JOINT = "+"  # between the variants of a combined run of --sweep


@dataclass(frozen=True)
class Variant:
    """One row of `VARIANTS`, or several combined."""

    names: tuple[str, ...]
    suffix: str  # of every file a run writes
    style: str = "alpaca"  # a name in PROMPT_STYLES
    mask_instructions: bool = False
    lora: bool = False
    alpaca_data: bool = False
    defaults: dict[str, Any] = field(default_factory=dict)  # settings whose default differs


VARIANTS = {
    variant.names[0]: variant
    for variant in (
        Variant(("baseline",), "-baseline"),
        Variant(("phi3_prompt",), "-phi3-prompt", style="phi3"),
        Variant(("mask_instructions",), "-mask-instructions", mask_instructions=True),
        Variant(
            ("alpaca_52k",),
            "-alpaca52k",
            alpaca_data=True,
            defaults={"data": ALPACA_URL, "batch_size": 4, "allowed_max_length": 512},
        ),
        Variant(("lora",), "-lora", lora=True),
    )
}


def combine(names: Iterable[str]) -> Variant:
    """The variant that changes all that the named ones change; `UsageError` where they cannot be combined."""
    names = list(names)
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise UsageError(
            f"--exercise_solution: unknown variant {', '.join(unknown)}; choose from {', '.join(VARIANTS)}"
        )
    if "baseline" in names and len(set(names)) > 1:
        raise UsageError("--exercise_solution: baseline changes nothing, so it combines with no other variant")
    rows = [variant for name, variant in VARIANTS.items() if name in names]
    combined = rows[0]
    for row in rows[1:]:
        combined = Variant(
            combined.names + row.names,
            combined.suffix + row.suffix,
            row.style if row.style != Variant.style else combined.style,
            combined.mask_instructions or row.mask_instructions,
            combined.lora or row.lora,
            combined.alpaca_data or row.alpaca_data,
            combined.defaults | row.defaults,
        )
    return combined

"""The names that readers' notebooks of the book's appendix E import: LoRA."""

from gpt2_experiments.model.lora import LinearWithLoRA, LoRALayer, replace_linear_with_lora

__all__ = ["LinearWithLoRA", "LoRALayer", "replace_linear_with_lora"]

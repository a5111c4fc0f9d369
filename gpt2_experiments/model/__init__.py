"""What is computed: GPT-2, LoRA, prefix trees, losses, generation."""

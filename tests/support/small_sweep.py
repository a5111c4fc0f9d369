"""A sweep of four runs that take a second each, and the folders that they go into."""

SWEEP = ["--sweep", "baseline", "phi3_prompt+lora", "--seeds", "1", "2"]
FOLDERS = ["baseline-seed1", "baseline-seed2", "phi3-prompt-lora-seed1", "phi3-prompt-lora-seed2"]

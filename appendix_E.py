from gpt2_experiments.model.lora import *  # noqa: F403

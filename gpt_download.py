from gpt2_experiments.weights.released import *  # noqa: F403

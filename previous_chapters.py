from gpt2_experiments.experiment.training import *  # noqa: F403
from gpt2_experiments.model.generation import generate  # noqa: F401
from gpt2_experiments.model.gpt import GPTModel  # noqa: F401

"""Generation: the 110 test responses of 64 tokens, against `transformers` and the plain way.

    python benchmarks/generation.py

GPT-2 small with random weights, which never ends a response early, so that all peers write the same number of tokens.
"""

from statistics import median

import torch
from measure import describe_machine, interleave, median_ratio, print_table
from peers import THREADS, gpt2_tokenizer, random_model, splits
from support.plain import PlainGPT, plain_generate
from support.transformers_peer import transformers_model

from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.model.generation import complete
from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import merged_model

NEW_TOKENS = 64
REPETITIONS = 2
PLAIN_ENTRIES = 3  # the plain way takes minutes for all of them: its time is extrapolated from these
END = 50256

Prompts = list[list[int]]


def main() -> None:
    """Print the table of ratios."""
    torch.set_num_threads(THREADS)
    print(f"{describe_machine()}\n")
    tokenizer = gpt2_tokenizer()
    prompts = [tokenizer.encode_ordinary(PROMPT_STYLES["alpaca"].prompt(entry)) for entry in splits()[1]]
    model = random_model().eval()
    bf16 = merged_model(model, torch.bfloat16)
    theirs = transformers_model(model)
    plain = PlainGPT(model.cfg)
    plain.load_state_dict(model.state_dict())
    seconds = interleave(
        {
            "ours": lambda: ours(model, prompts),
            "ours, bf16": lambda: ours(bf16, prompts),
            "transformers, batch 110": lambda: transformers(theirs, prompts, 110),
            "transformers, batch 32": lambda: transformers(theirs, prompts, 32),
            "plain": lambda: [plain_generate(plain, prompt, NEW_TOKENS) for prompt in prompts[:PLAIN_ENTRIES]],
        },
        REPETITIONS,
        warmups=0,
    )
    seconds["plain"] = [value * len(prompts) / PLAIN_ENTRIES for value in seconds["plain"]]
    best = min(("transformers, batch 110", "transformers, batch 32"), key=lambda name: sum(seconds[name]))
    header = [f"{len(prompts)} responses of {NEW_TOKENS} tokens", "ratio"]
    print_table(
        header,
        [
            (f"{best} / ours, float32", median_ratio(seconds[best], seconds["ours"])),
            (f"{best} in float32 / ours with bf16", median_ratio(seconds[best], seconds["ours, bf16"])),
            (
                f"plain / ours (plain: {PLAIN_ENTRIES} entries, extrapolated)",
                median_ratio(seconds["plain"], seconds["ours"]),
            ),
            ("ours, seconds", median(seconds["ours"])),
        ],
    )


def ours(model: GPTModel, prompts: Prompts) -> None:
    """All responses with the cache."""
    lengths = {len(tokens) for _, tokens in complete(model, prompts, NEW_TOKENS, END)}
    if lengths != {NEW_TOKENS}:
        raise RuntimeError(f"responses of {lengths} tokens: the peers do not write equally many")


def transformers(model: torch.nn.Module, prompts: Prompts, batch_size: int) -> None:
    """All responses with `generate`: greedy, padded on the left."""
    for start in range(0, len(prompts), batch_size):
        batch = prompts[start : start + batch_size]
        longest = max(map(len, batch))
        tokens = torch.tensor([[END] * (longest - len(prompt)) + prompt for prompt in batch])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in batch])
        model.generate(tokens, attention_mask=mask, max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=END)


if __name__ == "__main__":
    main()

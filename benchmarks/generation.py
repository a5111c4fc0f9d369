"""Generation: the 110 test responses of 64 tokens, against `transformers` and the plain way.

    python benchmarks/generation.py

GPT-2 small with random weights, which never ends a response early, so that all peers write the same number of tokens.
"""

from functools import partial
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
REPETITIONS = 3
PLAIN_ENTRIES = 3  # the plain way takes minutes for all of them: its time is extrapolated from these
END = 50256
BATCHES = (110, 32)  # of `transformers`
TYPES = (("float32", torch.float32), ("bf16", torch.bfloat16))

Prompts = list[list[int]]


def main() -> None:
    """Print the table of ratios."""
    torch.set_num_threads(THREADS)
    print(f"{describe_machine()}\n")
    prompts = encoded_test_prompts()
    model = random_model().eval()
    plain = PlainGPT(model.cfg)
    plain.load_state_dict(model.state_dict())
    peers = {"plain": lambda: [plain_generate(plain, prompt, NEW_TOKENS) for prompt in prompts[:PLAIN_ENTRIES]]}
    types = TYPES if has_bf16_units() else TYPES[:1]
    for name, dtype in types:
        peers[f"ours, {name}"] = partial(ours, merged_model(model, dtype), prompts)
        theirs = transformers_model(model).to(dtype)
        for rows in BATCHES:
            peers[f"transformers, batch {rows}, {name}"] = partial(transformers, theirs, prompts, rows)
    seconds = interleave(peers, REPETITIONS, warmups=0)
    seconds["plain"] = [value * len(prompts) / PLAIN_ENTRIES for value in seconds["plain"]]
    pairs = [(best_of(seconds, name), f"ours, {name}") for name, _ in types]
    if len(types) > 1:
        pairs.append((best_of(seconds, "float32"), "ours, bf16"))
    pairs.append(("plain", "ours, float32"))
    rows = [(f"{their} / {our}", median_ratio(seconds[their], seconds[our])) for their, our in pairs]
    rows += [(f"{name}, seconds", median(seconds[f"ours, {name}"])) for name, _ in types]
    print_table(
        [f"{len(prompts)} responses of {NEW_TOKENS} tokens (plain: {PLAIN_ENTRIES}, extrapolated)", "ratio"], rows
    )


def has_bf16_units() -> bool:
    """Whether the processor multiplies bfloat16 itself; without, it takes many times longer than float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def best_of(seconds: dict[str, list[float]], type_name: str) -> str:
    """The batch size with which `transformers` is faster."""
    return min((f"transformers, batch {rows}, {type_name}" for rows in BATCHES), key=lambda name: sum(seconds[name]))


def encoded_test_prompts() -> Prompts:
    """The prompts of the test set."""
    tokenizer = gpt2_tokenizer()
    return [tokenizer.encode_ordinary(PROMPT_STYLES["alpaca"].prompt(entry)) for entry in splits()[1]]


def ours(model: GPTModel, prompts: Prompts) -> None:
    """All responses with the cache."""
    lengths = {len(tokens) for _, tokens in complete(model, prompts, NEW_TOKENS, END)}
    if lengths != {NEW_TOKENS}:
        raise RuntimeError(f"responses of {lengths} tokens: the peers do not write equally many")


def transformers(
    model: torch.nn.Module, prompts: Prompts, batch_size: int, new_tokens: int = NEW_TOKENS, **options: str
) -> None:
    """All responses with `generate`: greedy, padded on the left; `options` are its own."""
    options |= {"max_new_tokens": new_tokens, "do_sample": False, "pad_token_id": END}
    for start in range(0, len(prompts), batch_size):
        batch = prompts[start : start + batch_size]
        longest = max(map(len, batch))
        tokens = torch.tensor([[END] * (longest - len(prompt)) + prompt for prompt in batch])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in batch])
        model.generate(tokens.to(model.device), attention_mask=mask.to(model.device), **options)


if __name__ == "__main__":
    main()

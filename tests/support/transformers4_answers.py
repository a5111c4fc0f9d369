"""What transformers 4 makes of an exported folder. Runs in an environment of its own.

python transformers4_answers.py FOLDER ASKED

ASKED is a JSON file: the user's messages, and a list of token ids. Prints as JSON the greedy answers and the prompts as
token ids, and the logits of the list.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

MOST_TOKENS = 40


def main(folder: str, asked: str) -> None:
    """Print what comes out."""
    questions = json.loads(Path(asked).read_text("utf-8"))
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not any(info.values()), info
    tokenizer = AutoTokenizer.from_pretrained(folder)
    answers, prompts = [], []
    for message in questions["messages"]:
        turns = [{"role": "user", "content": message}]
        asking = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        prompts.append(asking["input_ids"][0].tolist())
        tokens = model.generate(**asking, max_new_tokens=MOST_TOKENS)[0, len(prompts[-1]) :].tolist()
        answers.append([token for token in tokens if token != tokenizer.eos_token_id])
    with torch.no_grad():
        logits = model.eval()(torch.tensor([questions["tokens"]])).logits[0].tolist()
    print(json.dumps({"answers": answers, "prompts": prompts, "logits": logits}))


if __name__ == "__main__":
    main(*sys.argv[1:])

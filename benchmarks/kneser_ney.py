"""gpt2-tiny's yardstick: a 5-gram Kneser-Ney model of the same tokens, trained and tested on the same split.

    python benchmarks/kneser_ney.py

IRSTLM (Federico, Bertoldi & Cettolo, Interspeech 2008) from Debian 12; n-grams are not pruned. Needs what
`pretrain_tiny.py` needs, and takes two minutes and 3 GB of memory. Returns 1 where gpt2-tiny is not better.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gpt_tokenizer import load_tokenizer  # noqa: E402
from pretraining_text import HELD_OUT, SOURCES, TRAINING, Source, fetch, gather  # noqa: E402

WORK = Path("pretraining")
FOLDER = ROOT / "gpt2-tiny"
IRSTLM = [
    Source("debian", package, version, "LGPL-2.1+", "", lambda _: ())
    for package, version in (("irstlm", "6.00.05-3+b1"), ("libirstlm1", "6.00.05-3+b1"))
]


def main() -> int:
    """Print both models' perplexities of the held-out text; returns 1 if the 5-gram model's is not the higher."""
    ours = json.loads((FOLDER / "pretraining.json").read_text("utf-8"))["held_out"]
    with tempfile.TemporaryDirectory() as folder:
        files = write_tokens(Path(folder))
        n_tokens, perplexity = five_gram_perplexity(files[TRAINING], files[HELD_OUT])
    nats_per_byte = math.log(perplexity) * n_tokens / ours["bytes"]
    print(f"5-gram Kneser-Ney: {perplexity:.2f} per token, {math.exp(nats_per_byte):.3f} per byte ({n_tokens} tokens)")
    print(f"gpt2-tiny: {ours['perplexity_per_token']:.2f} per token, {ours['perplexity_per_byte']:.3f} per byte")
    return int(perplexity <= ours["perplexity_per_token"])


def write_tokens(folder: Path) -> dict[str, Path]:
    """The tokens of both splits, a document a line between the marks of its ends, which stand for `<|endoftext|>`."""
    tokenizer = load_tokenizer(FOLDER)
    files = {}
    for split, documents in gather(SOURCES, WORK).items():
        files[split] = folder / split
        with open(files[split], "w", encoding="ascii") as file:
            for tokens in tokenizer.encode_ordinary_batch(documents):
                file.write(f"<s> {' '.join(map(str, tokens))} </s>\n")
    return files


def five_gram_perplexity(training: Path, held_out: Path) -> tuple[int, float]:
    """Number of held-out tokens, and the perplexity of each, document ends included."""
    program, library = (fetch(package, WORK) / "usr/lib" for package in IRSTLM)
    (library,) = library.glob("*/libirstlm.so.1")
    outcome = subprocess.run(
        [program / "irstlm/bin/tlm", f"-tr={training}", "-n=5", "-lm=kn", "-ps=no", f"-te={held_out}"],
        env=os.environ | {"LD_LIBRARY_PATH": str(library.parent)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
    )  # fmt: skip
    n_tokens, perplexity = re.search(r"n=(\d+) LP=\S+ PP=(\S+)", outcome.stdout).groups()
    return int(n_tokens), float(perplexity)


if __name__ == "__main__":
    sys.exit(main())

"""gpt2-tiny's yardstick: a 5-gram Kneser-Ney model of the same tokens, trained and tested on the same split.

    PYTHONPATH=. python gpt2-tiny/recipe/kneser_ney.py

KenLM's modified Kneser-Ney (Heafield et al., ACL 2013), not pruned, built from PyPI's source package: needs CMake, a
C++ compiler, Boost (Debian: libboost-program-options-dev libboost-thread-dev libboost-system-dev libboost-test-dev)
and what `pretrain_tiny.py` needs. Building takes ten minutes or more on two cores. Returns 1 where gpt2-tiny is not
better.
"""

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from entries_apart import apart, runs_of_entries
from gpt2_experiments.weights.tokenizer import load_tokenizer
from pretraining_text import HELD_OUT, SOURCES, TRAINING, gather

FOLDER = Path(__file__).resolve().parents[1]
WORK = Path("pretraining")
KENLM = "kenlm==0.3.0"


def main() -> int:
    """Print both models' perplexities of the held-out text; returns 1 if the 5-gram model's is not the higher."""
    argparse.ArgumentParser(description="Compare gpt2-tiny with a 5-gram Kneser-Ney model.").parse_args()
    ours = json.loads((FOLDER / "pretraining.json").read_text("utf-8"))["held_out"]
    with tempfile.TemporaryDirectory() as folder:
        files = write_tokens(Path(folder))
        check_held_out(files[HELD_OUT], ours["tokens"])
        programs = build_kenlm(Path(folder))
        n_tokens, perplexity = five_gram_perplexity(programs, files[TRAINING], files[HELD_OUT])
    nats_per_byte = math.log(perplexity) * n_tokens / ours["bytes"]
    print(
        f"5-gram Kneser-Ney: {perplexity:.2f} per token, {math.exp(nats_per_byte):.3f} per byte, "
        f"{nats_per_byte / math.log(2):.3f} bits per byte ({n_tokens} tokens)"
    )
    print(f"gpt2-tiny: {ours['perplexity_per_token']:.2f} per token, {ours['perplexity_per_byte']:.3f} per byte")
    return int(perplexity <= ours["perplexity_per_token"])


def check_held_out(file: Path, n_predicted: int) -> None:
    """Leave unless gpt2-tiny was evaluated on as many tokens: it does not predict the first one."""
    n_tokens = sum(len(line.split()) + 1 for line in file.read_text("ascii").splitlines())
    if n_tokens != n_predicted + 1:
        raise SystemExit(f"error: {n_tokens} held-out tokens, {FOLDER} was evaluated on {n_predicted + 1}")


def build_kenlm(folder: Path) -> Path:
    """Fetch and build KenLM; the folder of its programs."""
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", KENLM]
    subprocess.run(fetch, cwd=folder, check=True)
    (package,) = folder.glob("kenlm-*.tar.gz")
    shutil.unpack_archive(package, folder)
    (source,) = (path for path in folder.glob("kenlm-*") if path.is_dir())
    build = source / "build"
    for step in (
        ["cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release"],
        ["cmake", "--build", build, "--target", "lmplz", "query", "-j", "2"],
    ):
        subprocess.run(step, check=True, stdout=subprocess.DEVNULL)
    return build / "bin"


def write_tokens(folder: Path) -> dict[str, Path]:
    """The tokens of both splits, a document a line; the line's end stands for `<|endoftext|>`."""
    tokenizer, texts, files = load_tokenizer(FOLDER), gather(SOURCES, WORK), {}
    texts[TRAINING], _ = apart(texts[TRAINING], runs_of_entries())
    for split, documents in texts.items():
        files[split] = folder / split
        with open(files[split], "w", encoding="ascii") as file:
            for tokens in tokenizer.encode_ordinary_batch(documents):
                file.write(f"{' '.join(map(str, tokens))}\n")
    return files


def five_gram_perplexity(programs: Path, training: Path, held_out: Path) -> tuple[int, float]:
    """Number of held-out tokens, and the perplexity of each, document ends included."""
    model = training.with_suffix(".arpa")
    with open(training, "rb") as text, open(model, "wb") as arpa:
        # Subwords have no rare types, from which the discounts of unigrams are estimated: KenLM's fallback takes over.
        subprocess.run([programs / "lmplz", "-o", "5", "--discount_fallback", "-S", "4G"], stdin=text, stdout=arpa,
                       stderr=subprocess.DEVNULL, check=True)  # fmt: skip
    with open(held_out, "rb") as text:
        report = subprocess.run([programs / "query", model], stdin=text, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, check=True).stdout  # fmt: skip
    perplexity = re.search(r"Perplexity including OOVs:\s*(\S+)", report)[1]
    return int(re.search(r"Tokens:\s*(\d+)", report)[1]), float(perplexity)


if __name__ == "__main__":
    sys.exit(main())

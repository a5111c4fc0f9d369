"""GPT-2's tokenizer, built from a checkpoint folder's own `encoder.json` and `vocab.bpe`.

tiktoken's own reader of these files (`tiktoken.load`) takes only GPT-2's exact numbering of the tokens, fails with bare
assertions, and keeps copies in the temporary folder; so they are read here.
"""

import json
import re
from pathlib import Path

import tiktoken

from gpt2_experiments.shared.errors import UserError

ENCODER_FILE = "encoder.json"  # token -> id
MERGES_FILE = "vocab.bpe"  # pairs of tokens that are merged, the most frequent first
END_OF_TEXT = "<|endoftext|>"
SPECIAL_TOKEN = re.compile(r"<\|.*\|>")
# How GPT-2 cuts text into words before any merge: https://github.com/openai/gpt-2/blob/master/src/encoder.py
SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def load_tokenizer(folder: str | Path) -> tiktoken.Encoding:
    """The tokenizer of a folder in the released layout; the ids are those of its `encoder.json`.

    Raises:
        UserError: a file is missing or is no such file, or the two do not belong together.
    """
    encoder_file, merges_file = Path(folder) / ENCODER_FILE, Path(folder) / MERGES_FILE
    ids = _read_encoder(encoder_file)
    special = {token: ids.pop(token) for token in list(ids) if SPECIAL_TOKEN.fullmatch(token)}
    if END_OF_TEXT not in special:
        raise UserError(f"{encoder_file}: has no {END_OF_TEXT}, which ends every training entry; use GPT-2's own file")
    ranks = {_token_bytes(token, encoder_file): token_id for token, token_id in ids.items()}
    _check_ranks(ranks, _read_merges(merges_file), encoder_file, merges_file)
    return tiktoken.Encoding("gpt2", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=special)


def _read_encoder(path: Path) -> dict[str, int]:
    """The ids of all tokens, checked to be different whole numbers."""
    try:
        ids = json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: not JSON ({error}); it is damaged, replace it") from None
    if not isinstance(ids, dict) or not all(type(token_id) is int and token_id >= 0 for token_id in ids.values()):
        raise UserError(f"{path}: not an object of tokens and their ids; it is damaged, replace it")
    if len(set(ids.values())) < len(ids):
        raise UserError(f"{path}: several tokens have the same id; it is damaged, replace it")
    return ids


def _read_merges(path: Path) -> list[bytes]:
    """What each merge makes, in order of priority."""
    merged = []
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        pair = line.split()
        if not pair or (number == 1 and pair[0] == "#version:"):
            continue
        if len(pair) != 2:
            raise UserError(f"{path}: line {number} is not a pair of tokens; the file is damaged, replace it")
        merged.append(_token_bytes("".join(pair), path))
    return merged


def _read_text(path: Path) -> str:
    """The file as UTF-8 text."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: not found; the tokenizer needs it, take it from the model's release") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error}); it is damaged, replace it") from None


def _check_ranks(ranks: dict[bytes, int], merged: list[bytes], encoder_file: Path, merges_file: Path) -> None:
    """Check what tiktoken takes for granted: ids of all bytes and merges, and earlier merges having smaller ids."""
    missing = {bytes([byte]) for byte in range(256)} - ranks.keys()
    if missing:
        raise UserError(f"{encoder_file}: has no token for {len(missing)} of the 256 bytes; it is damaged, replace it")
    known = dict.fromkeys(token for token in merged if token in ranks)  # without repeats, in order of priority
    n_without_id = len(set(merged)) - len(known)
    n_without_merge = sum(len(token) > 1 and token not in known for token in ranks)
    if n_without_id or n_without_merge:
        raise UserError(
            f"{merges_file}: does not belong to {encoder_file.name}: {n_without_id} of its merges have no id there, "
            f"{n_without_merge} tokens there are made by no merge; take both files from one release"
        )
    priorities = [ranks[token] for token in known]
    if priorities != sorted(priorities):
        raise UserError(
            f"{encoder_file}: the ids do not follow the order of {merges_file.name}, as tiktoken needs; "
            f"number the merged tokens in the order of their merges"
        )


def _byte_characters() -> dict[str, int]:
    """The characters that stand for the 256 bytes in both files.

    Printable bytes stand for themselves, the others for the characters from 256 on.
    """
    characters = {chr(byte): byte for byte in range(256) if chr(byte).isprintable() and chr(byte) != " "}
    others = [byte for byte in range(256) if byte not in characters.values()]
    return characters | {chr(256 + number): byte for number, byte in enumerate(others)}


_BYTE_OF = _byte_characters()


def _token_bytes(token: str, path: Path) -> bytes:
    """The bytes a token stands for."""
    try:
        return bytes(_BYTE_OF[character] for character in token)
    except KeyError as error:
        raise UserError(
            f"{path}: {token!r} is no token, {error} stands for no byte; it is damaged, replace it"
        ) from None

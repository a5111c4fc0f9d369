"""GPT-2's tokenizer, built from the files of a folder in the released layout or in Hugging Face's.

tiktoken's own reader of these files (`tiktoken.load`) takes only GPT-2's exact numbering of the tokens, fails with bare
assertions, and keeps copies in the temporary folder; so they are read here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tiktoken

from gpt2_experiments.shared.errors import UserError, shortened, warn

ENCODER_FILE = "encoder.json"  # token -> id
MERGES_FILE = "vocab.bpe"  # pairs of tokens that are merged, the most frequent first
WHOLE_FILE = "tokenizer.json"  # of Hugging Face's fast tokenizers: both, and the tokens that were added
VOCABULARY_FILE, THEIR_MERGES_FILE, ADDED_FILE = "vocab.json", "merges.txt", "added_tokens.json"  # of the slow ones
USE_FILE = "tokenizer_config.json"  # how a tokenizer is used; it may name added tokens
HUGGING_FACE_FILES = (WHOLE_FILE, VOCABULARY_FILE, THEIR_MERGES_FILE, ADDED_FILE, USE_FILE)
END_OF_TEXT = "<|endoftext|>"
SPECIAL_TOKEN = re.compile(r"<\|.*\|>")
# How GPT-2 cuts text into words before any merge: https://github.com/openai/gpt-2/blob/master/src/encoder.py
SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a GPT-2, in the characters that stand for bytes in its files, and the merges that make them."""

    ids: Mapping[str, int]  # of the tokens that texts are made of
    special: Mapping[str, int]  # of the others, which no text has
    merges: Sequence[tuple[str, str]]  # in order of priority
    ids_file: Path
    merges_file: Path

    @property
    def end_of_text(self) -> int:
        """The id of the token that ends every entry."""
        return self.special[END_OF_TEXT]


def load_tokenizer(folder: str | Path) -> tiktoken.Encoding:
    """The tokenizer of a folder in the released layout; the ids are those of its `encoder.json`.

    Raises:
        UserError: a file is missing or is no such file, or the two do not belong together.
    """
    return encoding_of(released_vocabulary(Path(folder)))


def encoding_of(vocabulary: Vocabulary, n_rows: int = 0) -> tiktoken.Encoding:
    """The tokenizer of a vocabulary; with `n_rows` it has a token for each of so many rows of an embedding.

    Rows that no token has (a vocabulary that was padded) get a special one each. `UserError` where the parts of the
    vocabulary do not belong together.
    """
    ranks = {_token_bytes(token, vocabulary.ids_file): at for token, at in vocabulary.ids.items()}
    merged = [_token_bytes(first + second, vocabulary.merges_file) for first, second in vocabulary.merges]
    _check_ranks(ranks, merged, vocabulary.ids_file, vocabulary.merges_file)
    used = {*vocabulary.ids.values(), *vocabulary.special.values()}
    unused = {f"<|unused {at}|>": at for at in range(n_rows) if at not in used}
    return tiktoken.Encoding(
        "gpt2", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={**vocabulary.special, **unused}
    )


def released_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a folder in the released layout."""
    ids_file, merges_file = folder / ENCODER_FILE, folder / MERGES_FILE
    ids = _checked_ids(ids_file, _read_json(ids_file))
    return _vocabulary(ids, {}, _read_merges(merges_file), ids_file, merges_file)


def tokenizer_files(folder: Path) -> list[Path]:
    """The files of the tokenizer of a folder in Hugging Face's layout, as transformers chooses them."""
    if (folder / WHOLE_FILE).is_file():
        return [folder / WHOLE_FILE]
    added = [folder / name for name in (ADDED_FILE, USE_FILE) if (folder / name).is_file()]
    return [folder / VOCABULARY_FILE, folder / THEIR_MERGES_FILE, *added]


def huggingface_vocabulary(folder: Path, n_rows: int) -> Vocabulary:
    """The vocabulary of a folder in Hugging Face's layout, for an embedding of so many rows.

    Tokens that were added are special, and are none where they have no row.

    Raises:
        UserError: a file is missing or damaged, or it is a tokenizer of another kind than GPT-2's.
    """
    files = tokenizer_files(folder)
    if files[0].name == WHOLE_FILE:
        ids_file = merges_file = files[0]
        ids, merges, added = _parts_of(files[0])
    else:
        ids_file, merges_file, *added_files = files
        ids, merges = _checked_ids(ids_file, _read_json(ids_file)), _read_merges(merges_file)
        added = {token: at for path in added_files for token, at in _added_in(path).items()}
    too_large = sorted(at for token, at in ids.items() if at >= n_rows and token not in added)
    if too_large:
        raise UserError(
            f"{ids_file}: token {too_large[0]} has no row in an embedding of {n_rows}; take all files from one model"
        )
    vocabulary = _vocabulary(
        ids, {token: at for token, at in added.items() if at < n_rows}, merges, ids_file, merges_file
    )
    others = [token for token in vocabulary.special if token != END_OF_TEXT]
    if others:
        warn(f"{ids_file}: texts are cut into tokens without {shortened(others)}, which transformers would look for")
    return vocabulary


def _added_in(path: Path) -> dict[str, int]:
    """The tokens that a file beside `vocab.json` adds."""
    content = _read_json(path)
    if path.name == USE_FILE:
        try:
            decoder = content.get("added_tokens_decoder") or {}
            content = {str(token["content"]): int(at) for at, token in decoder.items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path}: its added_tokens_decoder cannot be read ({error!r}); replace it") from error
    return _checked_ids(path, content)


def _parts_of(path: Path) -> tuple[dict[str, int], list[tuple[str, str]], dict[str, int]]:
    """The ids, the merges and the added tokens of a `tokenizer.json`, checked to be of GPT-2's kind."""
    whole = _read_json(path)
    try:
        model, before = whole["model"], whole["pre_tokenizer"]
        kinds = (model.get("type", "BPE"), before["type"], before["add_prefix_space"], before.get("use_regex", True))
        pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
        merges = [(str(first), str(second)) for first, second in pairs]
        added = {str(token["content"]): token["id"] for token in whole.get("added_tokens") or ()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path}: not a byte-level BPE tokenizer as GPT-2's ({error!r}); take GPT-2's") from error
    if kinds != ("BPE", "ByteLevel", False, True) or whole.get("normalizer"):
        raise UserError(f"{path}: cuts texts in another way than GPT-2's tokenizer; take GPT-2's")
    return _checked_ids(path, model.get("vocab")), merges, _checked_ids(path, added)


def _vocabulary(
    ids: dict[str, int], added: dict[str, int], merges: list[tuple[str, str]], ids_file: Path, merges_file: Path
) -> Vocabulary:
    """The vocabulary of these parts; what is added, or looks so, is special, but for bytes and what merges make."""
    made = {*_BYTE_OF, *(first + second for first, second in merges)}
    special = {token: at for token, at in ids.items() if SPECIAL_TOKEN.fullmatch(token)}
    special |= {token: at for token, at in added.items() if token not in made or token not in ids}
    if END_OF_TEXT not in special:
        raise UserError(f"{ids_file}: has no {END_OF_TEXT}, which ends every training entry; use GPT-2's own file")
    ordinary = {token: at for token, at in ids.items() if token not in special}
    return Vocabulary(ordinary, special, merges, ids_file, merges_file)


def _read_json(path: Path) -> Any:
    """What a file holds."""
    try:
        return json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: not JSON ({error}); it is damaged, replace it") from None


def _checked_ids(path: Path, ids: Any) -> dict[str, int]:
    """The ids of all tokens, checked to be different whole numbers."""
    if not isinstance(ids, dict) or not all(type(token_id) is int and token_id >= 0 for token_id in ids.values()):
        raise UserError(f"{path}: not an object of tokens and their ids; it is damaged, replace it")
    if len(set(ids.values())) < len(ids):
        raise UserError(f"{path}: several tokens have the same id; it is damaged, replace it")
    return ids


def _read_merges(path: Path) -> list[tuple[str, str]]:
    """The pairs of tokens that are merged, in order of priority."""
    merges = []
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        pair = line.split()
        if not pair or (number == 1 and pair[0] == "#version:"):
            continue
        if len(pair) != 2:
            raise UserError(f"{path}: line {number} is not a pair of tokens; the file is damaged, replace it")
        merges.append((pair[0], pair[1]))
    return merges


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

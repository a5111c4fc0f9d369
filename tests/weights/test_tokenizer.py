"""The tokenizer of a checkpoint folder: GPT-2's own for GPT-2's files, and right for other vocabularies."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.weights.tokenizer import load_tokenizer

# A vocabulary numbered otherwise than GPT-2's: the end of text first, then merges, bytes last, gaps between.
MERGES = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ġ", "hello")]
TEXT = "hello hello held <|endoftext|> ça 日本\n\n"


def byte_characters():
    """The characters of all 256 bytes, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


@pytest.fixture
def own_folder(tmp_path):
    """A folder with the small vocabulary."""
    ids = {"<|endoftext|>": 0}
    ids |= {"".join(pair): 10 + number for number, pair in enumerate(MERGES)}
    ids |= {character: 100 + byte for byte, character in enumerate(byte_characters())}
    write_vocabulary(tmp_path, ids, MERGES)
    return tmp_path


def write_vocabulary(folder, ids, merges):
    (folder / "encoder.json").write_text(json.dumps(ids))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges), ""]
    (folder / "vocab.bpe").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def gpt2_tokenizer(gpt2_tokenizer_dir):
    return load_tokenizer(gpt2_tokenizer_dir)


@given(text=st.text())
def test_gpt2s_files_give_tiktokens_gpt2(text, gpt2_tokenizer, gpt2_encoding):
    token_ids = gpt2_tokenizer.encode_ordinary(text)
    assert token_ids == gpt2_encoding.encode_ordinary(text)
    assert gpt2_tokenizer.decode(token_ids) == text


def test_end_of_text_of_gpt2(gpt2_tokenizer):
    assert gpt2_tokenizer.eot_token == 50256
    assert gpt2_tokenizer.n_vocab == 50257
    assert gpt2_tokenizer.encode("a<|endoftext|>", allowed_special="all") == [64, 50256]


def test_ids_are_those_of_the_folders_encoder_json(own_folder):
    tokenizer = load_tokenizer(own_folder)
    assert tokenizer.eot_token == 0
    assert tokenizer.encode_ordinary("hello hello") == [13, 14]
    assert tokenizer.encode_ordinary("held") == [10, 100 + ord("l"), 100 + ord("d")]
    assert tokenizer.encode_ordinary("\né") == [100 + 10, 100 + 0xC3, 100 + 0xA9]
    assert tokenizer.decode(tokenizer.encode_ordinary(TEXT)) == TEXT


def test_windows_line_ends_do_no_harm(own_folder):
    merges = own_folder / "vocab.bpe"
    merges.write_bytes(merges.read_bytes().replace(b"\n", b"\r\n"))
    assert load_tokenizer(own_folder).encode_ordinary("hello hello") == [13, 14]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("encoder.json", None, "encoder.json: not found"),
        ("vocab.bpe", None, "vocab.bpe: not found"),
        ("encoder.json", b"<html>", "encoder.json: not JSON"),
        ("encoder.json", b"\xff\xfe", "encoder.json: not UTF-8"),
        ("encoder.json", b"[1, 2]", "encoder.json: not an object of tokens and their ids"),
        ("encoder.json", b'{"a": "b"}', "encoder.json: not an object of tokens and their ids"),
        ("encoder.json", b'{"a": 1, "b": 1}', "encoder.json: several tokens have the same id"),
        ("encoder.json", b'{"a": 1}', r"encoder.json: has no <\|endoftext\|>"),
        ("encoder.json", b'{"a": 1, "<|endoftext|>": 2}', "encoder.json: has no token for 255 of the 256 bytes"),
        ("encoder.json", '{"日": 1, "<|endoftext|>": 2}'.encode(), "encoder.json: '日' is no token"),
        ("vocab.bpe", b"#version: 0.2\nh e\nl\n", "vocab.bpe: line 3 is not a pair of tokens"),
        ("vocab.bpe", b"h e\nl l\n", "vocab.bpe: does not belong to encoder.json: 0 .* 3 tokens"),
        ("vocab.bpe", b"h e\nl l\nhe ll\nhell o\nx y\n", "vocab.bpe: does not belong to encoder.json: 1 .* 1 tokens"),
        ("vocab.bpe", "l l\nh e\nhe ll\nhell o\nĠ hello\n".encode(), "encoder.json: the ids do not follow the order"),
    ],
)  # fmt: skip
def test_an_error_names_the_file_and_what_is_wrong(own_folder, file, content, message):
    if content is None:
        (own_folder / file).unlink()
    else:
        (own_folder / file).write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        load_tokenizer(own_folder)
    assert str(own_folder) in str(error.value)


def test_nothing_is_cached_elsewhere(own_folder, tmp_path_factory, monkeypatch):
    """tiktoken's own reader keeps copies in the temporary folder, by the name of the file."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(cache))
    monkeypatch.setenv("TMPDIR", str(cache))
    copy = shutil.copytree(own_folder, own_folder / "copy")
    load_tokenizer(copy)
    assert list(cache.iterdir()) == []

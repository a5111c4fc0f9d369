"""OpenAI's released GPT-2: which sizes there are, and their files, downloaded and verified."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gpt2_experiments.shared.errors import warn
from gpt2_experiments.shared.files import locked
from gpt2_experiments.shared.http_download import DownloadError, fetch, print_up_to_date
from gpt2_experiments.weights.checksums import Checksums
from gpt2_experiments.weights.hparams import HPARAMS_FILE
from gpt2_experiments.weights.tensorflow_checkpoint import CHECKPOINT, LOCK_FILE, SOURCES, WEIGHTS_FILE
from gpt2_experiments.weights.tokenizer import ENCODER_FILE, MERGES_FILE


class ReleasedModel(NamedTuple):
    """A released GPT-2: its number of parameters as the servers name it, and its `hparams.json`."""

    size: str
    hparams: dict[str, int]


COMMON = {"n_vocab": 50257, "n_ctx": 1024}
MODELS = {
    "gpt2-small": ReleasedModel("124M", COMMON | {"n_embd": 768, "n_head": 12, "n_layer": 12}),
    "gpt2-medium": ReleasedModel("355M", COMMON | {"n_embd": 1024, "n_head": 16, "n_layer": 24}),
    "gpt2-large": ReleasedModel("774M", COMMON | {"n_embd": 1280, "n_head": 20, "n_layer": 36}),
    "gpt2-xl": ReleasedModel("1558M", COMMON | {"n_embd": 1600, "n_head": 25, "n_layer": 48}),
}

SERVERS = (  # each has <size>/<file>
    "https://openaipublic.blob.core.windows.net/gpt-2/models",
    "https://f001.backblazeb2.com/file/LLMs-from-scratch/gpt2",
)
WEIGHTS_URL_VARIABLE = "GPT2_WEIGHTS_URL"  # environment variable: a server to try before those
RELEASED_FILES = ("checkpoint", ENCODER_FILE, HPARAMS_FILE, *SOURCES, f"{CHECKPOINT}.meta", MERGES_FILE)
TOKENIZER_FILES = (ENCODER_FILE, HPARAMS_FILE, MERGES_FILE)  # which suffice to count tokens
KNOWN_SHA256 = {
    ENCODER_FILE: "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    MERGES_FILE: "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
}


def download_gpt2(
    model_size: str,
    models_dir: str | Path,
    weights_url: str | None = None,
    check: bool = False,
    names: Sequence[str] = RELEASED_FILES,
) -> Path:
    """The folder `models_dir/model_size` with released files whole; what is missing is downloaded.

    Files that look as recorded on arrival cost nothing, not even a request.

    Args:
        model_size: `124M`, `355M`, `774M` or `1558M`.
        models_dir: Where the folders are kept.
        weights_url: A server to try first; default: the one in the environment variable `GPT2_WEIGHTS_URL`.
        check: Read the files and compare their digests.
        names: The files; default: all.

    Raises:
        ValueError: an unknown size.
        UserError: a file cannot be downloaded from any server.
    """
    sizes = [model.size for model in MODELS.values()]
    if model_size not in sizes:
        raise ValueError(f"model_size {model_size!r} is not one of {sizes}")
    folder = Path(models_dir) / model_size
    arrived: list[str] = []
    if check or not all(map(Checksums(folder).unchanged, names)):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK_FILE, str(folder), wait=True):
            arrived = _complete_folder(folder, names, _servers(weights_url), check)
    for name in names:
        if name not in arrived:
            print_up_to_date(folder / name)
    return folder


def _servers(weights_url: str | None) -> list[str]:
    """Base URLs in the order in which they are tried."""
    own = weights_url or os.environ.get(WEIGHTS_URL_VARIABLE)
    return [own.rstrip("/"), *SERVERS] if own else list(SERVERS)


def _complete_folder(folder: Path, names: Sequence[str], servers: list[str], check: bool) -> list[str]:
    """Make the files whole; returns the names of those that were downloaded."""
    checksums = Checksums(folder)
    arrived = []
    for name in names:
        if _is_whole(checksums, name, check):
            continue
        copies = 2 if name in SOURCES else 1  # the weights take as much again when they are converted
        urls = [f"{server}/{folder.name}/{name}" for server in servers]
        try:
            fetched = fetch(urls, folder / name, KNOWN_SHA256.get(name), copies)
        except DownloadError as error:
            raise DownloadError(
                f"{error}; check the network, name another server with --weights_url, "
                f"or use --model gpt2-tiny, which needs no download"
            ) from error
        checksums.record({name: fetched.sha256})
        if not fetched.was_there:
            arrived.append(name)
        servers.sort(key=lambda server: not fetched.url.startswith(server))
    if check and not set(SOURCES).isdisjoint(names):
        _is_whole(checksums, WEIGHTS_FILE, check)  # removed if damaged, it is converted again when it is loaded
    return arrived


def _is_whole(checksums: Checksums, name: str, check: bool) -> bool:
    """Whether the file is the recorded one; one with other bytes is removed."""
    if (checksums.unchanged(name) and not check) or checksums.confirm(name):
        return True
    path = checksums.folder / name
    if name in checksums and path.exists():
        warn(f"{path}: damaged, its digest is not the recorded one; it is made anew")
        path.unlink()
    return False

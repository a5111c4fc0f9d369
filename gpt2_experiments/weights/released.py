"""GPT-2's weights: downloaded and verified, converted once, mapped into a model.

`download_and_load_gpt2`, `download_file` and `load_gpt2_params_from_tf_ckpt` are the book's names.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import tiktoken
import torch
from torch.overrides import TorchFunctionMode

from gpt2_experiments.model.gpt import GPTModel, causal_mask
from gpt2_experiments.shared.errors import UserError, warn
from gpt2_experiments.shared.files import locked
from gpt2_experiments.shared.http_download import DownloadError, download_file, fetch, print_up_to_date
from gpt2_experiments.weights.checksums import Checksums
from gpt2_experiments.weights.tensorflow_checkpoint import (
    CHECKPOINT,
    LOCK_FILE,
    SOURCES,
    WEIGHTS_FILE,
    check_shapes,
    converted_weights,
    load_gpt2_params_from_tf_ckpt,
    open_weights,
)
from gpt2_experiments.weights.tokenizer import load_tokenizer

__all__ = [
    "MODELS",
    "WEIGHTS_URL_VARIABLE",
    "download_and_load_gpt2",
    "download_file",
    "download_gpt2",
    "load_gpt2",
    "load_gpt2_params_from_tf_ckpt",
    "load_tokenizer",
]


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
HPARAMS_FILE = "hparams.json"
HPARAMS_KEYS = ("n_vocab", "n_ctx", "n_embd", "n_head", "n_layer")
RELEASED_FILES = ("checkpoint", "encoder.json", HPARAMS_FILE, *SOURCES, f"{CHECKPOINT}.meta", "vocab.bpe")
KNOWN_SHA256 = {
    "encoder.json": "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    "vocab.bpe": "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
}
WEIGHT_TYPES = ("F32", "F16", "BF16")  # what model.safetensors may hold; the model is float32
HEAD, TOKEN_EMBEDDING = "out_head.weight", "tok_emb.weight"


def download_gpt2(model_size: str, models_dir: str | Path, weights_url: str | None = None, check: bool = False) -> Path:
    """The folder `models_dir/model_size` with all released files whole; what is missing is downloaded.

    Files that look as recorded on arrival cost nothing, not even a request.

    Args:
        model_size: `124M`, `355M`, `774M` or `1558M`.
        models_dir: Where the folders are kept.
        weights_url: A server to try first; default: the one in the environment variable `GPT2_WEIGHTS_URL`.
        check: Read all files and compare their digests.

    Raises:
        ValueError: an unknown size.
        UserError: a file cannot be downloaded from any server.
    """
    sizes = [model.size for model in MODELS.values()]
    if model_size not in sizes:
        raise ValueError(f"model_size {model_size!r} is not one of {sizes}")
    folder = Path(models_dir) / model_size
    arrived: list[str] = []
    if check or not all(map(Checksums(folder).unchanged, RELEASED_FILES)):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK_FILE, str(folder), wait=True):
            arrived = _complete_folder(folder, _servers(weights_url), check)
    for name in RELEASED_FILES:
        if name not in arrived:
            print_up_to_date(folder / name)
    return folder


def _servers(weights_url: str | None) -> list[str]:
    """Base URLs in the order in which they are tried."""
    own = weights_url or os.environ.get(WEIGHTS_URL_VARIABLE)
    return [own.rstrip("/"), *SERVERS] if own else list(SERVERS)


def _complete_folder(folder: Path, servers: list[str], check: bool) -> list[str]:
    """Make all released files whole; returns the names of those that were downloaded."""
    checksums = Checksums(folder)
    arrived = []
    for name in RELEASED_FILES:
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
        servers.sort(key=lambda server, url=fetched.url: not url.startswith(server))  # what works is asked first
    if check:
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


def load_gpt2(folder: str | Path, device: str | torch.device = "cpu") -> tuple[GPTModel, tiktoken.Encoding]:
    """The model and the tokenizer of a folder in the released layout, converted first where that was not yet done.

    Args:
        folder: Has `hparams.json`, `encoder.json`, `vocab.bpe`, and `model.safetensors` or the TensorFlow checkpoint.
        device: Where the parameters go. On the CPU they are private views of the mapped file: nothing is read before
            it is used, and training does not change the file.

    Raises:
        UserError: a file is missing or damaged, or the files do not belong together.
    """
    folder = Path(folder)
    hparams = read_hparams(folder)
    tokenizer = load_tokenizer(folder)
    if tokenizer.n_vocab != hparams["n_vocab"]:
        raise UserError(
            f"{folder / HPARAMS_FILE}: n_vocab is {hparams['n_vocab']}, the tokenizer beside it has "
            f"{tokenizer.n_vocab} tokens; take all files from one release"
        )
    return _load_model(converted_weights(folder, hparams), hparams, torch.device(device)), tokenizer


def read_hparams(folder: Path) -> dict[str, int]:
    """The shape of the model, from the folder's `hparams.json`; `UserError` names what is wrong in it."""
    path = folder / HPARAMS_FILE
    try:
        hparams = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: not found; name a folder in the released layout") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); replace it, or remove it to have --model download it") from error
    if not isinstance(hparams, dict):
        raise UserError(f"{path}: not an object with the keys {', '.join(HPARAMS_KEYS)}; replace it")
    problems = [
        f"{path}: {key} is {json.dumps(hparams[key])}, not a whole number above 0; put it right"
        if key in hparams
        else f"{path}: {key} is missing; add it"
        for key in HPARAMS_KEYS
        if type(hparams.get(key)) is not int or hparams[key] < 1
    ]
    if not problems and hparams["n_embd"] % hparams["n_head"]:
        problems = [f"{path}: n_embd {hparams['n_embd']} is not divisible by n_head {hparams['n_head']}; put it right"]
    if problems:
        raise UserError(*problems)
    return {key: hparams[key] for key in HPARAMS_KEYS}


def _load_model(weights: Path, hparams: dict[str, int], device: torch.device) -> GPTModel:
    """A model whose parameters are the file's tensors, widened to float32 where they are narrower."""
    model = meta_model(hparams)
    masks = {name for name, _ in model.named_buffers(remove_duplicate=False)}
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items() if name not in masks}
    with open_weights(weights) as file:
        _check_tensors(weights, file, shapes)
        state = {name: file.get_tensor(name).to(device, torch.float32) for name in file.offset_keys()}
    if HEAD not in state:
        state[HEAD] = state[TOKEN_EMBEDDING].clone()
    mask = causal_mask(hparams["n_ctx"]).to(device)  # one tensor, shared by all layers
    model.load_state_dict(state | dict.fromkeys(masks, mask), assign=True)
    return model


def _check_tensors(weights: Path, file: Any, shapes: dict[str, tuple[int, ...]]) -> None:
    """Compare names, shapes and types of the file's tensors with the model's; the head may be missing."""
    slices = {name: file.get_slice(name) for name in file.offset_keys()}
    expected = {name: shape for name, shape in shapes.items() if name != HEAD or name in slices}
    check_shapes(weights, {name: tuple(tensor.get_shape()) for name, tensor in slices.items()}, expected)
    types = {tensor.get_dtype() for tensor in slices.values()} - set(WEIGHT_TYPES)
    if types:
        raise UserError(f"{weights}: has values of type {', '.join(sorted(types))}; save them as {WEIGHT_TYPES[0]}")


def meta_model(hparams: dict[str, int]) -> GPTModel:
    """A model without values, on the meta device."""
    with torch.device("meta"), _ShapesOnly():
        return GPTModel(model_config(hparams))


class _ShapesOnly(TorchFunctionMode):
    """Leaves out what would be computed on the meta device: these two alone import 0.8 s of code there."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.nn.init.normal_:
            return kwargs["tensor"]
        if func is torch.triu:
            return args[0]
        return func(*args, **kwargs)


def model_config(hparams: dict[str, int]) -> dict[str, Any]:
    """The book's model settings for a released shape."""
    return {
        "vocab_size": hparams["n_vocab"],
        "context_length": hparams["n_ctx"],
        "emb_dim": hparams["n_embd"],
        "n_heads": hparams["n_head"],
        "n_layers": hparams["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }


def download_and_load_gpt2(model_size: str, models_dir: str | Path) -> tuple[dict[str, int], dict[str, Any]]:
    """The book's function: download where needed; return the contents of `hparams.json` and the book's nested dict."""
    folder = download_gpt2(model_size, models_dir)
    settings = read_hparams(folder)
    return settings, load_gpt2_params_from_tf_ckpt(folder / CHECKPOINT, settings)

"""What can be set in a scoring."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gpt2_experiments.entries.reading import RESPONSE
from gpt2_experiments.judging.protocols import APIS, THINK
from gpt2_experiments.judging.server import KEY_VARIABLE, OLLAMA_PORT, server_url, without_api_path
from gpt2_experiments.shared.errors import UsageError
from gpt2_experiments.shared.settings import REQUIRED, parse, range_problems, setting

DESCRIPTION = "Score every response of a file with a judge, from 0 to 100."
EPILOG = f"A key that a server asks for is read from the environment variable {KEY_VARIABLE}."
HOST_VARIABLE = "OLLAMA_HOST"
DEFAULT_URL = f"http://localhost:{OLLAMA_PORT}"


@dataclass(frozen=True)
class Settings:
    """What decides who scores what, and how."""

    file_path: tuple[Path, ...] = setting(
        REQUIRED, "response files of experiments, or folders: all response files in them", metavar="PATH"
    )
    response_key: str = setting(RESPONSE, "the field that holds the responses", metavar="NAME")
    model: str | None = setting(
        None,
        "the judge",
        metavar="NAME",
        default_is=f"{APIS['ollama'].default_model}; openai: the only model that the server has",
    )
    url: tuple[str, ...] = setting(
        (),
        "its server; several share the work",
        metavar="URL",
        repeated=True,
        default_is=f"{HOST_VARIABLE}, else {DEFAULT_URL}",
    )
    api: str = setting(
        "ollama",
        "the server's protocol; openai: any server with /v1/chat/completions (llama.cpp's, vLLM, LM Studio)",
        choices=tuple(APIS),
    )
    judge: str = setting(
        "model",
        "reference: no model and no server, but chrF, BLEU, ROUGE-L and exact match",
        choices=("model", "reference"),
    )
    concurrency: int = setting(4, "questions put to each server at a time", least=1)
    repeats: int = setting(
        1, "scores of each entry, with seeds counted up from --seed: shows the judge's own noise", least=1
    )
    timeout: float = setting(
        300.0, "seconds a reply may take, queueing and loading of the model included", least=0.1, metavar="S"
    )
    seed: int = setting(123, "the judge's seed", least=0)
    temperature: float = setting(
        0.0, "the judge's temperature; at 0 repeats can differ by the server's own noise only", least=0.0
    )
    num_ctx: int = setting(
        2048, "the judge's context in tokens, at Ollama; a prompt that does not fit is an error", least=16
    )
    think: str | None = setting(
        None,
        "whether a judge that can think aloud does so first, at Ollama; some know only how much",
        choices=tuple(THINK),
        default_is="as the model does by itself",
    )
    keep_alive: str = setting("5m", "how long Ollama keeps the judge loaded after a question", metavar="TIME")
    allow_missing: bool = setting(False, "exit with 0 even if entries have no score")


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """The checked settings of a command line; all that is wrong with them is reported in one `UsageError`."""
    given = parse(Settings, DESCRIPTION, arguments, EPILOG)
    settings = Settings(**given)
    asks = settings.judge == "model"
    addresses = (settings.url or (os.environ.get(HOST_VARIABLE) or DEFAULT_URL,)) if asks else ()
    urls, address_problems = read_addresses(addresses, settings.api)
    problems = range_problems(Settings, given) + judge_problems(settings, given) + address_problems
    if problems:
        raise UsageError(*problems)
    return replace(settings, url=tuple(dict.fromkeys(urls)), model=settings.model or APIS[settings.api].default_model)


def judge_problems(settings: Settings, given: Mapping[str, Any]) -> list[str]:
    """One message for each setting that the protocol could not forward."""
    problems = []
    if not re.fullmatch(r"-?\d+|-?(\d+(\.\d+)?(ms|s|m|h))+", settings.keep_alive):
        problems.append(
            f"--keep_alive {settings.keep_alive}: write a duration like 5m or 1h30m, or seconds (-1: always)"
        )
    if settings.api == "openai" and settings.judge == "model":
        problems += [
            f"--{name} is Ollama's; other servers are told when they are started"
            for name in ("num_ctx", "keep_alive", "think")
            if name in given
        ]
        if not settings.url:
            problems.append("--api openai: name the server with --url, for instance --url http://localhost:8080")
    return problems


def read_addresses(addresses: Sequence[str], api_name: str) -> tuple[list[str], list[str]]:
    """The servers' addresses, and a message for each that is none, or has something in it that must not be shown."""
    bare_port = OLLAMA_PORT if api_name == "ollama" else 80
    urls, problems = [], []
    for address in addresses:
        if "@" in address:
            problems.append(f"the server's address holds a user or password; put a key into {KEY_VARIABLE} instead")
            continue
        try:
            urls.append(without_api_path(server_url(address, bare_port), APIS[api_name]))
        except ValueError as error:
            problems.append(f"{address}: not the address of a server, {error}; write http://HOST:PORT")
    return urls, problems

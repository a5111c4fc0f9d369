"""The conversation as a page of this machine: the same question to all models side by side. Made with Gradio."""

import importlib
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from gpt2_experiments.chatting.settings import Settings
from gpt2_experiments.chatting.speaker import Speaker
from gpt2_experiments.entries.prompt_styles import Entry
from gpt2_experiments.model.generation import Sampling
from gpt2_experiments.shared.errors import UserError
from gpt2_experiments.shared.settings import range_problems

REQUIREMENTS = "requirements/web.txt"
LOOPBACK = ("127.0.0.1", "localhost")
MOST_SHOWN = 90  # characters of a test entry in the list
# The browser itself refuses what is not of this server: Gradio's page names fonts and a script of others.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'none'"
)


def serve(speakers: Sequence[Speaker], settings: Settings) -> None:
    """Serve the page until the process is interrupted."""
    page, url = launch(speakers, settings)
    print(f"Listening on {url} (Ctrl-C ends it)", flush=True)
    page.block_thread()


def launch(speakers: Sequence[Speaker], settings: Settings) -> tuple[Any, str]:
    """Begin to serve the page; returns it and its address. `UserError` where that cannot be."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when it is imported
    try:
        gradio = importlib.import_module("gradio")
    except ImportError:
        raise UserError(f"--web: needs the package gradio; pip install -r {REQUIREMENTS}") from None
    check_address(settings.host, settings.port)
    for name in ("NO_PROXY", "no_proxy"):  # Gradio asks its own page whether it is there
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), settings.host)))
    page = build_page(gradio, speakers, settings)
    app, url, _ = page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        ssr_mode=False,
        footer_links=[],
        theme=gradio.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
    )
    app.middleware_stack = None  # so that it is built again, with the policy
    app.add_middleware(_Policy, host=settings.host, port=settings.port)
    return page, url


def check_address(host: str, port: int) -> None:
    """`UserError` where nothing can listen there."""
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        with socket.create_server((host, port), family=family):
            pass
    except (OSError, OverflowError) as error:
        raise UserError(f"--host {host} --port {port}: cannot be listened on ({error}); choose others") from error


class _Policy:
    """Adds the security policy to every answer, and takes no files: the page needs none.

    A page that only this machine can reach answers under this machine's names alone: another site's name may be made
    to lead here (DNS rebinding).
    """

    def __init__(self, app: Any, host: str, port: int):
        self._app = app
        self._names = {f"{name}:{port}".encode() for name in LOOPBACK} if host in LOOPBACK else None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and self._refuses(scope):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"refused"})
            return

        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        await self._app(scope, receive, with_policy)

    def _refuses(self, scope: Any) -> bool:
        """Whether a request is none that the page makes."""
        asked = dict(scope["headers"]).get(b"host")
        return scope["path"].endswith("/upload") or (self._names is not None and asked not in self._names)


def build_page(gradio: Any, speakers: Sequence[Speaker], settings: Settings) -> Any:
    """The page: a question, which may be a run's test entry, how answers are chosen, and a column a model."""
    entries: Sequence[Entry] = next(filter(None, (speaker.tested() for speaker in speakers)), ())
    with gradio.Blocks(title="Tuned models side by side", analytics_enabled=False) as page:
        gradio.Markdown("Each message is answered alone: the models have learned single turns.")
        labels = [f"{number}: {entry['instruction'][:MOST_SHOWN]}" for number, entry in enumerate(entries, start=1)]
        chosen = gradio.Dropdown(labels, value=None, type="index", label="Test entry to ask", visible=bool(labels))
        instruction = gradio.Textbox(label="Instruction", lines=2, autofocus=True)
        given = gradio.Textbox(label="Input", lines=1)
        with gradio.Row():
            temperature = gradio.Number(settings.temperature, label="Temperature (0: the likeliest)", minimum=0)
            top_k = gradio.Number(settings.top_k or 0, label="Top-k (0: all)", minimum=0, precision=0)
            top_p = gradio.Number(1 if settings.top_p is None else settings.top_p, label="Top-p", minimum=0)
            seed = gradio.Number(settings.seed, label="Seed", minimum=0, precision=0)
        with gradio.Row():
            ask, stop = gradio.Button("Ask", variant="primary"), gradio.Button("Stop")
        with gradio.Row():
            answers = [
                gradio.Textbox(
                    label=f"{speaker.name} ({speaker.style.name})", lines=8, interactive=False, min_width=280
                )
                for speaker in speakers
            ]

        def fill(number: int | None) -> tuple[str, str]:
            entry = {"instruction": "", "input": ""} if number is None else entries[number]
            return entry["instruction"], entry["input"]

        def answer(instruction: str, given: str, temperature: Any, top_k: Any, top_p: Any, seed: Any) -> Any:
            entry = {"instruction": instruction, "input": given}
            try:
                sampling = sampling_of(settings, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
                yield from side_by_side(speakers, entry, settings.max_new_tokens, sampling)
            except UserError as error:
                raise gradio.Error("\n".join(error.messages)) from error

        chosen.change(fill, chosen, [instruction, given])
        fields = [instruction, given, temperature, top_k, top_p, seed]
        asked = gradio.on([ask.click, instruction.submit, given.submit], answer, fields, answers)
        stop.click(None, cancels=[asked])
    return page


def sampling_of(settings: Settings, **fields: Any) -> Sampling:
    """How the page's fields say that tokens are chosen; an empty one is as the command line has it. `UserError`."""
    given = {name: value for name, value in fields.items() if value is not None}
    given["top_k"] = given.get("top_k") or None
    if problems := range_problems(Settings, given):
        raise UserError(*problems)
    return settings.sampling._replace(**given)


def side_by_side(
    speakers: Sequence[Speaker], entry: Entry, max_new_tokens: int, sampling: Sampling
) -> Iterator[list[str]]:
    """The answers of all speakers as far as they are written, each time all of them have gone on by a token."""
    texts = [""] * len(speakers)
    writing = {number: speaker.answer(entry, max_new_tokens, sampling) for number, speaker in enumerate(speakers)}
    while writing:
        for number, pieces in list(writing.items()):
            piece = next(pieces, None)
            if piece is None:
                del writing[number]
            else:
                texts[number] += piece
        yield list(texts)

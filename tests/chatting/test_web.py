"""The page of `chat.py --web` in a real browser: answers are those of the models, text stays text, nothing leaves."""

import shutil

import pytest
import requests
from support.llama_peer import free_port
from support.small_checkpoint import OPTIONS, write_small_checkpoint

import exercise_experiments
from gpt2_experiments.chatting.settings import Settings
from gpt2_experiments.chatting.speaker import find_speaker
from gpt2_experiments.chatting.web import launch, sampling_of
from gpt2_experiments.entries.prompt_styles import PROMPT_STYLES
from gpt2_experiments.model.generation import GREEDY, Sampling
from gpt2_experiments.shared.errors import UserError

pytestmark = pytest.mark.browser

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1200, "height": 900}
HOSTILE = (
    "</textarea><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    "<iframe src='https://example.org'></iframe> {{ 7 * 7 }} [a](https://example.org) "
    "\u202e\u0627\u0644\u0644\u063a\u0629 " + 20_000 * "x"
)


class Hostile:
    """A model that answers what it should not."""

    name, style = "hostile", PROMPT_STYLES["alpaca"]

    def tested(self):
        return ()

    def answer(self, *_):
        yield from (HOSTILE[at : at + 4000] for at in range(0, len(HOSTILE), 4000))


@pytest.fixture(scope="module")
def speakers(tmp_path_factory, first_entries):
    """A run with LoRA, and the weights that it began with."""
    weights, folder = write_small_checkpoint(tmp_path_factory.mktemp("weights")), tmp_path_factory.mktemp("run")
    options = ["--weights", str(weights), "--data", str(first_entries(60)), *OPTIONS]
    exercise_experiments.main(["--exercise_solution", "lora", *options, "--output_dir", str(folder)])
    return [find_speaker(str(place), "alpaca", "gpt2", "cpu") for place in (folder, weights)]


@pytest.fixture
def served():
    """Serve a page; returns its address."""
    pages = []

    def serve(speakers, **settings):
        page, url = launch(speakers, Settings(runs=(), max_new_tokens=12, port=free_port(), **settings))
        pages.append(page)
        return url

    yield serve
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )


@pytest.fixture
def open_page(browser):
    """Open an address; afterwards nothing may have been asked for elsewhere."""
    requests, contexts = [], []

    def open_page(url, viewport=DESKTOP):
        contexts.append(browser.new_context(viewport=viewport))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: requests.append(request.url))
        response = page.goto(url)
        assert "default-src 'self'" in response.headers["content-security-policy"]
        page.get_by_role("button", name="Ask").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {url.split("/")[2].split(":")[0] for url in requests if url.startswith(("http", "ws"))} == {"127.0.0.1"}


def answer_of(page, name):
    return page.get_by_label(f"{name} (alpaca)")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_all_models_answer_the_same_question_by_the_keyboard_alone(viewport, speakers, served, open_page):
    from playwright.sync_api import expect

    page = open_page(served(speakers), viewport)
    page.get_by_label("Instruction").focus()
    page.keyboard.type("Name a color.")
    page.keyboard.press("Tab")
    page.keyboard.type("not red")
    page.keyboard.press("Enter")
    entry = {"instruction": "Name a color.", "input": "not red"}
    for speaker in speakers:
        expect(answer_of(page, speaker.name)).to_have_value("".join(speaker.answer(entry, 12, GREEDY)))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]


def test_a_test_entry_of_the_run_can_be_asked(speakers, served, open_page):
    from playwright.sync_api import expect

    tested = speakers[0].tested()
    page = open_page(served(speakers))
    page.get_by_label("Test entry to ask").click()
    page.get_by_role("option").nth(1).click()
    expect(page.get_by_label("Instruction")).to_have_value(tested[1]["instruction"])
    expect(page.get_by_label("Input")).to_have_value(tested[1]["input"])


def test_whatever_a_model_answers_is_text(speakers, served, open_page):
    from playwright.sync_api import expect

    page = open_page(served([Hostile(), speakers[1]]))
    title = page.title()
    page.get_by_label("Instruction").fill("Go on.")
    page.get_by_role("button", name="Ask").click()
    expect(answer_of(page, "hostile")).to_have_value(HOSTILE)
    assert page.title() == title
    assert page.locator("iframe").count() == 0


def test_a_port_that_is_taken_is_said(speakers, served):
    port = int(served(speakers).rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(UserError, match=f"--host 127.0.0.1 --port {port}: cannot be listened on"):
        launch(speakers, Settings(runs=(), port=port))


def test_the_page_takes_no_files_and_answers_under_this_machines_names_alone(served, speakers):
    url = served(speakers)
    assert requests.post(f"{url}gradio_api/upload", files={"files": b"text"}, timeout=60).status_code == 403
    assert requests.get(url, headers={"Host": "example.org"}, timeout=60).status_code == 403
    assert requests.get(url, timeout=60).status_code == 200


def test_fields_are_checked_and_empty_ones_are_as_the_command_line_has_them():
    settings = Settings(runs=(), temperature=0.5, top_p=0.9, seed=7)
    assert sampling_of(settings, temperature=None, top_k=0, top_p=None, seed=None) == settings.sampling
    assert sampling_of(settings, temperature=1, top_k=5, top_p=0.5, seed=8) == Sampling(1, 5, 0.5, 8)
    with pytest.raises(UserError, match="--seed: 100000000000000000000 is more than"):
        sampling_of(settings, temperature=1, top_k=5, top_p=0.5, seed=10**20)

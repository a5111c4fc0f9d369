"""The comparison page shows every text as data, loads nothing, and can be used."""

import copy
import json
import random
import shutil
import statistics

import pytest
from support.html_page import HOSTILE, Page

from gpt2_experiments.comparing.page import (
    COLOURS,
    DASHES,
    HISTOGRAM_BINS,
    MARKERS,
    duration,
    render_page,
)
from gpt2_experiments.shared.pages import Axis, decimals

VARIANTS = {"baseline": 38, "mask_instructions": 38.5, "phi3_prompt": 41, "phi3_prompt + lora": 31}  # mean scores
SEEDS = (1, 2, 3)
N_ENTRIES = 120


def synthetic_run(name, seed, scores, rng):
    """One run with losses that fall as they do, and costs that depend on the variant."""
    speed = 2.2 if "lora" in name else 1.0
    evaluations = [
        {
            "step": step,
            "epoch": 1 + step // 100,
            "tokens_seen": 400 * step,
            "seconds": 1.7 * step / speed,
            "train_loss": 0.35 + 3.2 * 2.718 ** (-step / (25 * speed)) + rng.gauss(0, 0.03),
            "val_loss": 0.62 + 2.9 * 2.718 ** (-step / (28 * speed)) + rng.gauss(0, 0.02),
        }
        for step in range(0, 201, 5)
    ]
    return {
        "name": f"{name.replace(' + ', '-')}-seed{seed}",
        "folder": f"runs/{name.replace(' + ', '-')}-seed{seed}",
        "seed": seed,
        "training_seconds": 340 / speed + seed,
        "tokens_per_second": 236.0 * speed,
        "peak_memory_bytes": 5_200_000_000 if speed == 1 else 2_900_000_000,
        "trainable_parameters": 406_286_336 if speed == 1 else 7_898_384,
        "generation_seconds": 61.5 + seed,
        "final_train_loss": evaluations[-1]["train_loss"],
        "final_val_loss": evaluations[-1]["val_loss"],
        "best_val_loss": min(evaluation["val_loss"] for evaluation in evaluations),
        "mean_score": statistics.fmean(scores),
        "evaluations": evaluations,
    }


COSTS = ("training_seconds", "tokens_per_second", "peak_memory_bytes", "trainable_parameters", "generation_seconds")
MEANS = ("final_train_loss", "final_val_loss", "best_val_loss", "mean_score")


def synthetic_variant(name, runs):
    mean = statistics.fmean(run["mean_score"] for run in runs)
    summary = {field: statistics.median(run[field] for run in runs) for field in COSTS}
    summary |= {field: statistics.fmean(run[field] for run in runs) for field in MEANS}
    summary |= {"interval_95": [mean - 4.1, mean + 4.1], "seeds_counted": name != "mask_instructions"}
    return {"name": name, "seeds": [run["seed"] for run in runs], "summary": summary, "runs": runs}


def synthetic_pair(first, second):
    """A pair of variants, with the difference shown if it is large."""
    difference = second["summary"]["mean_score"] - first["summary"]["mean_score"]
    low, high, shown = difference - 3.4, difference + 3.4, abs(difference) > 5
    if shown:
        sentence = (
            f"{second['name']} scored {abs(difference):.1f} points {'more' if difference > 0 else 'less'} than "
            f"{first['name']} (95% interval {low:.1f} to {high:.1f}, p = 0.002 corrected for 6 pairs)."
        )
    else:
        sentence = (
            f"No difference shown between {first['name']} and {second['name']} ({difference:.1f} points, "
            f"95% interval {low:.1f} to {high:.1f}); this test could have shown 5.2 or more."
        )
    return {
        "first": first["name"],
        "second": second["name"],
        "difference": difference,
        "interval_95": [low, high],
        "p_value": 0.0003 if shown else 0.31,
        "p_value_holm": 0.002 if shown else 0.62,
        "smallest_detectable": 5.2,
        "seeds_counted": True,
        "difference_shown": shown,
        "sentence": sentence,
    }


WORDS = ("the", "ferry", "had", "been", "steered", "through", "thick", "fog", "by", "its", "captain", "before", "noon")


def synthetic_entry(number, rng):
    def sentence(length):
        return " ".join(rng.choices(WORDS, k=length)).capitalize() + "."

    responses = {}
    for name, mean in VARIANTS.items():
        for seed in SEEDS:
            score = min(100.0, max(0.0, rng.gauss(mean, 24)))
            text = sentence(rng.randint(4, 40))
            responses[f"{name.replace(' + ', '-')}-seed{seed}"] = {"response": text, "score": score}
    return {
        "number": number,
        "instruction": f"Rewrite sentence {number} in the passive voice.",
        "input": sentence(9) if number % 3 else "",
        "output": sentence(10),
        "responses": responses,
    }


def synthetic_comparison(n_entries=N_ENTRIES):
    rng = random.Random(123)
    entries = [synthetic_entry(number, rng) for number in range(1, n_entries + 1)]
    variants = []
    for name in VARIANTS:
        runs = []
        for seed in SEEDS:
            run_name = f"{name.replace(' + ', '-')}-seed{seed}"
            scores = [entry["responses"][run_name]["score"] for entry in entries]
            runs.append(synthetic_run(name, seed, scores, rng))
        variants.append(synthetic_variant(name, runs))
    return {
        "suite_version": "0.1.0",
        "date": "2026-11-24T08:00:00+00:00",
        "scores": {"name": "chrF", "kind": "reference", "lowest": 0, "highest": 100},
        "variants": variants,
        "pairs": [synthetic_pair(a, b) for i, a in enumerate(variants) for b in variants[i + 1 :]],
        "notes": ["phi3_prompt writes longer prompts: its losses cannot be compared with those of the other prompts."],
        "entries": entries,
    }


@pytest.fixture(scope="module")
def comparison():
    return synthetic_comparison()


# ------------------------------------------------------------------------------------------------- without a browser

LABELS = {"aria-label", "aria-labelledby"}


def embedded_data(page):
    """The JSON the script reads: the first of the two scripts."""
    return json.JSONDecoder().raw_decode(page.text_of("script"))[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data_wherever_it_stands(comparison, text):
    harmless = Page(render_page(comparison))
    hostile = copy.deepcopy(comparison)
    hostile["notes"] = [text]
    hostile["variants"][0]["name"] = hostile["pairs"][0]["first"] = text
    hostile["pairs"][0]["sentence"] = hostile["scores"]["name"] = hostile["variants"][0]["runs"][0]["folder"] = text
    entry = hostile["entries"][0]
    entry |= {"instruction": text, "input": text, "output": text}
    entry["responses"]["baseline-seed1"]["response"] = text
    page = Page(render_page(hostile))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    handlers = {name for _, attributes in page.elements for name in attributes if name.startswith("on")}
    assert handlers == set()
    data = embedded_data(page)
    assert data["variants"][0]["name"] == text
    first = data["entries"][0]
    assert [first["instruction"], first["input"], first["output"]] == [text] * 3
    assert first["responses"][0][0] == {"response": text, "score": entry["responses"]["baseline-seed1"]["score"]}
    assert (None, text) not in page.texts
    assert text in page.text_of("li")  # the note


def test_page_refers_to_nothing_outside_and_its_policy_allows_nothing(comparison):
    page = Page(render_page(comparison))
    addresses = [attributes[name] for _, attributes in page.elements for name in ("src", "href") if name in attributes]
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    assert "url(" not in page.text_of("style")
    assert "@import" not in page.text_of("style")
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not any("style" in attributes for _, attributes in page.elements)  # the policy would ignore them


def test_summary_and_sentences_are_there_without_the_script(comparison):
    page = Page(render_page(comparison))
    assert {pair["sentence"] for pair in comparison["pairs"]} <= {text for _, text in page.texts}
    assert comparison["notes"][0] in page.text_of("li")
    cells = page.text_of("td") + page.text_of("strong")
    for variant in comparison["variants"]:
        assert f"{variant['summary']['mean_score']:.1f}" in cells
        assert f"{variant['summary']['trainable_parameters']:,}" in cells
    assert "JavaScript" in page.text_of("p")
    assert all(attributes.get("scope") for attributes in page.all("th"))
    assert [svg for svg in page.all("svg") if svg.get("role") == "img" and not svg.keys() & LABELS] == []


def test_same_comparison_gives_the_same_page_and_is_left_as_it_was(comparison):
    before = copy.deepcopy(comparison)
    assert render_page(comparison) == render_page(comparison)
    assert comparison == before


def test_ids_are_unique_and_what_names_them_finds_them(comparison):
    page = Page(render_page(comparison))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        assert set(attributes.get("aria-labelledby", "").split()) <= set(ids)


@pytest.mark.parametrize("n_variants", [1, 2, 9])
def test_any_number_of_variants_makes_a_page(comparison, n_variants):
    """One variant has no pairs; more variants than colours use them again with another dash and marker."""
    some = copy.deepcopy(comparison)
    some["variants"] = [some["variants"][i % 4] | {"name": f"variant {i}"} for i in range(n_variants)]
    if n_variants == 1:
        some["pairs"] = []
    page = Page(render_page(some))
    assert page.text_of("style").count("--dash: ") == n_variants
    assert len(embedded_data(page)["entries"][0]["responses"]) == n_variants


def test_looks_of_variants_do_not_repeat():
    looks = {(COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)]) for i in range(210)}
    assert len(looks) == 210


def test_losses_of_a_run_that_diverged_leave_the_others_curves(comparison):
    diverged = copy.deepcopy(comparison)
    run = diverged["variants"][0]["runs"][0]
    for evaluation in run["evaluations"][3:]:
        evaluation["train_loss"] = evaluation["val_loss"] = float("nan")
    run["final_train_loss"] = float("nan")
    curves = [line["points"].split() for line in Page(render_page(diverged)).all("polyline")]
    assert sorted({len(points) for points in curves}) == [3, len(run["evaluations"])]
    assert "nan" not in " ".join(point for points in curves for point in points)


def test_score_that_is_not_a_number_is_refused(comparison):
    wrong = copy.deepcopy(comparison)
    wrong["entries"][5]["responses"]["baseline-seed2"]["score"] = float("nan")
    with pytest.raises(ValueError, match=r"baseline: scores \[nan\]"):
        render_page(wrong)


def test_response_that_is_missing_is_named(comparison):
    wrong = copy.deepcopy(comparison)
    del wrong["entries"][5]["responses"]["baseline-seed2"]
    with pytest.raises(KeyError, match="baseline-seed2"):
        render_page(wrong)


def test_bars_hold_all_responses_also_those_at_the_ends_of_the_scale(comparison):
    ends = copy.deepcopy(comparison)
    for entry in ends["entries"]:
        entry["responses"]["baseline-seed1"]["score"] = 100 + 1e-12  # as rounding makes it
        entry["responses"]["baseline-seed2"]["score"] = 0
        entry["responses"]["baseline-seed3"]["score"] = 100
    bars = [float(bar["height"].removesuffix("%")) for bar in Page(render_page(ends)).all("rect")][:HISTOGRAM_BINS]
    assert bars == [50] + [0] * (HISTOGRAM_BINS - 2) + [100]


@pytest.mark.parametrize("values", [[0, 0], [], [3.2], [-0.001, 0.002], [0, 5.2e7], [float("nan"), 1, 2]])
def test_axis_covers_what_it_shows(values):
    axis = Axis.over(values)
    assert axis.low < axis.high
    assert [axis.place(axis.low), axis.place(axis.high)] == [0, 100]
    assert all(0 <= axis.place(value) <= 100 for value in values if value == value)
    assert list(axis.ticks) == sorted(axis.ticks)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (decimals(-2.04, 1), "\N{MINUS SIGN}2.0"),
        (decimals(-0.04, 1), "0.0"),
        (decimals(-0.04, 1, sign=True), "+0.0"),
        (decimals(3.06, 1, sign=True), "+3.1"),
        (decimals(406286336), "406,286,336"),
        (decimals(0.1 + 0.2), "0.3"),
        (duration(9.44), "9.4 s"),
        (duration(342.9), "5 min 42 s"),
        (duration(7320), "2 h 2 min"),
    ],
)
def test_numbers_are_written_for_the_eye(shown, expected):
    assert shown == expected


# ---------------------------------------------------------------------------------------------------- in a real browser

LAUNCH_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH_OPTIONS)


@pytest.fixture
def show(browser, tmp_path):
    """Open a comparison's page; afterwards, nothing may have gone wrong in it, and nothing else been asked for."""
    contexts, complaints, requests = [], [], []
    file = tmp_path / "comparison.html"

    def open_page(comparison, fragment="", **context_options):
        file.write_text(render_page(comparison), encoding="utf-8")
        contexts.append(browser.new_context(**context_options))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in requests} == {file.as_uri()}


def shown_numbers(page):
    return [int(text) for text in page.locator("#rows th").all_inner_texts()]


def row_of(page, number):
    return page.locator("#rows tr").filter(has=page.locator(f"#entry-{number}"))


def marked_row(page, number):
    return page.locator("#rows tr[aria-current=true]").filter(has=page.locator(f"#entry-{number}"))


def shown_scores(page, variant):
    """The scores in bold in the column of the variant with this place."""
    return [float(text) for text in page.locator(f"#rows td:nth-of-type({4 + variant}) strong").all_inner_texts()]


def sort_by(page, name):
    page.locator("#entry-table thead").get_by_role("button", name=name, exact=True).click()


def mean_score(entry, variant):
    return statistics.fmean(entry["responses"][f"{variant.replace(' + ', '-')}-seed{seed}"]["score"] for seed in SEEDS)


def largest_difference(entry):
    means = [mean_score(entry, variant) for variant in VARIANTS]
    return max(means) - min(means)


@pytest.mark.browser
def test_entries_are_shown_in_pages(show, comparison):
    page = show(comparison)
    assert shown_numbers(page) == list(range(1, 51))
    assert page.get_by_role("status").inner_text() == "120 entries; showing 1 to 50 of 120."
    assert page.get_by_role("button", name="Previous").is_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    assert shown_numbers(page) == list(range(101, 121))
    assert page.get_by_role("button", name="Next").is_disabled()
    page.get_by_label("Page", exact=True).fill("2")
    page.get_by_label("Page", exact=True).press("Enter")
    assert shown_numbers(page) == list(range(51, 101))
    entry, row = comparison["entries"][50], row_of(page, 51)
    for text in (entry["instruction"], entry["output"], entry["responses"]["phi3_prompt-lora-seed1"]["response"]):
        assert text in row.inner_text()
    assert f"mean {mean_score(entry, 'baseline'):.1f}" in row.inner_text()


@pytest.mark.browser
def test_search_finds_text_of_any_field_and_run(show, comparison):
    marked = copy.deepcopy(comparison)
    marked["entries"][3]["instruction"] += " Zebra"
    marked["entries"][70]["input"] = "a zebra"
    marked["entries"][80]["output"] = "ZEBRA"
    marked["entries"][90]["responses"]["phi3_prompt-seed3"]["response"] = "zebras"
    page = show(marked)
    page.get_by_label("Search in all texts").fill("zebra")
    assert shown_numbers(page) == [4, 71, 81, 91]
    assert page.get_by_role("status").inner_text() == "4 of 120 entries match."
    assert "search also found in seed 3" in row_of(page, 91).inner_text()
    page.get_by_label("Search in all texts").fill("no such text")
    assert shown_numbers(page) == []
    assert page.get_by_role("status").inner_text() == "0 of 120 entries match."
    page.get_by_role("button", name="Clear filters").click()
    assert len(shown_numbers(page)) == 50


@pytest.mark.browser
def test_filter_keeps_entries_whose_variants_differ_by_so_much(show, comparison):
    page = show(comparison)
    page.get_by_label("Variants differ by at least").fill("45")
    expected = [entry["number"] for entry in comparison["entries"] if largest_difference(entry) >= 45]
    assert 0 < len(expected) < 50
    assert shown_numbers(page) == expected


@pytest.mark.browser
def test_sorting_by_score_difference_and_number(show, comparison):
    page = show(comparison)
    head = page.locator("#entry-table th[aria-sort]")
    sort_by(page, "mask_instructions")
    responses = [entry["responses"] for entry in comparison["entries"]]
    scores = sorted(round(runs["mask_instructions-seed1"]["score"], 1) for runs in responses)
    assert shown_scores(page, 1) == pytest.approx(scores[:-51:-1], abs=0.051)
    assert (head.count(), head.get_attribute("aria-sort"), head.inner_text()) == (1, "descending", "mask_instructions")
    sort_by(page, "mask_instructions")
    assert shown_scores(page, 1) == pytest.approx(scores[:50], abs=0.051)
    assert head.get_attribute("aria-sort") == "ascending"
    sort_by(page, "Largest difference")
    by_difference = sorted(comparison["entries"], key=largest_difference, reverse=True)
    assert shown_numbers(page) == [entry["number"] for entry in by_difference[:50]]
    sort_by(page, "Entry")
    assert shown_numbers(page) == list(range(1, 51))


@pytest.mark.browser
def test_seed_selector_shows_that_run_and_the_same_mean(show, comparison):
    uneven = copy.deepcopy(comparison)
    uneven["variants"][1]["runs"] = uneven["variants"][1]["runs"][:1]  # mask_instructions ran with seed 1 only
    uneven["variants"][1]["seeds"] = [1]
    page = show(uneven)
    entry, row = comparison["entries"][0], row_of(page, 1)
    mean = f"mean {mean_score(entry, 'baseline'):.1f}"
    assert entry["responses"]["baseline-seed1"]["response"] in row.inner_text()
    page.get_by_role("combobox", name="Seed", exact=True).select_option("3")
    cells = row.locator("td").all_inner_texts()
    assert entry["responses"]["baseline-seed3"]["response"] in cells[3]
    assert f"{entry['responses']['baseline-seed3']['score']:.1f} · {mean}" in cells[3]
    assert entry["responses"]["mask_instructions-seed1"]["response"] in cells[4]
    assert "seed 1" in cells[4]
    sort_by(page, "baseline")
    assert shown_scores(page, 0)[0] == pytest.approx(
        max(entry["responses"]["baseline-seed3"]["score"] for entry in comparison["entries"]), abs=0.051
    )


@pytest.mark.browser
def test_link_shows_marks_and_focuses_its_entry(show, comparison):
    page = show(comparison, "#entry-117")
    row = marked_row(page, 117)
    assert page.evaluate("document.activeElement.id") == "entry-117"
    assert is_in_view(row)
    page.get_by_label("Search in all texts").fill(comparison["entries"][8]["instruction"])
    page.evaluate("location.hash = '#entry-42'")  # hidden by the search
    marked_row(page, 42).wait_for()
    assert is_in_view(row_of(page, 42))
    assert page.get_by_label("Search in all texts").input_value() == ""
    assert "The filters were cleared" in page.get_by_role("status").inner_text()
    assert page.locator("tr[aria-current]").count() == 1
    page.evaluate("location.hash = '#entry-999'")
    page.get_by_text("There is no entry 999.").wait_for()


@pytest.mark.browser
def test_row_links_to_itself_and_keeps_the_filters_that_show_it(show, comparison):
    page = show(comparison)
    page.get_by_label("Search in all texts").fill("passive")
    sort_by(page, "baseline")
    number = shown_numbers(page)[7]
    page.get_by_role("link", name=f"Link to entry {number}", exact=True).click()
    marked_row(page, number).wait_for()
    assert page.url.endswith(f"#entry-{number}")
    assert page.get_by_label("Search in all texts").input_value() == "passive"
    assert shown_numbers(page)[7] == number


def is_in_view(row):
    return row.evaluate(
        "row => { const box = row.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight }"
    )


@pytest.mark.browser
def test_loss_plots_switch_axis_and_hide_variants(show, comparison):
    page = show(comparison)
    tokens = page.get_by_role("img", name="Training loss over tokens seen")
    seconds = page.get_by_role("img", name="Training loss over training time in seconds")
    assert (tokens.is_visible(), seconds.is_visible()) == (True, False)
    page.get_by_role("radio", name="Training time in seconds").check()
    assert (tokens.is_visible(), seconds.is_visible()) == (False, True)
    button = page.get_by_role("button", name="phi3_prompt", exact=True).first
    curves = seconds.locator("polyline")
    assert visible(curves) == len(VARIANTS) * len(SEEDS)
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    assert visible(curves) == (len(VARIANTS) - 1) * len(SEEDS)
    button.press("Enter")
    assert visible(curves) == len(VARIANTS) * len(SEEDS)


def visible(curves):
    return curves.evaluate_all("curves => curves.filter(curve => getComputedStyle(curve).display !== 'none').length")


@pytest.mark.browser
def test_hostile_responses_stay_text(show, comparison):
    hostile = copy.deepcopy(comparison)
    hostile["variants"][0]["name"] = hostile["notes"][0] = HOSTILE[2]
    for entry, text in zip(hostile["entries"], HOSTILE, strict=False):
        entry |= {"instruction": text, "input": text, "output": text}
        entry["responses"]["baseline-seed1"]["response"] = text
    page = show(hostile)
    assert page.locator("img, #rows script").count() == 0
    for number, text in enumerate(HOSTILE, 1):
        codes = "node => [...node.textContent].map(character => character.codePointAt(0))"
        response = row_of(page, number).locator(".response").first.evaluate(codes)
        assert response == [ord(character) for character in text]
    page.get_by_label("Search in all texts").fill("<img src=x")
    assert shown_numbers(page) == [3]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_page_does_not_scroll_sideways(show, comparison, width):
    long = copy.deepcopy(comparison)
    long["entries"][0]["responses"]["baseline-seed1"]["response"] = "unbroken" * 60
    long["variants"][3]["name"] = "alpaca_52k + mask_instructions + phi3_prompt + lora"
    page = show(long, viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_page_fits_on_paper(show, comparison):
    page = show(comparison, viewport={"width": 718, "height": 1047})  # A4 less Chromium's margins, at 96 dots an inch
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert page.get_by_role("button", name="phi3_prompt", exact=True).first.is_visible()  # the legend of the loss plots
    assert not page.get_by_label("Search in all texts").is_visible()


# Contrast as WCAG 2.2 defines it, of an element's text (or stroke) against the first opaque background behind it.
CONTRAST = """([selector, property]) => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const background = (node) => {
    const color = channels(getComputedStyle(node).backgroundColor);
    return color[3] === 0 ? background(node.parentElement) : color;
  };
  return [...document.querySelectorAll(selector)].map((node) => {
    const pair = [channels(getComputedStyle(node)[property]), background(node)].map(luminance);
    const [low, high] = pair.sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
}"""
TEXTS = "h1, p, a:not(.skip), th, td, caption, figcaption, button:not(:disabled), label, input, summary, .muted, .score"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_both_schemes(show, comparison, scheme):
    page = show(comparison, "#entry-2", color_scheme=scheme)
    assert min(page.evaluate(CONTRAST, [TEXTS, "color"])) >= 4.5
    assert min(page.evaluate(CONTRAST, [".tick, .axis-label", "fill"])) >= 4.5
    assert min(page.evaluate(CONTRAST, ["polyline, .swatch line", "stroke"])) >= 3
    assert min(page.evaluate(CONTRAST, [".bar", "fill"])) >= 3
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(part => part < 60)")
    assert dark == (scheme == "dark")


@pytest.mark.browser
def test_keyboard_reaches_everything_that_can_be_operated(show, comparison):
    page = show(comparison)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.locator("#query").focus()
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.sort"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    assert reached == ["least", "seed", "clear", "entry-region", "number", "largest", "0", "1", "2", "3"]


@pytest.mark.browser
def test_without_javascript_the_results_are_there(show, comparison):
    page = show(comparison, java_script_enabled=False)
    assert page.get_by_text(comparison["pairs"][0]["sentence"]).is_visible()
    assert page.get_by_role("img", name="Training loss over tokens seen").is_visible()
    assert page.locator("noscript p").is_visible()
    assert not page.get_by_label("Search in all texts").is_visible()

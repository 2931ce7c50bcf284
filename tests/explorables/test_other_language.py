"""An explorable in a made-up language, in a real browser: not a word of English is left."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
from examples import RIGHT, SCORES
from playwright.sync_api import Page, sync_playwright

from course_utils.explorables.cut_off import cut_off
from course_utils.explorables.two_shapes import two_shapes
from course_utils.explorables.walk import walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('.cx, .cx *:not(script):not(style)')].flatMap((element) => [
    ...['aria-label', 'aria-valuetext', 'alt'].map((name) => element.getAttribute(name) || ''),
    ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data)])"""


def made_up(words: str) -> str:
    """Words of which only the placeholders are left."""
    return "".join(
        part if part[0] == "{" else re.sub("[A-Za-z]", "ж", part) for part in re.findall(r"\{.*?\}|[^{]+", words)
    )


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


EXAMPLES = {
    "curve": lambda: walk(RIGHT, SCORES, 6),
    "cutoff": lambda: cut_off(RIGHT, SCORES, 6),
    "iou": lambda: two_shapes(np.ones((9, 12), bool)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_says_nothing_in_english(page, tmp_path, monkeypatch, name):
    catalogue = SimpleNamespace(get=lambda words, _default: made_up(words))
    monkeypatch.setattr("course_utils.translation.say.spoken", lambda: "xx")
    monkeypatch.setattr("course_utils.translation.say._known", lambda code: catalogue)
    with patch("course_utils.explorables.page.display") as display:
        EXAMPLES[name]()
    path = tmp_path / "page.html"
    markup = display.call_args.args[0]["text/html"]
    path.write_text(f"<!doctype html><meta charset='utf-8'><body>{markup}", encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('.cx-live .cx-said')?.textContent")
    shown = page.evaluate(SHOWN)
    assert sum("ж" in text for text in shown) >= 8
    assert [text for text in shown if re.search("[A-Za-z]{2}", text)] == []

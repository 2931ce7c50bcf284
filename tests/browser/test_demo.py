"""The demo's page in a real browser: pick, bring a photo, bring something that is none."""

import re

import numpy as np
import pytest
from helpers import demo_server
from PIL import Image

from course_utils.calories.photo import STRANGE
from course_utils.demo.server import example_plates
from course_utils.paths import data_dir

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    with demo_server.running(demo_server.quick_analyst()) as address:
        yield address


@pytest.fixture
def page(address, chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.set_default_timeout(60_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(address)
        yield page
        browser.close()


def test_a_plate_is_picked(page, tmp_path):
    page.locator("#plates button").first.click()
    page.wait_for_selector("#result:not([hidden])")
    pieces = len(next(iter(example_plates().values())).labels)
    assert page.locator("#pieces tr").count() == page.locator("g.piece").count() == pieces
    assert page.locator("path.hidden").count() > 0
    assert page.inner_text("#total").endswith("kcal") and page.inner_text("#range").startswith("between")
    page.screenshot(path=tmp_path / "picked.png")
    assert not page.errors


def test_an_own_photo_is_weighed_after_its_scale_is_given(page, tmp_path):
    scene = next(iter(example_plates().values()))
    page.set_input_files("#file", data_dir() / "images" / scene.file_name)
    page.wait_for_selector("#scale:not([hidden])")
    assert page.locator(".handle").count() == 2
    box = page.locator(".handle").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 10)
    page.mouse.up()
    page.fill("#diameter", str(round(scene.plate_diameter_cm, 1)))
    page.click("#scale button")
    page.wait_for_selector("#result:not([hidden])")
    assert page.locator("#pieces tr").count() == len(scene.labels)
    page.screenshot(path=tmp_path / "own.png")
    assert not page.errors


@pytest.mark.parametrize(
    ("content", "words"), [(b"no picture", "not a picture"), (b"\x00" * (21 * 2**20), "has 21 MB")]
)
def test_what_is_no_photo_is_refused_kindly(page, tmp_path, content, words):
    (tmp_path / "photo.jpg").write_bytes(content)
    page.set_input_files("#file", tmp_path / "photo.jpg")
    page.wait_for_selector("#message.error")
    assert words in page.inner_text("#message")
    page.screenshot(path=tmp_path / "refused.png")
    assert page.locator("#result").is_hidden()


def test_a_photo_without_food(page, tmp_path):
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    page.set_input_files("#file", tmp_path / "grey.png")
    page.click("#scale button")
    page.wait_for_selector("#result:not([hidden])")
    assert page.inner_text("#total") == "Nothing found"


def test_a_photo_that_is_no_plate_of_the_course_gets_a_sentence_and_no_number(page, tmp_path):
    answer = {"width": 300, "height": 200, "refusal": STRANGE, "pieces": []}
    page.route("**/photo?*", lambda route: route.fulfill(json=answer))
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    page.set_input_files("#file", tmp_path / "grey.png")
    page.click("#scale button")
    page.wait_for_function("document.getElementById('message').textContent.startsWith('This photo looks unlike')")
    assert page.locator("#result").is_hidden() and page.locator(".handle").count() == 2
    assert not page.errors


def test_a_second_name_is_told_as_a_question(page):
    piece = {"name": "tahu", "rival": "bolu", "english": "fried tofu", "colour": "#000000", "hidden_share": 0}
    piece |= {"visible": "", "hidden": "", "problem": "", "grams": 20, "kcal": 23, "low": None, "high": None}
    total = {"grams": 20, "kcal": 23, "low": None, "high": None, "problems": []}
    answer = {"width": 320, "height": 320, "refusal": "", "pieces": [piece], "total": total}
    page.route(re.compile(r"/plates/test\w+-\d+$"), lambda route: route.fulfill(json=answer))
    page.locator("#plates button").first.click()
    page.wait_for_selector("#result:not([hidden])")
    assert page.inner_text("#pieces td >> nth=0").startswith("tahu or bolu?")
    assert page.inner_text("#total") == "23 kcal" and page.inner_text("#range") == ""
    assert not page.errors

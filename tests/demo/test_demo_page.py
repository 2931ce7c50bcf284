"""The demo's page in a real browser: pick, bring a photo, bring something that is none; by keyboard and on a phone."""

import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from course_utils.calories.photo import STRANGE
from course_utils.demo.server import example_plates
from course_utils.paths import data_dir

pytestmark = pytest.mark.browser

PIECE = {"name": "tahu", "rival": "bolu", "english": "fried tofu", "colour": "#000000", "hidden_share": 0, "score": 0.9}
PIECE |= {"visible": "", "hidden": "", "problem": "", "grams": 20, "kcal": 23, "low": None, "high": None, "at": [9, 9]}
ANSWER = {"width": 320, "height": 320, "refusal": "", "weighed": True, "promised": True, "pieces": [PIECE]}
ANSWER |= {"total": {"grams": 20, "kcal": 23, "low": None, "high": None, "problems": []}}


def opened(browser, address, width=1180, height=900, **options):
    page = browser.new_page(viewport={"width": width, "height": height}, **options)
    page.set_default_timeout(60_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#plates button >> nth=11")
    return page


@pytest.fixture
def page(browser, address):
    page = opened(browser, address)
    yield page
    page.close()
    assert not page.errors


def pick(page, number=0):
    page.locator("#plates button").nth(number).click()
    page.wait_for_selector("#result:not([hidden])")


def bring(page, scene=None):
    scene = scene or next(iter(example_plates().values()))
    page.set_input_files("#file", data_dir() / "images" / scene.file_name)
    page.wait_for_selector("#scale:not([hidden])")
    return scene


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_a_plate_is_picked(page, tmp_path):
    pick(page)
    scene = next(iter(example_plates().values()))
    assert page.locator("#pieces tr").count() == page.locator("g.piece").count() == len(scene.labels)
    assert page.locator("path.hidden").count() > 0
    assert page.inner_text("#total").endswith("kcal") and page.inner_text("#range").startswith("between")
    assert re.match(
        r"Truth: \d+ kcal; the estimate is .*, the truth (within|outside of) the range", page.inner_text("#truth")
    )
    said = page.get_attribute("#photo", "alt")
    assert said.startswith(f"Photo on which {len(scene.labels)} pieces were found") and "hidden" in said
    assert all(one.name in said for one in scene.instances)
    page.screenshot(path=tmp_path / "picked.png")


def test_plates_are_told_apart_by_words(page):
    said = [image.get_attribute("alt") for image in page.locator("#plates img").all()]
    assert len(set(said)) == 12 and "heaped" in said[0] and "apart" in said[-1] and "tahu" in " ".join(said)


def test_layers_go_on_and_off(page):
    pick(page)
    for layer, starts in (("seen", True), ("hidden", True), ("name", False), ("true", False)):
        first = page.locator(f"#overlay .{layer}").first
        assert first.is_visible() == starts
        page.locator(f"[data-layer={layer}]").set_checked(not starts)
        assert first.is_visible() != starts


def test_the_score_leaves_out_pieces(page):
    from playwright.sync_api import expect

    pick(page)
    rows = page.locator("#pieces tr:not(.missed)")
    before = rows.count()
    page.locator("#score").focus()
    page.keyboard.press("End")
    expect(page.locator("#least")).to_have_text("0.95")
    expect(page.locator("#range")).to_contain_text("No range")
    assert 0 < rows.count() < before and page.locator("#pieces tr.missed").count() == before - rows.count()


def test_picture_table_and_outlines_are_saved(page):
    pick(page)
    saved = {}
    for kind in ("png", "csv", "json"):
        with page.expect_download() as download:
            page.click(f"[data-save={kind}]")
        assert download.value.suggested_filename == f"{next(iter(example_plates()))}.{kind}"
        saved[kind] = download.value.path().read_bytes()
    picture = np.asarray(Image.open(io.BytesIO(saved["png"])).convert("RGB"))
    scene = next(iter(example_plates().values()))
    plain = np.asarray(Image.fromarray(scene.image).resize(picture.shape[1::-1]))
    changed = np.abs(picture.astype(int) - plain).max(axis=2) > 60
    assert 0.001 < changed.mean() < 0.2  # outlines were drawn, and the photo lies below
    pieces = len(scene.labels)
    assert len(list(csv.reader(io.StringIO(saved["csv"].decode())))) == pieces + 2
    assert len(json.loads(saved["json"])["annotations"]) == pieces


def test_an_own_photo_is_weighed_after_its_scale_is_given(page, tmp_path):
    scene = bring(page)
    assert page.locator(".handle:visible").count() == 2 and page.locator("g.piece").count() == len(scene.labels)
    assert page.locator("#total").is_hidden() and page.locator("#kcal").is_hidden()
    box = page.locator(".handle").first.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    page.mouse.move(box["x"] + 5, box["y"] + 22)  # not its middle: it must not jump
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 12, steps=4)
    page.mouse.up()
    moved = page.locator(".handle").first.bounding_box()
    assert (moved["x"] - box["x"], moved["y"] - box["y"]) == pytest.approx((40, -10), abs=1)
    page.fill("#diameter", str(round(scene.plate_diameter_cm, 1)))
    page.click("#scale button")
    page.wait_for_selector("#total:not([hidden])")
    assert page.locator("#pieces tr").count() == len(scene.labels)
    assert page.inner_text("#guessed") == "" and page.locator("#truth").inner_text() == ""
    page.screenshot(path=tmp_path / "own.png")


def test_the_ruler_by_keyboard_alone(page):
    from playwright.sync_api import expect

    bring(page)
    page.locator("#plates button").last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "One end of the plate's rim"
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    handle = page.locator(".handle").first
    assert handle.get_attribute("aria-valuetext") == "20.0 % from the left, 49.8 % from the top"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#total:not([hidden])")
    larger = float(page.inner_text("#kcal"))
    for _ in range(20):
        handle.press("ArrowLeft")
    # A longer ruler for the same plate: more pixels a centimetre, smaller pieces.
    expect(page.locator("#kcal")).not_to_have_text(str(int(larger)))
    assert float(page.inner_text("#kcal")) < larger
    for _ in range(30):
        handle.press("ArrowLeft")
    assert handle.get_attribute("aria-valuenow") == "0.0"


def test_a_ruler_that_nobody_moved_is_told(page):
    bring(page)
    page.click("#scale button")
    page.wait_for_selector("#total:not([hidden])")
    assert page.inner_text("#guessed").startswith("The ruler was not moved")
    page.locator(".handle").last.press("ArrowRight")
    from playwright.sync_api import expect

    expect(page.locator("#guessed")).to_have_text("")


@pytest.mark.parametrize(
    ("content", "words"), [(b"no picture", "not a picture"), (b"\x00" * (21 * 2**20), "has 21 MB")]
)
def test_what_is_no_photo_is_refused_kindly_and_shows_no_former_one(page, tmp_path, content, words):
    pick(page)
    (tmp_path / "photo.jpg").write_bytes(content)
    page.set_input_files("#file", tmp_path / "photo.jpg")
    page.wait_for_selector("#message.error")
    assert words in page.inner_text("#message")
    for gone in ("#result", "#photo", "#tools", "#scale"):
        assert page.locator(gone).is_hidden()
    assert page.locator("g.piece").count() == 0 and page.locator("#plates [aria-pressed=true]").count() == 0
    assert page.locator("#empty").is_visible()
    page.screenshot(path=tmp_path / "refused.png")
    pick(page)
    assert page.locator("#photo").is_visible() and page.locator("#message.error").count() == 0


def test_a_photo_without_food(page, tmp_path):
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    page.set_input_files("#file", tmp_path / "grey.png")
    page.wait_for_selector("#scale:not([hidden])")
    assert page.inner_text("#total") == "Nothing found"


def test_a_photo_is_dropped_anywhere(page):
    drop = """(content) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(content)], "plate.jpg", { type: "image/jpeg" }));
        const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        const over = new DragEvent("dragover", options), drop = new DragEvent("drop", options);
        const footer = document.querySelector("footer");
        footer.dispatchEvent(over);
        const shown = !document.getElementById("drop").hidden;
        footer.dispatchEvent(drop);
        return [over.defaultPrevented, drop.defaultPrevented, shown];
    }"""
    scene = next(iter(example_plates().values()))
    content = list((data_dir() / "images" / scene.file_name).read_bytes())
    assert page.evaluate(drop, content) == [True, True, True]
    page.wait_for_selector("#scale:not([hidden])")
    assert page.locator("#drop").is_hidden() and page.locator("g.piece").count() == len(scene.labels)


def test_a_photo_that_is_no_plate_of_the_course_gets_a_sentence_and_no_number(page, tmp_path):
    answer = {"width": 300, "height": 200, "weighed": False, "refusal": STRANGE, "pieces": []}
    page.route("**/photo?*", lambda route: route.fulfill(json=answer))
    Image.fromarray(np.full((200, 300, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    page.set_input_files("#file", tmp_path / "grey.png")
    page.get_by_text("This photo looks unlike").wait_for()
    assert page.locator("#result").is_hidden() and page.locator("#scale").is_hidden()
    assert page.locator("#photo").is_visible() and page.locator(".handle:visible").count() == 0


def test_a_second_name_is_told_as_a_question(page):
    page.route(re.compile(r"/plates/test\w+-\d+\?"), lambda route: route.fulfill(json=ANSWER))
    pick(page)
    assert page.inner_text("#pieces td >> nth=0").startswith("tahu or bolu?")
    assert page.inner_text("#total") == "23 kcal" and page.inner_text("#range") == ""
    assert "tahu or bolu?" in page.get_attribute("#photo", "alt")


def test_a_truth_that_was_missed_has_its_row(page):
    known = {"name": "tempe", "grams": 30, "kcal": 60, "outline": "M0 0 L9 9 Z"}
    truth = {"grams": 60, "kcal": 120, "pieces": [known, known], "piece_of": [1]}
    page.route(re.compile(r"/plates/test\w+-\d+\?"), lambda route: route.fulfill(json=ANSWER | {"truth": truth}))
    pick(page)
    rows = page.locator("#pieces tr").all_inner_texts()
    assert len(rows) == 2 and "tempe" in rows[0] and "missed" in rows[1] and "60" in rows[1]
    assert page.inner_text("#truth") == "Truth: 120 kcal; the estimate is 81 % too low."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone(browser, address, scheme, tmp_path):
    page = opened(browser, address, 390, 844, color_scheme=scheme, has_touch=True, is_mobile=True)
    assert sideways(page) <= 0
    pick(page)
    assert sideways(page) <= 0
    for element in ("#photo", "#total", "#range"):
        box = page.locator(element).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844, f"{element} is out of sight"
    bring(page)
    assert page.locator(".handle").first.bounding_box()["width"] >= 44
    page.locator("#scale button").tap()
    page.wait_for_selector("#total:not([hidden])")
    box = page.locator("#total").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844 and sideways(page) <= 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper))) < 150) == (scheme == "dark")
    page.screenshot(path=tmp_path / f"phone-{scheme}.png", full_page=True)
    page.close()
    assert not page.errors


def test_nothing_is_asked_of_another_host(browser, address):
    asked = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("#plates button >> nth=11")
    page.close()
    assert asked and all(url.startswith((address, "data:", "blob:")) for url in asked)

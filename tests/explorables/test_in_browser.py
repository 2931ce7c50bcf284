"""Explorables in a real browser: they move by slider, by pointer and by keys, fast, and without the network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from examples import NAMES, outputs
from playwright.sync_api import Page, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FRAME_MS = 8  # mean script time of a step; a frame at 60 a second has 16.7


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 700, "height": 900})
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: page.faults.append(request.url) if request.url.startswith("http") else None)
        yield page
        browser.close()


def show(page: Page, name: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><meta charset='utf-8'><body>{outputs(name)['text/html']}", encoding="utf-8")
    page.faults.clear()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('.cx-live .cx-said')?.textContent")


def said(page: Page) -> str:
    return page.text_content(".cx-said")


def has_changed(page: Page, before: str) -> None:
    """What is said is drawn with the next frame; on a busy machine that takes its time."""
    page.wait_for_function("before => document.querySelector('.cx-said').textContent !== before", arg=before)


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_to_life_and_moves_by_keys(page, tmp_path, name):
    show(page, name, tmp_path)
    assert not page.is_visible(".cx-twin") and page.is_visible(".cx-stage")
    before = said(page)
    movable = page.query_selector_all(".cx-stage input[type=range], .cx-stage [tabindex]")
    assert all(target.get_attribute("aria-label") for target in movable)
    movable[0].focus()
    for key in ("End", "ArrowRight", "Enter", "ArrowDown", "Enter", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if said(page) != before:
            break
    has_changed(page, before)
    assert page.faults == []


DRAGGED = ["roi", "iou", "deltas", "kernel", "descent"]


@pytest.mark.parametrize("name", DRAGGED)
def test_the_mark_of_the_focus_does_not_grow_with_the_drawing(page, tmp_path, name):
    show(page, name, tmp_path)
    shape = page.locator(".cx-stage svg [tabindex]").first
    shape.focus()
    page.keyboard.press("ArrowLeft")
    looks = "element => { const s = getComputedStyle(element); return [s.outlineStyle, s.vectorEffect, s.strokeWidth] }"
    assert shape.evaluate(looks) == ["none", "non-scaling-stroke", "5px"]


@pytest.mark.parametrize("name", DRAGGED)
def test_it_can_be_dragged(page, tmp_path, name):
    show(page, name, tmp_path)
    before = said(page)
    box = page.query_selector(".cx-stage [role=application]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 23, y + 17, steps=4)
    page.mouse.up()
    has_changed(page, before)
    assert page.faults == []


WITH_SLIDERS = ["threshold", "nms", "deltas", "cutoff", "curve", "field", "ranked", "diameter", "frames", "descent"]


@pytest.mark.parametrize("name", WITH_SLIDERS)
def test_a_step_leaves_room_in_its_frame(page, tmp_path, name):
    """The thread's own time counts, whatever else this machine is busy with."""
    show(page, name, tmp_path)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def script_ms() -> float:
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return 1000 * metrics["ScriptDuration"]

    before = script_ms()
    drawn = page.evaluate("""async () => {
        const frame = window.requestAnimationFrame.bind(window);
        let drawn = 0;
        window.requestAnimationFrame = (draw) => frame((now) => { draw(now); drawn++; });
        const input = document.querySelector('.cx-stage input[type=range]'), [low, high] = [+input.min, +input.max];
        for (let k = 0; k <= 40; k++) {
            input.value = low + (high - low) * k / 40;
            input.dispatchEvent(new Event('input'));
            await new Promise((done) => frame(() => frame(done)));
        }
        window.requestAnimationFrame = frame;
        return drawn;
    }""")
    spent = script_ms() - before
    session.detach()
    assert drawn >= 20 and 0 < spent < drawn * FRAME_MS


def test_iou_says_what_is_shared(page, tmp_path):
    show(page, "iou", tmp_path)
    assert said(page) == "Shared: 12.0 squares. In at least one: 36.0 squares. IoU 0.33."


def test_the_cut_off_counts(page, tmp_path):
    show(page, "cutoff", tmp_path)
    # Seven detections from 0.5 on, five of them right, of six objects.
    assert said(page) == "Precision 0.714 (dashed), recall 0.833 (dotted), F1 0.769."


def test_equal_scores_may_change_the_curve(page, tmp_path):
    show(page, "curve", tmp_path)
    page.locator("input[type=range]").fill("2")
    page.wait_for_function(
        "document.querySelector('.cx-said').textContent === 'After 2: precision 1.000, recall 0.333.'"
    )
    page.get_by_text("equal scores swapped").click()
    page.wait_for_function("document.querySelector('.cx-said').textContent.includes('0.500')")


def test_a_clicked_outline_is_scored_and_can_be_copied(page, tmp_path):
    show(page, "outline", tmp_path)
    picture = page.locator(".cx-stage svg").bounding_box()
    for across, down in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)):
        page.mouse.click(picture["x"] + across * picture["width"], picture["y"] + down * picture["height"])
    # What three corners are worth is said as well; a corner is drawn with the next frame, not with its click.
    page.wait_for_function("document.querySelector('textarea').value.split('(').length === 5")
    assert said(page).startswith("IoU with the whole piece")


def test_where_scripts_do_not_run_the_twin_stands(page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(outputs("kinds")["text/html"], encoding="utf-8")
    still = page.context.browser.new_context(java_script_enabled=False).new_page()
    still.goto(path.as_uri())
    assert still.is_visible(".cx-twin") and not still.is_visible(".cx-stage")
    still.context.close()

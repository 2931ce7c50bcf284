"""The first lesson in a real browser: from the front page that `make lab` opens, answered wrongly, then rightly."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 300_000  # milliseconds; a busy machine with two cores still has to load all of JupyterLab and numpy
WRONG = "def mask_area(mask):\n    return mask.size"
RIGHT = "def mask_area(mask):\n    return int(mask.sum())"


@pytest.fixture
def outside() -> list[str]:
    """Addresses on other machines that the page asked for; every such request is refused."""
    return []


@pytest.fixture
def page(chromium: str, lab_url: str, outside: list[str]) -> Iterator[Page]:
    """JupyterLab on the first lesson, its kernel ready."""

    def local_only(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.route("**/*", local_only)
        page.goto(lab_url)
        page.get_by_role("link", name="01 · What is segmentation?").click()
        page.get_by_role("heading", name="01 · What is segmentation?").wait_for()
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for()
        yield page
        browser.close()


def code_cell(page: Page, words: str) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").filter(has_text=words)


def answer(page: Page, source: str) -> None:
    """Write an answer into the cell of the first exercise, run it, and the check below it."""
    code_cell(page, "def mask_area").locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def run_to_the_end(page: Page, notebook: Path) -> list[nbformat.NotebookNode]:
    """The code cells once all of them have run, from the saved file: the page holds only those that are in sight."""
    end, done = time.monotonic() + PATIENCE / 1000, False
    while time.monotonic() < end:
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for()
        page.keyboard.press("ControlOrMeta+s")
        page.wait_for_timeout(1000)
        cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
        if done:  # one more look: a cell has its number before it has its output
            return cells
        done = all(cell.execution_count for cell in cells)
    pytest.fail(f"only {sum(bool(cell.execution_count) for cell in cells)} of {len(cells)} cells have run")


def test_a_wrong_and_then_a_right_answer(
    page: Page, outside: list[str], checkout: Path, folder: Path, tmp_path: Path
) -> None:
    exercise, check = code_cell(page, "def mask_area"), code_cell(page, 'check("mask-area"')
    exercise.locator(".cm-content").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    expect(code_cell(page, "first_look.mask_as_array").locator(".jp-OutputArea-output img")).to_be_visible()
    page.screenshot(path=tmp_path / "above.png")

    answer(page, WRONG)
    card = check.locator(".course-card")
    expect(card).to_contain_text("✗ mask-area: not right yet")
    expect(card).to_contain_text("You counted every pixel of the image.")
    expect(card).to_have_css("border-left-color", "rgb(213, 94, 0)")
    expect(check.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    expect(check).not_to_contain_text("see the box above")  # no error: in JupyterLab the run goes on
    card.get_by_text("Next hint").first.click()
    expect(card).to_contain_text("True counts as 1 and False as 0.")
    card.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "wrong.png")

    answer(page, RIGHT)
    expect(card).to_have_text("✓ mask-area: right (1 point)")
    expect(card).to_have_css("border-left-color", "rgb(0, 158, 115)")
    card.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "right.png")

    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    cells = run_to_the_end(page, checkout / "notebooks" / "01_what_is_segmentation.ipynb")
    said = {cell.id: str(cell.outputs) for cell in cells if cell.id.startswith("check-")}
    assert "✓ mask-area: right" in said.pop("check-mask-area")
    assert len(said) == 4
    assert {check: words for check, words in said.items() if "not attempted yet" not in words} == {}
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)
    page.screenshot(path=tmp_path / "all.png")

    assert outside == []
    assert page.locator(".jp-Dialog").or_(page.get_by_role("alert")).count() == 0, "a question greets the learner"
    assert "without encryption" not in (folder / "lab.log").read_text()

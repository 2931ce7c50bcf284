"""The demo, and a browser to look at it."""

import pytest
from helpers import demo_server


@pytest.fixture(scope="module")
def address():
    with demo_server.running(demo_server.quick_analyst()) as address:
        yield address


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

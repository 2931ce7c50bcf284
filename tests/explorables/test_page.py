"""What an explorable puts on the page: complete, the same each time, and nothing from elsewhere."""

import json
import re
from importlib.resources import files
from unittest.mock import patch

import numpy as np
import pytest
from examples import NAMES, calls, outputs

from course_utils.explorables.page import as_html, numbers, numbers_as_png
from course_utils.plots.style import new_figure

EXPLORABLES = pytest.mark.parametrize("name", NAMES)
SCRIPTS = {path.name.removesuffix(".js") for path in (files("course_utils.explorables") / "js").iterdir()}


def test_every_script_has_an_example():
    shown = {re.search(r'data-cx="(\w+)"', outputs(name)["text/html"])[1] for name in NAMES}
    assert shown == SCRIPTS - {"explorable", "explorable.css"}


@EXPLORABLES
def test_it_carries_all_it_needs(name):
    page = outputs(name)["text/html"]
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert re.search(r'<img class="cx-twin" [^>]*alt="[^"]{20,}"', page)
    assert re.search(r'<p class="cx-question">[^<]+\?[^<]*</p>', page)
    assert len(page) < 150_000
    json.loads(re.search(r'class="cx-data">(.*?)</script>', page, re.DOTALL)[1])


@EXPLORABLES
def test_without_a_page_its_words_remain(name):
    assert len(outputs(name)["text/plain"]) > 40


def test_it_is_the_same_each_time():
    with patch("course_utils.explorables.page.display") as display:
        calls()["threshold"]()
    assert display.call_args.args[0] == outputs("threshold")


def test_a_question_and_a_text_are_asked_for():
    figure, _ = new_figure()
    with pytest.raises(ValueError, match="needs a question"):
        as_html("kinds", {}, " ", figure, "something")
    with pytest.raises(ValueError, match="alt text"):
        as_html("kinds", {}, "Why?", figure, "")


def test_data_cannot_end_the_script():
    figure, _ = new_figure()
    page = as_html("kinds", {"word": "</script><b>"}, "Why?", figure, "a figure")
    assert "</script><b>" not in page
    assert json.loads(re.search(r'class="cx-data">(.*?)</script>', page)[1]) == {"word": "</script><b>"}


def test_numbers_have_no_negative_zero():
    assert numbers(np.array([[-0.001, 1.26]]), 1) == [[0.0, 1.3]]
    assert str(numbers(np.array([-0.2]), 0)) == "[0]"


def test_a_png_keeps_its_numbers():
    import base64
    import io

    from PIL import Image

    values = np.arange(256).reshape(16, 16)
    stored = base64.b64decode(numbers_as_png(values).split(",")[1])
    assert np.array_equal(np.array(Image.open(io.BytesIO(stored))), values)


def test_the_walk_in_the_page_is_that_of_the_lesson():
    """Its histogram has a patch in each bin here, so that nothing is rounded away."""
    from course_utils.exercises.lesson_03 import gradient_step
    from course_utils.explorables.descent import BINS, STEPS, _walk

    edges = np.linspace(-2, 2, BINS + 1)
    x = (edges[1:] + edges[:-1]) / 2
    y = (np.arange(BINS) % 3 == 0).astype(float)
    path = [(-1.0, 2.0)]
    for _ in range(STEPS):
        path.append(gradient_step(*path[-1], x, y, 2.0))
    shares = np.array([y == 0, y == 1]) / BINS
    assert np.allclose(_walk(x, shares, (-1.0, 2.0), 2.0), path)

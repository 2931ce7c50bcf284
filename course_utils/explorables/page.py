"""How an explorable reaches the page: its question, its data, its script, and the still picture in its place."""

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image
from skimage.measure import approximate_polygon

from course_utils import masks
from course_utils.plots.style import as_output
from course_utils.translation.say import _

_SOURCES = files("course_utils.explorables") / "js"
_TWIN_DPI = 75  # seen only where the page cannot move
_SAID = re.compile(r'(?<=\bCX\.say\()"(?:[^"\\]|\\.)*"')


def show(name: str, data: Mapping[str, Any], question: str, twin: Figure, alt: str) -> None:
    """Put an explorable on the page.

    Where scripts run, the reader can move it. Elsewhere (a notebook that is not trusted, a terminal) stands the twin,
    or its words.

    Args:
        name: of the script, ``js/<name>.js``.
        data: what the script needs, as JSON holds it; arrays and photos through `numbers` and `photo`.
        question: what the reader is asked to predict before touching it.
        twin: a still picture of one state.
        alt: what the twin shows, in a sentence or two.

    Raises:
        ValueError: the question or the alt text is empty.
    """
    display({"text/html": as_html(name, data, question, twin, alt), "text/plain": f"{question} {alt}"}, raw=True)


def as_html(name: str, data: Mapping[str, Any], question: str, twin: Figure, alt: str) -> str:
    """The HTML of an explorable; see `show`."""
    if not question.strip():
        raise ValueError(f"the explorable {name} needs a question: what should the reader predict?")
    twin.set_dpi(_TWIN_DPI)
    (mime, picture), *_rest = as_output(twin, alt)[0].items()
    script = _spoken(f"{_source('explorable.js')}\n{_source(f'{name}.js')}")
    return (
        f'<div class="cx" data-cx="{html.escape(name)}"><p class="cx-question">{html.escape(question)}</p>'
        f'<div class="cx-stage"></div>'
        f'<img class="cx-twin" style="max-width:100%" alt="{html.escape(alt)}" src="data:{mime};base64,{picture}">'
        f'<script type="application/json" class="cx-data">{_as_json(data)}</script>'
        f"<style>{_source('explorable.css')}</style>"
        f"<script>{script}</script></div>"
    )


def numbers(values: ArrayLike, digits: int) -> list:
    """An array as nested lists of numbers of so many decimal places: the same text on every processor."""
    rounded = np.round(np.asarray(values, dtype=float), digits) + 0.0
    return (rounded.astype(int) if digits == 0 else rounded).tolist()


def photo(image: np.ndarray, quality: int = 82) -> str:
    """A photo, ``(H, W, 3)`` or grey ``(H, W)``, uint8, as a data URL of JPEG."""
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(stored.getvalue()).decode()


def numbers_as_png(values: np.ndarray) -> str:
    """Whole numbers from 0 to 255, ``(H, W)``, as the data URL of a grey PNG, which keeps them exactly."""
    stored = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).save(stored, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()


def outline(mask: np.ndarray) -> list[float]:
    """The longest outline of a mask, ``(H, W)`` bool, as x, y, x, y ... in pixels, good to about a pixel."""
    polygons = masks.to_polygons(mask)
    if not polygons:
        return []
    corners = np.reshape(max(polygons, key=len), (-1, 2))
    return numbers(approximate_polygon(corners, tolerance=0.6).ravel(), 1)


def _as_json(data: Any) -> str:
    # A "<" could end the script; JSON may write it as an escape.
    return json.dumps(data, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")


@cache
def _source(name: str) -> str:
    """A file of ``js/`` without comment lines and indentation."""
    text = (_SOURCES / name).read_text(encoding="utf-8")
    lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _spoken(script: str) -> str:
    """A script with its texts, those in `CX.say("...")`, in the notebook's language."""
    return _SAID.sub(lambda text: _as_json(_(json.loads(text[0]))), script)

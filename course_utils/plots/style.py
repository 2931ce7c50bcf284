"""One look for every figure: colours, fonts, and how a figure reaches the page together with its alt text."""

import base64
import io
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from course_utils.dataset.classes import CLASSES

# Okabe and Ito's palette (2008), which readers with any of the common colour-vision deficiencies can tell apart.
# Its yellow is left out: it vanishes on white.
_CLASS_COLOURS = ("#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#0072B2", "#D55E00")
INK = "#222222"
MUTED = "#8A8A8A"
RIGHT = "#009E73"
WRONG = "#D55E00"
MISSED = "#0072B2"
PLATE = "#D9D4C7"
TABLE = "#F1EFEA"

_STYLE: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=_CLASS_COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.dpi": 110,
    "figure.titlesize": 12,
    "font.size": 10,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
matplotlib.rcParams.update(_STYLE)


def class_colour(food: str | int) -> str:
    """Hex colour of a food, given by name ("tahu") or category id (5); the same in every figure of the course."""
    index = CLASSES.index(food) if isinstance(food, str) else int(food) - 1
    return _CLASS_COLOURS[index]


def new_figure(rows: int = 1, columns: int = 1, width: float = 8.0, height: float = 3.2) -> tuple[Figure, np.ndarray]:
    """An empty figure and its `(rows, columns)` array of axes; sizes in inches. Show it with `show`."""
    # Padding in inches; less cuts off the tops of titles.
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(h_pad=0.08))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def hide_axes(axes: Axes) -> None:
    """Take away ticks and frame: a photograph needs none."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def show(figure: Figure, alt: str) -> None:
    """Put a figure on the page with its alternative text.

    The alt text serves readers who cannot see the picture: it goes into the output's metadata and, as the
    plain-text form, into terminals. Charts travel as PNG and photographs as JPEG, whichever is smaller.

    Raises:
        ValueError: the alt text is empty.
    """
    bundle, metadata = as_output(figure, alt)
    display(bundle, metadata=metadata, raw=True)


def as_output(figure: Figure, alt: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """A figure as IPython's ``display(..., raw=True)`` takes it: the data by MIME type, and the metadata.

    Raises:
        ValueError: the alt text is empty.
    """
    if not alt.strip():
        raise ValueError("a figure needs alt text: say in a sentence what it shows")
    mime, payload = _encode(figure)
    return {mime: base64.b64encode(payload).decode(), "text/plain": alt}, {mime: {"alt": alt}}


def _encode(figure: Figure) -> tuple[str, bytes]:
    """The figure as (mime type, bytes) in the smaller of PNG and JPEG."""
    raster = io.BytesIO()
    figure.savefig(raster, format="png", facecolor="white")
    image = Image.open(raster).convert("RGB")
    png, jpeg = io.BytesIO(), io.BytesIO()
    image.save(png, "PNG", optimize=True)
    image.save(jpeg, "JPEG", quality=76, optimize=True, progressive=True)
    if png.tell() <= jpeg.tell():
        return "image/png", png.getvalue()
    return "image/jpeg", jpeg.getvalue()

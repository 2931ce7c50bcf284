"""The exercises of lesson 07 about anchors: one of them, and all of a map."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise
from course_utils.mask_rcnn import anchors

Grid = tuple[int, int]


def _anchor(size: float, ratio: float) -> np.ndarray:
    return anchors.cell_anchors([size], [ratio])[0].numpy()


def _centred(width: float, height: float) -> np.ndarray:
    return np.array([-width, -height, width, height]) / 2


def _sides(size: float, ratio: float) -> tuple[float, float]:
    return size / ratio**0.5, size * ratio**0.5


def _by_sides(sides: Callable[[float, float], tuple[float, float]]) -> Callable[[float, float], np.ndarray]:
    """An anchor of wrong width and height."""
    return lambda size, ratio: np.round(_centred(*sides(size, ratio)))


def _anchor_not_rounded(size: float, ratio: float) -> np.ndarray:
    return _centred(*_sides(size, ratio))


def _anchor_cut_off(size: float, ratio: float) -> np.ndarray:
    return np.trunc(_anchor_not_rounded(size, ratio))


def _anchor_rounded_down(size: float, ratio: float) -> np.ndarray:
    return np.floor(_anchor_not_rounded(size, ratio))


def _anchor_of_whole_sides(size: float, ratio: float) -> np.ndarray:
    return _centred(*np.round(_sides(size, ratio)))


def _anchor_from_corner(size: float, ratio: float) -> np.ndarray:
    return np.round([0, 0, *_sides(size, ratio)])


def _anchor_half_halved(size: float, ratio: float) -> np.ndarray:
    width, height = _sides(size, ratio)
    return np.round([-width / 2, -height / 2, width, height])


def _anchor_edges() -> list[Case]:
    # The corners of the last four lie on both sides of a half: no way of cutting off can be right on all.
    return [(32, 1.0), (64, 2.0), (100, 0.5), (128, 0.5), (128, 2.0), (200, 1 / 3), (50, 3.0)]


def _anchor_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    while len(cases) < 7:
        size, ratio = int(rng.integers(20, 100)) * 2, float(rng.choice([1 / 3, 0.5, 2, 3]))
        # A corner close to half a pixel would be rounded by luck.
        if (np.abs(_anchor_not_rounded(size, ratio) % 1 - 0.5) > 0.05).all():
            cases.append((size, ratio))
    return cases


def _grid(cell: np.ndarray, grid: Grid, image_size: Grid) -> np.ndarray:
    stride = (image_size[0] // grid[0], image_size[1] // grid[1])
    return anchors.grid_anchors(torch.from_numpy(cell), grid, stride).numpy()


def _shifted(**mistake: Any) -> Callable[..., np.ndarray]:
    """A grid built from shifts of every cell, with one thing wrong."""
    return lambda cell, grid, image_size: _with_shifts(cell, grid, image_size, **mistake)


def _with_shifts(
    cell: np.ndarray, grid: Grid, image_size: Grid, stride: str = "whole", half: float = 0, to: str = "xyxy"
) -> np.ndarray:
    exact = np.array(image_size) / np.array(grid)
    whole = exact // 1
    other = {
        "fraction": exact,
        "near": exact.round(),
        "one": np.ones(2),
        "rows'": whole[[0, 0]],
        "swapped": whole[::-1],
    }
    strides = other.get(stride, whole)
    rows, columns = (np.arange(n) + half for n in grid)
    y, x = np.meshgrid(rows * strides[0], columns * strides[1], indexing="ij")
    zero = np.zeros_like(x)
    shifts = {"xyxy": (x, y, x, y), "yxyx": (y, x, y, x), "xy": (x, y, zero, zero)}[to]
    return (np.stack(shifts, axis=-1).reshape(-1, 1, 4) + cell).reshape(-1, 4)


def _grid_by_columns(cell: np.ndarray, grid: Grid, image_size: Grid) -> np.ndarray:
    by_rows = _grid(cell, grid, image_size).reshape(*grid, len(cell), 4)
    return by_rows.transpose(1, 0, 2, 3).reshape(-1, 4)


def _grid_by_shape(cell: np.ndarray, grid: Grid, image_size: Grid) -> np.ndarray:
    return np.concatenate([_grid(one[None], grid, image_size) for one in cell])


def _grid_clipped(cell: np.ndarray, grid: Grid, image_size: Grid) -> np.ndarray:
    return _grid(cell, grid, image_size).clip(0, np.array(image_size)[[1, 0, 1, 0]])


def _grid_adding_up(cell: np.ndarray, grid: Grid, image_size: Grid) -> np.ndarray:
    """Each place is moved from the one before it, not from the origin."""
    shifts = _grid(np.zeros((1, 4)), grid, image_size).cumsum(axis=0)
    return (shifts[:, None] + cell).reshape(-1, 4)


def _grid_edges() -> list[Case]:
    square, two = np.array([[-8.0, -8, 8, 8]]), np.array([[-6.0, -12, 6, 12], [-11.0, -5, 11, 5]])
    nine = anchors.cell_anchors((50, 80, 128), (0.5, 1.0, 2.0)).numpy().astype(float)
    small = [(square, (1, 2), (16, 32)), (two, (2, 3), (32, 48)), (two, (1, 1), (32, 32))]
    # Strides that are no whole numbers, in one direction or both, below a half and above.
    uneven = [(square, (3, 4), (101, 128)), (square, (4, 3), (128, 131)), (two, (3, 3), (100, 104))]
    return [*small, *uneven, (nine, (13, 20), (800, 320))]


def _grid_random(rng: Generator) -> list[Case]:
    two = np.array([[-6.0, -12, 6, 12], [-11.0, -5, 11, 5]])
    sizes = [tuple(int(n) for n in rng.integers(2, 4, 2)) for _ in range(2)]
    return [(two, (rows, columns), (16 * rows, 32 * columns)) for rows, columns in sizes]


ANCHORS = [
    Exercise(
        id="anchor-box",
        title="The corners of one anchor",
        points=1,
        shortcuts=("torchvision.models.detection.anchor_utils.AnchorGenerator",),
        reference=_anchor,
        edges=_anchor_edges,
        random=_anchor_random,
        misconceptions={
            "Your anchor lies down where it should stand. The ratio is height over width: 2 is twice as high as wide. "
            "(Or did you give y before x? The order is x1, y1, x2, y2.)": _by_sides(lambda s, r: _sides(s, 1 / r)),
            "You took the size for the area. It is the side of the square of the same area: the area is size * "
            "size.": _by_sides(lambda s, r: _sides(s**0.5, r)),
            "You stretched the height alone, so the area changed too. Height and width share the ratio: times its "
            "square root, divided by its square root.": _by_sides(lambda s, r: (s, s * r)),
            "You stretched by the ratio itself, up and down: then height / width is its square. Take the square "
            "root.": _by_sides(lambda s, r: (s / r, s * r)),
            "Your anchor is twice as wide and twice as high. From its middle to a corner is only half of each "
            "side.": _by_sides(lambda s, r: _sides(2 * s, r)),
            "You halved the sides for the near corner, but not for the far one.": _anchor_half_halved,
            "The corners are right but not yet rounded to whole pixels.": _anchor_not_rounded,
            "You cut the fractions off, towards 0. Round to the nearest whole number.": _anchor_cut_off,
            "You rounded down. Round to the nearest whole number.": _anchor_rounded_down,
            "You rounded the sides and halved them afterwards. Halve first: it is the corners that are "
            "whole.": _anchor_of_whole_sides,
            "Your anchor begins at 0, 0. Its middle has to lie there: half of it to the left and above.": (
                _anchor_from_corner
            ),
        },
        hints=(
            "For a ratio of 4 and a size of 10: which two sides have an area of 100, one four times the other?",
            "Height and width from size and root of the ratio; half of each to either side of 0; round last.",
            "The height is the size times the root of the ratio, the width the size divided by it. The corners are "
            "minus and plus half of them, x before y; np.round takes all four at once.",
        ),
    ),
    Exercise(
        id="anchor-grid",
        title="The anchors of a whole map",
        points=2,
        shortcuts=("torchvision.models.detection.anchor_utils.AnchorGenerator",),
        reference=_grid,
        edges=_grid_edges,
        random=_grid_random,
        misconceptions={
            "All your anchors are half a cell too far to the right and too low. Cell (0, 0) has its anchors around "
            "the corner 0, 0 of the image, as in torchvision.": _shifted(half=0.5),
            "You moved x with the row and y with the column. It is the column that says how far to the right a cell "
            "lies.": _shifted(to="yxyx"),
            "You moved the near corner alone. An anchor moves as a whole: both of its x by one number, both of its y "
            "by another.": _shifted(to="xy"),
            "You moved by rows and columns, not by pixels: a row is as far from the next as the stride says.": (
                _shifted(stride="one")
            ),
            "A stride is a whole number: divide with //.": _shifted(stride="fraction"),
            "You rounded the stride to the nearest whole number. // rounds down, as torchvision does.": (
                _shifted(stride="near")
            ),
            "You used the stride of the rows for the columns as well. Each direction has its own.": (
                _shifted(stride="rows'")
            ),
            "The strides of rows and columns have changed places.": _shifted(stride="swapped"),
            "You went through the map column by column. Finish a row before you begin the next one.": _grid_by_columns,
            "You listed all places of the first shape, then all of the second. All shapes of one cell come "
            "together.": _grid_by_shape,
            "You cut the anchors off at the border of the photo. They may stick out: only what comes of them is "
            "clipped, later.": _grid_clipped,
            "You moved each cell's anchors from where the cell before had left them. Every cell starts anew from "
            "`cell`.": _grid_adding_up,
        },
        hints=(
            "Where do the anchors of the cell in row 0, column 1 lie? And those of row 1, column 0?",
            "Two strides; a loop over rows, in it one over columns; in each round the whole of `cell`, moved.",
            "A stride is the image's side // the number of cells. In row r and column c add c times the stride of x "
            "to both x of all anchors, r times that of y to both y. Join the pieces in that order.",
        ),
    ),
]

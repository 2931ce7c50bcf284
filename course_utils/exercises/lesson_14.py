"""Exercises of lesson 14: what is hidden, outlines drawn by hand, and data sets that keep their promises."""

from collections.abc import Sequence

import numpy as np
from matplotlib.path import Path as Outline
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson


def _rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((9, 12), dtype=bool)
    mask[y1:y2, x1:x2] = True
    return mask


def _rate(amodal: np.ndarray, visible: np.ndarray) -> float:
    return float((amodal & ~visible).sum() / amodal.sum())


def _rate_of_visible(amodal: np.ndarray, visible: np.ndarray) -> float:
    return float((amodal & ~visible).sum() / visible.sum())


def _rate_of_boxes(amodal: np.ndarray, visible: np.ndarray) -> float:
    sides = [np.prod(np.diff(masks.to_box(mask).reshape(2, 2), axis=0)) for mask in (visible, amodal)]
    return float(1 - sides[0] / sides[1])


def _partly_hidden(rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """A piece and its visible part, of which a corner or a middle is missing."""
    x, y = int(rng.integers(0, 3)), int(rng.integers(0, 3))
    whole = _rectangle(x, y, x + int(rng.integers(6, 9)), y + int(rng.integers(4, 6)))
    cover = _rectangle(x + int(rng.integers(1, 4)), y, x + int(rng.integers(4, 7)), y + int(rng.integers(2, 4)))
    return whole, whole & ~cover


def _rate_edges() -> list[Case]:
    whole = _rectangle(2, 2, 10, 6)
    cases: list[Case] = [(whole, whole), (whole, _rectangle(2, 2, 8, 6)), (whole, whole & ~_rectangle(4, 3, 8, 5))]
    return cases


def _rate_random(rng: Generator) -> list[Case]:
    return [_partly_hidden(rng) for _ in range(3)]


def _inside(points: np.ndarray, height: int, width: int, middle: float = 0.5) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + middle
    inside = Outline(points).contains_points(np.stack([x.ravel(), y.ravel()], axis=1))
    return inside.reshape(height, width)


def _inside_swapped(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return _inside(points[:, ::-1], height, width)


def _inside_corners(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return _inside(points, height, width, middle=0.0)


def _inside_box(points: np.ndarray, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    return (x > x1) & (x < x2) & (y > y1) & (y < y2)


def _crossings(points: np.ndarray, height: int, width: int) -> list[np.ndarray]:
    """For each edge, the one back to the first corner last, the pixels from which a walk to the right crosses it."""
    y, x = np.mgrid[:height, :width] + 0.5
    crossed = []
    for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, axis=0), strict=True):
        at = x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        crossed.append(((y1 > y) != (y2 > y)) & (x < at))
    return crossed


def _inside_open(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.logical_xor.reduce(_crossings(points, height, width)[:-1])


def _inside_any(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.logical_or.reduce(_crossings(points, height, width))


def _star(rng: Generator) -> np.ndarray:
    """A polygon ``(7, 2)`` around (8.6, 5.4), with dents."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
    reach = rng.uniform(2, 5, 7)
    return np.round(np.stack([8.6 + 1.4 * reach * np.cos(angles), 5.4 + reach * np.sin(angles)], axis=1), 2) + 0.003


def _inside_edges() -> list[Case]:
    triangle = np.array([[2.3, 1.2], [13.4, 2.9], [5.1, 9.3]])
    dented = np.array([[1.2, 1.3], [14.3, 1.1], [14.6, 9.4], [8.2, 3.7], [2.1, 9.2]])
    return [(triangle, 11, 17), (dented, 11, 17)]


def _inside_random(rng: Generator) -> list[Case]:
    return [(_star(rng), 11, 17) for _ in range(3)]


def _hidden_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    guess, truth = drawn & in_front, amodal & in_front
    return float((guess & truth).sum() / (guess | truth).sum())


def _whole_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return float((drawn & amodal).sum() / (drawn | amodal).sum())


def _occluder_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return float((drawn & in_front).sum() / (drawn | in_front).sum())


def _visible_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _hidden_iou(drawn, amodal, ~in_front)


def _hidden_uncut(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    truth = amodal & in_front
    return float((drawn & truth).sum() / (drawn | truth).sum())


def _hidden_found(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    truth = amodal & in_front
    return float((drawn & truth).sum() / truth.sum())


def _hidden_edges() -> list[Case]:
    whole, in_front = _rectangle(2, 2, 10, 6), _rectangle(7, 1, 15, 8)
    drawings = (whole, _rectangle(2, 2, 7, 6), _rectangle(2, 2, 12, 6), _rectangle(4, 3, 9, 7))
    return [(drawn, whole, in_front) for drawn in drawings]


def _hidden_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        whole, seen = _partly_hidden(rng)
        in_front = (whole & ~seen) | np.roll(whole & ~seen, 3, axis=1)
        cases.append((np.roll(whole, int(rng.integers(1, 3)), axis=1), whole, in_front))
    return cases


Photos = Sequence[tuple[str, str]]


def _shared(train: Photos, test: Photos) -> list[str]:
    return sorted({item for _, item in train} & {item for _, item in test})


def _shared_files(train: Photos, test: Photos) -> list[str]:
    return sorted({file for file, _ in train} & {file for file, _ in test})


def _shared_photos(train: Photos, test: Photos) -> list[str]:
    return sorted({item for _, item in set(train) & set(test)})


def _not_shared(train: Photos, test: Photos) -> list[str]:
    return sorted({item for _, item in test} - {item for _, item in train})


def _shared_in_order(photos: Photos, others: Photos) -> list[str]:
    """Without repetition, in the order in which the first split has them."""
    return [item for item in dict.fromkeys(item for _, item in photos) if item in {item for _, item in others}]


def _shared_edges() -> list[Case]:
    cases: list[Case] = [
        (
            [("1.jpg", "tahu-a"), ("2.jpg", "tempe-b"), ("3.jpg", "bolu-c")],
            [("4.jpg", "tempe-b"), ("5.jpg", "bolu-d"), ("3.jpg", "bolu-e")],
        ),
        ([("1.jpg", "tahu-a")], [("2.jpg", "tahu-b")]),
        (
            [("1.jpg", "cireng-c"), ("2.jpg", "bakwan-a"), ("3.jpg", "bolu-b")],
            [("4.jpg", "bolu-b"), ("5.jpg", "cireng-c"), ("6.jpg", "bakwan-a"), ("7.jpg", "bolu-b")],
        ),
    ]
    return cases


def _shared_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        pieces = [f"piece-{k}" for k in range(8)]
        draws = [
            [(f"{photo}.jpg", str(piece)) for photo, piece in enumerate(rng.choice(pieces, 5), first)]
            for first in (1, 5)
        ]
        cases.append((draws[0], draws[1]))
    return cases


Region = dict[str, object]
_AMODAL = ("a_segm", "segmentation")
_VISIBLE = ("i_segm", "inmodal_seg", "visible_mask")


def _read(annotation: Region) -> tuple[object, object]:
    whole = next(annotation[key] for key in _AMODAL if key in annotation)
    return whole, next((annotation[key] for key in _VISIBLE if key in annotation), whole)


def _read_swapped(annotation: Region) -> tuple[object, object]:
    return _read(annotation)[::-1]


def _read_visible_twice(annotation: Region) -> tuple[object, object]:
    visible = _read(annotation)[1]
    return visible, visible


def _read_nothing(annotation: Region) -> tuple[object, object]:
    whole, visible = _read(annotation)
    return whole, visible if any(key in annotation for key in _VISIBLE) else None


def _read_always_covered(annotation: Region) -> tuple[object, object]:
    if "a_segm" in annotation:
        return _read(annotation)
    return annotation["segmentation"], annotation["inmodal_seg" if "inmodal_seg" in annotation else "visible_mask"]


def _read_kins_swapped(annotation: Region) -> tuple[object, object]:
    return _read(annotation)[:: -1 if "inmodal_seg" in annotation else 1]


def _read_random(rng: Generator) -> list[Case]:
    def polygon(size: int) -> list[float]:
        x, y = rng.integers(0, 30, 2).tolist()
        return [float(side) for side in (x, y, x + size, y, x + size, y + size, x, y + size)]

    rle = {"size": [40, 40], "counts": "Q9j0f0"}
    cocoa = {"name": "tempe", "order": 1, "segmentation": polygon(9), "occlude_rate": 0.0}
    hidden = {"name": "bolu", "order": 2, "segmentation": polygon(8), "occlude_rate": 0.4, "visible_mask": rle}
    first = {"id": 3, "segmentation": [polygon(7)], "inmodal_seg": rle, "bbox": [1, 1, 7, 7]}
    second = {"id": 4, "a_segm": [polygon(6)], "i_segm": [polygon(3)], "oco_id": 1, "ico_id": 2}
    return [(cocoa,), (hidden,), (first,), (second,)]


def _read_edges() -> list[Case]:
    return _read_random(np.random.default_rng(0))


LESSON = Lesson(
    14,
    [
        Exercise(
            id="occlusion-rate",
            title="How much of a piece is hidden",
            points=1,
            reference=_rate,
            edges=_rate_edges,
            random=_rate_random,
            misconceptions={
                "That is the visible share. The occlusion rate says how much is hidden: 0 for a piece that nothing "
                "covers.": lambda amodal, visible: float(visible.sum() / amodal.sum()),
                "You divided by the visible part. The occlusion rate is a share of the whole piece, so that it can "
                "never be more than 1.": _rate_of_visible,
                "That compares boxes. A piece may be hidden in its middle while its box stays what it was: count "
                "pixels.": _rate_of_boxes,
            },
            hints=("The pixels that belong to the whole and are not visible, over all pixels of the whole.",),
        ),
        Exercise(
            id="polygon-to-mask",
            title="From a polygon to a mask",
            points=3,
            shortcuts=("skimage.draw.polygon2mask",),
            reference=_inside,
            edges=_inside_edges,
            random=_inside_random,
            misconceptions={
                "x and y have changed places. A point is (x, y), x to the right; a mask is indexed [row, column], and "
                "the row is y.": _inside_swapped,
                "Your pixels sit half a pixel up and to the left. Pixel [r, c] has its middle at x = c + 0.5, "
                "y = r + 0.5.": _inside_corners,
                "That is the box around the polygon. Ask of each pixel whether it lies inside of the outline.": (
                    _inside_box
                ),
                "The outline is open: the last edge leads from the last corner back to the first. np.roll(points, -1, "
                "axis=0) has each corner's successor.": _inside_open,
                "Crossing any edge is not enough: whoever crosses two has come in and gone out again. Only an odd "
                "number means inside.": _inside_any,
            },
            hints=("Walk to the right from the pixel's middle and count the edges that you cross: odd means inside.",),
        ),
        Exercise(
            id="hidden-iou",
            title="How well was the hidden part guessed",
            points=2,
            reference=_hidden_iou,
            edges=_hidden_edges,
            random=_hidden_random,
            misconceptions={
                "That is the IoU of the whole pieces. Most of it is earned by the visible part, which anybody can "
                "trace; keep of both masks only what lies behind the pieces in front.": _whole_iou,
                "You compared the drawing with what lies in front. It says *where* to look; the truth is "
                "amodal.": _occluder_iou,
                "You left out what lies behind the pieces in front, and kept the visible part. It is the other way "
                "round.": _visible_iou,
                "You cut the truth down to what is hidden, but not the drawing. Now a perfect drawing does not score "
                "1.": _hidden_uncut,
                "You only asked how much of the hidden part was found. Whoever paints the whole photo finds all of "
                "it: divide by the union.": _hidden_found,
            },
            hints=("Two masks: drawn & in_front and amodal & in_front. Then IoU as in lesson 11.",),
        ),
        Exercise(
            id="shared-pieces",
            title="Pieces that are in two splits",
            points=1,
            reference=_shared,
            edges=_shared_edges,
            random=_shared_random,
            misconceptions={
                "You compared names of files. Two photos may show the same piece of food, and two pieces may lie on "
                "photos of the same name: compare items.": _shared_files,
                "You looked for photos that are in both. It is enough that the *piece* is, on whatever "
                "photo.": _shared_photos,
                "Those are the pieces that are only in the test split: the good ones.": _not_shared,
                "The right pieces, in the order in which train has them. Sort them: two people who look for the same "
                "pieces should get the same list.": _shared_in_order,
                "The right pieces, in the order in which test has them. Sort them: two people who look for the same "
                "pieces should get the same list.": lambda train, test: _shared_in_order(test, train),
            },
            hints=("A set of item ids for each split; their intersection, sorted.",),
        ),
        Exercise(
            id="three-formats",
            title="Whole and visible outline in three formats",
            points=2,
            reference=_read,
            edges=_read_edges,
            random=_read_random,
            misconceptions={
                "The two are swapped: amodal is the whole, inmodal (or modal) what can be seen. First the "
                "whole.": _read_swapped,
                "You returned the visible part twice. A model trained on that learns to see less, and nobody will "
                "notice: both are fine masks.": _read_visible_twice,
                "In COCOA a region without visible_mask is not invisible: nothing covers it, so all of it can be "
                "seen.": _read_nothing,
                "COCOA leaves visible_mask out where nothing covers a region. All of it can be seen then: return the "
                "whole outline a second time.": _read_always_covered,
                "KINS 2019 is the wrong way round: there segmentation is the whole, inmodal_seg what can be seen.": (
                    _read_kins_swapped
                ),
            },
            hints=('Ask `"a_segm" in annotation`, then `"inmodal_seg" in annotation`; what remains is COCOA.',),
        ),
    ],
)

check = LESSON.check

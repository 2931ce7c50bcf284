"""Exercises of lesson 14: what is hidden, outlines drawn by hand, and data sets that keep their promises."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from course_utils import masks
from course_utils.exercises.core import Case, Exercise, Lesson


def _rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((9, 12), dtype=bool)
    mask[y1:y2, x1:x2] = True
    return mask


def _disc(side: int, x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] + 0.5
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


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
    return [
        (whole, whole),
        (whole, _rectangle(2, 2, 8, 6)),
        (whole, whole & ~_rectangle(4, 3, 8, 5)),  # its box stays what it was
        (whole, np.zeros_like(whole)),  # nothing to be seen
        (_disc(320, 160, 150, 140), _disc(320, 160, 150, 140) & ~_disc(320, 250, 150, 90)),
    ]


def _rate_random(rng: Generator) -> list[Case]:
    return [_partly_hidden(rng) for _ in range(3)]


Spans = Callable[[float, float, np.ndarray], np.ndarray]


def _inside(points: np.ndarray, height: int, width: int, middle: float = 0.5) -> np.ndarray:
    return np.logical_xor.reduce(_crossings(points, height, width, middle))


def _inside_swapped(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return _inside(points[:, ::-1], height, width)


def _inside_corners(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return _inside(points, height, width, middle=0.0)


def _inside_box(points: np.ndarray, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    return (x > x1) & (x < x2) & (y > y1) & (y < y2)


def _spans(y1: float, y2: float, y: np.ndarray) -> np.ndarray:
    """Whether an edge has the height y: of its two ends the upper one belongs to it, the lower one does not."""
    return (y1 > y) != (y2 > y)


def _crossings(points: np.ndarray, height: int, width: int, middle: float, spans: Spans = _spans) -> np.ndarray:
    """For each edge, the one back to the first corner last, the pixels from which a walk to the right crosses it."""
    y, x = np.mgrid[:height, :width] + middle
    crossed = np.zeros((len(points), height, width), dtype=bool)
    for edge, (x1, y1), (x2, y2) in zip(crossed, points, np.roll(points, -1, axis=0), strict=True):
        if y1 != y2:
            edge[:] = spans(y1, y2, y) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return crossed


def _inside_corners_twice(points: np.ndarray, height: int, width: int) -> np.ndarray:
    both = _crossings(points, height, width, 0.5, lambda y1, y2, y: (min(y1, y2) <= y) & (y <= max(y1, y2)))
    return np.logical_xor.reduce(both)


def _inside_anywhere(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """Edges on both sides are counted, so that the number is even inside and outside."""
    y = np.mgrid[:height, :width][0] + 0.5
    return np.logical_xor.reduce(
        [(y1 > y) != (y2 > y) for y1, y2 in zip(points[:, 1], np.roll(points[:, 1], -1), strict=True)]
    )


def _inside_hull_sides(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """On the same side of all edges: right only without dents."""
    y, x = np.mgrid[:height, :width] + 0.5
    pairs = zip(points, np.roll(points, -1, axis=0), strict=True)
    sides = np.array([(x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0 for (x1, y1), (x2, y2) in pairs])
    return np.all(sides, axis=0) | ~np.any(sides, axis=0)


def _inside_open(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.logical_xor.reduce(_crossings(points, height, width, 0.5)[:-1])


def _inside_any(points: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.logical_or.reduce(_crossings(points, height, width, 0.5))


def _star(rng: Generator) -> np.ndarray:
    """A polygon ``(7, 2)`` around (8.6, 5.4), with dents."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
    reach = rng.uniform(2, 5, 7)
    return np.round(np.stack([8.6 + 1.4 * reach * np.cos(angles), 5.4 + reach * np.sin(angles)], axis=1), 2) + 0.003


def _inside_edges() -> list[Case]:
    triangle = np.array([[2.3, 1.2], [13.4, 2.9], [5.1, 9.3]])
    dented = np.array([[1.2, 1.3], [14.3, 1.1], [14.6, 9.4], [8.2, 3.7], [2.1, 9.2]])
    square = np.array([[2.52, 2], [8, 2], [8, 7.53], [2.52, 7.53]])  # two edges lie flat
    diamond = np.array([[5.0, 0.5], [9, 3.5], [5, 6.5], [1, 3.5]])  # corners at the height of pixels' middles
    flat_tip = np.array([[4.4, 2.5], [3.6, 2.5], [1.2, 8.1], [7.3, 8.1]])
    saw = np.array([[1.2, 8.3], [3.1, 2.5], [5.2, 5.5], [7.1, 1.5], [9.2, 5.5], [11.3, 2.5], [13.2, 8.3]])
    beyond = np.array([[-3.2, 4.1], [8.3, -2.4], [20.1, 5.2], [7.7, 14.3]])
    cases = [(corners, 11, 17) for corners in (triangle, dented, square, diamond, flat_tip, saw, beyond)]
    angles = np.linspace(0, 2 * np.pi, 17, endpoint=False)
    bolu = np.round(np.stack([176 + 38 * np.cos(angles), 127 + 36 * np.sin(angles)], axis=1), 1)
    return [*cases, (triangle[::-1], 11, 17), (bolu, 240, 320)]


def _inside_random(rng: Generator) -> list[Case]:
    return [(_star(rng), 11, 17) for _ in range(3)]


def _ratio(part: np.ndarray, of: np.ndarray) -> float:
    return float(part.sum() / of.sum()) if of.any() else float("nan")


def _hidden_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    guess, truth = drawn & in_front, amodal & in_front
    return _ratio(guess & truth, guess | truth)


def _whole_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _ratio(drawn & amodal, drawn | amodal)


def _occluder_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _ratio(drawn & in_front, drawn | in_front)


def _visible_iou(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _hidden_iou(drawn, amodal, ~in_front)


def _hidden_uncut(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    truth = amodal & in_front
    return _ratio(drawn & truth, drawn | truth)


def _truth_uncut(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _hidden_uncut(amodal, drawn, in_front)


def _hidden_of_whole(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _ratio(drawn & amodal & in_front, drawn | amodal)


def _hidden_found(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _ratio(drawn & amodal & in_front, amodal & in_front)


def _hidden_believed(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    return _hidden_found(amodal, drawn, in_front)


def _hidden_dice(drawn: np.ndarray, amodal: np.ndarray, in_front: np.ndarray) -> float:
    iou = _hidden_iou(drawn, amodal, in_front)
    return 2 * iou / (1 + iou)


def _hidden_edges() -> list[Case]:
    whole, in_front = _rectangle(2, 2, 10, 6), _rectangle(7, 1, 15, 8)
    nothing = np.zeros_like(whole)
    drawings = (whole, _rectangle(2, 2, 7, 6), _rectangle(2, 2, 12, 6), _rectangle(4, 3, 9, 7), _rectangle(0, 1, 9, 8))
    cases: list[Case] = [(drawn, whole, in_front) for drawn in drawings]
    cases += [
        (nothing, whole, in_front),
        (drawings[3], whole, nothing),
        (drawings[3], _rectangle(2, 2, 7, 6), in_front),
    ]
    large = [_disc(320, x, 150, 80) for x in (150, 160, 240)]
    return [*cases, tuple(large)]


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


def _shared_often(train: Photos, test: Photos) -> list[str]:
    return sorted(item for _, item in test if item in {item for _, item in train})


def _all_pieces(train: Photos, test: Photos) -> list[str]:
    return sorted({item for _, item in [*train, *test]})


def _shared_with_files(train: Photos, test: Photos) -> list[tuple[str, str]]:
    return sorted((file, item) for file, item in test if item in _shared(train, test))


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
        ([], [("2.jpg", "tahu-b")]),
        ([("2.jpg", "tahu-b")], []),
        ([("1.jpg", "bolu-b"), ("2.jpg", "bolu-b")], [("3.jpg", "bolu-b"), ("4.jpg", "bolu-b")]),  # one piece, often
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
    whole, visible = _read(annotation)
    return (visible, whole) if "inmodal_seg" in annotation else (whole, visible)


def _read_whole_twice(annotation: Region) -> tuple[object, object]:
    whole = _read(annotation)[0]
    return whole, whole


def _read_kins_2020_swapped(annotation: Region) -> tuple[object, object]:
    whole, visible = _read(annotation)
    return (visible, whole) if "a_segm" in annotation else (whole, visible)


def _read_cocoa_whole(annotation: Region) -> tuple[object, object]:
    whole, visible = _read(annotation)
    return whole, whole if "order" in annotation else visible


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
                "The right number of pixels, but not yet a share: divide by the pixels of the whole piece.": (
                    lambda amodal, visible: int((amodal & ~visible).sum())
                ),
                "You divided by the number of pixels of the photo. The occlusion rate is a share of the piece, "
                "however large the photo is.": lambda amodal, visible: float((amodal & ~visible).mean()),
                "That is the hidden pixels over the visible ones and the whole together.": (
                    lambda amodal, visible: float((amodal & ~visible).sum() / (amodal.sum() + visible.sum()))
                ),
                "That compares boxes. A piece may be hidden in its middle while its box stays what it was: count "
                "pixels.": _rate_of_boxes,
            },
            hints=(
                "Which pixels belong to the whole piece and not to its visible part?",
                "Two counts and one division: what is left when nothing is hidden, and what when everything is?",
                "Count the pixels of either mask (True counts as 1). One less visible by whole is the hidden share.",
            ),
        ),
        Exercise(
            id="polygon-to-mask",
            title="From a polygon to a mask",
            points=3,
            shortcuts=(
                "skimage.draw.polygon2mask",
                "skimage.draw.polygon",
                "pycocotools.mask.frPyObjects",
                "PIL.ImageDraw.Draw",
                "matplotlib.path.Path",
            ),
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
                "A corner at exactly the height of a pixel's middle belongs to two edges, and you count it for both, "
                "or for neither. Let each edge own one of its ends only.": _inside_corners_twice,
                "You count the edges to the left as well. Together that is an even number for every point: count only "
                "those to the right of the pixel.": _inside_anywhere,
                "On the same side of all edges: that is inside for a shape without dents. A dented outline needs the "
                "counting.": _inside_hull_sides,
                "Crossing any edge is not enough: whoever crosses two has come in and gone out again. Only an odd "
                "number means inside.": _inside_any,
            },
            hints=(
                "Walk to the right from the middle of a pixel. Which edges do you cross, and what does their number "
                "say?",
                "A loop over the edges, from each corner to the next and from the last back to the first. For each "
                "edge two questions: does it span the height of the pixel, and is it to the right of it there?",
                "Begin with a mask of False and arrays x and y of all middles (np.mgrid). An edge spans the height y "
                "if exactly one of its two ends lies above y. Where it does, find x of the edge at the height y by "
                "proportion, and flip (^=) the pixels to the left of it. Skip edges that lie flat.",
            ),
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
                "You cut the drawing down to what is hidden, but not the truth.": _truth_uncut,
                "The intersection is right. The union is too large: of it, too, only what lies behind the pieces in "
                "front counts.": _hidden_of_whole,
                "Twice the intersection over the sum of both areas is the Dice score (F1). Asked for is the IoU: over "
                "the union.": _hidden_dice,
                "You only asked how much of what was drawn is there. Whoever draws one pixel has that right: divide by "
                "the union.": _hidden_believed,
                "Where neither has a pixel behind the pieces in front nothing was guessed, neither well nor badly: "
                "give NaN, not 0.": lambda drawn, amodal, in_front: float(
                    np.nan_to_num(_hidden_iou(drawn, amodal, in_front))
                ),
                "Where neither has a pixel behind the pieces in front nothing was guessed, neither well nor badly: "
                "give NaN, not 1.": lambda *masks: float(np.nan_to_num(_hidden_iou(*masks), nan=1.0)),
                "You only asked how much of the hidden part was found. Whoever paints the whole photo finds all of "
                "it: divide by the union.": _hidden_found,
            },
            hints=(
                "What did the drawing claim behind the pieces in front, and what is really there?",
                "Cut *both* masks down to in_front, then the IoU of lesson 11. And if nothing is left of either?",
                "Count the pixels that drawn, amodal and in_front share, and those of in_front in which drawn or "
                "amodal is True. Divide; where the second number is 0, give NaN.",
            ),
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
                "The right pieces, some of them twice. A piece that is on several photos is one piece: list it "
                "once.": _shared_often,
                "Those are all pieces of both splits. Asked for are those that are in the one *and* in the "
                "other.": _all_pieces,
                "The right pieces, with their photos. Return the item ids alone.": _shared_with_files,
                "Those are the pieces that are only in training.": lambda train, test: _not_shared(test, train),
                "Those are the pieces that are only in the test split: the good ones.": _not_shared,
                "The right pieces, in the order in which train has them. Sort them: two people who look for the same "
                "pieces should get the same list.": _shared_in_order,
                "The right pieces, in the order in which test has them. Sort them: two people who look for the same "
                "pieces should get the same list.": lambda train, test: _shared_in_order(test, train),
            },
            hints=(
                "Which of the two things in (file name, item id) makes two photos show the same piece?",
                "Two sets of item ids. Which operation on sets gives what is in both?",
                "Collect the item ids of each list in a set, intersect the sets, and sort what is left into a list.",
            ),
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
                "You returned the whole outline twice, so the visible part is lost.": _read_whole_twice,
                "KINS 2020 is the wrong way round: a is for amodal, the whole; i for inmodal.": _read_kins_2020_swapped,
                "In COCOA you returned the whole outline twice, also where something covers the region and "
                "visible_mask is there.": _read_cocoa_whole,
                "KINS 2019 is the wrong way round: there segmentation is the whole, inmodal_seg what can be seen.": (
                    _read_kins_swapped
                ),
            },
            hints=(
                "Which key does only one of the formats have?",
                "Three cases, told apart by asking whether a key is in the annotation. Two of them have always two "
                "outlines; the third may have one.",
                "If a_segm is there, return it and i_segm. If inmodal_seg is there, return segmentation and it. What "
                "remains is COCOA: segmentation, and visible_mask if there is one, else segmentation again.",
            ),
        ),
    ],
)

check = LESSON.check

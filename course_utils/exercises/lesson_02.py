"""Exercises of lesson 02: semantic, instance and panoptic segmentation of one plate."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from course_utils.dataset.classes import PLATE_ID, TABLE_ID
from course_utils.exercises.core import Case, Exercise, Lesson
from course_utils.exercises.real_plate import real_plate


def _rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((7, 9), dtype=bool)
    mask[y1:y2, x1:x2] = True
    return mask


PLATE = _rectangle(1, 1, 8, 7)


def _random_pieces(rng: Generator, count: int) -> np.ndarray:
    """Amodal masks ``(count, 7, 9)``: rectangles on the plate, likely to overlap."""
    pieces = []
    for _ in range(count):
        x, y = int(rng.integers(1, 5)), int(rng.integers(1, 4))
        pieces.append(_rectangle(x, y, x + int(rng.integers(2, 4)), y + int(rng.integers(2, 4))))
    return np.array(pieces)


def _visible(masks: np.ndarray, depth_order: np.ndarray) -> np.ndarray:
    """What can be seen of each piece: its mask without all that lie in front of it."""
    hidden = np.zeros_like(masks)
    for number, depth in enumerate(depth_order):
        hidden[number] = masks[depth_order < depth].any(axis=0)
    return masks & ~hidden


def _visible_reversed(masks: np.ndarray, depth_order: np.ndarray) -> np.ndarray:
    return _visible(masks, -depth_order)


def _visible_by_listing(masks: np.ndarray, depth_order: np.ndarray) -> np.ndarray:
    return _visible(masks, np.arange(len(masks)))


def _visible_alone(masks: np.ndarray, depth_order: np.ndarray) -> np.ndarray:
    return masks & (masks.sum(axis=0) == 1)


def _visible_edges() -> list[Case]:
    three = np.array([_rectangle(1, 1, 4, 4), _rectangle(3, 2, 7, 5), _rectangle(2, 3, 5, 6)])
    buried = np.array([_rectangle(2, 2, 4, 4), _rectangle(1, 1, 6, 6), _rectangle(3, 3, 7, 7), _rectangle(6, 1, 8, 3)])
    plate = real_plate()
    return [
        (three, np.array([2, 1, 3])),
        (three[:1], np.array([1])),
        (buried, np.array([4, 2, 1, 3])),
        (three[:0], np.array([], dtype=int)),
        (plate.masks, np.array([piece.depth_order for piece in plate.instances])),
    ]


def _visible_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (3, 4, 5):
        cases.append((_random_pieces(rng, count), rng.permutation(count) + 1))
    return cases


def _semantic(visible_masks: np.ndarray, labels: np.ndarray, plate_mask: np.ndarray) -> np.ndarray:
    result = np.where(plate_mask, PLATE_ID, TABLE_ID)
    for mask, label in zip(visible_masks, labels, strict=True):
        result[mask] = label
    return result


def _semantic_plate_last(visible: np.ndarray, labels: np.ndarray, plate: np.ndarray) -> np.ndarray:
    return np.where(plate, PLATE_ID, _semantic(visible, labels, plate))


def _semantic_numbered(visible: np.ndarray, labels: np.ndarray, plate: np.ndarray) -> np.ndarray:
    return _semantic(visible, np.arange(1, len(labels) + 1), plate)


def _semantic_on_the_plate_only(visible: np.ndarray, labels: np.ndarray, plate: np.ndarray) -> np.ndarray:
    return _semantic(visible & plate, labels, plate)


def _semantic_no_plate(visible: np.ndarray, labels: np.ndarray, plate: np.ndarray) -> np.ndarray:
    return _semantic(visible, labels, np.zeros_like(plate))


def _seen(rng: Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Visible masks and labels, of which the first two are the same; labels never equal the pieces' numbers."""
    labels = rng.integers(3, 7, count)
    labels[:2] = 6
    return _visible(_random_pieces(rng, count), np.arange(count)), labels


def _semantic_edges() -> list[Case]:
    apart = np.array([_rectangle(2, 2, 4, 4), _rectangle(5, 3, 7, 6)])
    over_the_rim = np.array([_rectangle(6, 2, 9, 4), _rectangle(2, 2, 4, 4)])
    plate = real_plate()
    return [
        (apart, np.array([5, 3]), PLATE),
        (apart[:1], np.array([6]), PLATE),
        (over_the_rim, np.array([4, 4]), PLATE),
        (apart[:0], np.array([], dtype=int), PLATE),
        (plate.visible_masks, plate.labels, plate.plate_mask),
    ]


def _semantic_random(rng: Generator) -> list[Case]:
    return [(*_seen(rng, count), PLATE) for count in (2, 3, 4)]


def _panoptic(semantic: np.ndarray, visible_masks: np.ndarray) -> np.ndarray:
    result = np.where(semantic == TABLE_ID, 1, 2)
    for number, mask in enumerate(visible_masks, 3):
        result[mask] = number
    return result


def _panoptic_by_class(semantic: np.ndarray, visible: np.ndarray) -> np.ndarray:
    result = np.where(semantic == TABLE_ID, 1, 2)
    for mask in visible:
        result[mask] = 2 + semantic[mask]
    return result


def _panoptic_one_stuff(semantic: np.ndarray, visible: np.ndarray) -> np.ndarray:
    result = np.ones_like(semantic)
    for number, mask in enumerate(visible, 3):
        result[mask] = number
    return result


def _panoptic_plate_last(semantic: np.ndarray, visible: np.ndarray) -> np.ndarray:
    result = _panoptic(semantic, visible)
    result[semantic == PLATE_ID] = 2
    result[result == PLATE_ID] = 2  # the fifth piece has the number that the plate had in the other map
    return result


def _panoptic_stuff_swapped(semantic: np.ndarray, visible: np.ndarray) -> np.ndarray:
    result = np.where(semantic == TABLE_ID, 2, 1)
    for number, mask in enumerate(visible, 3):
        result[mask] = number
    return result


def _panoptic_from(first: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def numbered(semantic: np.ndarray, visible: np.ndarray) -> np.ndarray:
        result = np.where(semantic == TABLE_ID, 1, 2)
        for number, mask in enumerate(visible, first):
            result[mask] = number
        return result

    return numbered


def _panoptic_edges() -> list[Case]:
    twins = np.array([_rectangle(2, 2, 4, 4), _rectangle(4, 2, 7, 5)])
    over_the_rim = np.array([_rectangle(6, 2, 9, 4), _rectangle(2, 2, 4, 4)])
    plate = real_plate()
    return [
        (_semantic(twins, np.array([5, 5]), PLATE), twins),
        (_semantic(over_the_rim, np.array([2, 1]), PLATE), over_the_rim),
        (_semantic(twins[:0], np.array([], dtype=int), PLATE), twins[:0]),
        (_semantic(plate.visible_masks, plate.labels, plate.plate_mask), plate.visible_masks),
    ]


def _panoptic_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for count in (2, 3, 4):
        visible, labels = _seen(rng, count)
        cases.append((_semantic(visible, labels, PLATE), visible))
    return cases


LESSON = Lesson(
    2,
    [
        Exercise(
            id="semantic-map",
            title="The semantic map of a plate",
            points=2,
            whole=True,
            reference=_semantic,
            edges=_semantic_edges,
            random=_semantic_random,
            misconceptions={
                "The plate has covered the food. Later assignments paint over earlier ones: "
                "begin with what lies furthest "
                "back.": _semantic_plate_last,
                "You numbered the pieces. A semantic map says what a pixel shows, so a piece "
                "gets its label; two tahu get "
                "the same number.": _semantic_numbered,
                "The plate is missing. A semantic map labels every pixel, also those without food: the plate is "
                f"{PLATE_ID}.": _semantic_no_plate,
                "Food that hangs over the rim is missing. A piece gets its label wherever it can be seen, on the plate "
                "or not.": _semantic_on_the_plate_only,
            },
            hints=(
                "What lies furthest back, what in front of it, and what on top? A painter would begin at the back.",
                "Begin with a map in which everything is table. Each later assignment paints over the earlier ones.",
                "A map of zeros as large as the plate's mask; 7 where the plate is; then for each piece its label "
                "where its visible mask is True.",
            ),
        ),
        Exercise(
            id="visible-masks",
            title="From whole outlines to what can be seen",
            points=3,
            reference=_visible,
            edges=_visible_edges,
            random=_visible_random,
            misconceptions={
                "You returned the whole outlines. Where two of them overlap, only the piece in front can be seen.": (
                    lambda masks, depth_order: masks
                ),
                "It is the wrong way round: depth order 1 is the piece in front, and it hides "
                "those with larger numbers.": (_visible_reversed),
                "You took the order in which the pieces are listed. Which one lies in front is "
                "what depth_order says.": (_visible_by_listing),
                "You removed every pixel that two pieces share from both. The one in front keeps it.": _visible_alone,
            },
            hints=(
                "Which pieces can take a pixel away from a given piece, and which can not?",
                "Pieces with a smaller depth order lie in front. Go from front to back, or collect for each piece what "
                "lies in front of it.",
                "For each piece take the union of the masks with a smaller depth order, and remove these pixels from "
                "the piece's own mask.",
            ),
        ),
        Exercise(
            id="panoptic-map",
            title="The panoptic map of a plate",
            points=2,
            whole=True,
            reference=_panoptic,
            edges=_panoptic_edges,
            random=_panoptic_random,
            misconceptions={
                "Two pieces of the same food share a segment. Things are told apart one by one; "
                "only stuff is one segment "
                "a class.": _panoptic_by_class,
                "Your pieces begin at 1 and so share numbers with the table and the plate. No "
                "two segments may have the same id: begin at 3.": _panoptic_from(1),
                "Your pieces begin at 2, which is the plate's number. No two segments may have the same id: begin at "
                "3.": _panoptic_from(2),
                "Table and plate have changed places: the table is 1, the plate 2.": _panoptic_stuff_swapped,
                "Your fifth piece has become plate: it has the number 7, and you replaced 7 by 2 after the pieces were "
                "painted. Look for the plate in the semantic map, before.": _panoptic_plate_last,
                "Table and plate have become one segment. They are two kinds of stuff: 1 and 2.": _panoptic_one_stuff,
            },
            hints=(
                "Which segments are there before a single piece is painted, and how do you recognise them in the "
                "semantic map?",
                "First the two kinds of stuff, from the semantic map; then the pieces over them, numbered as they are "
                "listed.",
                "1 where the semantic map is 0, 2 everywhere else; then for the first visible mask 3, for the second "
                "4, and so on.",
            ),
        ),
        Exercise(
            id="which-question",
            title="Which question needs which segmentation",
            points=1,
            reference=["semantic", "instance", "panoptic", "amodal"],
            parts=("question 1", "question 2", "question 3", "question 4"),
            misconceptions={
                "Counting needs no more than instances, and a share of the plate no more than classes. You gave the "
                "strongest kind to both; ask for the simplest that suffices.": [
                    "panoptic",
                    "panoptic",
                    "panoptic",
                    "amodal",
                ],
                "Question 1 asks for a share of the plate's pixels. Which piece they belong to does not matter.": [
                    "panoptic",
                    "instance",
                    "panoptic",
                    "amodal",
                ],
                "Question 1 asks for a share of the plate's pixels. No piece has to be told from another for that.": [
                    "instance",
                    "instance",
                    "panoptic",
                    "amodal",
                ],
                "Question 2 asks for a number of pieces. Panoptic says more than that, also about the plate; the "
                "simplest is asked for.": ["semantic", "panoptic", "panoptic", "amodal"],
                "Question 2 asks for a number of pieces. In a semantic map pieces of one food that touch melt "
                "together.": ["semantic", "semantic", "panoptic", "amodal"],
                "Question 3 asks about every pixel, also those without food. An instance set says nothing of them.": [
                    "semantic",
                    "instance",
                    "instance",
                    "amodal",
                ],
                "The first two are the wrong way round: a semantic map cannot count, since pieces of one food melt "
                "together in it.": ["instance", "semantic", "panoptic", "amodal"],
                "The last one asks for something that no pixel of the photo shows. None of the three maps has it.": (
                    ["semantic", "instance", "panoptic", "instance"]
                ),
            },
            hints=(
                "Ask of each question: would the answer change if two pieces of one food melted together?",
                "Then ask: does it speak of pixels without food? And does it speak of something that cannot be seen?",
                "Semantic: which class. Instance: which thing. Panoptic: both, for every pixel. Amodal: also what is "
                "hidden. Take the first that is enough.",
            ),
        ),
    ],
)

check = LESSON.check

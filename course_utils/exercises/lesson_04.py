"""Exercises of lesson 04: the family of Mask R-CNN, its data flow, and two small sums about it."""

import math

from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise, Lesson

RCNN, FAST, FASTER, MASK = "R-CNN", "Fast R-CNN", "Faster R-CNN", "Mask R-CNN"


def _count(height: int, width: int, divisor: int = 32, levels: int = 5, shapes: int = 3) -> int:
    """Anchors of a photo: one for every shape at every cell of every level."""
    height, width = (math.ceil(side / divisor) * divisor for side in (height, width))
    return sum(math.ceil(height / s) * math.ceil(width / s) * shapes for s in (4, 8, 16, 32, 64)[:levels])


def _count_one_shape(height: int, width: int) -> int:
    return _count(height, width, shapes=1)


def _count_without_padding(height: int, width: int) -> int:
    return _count(height, width, divisor=1)


def _count_without_p6(height: int, width: int) -> int:
    return _count(height, width, levels=4)


def _count_whole_cells(height: int, width: int) -> int:
    height, width = (side + -side % 32 for side in (height, width))
    return sum(3 * (height // stride) * (width // stride) for stride in (4, 8, 16, 32, 64))


def _count_rounded(height: int, width: int) -> int:
    height, width = (side + -side % 32 for side in (height, width))
    return sum(3 * round(height / stride) * round(width / stride) for stride in (4, 8, 16, 32, 64))


def _count_all_sizes_everywhere(height: int, width: int) -> int:
    return _count(height, width, shapes=15)


def _count_without_the_plate_of_zeros(height: int, width: int) -> int:
    return sum(3 * (height // stride) * (width // stride) for stride in (4, 8, 16, 32, 64))


def _count_finest_only(height: int, width: int) -> int:
    return _count(height, width, levels=1)


def _count_edges() -> list[Case]:
    # 96 x 224 and 160 x 416 end with partial cells on the last level; 300 x 170 is padded; 800 x 1333 is the paper's.
    return [(64, 64), (32, 32), (1, 1), (96, 224), (160, 416), (300, 170), (320, 32), (800, 1333), (4160, 32)]


def _count_random(rng: Generator) -> list[Case]:
    return [tuple(int(side) for side in rng.integers(100, 700, 2)) for _ in range(3)]


def _cell(box: tuple[float, float, float, float], bins: int = 28) -> tuple[float, float]:
    x1, y1, x2, y2 = box
    return (x2 - x1) / bins, (y2 - y1) / bins


def _cell_swapped(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return _cell(box)[::-1]


def _cell_of_roi_align(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return _cell(box, bins=14)


def _cell_xywh(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return box[2] / 28, box[3] / 28


def _cell_area(box: tuple[float, float, float, float]) -> float:
    return math.prod(_cell(box))


def _cell_edges() -> list[Case]:
    return [
        ((40.0, 10.0, 68.0, 66.0),),
        ((0.0, 0.0, 14.0, 280.0),),
        ((12.5, 30.0, 47.0, 41.9),),
        ((5.0, 6.0, 5.0, 9.0),),
    ]


def _cell_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for _ in range(3):
        x1, y1, width, height = rng.uniform(10, 100, 4).round(1).tolist()
        cases.append(((x1, y1, x1 + width, y1 + height),))
    return cases


ORDER = ["backbone", "pyramid", "proposals", "RoIAlign", "classes and boxes", "NMS per class", "masks", "paste"]

LESSON = Lesson(
    4,
    [
        Exercise(
            id="family",
            title="Which model of the family was the first to do what",
            points=1,
            reference=[FAST, RCNN, FASTER, MASK],
            parts=("sentence 1", "sentence 2", "sentence 3", "sentence 4"),
            misconceptions={
                "One and three are the wrong way round. Fast R-CNN shared the CNN's work among all regions but still "
                "got its regions from outside; Faster R-CNN learnt to propose them.": [FASTER, RCNN, FAST, MASK],
                "That is the family by age, but the first two sentences come the other way round: R-CNN runs its CNN "
                "anew for each region, Fast R-CNN once for the photo.": [RCNN, FAST, FASTER, MASK],
                "The proposals are learnt since Faster R-CNN; Mask R-CNN took them over.": [FAST, RCNN, MASK, MASK],
            },
            hints=(
                "Find in the figure the orange block that each sentence is about. In whose row is it?",
                "The two of 2015 differ in where their regions come from; R-CNN differs from both in how often the CNN "
                "runs.",
                "R-CNN: every region through the CNN. Fast: the CNN once. Faster: the network proposes the regions. "
                "Mask: a mask for each. Now match the sentences.",
            ),
        ),
        Exercise(
            id="stage-order",
            title="The stages in the order in which a photo passes them",
            points=2,
            reference=ORDER,
            parts=tuple(f"stage {k}" for k in range(1, 9)),
            misconceptions={
                "In the paper's figure the mask branch stands beside the box branch, and in training it runs beside "
                "it. Once trained it waits: only boxes that have survived NMS get a mask.": [
                    *ORDER[:4],
                    "masks",
                    *ORDER[4:6],
                    "paste",
                ],
                "Only boxes that have survived NMS get a mask. The others would cost time and be thrown away.": [
                    *ORDER[:5],
                    "masks",
                    "NMS per class",
                    "paste",
                ],
                "RoIAlign cuts features out for given boxes. So the proposals must come first.": [
                    *ORDER[:2],
                    "RoIAlign",
                    "proposals",
                    *ORDER[4:],
                ],
                "NMS per class must know the classes and their scores; it comes after them. (The proposals have an NMS "
                "of their own, without classes.)": [*ORDER[:4], "NMS per class", "classes and boxes", *ORDER[6:]],
                "NMS per class cannot follow the proposals: they have no class yet. (They have had an NMS of their "
                "own, which asks for none.)": [*ORDER[:3], "NMS per class", *ORDER[3:5], *ORDER[6:]],
            },
            hints=(
                "What does each stage need before it can begin?",
                "RoIAlign needs boxes, NMS per class needs classes and scores, pasting needs masks.",
                "From the photo to maps, from maps to boxes, from boxes to classes, from many boxes to few; masks are "
                "drawn only for those that are left.",
            ),
        ),
        Exercise(
            id="count-anchors",
            title="How many anchors an input has",
            points=2,
            reference=_count,
            edges=_count_edges,
            random=_count_random,
            misconceptions={
                "You counted the cells. Each cell has three anchors, one of each shape.": _count_one_shape,
                "The photo is padded with zeros before it enters: both sides become multiples of 32, and the padding "
                "has anchors too.": _count_without_padding,
                "The fifth level is missing, the one with stride 64 for the largest anchors.": _count_without_p6,
                "A stride of 64 need not divide the padded side: the last cell is a partial one. Round up, not "
                "down.": _count_whole_cells,
                "You rounded. A cell that is less than half full is a cell, too: round up.": _count_rounded,
                "You put all five sizes on every level. Each level has anchors of one size of its own, in three "
                "shapes.": _count_all_sizes_everywhere,
                "Neither the padding nor the partial cells are counted. Both sides are padded to multiples of 32 "
                "first, and the last cell of a level may be a partial one.": _count_without_the_plate_of_zeros,
                "You counted the finest level only. Every level has anchors of its own size.": _count_finest_only,
            },
            hints=(
                "How large is the padded photo, and how many cells does the level with stride 64 have on it?",
                "First pad both sides, then go through the five strides. Both steps round up.",
                "Bring both sides up to a multiple of 32. For each stride: the rows and the columns, each rounded up, "
                "multiplied, times three; add up over the levels.",
            ),
        ),
        Exercise(
            id="mask-cell",
            title="How many pixels of the photo one pixel of a mask stands for",
            points=1,
            reference=_cell,
            edges=_cell_edges,
            random=_cell_random,
            misconceptions={
                "Width first: x comes before y here.": _cell_swapped,
                "14 x 14 is what goes into the mask branch. Its last layer doubles that: the mask has 28 x 28.": (
                    _cell_of_roi_align
                ),
                "The last two numbers of a box are its far corner, not its width and height: take the "
                "differences.": _cell_xywh,
                "You multiplied the two. Asked are both sides, since a box need not be square.": _cell_area,
            },
            hints=(
                "How wide is the box, and how many columns of the mask share that width?",
                "The box is given by its corners: its width is a difference. Do the same for the height.",
                "The width of the box divided by 28, and its height divided by 28, in this order.",
            ),
        ),
    ],
)

check = LESSON.check

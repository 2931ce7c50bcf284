"""Outlines as COCO files hold them, polygons or run lengths, read many at a time into compressed run lengths.

pycocotools does the drawing. What it would die of, or read beyond its memory for, is looked for before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from course_utils import masks
from course_utils.dataset.faults import FARTHEST, MARGIN, is_id, short
from course_utils.errors import CourseError

_AT_ONCE = 200
"""pycocotools 2.0.11 keeps the number of masks in a byte."""


@dataclass
class Outline:
    """One outline that was read.

    Attributes:
        rle: ``{"size": [H, W], "counts": bytes}``; None if it could not be read.
        fault: why it cannot be used, or "". advice: what was done to it so that it could, or "".
        area: in pixels. box: x, y, width and height around it, in pixels.
    """

    rle: dict[str, Any] | None = None
    fault: str = ""
    advice: str = ""
    area: int = 0
    box: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def record(self) -> dict[str, Any]:
        """``{"size": [H, W], "counts": text}`` as COCO files have it, of an outline that could be read."""
        rle = self._rle
        return {"size": rle["size"], "counts": rle["counts"].decode()}

    @property
    def counts(self) -> bytes:
        """Those of its RLE, of an outline that could be read."""
        return self._rle["counts"]

    @property
    def _rle(self) -> dict[str, Any]:
        if self.rle is None:
            raise ValueError(f"this outline could not be read: {self.fault}")
        return self.rle

    @property
    def mask(self) -> np.ndarray:
        """``(H, W) bool``."""
        return coco_mask.decode(self._rle).astype(bool)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same pixels."""
        return isinstance(other, Outline) and self.rle == other.rle


def read_outlines(segmentations: Sequence[Any], size: tuple[int, int], clip: bool = False) -> list[Outline]:
    """Read the segmentations of one photo.

    Args:
        segmentations: polygons or RLEs, as the file has them.
        size: height and width of the photo.
        clip: also cut off what reaches further out of the photo than a slip of the hand.

    Returns:
        An outline for each, with a fault where it is broken or empty.
    """
    found = [Outline() for _ in segmentations]
    owners: list[int] = []
    polygons: list[list[float]] = []
    texts: list[int] = []
    for k, (segmentation, outline) in enumerate(zip(segmentations, found, strict=True)):
        if isinstance(segmentation, list):
            sound, outline.fault, outline.advice = sound_polygons(segmentation, size, clip)
            polygons += sound
            owners += [k] * len(sound)
        elif isinstance(segmentation, dict):
            outline.rle, outline.fault = _sound_rle(segmentation, size)
            if outline.rle:
                texts.append(k)
        elif segmentation is None:
            outline.fault = NO_OUTLINE
        else:
            outline.fault = f"is {short(segmentation)}; polygons or an RLE are needed"
    _refuse_broken_texts(found, texts, size)
    _draw(found, owners, polygons, size)
    _measure([outline for outline in found if outline.rle and not outline.fault])
    return found


NO_OUTLINE = "there is no outline"
BEYOND = "pixels out of the picture"


def read_outline(segmentation: Any, size: tuple[int, int]) -> Outline:
    """One of `read_outlines`."""
    return read_outlines([segmentation], size)[0]


def outline_of(mask: np.ndarray) -> Outline:
    """The outline of a mask ``(H, W) bool``."""
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    outline = Outline({"size": list(mask.shape), "counts": rle["counts"]})
    _measure([outline])
    return outline


def sound_polygons(polygons: list, size: tuple[int, int], clip: bool) -> tuple[list[list[float]], str, str]:
    """Those polygons that can be drawn, why none can, and what was done so that they can.

    A remnant of one or two points beside a sound polygon has no area and is dropped; what reaches out of the photo by
    a slip of the hand is cut at its border, as everybody draws it.
    """
    if not polygons:
        return [], NO_OUTLINE, ""
    if set(map(type, polygons)) <= {int, float}:
        return [], "polygons are not nested: a list of lists of numbers x1, y1, x2, y2 ... is needed", ""
    sound, remnants, furthest = [], 0, 0.0
    for polygon in polygons:
        if not isinstance(polygon, list) or not set(map(type, polygon)) <= {int, float}:
            return [], f"polygon {short(polygon)}: a list of numbers x1, y1, x2, y2 ... is needed", ""
        if len(polygon) < 6 and len(polygon) % 2 == 0:
            remnants += 1
            continue
        if len(polygon) % 2:
            return [], f"broken polygon: {len(polygon)} numbers; three points or more, x and y each, are needed", ""
        out = _reach(polygon, size)
        if not out <= FARTHEST * max(size):
            return [], _far(out), ""
        furthest = max(furthest, out)
        sound.append(polygon)
    if not sound:
        return [], "broken polygon: three points or more, x and y each, are needed", ""
    if furthest > MARGIN * max(size) and not clip:
        return [], f"a polygon reaches {furthest:.0f} {BEYOND}, {size[0]} high, {size[1]} wide", ""
    advice = "a polygon of less than three points stands beside others and is not drawn" if remnants else ""
    if furthest > 1:
        advice = "a polygon reaches out of the picture and is cut at its border"
    return sound, "", advice


def _reach(polygon: list[float], size: tuple[int, int]) -> float:
    """By how many pixels a polygon reaches out of its photo; NaN when it holds NaN or infinity."""
    x, y = polygon[0::2], polygon[1::2]
    out = max(-min(x), -min(y), max(x) - size[1], max(y) - size[0], 0)
    if out > FARTHEST * max(size):
        return out
    try:
        return out if math.isfinite(sum(polygon)) else math.nan
    except OverflowError:  # a whole number too large for a float, hidden behind NaN
        return math.nan


def _far(out: float) -> str:
    finite = isinstance(out, int) or math.isfinite(out)
    return (
        "broken polygon: a corner lies far out of the picture" if finite else "broken polygon: it holds NaN or infinity"
    )


def _sound_rle(rle: dict, size: tuple[int, int]) -> tuple[dict | None, str]:
    """An RLE with its counts as bytes, not yet looked through; or what is wrong with it."""
    if rle.get("size") != list(size):
        return None, f"its size is {short(rle.get('size'))}, the picture's {list(size)}"
    counts = rle.get("counts")
    if isinstance(counts, str):
        return {"size": list(size), "counts": counts.encode("utf-8", errors="replace")}, ""
    if not isinstance(counts, list):
        return None, "broken RLE: its counts are neither a text nor a list of whole numbers"
    if all(type(count) is float and count.is_integer() for count in counts):
        counts = [int(count) for count in counts]  # as spreadsheets write them
    if not all(map(is_id, counts)):
        return None, "broken RLE: its counts are not a list of whole numbers"
    if any(count < 0 for count in counts) or sum(counts) != size[0] * size[1]:
        return None, f"broken RLE: its runs cover {short(sum(counts))} pixels, the image has {size[0]} x {size[1]}"
    return {"size": list(size), "counts": masks.compress(counts).encode()}, ""


def _refuse_broken_texts(found: list[Outline], texts: list[int], size: tuple[int, int]) -> None:
    if not texts:
        return
    areas = masks.text_areas([found[k].counts for k in texts], size[0] * size[1])
    for k in np.array(texts)[areas < 0].tolist():
        text = found[k].counts.decode("utf-8", errors="replace")
        found[k].rle, found[k].fault = None, _text_fault(text, size)


def _text_fault(text: str, size: tuple[int, int]) -> str:
    try:
        counts = masks.decompress(text)
    except CourseError as error:
        return str(error)
    if any(count < 0 for count in counts):
        return "broken RLE: a run is shorter than nothing"
    if any(count > size[0] * size[1] for count in counts):
        return "broken RLE: a run is longer than the whole picture"
    return f"broken RLE: its runs cover {short(sum(counts))} pixels, the image has {size[0]} x {size[1]}"


def _draw(found: list[Outline], owners: list[int], polygons: list[list[float]], size: tuple[int, int]) -> None:
    pieces: dict[int, list[dict]] = {}
    for start in range(0, len(polygons), _AT_ONCE):
        drawn = coco_mask.frPyObjects(polygons[start : start + _AT_ONCE], *size)
        for owner, piece in zip(owners[start : start + _AT_ONCE], drawn, strict=True):
            pieces.setdefault(owner, []).append(piece)
    for owner, several in pieces.items():
        found[owner].rle = union(several)


def union(rles: list[dict]) -> dict:
    """The RLE of all pixels of several RLEs, one at least."""
    while len(rles) > 1:
        rles = [coco_mask.merge(rles[k : k + _AT_ONCE]) for k in range(0, len(rles), _AT_ONCE)]
    return rles[0]


def overlap(first: Outline, second: Outline) -> int:
    """How many pixels two outlines of one photo share."""
    return int(coco_mask.area(coco_mask.merge([first.rle, second.rle], intersect=True)))


def _measure(outlines: list[Outline]) -> None:
    for start in range(0, len(outlines), _AT_ONCE):
        some = outlines[start : start + _AT_ONCE]
        rles = [outline.rle for outline in some]
        areas, boxes = coco_mask.area(rles).tolist(), coco_mask.toBbox(rles).tolist()
        for outline, area, box in zip(some, areas, boxes, strict=True):
            x, y, width, height = map(int, box)
            outline.area, outline.box = area, (x, y, width, height)
            if not area:
                outline.fault = "the mask is empty"

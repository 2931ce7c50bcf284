"""The algebra of masks: area, overlap, boxes, run lengths and polygons.

A mask is a boolean array ``(H, W)``, a stack of them ``(N, H, W)``. COCO's files hold masks as run lengths (RLE) or
polygons; both are turned into arrays, and arrays into them, here and nowhere else.
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask
from skimage.measure import find_contours

from course_utils.errors import CourseError

_LONGEST_NUMBER = 60  # bits, so that every number is an int64
BROKEN = -1


def area(masks: np.ndarray) -> np.ndarray:
    """Number of pixels of each mask: ``(..., H, W) bool -> (...) int64``."""
    return np.count_nonzero(masks, axis=(-2, -1))


def iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair of masks (Jaccard 1912): ``(N, H, W), (M, H, W) -> (N, M) float64``.

    Two empty masks have IoU 0, as in pycocotools.

    Raises:
        ValueError: the masks are not of one size.
    """
    if first.shape[-2:] != second.shape[-2:]:
        raise ValueError(f"masks of {first.shape[-2:]} cannot be compared with masks of {second.shape[-2:]}")
    pixels = first.shape[-2] * first.shape[-1]
    flat_first = first.reshape(-1, pixels).astype(np.float32)
    flat_second = second.reshape(-1, pixels).astype(np.float32)
    intersection = (flat_first @ flat_second.T).astype(np.float64)  # exact: float32 counts to 2**24
    union = area(first)[:, None] + area(second)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def to_box(mask: np.ndarray) -> np.ndarray:
    """Smallest box around a mask: ``(H, W) bool -> (4,) float64`` as x1, y1, x2, y2, half-open, in pixels.

    An empty mask gives the empty box 0, 0, 0, 0.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return np.zeros(4)
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float64)


def to_boxes(masks: np.ndarray) -> np.ndarray:
    """Smallest box around each mask of a stack: ``(N, H, W) bool -> (N, 4) float64``; see `to_box`."""
    return np.array([to_box(mask) for mask in masks], dtype=np.float64).reshape(-1, 4)


def run_lengths(mask: np.ndarray) -> list[int]:
    """How many pixels of 0, then of 1, then of 0 ..., column by column: ``(H, W) bool -> counts``.

    The first count is of zeros, and is 0 when the first pixel belongs to the mask.
    """
    pixels = np.asarray(mask, dtype=bool).ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    edges = np.concatenate([[0], changes, [pixels.size]])
    counts = np.diff(edges).tolist()
    return [0, *counts] if pixels.size and pixels[0] else counts


def from_run_lengths(counts: Sequence[int], height: int, width: int) -> np.ndarray:
    """The mask of `run_lengths`: counts -> ``(height, width) bool``.

    Raises:
        CourseError: a count is negative, or they do not add up to the pixels of the image.
    """
    try:
        given = np.array(counts)
        if given.ndim != 1 or (len(given) and given.dtype.kind not in "iu"):
            raise ValueError
        runs = given.astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        raise CourseError("broken RLE: its counts are not a list of whole numbers") from None
    pixels = sum(runs.tolist())  # Python's whole numbers do not overflow
    if (runs < 0).any() or pixels != height * width:
        raise CourseError(f"broken RLE: its runs cover {pixels} pixels, the image has {height} x {width}")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def compress(counts: Sequence[int]) -> str:
    """COCO's text form of run lengths.

    From the fourth count on, the difference to the count before the last one is stored. Each number is cut into groups
    of five bits, lowest first; a sixth bit says that more follow; 48 is added to make each a printable character.
    """
    characters = []
    for index, count in enumerate(counts):
        rest = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            group, rest = rest & 31, rest >> 5
            # The highest bit of the last group is the sign.
            more = rest != (-1 if group & 16 else 0)
            characters.append(chr((group | 32 if more else group) + 48))
    return "".join(characters)


def decompress(text: str) -> list[int]:
    """The run lengths that `compress` made a text of.

    Raises:
        CourseError: a character that cannot occur, or the text ends within a number.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            raise CourseError(f"broken RLE: {character!r} is no character of a compressed run length")
        value |= (code & 31) << shift
        shift += 5
        if shift > _LONGEST_NUMBER:
            raise CourseError("broken RLE: a number is longer than that of any image's pixels")
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise CourseError("broken RLE: the text ends within a number")
    return counts


def text_areas(texts: Sequence[bytes | str], pixels: int | np.ndarray) -> np.ndarray:
    """Pixels of the mask that each text of the form of `compress` stands for.

    pycocotools decodes such texts without looking: it may never come back, or count pixels that are not there. All
    texts are looked at together, which is many times faster than `decompress` for each.

    Args:
        texts: N of them.
        pixels: of the image, or (N,) of each text's own.

    Returns:
        (N,) int64; -1 for a text that is no mask of so many pixels.
    """
    coded = [text.encode("utf-8") if isinstance(text, str) else text for text in texts]
    ends = np.cumsum([len(text) for text in coded], dtype=np.int64)
    codes = np.frombuffer(b"".join(coded), np.uint8) - np.uint8(48)  # what comes before "0" wraps to a large code
    more = np.flatnonzero(codes > 31)  # characters after which the number goes on: few, as most numbers are short
    malformed = _malformed(codes, ends, more)
    areas = np.full(len(coded), BROKEN)
    if malformed.any():
        good = np.flatnonzero(~malformed)
        areas[good] = text_areas([coded[k] for k in good], np.broadcast_to(pixels, len(coded))[good])
    elif len(coded):
        begins = np.concatenate([[0], ends[:-1]])
        starts = begins - np.searchsorted(more, begins)  # the first number of each text
        areas = _areas(_numbers(codes, more), starts, pixels)
    return areas


def _malformed(codes: np.ndarray, ends: np.ndarray, more: np.ndarray) -> np.ndarray:
    """(N,) bool: texts that are empty, hold a strange character or too long a number, or end within a number."""
    malformed = np.diff(ends, prepend=0) == 0
    malformed[~malformed] = codes[ends[~malformed] - 1] > 31
    malformed[np.searchsorted(ends, np.flatnonzero(codes > 63), side="right")] = True
    longest = _LONGEST_NUMBER // 5
    last = _long_rows(more, longest)
    first, last = np.searchsorted(ends, [last - longest + 1, last], side="right")
    malformed[last[first == last]] = True  # where they differ, a text ends within a number that is not too long
    return malformed


def _long_rows(places: np.ndarray, length: int) -> np.ndarray:
    """Those of some ascending places that end a row of so many without a gap."""
    ends = places[length - 1 :]
    return ends[ends - places[: len(ends)] == length - 1]


def _numbers(codes: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The numbers of well-formed texts: five bits of each character, lowest first; the highest bit is the sign."""
    # Six characters hold 30 bits: no run of such numbers passes the 31 bits of the smaller type unseen, as it would
    # have to be negative or larger than the image first.
    values = ((codes & 31) ^ 16).astype(np.int64 if len(_long_rows(more, 6)) else np.int32) - 16
    longer = more[codes[more + 1] < 32]  # the last but one character of each number, then the one before it, ...
    while len(longer):
        values[longer] = values[longer + 1] << 5 | (codes[longer] & 31)
        longer = longer[longer > 0] - 1
        longer = longer[codes[longer] > 31]
    return np.delete(values, more + 1)  # each number now stands at its first character


def _areas(values: np.ndarray, starts: np.ndarray, pixels: int | np.ndarray) -> np.ndarray:
    """`text_areas` from the numbers (Q,) in all texts and the place where each text begins."""
    # From the fourth number on each is a difference to the one before the last. So every other number is looked at:
    # running sums, less what the texts before have put into them.
    totals, broken = [], np.zeros(len(starts), bool)
    for parity in (0, 1):
        part = values[parity::2]
        first = (starts + 1 - parity) // 2  # where each text's part begins
        holds_first = starts % 2 == parity  # no later number counts from a text's first
        counts = np.diff(first, append=len(part))
        runs = np.zeros(len(part) + 1, part.dtype)  # the last one stays 0: what stands before the first text
        np.cumsum(part, out=runs[:-1])
        runs[:-1] -= np.repeat(runs[first + holds_first - 1], counts)
        runs[first[holds_first]] = part[first[holds_first]]
        # Where a text's part is empty, `reduceat` looks at the next text's.
        broken |= (counts > 0) & (np.minimum.reduceat(runs, first) < 0)
        totals.append(np.where(counts > 0, np.add.reduceat(runs, first, dtype=np.int64), 0))
    broken |= sum(totals) != pixels
    if max(values.max(), -values.min()) > np.min(pixels):  # sums of such numbers could overflow
        broken |= np.maximum.reduceat(np.abs(values), starts) > pixels
    return np.where(broken, BROKEN, np.where(starts % 2 == 0, totals[1], totals[0]))


def encode(mask: np.ndarray) -> dict[str, Any]:
    """A mask as COCO's RLE: ``(H, W) bool -> {"size": [H, W], "counts": str}``, byte for byte as pycocotools."""
    return {"size": list(mask.shape), "counts": compress(run_lengths(mask))}


def decode(rle: Mapping[str, Any]) -> np.ndarray:
    """The mask of an RLE, its counts a text, bytes or a list of numbers: -> ``(H, W) bool``.

    Raises:
        CourseError: the RLE is broken; the message says how.
    """
    try:
        height, width = (operator.index(side) for side in rle["size"])
        counts = rle["counts"]
    except (KeyError, TypeError, ValueError):
        raise CourseError('broken RLE: it needs "size": [height, width] and "counts"') from None
    if min(height, width) < 0:
        raise CourseError(f"broken RLE: its size is {height} x {width}")
    if isinstance(counts, bytes):
        counts = counts.decode("ascii", errors="replace")
    return from_run_lengths(decompress(counts) if isinstance(counts, str) else counts, height, width)


def check_polygons(polygons: Sequence[Sequence[float]], height: int, width: int) -> None:
    """Refuse what pycocotools cannot draw: a corner without bounds takes memory without bounds.

    Raises:
        CourseError: a polygon with fewer than three points, with a number left over, with something that is no number,
            or with a corner that lies ten pictures away.
    """
    for polygon in polygons:
        try:
            numbers = np.array(polygon, dtype=float)
        except (TypeError, ValueError, OverflowError):
            raise CourseError("broken polygon: it is no list of numbers") from None
        if numbers.ndim != 1:
            raise CourseError("broken polygon: it is no list of numbers")
        if len(numbers) < 6 or len(numbers) % 2:
            raise CourseError(f"broken polygon: {len(numbers)} numbers; three points or more, x and y each, are needed")
        farthest = np.abs(numbers).max()
        if not np.isfinite(farthest):
            raise CourseError("broken polygon: it holds NaN or infinity")
        if farthest > 10 * max(height, width):
            raise CourseError("broken polygon: a corner lies far out of the picture")


def from_polygons(polygons: Sequence[Sequence[float]], height: int, width: int) -> np.ndarray:
    """The union of polygons ``[x1, y1, x2, y2, ...]`` as a mask ``(height, width) bool``.

    Which border pixels belong to a polygon is a convention; this is COCO's, drawn by pycocotools.

    Raises:
        CourseError: see `check_polygons`.
    """
    check_polygons(polygons, height, width)
    if not polygons:
        return np.zeros((height, width), dtype=bool)
    pieces = coco_mask.frPyObjects([list(map(float, polygon)) for polygon in polygons], height, width)
    return coco_mask.decode(coco_mask.merge(pieces)).astype(bool)


def to_polygons(mask: np.ndarray) -> list[list[float]]:
    """Outlines of a mask as COCO polygons ``[[x1, y1, x2, y2, ...], ...]``, in pixels.

    The outlines run half-way between pixels in and out. COCO polygons know no holes: those are filled.
    """
    padded = np.pad(mask, 1).astype(float)
    polygons = []
    for contour in find_contours(padded, 0.5, fully_connected="low", positive_orientation="high"):
        # find_contours names pixel centres, rows first; COCO's (0, 0) is the corner of the first pixel.
        outline = contour[:-1, ::-1] - 0.5
        if _signed_area(outline) < 0:
            polygons.append(outline.ravel().tolist())
    return polygons


def _signed_area(outline: np.ndarray) -> float:
    """Shoelace area of ``(N, 2)`` points; its sign tells an outer border from the border of a hole."""
    x, y = outline.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))

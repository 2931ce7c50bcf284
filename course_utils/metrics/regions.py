"""Regions in the three forms they come in (boolean masks, COCO RLEs, boxes), with one meaning of area and IoU.

Every number here equals pycocotools' to the last bit, because a metric that compares with thresholds and breaks ties
can flip on the last bit. Masks are packed 64 pixels to a word and overlaps counted with the processor's popcount
instruction; RLEs go to pycocotools' own C code; for boxes the order of operations is COCO's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from pycocotools import mask as coco_mask

from course_utils.errors import CourseError
from course_utils.masks import BROKEN, text_areas


@dataclass(frozen=True)
class BoxRegions:
    """Boxes: corners (N, 4) float64 xyxy, half-open, in pixels, and their areas (N,)."""

    corners: np.ndarray
    areas: np.ndarray
    kind = "boxes"
    frame = None

    @classmethod
    def from_xyxy(cls, boxes: np.ndarray, name: str) -> "BoxRegions":
        """Check (N, 4) corners; CourseError names the first bad box."""
        boxes = np.asarray(boxes, float).reshape(-1, 4)
        sides = boxes[:, 2:] - boxes[:, :2]
        _check_boxes(boxes, sides, name)
        return cls(boxes, sides[:, 0] * sides[:, 1])

    def __len__(self) -> int:
        """Number of boxes."""
        return len(self.corners)

    def select(self, keep: np.ndarray | slice) -> "BoxRegions":
        """Only the boxes of the indices `keep` (K,), or of a slice."""
        return BoxRegions(self.corners[keep], self.areas[keep])

    def intersections(self, other: "BoxRegions", mine: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Area shared by each pair (mine[i], others[i])."""
        a, b = self.corners[mine], other.corners[others]
        sides = np.maximum(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0)
        return sides[:, 0] * sides[:, 1]


@dataclass(frozen=True)
class MaskRegions:
    """Boolean masks (N, H, W)."""

    masks: np.ndarray
    kind = "masks"

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self.masks.shape[1:]

    @cached_property
    def packed(self) -> np.ndarray:
        """(N, words) uint64, see `pack`: an eighth of the masks' memory, kept because areas and overlaps need it."""
        return pack(self.masks)

    @cached_property
    def areas(self) -> np.ndarray:
        """(N,) float64: pixels of each mask."""
        return popcount(self.packed).astype(float)

    def __len__(self) -> int:
        """Number of masks."""
        return len(self.masks)

    def to_masks(self) -> "MaskRegions":
        """Themselves, so that masks and RLEs can be treated alike."""
        return self

    def select(self, keep: np.ndarray) -> "MaskRegions":
        """Only the masks of the indices `keep` (K,)."""
        return MaskRegions(self.masks[keep])


@dataclass(frozen=True)
class RleRegions:
    """COCO run-length encodings, each {"size": [h, w], "counts": bytes or str}, and their areas (N,) float64, px²."""

    rles: list[Mapping]
    areas: np.ndarray
    kind = "RLEs"

    @property
    def frame(self) -> tuple[int, int] | None:
        """Height and width of the image; None when there is no region to tell."""
        return tuple(self.rles[0]["size"]) if self.rles else None

    def __len__(self) -> int:
        """Number of masks."""
        return len(self.rles)

    def select(self, keep: np.ndarray | slice) -> "RleRegions":
        """Only the RLEs of the indices `keep` (K,), or of a slice."""
        chosen = self.rles[keep] if isinstance(keep, slice) else [self.rles[k] for k in keep]
        return RleRegions(chosen, self.areas[keep])

    def to_masks(self) -> MaskRegions:
        """The same regions as boolean masks; none of them have no height and width."""
        if not self.rles:
            return MaskRegions(np.zeros((0, 0, 0), bool))  # pycocotools' own answer has a random shape
        dense = coco_mask.decode(self.rles)  # (H, W, N), column after column
        return MaskRegions(np.ascontiguousarray(dense.transpose(2, 0, 1)).astype(bool))


Regions = BoxRegions | MaskRegions | RleRegions


def as_regions(regions, name: str = "regions") -> Regions:
    """Recognise and check masks (N, H, W) bool, boxes (N, 4) xyxy, or a sequence of RLEs.

    Args:
        regions: the regions of one image.
        name: how messages call them.

    Raises:
        CourseError: anything else, NaN or turned-over boxes, RLEs of several sizes; the message names the item.
    """
    if isinstance(regions, Regions):
        return regions
    if isinstance(regions, Sequence) and len(regions) and isinstance(regions[0], Mapping):
        return _as_rles(regions, name)
    try:
        array = np.asarray(regions)
    except ValueError:
        raise CourseError(f"{name}: lists of different lengths; boxes have four numbers each") from None
    if array.ndim == 3 and array.dtype == bool:
        return MaskRegions(array)
    if array.size == 0 and array.ndim <= 2:
        return BoxRegions.from_xyxy(np.zeros((0, 4)), name)
    if array.ndim == 2 and array.shape[1] == 4 and array.dtype.kind in "fiu":
        return BoxRegions.from_xyxy(array, name)
    raise CourseError(
        f"{name}: an array of shape {array.shape} and type {array.dtype}; "
        "give boolean masks (N, H, W), boxes (N, 4) as xyxy, or a list of RLEs"
    )


def pairwise_iou(detections, truths, crowd: np.ndarray | None = None) -> np.ndarray:
    """IoU of every detection with every ground truth of one image.

    Args:
        detections: D regions; truths: G regions of the same kind (masks and RLEs may be mixed).
        crowd: (G,) bool; with a crowd region the union is the detection's own area, so that a detection that
            lies wholly inside scores 1.

    Returns:
        (D, G) float64, equal to pycocotools' to the last bit.

    Raises:
        CourseError: boxes against masks, or masks of different sizes.
    """
    detections, truths = as_regions(detections, "detections"), as_regions(truths, "ground truth")
    crowd = np.zeros(len(truths), bool) if crowd is None else np.asarray(crowd, bool)
    pairs = np.indices((len(detections), len(truths))).reshape(2, -1)
    return pair_iou(detections, truths, crowd, *pairs).reshape(len(detections), len(truths))


def pair_iou(
    detections: Regions, truths: Regions, crowd: np.ndarray, d_index: np.ndarray, g_index: np.ndarray
) -> np.ndarray:
    """IoU (P,) of the pairs (d_index[i], g_index[i]) only; see `pairwise_iou`."""
    detections, truths = _same_kind(detections, truths)
    if not len(d_index):
        return np.zeros(0)
    if isinstance(detections, RleRegions) and isinstance(truths, RleRegions):
        return _rle_iou(detections.rles, truths.rles, crowd, d_index, g_index)
    if isinstance(detections, MaskRegions) and isinstance(truths, MaskRegions):
        intersection = popcount(detections.packed[d_index] & truths.packed[g_index])
    else:
        intersection = cast(BoxRegions, detections).intersections(cast(BoxRegions, truths), d_index, g_index)
    detection_area = detections.areas[d_index]
    union = np.where(crowd[g_index], detection_area, detection_area + truths.areas[g_index] - intersection)
    return np.divide(intersection, union, out=np.zeros(len(d_index)), where=intersection > 0)


def _rle_iou(detections: list[Mapping], truths: list[Mapping], crowd: np.ndarray, d_index, g_index) -> np.ndarray:
    """IoU (P,) of pairs of RLEs; pycocotools is asked once for each ground truth, about its own detections only."""
    iou = np.empty(len(d_index))
    by_truth = np.argsort(g_index, kind="stable")
    begins = np.flatnonzero(np.diff(g_index[by_truth], prepend=-1))
    for pairs in np.split(by_truth, begins[1:]):
        truth = g_index[pairs[0]]
        mine = [detections[k] for k in d_index[pairs].tolist()]
        iou[pairs] = coco_mask.iou(mine, [truths[truth]], [bool(crowd[truth])])[:, 0]
    return iou


def pack(masks: np.ndarray) -> np.ndarray:
    """(N, H, W) bool -> (N, words) uint64: 64 pixels to a word, the last word filled up with zeros."""
    bits = np.packbits(masks.reshape(len(masks), masks.shape[1] * masks.shape[2]), axis=1)
    if bits.shape[1] % 8:
        bits = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8)))
    return bits.view(np.uint64)


def popcount(packed: np.ndarray) -> np.ndarray:
    """(N, words) uint64 -> (N,) int64: the set bits of each row."""
    return np.bitwise_count(packed).sum(axis=1, dtype=np.int64)


def _same_kind(detections: Regions, truths: Regions) -> tuple[Regions, Regions]:
    if not len(detections) or not len(truths):
        return detections, truths
    kinds = {detections.kind, truths.kind}
    if len(kinds) == 2 and "boxes" in kinds:
        raise CourseError(
            f"detections are {detections.kind} but the ground truth is {truths.kind}; compare like with like"
        )
    if detections.frame != truths.frame:
        raise CourseError(
            f"detections lie on an image of {detections.frame} (height, width) but the ground truth on {truths.frame}"
        )
    if len(kinds) == 2:  # RLEs against masks: unpacking an RLE is cheaper than encoding a mask
        return _unpacked(detections), _unpacked(truths)
    return detections, truths


def _unpacked(regions: Regions) -> Regions:
    return regions.to_masks() if isinstance(regions, RleRegions) else regions


def _as_rles(rles: Sequence[Mapping], name: str) -> RleRegions:
    size = None
    for i, rle in enumerate(rles):
        if not (isinstance(rle, Mapping) and isinstance(rle.get("counts"), bytes | str) and "size" in rle):
            raise CourseError(f"{name}: item {i} is no compressed RLE; give {{'size': [h, w], 'counts': '...'}}")
        size = size or tuple(rle["size"])
        if tuple(rle["size"]) != size:
            raise CourseError(
                f"{name}: RLE {i} is of size {rle['size']}, RLE 0 of {rles[0]['size']}; one image has one size"
            )
    height, width = rles[0]["size"]
    areas = text_areas([rle["counts"] for rle in rles], height * width)
    if (areas == BROKEN).any():
        broken = int(np.argmin(areas))
        raise CourseError(f"{name}: RLE {broken} is broken: it is no mask of {height} x {width} pixels")
    return RleRegions(list(rles), areas.astype(float))


def _check_boxes(corners: np.ndarray, sides: np.ndarray, name: str) -> None:
    bad = ~np.isfinite(corners).all(axis=1)
    if bad.any():
        i = int(np.argmax(bad))
        raise CourseError(f"{name}: box {i} is {corners[i].tolist()}; coordinates must be finite numbers")
    bad = (sides < 0).any(axis=1)
    if bad.any():
        i = int(np.argmax(bad))
        raise CourseError(f"{name}: box {i} is {corners[i].tolist()}; xyxy needs x1 <= x2 and y1 <= y2")

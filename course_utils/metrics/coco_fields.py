"""The fields of COCO's records: what they may hold, and what is said when they do not."""

from array import array
from collections.abc import Iterable, Mapping
from itertools import chain
from numbers import Real
from typing import Any

from pycocotools import mask as coco_mask

from course_utils import masks
from course_utils.errors import CourseError


def numbers(values: Iterable[Any], field: str) -> array:
    """The values as floats; a CourseError shows the first that is no number."""
    values = list(values)
    try:
        return array("d", values)
    except TypeError:
        wrong = next((value for value in values if not isinstance(value, Real)), values)
        raise CourseError(f"its {field} is {wrong!r:.40}; give a number") from None


def flat(boxes: Iterable[Any]) -> array:
    """The numbers of boxes x, y, width, height, one after the other."""
    boxes = list(boxes)
    try:
        if set(map(len, boxes)) <= {4}:
            return array("d", chain.from_iterable(boxes))
    except TypeError:
        pass
    raise CourseError(f"its bbox is {boxes[0]!r:.80}; give [x, y, width, height]")


def as_flag(value: Any, field: str) -> bool:
    """Whether something is 1; nothing, or null, is 0."""
    if isinstance(value, str) or value not in (None, 0, 1):
        raise CourseError(f"its {field} is {value!r:.40}; give 0 or 1")
    return bool(value)


def compressed(segmentation: Any, size: list[int], field: str = "segmentation") -> Mapping:
    """A segmentation (polygons, plain run lengths, or compressed ones) as a compressed RLE of the image's size."""
    if isinstance(segmentation, (dict, Mapping)):  # the first is found many times faster
        stated = segmentation.get("size")
        if stated != size and (not isinstance(stated, list | tuple) or list(stated) != size):
            raise CourseError(f"its {field} is of size {stated!r:.40}, the image is {size} (height, width)")
        if isinstance(segmentation.get("counts"), str | bytes):
            return segmentation
    elif not isinstance(segmentation, list) or not segmentation:
        raise CourseError(f"its {field} is {segmentation!r:.40}; it needs an outline or an RLE, or judge boxes")
    try:
        if isinstance(segmentation, Mapping):
            return masks.encode(masks.decode(segmentation))
        masks.check_polygons(segmentation, *size)
        pieces = coco_mask.frPyObjects(segmentation, *size)
        return coco_mask.merge(pieces) if len(pieces) > 1 else pieces[0]
    except Exception as error:  # pycocotools raises a bare Exception
        raise CourseError(f"its {field} cannot be read: {error}") from None

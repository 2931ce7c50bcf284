"""The bridge to COCO's files: annotations in, results in and out, and the familiar twelve lines.

Category ids are kept as labels. Boxes are `xywh` in the files and nowhere else. The regions of annotations and results
are their RLEs, as they are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from course_utils.errors import CourseError
from course_utils.metrics.coco_files import by_id, each_record, read_content, unique
from course_utils.metrics.coco_records import VISIBLE, Annotations, Results
from course_utils.metrics.evaluation import Evaluation
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.regions import BoxRegions, MaskRegions, Regions, RleRegions

KINDS = ("masks", "boxes")


@dataclass(frozen=True)
class CocoTruth:
    """The ground truth of a COCO file.

    Attributes:
        images: image id -> its objects, in the order of the ids.
        sizes: image id -> (height, width).
        categories: category id -> name, in the order of the ids.
        kind: "masks" or "boxes", which regions were read.
        source: name of the file, for messages.
    """

    images: dict[Any, GroundTruth]
    sizes: dict[Any, tuple[int, int]]
    categories: dict[int, str]
    kind: str
    source: str

    @property
    def classes(self) -> list[int]:
        """The category ids, ascending."""
        return list(self.categories)

    def pair(self, found: Mapping[Any, Detections]) -> Iterator[tuple[GroundTruth, Detections]]:
        """Each image's truth with what was found on it (nothing, if it is not in `found`), in the order of the ids.

        Raises:
            CourseError: detections of an image that the file does not hold.
        """
        for image in found:
            if image not in self.images:
                raise CourseError(f"{self.source} has no image {image}, but there are detections of it")
        nothing = Detections([], [], [])
        return ((truth, found.get(image, nothing)) for image, truth in self.images.items())


def read_truth(source: Path | str | Mapping[str, Any], kind: str = "masks") -> CocoTruth:
    """Read COCO annotations, from a file (compressed by gzip or not) or from its content.

    An annotation that does not state its area has that of its mask, or of its box where there is no mask.

    Args:
        source: path of the JSON file, or the dictionary it holds.
        kind: "masks" or "boxes".

    Raises:
        CourseError: not a COCO file; ids that occur twice; an annotation without a field, with a broken one, or of an
            image or category that is not there.
    """
    if kind not in KINDS:
        raise CourseError(f"kind is {kind!r}; give one of {', '.join(KINDS)}")
    content, name = read_content(source, "annotations")
    if not isinstance(content, Mapping):
        raise CourseError(f"{name}: no COCO annotations: it holds no dictionary but a {type(content).__name__}")
    images = by_id(content, "images", ("height", "width"), name)
    sizes = {image: (record["height"], record["width"]) for image, record in images.items()}
    for image, size in sizes.items():
        if kind == "masks" and not all(isinstance(side, Integral) and 0 < int(side) < 2**31 for side in size):
            raise CourseError(f"{name}: image {image} is {size[0]!r} high and {size[1]!r} wide; give whole pixels")
    categories = {label: record["name"] for label, record in by_id(content, "categories", ("name",), name).items()}
    for label in categories:
        if isinstance(label, str):
            raise CourseError(f"{name}: category id {label!r} is no whole number")
    annotations = Annotations(name, kind, sizes, categories)
    # They keep the order of the file: it decides between equal overlaps.
    annotations.add_all(list(unique(content, "annotations", (), name).values()))
    return CocoTruth(_truths(annotations, list(sizes)), sizes, categories, kind, name)


def read_results(
    source: Path | str | Sequence[Mapping[str, Any]], truth: CocoTruth, *, box_areas: bool = False
) -> dict[Any, Detections]:
    """Read COCO results, from a file (compressed by gzip or not) or from its content, as image id -> detections.

    Beside its ``segmentation`` a result may have a ``visible_segmentation``; either all of an image do, or none.

    Args:
        source: path of the JSON file, or the list it holds.
        truth: the ground truth that the results are about.
        box_areas: what counts as the area of a mask with a box beside it. The area of a detection is that of the
            region that is judged. pycocotools takes width times height of the box instead, if the first result has
            one, which moves masks into other area ranges than the ground truth; True does as it does.

    Raises:
        CourseError: not COCO results; a result without a field, with a broken one, or of an image or category that is
            not there.
    """
    file = source if isinstance(source, Path | str) else None
    found = Results("results" if file is None else str(file), truth.kind, truth.sizes, truth.categories)
    if file is None or box_areas or not each_record(file, found.add):
        content, name = read_content(source, "results")
        if isinstance(content, Mapping) or not isinstance(content, Sequence):
            what = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content).__name__
            raise CourseError(
                f"{name}: no COCO results: they are a list of records with image_id, category_id, score and a region, "
                f"but it holds {what:.60}" + (": these are annotations" if "annotations" in what else "")
            )
        with_box = box_areas and truth.kind == "masks" and _has_box(content[:1])
        found = Results(name, truth.kind, truth.sizes, truth.categories, box_areas=with_box)
        found.add_all(content)
    return _detections(found, list(truth.images))


def results(found: Mapping[Any, Detections]) -> list[dict[str, Any]]:
    """Detections (image id -> detections) as the list that a COCO results file holds; ids may be texts."""
    return [
        {"image_id": _plain(image), "category_id": int(label), "score": float(score), **region}
        for image, detections in found.items()
        for label, score, region in zip(detections.labels, detections.scores, _fields(detections), strict=True)
    ]


def write_results(found: Mapping[Any, Detections], path: Path) -> None:
    """Write detections (image id -> detections) as a COCO results file."""
    path.write_text(json.dumps(results(found)), encoding="utf-8")


def summarize(evaluation: Evaluation) -> np.ndarray:
    """Print COCO's twelve lines and return their values (12,), -1 for those without objects.

    The first line is about 100 detections, or about the largest limit where 100 is none (pycocotools prints -1 then).

    Raises:
        CourseError: the evaluation lacks one of COCO's areas, the threshold .50 or .75, or has not three limits.
    """
    if len(evaluation.max_detections) != 3:
        raise CourseError(
            f"the summary needs three limits of detections, the evaluation has {evaluation.max_detections}"
        )
    first, second, last = evaluation.max_detections
    usual = 100 if 100 in evaluation.max_detections else last
    lines = [(True, None, "all", usual), (True, 0.5, "all", last), (True, 0.75, "all", last)]
    lines += [(True, None, area, last) for area in ("small", "medium", "large")]
    lines += [(False, None, "all", limit) for limit in (first, second, last)]
    lines += [(False, None, area, last) for area in ("small", "medium", "large")]
    values = []
    for is_precision, threshold, area, limit in lines:
        value = (evaluation.average_precision if is_precision else evaluation.average_recall)(threshold, area, limit)
        what = f"Average {'Precision' if is_precision else 'Recall':<10} {'(AP)' if is_precision else '(AR)'}"
        span = f"{evaluation.thresholds[0]:.2f}:{evaluation.thresholds[-1]:.2f}"
        iou = span if threshold is None else f"{threshold:.2f}"
        print(f" {what:<23} @[ IoU={iou:<9} | area={area:>6s} | maxDets={limit:>3d} ] = {value:0.3f}")
        values.append(value)
    return np.array(values)


def _truths(annotations: Annotations, images: list) -> dict[Any, GroundTruth]:
    regions, areas, (order, slices) = annotations.regions(), annotations.areas(), annotations.by_image()
    columns = np.array(annotations.label, np.int64), regions, np.array(annotations.crowd, bool), areas
    labels, regions, crowd, areas = (_sorted(column, order) for column in columns)
    return {
        image: GroundTruth(labels[part], regions.select(part), crowd[part], areas[part], image)
        for image, part in zip(images, slices, strict=True)
    }


def _detections(found: Results, images: list) -> dict[Any, Detections]:
    regions, scores, (order, slices) = found.regions(), found.scores(), found.by_image()
    columns = np.array(found.label, np.int64), regions, scores, found.areas(regions)
    labels, regions, scores, areas = (_sorted(column, order) for column in columns)
    visible = found.visible_regions()
    visible = visible if visible is None else _sorted(visible, order)
    detections = {}
    for image, part in zip(images, slices, strict=True):
        if part.stop > part.start:
            seen = _seen(visible, part, image, found.name)
            detections[image] = Detections(labels[part], regions.select(part), scores[part], areas[part], image, seen)
    return detections


def _seen(visible: RleRegions | None, part: slice, image: Any, name: str) -> RleRegions | None:
    """The visible parts of one image, if its results say them."""
    said = [] if visible is None else [rle is not None for rle in visible.rles[part]]
    if any(said) and not all(said):
        raise CourseError(f"{name}: detections of image {image}: some have a {VISIBLE}, others have none")
    return visible.select(part) if visible is not None and any(said) else None


def _sorted(column, order: np.ndarray | slice):
    return column[order] if isinstance(column, np.ndarray) else column.select(order)


def _fields(detections: Detections) -> list[dict]:
    """The regions of each detection as fields of a result."""
    fields = _region_fields(detections.regions)
    if detections.visible is None:
        return fields
    visible = [{VISIBLE: field["segmentation"]} for field in _region_fields(detections.visible)]
    return [field | seen for field, seen in zip(fields, visible, strict=True)]


def _region_fields(regions: Regions) -> list[dict]:
    """The fields `segmentation` or `bbox` of each region."""
    if isinstance(regions, BoxRegions):
        corners = regions.corners
        return [{"bbox": box} for box in np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]).tolist()]
    rles = regions.rles if isinstance(regions, RleRegions) else _encode(regions)
    return [{"segmentation": {"size": list(rle["size"]), "counts": _text(rle["counts"])}} for rle in rles]


def _encode(regions: MaskRegions) -> list[dict]:
    return coco_mask.encode(np.asfortranarray(regions.masks.transpose(1, 2, 0).astype(np.uint8)))


def _text(counts: bytes | str) -> str:
    return counts.decode("ascii") if isinstance(counts, bytes) else counts


def _has_box(records: Sequence) -> bool:
    return any(isinstance(record, Mapping) and bool(record.get("bbox")) for record in records)


def _plain(image: Any) -> Any:
    """An image's id as JSON knows it: a number or a text."""
    return image if isinstance(image, str) else int(image)

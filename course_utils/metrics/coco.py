"""The bridge to COCO's files: annotations in, results in and out, and the familiar twelve lines.

Category ids are kept as labels. Boxes are `xywh` in the files and nowhere else. The regions of annotations and results
are their RLEs, as they are.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_utils import masks
from course_utils.errors import CourseError
from course_utils.metrics.evaluation import Evaluation
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.regions import BoxRegions, MaskRegions, Regions, RleRegions, as_regions

KINDS = ("masks", "boxes")
VISIBLE = "visible_segmentation"
"""Field of a result with what can be seen of the object, as in the course's annotations."""


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

    images: dict[int, GroundTruth]
    sizes: dict[int, tuple[int, int]]
    categories: dict[int, str]
    kind: str
    source: str

    @property
    def classes(self) -> list[int]:
        """The category ids, ascending."""
        return list(self.categories)

    def pair(self, found: Mapping[int, Detections]) -> Iterator[tuple[GroundTruth, Detections]]:
        """Each image's truth with what was found on it (nothing, if it is not in `found`), in the order of the ids.

        Raises:
            CourseError: detections of an image that the file does not hold.
        """
        for image in found:
            if image not in self.images:
                raise CourseError(f"{self.source} has no image {image}, but there are detections of it")
        nothing = Detections([], [], [])
        return ((truth, found.get(image, nothing)) for image, truth in self.images.items())


_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError)
"""What fields of a wrong type or length end in."""


def read_truth(source: Path | str | Mapping[str, Any], kind: str = "masks") -> CocoTruth:
    """Read COCO annotations, from a file or from its content.

    Args:
        source: path of the JSON file, or the dictionary it holds.
        kind: "masks" or "boxes".

    Raises:
        CourseError: not a COCO file; ids that occur twice; an annotation without a field, or of an image or category
            that is not there.
    """
    _check_kind(kind)
    content, name = _content(source, "annotations")
    try:
        records = _by_id(content["images"], name, "image")
        sizes = {image: (record["height"], record["width"]) for image, record in records.items()}
        categories = {k: record["name"] for k, record in _by_id(content["categories"], name, "category").items()}
        annotations = list(_by_id(content["annotations"], name, "annotation").values())
        rows = _by_image(annotations, sizes, categories, name)
        images = {image: _truth(rows[image], image, sizes[image], kind) for image in sizes}
    except _MALFORMED as error:
        raise CourseError(f"{name}: not COCO annotations: {type(error).__name__}: {error}") from None
    return CocoTruth(images, sizes, categories, kind, name)


def read_results(source: Path | str | Sequence[Mapping[str, Any]], truth: CocoTruth) -> dict[int, Detections]:
    """Read COCO results, from a file or from its content, as image id -> detections.

    Beside its ``segmentation`` a result may have a ``visible_segmentation``; either all of an image do, or none.

    The area of a detection is that of the region that is judged. pycocotools takes width times height when a result
    carries a box beside its mask, which moves masks into other area ranges than the ground truth.

    Args:
        source: path of the JSON file, or the list it holds.
        truth: the ground truth that the results are about.

    Raises:
        CourseError: not COCO results; a result without a field, or of an image or category that is not there.
    """
    content, name = _content(source, "results")
    try:
        rows = _by_image(content, truth.sizes, truth.categories, name)
        return {image: _detections(rows[image], image, truth) for image in sorted(rows)}
    except _MALFORMED as error:
        raise CourseError(f"{name}: not COCO results: {type(error).__name__}: {error}") from None


def results(found: Mapping[int, Detections]) -> list[dict[str, Any]]:
    """Detections (image id -> detections) as the list that a COCO results file holds."""
    return [
        {"image_id": int(image), "category_id": int(label), "score": float(score), **region}
        for image, detections in found.items()
        for label, score, region in zip(detections.labels, detections.scores, _fields(detections), strict=True)
    ]


def write_results(found: Mapping[int, Detections], path: Path) -> None:
    """Write detections (image id -> detections) as a COCO results file."""
    path.write_text(json.dumps(results(found)), encoding="utf-8")


def summarize(evaluation: Evaluation) -> np.ndarray:
    """Print COCO's twelve lines and return their values (12,), -1 for those without objects.

    Raises:
        CourseError: the evaluation lacks one of COCO's areas, thresholds .50 and .75, or three limits up to 100.
    """
    if len(evaluation.max_detections) != 3:
        raise CourseError(
            f"the summary needs three limits of detections, the evaluation has {evaluation.max_detections}"
        )
    first, second, last = evaluation.max_detections
    lines = [(True, None, "all", 100), (True, 0.5, "all", last), (True, 0.75, "all", last)]
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


def _truth(rows: list[Mapping], image: int, size: tuple[int, int], kind: str) -> GroundTruth:
    return GroundTruth(
        np.array([row["category_id"] for row in rows], np.int64),
        _regions(rows, size, kind, f"ground truth of image {image}"),
        [bool(row.get("iscrowd", 0)) for row in rows],
        [row["area"] for row in rows],
        image,
    )


def _detections(rows: list[Mapping], image: int, truth: CocoTruth) -> Detections:
    regions = _regions(rows, truth.sizes[image], truth.kind, f"detections of image {image}")
    labels = np.array([row["category_id"] for row in rows], np.int64)
    return Detections(labels, regions, [row["score"] for row in rows], None, image, _visible(rows, image, truth))


def _visible(rows: list[Mapping], image: int, truth: CocoTruth) -> Regions | None:
    if truth.kind == "boxes" or not any(VISIBLE in row for row in rows):
        return None
    name = f"detections of image {image}"
    if not all(VISIBLE in row for row in rows):
        raise CourseError(f"{name}: some have a {VISIBLE}, others have none")
    return _regions(rows, truth.sizes[image], truth.kind, name, VISIBLE)


def _regions(rows: list[Mapping], size: tuple[int, int], kind: str, name: str, field: str = "segmentation") -> Regions:
    if kind == "boxes":
        return BoxRegions.from_xywh([row["bbox"] for row in rows], name)
    regions = as_regions([_rle(row, size, name, field) for row in rows], name)
    if regions.frame not in (None, size):
        raise CourseError(f"{name}: its masks are {regions.frame} high and wide, the image {size}")
    return regions


def _rle(row: Mapping, size: tuple[int, int], name: str, field: str) -> Mapping:
    """A segmentation of a record (polygons, plain run lengths, or compressed ones) as a compressed RLE."""
    try:
        return _compressed(row[field], size)
    except Exception as error:  # pycocotools raises a bare Exception
        item = f" {row['id']}" if "id" in row else ""
        what = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
        raise CourseError(f"{name}: the {field} of item{item} cannot be read: {what}") from None


def _compressed(segmentation, size: tuple[int, int]) -> Mapping:
    from pycocotools import mask as coco_mask

    if isinstance(segmentation, list):
        masks.check_polygons(segmentation, *size)
        return coco_mask.merge(coco_mask.frPyObjects(segmentation, *size))
    if isinstance(segmentation["counts"], list):
        return coco_mask.frPyObjects(segmentation, *size)
    return segmentation


def _fields(detections: Detections) -> list[dict]:
    """The regions of each detection as fields of a result."""
    fields = _region_fields(detections.regions)
    if detections.visible is None:
        return fields
    visible = [{VISIBLE: field["segmentation"]} for field in _region_fields(detections.visible)]
    return [field | seen for field, seen in zip(fields, visible, strict=True)]


def _region_fields(regions: Regions) -> list[dict]:
    """The fields `segmentation` or `bbox` of each region."""
    from pycocotools import mask as coco_mask

    if isinstance(regions, BoxRegions):
        corners = regions.corners
        return [{"bbox": box} for box in np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]).tolist()]
    rles = regions.rles if isinstance(regions, RleRegions) else _encode(regions, coco_mask)
    return [{"segmentation": {"size": list(rle["size"]), "counts": _text(rle["counts"])}} for rle in rles]


def _encode(regions: MaskRegions, coco_mask) -> list[dict]:
    return coco_mask.encode(np.asfortranarray(regions.masks.transpose(1, 2, 0).astype(np.uint8)))


def _text(counts: bytes | str) -> str:
    return counts.decode("ascii") if isinstance(counts, bytes) else counts


def _content(source, what: str) -> tuple[Any, str]:
    if not isinstance(source, Path | str):
        return source, what
    try:
        return json.loads(Path(source).read_bytes()), str(source)
    except OSError as error:
        raise CourseError(f"{source}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{source}: not JSON: {error}") from None


def _by_id(records: Sequence[Mapping], name: str, what: str) -> dict[int, Mapping]:
    """Records by their ids, ascending; CourseError when an id occurs twice."""
    found: dict[int, Mapping] = {}
    for record in records:
        if record["id"] in found:
            raise CourseError(f"{name}: {what} id {record['id']} occurs twice; ids must be unique")
        found[record["id"]] = record
    # Annotations keep the order of the file: it decides between equal overlaps.
    return found if what == "annotation" else dict(sorted(found.items()))


def _by_image(rows: Sequence[Mapping], sizes: Mapping, categories: Mapping, name: str) -> dict[int, list[Mapping]]:
    grouped = defaultdict(list)
    for k, row in enumerate(rows):
        if row["image_id"] not in sizes:
            raise CourseError(f"{name}: item {k} is on image {row['image_id']}, which the ground truth does not hold")
        if row["category_id"] not in categories:
            raise CourseError(f"{name}: item {k} has category {row['category_id']}; there are {list(categories)}")
        grouped[row["image_id"]].append(row)
    return grouped


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise CourseError(f"kind is {kind!r}; give one of {', '.join(KINDS)}")

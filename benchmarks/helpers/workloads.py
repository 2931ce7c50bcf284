"""Data sets to measure evaluators on, made by a seed: as arrays, as COCO's dictionaries, or as COCO's files."""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

SIDE = 256
MASK_CLASSES = range(1, 7)

Image = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Masks and labels that are there; masks, labels and scores that were found."""


def discs(centres: np.ndarray, radii: np.ndarray, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """Round masks (N, height, width)."""
    y, x = np.mgrid[:height, :width]
    return np.array([(x - cx) ** 2 + (y - cy) ** 2 < r * r for (cx, cy), r in zip(centres, radii, strict=True)])


def mask_images(count: int, truths: int = 8, detections: int = 10) -> list[Image]:
    """Overlapping discs, and detections that are near most of them."""
    rng, images = np.random.default_rng(0), []
    for _ in range(count):
        centres, radii = rng.uniform(40, SIDE - 40, (truths, 2)), rng.uniform(12, 40, truths)
        labels, meant = rng.choice(MASK_CLASSES, truths), rng.integers(0, truths, detections)
        moved = centres[meant] + rng.normal(0, 3, (detections, 2))
        found = discs(moved, radii[meant] * rng.uniform(0.85, 1.1, detections))
        guessed = np.where(rng.random(detections) < 0.85, labels[meant], rng.choice(MASK_CLASSES, detections))
        images.append((discs(centres, radii), labels, found, guessed, rng.random(detections)))
    return images


def as_coco(images: list[Image]) -> tuple[dict, list[dict]]:
    """Encode all masks: COCO annotations and COCO results."""
    annotations, results = [], []
    for number, (masks, labels, found, guessed, scores) in enumerate(images, 1):
        there, seen = _encode(masks), _encode(found)
        boxes, areas = coco_mask.toBbox(there).tolist(), coco_mask.area(there).tolist()
        for rle, box, area, label in zip(there, boxes, areas, labels.tolist(), strict=True):
            facts = {"id": len(annotations) + 1, "image_id": number, "category_id": label, "iscrowd": 0}
            annotations.append(facts | {"segmentation": rle, "bbox": box, "area": float(area)})
        for rle, label, score in zip(seen, guessed.tolist(), scores.tolist(), strict=True):
            results.append({"image_id": number, "category_id": label, "score": score, "segmentation": rle})
    return _content(len(images), (SIDE, SIDE), annotations, MASK_CLASSES), results


def write_rles(folder: Path, images: int = 500, detections: int = 100, classes: int = 80) -> None:
    """Polygons are there, ragged discs were found, on images of 480 x 640."""
    rng, annotations, results = np.random.default_rng(1), [], []
    for number in range(1, images + 1):
        truths = int(rng.integers(4, 13))
        centres, radii = rng.uniform(0, (640, 480), (truths, 2)), rng.uniform(8, 120, truths)
        labels = rng.integers(1, classes + 1, truths)
        for centre, radius, label in zip(centres, radii, labels.tolist(), strict=True):
            annotations.append(_annotation(len(annotations) + 1, number, label, _outline(rng, centre, radius)))
        meant = rng.integers(0, truths, detections)
        moved = centres[meant] + rng.normal(0, 6, (detections, 2))
        sizes = radii[meant] * rng.uniform(0.7, 1.2, detections)
        seen = [_ragged_disc(rng, *disc) for disc in zip(moved, sizes, strict=True)]
        guessed = np.where(rng.random(detections) < 0.6, labels[meant], rng.integers(1, classes + 1, detections))
        for rle, label, score in zip(seen, guessed.tolist(), _scores(rng, detections), strict=True):
            results.append({"image_id": number, "category_id": label, "score": score, "segmentation": rle})
    _write(folder, _content(images, (480, 640), annotations, range(1, classes + 1)), results)


def write_boxes(folder: Path, images: int = 1000, detections: int = 100, classes: int = 80) -> None:
    """Boxes, on images of 480 x 640."""
    rng, annotations, results = np.random.default_rng(2), [], []
    for number in range(1, images + 1):
        truths = int(rng.integers(1, 15))
        boxes = np.hstack([rng.uniform(0, (520, 360), (truths, 2)), rng.uniform(8, 120, (truths, 2))])
        labels = rng.integers(1, classes + 1, truths)
        for box, label in zip(boxes, labels.tolist(), strict=True):
            outline = _outline(rng, box[:2] + box[2:] / 2, box[2:] / 2)
            facts = {"bbox": box.round(2).tolist(), "area": round(float(box[2] * box[3]), 2)}
            annotations.append(_annotation(len(annotations) + 1, number, label, outline) | facts)
        meant = rng.integers(0, truths, detections)
        sizes = np.tile(boxes[meant, 2:], 2)
        seen = boxes[meant] + rng.normal(0, 0.08, (detections, 4)) * sizes
        guessed = np.where(rng.random(detections) < 0.4, labels[meant], rng.integers(1, classes + 1, detections))
        rows = zip(seen.round(2).tolist(), guessed.tolist(), _scores(rng, detections), strict=True)
        results += [{"image_id": number, "category_id": k, "bbox": box, "score": score} for box, k, score in rows]
    _write(folder, _content(images, (480, 640), annotations, range(1, classes + 1)), results)


def read(folder: Path) -> tuple[dict, list[dict]]:
    """What was written: annotations and results."""
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in files(folder))


def files(folder: Path) -> tuple[Path, Path]:
    """The files that were written: annotations and results."""
    return folder / "truth.json", folder / "results.json"


def _encode(masks: np.ndarray) -> list[dict]:
    return coco_mask.encode(np.asfortranarray(masks.transpose(1, 2, 0).astype(np.uint8)))


def _scores(rng: np.random.Generator, count: int) -> list[float]:
    return rng.random(count).round(4).tolist()  # some are equal


def _outline(rng: np.random.Generator, centre: np.ndarray, radius: np.ndarray) -> list[float]:
    """A polygon of 20 points around an ellipse."""
    angles = np.arange(20) / 20 * 2 * np.pi
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.9, 1.1, (20, 1))
    return np.clip(centre + ring * radius, 0, (640, 480)).round(2).ravel().tolist()


def _ragged_disc(rng: np.random.Generator, centre: np.ndarray, radius: float) -> dict:
    """The RLE of a disc on an image of 480 x 640 whose columns end at random; made as runs, since pixels take long."""
    height, width = 480, 640
    columns = np.arange(max(0, int(centre[0] - radius)), min(width, int(centre[0] + radius) + 1))
    reach = np.sqrt(np.maximum(radius**2 - (columns - centre[0]) ** 2, 0)) + rng.uniform(-1, 1, len(columns))
    top = np.clip(centre[1] - reach, 0, height - 1).astype(int)
    bottom = np.clip(centre[1] + reach, top + 1, height).astype(int)
    edges = np.stack([columns * height + top, columns * height + bottom], axis=1).ravel()
    counts = np.diff(edges, prepend=0, append=height * width).tolist()
    rle = coco_mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    return {"size": [height, width], "counts": rle["counts"].decode()}


def _annotation(number: int, image: int, label: int, outline: list[float]) -> dict:
    x, y = outline[0::2], outline[1::2]
    box = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
    facts = {"id": number, "image_id": image, "category_id": label, "iscrowd": int(number % 97 == 0)}
    return facts | {"bbox": box, "area": 0.8 * box[2] * box[3], "segmentation": [outline]}


def _content(images: int, size: tuple[int, int], annotations: list[dict], classes: range) -> dict:
    records = [{"id": number, "height": size[0], "width": size[1]} for number in range(1, images + 1)]
    categories = [{"id": label, "name": str(label)} for label in classes]
    for annotation in annotations:
        if annotation["iscrowd"] and isinstance(annotation["segmentation"], list):
            annotation["segmentation"] = _uncompressed(annotation["segmentation"], size)
    return {"images": records, "annotations": annotations, "categories": categories}


def _uncompressed(polygons: list[list[float]], size: tuple[int, int]) -> dict:
    """Crowds are run lengths in COCO's files."""
    from course_utils import masks

    return {"size": list(size), "counts": masks.run_lengths(masks.from_polygons(polygons, *size))}


def _write(folder: Path, truth: dict, results: list[dict]) -> None:
    folder.mkdir(parents=True)
    for path, content in zip(files(folder), (truth, results), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")

"""A small set to practise on that is not food: drawn leaves on soil, whole outlines and visible parts exact."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from course_utils.dataset.outlines import outline_of
from course_utils.files import replacing

SIZE = 256
SPLITS = {"train": 48, "val": 16}
_FINER = 4
"""Leaves are drawn so many times finer, so that their borders are soft and their masks right to half a pixel."""
_SMALLEST_SEEN = 0.25
"""No leaf is hidden further than to this share."""


@dataclass(frozen=True)
class Kind:
    """One class: its name, half its width along the midrib from 0 to 1, the number of veins, and its colours RGB."""

    name: str
    half_width: Callable[[np.ndarray], np.ndarray]
    veins: int
    colours: tuple[tuple[int, int, int], ...]


KINDS = (
    Kind("lancet", lambda t: 0.13 * np.sin(np.pi * t) ** 0.9, 9, ((92, 128, 58), (122, 140, 62), (150, 150, 76))),
    Kind("round", lambda t: 0.36 * np.sin(np.pi * t**0.8) ** 0.6, 5, ((64, 112, 64), (176, 140, 52), (110, 132, 60))),
    Kind(
        "lobed",
        lambda t: 0.27 * np.sin(np.pi * t) ** 0.6 * (1 + 0.33 * np.cos(9 * np.pi * t)),
        4,
        ((150, 84, 44), (170, 108, 48), (132, 70, 48)),
    ),
)


def write_leaves(folder: Path, seed: int = 0) -> dict[str, int]:
    """Draw the set into a folder laid out as the course's own: annotations/SPLIT.json, images/SPLIT.

    Args:
        folder: is made. seed: the same one gives the same pixels.

    Returns:
        For each split its number of photos.

    Raises:
        OSError: the disk or the folder refuses.
    """
    for number, (split, count) in enumerate(SPLITS.items()):
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
        for k in range(1, count + 1):
            pixels, leaves = draw(np.random.default_rng((seed, number, k)))
            name = f"{split}/{k:03d}.jpg"
            Image.fromarray(pixels).save(folder / "images" / name, quality=90)
            images.append({"id": k, "file_name": name, "height": SIZE, "width": SIZE})
            annotations += _annotations(leaves, k, len(annotations) + 1)
        coco = {
            "info": {"description": f"drawn leaves, split {split}, seed {seed}"},
            "images": images,
            "categories": [{"id": k, "name": kind.name} for k, kind in enumerate(KINDS, 1)],
            "annotations": annotations,
        }
        path = folder / "annotations" / f"{split}.json"
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as beside:
            beside.write_text(json.dumps(coco, separators=(",", ":")) + "\n", encoding="utf-8")
    return SPLITS


Leaf = tuple[int, np.ndarray]
"""Label, and whole mask ``(SIZE, SIZE) bool``."""


def draw(rng: np.random.Generator) -> tuple[np.ndarray, list[Leaf]]:
    """A photo ``(SIZE, SIZE, 3) uint8`` and its leaves, the lowest first."""
    picture = _soil(rng)
    leaves: list[Leaf] = []
    wanted = int(rng.integers(3, 8))
    for _ in range(40):
        if len(leaves) == wanted:
            break
        label = int(rng.integers(len(KINDS)))
        points, axis = _outline(KINDS[label], rng)
        cover = _cover(points)
        mask = np.asarray(cover) >= 128
        if _all_are_seen([one for _, one in leaves] + [mask]):
            picture = _laid(picture, KINDS[label], points, axis, cover, rng)
            leaves.append((label + 1, mask))
    return np.asarray(picture), leaves


def _all_are_seen(whole: list[np.ndarray]) -> bool:
    above = np.zeros((SIZE, SIZE), bool)
    for mask in reversed(whole):
        if (mask & ~above).sum() < _SMALLEST_SEEN * mask.sum():
            return False
        above |= mask
    return True


def _soil(rng: np.random.Generator) -> Image.Image:
    base = np.array(rng.choice([(96, 78, 60), (120, 112, 98), (74, 66, 56)]), float)
    coarse, fine = (rng.normal(size=(side, side)) for side in (16, 128))
    large, small = (
        weight * np.asarray(Image.fromarray(noise.astype(np.float32)).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        for noise, weight in ((coarse, 9), (fine, 8))
    )
    return Image.fromarray(np.clip(base + (large + small)[..., None], 0, 255).astype(np.uint8))


def _outline(kind: Kind, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The border of a leaf ``(N, 2)`` and its bent midrib ``(M, 2)``, x and y in pixels; wholly in the photo."""
    along = np.linspace(0, 1, 80)
    length, turn, bend = rng.uniform(80, 140), rng.uniform(0, 2 * math.pi), rng.uniform(-0.5, 0.5)
    width = kind.half_width(along) * rng.uniform(0.9, 1.1)
    angles = turn + bend * (along - 0.5)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    axis = np.cumsum(directions, axis=0) / len(along)
    across = np.stack([-directions[:, 1], directions[:, 0]], axis=1) * width[:, None]
    points = np.concatenate([axis + across, (axis - across)[::-1]]) * length
    low, high = points.min(axis=0), points.max(axis=0)
    corner = rng.uniform(4 - low, SIZE - 4 - high)
    return points + corner, axis * length + corner


def _cover(points: np.ndarray) -> Image.Image:
    """How much of each pixel a polygon covers, 0 to 255."""
    fine = Image.new("L", (SIZE * _FINER,) * 2)
    ImageDraw.Draw(fine).polygon([tuple(point) for point in points * _FINER], fill=255)
    return fine.resize((SIZE, SIZE), Image.Resampling.BOX)


def _laid(
    picture: Image.Image, kind: Kind, points: np.ndarray, axis: np.ndarray, cover: Image.Image, rng: np.random.Generator
) -> Image.Image:
    """The photo with a leaf on top, its shadow below it."""
    shadow = Image.fromarray(np.roll(np.asarray(cover), (3, 3), (0, 1))).filter(ImageFilter.GaussianBlur(3))
    picture = Image.composite(Image.new("RGB", picture.size), picture, shadow.point(lambda value: value * 0.45))
    colour = np.array(kind.colours[rng.integers(len(kind.colours))]) + rng.normal(0, 8, 3)
    surface = Image.fromarray(np.clip(colour + rng.normal(0, 5, (SIZE, SIZE, 1)), 0, 255).astype(np.uint8))
    veins = Image.new("L", (SIZE * _FINER,) * 2)
    pen = ImageDraw.Draw(veins)
    pen.line([tuple(point) for point in axis * _FINER], fill=150, width=6)
    sides = points[: len(axis)], points[len(axis) :][::-1]
    for at in np.linspace(10, 66, kind.veins).astype(int):
        for side in sides:
            tip = min(at + 8, len(axis) - 1)
            pen.line([tuple(axis[at] * _FINER), tuple(side[tip] * _FINER)], fill=110, width=4)
    light = Image.new("RGB", picture.size, tuple(np.clip(colour * 1.5 + 30, 0, 255).astype(int).tolist()))
    surface = Image.composite(light, surface, veins.resize(picture.size, Image.Resampling.BOX))
    return Image.composite(surface, picture, cover)


def _annotations(leaves: list[Leaf], image: int, first: int) -> list[dict[str, Any]]:
    found = []
    for k, (label, whole) in enumerate(leaves):
        upper = [mask for _, mask in leaves[k + 1 :]]
        visible = whole & ~np.any(upper, axis=0) if upper else whole
        outline, seen = outline_of(whole), outline_of(visible)
        rles = [one.record for one in (outline, seen)]
        facts = {"id": first + k, "image_id": image, "category_id": label, "iscrowd": 0}
        measures = {"segmentation": rles[0], "bbox": list(outline.box), "area": outline.area}
        hiders = [first + k + 1 + j for j in range(len(upper)) if _hides(j, whole, upper)]
        depth = {"depth_order": len(leaves) - k, "occluded_by": hiders}
        rate = {"occlusion_rate": round(1 - seen.area / outline.area, 4)}
        found.append(facts | measures | {"visible_segmentation": rles[1], "visible_area": seen.area} | rate | depth)
    return found


def _hides(j: int, whole: np.ndarray, upper: list[np.ndarray]) -> bool:
    """Whether the j-th of the leaves above is what one sees at some pixel of a leaf."""
    above = np.any(upper[j + 1 :], axis=0) if upper[j + 1 :] else False
    return bool((whole & upper[j] & ~above).any())

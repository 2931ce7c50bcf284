"""One picture of the wider world: drawn, looked at, described, and photographed."""

from dataclasses import dataclass, replace

import numpy as np

from course_utils import masks
from course_utils.synthetic.annotation import describe_pieces
from course_utils.synthetic.camera import Camera
from course_utils.synthetic.layout import Piece
from course_utils.synthetic.tracing import Tracer, Views, views
from course_utils.synthetic.wide.layout import KINDS, WideLayout, draw_layout, frame
from course_utils.synthetic.wide.part import Part, joined
from course_utils.synthetic.wide.world import World

_LOOKS = 4  # cameras tried before all is drawn anew
_FEWEST = 40  # pixels of a photo of 320: a piece of which less is seen is not annotated


@dataclass(frozen=True)
class Sight:
    """The pieces that are annotated, and their masks, cut off at the photo's border; no masks without pieces."""

    pieces: list[Piece]
    views: Views | None


def draw_picture(
    to_lay: np.random.Generator, world: World, index: int, prefix: str, size: int
) -> tuple[WideLayout, Sight]:
    """The layout of picture `index` (from 1), drawn until it holds, and what is seen of it."""
    kind = KINDS[(index - 1) % len(KINDS)]
    while True:
        layout = draw_layout(to_lay, world, kind, prefix)
        if layout is None:
            continue
        for _ in range(_LOOKS):
            sight = look_around(layout, size)
            if kind == "empty" or _holds(sight):
                return layout, sight
            layout = replace(layout, camera=frame(to_lay, layout.stance, layout.pieces, layout.carrier))


def _holds(sight: Sight) -> bool:
    seen = sight.views
    return seen is not None and seen.depth_order() is not None and seen.occlusion.min() < 0.5


def look_around(layout: WideLayout, size: int) -> Sight:
    """Masks of the pieces, hidden also by all other things; of which too little is seen, counts among those."""
    if not layout.pieces or layout.carrier is None:
        return Sight([], None)
    parts = [*layout.carrier.parts, *layout.parts]
    others = _depth(parts, layout.camera, size)
    depths = np.stack([piece.tracer.depth(layout.camera, size, piece.pose) for piece in layout.pieces])
    enough = views(depths, others).visible.sum(axis=(1, 2)) >= _FEWEST * (size / 320) ** 2
    if not enough.any():
        return Sight([], None)
    others = np.minimum(others, depths[~enough].min(axis=0, initial=np.inf))
    pieces = [piece for piece, kept in zip(layout.pieces, enough, strict=True) if kept]
    return Sight(pieces, views(depths[enough], others))


def _depth(parts: list[Part], camera: Camera, size: int) -> np.ndarray:
    whole = joined(parts)
    return Tracer(whole.vertices, whole.faces).depth(camera, size)


def describe(layout: WideLayout, sight: Sight, size: int) -> tuple[dict, list[dict]]:
    """The picture's own facts and its annotations, as in `synthetic.annotation`."""
    camera, carrier = layout.camera, layout.carrier
    facts = {
        "width": size,
        "height": size,
        "scenario": _scenario(sight),
        "px_per_cm": round(camera.pixels_per_cm(size, carrier.rim if carrier else 0.0), 4),
        "camera_height_cm": round(float(camera.origin[2]), 2),
        "camera_tilt_deg": round(camera.tilt_degrees, 2),
    }
    if carrier and carrier.diameter:
        outline = np.isfinite(_depth(carrier.parts, camera, size))
        facts |= {"plate_diameter_cm": round(carrier.diameter, 3), "plate_segmentation": masks.encode(outline)}
    return facts, describe_pieces(sight.pieces, sight.views) if sight.views else []


def _scenario(sight: Sight) -> str:
    if sight.views is None:
        return "empty"
    return "occluded" if sight.views.occlusion.max() > 0.01 else "non_occluded"

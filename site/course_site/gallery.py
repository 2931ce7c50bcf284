"""A few plates with all that is known of them, to be switched on and off in the page."""

import html
import json
import shutil
from pathlib import Path

import numpy as np
from skimage.measure import approximate_polygon

from course_utils import masks
from course_utils.dataset import load
from course_utils.dataset.scene import Scene
from course_utils.paths import data_dir
from course_utils.plots.style import class_colour
from course_utils.translation.say import N_, _

# Heaps from easy to hard, then a plate on which nothing is hidden.
PLATES = (
    ("test_occluded", 12),
    ("test_occluded", 30),
    ("test_occluded", 47),
    ("test_occluded", 66),
    ("test_occluded", 8),
    ("test_non_occluded", 105),
)


_LAYERS = {
    "outlines": N_("Outlines"),
    "hidden": N_("Hidden parts"),
    "order": N_("Depth order"),
    "names": N_("Names"),
    "grams": N_("Weights"),
}
"""What can be switched on, by the name that the page's script knows it by."""


def switches() -> str:
    """A button for each layer; a page without scripts shows none."""
    buttons = "\n".join(
        f'<button type="button" data-layer="{layer}" aria-pressed="false">{html.escape(_(words))}</button>'
        for layer, words in _LAYERS.items()
    )
    hidden = "<noscript><style>.plate-switches { display: none }</style></noscript>"
    return f'<div class="plate-switches">\n{buttons}\n</div>\n{hidden}'


def gallery(pictures: Path, address: str) -> str:
    """The plates as HTML.

    Args:
        pictures: folder that the photos are copied to. address: of the folder, as seen from the page.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    plates = "\n".join(_plate(split, number, pictures, address) for split, number in PLATES)
    return f'<div class="plates">\n{plates}\n</div>'


def _plate(split: str, number: int, pictures: Path, address: str) -> str:
    scene = next(scene for scene in load(split) if scene.id == number)
    name = f"{split}_{number:05}.jpg"
    shutil.copyfile(data_dir() / "images" / scene.file_name, pictures / name)
    words = _words(scene)
    height, width = scene.size
    facts = json.dumps([_piece(scene, k) for k in _from_behind(scene)], separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="plate" data-width="{width}" data-height="{height}">'
        f'<div class="plate-stage"><img src="{address}/{name}" alt="{html.escape(words)}" width="{width}" '
        f'height="{height}" loading="lazy"></div>'
        f"<figcaption>{_('{split}, plate {number}').format(split=split, number=number)}</figcaption>"
        f'<script type="application/json">{facts}</script>{_table(scene)}</figure>'
    )


def _from_behind(scene: Scene) -> list[int]:
    return sorted(range(len(scene.instances)), key=lambda k: -scene.instances[k].depth_order)


def _piece(scene: Scene, k: int) -> dict:
    """What the page's script draws of a piece."""
    piece = scene.instances[k]
    ys, xs = np.nonzero(scene.visible_masks[k])
    middle = [round(float(xs.mean()), 1), round(float(ys.mean()), 1)]
    return {
        "name": piece.name,
        "colour": class_colour(piece.name),
        "whole": _paths(scene.masks[k]),
        "hidden": _paths(scene.masks[k] & ~scene.visible_masks[k]),
        "middle": middle,
        "order": piece.depth_order,
        "grams": round(piece.weight_g),
        "share": round(100 * piece.occlusion_rate),
    }


def _paths(mask: np.ndarray) -> str:
    """Outlines of a mask as the data of an SVG path, good to about half a pixel."""
    commands = []
    for polygon in masks.to_polygons(mask):
        corners = approximate_polygon(np.reshape(polygon, (-1, 2)), tolerance=0.5)
        if len(corners) > 3:
            commands.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z")
    return "".join(commands)


def _words(scene: Scene) -> str:
    names = [piece.name for piece in scene.instances]
    counted = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(sorted(names)))
    hidden = sum(piece.occlusion_rate > 0.01 for piece in scene.instances)
    words = _("A plate from above with {pieces}; {hidden} of {count} pieces are partly hidden.")
    return words.format(pieces=counted, hidden=hidden, count=len(names))


def _table(scene: Scene) -> str:
    rows = "".join(
        f"<tr><td>{p.depth_order}</td><td>{p.name}</td><td>{p.weight_g:.0f} g</td><td>{p.occlusion_rate:.0%}</td></tr>"
        for p in sorted(scene.instances, key=lambda piece: piece.depth_order)
    )
    titles = "".join(f"<th>{title}</th>" for title in (_("order"), _("food"), _("grams"), _("hidden")))
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<details><summary>{_('As a table')}</summary>{table}</details>"

"""Rendering a whole split: which picture is drawn from which seed, on all cores."""

from collections import deque
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from tqdm import tqdm

from course_utils.dataset.classes import CLASSES
from course_utils.synthetic.annotation import describe_image, describe_pieces
from course_utils.synthetic.layout import (
    Layout,
    is_promised,
    look,
    make_piece,
    occluded_layout,
    open_layout,
    weighing_layout,
)
from course_utils.synthetic.memory import keep_memory
from course_utils.synthetic.pairs import PICTURES, draw_pair
from course_utils.synthetic.rendering import render
from course_utils.synthetic.wide.picture import describe, draw_picture
from course_utils.synthetic.wide.scene import take_photo
from course_utils.synthetic.wide.world import FOREIGN, STREAM, World
from course_utils.synthetic.writer import SplitWriter

WEIGHING_POSITIONS = 10


@dataclass(frozen=True)
class Split:
    """How a split is made.

    Attributes:
        number: keeps its seeds apart from those of other splits, so that no two share a piece.
        occluded, open: how many heaped and how many laid-out plates it has. size: of its pictures, pixels.
        weighing: photos of single pieces, for a split of those.
        world, wide: the wider world that a split draws from instead of the first kitchen, and how many pictures.
        pairs: pictures in pairs that differ in one thing, for a split of those.
    """

    number: int
    occluded: int
    open: int
    size: int
    weighing: int = 0
    world: World | None = None
    wide: int = 0
    pairs: int = 0

    @property
    def count(self) -> int:
        """Pictures in all."""
        return self.occluded + self.open + self.weighing + self.wide + self.pairs


SPLITS = {
    "train": Split(1, 600, 300, 320),
    "val": Split(2, 50, 50, 320),
    "test_occluded": Split(3, 150, 0, 320),
    "test_non_occluded": Split(4, 0, 150, 320),
    "weighing": Split(5, 0, 0, 192, weighing=len(CLASSES) * 12 * WEIGHING_POSITIONS),
    "stream": Split(6, 0, 0, 320, world=STREAM, wide=3000),
    "test_foreign": Split(7, 0, 0, 320, world=FOREIGN, wide=60),
    "pairs": Split(8, 0, 0, 320, pairs=PICTURES),
}


def make_layout(split: str, index: int, seed: int, count: int, size: int) -> tuple[Layout, np.random.Generator]:
    """The layout of picture `index` (from 1) of `count`, and the generator that lights it.

    The same arguments give the same pieces, weights and poses, whichever worker draws them. What a small preview
    promised may fail at full size by a few pixels; then the picture is drawn anew.
    """
    spec = SPLITS[split]
    to_lay, to_light = (np.random.default_rng(s) for s in np.random.SeedSequence([seed, spec.number, index]).spawn(2))
    if spec.weighing:
        item = (index - 1) // WEIGHING_POSITIONS
        name = CLASSES[item * len(CLASSES) * WEIGHING_POSITIONS // spec.weighing % len(CLASSES)]
        own = np.random.default_rng(np.random.SeedSequence([seed, spec.number, 0, item]))
        return weighing_layout(to_lay, make_piece(name, f"{split}-{item + 1:03d}-{name}", own)), to_light
    heaped = index <= round(count * spec.occluded / spec.count)
    make = occluded_layout if heaped else open_layout
    while True:
        layout = make(to_lay, f"{split}-{index:05d}")
        seen = look(layout.pieces, layout.camera, size)
        if is_promised(seen, size) and (heaped or seen.occlusion.max() <= 0.01):
            return layout, to_light


def render_picture(writer: SplitWriter, index: int, seed: int, count: int, size: int) -> None:
    """Draw one picture and store it with its annotations."""
    keep_memory()  # here, as it holds for one process, and on a cluster only this function runs in the workers
    if SPLITS[writer.split].world:
        writer.add(index, *wide_picture(writer.split, index, seed, size))
        return
    if SPLITS[writer.split].pairs:
        writer.add(index, *pair_picture(writer.split, index, seed, size))
        return
    layout, to_light = make_layout(writer.split, index, seed, count, size)
    seen = look(layout.pieces, layout.camera, size)
    photo = render(layout, to_light, size)
    writer.add(index, photo, describe_image(layout, size), describe_pieces(layout.pieces, seen))


def wide_picture(split: str, index: int, seed: int, size: int) -> tuple[np.ndarray, dict, list[dict]]:
    """Photo, facts and annotations of a picture of the wider world; it does not depend on how many there are."""
    spec = SPLITS[split]
    if spec.world is None:
        raise ValueError(f"the split {split} is not drawn from the wider world")
    to_lay, to_light = (np.random.default_rng(s) for s in np.random.SeedSequence([seed, spec.number, index]).spawn(2))
    layout, sight = draw_picture(to_lay, spec.world, index, f"{split}-{index:05d}", size)
    return take_photo(layout, spec.world, to_light, size), *describe(layout, sight, size)


def pair_picture(split: str, index: int, seed: int, size: int) -> tuple[np.ndarray, dict, list[dict]]:
    """Photo, facts and annotations of a picture of the pairs; both of a pair are drawn from the same seeds."""
    seeds = np.random.SeedSequence([seed, SPLITS[split].number, (index + 1) // 2]).spawn(3)
    *streams, to_light = (np.random.default_rng(s) for s in seeds)
    layout, parts, seen = draw_pair(index, streams, f"{split}-{index:05d}", size)
    photo = render(layout, to_light, size, parts=parts)
    return photo, describe_image(layout, size), describe_pieces(layout.pieces, seen)


def render_split(
    folder: Path, split: str, seed: int, command: str, count: int | None = None, jobs: int = -1, size: int | None = None
) -> Path:
    """Render the pictures of a split that are not yet there; the path of its COCO file.

    Runs through joblib: inside `joblib.parallel_config("dask")` or `("ray")` a cluster does the work, if all of its
    machines see the folder.

    Args:
        folder: of the data set. split: one of SPLITS. seed: of everything random.
        command: how to make it again, for the file's own record.
        count, size: other than the split's own, for trying out. jobs: processes; -1 is one a core.
    """
    spec = SPLITS[split]
    count, size = count or spec.count, size or spec.size
    writer = SplitWriter(folder, split)
    writer.recover()
    missing = [index for index in range(1, count + 1) if not writer.is_done(index)]
    work = (delayed(render_picture)(writer, index, seed, count, size) for index in missing)
    bar = partial(tqdm, desc=split, total=count, initial=count - len(missing), unit="picture")
    try:
        if get_active_backend()[0].supports_return_generator:
            deque(bar(Parallel(n_jobs=jobs, return_as="generator_unordered")(work)), maxlen=0)
        else:  # Ray's: the bar then counts pictures that were handed out
            Parallel(n_jobs=jobs)(bar(work))
    finally:
        # Also after Ctrl-C or an error: what is done is kept.
        path = writer.finish(seed, command)
    return path

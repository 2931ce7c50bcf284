"""A split: all scenes of one COCO file, read one at a time."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from course_utils.dataset.scene import Scene
from course_utils.errors import CourseError
from course_utils.paths import data_dir


class Split(Sequence[Scene]):
    """Scenes in the order of their ids. Each access makes the scene anew, so that memory stays with one photo."""

    def __init__(self, content: dict, folder: Path, source: str):
        """`content` is a COCO file's, `folder` that of the photos, `source` the file's name for messages."""
        self._images = sorted(content["images"], key=lambda image: image["id"])
        self._annotations = defaultdict(list)
        for annotation in content["annotations"]:
            self._annotations[annotation["image_id"]].append(annotation)
        self._folder, self.source = folder, source

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self._images)

    @overload
    def __getitem__(self, index: int) -> Scene: ...
    @overload
    def __getitem__(self, index: slice) -> list[Scene]: ...
    def __getitem__(self, index: int | slice) -> Scene | list[Scene]:
        """The scene at a position (not of an id), or a list of them."""
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        image = self._images[index]
        return Scene(image, self._annotations[image["id"]], self._folder, self.source)

    def __iter__(self) -> Iterator[Scene]:
        """All scenes, one after the other."""
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        """File and number of scenes."""
        return f"Split({self.source!r}, {len(self)} scenes)"


def load(split: str, folder: Path | None = None) -> Split:
    """The scenes of a split: "train", "val", "test_occluded", "test_non_occluded" or "weighing".

    Args:
        split: its name. folder: of a data set laid out as the course's own, which is the default.

    Raises:
        CourseError: there is no such split, or its file cannot be read.
    """
    folder = folder or data_dir()
    path = folder / "annotations" / f"{split}.json"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.json"))) or "none"
        raise CourseError(f"{path}: there is no split {split!r}; there are: {known}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Split(content, folder / "images", path.name)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CourseError(f"{path}: not a COCO file: {type(error).__name__}: {error}") from None

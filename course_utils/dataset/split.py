"""A split: all scenes of one COCO file, read one at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from course_utils.dataset.annotations import AnnotationFile
from course_utils.dataset.scene import Scene
from course_utils.errors import CourseError
from course_utils.paths import data_dir


class Split(Sequence[Scene]):
    """Scenes in the order of their ids. Each access makes the scene anew, so that memory stays with one photo.

    Attributes:
        file: what was read. source: its name. amodal: whether it knows whole outlines; otherwise visible ones stand in.
    """

    def __init__(self, file: AnnotationFile):
        """``file``: without errors in its records; its outlines are looked at when they are asked for."""
        self.file = file
        self._images = sorted(file.images, key=lambda image: image["id"])
        self.source, self.amodal = file.path.name, file.amodal

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
        photo = self.file.photos.where(image["file_name"])
        return Scene(image, self.file.annotations_of(image["id"]), photo, self.source, self.amodal)

    def __iter__(self) -> Iterator[Scene]:
        """All scenes, one after the other."""
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        """File and number of scenes."""
        return f"Split({self.source!r}, {len(self)} scenes{'' if self.amodal else ', visible masks only'})"


def annotation_file(split: str, folder: Path | None = None) -> Path:
    """The COCO file of a split, as it is or compressed (``.json.gz``).

    Args:
        split: its name. folder: of a data set laid out as the course's own, which is the default.

    Raises:
        CourseError: there is no such split.
    """
    annotations = (folder or data_dir()) / "annotations"
    path = next((p for end in ("json", "json.gz") if (p := annotations / f"{split}.{end}").exists()), None)
    if path is None:
        known = ", ".join(split_names(annotations)) or "none"
        raise CourseError(f"{annotations / split}.json: there is no split {split!r}; there are: {known}")
    return path


def split_names(annotations: Path) -> list[str]:
    """Names of the splits whose COCO files lie in a folder, sorted."""
    return sorted({file.name.split(".json")[0] for end in ("json", "json.gz") for file in annotations.glob(f"*.{end}")})


def load(split: str, folder: Path | None = None) -> Split:
    """The scenes of a split.

    The course has "train", "val", "test_occluded", "test_non_occluded", "test_foreign", "weighing" and "pairs".

    Args:
        split: its name: that of a COCO file in ``annotations``, plain or like the course's own, without its ending.
        folder: of a data set laid out as the course's own, which is the default.

    Raises:
        CourseError: there is no such split, or its file has errors; `course data check` lists them.
    """
    file = AnnotationFile(annotation_file(split, folder))
    file.insist()
    return Split(file)

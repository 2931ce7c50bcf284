"""Where the photos of an annotation file lie, and which file a name means."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

_LOOKED_AT = 40
"""So many names tell where the photos are."""


class PhotoFolder:
    """The folder of the photos of a COCO file.

    A name that no file has as it stands may differ in capitals, in the kind of its slashes, or in how its accents are
    written; it means a file if exactly one fits.
    """

    def __init__(self, path: Path, names: Sequence[str], images: Path | None = None):
        """``path``: of the COCO file. ``names``: that it gives its photos. ``images``: the folder, if it was named."""
        self.path, self.images = path, images
        self._known: dict[Path, dict[str, list[str]]] = {}
        some = names[:: max(1, len(names) // _LOOKED_AT)]
        folders = [images] if images else list(candidates(path))
        # The first of those that hold the most.
        self.folder = max(folders, key=lambda folder: sum(self._in(folder, name) is not None for name in some))

    def find(self, name: str) -> Path | None:
        """The file that a name means, None if there is none, or if several fit equally well."""
        return self._in(self.folder, name)

    def where(self, name: str) -> Path:
        """The file that a name means; where it should be, if there is none."""
        return self.find(name) or self.folder / name

    @cached_property
    def hint(self) -> str:
        """What to do where photos were not found."""
        return f"below {self.folder}; give their folder with --images"

    def _in(self, folder: Path, name: str) -> Path | None:
        path = folder / name
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            return None  # too long, or not to be encoded
        for part in name.replace("\\", "/").split("/"):
            exact = folder / part
            fitting = [exact] if exact.exists() else [folder / one for one in self._alike(folder, part)]
            if len(fitting) != 1:
                return None
            folder = fitting[0]
        return folder if folder.is_file() else None

    def _alike(self, folder: Path, name: str) -> list[str]:
        if folder not in self._known:
            self._known[folder] = defaultdict(list)
            if folder.is_dir():
                for path in folder.iterdir():
                    self._known[folder][_plain(path.name)].append(path.name)
        return self._known[folder].get(_plain(name), [])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def candidates(path: Path) -> Iterator[Path]:
    """Folders where the photos of a COCO file usually are, the likeliest first: the layouts of the common tools."""
    own, above = path.parent, path.parent.parent
    words = path.name.split(".")[0]  # "instances_val2017" is about the photos in val2017
    splits = [words, words.partition("_")[2]]
    if own.name == "annotations":
        yield above / "images"
        yield from (above / "images" / split for split in splits if split)  # CVAT's, YOLO's
        yield from (above / split for split in splits if split)  # COCO's
    yield own
    yield own / "images"
    yield own / "data"  # FiftyOne's
    yield from (own / split for split in splits if split)
    yield from (own / "images" / split for split in splits if split)
    yield above / "images"
    yield above

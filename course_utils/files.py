"""Files that are never half written."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; when the block ends well, that file takes the place of ``path``.

    Whatever happens, a kill and a full disk too, the old file is there or the new one, never half of one.

    Raises:
        OSError: the disk or the folder refuses.
    """
    # The start of the name only: a whole one may be as long as a name can be.
    beside = path.with_name(f"{path.name[:40]}.partial")
    try:
        yield beside
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink()


def make_writable(folder: Path) -> None:
    """Make the folder if it is missing, and find out whether it takes files before any time is spent on them.

    Raises:
        OSError: it cannot be made, or takes none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()

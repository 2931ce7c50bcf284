"""Files of a run that are never half written: checkpoints, weights, the two logs."""

import csv
import errno
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from course_utils.errors import CourseError
from course_utils.files import replacing


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """`course_utils.files.replacing` in a folder that need not exist yet.

    Raises:
        CourseError: the disk is full or refuses; what was at ``path`` is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            yield beside
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError of its archive writer.
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "PytorchStreamWriter" in str(error)
        reason = "the disk is full" if full else str(error).splitlines()[0]
        raise CourseError(f"{path}: cannot be written: {reason}; the last good one is kept") from error


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint of tensors and plain values."""
    with whole(path) as beside:
        torch.save(state, beside)


def load_state(path: Path) -> dict[str, Any]:
    """Read a checkpoint; only tensors and plain values are accepted, so a file from a stranger runs no code.

    Raises:
        CourseError: it cannot be read.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(f"{path}: cannot be read as a checkpoint: {reason}; start anew in another folder") from error


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a dictionary as readable JSON."""
    with whole(path) as beside:
        beside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


class Log:
    """A CSV file that grows by a row at a time; its first column is "step"."""

    def __init__(self, path: Path, resume_at: int):
        """Open or go on; rows of steps after ``resume_at`` were lost with the crash and are dropped."""
        self.path = path
        rows, cut_short = _read_rows(path)
        try:
            kept = [row for row in rows if int(row["step"]) <= resume_at]
        except (KeyError, TypeError, ValueError):
            raise CourseError(f"{path}: is no log of a training run; move it away or choose another folder") from None
        if (rows and cut_short) or len(kept) < len(rows):
            with whole(path) as beside:
                _write_rows(beside, kept, "w")
        elif rows == [] and path.exists():
            path.unlink()

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row.

        Raises:
            CourseError: it cannot be written.
        """
        try:
            _write_rows(self.path, [row], "a")
        except OSError as error:
            raise CourseError(f"{self.path}: cannot be written: {error.strerror}") from error


def _write_rows(path: Path, rows: Sequence[Mapping[str, Any]], mode: str) -> None:
    with open(path, mode, newline="", encoding="utf-8") as file:
        if rows:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            if file.tell() == 0:
                writer.writeheader()
            writer.writerows(rows)


def read_log(path: Path) -> list[dict[str, str]]:
    """All whole rows of a log, compressed or not, or none; a row that a kill cut short is left out.

    Raises:
        CourseError: it cannot be read.
    """
    return _read_rows(path)[0]


def _read_rows(path: Path) -> tuple[list[dict[str, str]], bool]:
    """The whole rows, and whether one that was cut short follows them."""
    if not path.exists():
        return [], False
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: cannot be read as a log: {error}") from None
    end = text.rfind("\n") + 1
    return list(csv.DictReader(text[:end].splitlines())), end < len(text)

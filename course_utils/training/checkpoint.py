"""Files of a run that are never half written: checkpoints, weights, the two logs."""

import csv
import errno
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from course_utils.errors import CourseError


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have ``write`` fill a file beside ``path``, then put it in its place: a kill leaves the old one or the new one.

    Raises:
        CourseError: the disk is full or refuses; what was at ``path`` is still there.
    """
    beside = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError of its archive writer.
        with suppress(OSError):
            beside.unlink()
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "PytorchStreamWriter" in str(error)
        reason = "the disk is full" if full else str(error).splitlines()[0]
        raise CourseError(f"{path}: cannot be written: {reason}; the last good one is kept") from error


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint of tensors and plain values."""
    write_whole(path, lambda beside: torch.save(state, beside))


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
    write_whole(path, lambda beside: beside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8") and None)


class Log:
    """A CSV file that grows by a row at a time; its first column is "step"."""

    def __init__(self, path: Path, resume_at: int):
        """Open or go on; rows of steps after ``resume_at`` were lost with the crash and are dropped."""
        self.path = path
        rows = read_log(path)
        try:
            kept = [row for row in rows if int(row["step"]) <= resume_at]
        except (KeyError, TypeError, ValueError):
            raise CourseError(f"{path}: is no log of a training run; move it away or choose another folder") from None
        cut_short = bool(rows) and not path.read_bytes().endswith(b"\n")
        if cut_short or len(kept) < len(rows):
            write_whole(path, lambda beside: _write_rows(beside, kept, "w"))
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


def _write_rows(path: Path, rows: list[Mapping[str, Any]], mode: str) -> None:
    with open(path, mode, newline="", encoding="utf-8") as file:
        if rows:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            if file.tell() == 0:
                writer.writeheader()
            writer.writerows(rows)


def read_log(path: Path) -> list[dict[str, str]]:
    """All whole rows of a log, or none; a row that a kill cut short is left out.

    Raises:
        CourseError: it cannot be read.
    """
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: cannot be read as a log: {error}") from None
    whole = text[: text.rfind("\n") + 1]
    return list(csv.DictReader(whole.splitlines()))

"""What a lesson's source says of itself."""

import re
from pathlib import Path

from course_utils.errors import CourseError

SECTIONS = {
    1: "What segmentation is",
    4: "Mask R-CNN, part by part",
    11: "Measuring",
    14: "Case study: calories of Indonesian street food",
}
"""The parts of the course, each by the number of its first lesson."""


def title_of(source: Path) -> str:
    """A lesson's title with its number, as its first cell says it: "05 · The backbone"."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("# # ")).removeprefix("# # ")


def minutes_of(source: Path) -> int:
    """How long a lesson takes, as its first cell says it.

    Raises:
        CourseError: it does not say it.
    """
    found = re.search(r"\*\*Time\*\*: about (\d+) minutes", source.read_text(encoding="utf-8"))
    if not found:
        raise CourseError(f"{source.name}: its first cell has no line that begins with: **Time**: about 45 minutes")
    return int(found[1])

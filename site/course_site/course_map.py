"""The map of the course: its parts and lessons, as the table of the README lists them."""

import re
from dataclasses import dataclass
from pathlib import Path

from course_utils.errors import CourseError

_LINK = r"\[(?P<title>.+?)\]\(notebooks/(?:[a-z]{2}/)?(?P<slug>\w+)\.ipynb\)"
_ROW = re.compile(rf"\| {_LINK} \| (?P<builds>.+?) \| (?P<minutes>\d+) \|")


@dataclass(frozen=True)
class Lesson:
    """One row of the table: what it is called, what one builds, how long it takes, and the part it belongs to."""

    slug: str
    title: str
    builds: str
    minutes: int
    part: str

    @property
    def number(self) -> str:
        """Two digits."""
        return self.slug[:2]

    @property
    def name(self) -> str:
        """The title without the number."""
        return re.sub(r"^\d+\s*·?\s*", "", self.title)


def read_map(readme: Path) -> list[Lesson]:
    """All lessons in order.

    Raises:
        CourseError: the README has no such table.
    """
    lessons: list[Lesson] = []
    part = ""
    for line in readme.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"\| \*\*(.+)\*\* \|", line):
            part = heading[1]
        elif row := _ROW.match(line):
            lessons.append(Lesson(row["slug"], row["title"], row["builds"], int(row["minutes"]), part))
    if not lessons or not part:
        raise CourseError(f"{readme}: no table of lessons, | [01 Title](notebooks/01_slug.ipynb) | what | minutes |")
    return lessons


def parts(lessons: list[Lesson]) -> dict[str, list[Lesson]]:
    """The lessons of each part, in order."""
    grouped: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        grouped.setdefault(lesson.part, []).append(lesson)
    return grouped

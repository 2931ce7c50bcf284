"""Sections of the repository's own texts, so that nothing is said twice."""

import re
from pathlib import Path

from course_utils.errors import CourseError


def section(path: Path, heading: str, original: Path | None = None) -> str:
    """What stands below a heading of the second level, up to the next of its level; code fences are no headings.

    Args:
        original: the heading is one of this file, of which ``path`` is a translation with the same sections.

    Raises:
        CourseError: there is no such heading.
    """
    wanted = list(_sections(original or path))
    found = list(_sections(path).values())
    place = wanted.index(heading) if heading in wanted else len(found)
    if place >= len(found) or not any(found[place]):
        raise CourseError(f"{path}: no section '## {heading}', which the site shows")
    return "\n".join(found[place]).strip("\n") + "\n"


def _sections(path: Path) -> dict[str, list[str]]:
    """The lines below each heading of the second level, in order."""
    found: dict[str, list[str]] = {}
    inside, fenced = [], False
    for line in path.read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        if not fenced and (level := re.match(r"#{1,2} ", line)):
            inside = []
            if level[0] == "## ":
                found[line[3:]] = inside
        else:
            inside.append(line)
    return found

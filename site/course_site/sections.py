"""Sections of the repository's own texts, so that nothing is said twice."""

import re
from pathlib import Path

from course_utils.errors import CourseError


def section(path: Path, heading: str) -> str:
    """What stands below a heading of the second level, up to the next of its level; code fences are no headings.

    Raises:
        CourseError: there is no such heading.
    """
    found: list[str] = []
    inside, fenced = False, False
    for line in path.read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"#{1,2} ", line):
            inside = line == f"## {heading}"
            continue
        if inside:
            found.append(line)
    if not any(found):
        raise CourseError(f"{path}: no section '## {heading}', which the site shows")
    return "\n".join(found).strip("\n") + "\n"

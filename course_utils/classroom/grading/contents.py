"""Which files of the package the sandbox holds: found by following imports, so that nothing comes along unseen."""

import ast
import functools
import re
from pathlib import Path

import course_utils
from course_utils.errors import CourseError

PACKAGE = Path(course_utils.__file__).resolve().parent
"""Folder of the installed package."""


@functools.cache
def room_files(probes: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The only files of the package that the sandbox holds: the grader's part in it, and how answers are called.

    They are found by following imports.

    Args:
        probes: modules of functions by which declarations have answers called.
    """
    waiting = sorted((PACKAGE / "classroom/grading/room").glob("*.py"))
    waiting += [path for module in probes if (path := _file_of(module))]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return tuple(sorted(found))


@functools.cache
def brings_the_course(probe: str) -> bool:
    """Whether the module of a probe needs parts of the course that exercises ask for: they are then in its sandbox.

    Raises:
        CourseError: it needs declarations, which must never be there.
    """
    inside = [path.relative_to(PACKAGE).as_posix() for path in room_files((probe,))]
    for name in inside:
        if name.startswith("exercises/") and re.search(r"lesson_|_\d\d\.py$|saved|yours", name):
            raise CourseError(f"{probe}: needs {name}, which must not be within an answer's reach")
    harmless = ("__init__.py", "errors.py", "mask_rcnn/__init__.py", "mask_rcnn/layers.py")
    return not all(name in harmless or name.startswith(("exercises/", "classroom/")) for name in inside)


def _file_of(module: str) -> Path | None:
    """The file of a module of the package, or None."""
    if module.split(".")[0] != "course_utils":
        return None
    path = PACKAGE.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file() and candidate.name != ".py":
            return candidate
    return None


@functools.cache
def _imported(path: Path) -> tuple[Path, ...]:
    """Files of the package that a file imports, anywhere in it, and the packages that they lie in."""
    names = {".".join(["course_utils", *path.relative_to(PACKAGE).parts[:k]]) for k in range(len(path.parts))}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple(found for name in sorted(names) if (found := _file_of(name)))

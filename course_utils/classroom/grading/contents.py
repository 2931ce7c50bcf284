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
def room_files(modules: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The only files of the package that a sandbox holds: the grader's part in it, and those of some modules.

    They are found by following imports.

    Args:
        modules: of the functions by which declarations have answers called; or, in the sandbox that no answer ever
            enters, of those that are lent.
    """
    waiting = sorted((PACKAGE / "classroom/grading/room").glob("*.py"))
    waiting += [path for module in modules if (path := _file_of(module))]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return tuple(sorted(found))


def refuse_the_course(probe: str) -> None:
    """Make sure that the module of a probe brings along nothing of the course but how answers are called.

    Raises:
        CourseError: it needs declarations, or a part that an exercise may ask for.
    """
    harmless = ("__init__.py", "errors.py", "mask_rcnn/__init__.py", "mask_rcnn/layers.py")
    for path in room_files((probe,)):
        name = path.relative_to(PACKAGE).as_posix()
        declares = name.startswith("exercises/") and re.search(r"lesson_|_\d\d\.py$|saved|yours", name)
        if declares or not (name in harmless or name.startswith(("exercises/", "classroom/"))):
            raise CourseError(f"{probe}: needs {name}, which must not be within an answer's reach; have it lent")


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

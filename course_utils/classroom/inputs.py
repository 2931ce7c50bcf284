"""What a lesson's outputs depend on, as one hash: it is executed again only when something it uses has changed."""

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.exercises.saved import lesson_names, read_source
from course_utils.paths import repo_root

_PACKAGE = "course_utils"
# Besides the modules that a lesson imports: the data, and the versions of all libraries.
_SHARED = ("data/SHA256SUMS", "requirements.lock")
# What an explorable shows lies in the output of its cell.
_SHOWS_SCRIPTS, _SCRIPTS = "course_utils.explorables.page", "course_utils/explorables/js"


def inputs_hash(source: Path, code: str) -> str:
    """Hash of a lesson's source, the modules of the course that it imports, the data and the lock file.

    Args:
        source: the lesson's source.
        code: all its code cells, from which the imports are read.
    """
    digest = hashlib.sha256(source.read_bytes())
    parts = _parts(code)
    for exercise_id in parts:
        digest.update(_part_text(exercise_id).encode())
    code += "".join(f"\nimport course_utils.exercises.lesson_{_lesson(each)[:2]}" for each in parts)
    reached = _reachable(_imports(code))
    scripts = (repo_root() / _SCRIPTS).iterdir() if _file(_SHOWS_SCRIPTS) in reached else ()
    paths = [repo_root() / name for name in _SHARED] + sorted(reached) + sorted(scripts)
    for path in paths:
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _parts(code: str) -> list[str]:
    """Exercises whose answers run here: those that code with ``yours`` or ``your_parts`` names.

    Raises:
        CourseError: ``yours`` asks for an exercise that does not exist.
    """
    nodes = list(ast.walk(ast.parse(code)))
    calls = [(node.func.id, node) for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for name, call in calls:
        if name == "yours" and call.args and isinstance(call.args[0], ast.Constant):
            _lesson(call.args[0].value)
    if not {name for name, _ in calls} & {"yours", "your_parts"}:
        return []
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted(words & set(lesson_names()))


def _lesson(exercise_id: Any) -> str:
    name = lesson_names().get(exercise_id)
    if name is None:
        raise CourseError(f"yours({exercise_id!r}): the course has no such exercise")
    return name


def _part_text(exercise_id: str) -> str:
    """The cells that make an answer: its lesson's set-up and exercises."""
    cells = read_source(repo_root() / "solutions" / f"{_lesson(exercise_id)}.py")
    return "\n".join(c.source for c in cells if c.role == "setup" or (c.role, c.exercise) == ("exercise", exercise_id))


def _reachable(modules: set[str]) -> set[Path]:
    """Files of the named modules and of everything that they import from the package."""
    files: set[Path] = set()
    waiting = set(modules)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        path = _file(name)
        if path is None:
            continue
        files.add(path)
        waiting |= (_imports_of(path) | _parents(name)) - seen
    return files


def _parents(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:k]) for k in range(1, len(parts))}


@cache
def _imports_of(path: Path) -> frozenset[str]:
    try:
        return frozenset(_imports(path.read_text(encoding="utf-8")))
    except SyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from None


def _imports(code: str) -> set[str]:
    """Modules of the package that the code imports; `from a import b` may mean the module a.b or a name in a."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == _PACKAGE}


def _file(module: str) -> Path | None:
    base = repo_root().joinpath(*module.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)

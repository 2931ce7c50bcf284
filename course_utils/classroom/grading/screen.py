"""A look at an answer before it runs: what no exercise asks for, and what would tamper with the grading.

This is the first of several fences. It is there to tell a person which answers to read; the sandbox and the
comparison outside of the kernel hold without it.
"""

import ast
import re
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

from course_utils.classroom.grading.released import Released

# Modules that an answer may import, with everything below them.
_MODULES = frozenset(
    """
    PIL array_api_compat bisect collections copy dataclasses enum fractions functools heapq itertools
    math matplotlib numbers numpy operator pandas pycocotools random re scipy skimage sklearn statistics
    string time torch torchvision typing warnings
    """.split()  # noqa: SIM905
)
_NAMES = frozenset(
    """
    __builtins__ __import__ breakpoint check compile delattr eval exec exit get_ipython getattr globals
    In input locals Out open quit setattr vars
    """.split()  # noqa: SIM905
)
# Ways from an allowed module to the interpreter, the file system or another process.
_ATTRIBUTES = frozenset(
    """
    attrgetter builtins ctypes ctypeslib distutils f2py fromfile hub importlib load loadtxt memmap
    methodcaller modules multiprocessing open os popen read_pickle runpy save savetxt subprocess sys
    system testing tofile to_pickle
    """.split()  # noqa: SIM905
)
_MARKERS = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*$", re.MULTILINE)


class NotPython(Exception):
    """The answer does not parse; the message says where."""


def suspicions(source: str, released: Released, exercise_id: str) -> list[str]:
    """Why a person should read this answer before it counts, one line each; empty if there is nothing to see.

    What stands in the cell as it was handed out is never held against the answer.

    Raises:
        NotPython: the source is not valid Python.
    """
    course = {name for cell in released.cells if cell.kind == "setup" for name in _imported_from_course(cell.source)}
    stub = set(_found(released.stub(exercise_id), course))
    return [reason for reason in dict.fromkeys(_found(source, course)) if reason not in stub]


def _imported_from_course(source: str) -> Iterator[str]:
    """Names that a set-up cell imports from course_utils: with those, an answer could hand in the reference itself."""
    for node in ast.walk(_parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "course_utils":
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.asname or "course_utils" for alias in node.names if alias.name.startswith("course_utils"))


def _found(source: str, course: set[str]) -> Iterator[str]:
    tree = _parse(source)
    for marker in _MARKERS.findall(source):
        yield f"the comment {marker} steers the grading"
    bound = _bound_names(tree)
    for node in ast.walk(tree):
        yield from _found_in(node, bound)
        if isinstance(node, ast.Name) and node.id in course - bound:
            yield f"it uses {node.id}, which is the course's own"


def _parse(source: str) -> ast.Module:
    """The syntax tree after IPython's own rewriting, which turns magics into calls of get_ipython()."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError as error:
        raise NotPython(f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotPython(str(error) or type(error).__name__) from error


def _bound_names(tree: ast.Module) -> set[str]:
    """Names that the answer itself makes: by assignment, as an argument, as a function or class."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return names | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _found_in(node: ast.AST, bound: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (_import(alias.name) for alias in node.names if not _allowed(alias.name))
        yield from (_reaches(alias.name) for alias in node.names if _ATTRIBUTES & set(alias.name.split(".")))
    elif isinstance(node, ast.ImportFrom):
        module = node.module or "."
        if node.level or not _allowed(module):
            yield _import(module)
        names = {*module.split("."), *(alias.name for alias in node.names)}
        yield from (_reaches(name) for name in sorted(names) if name in _ATTRIBUTES or name.startswith("_"))
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield f"it uses {node.id}"
    elif isinstance(node, ast.Attribute):
        if node.attr.startswith("_") and node.attr != "__init__":
            yield _reaches(node.attr)
        if node.attr in _ATTRIBUTES:
            yield _reaches(node.attr)
        if isinstance(node.ctx, ast.Store | ast.Del) and _root(node) not in bound:
            yield f"it changes {ast.unparse(node)}, which is not its own"
    elif (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and (dunder := re.search(r"__\w+__", node.value))
    ):
        yield _reaches(dunder.group())


def _allowed(module: str) -> bool:
    return module.split(".")[0] in _MODULES


def _import(module: str) -> str:
    return f"it imports {module}"


def _reaches(name: str) -> str:
    return f"it reaches for {name}"


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes and items begins with, or an empty string."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""

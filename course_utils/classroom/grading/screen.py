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
    ForwardRef attrgetter builtins ctypes ctypeslib distutils f2py fromfile get_type_hints hub importlib load loadtxt
    memmap methodcaller modules multiprocessing open os popen read_pickle runpy save savetxt subprocess sys system
    testing tofile to_pickle
    """.split()  # noqa: SIM905
)
# Underscored names of everyday Python: a class's name, and the methods of named tuples.
_HARMLESS = frozenset(["__init__", "__name__", "_asdict", "_fields", "_replace"])
_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
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
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}
    for node, bound in _with_bound_names(tree, frozenset()):
        if id(node) not in docstrings:
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


def _with_bound_names(scope: ast.AST, outside: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Every node of a scope and of those within, with the names that the answer itself has made there.

    A name counts in the scope that assigns it or has it as an argument, and in the functions within.
    """
    own = list(_own_nodes(scope))
    shared = {name for node in own if isinstance(node, ast.Global) for name in node.names}
    bound = outside | (frozenset(name for node in own if (name := _binds(node))) - shared)
    for node in own:
        yield node, bound
        if isinstance(node, _SCOPES):
            # A class's names cannot be seen by its methods.
            yield from _with_bound_names(node, outside if isinstance(scope, ast.ClassDef) else bound)


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope; of a scope within it only itself and its head."""
    waiting = _inside(scope)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += _head(node) if isinstance(node, _SCOPES) else ast.iter_child_nodes(node)


def _inside(scope: ast.AST) -> list[ast.AST]:
    """Arguments and body of a function, body of a class, all of anything else."""
    if isinstance(scope, ast.ClassDef):
        return list(scope.body)
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return list(ast.iter_child_nodes(scope))
    a = scope.args
    arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(one for one in (a.vararg, a.kwarg) if one)]
    return [*arguments, *([scope.body] if isinstance(scope, ast.Lambda) else scope.body)]


def _head(scope: ast.AST) -> list[ast.AST]:
    """What is worked out outside of a scope: decorators, defaults, bases."""
    head = [*getattr(scope, "decorator_list", []), *getattr(scope, "bases", []), *getattr(scope, "keywords", [])]
    if arguments := getattr(scope, "args", None):
        head += [*arguments.defaults, *(one for one in arguments.kw_defaults if one)]
    return [*head, scope.returns] if getattr(scope, "returns", None) else head


def _binds(node: ast.AST) -> str:
    """The name that a node makes, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else ""
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""


def _found_in(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (_import(alias.name) for alias in node.names if not _allowed(alias.name))
        yield from (_reaches(alias.name) for alias in node.names if _ATTRIBUTES & set(alias.name.split(".")))
    elif isinstance(node, ast.ImportFrom):
        module = node.module or "."
        if node.level or not _allowed(module):
            yield _import(module)
        names = {*module.split("."), *(alias.name for alias in node.names)}
        yield from (_reaches(name) for name in sorted(names) if name in _ATTRIBUTES or name.startswith("_"))
        if "*" in names:
            yield f"it imports everything of {module}"
    elif isinstance(node, ast.Name) and node.id in _NAMES - bound:
        yield f"it uses {node.id}"
    elif isinstance(node, ast.Attribute):
        if node.attr.startswith("_") and node.attr not in _HARMLESS:
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

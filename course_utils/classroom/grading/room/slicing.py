"""What an answer depends on: the statements of a notebook that are needed to make one name, and no others."""

import ast
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from course_utils.classroom.grading.room.statements import Statement, lies_in, origins, root
from course_utils.exercises.docstrings import DOCUMENTED, without_docstrings
from course_utils.exercises.sentences import Sentence

_LEAST_ALIKE = 60  # nodes of a syntax tree; shorter answers are alike by chance
_UNUSUAL = frozenset(
    """
    CodeType Formatter FunctionType InteractiveInterpreter __bases__ __builtins__ __class__ __closure__ __code__
    __defaults__ __dict__ __func__ __getattribute__ __globals__ __import__ __instancecheck__ __match_args__ __module__
    __mro__ __self__ __subclasses__ __wrapped__ _getframe addsitedir allow_pickle attrgetter breakpoint builtins
    cProfile compile copytree ctypes doctest eval exec f_back f_globals f_locals gc get_field get_type_hints getattr
    gi_frame globals importlib inspect locals marshal methodcaller mock pickle pkgutil popen pydoc runpy setattr socket
    subprocess sys system tb_frame timeit vars
    """.split()  # noqa: SIM905
)


@dataclass
class Slice:
    """What is to be run for one answer.

    Attributes:
        statements: numbers of the statements, in their order.
        given: names that the course's own set-up makes from its package, or that come from it in another way.
        missing: names that nothing in the notebook makes.
    """

    statements: list[int] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


def slice_for(
    names: set[str],
    end: int,
    statements: Sequence[Statement],
    given: frozenset[str],
    setup: frozenset[str],
    packages: frozenset[str],
) -> Slice:
    """The statements before number `end` that the names depend on.

    A name that nothing makes before `end` may be made after it, as in a notebook whose cells ran in another order.

    Args:
        names: what the answer's expression uses.
        given: names that the released set-up makes from the course's package.
        setup: the texts of the released set-up's statements.
        packages: the course's own.
    """
    result, waiting, done = Slice(), list(names), set()
    numbers: set[int] = set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        found, is_given = _sources(name, end, statements, given, setup, packages)
        if is_given:
            result.given.add(name)
        elif not found:
            result.missing.add(name)
        for number in found:
            if number not in numbers:
                numbers.add(number)
                waiting += statements[number].uses
    if result.missing:  # a star may have brought it
        numbers |= {k for k, one in enumerate(statements[:end]) if "*" in one.origin and not one.comes_from(packages)}
    result.statements = sorted(numbers)
    return result


def _sources(
    name: str,
    end: int,
    statements: Sequence[Statement],
    given: frozenset[str],
    setup: frozenset[str],
    packages: frozenset[str],
) -> tuple[list[int], bool]:
    """Numbers of the statements that a name's value comes from, and whether it comes from the course."""
    found: list[int] = []
    touching: list[int] = []
    for number in range(end - 1, -1, -1):
        one = statements[number]
        if name in one.makes:
            if lies_in(one.origin.get(name, "-"), packages) or (name in given and one.text in setup):
                return found, True
            found.append(number)
            if one.origin:  # calling a module's functions does not change what the name stands for
                return found, False
            if name not in one.uses or one.text.startswith(("def ", "class ", "@", "async ")):
                return found + touching, False
        elif name in one.may_make:
            found.append(number)
        elif name in one.touches:
            touching.append(number)
    found += touching
    later = [number for number in range(end, len(statements)) if name in statements[number].makes]
    if not found and later:
        return later[:1], lies_in(statements[later[0]].origin.get(name, "-"), packages)
    return found, False


def routines_used(statements: Sequence[Statement], origin: dict[str, str]) -> set[str]:
    """Dotted names of the library routines that statements mention.

    Args:
        origin: name -> dotted name, of all imports of the notebook.
    """
    used = set()
    stars = [one.origin["*"].removesuffix("*") for one in statements if "*" in one.origin]
    known = dict(origin)
    for one in statements:
        if one.origin:
            continue
        nodes = list(ast.walk(ast.parse(one.text)))
        inner = known | {name: dotted for node in nodes for name, dotted in origins(node).items()}
        for node in nodes:
            inner |= _renamed(node, inner)
        known |= {name: inner[name] for name in one.makes & inner.keys()}
        for node in nodes:
            if isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node, inner)):
                used.add(dotted)
            elif isinstance(node, ast.Name):
                used |= {star + node.id for star in stars}
    return used


def _renamed(node: ast.AST, origin: dict[str, str]) -> dict[str, str]:
    """Name -> dotted name, where a part of a library is given another name."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) or not node.value:
        return {}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    dotted = _dotted(node.value, origin)
    return {target.id: dotted for target in targets if isinstance(target, ast.Name)} if dotted else {}


def _dotted(node: ast.AST, origin: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in origin:
        return ""
    return ".".join([origin[node.id], *parts])


def is_shortcut(used: set[str], shortcut: str) -> bool:
    """Whether a routine is among those used, under any of the names that its package gives it."""
    package, name = shortcut.split(".")[0], shortcut.split(".")[-1]
    parts = (one.removeprefix("torch.ops.").split(".") for one in used)  # where PyTorch keeps those of its extensions
    return any(one[0] == package and name in one[1:] for one in parts)


def unusual(statements: Sequence[Statement], origin: dict[str, str]) -> set[str]:
    """What no exercise asks for: a person may want to read such an answer.

    That is names of a list, in code or in a text; a text with a piece of a name such as __dict__; and a change of
    what a library holds.

    Args:
        origin: name -> dotted name, of all imports of the notebook.
    """
    found: set[str] = set()
    for one in statements:
        tree = ast.parse(one.text)
        described = {id(docstring) for node in ast.walk(tree) if (docstring := _docstring_of(node))}
        for node in ast.walk(tree):
            if id(node) not in described:
                found |= _words_of(node) & _UNUSUAL
                found |= {str(Sentence("pieces of names in a text"))} if _hides_a_name(node) else set()
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and root(node) in origin:
                found.add(str(Sentence("a change of {module}", module=origin[root(node)])))
    return found


def _docstring_of(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, DOCUMENTED):
        return None
    first = node.body[0] if node.body else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return first.value if is_text and isinstance(first, ast.Expr) else None


def _words_of(node: ast.AST) -> set[str]:
    """The names that a node itself brings, those in a text too."""
    texts = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "module", "value")]
    texts += [*getattr(node, "kwd_attrs", ()), *getattr(node, "names", ())]
    return {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)}


def _hides_a_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value.replace("__main__", "")


def fingerprint(statements: Sequence[Statement]) -> str:
    """The same text for answers that are equal up to names, spaces, comments and docstrings; empty if it is short."""
    tree = without_docstrings(ast.parse("\n".join(one.text for one in statements)))
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        for attribute in ("id", "arg", "name"):
            value = getattr(node, attribute, None)
            if isinstance(value, str):
                setattr(node, attribute, names.setdefault(value, f"n{len(names)}"))
    if sum(1 for _ in ast.walk(tree)) < _LEAST_ALIKE:
        return ""
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]

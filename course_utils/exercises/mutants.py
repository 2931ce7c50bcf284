"""Small changes to a program, one at a time, such as people make by mistake: `<` for `<=`, a lost term, another axis.

They show whether an exercise's cases decide (every change must be noticed), and which slip a wrong answer may hold.
"""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from course_utils.exercises.changes import Change, called_name, changes_of

Step = tuple[str, int | None]
"""From a node to one below it: its field, and the place in it where that is a list."""


@dataclass(frozen=True)
class Mutant:
    """One changed program.

    Attributes:
        path: the way from the top of the program to the place of the change. other: what stands there now, if anything.
        tree: the whole changed program.
        kind: of the change: "border", "operator", "constant", ...; "in place" is followed by the name of the array.
        line: of the source, where the change is.
        change: the lines before and after, "a < b  =>  a <= b".
        names: that occur in what is changed. called: the function, where a call is changed.
    """

    path: tuple[Step, ...]
    other: ast.AST | None
    tree: ast.Module
    kind: str
    line: int
    change: str
    names: frozenset[str]
    called: str


def mutants_of(source: str, names: Sequence[str] = ()) -> Iterator[Mutant]:
    """Every program that is one small change away from a source, in the order of the source.

    Args:
        source: the program.
        names: of variables each of which may stand where another of them belongs; a change of the kind "name".
    """
    tree = ast.parse(source)
    text = ast.unparse(tree)
    seen = {text}
    for path, parent, node in list(_places(tree, ())):
        changes = chain(changes_of(node, parent, path[-1][0]), _other_names(node, names))
        for kind, other in changes:
            mutant = _replaced(tree, path, other)
            after = ast.unparse(mutant)
            if after not in seen:
                seen.add(after)
                change, line = _change(text, after), getattr(node, "lineno", 0)
                yield Mutant(path, other, mutant, kind, line, change, _names(node), called_name(node))


def _other_names(node: ast.AST, names: Sequence[str]) -> Iterator[Change]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (("name", ast.Name(name, ast.Load())) for name in names if name != node.id)


def with_both(one: Mutant, other: Mutant) -> ast.Module | None:
    """A program with two changes; None where one lies inside of the other."""
    shorter = min(len(one.path), len(other.path))
    if one.path[:shorter] == other.path[:shorter]:
        return None
    try:
        return _replaced(one.tree, other.path, other.other)
    except (IndexError, AttributeError):  # the first change has moved the place of the second
        return None


def _places(parent: ast.AST, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], ast.AST, ast.AST]]:
    """Where something can be changed: (path, parent, node); but for hints and `with` lines."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns", "decorator_list", "items"):  # `items` are those of `with`
            continue
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        for k, node in nodes:
            if isinstance(node, ast.AST):
                below = (*path, (field, k))
                yield below, parent, node
                yield from _places(node, below)


def _replaced(tree: ast.Module, path: tuple[Step, ...], other: ast.AST | None) -> ast.Module:
    """A copy of a tree with one node replaced, or left out where there is no other."""
    changed = copy.deepcopy(tree)
    parent: ast.AST = changed
    for field, k in path[:-1]:
        parent = getattr(parent, field) if k is None else getattr(parent, field)[k]
    field, k = path[-1]
    other = copy.deepcopy(other)
    if k is None:
        setattr(parent, field, other)
    else:
        getattr(parent, field)[k : k + 1] = [] if other is None else [other]
    return ast.fix_missing_locations(changed)


def _change(before: str, after: str) -> str:
    """The lines in which two programs differ."""
    old, new = before.splitlines(), after.splitlines()
    pairs = enumerate(zip(old, new, strict=False))
    start = next((k for k, (one, other) in pairs if one != other), min(len(old), len(new)))
    while old and new and len(old) > start and len(new) > start and old[-1] == new[-1]:
        old.pop(), new.pop()
    return f"{' / '.join(map(str.strip, old[start:]))}  =>  {' / '.join(map(str.strip, new[start:])) or '(nothing)'}"


def _names(node: ast.AST) -> frozenset[str]:
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))

"""The statements of a notebook's cells: which names each of them makes, changes and uses."""

import ast
import symtable
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

_JUST_LOOKS = ("print", "display", "check", "hint", "plt", "help", "len", "type", "repr", "isinstance", "get_ipython")


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a cell.

    Attributes:
        cell: number of its cell; -1 for the set-up as it was handed out.
        text: it alone, as Python.
        makes: names that it certainly makes anew.
        may_make: names that it may make or make anew: in a branch, by `+=`, or inside a function by `global`.
        touches: names whose values it changes, or may: `x[0] = 1`, `x.append(1)`, `fill(x)`.
        uses: names that it, or a function in it, takes from the notebook.
        origin: for imports, name -> dotted name of what it stands for.
        is_call: whether it does nothing but call something.
    """

    cell: int
    text: str
    makes: frozenset[str]
    may_make: frozenset[str]
    touches: frozenset[str]
    uses: frozenset[str]
    origin: dict[str, str]
    is_call: bool

    def comes_from(self, packages: Collection[str]) -> bool:
        """Whether it imports from one of these packages."""
        return any(lies_in(name, packages) for name in self.origin.values())


def lies_in(dotted: str, packages: Collection[str]) -> bool:
    """Whether a dotted name lies in one of these packages; a relative import does."""
    return dotted.startswith(".") or dotted.split(".")[0] in packages


def statements_of(tree: ast.Module, cell: int) -> Iterator[Statement]:
    """The statements of one parsed cell; imports are taken apart name by name."""
    for node in tree.body:
        for part in _parts(node):
            yield _statement(part, cell)


def _parts(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Import):
        yield from (ast.Import([alias]) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
        yield from (ast.ImportFrom(node.module, [alias], node.level) for alias in node.names)
    else:
        yield node


def _statement(node: ast.stmt, cell: int) -> Statement:
    text = ast.unparse(node)
    makes, stored, uses = set(), set(), set()
    top = symtable.symtable(text, "cell", "exec")
    for symbol in top.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            stored.add(symbol.get_name())
        if symbol.is_referenced():
            uses.add(symbol.get_name())
    for table in _inside(top):
        for symbol in table.get_symbols():
            if symbol.is_global():
                (stored if symbol.is_assigned() else uses).add(symbol.get_name())
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        makes = _certainly_made(node)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        makes = stored
    uses -= _stored_first(node)
    made = frozenset(makes)
    is_call = isinstance(node, ast.Expr)
    return Statement(
        cell, text, made, frozenset(stored) - made, frozenset(_touched(node)), frozenset(uses), origins(node), is_call
    )


def _inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inside(child)


def _certainly_made(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    other: Any = node  # an assignment of another kind: all of them have a target and a value
    targets = node.targets if isinstance(node, ast.Assign) else [other.target] if other.value else []
    names, waiting = set(), list(targets)
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            waiting += target.elts
        elif isinstance(target, ast.Starred):
            waiting.append(target.value)
    return names


def _stored_first(node: ast.stmt) -> set[str]:
    """Names that a loop or block makes itself before it uses them, as the variable of a loop."""
    if not isinstance(node, ast.For | ast.While | ast.With | ast.If | ast.Try):
        return set()
    first: dict[str, bool] = {}
    for inner in _in_order(node):
        if isinstance(inner, ast.Name):
            first.setdefault(inner.id, isinstance(inner.ctx, ast.Store))
    return {name for name, is_stored in first.items() if is_stored}


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all within, what is worked out first in front: an assignment's value, a loop's iterable."""
    yield node
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        children.sort(key=lambda child: child is not node.value)
    elif isinstance(node, ast.For | ast.comprehension):
        children.sort(key=lambda child: child is not node.iter)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield ast.Name(node.target.id, ast.Load())
    for child in children:
        yield from _in_order(child)


def _touched(node: ast.stmt) -> Iterator[str]:
    """Roots of what is stored into or deleted from, and of what is handed to a call that stands by itself."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute | ast.Subscript) and not isinstance(inner.ctx, ast.Load):
            yield root(inner)
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            callee = root(inner.value.func)
            if callee in _JUST_LOOKS:
                continue
            if isinstance(inner.value.func, ast.Attribute):
                yield callee
            arguments = [*inner.value.args, *(keyword.value for keyword in inner.value.keywords)]
            yield from (root(argument) for argument in arguments)


def root(node: ast.AST) -> str:
    """The name that a chain of attributes and items begins with, or an empty text."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def origins(node: ast.AST) -> dict[str, str]:
    """Name -> dotted name of what it stands for, of an import; nothing for other nodes."""
    if isinstance(node, ast.Import):
        return {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names}
    if isinstance(node, ast.ImportFrom):
        return {
            alias.asname or alias.name: f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names
        }
    return {}

"""What can go wrong at one place of a program: the changes of a node of its syntax tree, and what kind each is of."""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

Change = tuple[str, ast.AST | None]

_COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
}
_EQUALITIES = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], list[type[ast.operator]]] = {
    **{ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult, ast.FloorDiv]},
    **{ast.FloorDiv: [ast.Div], ast.Mod: [ast.FloorDiv], ast.Pow: [ast.Mult]},
    **{ast.BitAnd: [ast.BitOr, ast.BitXor], ast.BitOr: [ast.BitAnd, ast.BitXor], ast.BitXor: [ast.BitOr]},
}
_TWINS = """
    sum/mean mean/median mean/nanmean min/max argmin/argmax minimum/maximum amin/amax any/all floor/ceil floor/round
    ceil/round zeros/ones zeros_like/ones_like log2/log log/log10 cumsum/cumprod sin/cos repeat/tile softmax/sigmoid
    add/subtract logical_and/logical_or vstack/hstack append/extend rad2deg/deg2rad
"""
# Calls that change little: without them, their first argument, or the value that they are called on, stays.
_WRAPPERS = """
    abs int float round sorted max min clip clamp sqrt floor ceil log2 exp log maximum minimum copy clone astype cumsum
    accumulate transpose reshape squeeze flatten ravel long softmax sigmoid permute detach contiguous nan_to_num relu
    deg2rad radians
"""
_SYMMETRIC = {"min", "max", "minimum", "maximum", "logical_and", "logical_or", "hypot", "add", "multiply"}
_WORDS = {"ij": "xy", "nearest": "bilinear", "bilinear": "nearest", "left": "right", "right": "left", "sum": "mean"}


def changes_of(node: ast.AST, parent: ast.AST, field: str) -> Iterator[Change]:
    """(kind, what to put in the place of a node); None leaves it out."""
    by_type: dict[type, Callable[[Any], Iterator[Change]]] = {
        ast.Compare: _of_comparison, ast.BinOp: _of_operation, ast.UnaryOp: _of_sign, ast.BoolOp: _of_conditions,
        ast.Constant: _of_constant, ast.Call: _of_call, ast.IfExp: _of_choice, ast.Subscript: _of_subscript,
        ast.Tuple: _of_tuple, ast.List: _of_tuple, ast.Attribute: _of_attribute, ast.Slice: _of_slice,
    }  # fmt: skip
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.stmt):
        yield from _of_statement(node, parent, field)
    elif type(node) in by_type and not isinstance(parent, ast.Expr):
        changes = by_type[type(node)](node)
        yield from (change for change in changes if not _is_only_type(change, node, parent))


def _is_only_type(change: Change, node: ast.AST, parent: ast.AST) -> bool:
    """Whether a change concerns no more than the type of the number that is returned, for which nobody asks."""
    is_cast = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("int", "float")
    return change[0] == "dropped call" and is_cast and isinstance(parent, ast.Return | ast.Tuple)


def _with(node: ast.AST, **fields) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _of_comparison(node: ast.Compare) -> Iterator[Change]:
    for k, operator in enumerate(node.ops):
        others = _COMPARISONS.get(type(operator)) or [_EQUALITIES[type(operator)]]
        for other in others:
            kind = "border" if len(others) > 1 and other is others[0] else "comparison"
            yield kind, _with(node, ops=[*node.ops[:k], other(), *node.ops[k + 1 :]])


def _of_operation(node: ast.BinOp) -> Iterator[Change]:
    for other in _OPERATORS.get(type(node.op), []):
        yield "operator", _with(node, op=other())
    yield "dropped term", node.left
    yield "dropped term", node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
        yield "swapped sides", _with(node, left=node.right, right=node.left)


def _of_sign(node: ast.UnaryOp) -> Iterator[Change]:
    yield "dropped sign", node.operand


def _of_conditions(node: ast.BoolOp) -> Iterator[Change]:
    yield "operator", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for k in range(len(node.values)):
        rest = [*node.values[:k], *node.values[k + 1 :]]
        yield "dropped condition", rest[0] if len(rest) == 1 else _with(node, values=rest)


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "constant", ast.Constant(value + 1)
        yield "constant", ast.Constant(value - 1)
    elif isinstance(value, float):
        yield "constant", ast.Constant(value + 1 if value in (0, 1) else value * 1.1)
    elif isinstance(value, str) and value in _WORDS:
        yield "constant", ast.Constant(_WORDS[value])


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = called_name(node)
    for one, other in (pair.split("/") for pair in _TWINS.split()):
        if name in (one, other):
            yield "function", _renamed(node, other if name == one else one)
    if name in _WRAPPERS.split():
        inner = [node.func.value] if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value) else []
        yield from (("dropped call", argument) for argument in [*inner, *node.args[:2]])
    for k in range(0 if name in _SYMMETRIC else len(node.args) - 1):
        swapped = [*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]]
        yield "swapped arguments", _with(node, args=swapped)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict"):
            yield "dropped argument", _with(node, keywords=[*node.keywords[:k], *node.keywords[k + 1 :]])
    if name == "range" and len(node.args) == 1:
        yield "range", _with(node, args=[ast.BinOp(node.args[0], ast.Sub(), ast.Constant(1))])
        yield "range", _with(node, args=[ast.Constant(1), node.args[0]])
    if name == "enumerate" and len(node.args) == 1:
        yield "range", _with(node, args=[*node.args, ast.Constant(1)])


def called_name(node: ast.AST) -> str:
    """The name of the function or method that a call calls; of any other node an empty string."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "torch", "math", "F", "ops", "boxes", "masks")


def _renamed(node: ast.Call, name: str) -> ast.AST:
    func = _with(node.func, attr=name) if isinstance(node.func, ast.Attribute) else ast.Name(name, ast.Load())
    return _with(node, func=func)


def _of_choice(node: ast.IfExp) -> Iterator[Change]:
    yield "branch", node.body
    yield "branch", node.orelse


def _of_subscript(node: ast.Subscript) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load) and isinstance(node.slice, ast.Slice | ast.Tuple):
        yield "dropped index", node.value


def _of_slice(node: ast.Slice) -> Iterator[Change]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield "range", _with(node, **{bound: None})


def _of_tuple(node: ast.Tuple | ast.List) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Store):
        return  # the same as other values in another order
    for k in range(min(len(node.elts), 6) - 1):
        yield "order", _with(node, elts=[*node.elts[:k], node.elts[k + 1], node.elts[k], *node.elts[k + 2 :]])


def _of_attribute(node: ast.Attribute) -> Iterator[Change]:
    if node.attr == "T":
        yield "axes", node.value
    types = {"float64": "uint8", "float32": "uint8", "int64": "uint8", "uint8": "int64"}
    if node.attr in types:
        yield "type", _with(node, attr=types[node.attr])


def _of_statement(node: ast.stmt, parent: ast.AST, field: str) -> Iterator[Change]:
    alone = field != "body" or len(getattr(parent, field)) == 1
    if isinstance(node, ast.If | ast.While):
        yield "branch", _with(node, test=ast.Constant(False))
        if isinstance(node, ast.If):
            yield "branch", _with(node, test=ast.Constant(True))
        yield "branch", _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Break):
        yield "branch", ast.Continue()
    elif isinstance(node, ast.Continue):
        yield "branch", ast.Break()
    elif isinstance(node, ast.AugAssign):
        yield "overwritten", ast.Assign([node.target], node.value)
        yield from (("operator", _with(node, op=other())) for other in _OPERATORS.get(type(node.op), []))
    elif isinstance(node, ast.For):
        yield "early return", _with(node, body=[*node.body, ast.Break()])
    elif isinstance(node, ast.Return) and node.value is not None:
        absolute = ast.Call(ast.Name("abs", ast.Load()), [node.value], [])
        yield "sign", ast.Return(absolute)
    if not alone and isinstance(node, ast.Expr | ast.AugAssign | ast.If | ast.Break | ast.Continue):
        yield "dropped statement", None
    if not alone and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield "dropped statement", None
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
        yield from _in_place(node)


def _in_place(node: ast.Assign) -> Iterator[Change]:
    """``b = a + 1`` as ``b = a; b += 1``: the same number, but an array is overwritten."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Name) and isinstance(value, ast.BinOp) and isinstance(value.left, ast.Name):
        change = ast.AugAssign(target, value.op, value.right)
        yield f"in place {value.left.id}", ast.If(ast.Constant(True), [ast.Assign([target], value.left), change], [])

"""Code without its docstrings, for whoever compares what it does: editions in other languages differ in them.

It imports nothing of the course: the sandbox in which answers are graded needs it, too.
"""

import ast

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
"""What may have a docstring."""


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The tree itself, its docstrings taken out."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree

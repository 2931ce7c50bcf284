"""Functions of the course that an answer, or what calls it, is lent: where it is graded they lie elsewhere."""

import importlib
from collections.abc import Callable
from typing import Any

_borrow: list[Callable[[str], Any]] = []


def lent(dotted: str) -> Any:
    """The function of that dotted name; where the course itself is not there, one that has it called elsewhere."""
    if _borrow:
        return _borrow[0](dotted)
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def borrow_by(way: Callable[[str], Any]) -> None:
    """From now on, get functions in this way rather than by importing them."""
    _borrow[:] = [way]

"""Calling functions that do not lie in an answer's sandbox: asked for on one side of a pipe, called on the other.

Whoever asks sends a name and plain values, and is sent plain values back; nothing else passes. What passes through the
grader on the way is never looked at there.
"""

import builtins
from collections.abc import Callable, Iterable
from typing import Any

from course_utils.classroom.grading.room.wire import NotOnTheWire, dumps, loads
from course_utils.exercises.lent import lent

Talk = Callable[[bytes], bytes]
"""Says something to the other side, and waits for what it says."""


def borrowed(dotted: str, talk: Talk) -> Callable[..., Any]:
    """A function that has the one of that name called by the other side.

    It takes what can travel (numbers, texts, arrays, tensors, and lists and dictionaries of them), gives copies, cuts
    gradients off, and raises what the other one raises.
    """

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            request = dumps([dotted, list(arguments), named], strict=True)
        except NotOnTheWire as problem:
            raise TypeError(f"{dotted.rpartition('.')[2]}: {problem}") from None
        reply = loads(talk(request))
        if "error" in reply:
            raise _error(*reply["error"])
        return reply["result"]

    return call


def lend(functions: Iterable[str], talk: Talk) -> None:
    """Call functions for the other side until it says nothing more; all others are refused."""
    known = {dotted: lent(dotted) for dotted in functions}
    reply = b""
    while request := talk(reply):
        reply = _called(known, request)


def _called(known: dict[str, Callable[..., Any]], request: bytes) -> bytes:
    """The reply to a request: the result, or the error's kind and words."""
    try:
        dotted, arguments, named = loads(request)
        if dotted not in known:
            raise NotOnTheWire("this function is not lent")
        return dumps({"result": known[dotted](*arguments, **named)}, strict=True)
    except Exception as error:  # the arguments may be anything
        return dumps({"error": [type(error).__name__[:100], str(error)[:500]]})


def _error(kind: str, words: str) -> Exception:
    """An error of that name that says the same, and is caught by whoever waits for Python's own of that name."""
    base = getattr(builtins, kind, None)
    if not (isinstance(base, type) and issubclass(base, Exception)):
        base = Exception
    return type(kind, (base,), {"__init__": lambda self: None, "__str__": lambda self: words})()

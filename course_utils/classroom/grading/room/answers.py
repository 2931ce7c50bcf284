"""Running one answer on its cases, in a process of its own that ends right after."""

import builtins
import importlib
import sys
import types
from dataclasses import replace
from typing import Any

from course_utils.classroom.grading.room.lending import Talk, borrowed
from course_utils.classroom.grading.room.wire import NotOnTheWire, dumps, loads
from course_utils.exercises import running
from course_utils.exercises.lent import borrow_by, lent
from course_utils.exercises.sentences import Sentence

RECORDS = {"Raised": running.Raised, "Changed": running.Changed}
"""What `run` may give instead of a result."""
_NO_LIMIT = 1e6  # seconds: the sandbox's own limit decides


class NotInTheRoom(Exception):
    """The answer uses something of the course's own, which is not there while answers are graded."""


class CourseOnly:
    """Stands for an object of the course: whatever is done with it raises, but for what the exercise lends."""

    def __init__(self, name: str, at: str = "", lent: dict[str, Any] | None = None):
        """``name`` as the notebook calls it, ``at`` its dotted name, ``lent`` functions by their dotted names."""
        for attribute, value in (("_name", name), ("_at", at), ("_lent", lent or {})):
            object.__setattr__(self, attribute, value)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotInTheRoom(object.__getattribute__(self, "_name"))

    def __getattr__(self, name: str) -> Any:
        """Refused, with the attribute named."""
        if name.startswith("__"):
            raise AttributeError(name)
        own, at, lent = (object.__getattribute__(self, attribute) for attribute in ("_name", "_at", "_lent"))
        if not any(f"{one}.".startswith(f"{at}.{name}.") for one in lent):
            raise NotInTheRoom(f"{own}.{name}")
        return _stand_in(f"{own}.{name}", f"{at}.{name}", lent)

    __call__ = __getitem__ = __iter__ = __len__ = __bool__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = _refuse
    __rsub__ = __truediv__ = __rtruediv__ = __eq__ = __lt__ = __gt__ = __contains__ = __setattr__ = __mro_entries__ = (
        _refuse
    )
    __hash__ = object.__hash__


def _stand_in(name: str, at: str, lent: dict[str, Any]) -> Any:
    """What a name of the course's stands for in the sandbox: a function that is lent, or a refusal."""
    return lent[at] if at in lent else CourseOnly(name, at, lent)


def run_answer(job: dict[str, Any], talk: Talk) -> bytes:
    """Make the answer and call it on every case.

    Args:
        job: "statements", as (text, whether an error in it is to be passed over); "expression", the answer's;
            "futures", whether annotations stay text; "course", names that stand for the course's objects, with
            their dotted names; "helpers", dotted names of those that it may call; "values", of
            those the plain ones; "cases", the message of each; "probe", what calls it, as (module, name) or None.
        talk: has a function of the course called elsewhere.

    Returns:
        A message: {"error": (kind, words)} when there is no answer to call, else {"callable", "results"}.
    """
    borrow_by(lambda dotted: borrowed(dotted, talk))
    space = _namespace(job)
    probe = getattr(importlib.import_module(job["probe"][0]), job["probe"][1]) if job["probe"] else None
    try:
        for text, may_fail in job["statements"]:
            _execute(text, may_fail, job["futures"], space)
        answer = eval(job["expression"], space)
    except NotImplementedError:
        answer = ...
    except BaseException as error:
        return dumps({"error": [type(error).__name__[:100], _words(error)]})
    results = [_result(answer, case, probe) for case in job["cases"]]
    return dumps({"callable": callable(answer), "results": results})


def _result(answer: Any, case: bytes, probe: running.Probe | None) -> bytes:
    """A message for each case, so that one that is too large costs no other."""
    result = running.run(answer, loads(case, with_networks=True), probe, _NO_LIMIT)
    try:
        return dumps(_plain(result), RECORDS)
    except NotOnTheWire as problem:
        return dumps(running.Raised("ResultError", f"the result cannot be read: {problem}"), RECORDS)
    except Exception as error:  # whatever the learner's objects do when they are looked at
        return dumps(running.Raised(type(error).__name__, _words(error)), RECORDS)


def _plain(result: Any) -> Any:
    """A result whose words, where there are any, are nothing but text: only that can travel."""
    if isinstance(result, running.Raised) and isinstance(result.message, Sentence):
        return replace(result, message=str(result.message))
    return result


def _namespace(job: dict[str, Any]) -> dict[str, Any]:
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module  # where dataclasses and pickle look for the classes of a notebook
    space = module.__dict__
    space |= {"__builtins__": builtins, "display": _nothing, "get_ipython": lambda: _Shell()}
    helpers = {dotted: lent(dotted) for dotted in job["helpers"]}
    space |= {name: _stand_in(name, at, helpers) for name, at in job["course"].items()}
    # A check says nothing here; the way "your code runs the course" hands a part on, it stays the learner's own.
    space |= {"check": _nothing, "yours": lambda exercise_id, answer=None: answer}
    space |= job["values"]
    return space


def _nothing(*_: Any, **__: Any) -> None:
    """In place of functions that only show something."""


class _Shell:
    """In place of IPython's shell: every method of it does nothing."""

    def __getattr__(self, name: str) -> Any:
        return _nothing


def _execute(text: str, may_fail: bool, futures: bool, space: dict[str, Any]) -> None:
    import __future__

    flags = __future__.annotations.compiler_flag if futures else 0
    try:
        exec(compile(text, "<the notebook>", "exec", flags=flags, dont_inherit=True), space)
    except Exception:
        if not may_fail:
            raise


def _words(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except BaseException:
        return "an error that cannot say what is wrong"

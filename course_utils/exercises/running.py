"""Calling an answer: on copies of the inputs, for a limited time, and so that whatever it does becomes a result.

Nothing here knows what is right: the grader runs this where no right answer is within reach.
"""

import contextlib
import copy
import io
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.exercises.unchanged import is_unchanged

SECONDS = 60.0
"""How long an answer may take on all cases of a check together."""
_MOST_PRINTED = 2_000  # characters that an answer may print during a check: enough to look for a mistake

Case = tuple[Any, ...]
Probe = Callable[..., Any]
"""How an answer is tried when calling it is not enough: ``probe(answer, *case)`` gives the result."""


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised, so that two crashes can be compared.

    A `kind` of "" marks what a probe has refused; the message then is a sentence for the learner. `for_review` marks
    what cannot be tried though it may be right.
    """

    kind: str
    message: str
    where: str = field(default="", compare=False)
    for_review: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Changed:
    """Stands for the result of a call that overwrote one of its inputs: the argument of that number, from 0."""

    result: Any
    argument: int


class Refused(Exception):
    """What a probe raises when an answer cannot be tried; its message is a sentence for the learner.

    Attributes:
        words: the message; a `Sentence` if it is to be said in other languages.
        for_review: whether the answer may be right all the same.
    """

    def __init__(self, words: str, for_review: bool = False):
        super().__init__(words)
        self.words = words
        self.for_review = for_review


def run(answer: Any, case: Case, probe: Probe | None = None, seconds: float = SECONDS) -> Any:
    """The answer's result on one case; a `Raised` or a `Changed` where that is what came out.

    Args:
        answer: the learner's. Whatever cannot be called is its own result.
        case: the arguments. The answer gets copies, each of its own: it may change them as it likes.
        probe: what to call instead, with the answer in front of the arguments.
        seconds: after how long to stop it; this works for Python code in the main thread, everywhere.
    """
    if not callable(answer):
        return answer
    # One by one: two arguments that are the same array must not be so for the answer.
    inputs = tuple(copy.deepcopy(value) for value in case)
    process = os.getpid()
    try:
        with _gradients_kept(), _little_output(), stop_after(seconds):
            result = probe(answer, *inputs) if probe else answer(*inputs)
    except KeyboardInterrupt:  # the learner wants to stop
        raise
    except NotImplementedError:
        return ...
    except Stopped:
        return Raised("Stopped", f"still running after {SECONDS:.0f} seconds")
    except Refused as error:
        return Raised("", error.words, for_review=error.for_review)
    except BaseException as error:  # whatever the learner's code raises is feedback, not a crash
        return Raised(type(error).__name__, _message(error), _line(error))
    finally:
        if os.getpid() != process:
            os._exit(0)  # the answer has forked: two of us must not go on
    for number, (before, after) in enumerate(zip(case, inputs, strict=True)):
        if not is_unchanged(before, after):
            return Changed(result, number)
    return result


def run_all(answer: Any, cases: list[Case], probe: Probe | None = None) -> list[Any]:
    """`run` on every case; whoever had to be stopped once is not tried on the others."""
    results: list[Any] = []
    end = time.monotonic() + SECONDS
    with _little_output():
        for case in cases:
            if time.monotonic() > end:
                results.append(Raised("Stopped", f"still running after {SECONDS:.0f} seconds"))
            else:
                results.append(run(answer, case, probe, end - time.monotonic() + 0.1))
    return results


def _message(error: BaseException) -> str:
    """The error's words, even of an error that cannot say them; never more than a paragraph."""
    try:
        return str(error)[:500]
    except Exception:
        return "an error that cannot say what is wrong"


def _line(error: BaseException) -> str:
    """The last line of the learner's own code on the way to an error: code that lies in no file. Or nothing."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if not os.path.exists(frame.filename)]
    return (own[-1].line or "") if own else ""


class _Little(io.TextIOBase):
    """A stream that lets through what a person may want to read and drops the flood behind it."""

    def __init__(self, stream):
        self.stream, self.left = stream, _MOST_PRINTED

    def write(self, text: str) -> int:
        if self.left > 0:
            self.stream.write(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.stream.write("\n... (what else it prints is left out)\n")
        return len(text)

    def flush(self) -> None:
        self.stream.flush()


@contextlib.contextmanager
def _gradients_kept() -> Iterator[None]:
    """An answer may switch PyTorch's gradients off, or be stopped while they are: afterwards they are as before."""
    before = _torch().is_grad_enabled() if _torch() else True
    try:
        yield
    finally:
        if _torch():
            _torch().set_grad_enabled(before)


def _torch() -> Any:
    """PyTorch, if somebody has imported it: it is too heavy to be imported for answers that do without."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "set_grad_enabled") else None


@contextlib.contextmanager
def _little_output() -> Iterator[None]:
    with contextlib.redirect_stdout(_Little(sys.stdout)), contextlib.redirect_stderr(_Little(sys.stderr)):
        yield

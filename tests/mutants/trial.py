"""Whether the fixed cases of an exercise notice a change, and which changes make no difference."""

import inspect
import sys
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.exercises.evidence import why_wrong
from course_utils.exercises.mutants import Mutant, mutants_of
from course_utils.exercises.running import Changed, run
from course_utils.exercises.text import as_plain
from course_utils.exercises.words import as_choices

from .subjects import Subject

EQUIVALENT = Path(__file__).with_name("equivalent")
_SECONDS = 4.0  # for a mutant and a case; a solution takes a fraction of it


@dataclass
class Count:
    """What became of the mutants of one exercise: made, and the lines of those that nothing has noticed."""

    made: int = 0
    killed: int = 0
    listed: set[str] = field(default_factory=set)
    survivors: list[str] = field(default_factory=list)


def equivalent(number: str) -> dict[str, dict[str, str]]:
    """Exercise -> change -> why it makes no difference, as listed for a lesson."""
    path = EQUIVALENT / f"{number}.toml"
    listed = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {exercise: {entry["change"]: entry["reason"] for entry in entries} for exercise, entries in listed.items()}


class Trial:
    """One program's exercise, ready to judge its mutants."""

    def __init__(self, subject: Subject):
        self.subject, self.exercise = subject, subject.exercise
        self.cases = self.exercise.edges()
        self.expected = [run(self.exercise.reference, case, self.exercise.probe) for case in self.cases]
        # Small inputs first: most mutants die on them.
        self.order = sorted(range(len(self.cases)), key=lambda k: len(repr(self.cases[k])))

    def mutants(self) -> Iterator[Mutant]:
        """The mutants of the program that could matter."""
        return (mutant for mutant in mutants_of(self.subject.source) if self._matters(mutant))

    def _matters(self, mutant: Mutant) -> bool:
        """Not a lost sign where no result is negative, an "in place" change of a number, or a mistake's own line.

        A reference may hold, beside what is right, mistakes that people make; what right answers never reach is one.
        """
        if mutant.kind == "sign":
            return self._may_be_negative
        if mutant.kind.startswith("in place "):
            return mutant.kind.removeprefix("in place ") in self._arrays
        return not self.subject.is_reference or mutant.line in self._reached

    @cached_property
    def _arrays(self) -> set[str]:
        """Names of the arguments that are arrays or tensors."""
        names = list(inspect.signature(self.exercise.reference).parameters)
        pairs = [pair for case in self.cases for pair in zip(names, case, strict=False)]
        return {name for name, value in pairs if hasattr(value, "shape")}

    @cached_property
    def _reached(self) -> set[int]:
        """Lines of the unchanged program that run on the fixed cases."""
        lines: set[int] = set()

        def trace(frame, event, _):
            if frame.f_code.co_filename != "<subject>":
                return None
            lines.add(frame.f_lineno)
            return trace

        answer = self.subject.build(compile(self.subject.source, "<subject>", "exec"))
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            for case in self.cases:
                run(answer, case, self.exercise.probe)
        finally:
            sys.settrace(before)
        return lines

    @cached_property
    def _may_be_negative(self) -> bool:
        drawn = [case for seed in range(20) for case in self.exercise.draw_cases(seed)[len(self.cases) :]]
        results = [*self.expected, *(run(self.exercise.reference, case, self.exercise.probe) for case in drawn)]
        return any(map(_has_negative, results))

    def is_noticed(self, mutant: Mutant) -> bool:
        """Whether a mutant is wrong on some fixed case, or does not even run."""
        try:
            answer = self.subject.build(compile(mutant.tree, "<mutant>", "exec"))
        except Exception:  # a program that cannot start
            return True
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return any(self._fails(answer, k) for k in self.order)

    def _fails(self, answer: object, k: int) -> bool:
        result = run(answer, self.cases[k], self.exercise.probe, _SECONDS)
        if isinstance(result, Changed):
            return True
        return bool(why_wrong(self.exercise, self.expected[k], as_choices(result, self.exercise.words)))


def _has_negative(value: Any) -> bool:
    value = as_plain(value)
    if isinstance(value, list | tuple | dict):
        return any(map(_has_negative, value.values() if isinstance(value, dict) else value))
    numbers = np.asarray(value)
    return numbers.dtype.kind in "if" and bool((numbers < 0).any())

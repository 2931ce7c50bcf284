"""Which slip explains the results of a wrong answer: one that was declared, an everyday one, or two at once.

A slip is named only when it contradicts no case: where the answer is right, the slip must give the right result too.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from course_utils.exercises.evidence import Evidence
from course_utils.exercises.running import Changed, Raised, run
from course_utils.exercises.slips import OF_RESULTS, of_inputs
from course_utils.exercises.text import as_plain

_ENOUGH = 2  # how much an everyday slip must explain before it is named; see `_weight`
_MOST_TRIES = 6_000  # results worked out for one answer: a second or two
_AND_MORE = " (That is not all: once this is mended, something else remains.)"


@dataclass(frozen=True)
class Slip:
    """What was recognised: the words for it, and the failing cases that it explains."""

    words: str
    cases: list[int]


class Theory:
    """A mistake that somebody may have made, and what it would give in each case, worked out once, when asked for."""

    def __init__(self, words: str, result_of: Callable[[int], Any]):
        self.words, self._result_of = words, result_of
        self._results: dict[int, Any] = {}

    def result(self, k: int) -> Any:
        """What the mistake gives in case `k`; a `Raised` where it does not apply."""
        if k not in self._results:
            self._results[k] = self._result_of(k)
        return self._results[k]


def recognise(evidence: Evidence) -> Slip | None:
    """The slip that explains the wrong results of an answer, or None where none does for certain."""
    return _Search(evidence).slip()


class _Search:
    def __init__(self, evidence: Evidence):
        self.evidence, self.exercise = evidence, evidence.exercise
        self.right = [k for k in range(len(evidence.cases)) if k not in evidence.failing]
        self.tries = 0
        self._cached_inputs: dict[int, dict[str, list[tuple]]] = {}

    def slip(self) -> Slip | None:
        """The best explanation: a declared mistake before an everyday one, one before two, all cases before some."""
        for search in (
            self._declared_alone,
            self._everyday_alone,
            self._two_declared,
            self._declared_and_everyday,
            self._in_part,
        ):
            found = search()
            if found:
                return found
        return None

    @cached_property
    def declared(self) -> list[Theory]:
        """The mistakes of the exercise."""

        def theory(words: str, mistake: Any) -> Theory:
            return Theory(words, lambda k: self._call(mistake, self.evidence.cases[k]))

        return [theory(words, mistake) for words, mistake in self.exercise.misconceptions.items()]

    @cached_property
    def of_results(self) -> list[Theory]:
        """The everyday slips that change a right result."""
        return [Theory(words, self._changed(self._right_result, change)) for words, change in OF_RESULTS]

    @cached_property
    def of_inputs(self) -> list[Theory]:
        """The everyday slips by which a right answer reads its inputs wrongly."""
        if not self.exercise.is_function or self.exercise.probe:
            return []
        words = [words for words, _ in self._inputs(self._longest())]
        return [Theory(each, lambda k, n=n: self._of_input(k, n, words)) for n, each in enumerate(words)]

    def _declared_alone(self) -> Slip | None:
        failing = self.evidence.failing
        for theory in self.declared:
            if self._explains_all(theory, by_message=True):
                return Slip(theory.words, failing)
        return None

    def _everyday_alone(self) -> Slip | None:
        """An everyday slip; none where slips of several inputs explain the same, since any of them may be it."""
        if sum(map(self._weight, self.evidence.failing)) < _ENOUGH:
            return None
        for theories in (self.of_results, self.of_inputs):
            found = dict.fromkeys(theory.words for theory in theories if self._explains_all(theory))
            if found and (theories is self.of_results or len(found) <= 2):
                return Slip(next(iter(found)), self.evidence.failing)
        return None

    def _two_declared(self) -> Slip | None:
        """Two declared mistakes, each of which explains cases that the other does not."""
        parts = [(theory, self._explained(theory)) for theory in self.declared if not self._contradicted(theory)]
        parts = [(theory, cases) for theory, cases in parts if cases]
        for number, (one, first) in enumerate(parts):
            for other, second in parts[number + 1 :]:
                rest = [k for k in self.evidence.failing if k not in first and k not in second]
                # Where both change the result, what they give together is neither's.
                if (
                    set(first) - set(second)
                    and set(second) - set(first)
                    and all(self._both_change(one, other, k) for k in rest)
                ):
                    return Slip(one.words + _AND_MORE, first)
        return None

    def _declared_and_everyday(self) -> Slip | None:
        """A mistake, declared or of an input, whose result an everyday slip has changed once more."""
        hardest = max(self.evidence.failing, key=self._weight)
        if sum(map(self._weight, self.evidence.failing)) < 2 * _ENOUGH:
            return None
        for theory in [*self.declared, *self.of_inputs]:
            if isinstance(theory.result(hardest), Raised):
                continue
            for words, change in OF_RESULTS:
                both = Theory(words, self._changed(theory.result, change))
                if self.tries > _MOST_TRIES:
                    return None
                if self.evidence.agrees(hardest, both.result(hardest)) and self._explains_all(both):
                    return Slip(theory.words + _AND_MORE, self.evidence.failing)
        return None

    def _in_part(self) -> Slip | None:
        """A declared mistake that explains most of what is wrong, and contradicts nothing."""
        best: tuple[float, Theory, list[int]] | None = None
        for theory in self.declared:
            cases = [] if self._contradicted(theory) else self._explained(theory)
            weight = sum(map(self._weight, cases))
            unlike = [k for k in self.evidence.failing if k not in cases and self._changes(theory, k)]
            if weight >= _ENOUGH and len(cases) > len(unlike) and (best is None or weight > best[0]):
                best = weight, theory, cases
        return Slip(best[1].words + _AND_MORE, best[2]) if best else None

    # What a theory says of single cases ------------------------------------------------------------------------------

    def _explains_all(self, theory: Theory, by_message: bool = False) -> bool:
        """Whether a theory gives the answer's results in every case.

        Code may crash for many reasons: if all failing cases do, the messages must be the same too.
        """
        order = sorted(self.evidence.failing, key=self._weight, reverse=True) + self.right
        if not all(self.evidence.agrees(k, theory.result(k)) for k in order):
            return False
        pairs = [(self.evidence.results[k], theory.result(k)) for k in self.evidence.failing]
        crashed = all(isinstance(result, Raised) for result, _ in pairs)
        return not crashed or (by_message and all(result == other for result, other in pairs))

    def _explained(self, theory: Theory) -> list[int]:
        """The failing cases in which the answer gives what the theory gives; of crashes only those of one message."""

        def explains(k: int) -> bool:
            result, other = self.evidence.results[k], theory.result(k)
            if isinstance(result, Raised):
                return isinstance(other, Raised) and other == result
            return self.evidence.agrees(k, other)

        return [k for k in self.evidence.failing if explains(k)]

    def _contradicted(self, theory: Theory) -> bool:
        return not all(self.evidence.agrees(k, theory.result(k)) for k in self.right)

    def _changes(self, theory: Theory, k: int) -> bool:
        """Whether a theory gives something wrong in a case."""
        return k in Evidence(self.exercise, self.evidence.cases, self.evidence.expected, self._only(k, theory)).failing

    def _only(self, k: int, theory: Theory) -> list[Any]:
        return [theory.result(k) if number == k else right for number, right in enumerate(self.evidence.expected)]

    def _both_change(self, one: Theory, other: Theory, k: int) -> bool:
        return self._changes(one, k) and self._changes(other, k)

    def _weight(self, k: int) -> float:
        """How unlikely a result is to come about by another slip: much for fractions, little for None, 0 and 1."""
        result = self.evidence.results[k]
        if result is None or isinstance(result, Raised):
            return 0.5
        try:
            numbers = np.unique(np.asarray(as_plain(result), dtype=float).round(6))
        except Exception:  # no numbers, or too large ones, or an object that does not like to be looked at
            return 1
        telling = [number for number in numbers[:20] if abs(number) not in (0, 1)]
        return min(0.25 * len(numbers) + sum(1 if number % 1 else 0.5 for number in telling), 4)

    # How theories come to their results ----------------------------------------------------------------------------

    def _call(self, answer: Any, case: tuple) -> Any:
        self.tries += 1
        result = run(answer, case, self.exercise.probe)
        return result.result if isinstance(result, Changed) else result

    def _right_result(self, k: int) -> Any:
        return self.evidence.expected[k]

    def _changed(self, result_of: Callable[[int], Any], change: Callable[[Any], Any]) -> Callable[[int], Any]:
        def result(k: int) -> Any:
            self.tries += 1
            try:
                with np.errstate(all="ignore"):
                    return change(_plain(result_of(k)))
            except Exception:  # the slip does not apply here
                return Raised("NoSuchSlip", "")

        return result

    def _longest(self) -> int:
        """A case whose inputs are of the fullest kinds, to count the slips by."""
        return max(range(len(self.evidence.cases)), key=lambda k: len(list(self._inputs(k))))

    def _inputs(self, k: int) -> Iterator[tuple[str, tuple]]:
        names = list(inspect.signature(self.exercise.reference).parameters)
        return of_inputs(names, tuple(_plain(value) for value in self.evidence.cases[k]))

    def _inputs_by_words(self, k: int) -> dict[str, list[tuple]]:
        if k not in self._cached_inputs:
            self._cached_inputs[k] = {}
            for words, inputs in self._inputs(k):
                self._cached_inputs[k].setdefault(words, []).append(inputs)
        return self._cached_inputs[k]

    def _of_input(self, k: int, number: int, words: list[str]) -> Any:
        """The right result of the inputs that a slip makes of those of a case."""
        same = self._inputs_by_words(k).get(words[number], [])
        place = words[:number].count(words[number])
        if place >= len(same):
            return self.evidence.expected[k]  # the slip makes no difference to inputs of this kind
        with np.errstate(all="ignore"):
            return self._call(self.exercise.reference, _like(self.evidence.cases[k], same[place]))


def _plain(value: Any) -> Any:
    """A value as plain Python and NumPy, also inside of lists."""
    value = as_plain(value)
    return type(value)(_plain(item) for item in value) if type(value) in (list, tuple) else value


def _like(case: tuple, inputs: tuple) -> tuple:
    """Plain inputs as tensors again, where the case has tensors."""
    return tuple(_as(before, value) for before, value in zip(case, inputs, strict=True))


def _as(before: Any, value: Any) -> Any:
    if hasattr(before, "dtype") and hasattr(before, "detach") and isinstance(value, np.ndarray | int | float):
        import torch  # here, so that lessons without it stay light

        return torch.as_tensor(np.ascontiguousarray(value)).to(before.dtype)
    return value

"""What may have gone wrong: the mistakes of an exercise, everyday slips, and right answers with one thing changed."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

import numpy as np

from course_utils.exercises.evidence import Evidence
from course_utils.exercises.neighbours import Neighbour, neighbours_of
from course_utils.exercises.running import Changed, Raised, run
from course_utils.exercises.slips import OF_RESULTS, of_inputs
from course_utils.exercises.text import as_plain

_SECONDS = 1.0  # for a theory and a case; some of them never come to an end
_NONE = Raised("NoSuchSlip", "")  # what a slip gives where it does not apply


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


class Theories:
    """All theories about the answer to an exercise."""

    def __init__(self, evidence: Evidence):
        self.evidence, self.exercise = evidence, evidence.exercise
        self._inputs_of_case: dict[int, dict[str, list[tuple]]] = {}

    @cached_property
    def declared(self) -> list[Theory]:
        """The mistakes of the exercise."""
        return [self.of_answer(words, mistake) for words, mistake in self.exercise.misconceptions.items()]

    @cached_property
    def of_results(self) -> list[Theory]:
        """The everyday slips that change a right result."""
        right = Theory("", lambda k: self.evidence.expected[k])
        return [self.after(right, words, change) for words, change in OF_RESULTS]

    @cached_property
    def of_inputs(self) -> list[Theory]:
        """The everyday slips by which a right answer reads its inputs wrongly."""
        return self._with_other_inputs(self.exercise.reference)

    def of_inputs_with(self, mistake: Theory) -> list[Theory]:
        """The same slips together with a declared mistake."""
        return self._with_other_inputs(self.exercise.misconceptions[mistake.words])

    def _with_other_inputs(self, answer: Any) -> list[Theory]:
        words = self._input_slips
        return [Theory(each, partial(self._of_input, answer, number=n, words=words)) for n, each in enumerate(words)]

    @cached_property
    def _input_slips(self) -> list[str]:
        if not self.exercise.is_function or self.exercise.probe:
            return []
        fullest = max(range(len(self.evidence.cases)), key=lambda k: len(list(self._inputs(k))))
        return [words for words, _ in self._inputs(fullest)]

    @cached_property
    def neighbours(self) -> list[tuple[Neighbour, Theory]]:
        """Right answers with one thing changed."""
        if not self.exercise.is_function:
            return []
        found = neighbours_of(self.exercise.id, self.exercise.reference)
        return [(each, self.of_program(each.words, partial(getattr, each, "answer"))) for each in found]

    @property
    def neighbours_alone(self) -> list[Theory]:
        """The theories about right answers with one thing changed."""
        return [theory for _, theory in self.neighbours]

    def of_answer(self, words: str, answer: Any) -> Theory:
        """The theory that the learner has handed in a certain answer."""
        return Theory(words, lambda k: self._call(answer, self.evidence.cases[k]))

    def of_program(self, words: str, make: Callable[[], Any]) -> Theory:
        """The same of an answer that is only made when it is needed, if it can be made."""
        made: list[Any] = []

        def result(k: int) -> Any:
            if not made:
                try:
                    made.append(make())
                except Exception:  # a program that cannot start
                    made.append(None)
            return _NONE if made[0] is None else self._try(made[0], self.evidence.cases[k])

        return Theory(words, result)

    def after(self, theory: Theory, words: str, change: Callable[[Any], Any]) -> Theory:
        """The theory that a slip has changed what another theory gives."""

        def result(k: int) -> Any:
            try:
                with np.errstate(all="ignore"):
                    return change(_plain(theory.result(k)))
            except Exception:  # the slip does not apply here
                return _NONE

        return Theory(words, result)

    def _call(self, answer: Any, case: tuple) -> Any:
        with np.errstate(all="ignore"):
            result = run(answer, case, self.exercise.probe, _SECONDS)
        return result.result if isinstance(result, Changed) else result

    def _try(self, answer: Any, case: tuple) -> Any:
        """The same of what nobody has looked at before: it may ask for anything."""
        with _no_giants():
            return self._call(answer, case)

    def _inputs(self, k: int) -> Iterator[tuple[str, tuple]]:
        names = list(inspect.signature(self.exercise.reference).parameters)
        return of_inputs(names, tuple(_plain(value) for value in self.evidence.cases[k]))

    def _of_input(self, answer: Any, k: int, number: int, words: list[str]) -> Any:
        """An answer's result of the inputs that a slip makes of those of a case."""
        if k not in self._inputs_of_case:
            self._inputs_of_case[k] = {}
            for each, inputs in self._inputs(k):
                self._inputs_of_case[k].setdefault(each, []).append(inputs)
        same = self._inputs_of_case[k].get(words[number], [])
        place = words[:number].count(words[number])
        if place >= len(same):
            return self._try(answer, self.evidence.cases[k])  # the slip makes no difference to inputs of this kind
        return self._try(answer, _like(self.evidence.cases[k], same[place]))


def _no_giants() -> contextlib.AbstractContextManager:
    """What keeps PyTorch from giant tensors, if somebody has imported it: lessons without it stay light."""
    if "torch" not in sys.modules:
        return contextlib.nullcontext()
    from course_utils.exercises.giants import NoGiants

    return NoGiants()


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

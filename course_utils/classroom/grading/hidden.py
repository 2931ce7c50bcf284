"""Hidden value cells: fresh cases of an exercise, and the text that a right answer prints for them."""

from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError
from course_utils.exercises.canonical import UNKNOWN, FreshCase, Grid, canonical, flatten, pack
from course_utils.exercises.core import Case, Exercise, Raised, run

_DRAWS = 3  # how often an exercise's cases are drawn: a nearly right answer should meet the case that it gets wrong
_STEPS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
_SHIFTS_TRIED = 64


@dataclass(frozen=True)
class ValueCell:
    """What the grader appends after an exercise: source for the kernel, expected text for the grader's eyes only."""

    source: str
    expected: str


def value_cell(exercise: Exercise, answer: str, seed: int) -> ValueCell:
    """The hidden cell of an exercise.

    Args:
        exercise: gives the cases and the right results, computed here, in the grader's process.
        answer: the expression that names the learner's answer in the kernel, for example `box_iou`.
        seed: of this run of the grader; every submission of a run meets the same cases.

    Raises:
        CourseError: the exercise's reference raises, or its result is of a kind that has no canonical text.
    """
    rng = np.random.default_rng(seed)
    cases, lines = [], []
    for case in _draw(exercise, rng):
        right = run(exercise.reference, case)
        if isinstance(right, Raised) or UNKNOWN in flatten(right)[0]:
            raise CourseError(
                f"exercise {exercise.id}: the reference gives {right!r}, which cannot be compared as text; "
                "let it return numbers, arrays, text, or lists and dictionaries of them"
            )
        grid = _grid(right, exercise.tolerance, rng)
        if grid:
            cases.append(FreshCase(case, grid))
            lines.append(f"{len(cases)}. {canonical(right, grid)}")
    if not cases:
        raise CourseError(f"exercise {exercise.id}: no case whose result can be rounded safely; lower its tolerance")
    source = (
        "from course_utils.exercises.canonical import print_results as _print_results\n"
        f"_print_results(lambda: {answer}, {pack(cases)!r})"
    )
    return ValueCell(source, "\n".join(lines) + "\n")


def _draw(exercise: Exercise, rng: np.random.Generator) -> list[Case]:
    """Cases of several seeds; an answer that is a plain value has its one empty case."""
    seeds = rng.integers(2**31, size=_DRAWS if exercise.is_function else 1)
    return [case for seed in seeds for case in exercise.draw_cases(int(seed))]


def _grid(right: object, tolerance: float, rng: np.random.Generator) -> Grid | None:
    """The finest grid on which all that the tolerance accepts prints the same text, if there is one.

    Shifts are tried in random order and the first good one is taken, so that the grid says nothing about the result.
    """
    numbers = flatten(right)[1]
    numbers = numbers[np.isfinite(numbers)]
    reach = tolerance * (1 + np.abs(numbers))
    for step in _STEPS:
        for shift in [0.0, *rng.uniform(-0.5, 0.5, size=_SHIFTS_TRIED)]:
            grid = Grid(step, float(shift))
            if np.array_equal(grid.index(numbers - reach), grid.index(numbers + reach)):
                return grid
    return None

"""The canonical text is the same exactly for what the checks hold to be equal."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.classroom.grading.hidden import _grid, value_cell
from course_utils.errors import CourseError
from course_utils.exercises.canonical import Grid, canonical
from course_utils.exercises.compare import difference
from course_utils.exercises.core import Exercise

GRID = Grid(1e-5, 0.0)

SAME = [
    (3, 3.0),
    (3, np.int64(3)),
    (0.0, -0.0),
    (float("nan"), np.nan),
    (0.1 + 0.2, 0.3),
    ([1, 2, 3], np.array([1, 2, 3])),
    ([(1, 2), (3, 4)], np.array([[1, 2], [3, 4]])),
    ([True, False], np.array([True, False])),
    (np.array([1.5, 2.5]), torch.tensor([1.5, 2.5])),
    ({"a": 1, "b": (1.0, 2.0)}, {"b": [1, 2], "a": 1.0}),
    ({1, 2, 3}, {3.0, 2, 1}),
    (["tahu", "tempe"], ("tahu", "tempe")),
    (np.empty((0, 4)), np.empty((0, 4), dtype=bool)),
]
DIFFERENT = [
    (1, True),
    (1, 1.001),
    (1000.0, 1000.2),
    (33_000, 33_001),
    (np.array([1, 0]), np.array([True, False])),
    (np.zeros((2, 3)), np.zeros((3, 2))),
    (np.arange(100), np.append(np.arange(99), 98)),
    ([1, 2], [1, 2, 3]),
    ([[1], [2, 3]], [[1, 2], [3]]),
    ({"a": 1}, {"b": 1}),
    ("1", 1),
    (None, ...),
    (float("nan"), 0),
    (float("inf"), float("-inf")),
    (np.empty((0, 4)), np.empty((0,))),
]


@pytest.mark.parametrize("a, b", SAME)
def test_equal_values_have_one_text(a: object, b: object) -> None:
    assert canonical(a, GRID) == canonical(b, GRID)


@pytest.mark.parametrize("a, b", DIFFERENT)
def test_unequal_values_have_two(a: object, b: object) -> None:
    assert difference(a, b, 1e-6), "the pair is no example: the check holds it to be equal"
    assert canonical(a, GRID) != canonical(b, GRID)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(-1, 1), st.integers(0, 99))
def test_whatever_is_within_the_tolerance_prints_the_same(numbers: list[float], error: float, seed: int) -> None:
    right = np.array(numbers)
    grid = _grid(right, 1e-6, np.random.default_rng(seed))
    assert grid is not None
    assert canonical(right, grid) == canonical(right + 1e-6 * (1 + np.abs(right)) * error, grid)


def test_a_reference_without_a_canonical_text_is_a_mistake_of_the_author() -> None:
    with pytest.raises(CourseError, match="odd: the reference gives .* cannot be compared as text"):
        value_cell(Exercise(id="odd", title="", points=1, reference=object()), "odd", 0)


def test_the_cell_does_not_hold_what_is_expected_and_changes_with_the_seed() -> None:
    exercise = Exercise(
        id="sum", title="", points=1, reference=sum, edges=list, random=lambda rng: [(rng.random(5).tolist(),)]
    )
    first, again, other = (value_cell(exercise, "answer", seed) for seed in (1, 1, 2))
    assert first == again
    assert first.expected != other.expected
    assert all(line.split(": ")[1] not in first.source for line in first.expected.splitlines())

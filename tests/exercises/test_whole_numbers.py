"""Whole numbers must come as such exactly where the docstring that a learner reads asks for them."""

import ast
import re
from typing import Any

import numpy as np
import pytest
from mutants.subjects import sources

from course_utils.classroom.editions import solved_text
from course_utils.classroom.source import read_source
from course_utils.exercises.core import Exercise, run
from course_utils.exercises.text import as_plain
from course_utils.exercises.yours import declared

STUBS = [
    (cell.exercise, node)
    for path in sources().values()
    for cell in read_source(path)
    if cell.role == "exercise"
    for node in ast.parse(solved_text(cell.text)).body
    if isinstance(node, ast.FunctionDef)
]


def _gives_whole_numbers(exercise: Exercise) -> bool:
    assert exercise.edges
    return any(_has_whole(run(exercise.reference, case, exercise.probe)) for case in exercise.edges()[:4])


def _has_whole(value: Any) -> bool:
    value = as_plain(value)
    if isinstance(value, list | tuple):
        return any(map(_has_whole, value))
    return isinstance(value, int | np.ndarray) and np.asarray(value).dtype.kind in "iu" and np.size(value) > 0


@pytest.mark.parametrize(("exercise_id", "stub"), STUBS, ids=[exercise_id for exercise_id, _ in STUBS])
def test_whole_is_declared_where_the_docstring_says_so(exercise_id: str, stub: ast.FunctionDef):
    exercise, _ = declared(exercise_id)
    asked = re.search(r"whole\s+number|\bindices\b|\bindex\b", ast.get_docstring(stub) or "") is not None
    assert exercise.whole == (asked and _gives_whole_numbers(exercise))

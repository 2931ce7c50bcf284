"""Exercises of a lesson that exists for these tests alone, and what its set-up cell imports besides."""

import numpy as np

from course_utils.exercises.core import Exercise, Lesson, Share

FOODS = {"tahu": 115, "tempe": 336}


def union(a, b):
    """A function of the course that an answer may wish to use."""
    return int((a | b).sum())


LESSON = Lesson(
    90,
    [
        Exercise(
            id="overlap",
            title="How many pixels two masks share",
            points=1,
            reference=lambda a, b: int((a & b).sum()),
            edges=lambda: [(np.array([True, True, False]), np.array([True, False, True]))],
            random=lambda rng: [(rng.random(50) < 0.5, rng.random(50) < 0.5) for _ in range(3)],
            misconceptions={
                "You counted the union.": lambda a, b: int((a | b).sum()),
                "You counted the first mask.": lambda a, b: int(a.sum()),
            },
            shortcuts=("numpy.count_nonzero",),
        ),
        Exercise(
            id="normalise",
            title="Values moved to mean 0",
            points=2,
            reference=lambda values: values - values.mean(),
            edges=lambda: [(np.array([1.0, 2.0, 6.0]),)],
            random=lambda rng: [(rng.normal(5, 3, (4, 4)),) for _ in range(3)],
            misconceptions={"You subtracted the median.": lambda values: values - np.median(values)},
            shares=(
                Share("one row", 1, lambda case: case[0].ndim == 1),
                Share("squares", 1, lambda case: case[0].ndim == 2),
            ),
        ),
        Exercise(id="classes", title="How many food classes there are", points=1, reference=6),
    ],
)

check = LESSON.check

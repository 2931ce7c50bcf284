"""Exercises of a lesson that exists for these tests alone. Its source is the set-up cell of the tiny notebook."""

import numpy as np

from course_utils.exercises.core import Exercise, Lesson

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
        ),
        Exercise(
            id="normalise",
            title="Values moved to mean 0",
            points=2,
            reference=lambda values: values - values.mean(),
            edges=lambda: [(np.array([1.0, 2.0, 6.0]),)],
            random=lambda rng: [(rng.normal(5, 3, (4, 4)),) for _ in range(3)],
            misconceptions={"You subtracted the median.": lambda values: values - np.median(values)},
        ),
        Exercise(id="classes", title="How many food classes there are", points=1, reference=6),
    ],
)

check = LESSON.check

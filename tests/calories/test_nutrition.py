import numpy as np
import pytest

from course_utils.calories.nutrition import energies, kcal
from course_utils.dataset import CLASSES, load_foods
from course_utils.errors import CourseError


def test_a_hundred_grams_have_what_the_table_says():
    labels = np.arange(1, 7)
    table = [food.kcal_per_100g for food in load_foods().values()]
    assert kcal(labels, np.full(6, 100.0)) == pytest.approx(table)


def test_energies_are_per_gram():
    assert energies()[CLASSES.index("tempe") + 1] == pytest.approx(3.36) and np.isnan(energies()[0])


def test_no_pieces_no_kcal():
    assert kcal([], np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("label", [0, 7, -1])
def test_a_class_that_is_not_in_the_table(label):
    with pytest.raises(CourseError, match=f"no class {label}"):
        kcal([1, label], np.ones(2))

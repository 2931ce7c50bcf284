import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up import made_up

from course_utils.calories.estimator import Estimator
from course_utils.calories.weight import Weighings, WeightModel, weighings


@pytest.fixture(scope="session")
def real() -> Weighings:
    return weighings()


@pytest.fixture(scope="session")
def real_estimator(real) -> Estimator:
    return Estimator(WeightModel(real))


@pytest.fixture(scope="session")
def exact_estimator() -> Estimator:
    """Of a world in which weight is exactly class times area: its only errors are those of the masks."""
    return Estimator(WeightModel(made_up(noise=0.0)))

"""How far a model's answers can be trusted: what was measured on `val` and stored, so that every user says the same.

Some numbers and a cloud of points, made by ``python benchmarks/trust.py --store`` for one trained model and the
course's regressions; made anew when either is replaced.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.errors import CourseError
from course_utils.files import replacing
from course_utils.mask_rcnn.familiarity import Familiarity
from course_utils.paths import data_dir


@dataclass(frozen=True)
class Trust:
    """What is known of a model's answers.

    Attributes:
        familiarity: what the photos look like that the model was trained on.
        farthest: the distance from which on a photo is none of them.
        temperature: of the scores, see `metrics.calibration`.
        bounds: of intervals, by the groups of `estimator`: how many spreads the truth may lie below and above.
    """

    familiarity: Familiarity
    farthest: float
    temperature: float
    bounds: Mapping[str, tuple[float, float]]


def write_trust(trust: Trust, folder: Path, command: str, measured: Mapping[str, Any]) -> None:
    """Store it as ``trust.json``, to be read by people too, and ``trust.npz``.

    Args:
        trust: what to store. folder: of the model's results. command: that made it.
        measured: what else the command found, for the record.
    """
    numbers = {"command": command, "farthest": trust.farthest, "temperature": trust.temperature}
    numbers |= {"bounds": {group: list(ends) for group, ends in trust.bounds.items()}, "measured": dict(measured)}
    with replacing(folder / "trust.json") as beside:
        beside.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    cloud = trust.familiarity
    with replacing(folder / "trust.npz") as beside, beside.open("wb") as file:
        mean, axes, elsewhere = (np.asarray(part, np.float32) for part in (cloud.mean, cloud.axes, cloud.elsewhere))
        np.savez_compressed(file, mean=mean, axes=axes, elsewhere=elsewhere)


def read_trust(folder: Path) -> Trust:
    """Read what `write_trust` stored.

    Raises:
        CourseError: a file is missing or damaged.
    """
    try:
        numbers = json.loads((folder / "trust.json").read_text(encoding="utf-8"))
        with np.load(folder / "trust.npz") as file:
            cloud = Familiarity(file["mean"], file["axes"], float(file["elsewhere"]))
        bounds = {group: (float(low), float(high)) for group, (low, high) in numbers["bounds"].items()}
        return Trust(cloud, float(numbers["farthest"]), float(numbers["temperature"]), bounds)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise CourseError(
            f"{folder}: no readable trust.json and trust.npz: {error}; make them with "
            f"python benchmarks/trust.py {folder.name} --store"
        ) from None


@cache
def course_trust(name: str = "slim") -> Trust:
    """Of a model that comes with the course; see `read_trust`."""
    return read_trust(data_dir() / "results" / name)

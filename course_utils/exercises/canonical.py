"""One text for every way of writing the same value, so that two processes can compare results by comparing text.

Numbers are snapped to a grid whose edges the grader has placed away from the right values: a right answer
with other rounding errors gives the same text. The kernel that prints the text need not know what is right.
"""

import base64
import hashlib
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.utils.capture import capture_output

from course_utils.exercises.core import Case, Raised, run
from course_utils.exercises.text import as_plain

UNKNOWN = "an object of type"  # how the text of a value begins that has no canonical text
_SHOWN = 24  # longer lists of numbers are shown by their first ones and a hash of all


@dataclass(frozen=True)
class Grid:
    """Where numbers are rounded to: evenly spaced on the scale of asinh, linear near 0 and logarithmic far away.

    One step is thus an absolute difference for small numbers and a relative one for large numbers, as in
    `difference`. `shift`, in steps, moves the grid; with a shift of 0, zero itself is a grid point.
    """

    step: float
    shift: float

    def position(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers measured in steps from the grid point number 0, float64."""
        return np.arcsinh(numbers) / self.step - self.shift

    def index(self, numbers: np.ndarray) -> np.ndarray:
        """Which grid point each number falls to; nan and infinities stay. Float64 without negative zeros."""
        index = np.floor(self.position(numbers) + 0.5) + 0.0
        return np.where(np.isnan(index), np.nan, index)

    def point(self, index: np.ndarray) -> np.ndarray:
        """The number at a grid point."""
        return np.sinh((index + self.shift) * self.step)


@dataclass(frozen=True)
class FreshCase:
    """One hidden case as it is handed to the kernel: the inputs, and the grid to print the result on."""

    inputs: Case
    grid: Grid


def flatten(value: Any) -> tuple[str, np.ndarray]:
    """A value as a text without its numbers, and its numbers in reading order, float64.

    The text is the same for a list of numbers and the array that it stands for, for 3 and 3.0, for a numpy scalar
    and Python's own; it differs between `True` and 1, and between shapes.
    """
    numbers: list[np.ndarray] = []
    structure = _structure(_plain(value), numbers)
    return structure, np.concatenate(numbers) if numbers else np.empty(0)


def canonical(value: Any, grid: Grid) -> str:
    """The one text of a value on a grid; two values print the same exactly when they are equal up to the grid."""
    structure, numbers = flatten(value)
    if not numbers.size:
        return structure
    index = grid.index(numbers)
    shown = " ".join(f"{number:.5g}" for number in grid.point(index[:_SHOWN]))
    if numbers.size > _SHOWN:
        shown += f" ... sha256 {hashlib.sha256(index.tobytes()).hexdigest()[:32]}"
    return f"{structure}: {shown}"


def pack(cases: list[FreshCase]) -> str:
    """Hidden cases as one line of text, to stand in a cell."""
    return base64.b64encode(zlib.compress(pickle.dumps(cases))).decode()


def print_results(get_answer: Callable[[], Any], packed: str) -> None:
    """Print what an answer gives on packed cases, one canonical text a line; what the answer itself prints is dropped.

    The kernel trusts the grader, who made the cases (never the other way round), so unpickling them is safe.
    """
    lines = []
    with capture_output():
        for number, case in enumerate(pickle.loads(zlib.decompress(base64.b64decode(packed))), start=1):
            result = run(get_answer(), case.inputs)
            lines.append(f"{number}. {canonical(result, case.grid)}")
    print("\n".join(lines))


def _plain(value: Any) -> Any:
    """A value without torch tensors and numpy scalars at any depth, and with arrays for lists that stand for them."""
    value = as_plain(value)
    if isinstance(value, dict):
        return {as_plain(key): _plain(item) for key, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    items = [_plain(item) for item in value]
    kinds = {_kind(item) for item in items}
    if len(kinds) > 1 or kinds & {"other"}:
        return items
    try:
        return np.array(items)
    except ValueError:  # ragged
        return items


def _kind(item: Any) -> str:
    """Whether an item can be an entry of an array of numbers, of bools, or of none."""
    if isinstance(item, bool):
        return "bools"
    if isinstance(item, int | float):
        return "numbers"
    if isinstance(item, np.ndarray) and item.dtype.kind in "biuf":
        return "bools" if item.dtype == bool else "numbers"
    return "other"


def _structure(value: Any, numbers: list[np.ndarray]) -> str:
    """The text of a plain value without its numbers, which are appended to `numbers`."""
    if isinstance(value, dict):
        keys = sorted(value, key=repr)
        return "{" + ", ".join(f"{key!r}: {_structure(value[key], numbers)}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_structure(item, numbers) for item in value) + "]"
    if isinstance(value, set | frozenset):
        items = sorted((_plain(item) for item in value), key=repr)
        return "{" + ", ".join(_structure(item, numbers) for item in items) + "}"
    if _kind(value) != "other":
        return _number_structure(np.asarray(value), numbers)
    if value is None or value is ... or type(value) in (str, bytes, Raised):
        return repr(value)
    if isinstance(value, np.ndarray):
        return _structure(value.tolist(), numbers)
    return f"{UNKNOWN} {type(value).__name__}"


def _number_structure(array: np.ndarray, numbers: list[np.ndarray]) -> str:
    if not array.size:
        return f"empty {array.shape}"
    numbers.append(array.astype(np.float64).ravel())
    kind = "bool" if array.dtype == bool else "number"
    return f"{kind}s {array.shape}" if array.ndim else kind

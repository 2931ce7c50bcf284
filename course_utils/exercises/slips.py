"""Everyday slips, declared once for all exercises: what each makes of a right result, and the words for it.

Each transformation gets the right result as plain Python and NumPy values and gives what it becomes by the slip. Where
it does not apply it raises, or gives back what it got.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercises.sentences import Sentence
from course_utils.translation.say import N_

Slip = tuple[str, Callable[[Any], Any]]


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A change of numbers, made to every number of a result."""

    def changed(right: Any) -> Any:
        if isinstance(right, bool) or not isinstance(right, int | float | np.ndarray | list | tuple):
            raise TypeError
        if isinstance(right, list | tuple):
            return [changed(item) for item in right]
        if isinstance(right, np.ndarray) and right.dtype.kind not in "iuf":
            raise TypeError
        return change(right)

    return changed


def _each_share(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same of shares: numbers that come from a division, and so are floats."""

    def changed(share: Any) -> Any:
        if np.asarray(share).dtype.kind != "f":
            raise TypeError
        return change(share)

    return _each(changed)


def _array(change: Callable[[np.ndarray], Any], kinds: str = "biuf") -> Callable[[Any], Any]:
    """A change of an array, or of each array of several."""

    def changed(right: Any) -> Any:
        if isinstance(right, list | tuple) and any(isinstance(item, np.ndarray) for item in right):
            return [changed(item) if isinstance(item, np.ndarray) else item for item in right]
        if not isinstance(right, np.ndarray) or right.dtype.kind not in kinds:
            raise TypeError
        return change(right)

    return changed


def _boxes(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], Any]:
    """A change of boxes: of the last axis, which has four entries; or of the boxes among several results."""

    def changed(right: Any) -> Any:
        if isinstance(right, list | tuple) and any(isinstance(item, np.ndarray) for item in right):
            return [changed(item) if np.shape(item)[-1:] == (4,) else item for item in right]
        boxes = np.asarray(right)
        if boxes.shape[-1:] != (4,) or boxes.dtype.kind not in "iuf":
            raise TypeError
        return change(boxes)

    return changed


def _items(change: Callable[[list], Any]) -> Callable[[Any], Any]:
    """A change of a list or tuple, or of an array as the list of its rows."""

    def changed(right: Any) -> Any:
        if not isinstance(right, list | tuple | np.ndarray):
            raise TypeError
        if len(right) < 2:
            return right
        if isinstance(right, np.ndarray):
            return np.array(change(list(right)))
        return change(list(right))

    return changed


def _part(part: slice) -> Callable[[Any], Any]:
    """A part of a list or tuple, or of the rows of an array."""

    def changed(right: Any) -> Any:
        if not isinstance(right, list | tuple | np.ndarray):
            raise TypeError
        return right[part]

    return changed


def _beside(*, add: tuple[int, int, int, int]) -> Callable[[Any], Any]:
    return _boxes(lambda boxes: boxes + np.array(add))


def _dropped(right: Any) -> Any:
    if not isinstance(right, list | tuple) or not 2 <= len(right) <= 3:
        raise TypeError
    return right[0]


_SWAPPED = N_("Two of your results have changed places. Compare their order with the one that is asked for.")
_RIGHT_ENTRIES = N_("The right entries, but in another order. In which order are they asked for?")
_XY = N_("x and y have changed places. The first index of an array is the row, which is y; boxes name x first.")
_ONE_PAST = N_(
    "Your far corner is off by one. Boxes here are half-open: x2 and y2 are the first coordinates outside, so a width "
    "is x2 - x1, without a + 1."
)
_COUNTED = N_(
    "Off by one everywhere. From which number does counting begin, and where does it end? Or is it `<` for `<=`?"
)
NO_RETURN = N_("On some inputs your function gives back None. Which way through it ends without a `return`?")

OF_RESULTS: tuple[Slip, ...] = (
    (_SWAPPED, _items(lambda items: items[::-1] if len(items) == 2 else 1 / 0)),
    (N_("Only the first of the results comes back. More than one is asked for."), _dropped),
    (N_("The list is the wrong way round."), _items(lambda items: items[::-1])),
    (N_("The right entries, but sorted. They are asked for in another order."), _items(sorted)),
    (N_("Two of your results have changed places: the first two."), _items(lambda i: [i[1], i[0], *i[2:]])),
    (N_("Two of your results have changed places: the last two."), _items(lambda i: [*i[:-2], i[-1], i[-2]])),
    (N_("The last one is missing."), _part(slice(None, -1))),
    (N_("The first one is missing."), _part(slice(1, None))),
    (_XY, _boxes(lambda boxes: boxes[..., [1, 0, 3, 2]])),
    (
        N_("A box is x1, y1, x2, y2 here: its two corners, x before y. You gave both x first, then both y."),
        _boxes(lambda boxes: boxes[..., [0, 2, 1, 3]]),
    ),
    (
        N_("A box is x1, y1, x2, y2 here: its two corners, x before y. You gave the size for the far corner."),
        _boxes(lambda b: np.concatenate([b[..., :2], b[..., 2:] - b[..., :2]], -1)),
    ),
    (
        N_("A box is x1, y1, x2, y2 here: its two corners, x before y. You gave the centre and the size."),
        _boxes(lambda b: np.concatenate([(b[..., :2] + b[..., 2:]) / 2, b[..., 2:] - b[..., :2]], -1)),
    ),
    (_ONE_PAST, _beside(add=(0, 0, -1, -1))),
    (_ONE_PAST, _beside(add=(0, 0, 1, 1))),
    (
        N_(
            "Your far corner is off by one. Boxes here are half-open: x2 and y2 are the first coordinates outside, "
            "so a width is x2 - x1, without a + 1. You have it right for y alone."
        ),
        _beside(add=(0, 0, -1, 0)),
    ),
    (
        N_(
            "Your far corner is off by one. Boxes here are half-open: x2 and y2 are the first coordinates outside, "
            "so a width is x2 - x1, without a + 1. You have it right for x alone."
        ),
        _beside(add=(0, 0, 0, -1)),
    ),
    (
        N_("The right picture turned on its side: rows and columns have changed places."),
        _array(lambda a: a.T if a.ndim == 2 else 1 / 0),
    ),
    (
        N_("The last two axes have changed places: rows come before columns."),
        _array(lambda a: a.swapaxes(-1, -2) if a.ndim > 2 else 1 / 0),
    ),
    (N_("The first two axes have changed places."), _array(lambda a: a.swapaxes(0, 1) if a.ndim > 2 else 1 / 0)),
    (N_("Left and right have changed places."), _array(lambda a: a[..., ::-1] if a.ndim > 1 else 1 / 0)),
    (
        N_("There is one axis too many, of length 1. squeeze() or an index [0] takes it away."),
        _array(lambda a: a[None]),
    ),
    (
        N_("There is one axis too many at the end, of length 1. squeeze() takes it away."),
        _array(lambda a: a[..., None]),
    ),
    (
        N_("There is an axis too few: what is asked for keeps its first axis, also when it has length 1."),
        _array(lambda a: a[0] if len(a) == 1 else 1 / 0),
    ),
    (
        N_("The right entries in one long row. Keep the shape: reshape(...) gives it back."),
        _array(lambda a: a.ravel() if a.ndim > 1 else 1 / 0),
    ),
    (
        N_("Inside and outside have changed places: True where False belongs. ~ turns a mask around."),
        _array(lambda a: ~a, "b"),
    ),
    (
        N_("The right pixels, but as numbers. A mask is True and False: compare, or use astype(bool)."),
        _array(lambda a: a.astype(np.uint8), "b"),
    ),
    (N_("The right pixels, but as 0 and 255. A mask is True and False."), _array(lambda a: a * np.uint8(255), "b")),
    (N_("The right pattern, but as True and False where numbers are asked for."), _array(lambda a: a != 0, "iuf")),
    (N_("You cut at one half: probabilities are asked for, not yes and no."), _array(lambda a: a > 0.5, "f")),
    (N_("You cut at one half: probabilities are asked for, not yes and no."), _array(lambda a: (a > 0.5) * 1.0, "f")),
    (N_("What belongs at the end comes first."), _array(lambda a: np.roll(a, 1, axis=0))),
    (N_("What belongs at the beginning comes last."), _array(lambda a: np.roll(a, -1, axis=0))),
    (N_("That is in percent. A share lies between 0 and 1."), _each(lambda x: x * 100)),
    (
        N_("That is a hundredth of what is right. Is it a share where percent is asked for, or divided by 100 twice?"),
        _each(lambda x: x / 100),
    ),
    (N_("That is a thousand times too much. Compare the units."), _each(lambda x: x * 1000)),
    (N_("That is a thousandth of what is right. Compare the units."), _each(lambda x: x / 1000)),
    (N_("The sign is the wrong way round. Which of the two is taken away from the other?"), _each(lambda x: -x)),
    (
        N_(
            "The sign is lost: some of the right numbers are negative. Is there an absolute value, or a clip at 0, "
            "too many?"
        ),
        _each(np.abs),
    ),
    (N_("Numbers below 0 are cut off here, and should not be."), _each(lambda x: np.maximum(x, 0))),
    (N_("That is the fraction upside down: what stands below the line belongs above it."), _each(lambda x: 1 / x)),
    (N_("That is what is missing to 1: the share of the others."), _each(lambda x: 1 - x)),
    (N_("The square root is missing at the end, or a square is too many."), _each(np.square)),
    (N_("There is a square root too many, or a square is missing."), _each(lambda x: np.sqrt(x))),
    (_COUNTED, _each(lambda x: x + 1)),
    (_COUNTED, _each(lambda x: x - 1)),
    (
        N_("That is twice what is right. Is something counted from both sides, or a half forgotten?"),
        _each(lambda x: x * 2),
    ),
    (N_("That is half of what is right. Is something divided by 2 that should not be?"), _each(lambda x: x / 2)),
    (N_("That is four times what is right. Is something added up where a mean is asked for?"), _each(lambda x: x * 4)),
    (
        N_(
            "The fractions are lost: whole numbers come out. Is there an int(), a `//`, or an array of an integer type?"
        ),
        _each(np.trunc),
    ),
    (N_("The fractions are lost: numbers are rounded down. Is there a `//` or a floor too many?"), _each(np.floor)),
    (N_("Your numbers are rounded to whole ones, and should not be."), _each(np.round)),
    (N_("Your numbers are rounded. Give them as they are."), _each(lambda x: np.round(x, 2))),
    (N_("Your numbers are rounded. Give them as they are."), _each(lambda x: np.round(x, 3))),
    (N_("Your numbers are rounded. Give them as they are."), _each(lambda x: np.round(x, 1))),
    (N_("Degrees and radians: that angle is in radians where degrees are asked for."), _each(np.deg2rad)),
    (N_("Degrees and radians: that angle is in degrees where radians are asked for."), _each(np.rad2deg)),
    (N_("That is the logarithm of what is asked for."), _each(np.log)),
    (N_("The logarithm is missing."), _each(np.exp)),
    (N_("The logarithm has another base. Which one is asked for?"), _each(lambda x: x * np.log(2))),
    (N_("The logarithm has another base. Which one is asked for?"), _each(lambda x: x / np.log(2))),
    (
        N_("That is the sigmoid of what is asked for, or the right number went through it twice."),
        _each(lambda x: 1 / (1 + np.exp(-x))),
    ),
    (
        N_("Where nothing is to be divided your answer is NaN, 0 divided by 0. Which number is asked for there?"),
        _each_share(lambda x: np.where(np.asarray(x) == 0, np.nan, x)),
    ),
    (
        N_("Where nothing is to be divided 0 is right, and you give 1."),
        _each_share(lambda x: np.where(np.asarray(x) == 0, 1, x)),
    ),
    (
        N_("You give 0 where 1 is right. What holds when there is nothing at all?"),
        _each_share(lambda x: np.where(np.asarray(x) == 1, 0, x)),
    ),
    (N_("It is a text. Numbers are asked for: leave out the quotation marks or str()."), str),
)

_UNDOING = ("sign is lost", "upside down", "square", "logarithm", "sigmoid")
AFTER_OTHERS = tuple(slip for slip in OF_RESULTS if not any(part in slip[0] for part in _UNDOING))
"""Those that may follow on another mistake. The rest may undo a part of it, and be one mistake together with it."""
EVERYWHERE = "has the wrong sign"
"""In the words of slips that show nearly everywhere: where only a few results are wrong it was another."""


def _plays_no_part(name: str) -> Sentence:
    return Sentence("It looks as if `{name}` plays no part in your answer. Where does it come in?", name=name)


def of_inputs(names: list[str], case: tuple) -> Iterator[tuple[str, tuple]]:
    """Slips that are right answers to other inputs: (words, those inputs), in one order for all cases.

    Args:
        names: of the arguments. case: the arguments, as plain values.
    """
    for i, one in enumerate(case):
        for k in range(i + 1, len(case)):
            swapped = list(case)
            swapped[i], swapped[k] = case[k], case[i]
            yield Sentence("`{one}` and `{other}` have changed places.", one=names[i], other=names[k]), tuple(swapped)
        for words, other in _other_inputs(names[i], one):
            yield words, (*case[:i], other, *case[i + 1 :])


def _other_inputs(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield (
            Sentence("`{name}` works the wrong way round: what you do for True belongs to False.", name=name),
            not value,
        )
        yield _plays_no_part(name), True
        yield _plays_no_part(name), False
    elif isinstance(value, int | float):
        yield from _other_numbers(name, value)
    elif isinstance(value, np.ndarray):
        yield from _other_arrays(name, value)
    elif isinstance(value, list | tuple) and value:
        yield Sentence("You go through `{name}` from its end.", name=name), value[::-1]
        yield Sentence("The first entry of `{name}` is left out.", name=name), value[1:]
        yield Sentence("The last entry of `{name}` is left out.", name=name), value[:-1]


def _other_numbers(name: str, value: float) -> Iterator[tuple[str, Any]]:
    border = Sentence(
        "A value of exactly `{name}` stands on a border. Is it in or out? Look at `<` and `<=`, `>` and `>=`.",
        name=name,
    )
    if isinstance(value, float):
        yield border, float(np.nextafter(value, -np.inf))
        yield border, float(np.nextafter(value, np.inf))
        yield border, value - 1e-9
        yield border, value + 1e-9
    else:
        yield Sentence("It looks as if you counted to one less or one more than `{name}`.", name=name), value - 1
        yield Sentence("It looks as if you counted to one less or one more than `{name}`.", name=name), value + 1
    yield _plays_no_part(name), type(value)(1)
    yield _plays_no_part(name), type(value)(0)
    yield (
        Sentence(
            "`{name}` comes in upside down: you multiply where division is asked for, or the other way round.",
            name=name,
        ),
        (1 / value if value else value),
    )
    yield Sentence("`{name}` counts twice in your answer, squared. Once is right.", name=name), value * value
    yield Sentence("The square root of `{name}` is taken, or its square is missing.", name=name), abs(value) ** 0.5
    yield Sentence("`{name}` has the wrong sign in your answer.", name=name), -value


def _other_arrays(name: str, value: np.ndarray) -> Iterator[tuple[str, Any]]:
    if value.ndim >= 2:
        yield (
            Sentence("The axes of `{name}` have changed places: rows come first, then columns.", name=name),
            value.swapaxes(-1, -2),
        )
        yield Sentence("The first two axes of `{name}` have changed places.", name=name), value.swapaxes(0, 1)
    if value.ndim >= 1 and len(value) > 1:
        yield Sentence("You go through `{name}` from its end.", name=name), value[::-1]
        yield Sentence("The first entry of `{name}` is left out.", name=name), value[1:]
        yield Sentence("The last entry of `{name}` is left out.", name=name), value[:-1]
    if value.dtype == bool:
        yield Sentence("`{name}` works the wrong way round: True means the opposite.", name=name), ~value
        yield _plays_no_part(name), np.ones_like(value)
        yield _plays_no_part(name), np.zeros_like(value)
    elif value.dtype.kind in "iuf":
        if value.shape[-1:] == (4,):
            yield (
                Sentence("In `{name}` x and y have changed places: a box is x1, y1, x2, y2.", name=name),
                value[..., [1, 0, 3, 2]],
            )
            far = np.concatenate([value[..., :2], value[..., :2] + value[..., 2:]], -1)
            yield Sentence("You took the far corner in `{name}` for a size: a box is x1, y1, x2, y2.", name=name), far
            yield (
                Sentence(
                    "Your sides of `{name}` are one pixel too long: boxes are half-open, a width is x2 - x1.", name=name
                ),
                (value + np.array([0, 0, 1, 1], value.dtype)),
            )
        yield _plays_no_part(name), np.ones_like(value)
        yield _plays_no_part(name), np.zeros_like(value)
        yield Sentence("`{name}` has the wrong sign: largest and smallest have changed places.", name=name), -value
        yield (
            Sentence("The fractions of `{name}` are lost: is it turned into whole numbers?", name=name),
            np.trunc(value),
        )
        yield Sentence("Negative values of `{name}` are cut off, or lose their sign.", name=name), np.abs(value)
        yield Sentence("`{name}` counts as an index from 1 in your answer. Python counts from 0.", name=name), value + 1
        yield Sentence("`{name}` is shifted by one in your answer.", name=name), value - 1
        yield (
            Sentence("`{name}` is taken in degrees; radians are asked for, or the other way round.", name=name),
            np.deg2rad(value),
        )
        yield Sentence("`{name}` is sorted by your answer.", name=name), np.sort(value, axis=0)

"""A part of the course that runs on the learner's own code, until that fails."""

import html
from collections.abc import Callable
from typing import Any

from IPython.display import display

from course_utils.exercises.core import CHECK_SEED, Exercise, run
from course_utils.exercises.fitting import copies, fit, unlike
from course_utils.exercises.stopwatch import Stopped, stop_after
from course_utils.translation.say import _

SECONDS = 20
"""How long one call of a learner's part may take."""


class GaveWay(Exception):
    """The learner's code cannot be used any longer."""


class Part:
    """Something to call: the learner's own answer, and the course's from the moment on at which that one fails.

    Attributes:
        is_yours: whether the learner's own code answers.
        why: if it does not, why, in a few words.
    """

    def __init__(self, exercise: Exercise, answer: Callable | None, why: str = ""):
        """``answer`` is right, or None; ``why`` then says why."""
        self.exercise = exercise
        self.is_yours = answer is not None
        self.why = why
        self.__name__ = exercise.id.replace("-", "_")
        self._answer = answer
        self._like: Any = None
        if self.is_yours and not isinstance(exercise.reference, type):
            # A list is as right as an array, but what comes after may need the array.
            self._like = run(exercise.reference, exercise.draw_cases(CHECK_SEED)[0])

    def __call__(self, *arguments: Any) -> Any:
        """The part's result; arguments stay as they are."""
        if self.is_yours and self._answer is not None:
            try:
                return fit(self._guarded(self._answer, *arguments), self._like)
            except GaveWay:
                pass
        return self.exercise.reference(*arguments)

    def _guarded(self, function: Callable, *arguments: Any) -> Any:
        """A call of the learner's code on copies; GaveWay if it fails, after a line on the page."""
        given = copies(arguments)
        try:
            with stop_after(SECONDS):
                result = function(*given)
            if not unlike(given, arguments):
                return result
            self.why = _("yours changed its inputs")
        except Stopped:
            self.why = _("yours ran longer than {seconds} s").format(seconds=SECONDS)
        except (Exception, SystemExit) as error:  # the learner's code may raise anything
            kind, message = type(error).__name__, str(error)[:80]
            self.why = _("yours stopped with {kind}: {message}").format(kind=kind, message=message)
        self.is_yours = False
        say(_("from here on with the course's {part} ({why})").format(part=self.exercise.id, why=self.why))
        raise GaveWay

    def __repr__(self) -> str:
        """Whose it is."""
        words = _("your {part}") if self.is_yours else _("the course's {part}")
        return words.format(part=self.exercise.id)


class ModulePart(Part):
    """A part that makes a network: the forward pass of the learner's is watched, too."""

    def __call__(self, *arguments: Any) -> Any:
        """A module."""
        if not self.is_yours or self._answer is None:
            return self.exercise.reference(*arguments)
        try:
            module = self._guarded(self._answer, *arguments)
        except GaveWay:
            return self.exercise.reference(*arguments)
        spare: list[Any] = []
        forward = module.forward

        def watched(*inputs: Any) -> Any:
            if self.is_yours:
                try:
                    return self._guarded(forward, *inputs)
                except GaveWay:
                    pass
            if not spare:
                spare.append(self._spare(module, arguments, inputs))
            return spare[0].train(module.training)(*inputs)

        module.forward = watched
        return module

    def _spare(self, module: Any, arguments: tuple, inputs: tuple) -> Any:
        """The course's module, on the learner's weights where they fit: an optimiser may hold them already."""
        from course_utils.mask_rcnn.layers import Unpaired, layers_of, made_layers, pair, share_weights

        spare = self.exercise.reference(*arguments)
        try:
            share_weights(pair(made_layers(module), layers_of(spare, *inputs)))
        except Unpaired:
            say(_("its weights do not fit there: the course's begin anew"))
        return spare


def make_part(exercise: Exercise, answer: Callable | None, why: str = "") -> Part:
    """The part of an exercise, with a right answer or without one; ``why`` there is none, in a few words."""
    return (ModulePart if isinstance(exercise.reference, type) else Part)(exercise, answer, why)


class Line:
    """One small line of text on the page."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        """For terminals and stored outputs."""
        return self.text

    def _repr_html_(self) -> str:
        return f'<small style="opacity:.7">{html.escape(self.text)}</small>'


def say(text: str) -> None:
    """Put one small line on the page."""
    display(Line(text))

"""The box that tells a learner how an answer fared: coloured in a browser, plain text saying the same elsewhere."""

import html
import re
from typing import TYPE_CHECKING

from IPython.display import display

from course_utils.exercises.drawing import title_pattern
from course_utils.translation.say import N_, _

if TYPE_CHECKING:
    from course_utils.exercises.feedback import Outcome, Status

# status: (sign, heading, red-green-blue); the right/wrong pair of the figures, legible on light and dark.
_LOOKS = {
    "right": ("✓", N_("right"), "0,158,115"),
    "wrong": ("✗", N_("not right yet"), "213,94,0"),
    "not attempted": ("…", N_("not attempted yet"), "86,130,180"),
}
_INPUT, _EXPECTED, _GOT = N_("Input"), N_("Expected"), N_("Got")
_VALUES = (_INPUT, _EXPECTED, _GOT)
_LINES = 25  # of a card in a terminal
_MOST = 6  # of a result: five rows of a mask and a title
_DRAWN = re.compile(r"\s*[#.][#. ]*")


def verdict(status: "Status", exercise_id: str) -> str:
    """The first words of a card: "✓ area: right"."""
    return beginning(status, exercise_id) + _(_LOOKS[status][1])


def beginning(status: "Status", exercise_id: str) -> str:
    """What a verdict begins with in every language: "✓ area: "."""
    return f"{_LOOKS[status][0]} {exercise_id}: "


class Card:
    """One outcome, ready to be displayed: `_repr_html_` for notebooks, `repr` for everything else.

    Args:
        outcome: the verdict.
        progress: what to say of the lesson as a whole. A right answer's card leaves it out: it is stored in solved
            editions and must not depend on what was run before.
    """

    def __init__(self, outcome: "Outcome", progress: str = ""):
        self.outcome = outcome
        self._rgb = _LOOKS[outcome.status][2]
        exercise = outcome.exercise
        one, several = (
            (_("1 point"), _("{points} points"))
            if outcome.status == "right"
            else (_("worth 1 point"), _("worth {points} points"))
        )
        worth = (one if exercise.points == 1 else several).format(points=exercise.points)
        if progress and outcome.status != "right":
            worth = f"{worth}; {progress}"
        self.verdict = verdict(outcome.status, exercise.id)
        self.heading = f"{self.verdict} ({worth})"

    @property
    def _further_hints(self) -> tuple[str, ...]:
        """The hints that the card does not show openly."""
        hints = () if self.outcome.status == "right" else self.outcome.exercise.hints
        return tuple(hint for hint in map(_, hints) if hint not in self.outcome.hint)

    def _parts(self) -> list[tuple[str, str]]:
        """(English label, text) of what there is to say below the heading, cut to the lines that a card has."""
        outcome = self.outcome
        if outcome.status == "not attempted":
            words = _("{title}. Write your answer in the cell above, run it, then run this one.")
            forgotten = _("If you have written a function: does it `return` its result?")
            told = [
                words.format(title=_(outcome.exercise.title)),
                *([forgotten] if outcome.exercise.is_function else []),
            ]
            return [(N_("To do"), " ".join(told))]
        # The hint comes before the evidence: long arrays must not push it out of sight.
        parts = [
            (N_("What happened"), outcome.reason),
            (N_("Hint"), outcome.hint),
            (_INPUT, outcome.case),
            (_EXPECTED, outcome.expected),
            (_GOT, outcome.got),
        ]
        parts = [(label, text) for label, text in parts if text]
        parts = [(label, _cut(text, _MOST) if label in (_EXPECTED, _GOT) else text) for label, text in parts]
        room = _LINES - 2 - sum(_height(text) for label, text in parts if label != _INPUT)
        return [(label, _cut_each(text, room - 1) if label == _INPUT else text) for label, text in parts]

    def __repr__(self) -> str:
        """The whole message as plain text."""
        lines = [self.heading]
        for label, text in self._parts():
            if "\n" in text:
                lines += [f"  {_(label)}:", *("    " + line for line in text.split("\n"))]
            else:
                lines.append(f"  {_(label)}: {text}")
        if self._further_hints:
            call = f'hint("{self.outcome.exercise.id}")'
            lines.append(f"  {_('Next hint')}: {call}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The same message as a coloured box; long values scroll sideways rather than wrap into nonsense."""
        parts = [(label, _undrawn(text) if self.outcome.picture else text) for label, text in self._parts()]
        rows = "".join(
            f'<div style="margin-top:.4em"><b>{html.escape(_(k))}</b>: {_value_html(k, text)}</div>'
            for k, text in parts
        )
        return (
            f'<div class="course-card" style="border-left:6px solid rgb({self._rgb});background:rgba({self._rgb},.12);'
            f'padding:.6em 1em;border-radius:4px;max-width:48em"><b>{html.escape(self.heading)}</b>{rows}'
            f"{self.outcome.picture}{_folded(self._further_hints)}</div>"
        )


def _height(text: str) -> int:
    """Lines of a part as `Card` prints it."""
    return 1 + text.count("\n") + ("\n" in text)


def _cut(text: str, room: int) -> str:
    lines = text.split("\n")
    return text if len(lines) <= room else "\n".join([*lines[: room - 1], "..."])


def _cut_each(text: str, room: int) -> str:
    """The arguments of a case, cut where they are longest, so that the beginning of each is seen."""
    arguments = re.split(r"\n(?=\w+ = )", text)
    heights = [1 + argument.count("\n") for argument in arguments]
    while sum(heights) > room and max(heights) > 2:
        heights[heights.index(max(heights))] -= 1
    return _cut("\n".join(map(_cut, arguments, heights)), room)


def _undrawn(text: str) -> str:
    """A text without the masks in characters: the picture shows them better, and more of them."""
    title, kept = title_pattern(), [""]
    for line in text.split("\n"):
        # Three dots may also stand for lines of numbers that are left out.
        if not _DRAWN.fullmatch(line) or (line.strip() == "..." and not title.search(kept[-1])):
            kept.append(title.sub(r"\1", line))
    return "\n".join(kept[1:])


def _folded(hints: tuple[str, ...]) -> str:
    """The hints, each behind a click on "Next hint", the later ones inside the earlier."""
    if not hints:
        return ""
    return (
        '<details style="margin-top:.4em"><summary><b>' + html.escape(_("Next hint")) + "</b></summary>"
        f'<div style="margin:.2em 0 0 1em">{html.escape(hints[0])}{_folded(hints[1:])}</div></details>'
    )


def _value_html(label: str, text: str) -> str:
    """Prose as it is, a short value in line, a value of several lines below its label; the label in English."""
    if label not in _VALUES:
        return html.escape(text).replace("\n", "<br>")
    if "\n" not in text:
        return f'<code style="background:none">{html.escape(text)}</code>'
    return f'<pre style="margin:.2em 0 0 1em;background:none;overflow-x:auto">{html.escape(text)}</pre>'


def show_card(outcome: "Outcome", progress: str = "") -> None:
    """Display the card of an outcome in whatever runs this: browser, terminal, or a plain Python process."""
    display(Card(outcome, progress))


class CheckFailed(Exception):
    """A check that did not pass. IPython shows one line instead of a traceback, since the card has said it all."""

    def __init__(self, outcome: "Outcome"):
        super().__init__(repr(Card(outcome)))
        self.outcome = outcome

    def _render_traceback_(self) -> list[str]:
        card = Card(self.outcome)
        return [_("{verdict} - see the box above").format(verdict=card.verdict)]

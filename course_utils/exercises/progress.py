"""How much of the course is a learner's own: every saved answer is checked again, nothing else is kept."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from IPython.display import display

from course_utils.exercises import saved
from course_utils.exercises.parts import PARTS
from course_utils.exercises.titles import title_of
from course_utils.exercises.yours import declared, why_not
from course_utils.paths import repo_root
from course_utils.translation.current import spoken
from course_utils.translation.say import _


@dataclass(frozen=True)
class LessonProgress:
    """One lesson's exercises, and which of them are right in the saved notebook.

    `name` is its file's, without ending; `problem` says why none could be looked at, if so.
    """

    name: str
    title: str
    asked: tuple[str, ...]
    right: tuple[str, ...]
    problem: str = ""

    @property
    def left(self) -> list[str]:
        """Ids of the exercises that are not right yet."""
        return [name for name in self.asked if name not in self.right]

    @property
    def count(self) -> str:
        """How many are right, in words."""
        return _("{right} of {asked}").format(right=len(self.right), asked=len(self.asked))

    def __str__(self) -> str:
        """One line, with what is left."""
        left = _("left: {exercises}").format(exercises=", ".join(self.left)) if self.left else _("all yours")
        return f"{self.title:50} {self.count}   {self.problem or left}"


@dataclass(frozen=True)
class Progress:
    """All lessons together."""

    lessons: tuple[LessonProgress, ...]

    @property
    def right(self) -> set[str]:
        """Ids of all exercises that are right."""
        return {name for lesson in self.lessons for name in lesson.right}

    def sums(self) -> list[str]:
        """The whole in a line, what comes next, and a line for each thing that the parts add up to."""
        asked = sum(len(lesson.asked) for lesson in self.lessons)
        lines = [_("{right} of {asked} exercises in all").format(right=len(self.right), asked=asked)]
        for lesson in [each for each in self.lessons if each.left][:1]:
            words = _("next: {exercise}, in lesson {lesson}")
            lines.append(words.format(exercise=lesson.left[0], lesson=lesson.title))
        for whole, parts in PARTS.items():
            right = len(self.right.intersection(parts))
            words = _("{whole}: {right} of {parts} parts are yours")
            lines.append(words.format(whole=_(whole), right=right, parts=len(parts)))
        return lines

    def __repr__(self) -> str:
        """What `course progress` prints."""
        return "\n".join([*map(str, self.lessons), *self.sums()])

    def _repr_html_(self) -> str:
        rows = ""
        for lesson in self.lessons:
            right, asked = len(lesson.right), len(lesson.asked)
            bar = f"<progress value='{right}' max='{asked}' aria-label='{html.escape(lesson.count)}'></progress>"
            link = f"<a href='{lesson.name}.ipynb'>{html.escape(lesson.title)}</a>"
            cells = link, bar, html.escape(f"{lesson.count} {lesson.problem}")
            rows += "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells) + "</tr>"
        sums = "".join(f"<li>{html.escape(line)}</li>" for line in self.sums())
        return f"<table>{rows}</table><ul>{sums}</ul>"


def look(where: Path | None = None) -> Iterator[LessonProgress]:
    """Each lesson's progress, one after the other; see `progress`."""
    where = where or saved.folder()
    lessons: dict[str, list[str]] = {}
    for exercise_id, name in saved.lesson_names().items():
        lessons.setdefault(name, []).append(exercise_id)
    for name, asked in lessons.items():
        yield _lesson(name, tuple(asked), where)


def _lesson(name: str, asked: tuple[str, ...], where: Path) -> LessonProgress:
    title = _title(repo_root() / "solutions" / f"{name}.py")
    try:
        lesson = saved.saved_lesson(name, where)
    except saved.NotThere as reason:
        return LessonProgress(name, title, asked, (), str(reason))
    return LessonProgress(name, title, asked, tuple(each for each in asked if _is_right(lesson, each)))


def _title(source: Path) -> str:
    """A lesson's title in the notebook's language."""
    if spoken() == "en":
        return title_of(source)
    # Only a translated notebook needs what reads the lessons' catalogues.
    from course_utils.translation.language import Language

    return Language(spoken()).title(source)


def _is_right(lesson: saved.SavedLesson, exercise_id: str) -> bool:
    try:
        return not why_not(declared(exercise_id)[0], lesson.answer(exercise_id))
    except saved.NotThere:
        return False


def progress(where: Path | None = None) -> Progress:
    """Check every answer in the saved notebooks of a folder; takes up to a minute.

    Args:
        where: the folder; without it that of the notebook that is open, or else the course's notebooks/.
    """
    return Progress(tuple(look(where)))


def show_progress(where: Path | None = None) -> None:
    """Put `progress` on the page; it grows lesson by lesson."""
    seen: list[LessonProgress] = []
    page = display(Progress(()), display_id=True)
    for lesson in look(where):
        seen.append(lesson)
        page.update(Progress(tuple(seen)))

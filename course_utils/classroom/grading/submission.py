"""Grading all that one learner handed in, in one sandbox."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from course_utils.classroom.grading.fences import Fence, Limits, with_modules
from course_utils.classroom.grading.files import HandedIn, Unreadable
from course_utils.classroom.grading.learners import Learner, copy_order
from course_utils.classroom.grading.lesson import LessonGrader
from course_utils.classroom.grading.own_lessons import let_import_from
from course_utils.classroom.grading.released import Released, lent_modules
from course_utils.classroom.grading.results import LearnerResult, LessonResult
from course_utils.classroom.grading.rooms import WORDS, Room
from course_utils.classroom.navigation import START
from course_utils.exercises.sentences import Sentence
from course_utils.translation.language import spoken_here
from course_utils.translation.say import N_

MOST_NOTEBOOKS = 100
"""Of one learner; each takes a moment to be told apart, and no time limit of the answers counts it."""


@dataclass(frozen=True)
class Grader:
    """All that is needed to grade; the same for every learner of a run.

    Attributes:
        course: the lessons that are graded.
        seed: of this run; each learner's cases are drawn from it and their name.
        partial: whether there are other lessons: a notebook of one is no fault then.
        own: the folder of an instructor's own lessons, if these are graded.
    """

    course: tuple[Released, ...]
    seed: int
    fence: Fence
    limits: Limits = Limits()
    partial: bool = False
    own: Path | None = None

    def grade(self, learner: Learner) -> LearnerResult:
        """Grade a learner's submission; whatever it is, this returns a result.

        Raises:
            NoRoom: the sandbox cannot be started.
        """
        start = time.monotonic()
        if self.own:
            let_import_from(self.own)
        lent = lent_modules(self.course)
        with (
            Room(self.fence, self.limits) as room,
            Room(with_modules(self.fence, self.limits, lent), self.limits) as lender,
        ):
            lender.modules = ["torch", *lent]  # arguments may be tensors, whatever the functions need; see LessonGrader
            result = _Marking(self, learner, room, lender).result()
        return replace(result, seconds=round(time.monotonic() - start, 2))

    def lost(self, learner: Learner, reason: str) -> LearnerResult:
        """What to say of a learner whom the grader itself failed on."""
        return LearnerResult(learner.name, (), problems=(reason,))


@dataclass(frozen=True)
class _Found:
    """A notebook of a lesson: when it ran last, if that is known, and the language that it speaks."""

    moment: str
    file: HandedIn
    content: bytes
    language: str


class _Marking:
    def __init__(self, grader: Grader, learner: Learner, room: Room, lender: Room):
        self.grader, self.learner, self.room, self.lender = grader, learner, room, lender
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.unread: dict[str, bytes] = {}  # label -> content, or why there is none
        self.time_left = float(grader.limits.learner_seconds)

    def result(self) -> LearnerResult:
        """All lessons, those that were not handed in too."""
        found = self._by_lesson()
        lessons = tuple(self._lesson(lesson, found.get(lesson.name, [])) for lesson in self.grader.course)
        others = [file.label for file in self.learner.files if file.suffix != ".ipynb"]
        if others and not self.learner.notebooks:
            self.problems.append(Sentence("no notebook among what was handed in: {files}", files=", ".join(others[:5])))
        elif others:
            self.notes.append(Sentence("not graded: {files}", files=", ".join(others[:10])))
        moments = [file.moment for file in self.learner.notebooks if file.moment]
        fence = self.grader.fence.name if self.learner.notebooks else ""
        notes = [note.replace("\n", " ")[:300] for note in self.notes]
        problems = tuple(map(str, self.problems))
        return LearnerResult(self.learner.name, lessons, problems, tuple(notes), max(moments, default=""), fence=fence)

    def _by_lesson(self) -> dict[str, list[_Found]]:
        """Lesson -> its notebooks; told by the exercises in them."""
        facts = [{"name": lesson.name, "answers": list(lesson.exercises)} for lesson in self.grader.course]
        found: dict[str, list[_Found]] = {}
        looked_at = _looked_at(self.learner)
        if len(looked_at) < len(self.learner.notebooks):
            left = Sentence(
                "{count} notebooks; only the first {most} were looked at, up to {last}",
                count=len(self.learner.notebooks),
                most=len(looked_at),
                last=looked_at[-1].label,
            )
            self.problems.append(left[:300])
        for file in looked_at:
            try:
                content = file.read()
            except Unreadable as problem:
                self.problems.append(str(problem))
                self.unread[file.label] = str(problem).encode("utf-8", "replace")
                continue
            status, answer = self.room.ask("which", {"content": content, "lessons": facts}, 60)
            if status != "done" or not isinstance(answer, dict) or "unreadable" in answer:
                words = WORDS[status].format(seconds=60) if status != "done" else str(answer.get("unreadable"))
                self.problems.append(f"{file.label}: {words}"[:300])
                self.unread[file.label] = content
            elif answer.get("lesson") in {lesson.name for lesson in self.grader.course}:
                one = _Found(str(answer.get("moment")), file, content, spoken_here(answer.get("language")))
                found.setdefault(answer["lesson"], []).append(one)
            elif self.grader.partial or file.label.endswith(START):
                self._about(file, N_("no exercise of the graded lessons in it"), self.notes)
            else:
                self._about(file, N_("no exercise of the course in it"), self.problems)
        return found

    def _about(self, file: HandedIn, words: str, where: list[str]) -> None:
        where.append(f"{file.label}: {words}")

    def _lesson(self, lesson: Released, found: Sequence[_Found]) -> LessonResult:
        grader = LessonGrader(lesson, self.room, self.lender, self.grader.seed, self.learner.name, self.time_left)
        if not found:
            return self._missing(grader)
        # The one that ran last, where editors have noted it; else the last of the copies.
        chosen = max(enumerate(found), key=lambda one: (one[1].moment, one[0]))[1]
        grader.language = chosen.language
        result = replace(grader.grade(chosen.content, chosen.file.label), language=chosen.language)
        self.time_left = grader.time_left
        if len(found) > 1:
            note = Sentence(
                "{count} notebooks of this lesson: graded {file} ({why})",
                count=len(found),
                file=chosen.file.parts[-1],
                why=N_("it ran last") if chosen.moment else N_("the last of the copies"),
            )
            return replace(result, notes=(str(note),))
        return result

    def _missing(self, grader: LessonGrader) -> LessonResult:
        """What to say of a lesson of which there is no notebook, unless it is one of those that could not be read."""
        named = [label for label in self.unread if grader.released.name in label]
        if named or (self.unread and len(self.grader.course) == 1):
            label = (named or list(self.unread))[0]
            grader.content = self.unread[label]  # a review is of this very file
            words = Sentence("{file} was handed in, but could not be read", file=label)
            return grader.all_alike("not read", words, label)
        why = Sentence("unless it is {files}, which could not be read", files=", ".join(self.unread))
        return grader.all_alike("not handed in", why[:300] if self.unread else "")


def _looked_at(learner: Learner) -> list[HandedIn]:
    """The notebooks that are opened, originals before copies."""
    return sorted(learner.notebooks, key=copy_order)[:MOST_NOTEBOOKS]


def key_of(learner: Learner, grader: Grader, course_key: str) -> str:
    """Changes whenever the submission, the lessons, the seed or the fence do: then the result is out of date."""
    digest = hashlib.sha256(f"{course_key} {grader.seed} {grader.fence.name}".encode())
    for file in learner.files:
        digest.update(file.label.encode("utf-8", "replace"))
    for file in _looked_at(learner):
        try:
            digest.update(hashlib.sha256(file.read()).digest())
        except Unreadable as problem:
            digest.update(str(problem).encode("utf-8", "replace"))
    return digest.hexdigest()[:24]

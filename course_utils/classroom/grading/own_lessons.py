"""Lessons that an instructor keeps outside of the package: a source NN_slug.py beside its lesson_NN.py."""

import importlib
import sys
from pathlib import Path

import cloudpickle
import nbformat

from course_utils.classroom.editions import make_edition
from course_utils.classroom.source import read_source
from course_utils.errors import CourseError
from course_utils.exercises.core import Lesson
from course_utils.files import replacing


def declarations_beside(source: Path) -> Lesson:
    """The declarations of an instructor's own lesson; CourseError if they cannot be used."""
    path = source.with_name(f"lesson_{source.stem[:2]}.py")
    if not path.is_file():
        raise CourseError(f"{path}: missing; it declares the exercises of {source.name} (CONTRIBUTING says how)")
    let_import_from(path.parent)
    try:
        module = importlib.import_module(path.stem)
        lesson = module.LESSON
    except Exception as error:
        raise CourseError(f"{path}: cannot be used: {type(error).__name__}: {error}") from error
    if not isinstance(lesson, Lesson) or Path(str(module.__file__)).resolve() != path.resolve():
        raise CourseError(f"{path}: LESSON is no Lesson, or another module has this name")
    cloudpickle.register_pickle_by_value(module)  # other processes then need not find it
    return lesson


def let_import_from(folder: Path) -> None:
    """Let set-up cells import declarations from a folder, by their bare name."""
    if str(folder.resolve()) not in sys.path:
        sys.path.append(str(folder.resolve()))


def write_learner_editions(folder: Path) -> list[Path]:
    """Write the notebook of each lesson in a folder, without answers, beside its source; their paths.

    Raises:
        CourseError: there is no lesson, one breaks a rule, or a notebook cannot be written.
    """
    sources = sorted(folder.glob("[0-9][0-9]_*.py"))
    if not sources:
        raise CourseError(f"{folder}: no lessons here; a lesson's source is called NN_slug.py")
    written = []
    for source in sources:
        cells = read_source(source, set(declarations_beside(source).exercises))
        path = source.with_suffix(".ipynb")
        try:
            with replacing(path) as beside:
                nbformat.write(make_edition(cells, solved=False, facts={}), beside)
        except OSError as error:
            raise CourseError(f"{path}: cannot be written ({error.strerror})") from None
        written.append(path)
    return written

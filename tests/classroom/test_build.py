"""`course build`: what it makes of a source, and how it names what is wrong with one."""

import errno
import sys
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest

from course_utils.classroom import build as builder
from course_utils.classroom import inputs
from course_utils.classroom.editions import learner_text, solved_text
from course_utils.errors import CourseError
from course_utils.exercises import lesson_01

IDS = list(lesson_01.LESSON.exercises)
ANSWER = {name: f"answer = LESSON['{name}'].reference" for name in IDS}


def source(extra: str = "", skip: str = "") -> str:
    """A lesson with the exercises of lesson 01, each answered by its reference."""
    parts = [
        "# %% [markdown]\n# # 01 · A lesson\n",
        "# %% setup=true\nfrom course_utils.exercises.lesson_01 import LESSON, check\n",
    ]
    for name in IDS:
        answer = f"# BEGIN SOLUTION\n{ANSWER[name]}\n# END SOLUTION"
        parts.append(f'# %% exercise="{name}"\n{answer}\n')
        parts.append(f'# %% check="{name}"\ncheck("{name}", answer)\n')
    return "\n".join(part for part in [*parts, extra] if part and not (skip and skip in part))


@pytest.fixture
def write(tmp_path):
    def _write(text: str):
        path = tmp_path / "solutions" / "01_a_lesson.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_both_editions_come_from_one_source(write):
    path = write(source("# %%\nprint('one', end=' ')\nprint('two')\n"))
    lesson = builder.load_lesson(path)
    assert builder.build(lesson) and not builder.build(lesson)
    solved, learner = (nbformat.read(file, as_version=4) for file in (lesson.solved, lesson.learner))
    assert [cell.id for cell in solved.cells] == [cell.id for cell in learner.cells]
    assert solved.cells[-1].outputs[0].text == "one two\n"
    assert not any(cell.get("outputs") for cell in learner.cells)
    first = next(cell for cell in learner.cells if cell.id == IDS[0])
    assert first.source == "answer = ...  # your answer here"
    assert first.metadata.course == {"exercise": IDS[0]}
    assert "BEGIN SOLUTION" not in lesson.solved.read_text()
    assert "✓" in str(solved)


def test_a_second_build_writes_the_same_bytes(write):
    lesson = builder.load_lesson(write(source()))
    builder.build(lesson)
    before = lesson.solved.read_bytes(), lesson.learner.read_bytes()
    lesson.solved.unlink()
    builder.build(lesson)
    assert (lesson.solved.read_bytes(), lesson.learner.read_bytes()) == before


def test_drift_is_named(write):
    path = write(source())
    lesson = builder.load_lesson(path)
    assert "missing from solutions" in builder.drift(lesson)
    builder.build(lesson)
    assert builder.drift(lesson) == ""
    lesson.learner.write_text(lesson.learner.read_text().replace("A lesson", "Another"))
    assert "notebooks/01_a_lesson.ipynb differs" in builder.drift(lesson)
    write(source().replace("A lesson", "A better lesson"))
    assert "older than the lesson" in builder.drift(builder.load_lesson(path))
    lesson.solved.write_text("{")
    assert "cannot be read" in builder.drift(lesson)


def test_stubs():
    function = "def f(x):\n    '''Doc.'''\n    # BEGIN SOLUTION\n    y = x\n    return y\n    # END SOLUTION"
    assert learner_text(function) == "def f(x):\n    '''Doc.'''\n    ...  # your answer here"
    values = "# BEGIN SOLUTION\na, b = 1, 2\nc = 3\n# END SOLUTION"
    assert learner_text(values) == "\n".join(f"{name} = ...  # your answer here" for name in "abc")
    assert solved_text(values) == "a, b = 1, 2\nc = 3"


def test_nbval_is_told_of_cells_whose_output_differs_from_run_to_run(write):
    lesson = builder.load_lesson(write(source('# %% uncompared="a clock"\nimport time\nprint(time.time())\n')))
    builder.build(lesson)
    for path in (lesson.solved, lesson.learner):
        tags = [cell.metadata.get("tags") for cell in nbformat.read(path, 4).cells]
        assert tags.count(["nbval-ignore-output"]) == 1


CHECK = f'# %% check="{IDS[0]}"'
BAD = {
    "no marker": (lambda: "x = 1\n" + source(), "begins with a cell marker"),
    "no title": (lambda: source().replace("# # 01", "# 01"), "begins with the title"),
    "unknown option": (lambda: source("# %% colour=1\nx = 1\n"), "malformed cell marker"),
    "setup without true": (lambda: source("# %% setup=1\nx = 1\n"), "setup=true"),
    "uncompared without a reason": (lambda: source("# %% uncompared=true\nx = 1\n"), 'uncompared="why"'),
    "undeclared": (lambda: source('# %% check="no-such"\ncheck("no-such", 1)\n'), "do not declare 'no-such'"),
    "twice": (lambda: source(f'{CHECK}\ncheck("{IDS[0]}", 1)\n'), "a second check cell"),
    "no check": (lambda: source(skip=CHECK), "has no check cell"),
    "no exercise": (lambda: source(skip=f'exercise="{IDS[0]}"'), "without an exercise cell above"),
    "unpaired marks": (lambda: source().replace("# END SOLUTION", "", 1), "must come in pairs"),
    "mark without its pair": (lambda: source().replace("# BEGIN SOLUTION", "", 1), "must come in pairs"),
    "nested marks": (lambda: source().replace("# BEGIN SOLUTION", "# BEGIN SOLUTION\n" * 2, 1), "must come in pairs"),
    "empty solution": (lambda: source().replace(f"{ANSWER[IDS[0]]}\n", ""), "nothing stands between"),
    "solution without a name": (
        lambda: source().replace("answer = LESSON", "LESSON", 1),
        "assigns the answer to a name",
    ),
    "twice an exercise": (
        lambda: source(f'# %% exercise="{IDS[0]}"\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n'),
        "a second exercise cell",
    ),
    "check of something else": (lambda: source().replace(f'check("{IDS[0]}"', f'check("{IDS[1]}"'), "must call check"),
    "quoted marker": (lambda: source('# %%\nx = """\n# %%\n"""\n'), "is one quoted|not valid Python"),
    "solution elsewhere": (lambda: source("# %%\n# BEGIN SOLUTION\n# END SOLUTION\n"), "and no other"),
    "syntax": (lambda: source("# %%\nif\n"), "not valid Python"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_source_is_named_by_file_and_line(write, case):
    make, words = BAD[case]
    with pytest.raises(CourseError, match=words) as caught:
        builder.load_lesson(write(make()))
    assert str(caught.value).startswith("01_a_lesson.py")


FAILING = {
    "raises": ("1 / 0", "ZeroDivisionError"),
    "warns": ("import warnings\nwarnings.warn('careful')", "prints to stderr"),
    "dies": ("import os\nos._exit(1)", "kernel died"),
    "no alt text": (
        "from IPython.display import Image, display\ndisplay(Image(data=b'\\x89PNG\\r\\n\\x1a\\n', format='png'))",
        "alt text",
    ),
    "floods": ("print('x' * 500_000)", "budget|at most"),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_bad_cell_is_named_and_nothing_is_written(write, case):
    code, words = FAILING[case]
    lesson = builder.load_lesson(write(source(f"# %%\n{code}\n")))
    with pytest.raises(CourseError, match=words) as caught:
        builder.build(lesson)
    assert str(caught.value).startswith("01_a_lesson.py:")
    assert not lesson.solved.exists() and not lesson.learner.exists()


def test_lessons_are_found_by_number_or_name(tmp_path, write):
    path = write(source())
    for name in ("1", "01", "01_a_lesson", "01_a_lesson.py"):
        assert builder.find_sources(tmp_path, (name,)) == [path]
    with pytest.raises(CourseError, match="no lesson '99'; there are: 01_a_lesson"):
        builder.find_sources(tmp_path, ("99",))


def test_a_file_that_is_no_text_is_named(write):
    path = write("")
    path.write_bytes(b"# %% [markdown]\n# # 01 \xff")
    with pytest.raises(CourseError, match="01_a_lesson.py: cannot be read"):
        builder.load_lesson(path)


def test_a_name_of_another_form_is_named(tmp_path):
    with pytest.raises(CourseError, match="Lesson1.py: a lesson's source is called NN_slug.py"):
        builder.load_lesson(tmp_path / "Lesson1.py")


def test_exercises_that_are_not_declared_or_cannot_be_imported_are_named(write, monkeypatch):
    path = write(source())
    with pytest.raises(CourseError, match="lesson_77, which does not exist"):
        builder.load_lesson(path.rename(path.with_name("77_a_lesson.py")))
    monkeypatch.setitem(sys.modules, "course_utils.exercises.lesson_01", object())
    with pytest.raises(CourseError, match="lesson_01 cannot be used: AttributeError"):
        builder.load_lesson(write(source()))


def test_a_broken_module_of_the_course_is_named(tmp_path, monkeypatch):
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils/odd.py").write_text("x = 1\nif\n")
    monkeypatch.setattr(inputs, "repo_root", lambda: tmp_path)
    with pytest.raises(CourseError, match="odd.py:2: not valid Python"):
        inputs.inputs_hash(Path(__file__), "import course_utils.odd")


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_runs(write):
    lesson = builder.load_lesson(write(source("# %%\nopen('../ran', 'w').close()\n")))
    lesson.learner.parent.write_text("a file in the folder's place")
    with pytest.raises(CourseError, match="notebooks: notebooks cannot be written here"):
        builder.build(lesson)
    assert not (lesson.learner.parent.parent / "ran").exists() and not lesson.solved.exists()


def test_a_full_disk_leaves_the_old_notebook_and_nothing_beside_it(write, monkeypatch):
    lesson = builder.load_lesson(write(source()))
    builder.build(lesson)
    before = lesson.learner.read_bytes()
    lesson = builder.load_lesson(write(source().replace("A lesson", "Another")))
    monkeypatch.setattr("os.replace", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(CourseError, match=r"01_a_lesson.ipynb: cannot be written \(No space left on device\)"):
        builder.build(lesson)
    assert lesson.learner.read_bytes() == before
    assert {path.name for path in lesson.learner.parent.iterdir()} == {lesson.learner.name}


def test_a_learners_edition_that_is_no_text_is_drift(write):
    lesson = builder.load_lesson(write(source()))
    builder.build(lesson)
    lesson.learner.write_bytes(b"\xff")
    assert "notebooks/01_a_lesson.ipynb differs" in builder.drift(lesson)

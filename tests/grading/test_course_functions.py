"""Answers that may call some of the course's own functions, and those whose probe brings the course along."""

from collections.abc import Callable

import nbformat
import pytest

from course_utils.classroom.build import find_sources
from course_utils.classroom.grading.beforehand import warnings_of
from course_utils.classroom.grading.choice import choose_fence
from course_utils.classroom.grading.contents import brings_the_course, room_files
from course_utils.classroom.grading.files import files_below
from course_utils.classroom.grading.learners import Learner
from course_utils.classroom.grading.released import Released, common_probes, load_course
from course_utils.classroom.grading.results import ExerciseResult
from course_utils.classroom.grading.submission import Grader
from course_utils.errors import CourseError
from course_utils.paths import repo_root

pytestmark = pytest.mark.slow
NAME = "10_assembled"
# What reaches the whole model from the parts that the answer is handed, in words that nobody looks for.
DIG = '''
import string

def detect(photo, p):
    """Look for the model."""
    cells = string.Formatter().get_field("0.__clo" + "sure__", (p.prepare,), {})[0]
    net = next(c for c in (string.Formatter().get_field("0.cell_contents", (x,), {})[0] for x in cells)
               if type(c).__name__ == "MaskRCNN")
    return net([photo])[0]
'''


@pytest.fixture(scope="module")
def course() -> tuple[Released, ...]:
    return tuple(load_course((NAME,)))


def notebook(answers: dict[str, str]) -> nbformat.NotebookNode:
    """The learner's edition with some answers."""
    found = nbformat.read(repo_root() / "notebooks" / f"{NAME}.ipynb", 4)
    for cell in found.cells:
        cell.source = answers.get(cell.metadata.get("course", {}).get("exercise"), cell.source)
    return found


def solution(exercise: str) -> str:
    cells = nbformat.read(repo_root() / "solutions" / f"{NAME}.ipynb", 4).cells
    return next(cell.source for cell in cells if cell.metadata.get("course", {}).get("exercise") == exercise)


@pytest.fixture
def grade_one(course, tmp_path) -> Callable[[str, str], ExerciseResult]:
    """The verdict on one exercise of lesson 10 with that answer."""
    try:
        grader = Grader(course, 7, choose_fence("bubblewrap", False, common_probes(course)))
    except CourseError as why:
        pytest.skip(f"no sandbox: {why}")

    def graded(exercise: str, answer: str) -> ExerciseResult:
        nbformat.write(notebook({exercise: answer}), tmp_path / f"{NAME}.ipynb")
        lesson = grader.grade(Learner("ana", tuple(files_below(tmp_path)[0]))).lessons[0]
        return next(result for result in lesson.exercises if result.id == exercise)

    return graded


ROIS = solution("choose-rois")


@pytest.mark.parametrize(
    "answer",
    [
        ROIS,
        "import course_utils.boxes as algebra\n" + ROIS.replace("boxes.iou(true", "algebra.iou(true"),
        "from course_utils.boxes import iou as overlap\n" + ROIS.replace("boxes.iou(true", "overlap(true"),
        "import course_utils\n" + ROIS.replace("boxes.iou(true", "course_utils.boxes.iou(true"),
    ],
    ids=["as the set-up brings it", "as a module", "as a function", "by its whole name"],
)
def test_a_function_that_the_exercise_lends_may_be_called(grade_one, course, answer):
    assert grade_one("choose-rois", answer).status == "passed"
    content = nbformat.writes(notebook({"choose-rois": answer})).encode()
    assert not any(line.startswith("choose-rois") for line in warnings_of(content, course))


def test_any_other_function_of_the_course_is_named_before_and_after(grade_one, course):
    answer = ROIS.replace("boxes.iou(true_boxes, rois)", "boxes.from_xywh(true_boxes)")
    result = grade_one("choose-rois", answer)
    assert (result.status, result.earned) == ("needs review", 0)
    assert result.reason.startswith("it uses boxes.from_xywh, the course's own")
    content = nbformat.writes(notebook({"choose-rois": answer})).encode()
    assert "choose-rois: needs review if it uses boxes: the course's own is not there while answers are graded" in (
        warnings_of(content, course)
    )


@pytest.mark.parametrize(
    "answer", [DIG, DIG.replace('"0.__clo" + "sure__"', '"0.__closure__"')], ids=["hidden", "open"]
)
def test_the_whole_model_is_no_way_to_its_own_forward_pass(grade_one, answer):
    result = grade_one("forward-pass", answer)
    assert (result.status, result.earned) == ("needs review", 0)


def test_the_same_digging_finds_pieces_where_the_model_is_whole(course):
    space: dict = {}
    exec(DIG, space)
    exercise = course[0].exercises["forward-pass"]
    assert len(exercise.probe(space["detect"], *exercise.edges()[0])) > 0


def test_no_sandbox_holds_declarations():
    for released in load_course():
        for exercise in released.exercises.values():
            modules = [exercise.probe.__module__] if exercise.probe else []
            for module in (*modules, *(helper.rpartition(".")[0] for helper in exercise.helpers)):
                brings_the_course(module)  # raises where declarations would come along
                names = [path.name for path in room_files((module,))]
                assert not any(name.startswith("lesson_") for name in names), (exercise.id, names)


@pytest.mark.parametrize("module", ["lesson_10", "second_stage_10", "rpn_07", "yours", "saved"])
def test_a_probe_among_declarations_is_refused(module):
    with pytest.raises(CourseError, match="must not be within an answer's reach"):
        brings_the_course(f"course_utils.exercises.{module}")


@pytest.mark.parametrize(
    ("module", "brings"), [("probes", False), ("modules", False), ("room", False), ("room_model", True)]
)
def test_which_probes_bring_the_course(module, brings):
    assert brings_the_course(f"course_utils.exercises.{module}") is brings


def test_every_function_that_is_lent_is_there_and_in_the_lesson():
    for source in find_sources(repo_root()):
        for released in load_course((source.stem,)):
            for exercise in released.exercises.values():
                for helper in exercise.helpers:
                    module, _, name = helper.rpartition(".")
                    assert callable(getattr(__import__(module, fromlist=[name]), name))
                    assert f"{module.rpartition('.')[2]}.{name}" in source.read_text(encoding="utf-8")

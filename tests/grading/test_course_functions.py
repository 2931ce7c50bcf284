"""Functions of the course that answers are lent: they may be called, and nothing of the course can be found."""

from collections.abc import Callable, Iterator

import nbformat
import pytest
from helpers.grading import fence_or_skip
from torch import nn

from course_utils.classroom.build import find_sources
from course_utils.classroom.grading.beforehand import warnings_of
from course_utils.classroom.grading.contents import refuse_the_course, room_files
from course_utils.classroom.grading.fences import Limits, with_modules
from course_utils.classroom.grading.lesson import LessonGrader
from course_utils.classroom.grading.released import Released, lent_modules, load_course, probes_of
from course_utils.classroom.grading.results import ExerciseResult
from course_utils.classroom.grading.room.lending import _called, borrowed, lend
from course_utils.classroom.grading.room.wire import dumps, loads
from course_utils.classroom.grading.rooms import Room
from course_utils.errors import CourseError
from course_utils.exercises.running import run
from course_utils.paths import repo_root

pytestmark = pytest.mark.slow
NAME = "10_assembled"
# What finds the whole model wherever it lies in the process of the answer: in closures, modules, and the garbage.
SEARCH = '''
import gc, sys

def found():
    """All that is or makes a model, its parts or its weights."""
    import torch
    said = []
    for thing in gc.get_objects():
        if isinstance(thing, (torch.nn.Module, torch.nn.Parameter)):
            said.append(f"made: {type(thing).__name__}")
        elif isinstance(thing, (type, type(found))) and f"{thing.__module__}".startswith("course_utils.mask_rcnn."):
            said.append(f"there: {thing.__module__}.{thing.__name__}")
    said += [f"module: {name}" for name in sys.modules if name.startswith("course_utils.mask_rcnn.")]
    frame = sys._getframe()
    while frame:
        said += [f"frame: {k}" for k, v in frame.f_locals.items() if isinstance(v, torch.nn.Module)]
        frame = frame.f_back
    return said
'''
WAYS_TO_THE_MODEL = {
    "closures": """
def detect(photo, p):
    cells = p.prepare.__closure__
    net = next(c.cell_contents for c in cells if type(c.cell_contents).__name__ == "MaskRCNN")
    return net([photo])[0]
""",
    "what a partial function is made of": """
def detect(photo, p):
    waiting, seen = [p], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen: continue
        seen.add(id(one))
        if type(one).__name__ == "MaskRCNN": return one([photo])[0]
        waiting += list(getattr(one, "__dict__", {}).values())
        waiting += [getattr(one, "func", None), *getattr(one, "args", ()), getattr(one, "__self__", None)]
        waiting += [c.cell_contents for c in getattr(one, "__closure__", None) or ()]
        waiting += list(getattr(one, "__globals__", {}).values())
    raise LookupError("no model")
""",
    "garbage": SEARCH
    + """
def detect(photo, p):
    return next(x for x in gc.get_objects() if type(x).__name__ == "MaskRCNN")([photo])[0]
""",
    "whatever is or makes a model": SEARCH
    + """
def detect(photo, p):
    p.backbone(p.prepare(photo)[0])
    if not found(): raise LookupError("nothing")
    return found()
""",
    "files of the model": """
def detect(photo, p):
    import os
    files = [name for _, _, names in os.walk("/room") for name in names]
    return next(name for name in files if name in ("model.py", "room_model.py", "roi_heads.py", "boxes.py", "bench.py"))
""",
    "another part of the course": """
def detect(photo, p):
    lent = __import__("course_utils.exercises.lent").exercises.lent.lent
    return lent("course_utils.boxes.area")(photo.new_zeros(1, 4))
""",
    "the model's module": """
def detect(photo, p):
    import importlib
    return importlib.import_module("course_utils.mask_rcnn.proof").small_model().eval()([photo])[0]
""",
    "a function that is not lent": """
def detect(photo, p):
    seed = p.prepare.args[0]
    lent = __import__("course_utils.exercises.lent").exercises.lent.lent
    return lent("course_utils.exercises.room_model._bench")(seed).prepare.__closure__
""",
    "a part that is not on the bench": """
def detect(photo, p):
    return p.prepare.func(p.prepare.args[0], "__class__", photo)
""",
    "weights asked for": """
def detect(photo, p):
    return p.prepare.func(p.prepare.args[0], "state_dict")
""",
    "a network sent over": """
def detect(photo, p):
    import torch
    return p.backbone(torch.nn.Conv2d(3, 3, 1))
""",
    "more memory than an answer may have": """
def detect(photo, p):
    return p.paste(photo[:1, :28, :28], photo[0, :1, :4], 10**6, 10**6)
""",
    "an object that calls sent over": """
class Photo(dict):
    def __reduce__(self): return print, ("boom",)

def detect(photo, p):
    return p.prepare(Photo())
""",
}
TRY_ALL = f"""
WAYS = {WAYS_TO_THE_MODEL!r}

came = []

def detect(photo, p):
    while WAYS:  # at the first case alone
        name, source = WAYS.popitem()
        space = {{}}
        exec(source, space)
        try:
            space["detect"](photo, p)
            came.append(name)
        except Exception:
            pass
    raise RuntimeError("ways: " + str(came))
"""


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


@pytest.fixture(scope="module")
def grade_one(course) -> Iterator[Callable[..., ExerciseResult]]:
    """The verdict on one exercise of lesson 10 with that answer; all in the same two sandboxes."""
    fence = fence_or_skip(course)
    lent = lent_modules(course)
    with Room(fence, Limits()) as room, Room(with_modules(fence, Limits(), lent), Limits()) as lender:
        lender.modules = list(lent)

        def graded(exercise: str, answer: str, seconds: float = 900) -> ExerciseResult:
            released = Released({exercise: course[0].exercises[exercise]}, course[0].text)
            content = nbformat.writes(notebook({exercise: answer})).encode()
            return LessonGrader(released, room, lender, 7, "ana", seconds).grade(content, "ana").exercises[0]

        yield graded


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


def test_there_is_no_way_to_the_model(grade_one):
    result = grade_one("forward-pass", TRY_ALL)
    assert "your code raised RuntimeError: ways: []" in result.reason
    assert (result.status, result.earned) == ("failed", 0)


def test_the_same_ways_lead_to_it_where_it_lies(course):
    space: dict = {}
    exec(TRY_ALL, space)
    exercise = course[0].exercises["forward-pass"]
    result = run(space["detect"], exercise.edges()[0], exercise.probe)
    for name in ("garbage", "whatever is or makes a model", "the model's module", "another part of the course"):
        assert name in result.message


SOLVED = solution("forward-pass")
MISTAKES = {
    "a mistake that is known": ("softmax(dim=1)", "sigmoid()", "Your scores come from a sigmoid."),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_the_words_of_the_check(name, grade_one):
    right, wrong, words = MISTAKES[name]
    result = grade_one("forward-pass", SOLVED.replace(right, wrong))
    assert (result.status, result.earned) == ("failed", 0)
    assert words in result.reason


OTHER_FORMS = {
    "by keyword": SOLVED.replace(", 14)", ", bins=14)").replace(", 7)", ", bins=7)"),
    "getattr": SOLVED.replace("p.nms(", 'getattr(p, "nms")('),
    "with gradients": SOLVED.replace("batch, size", "import torch; torch.set_grad_enabled(True); batch, size", 1),
}


@pytest.mark.parametrize("name", OTHER_FORMS)
def test_other_right_forms_pass(name, grade_one):
    assert OTHER_FORMS[name] != SOLVED
    result = grade_one("forward-pass", OTHER_FORMS[name])
    assert result.status == "passed", result.reason


def test_a_call_without_end_ends_with_the_answers_time(grade_one):
    answer = "def detect(photo, p):\n    while True:\n        p.prepare(photo)\n"
    result = grade_one("forward-pass", answer, seconds=6)
    assert (result.status, result.reason) == ("needs review", "it took more than 6 s")


def test_only_what_is_lent_is_called_and_only_with_plain_values():
    """Whatever comes in, one line goes back, and the next request is served."""
    name = "course_utils.exercises.room_model.call"
    requests = {
        dumps(["course_utils.exercises.room_model._bench", [3], {}]): "this function is not lent",
        dumps([name, [3, "__class__"], {}]): "no part of that name on the bench",
        dumps([name, [3, "prepare"], {}]): "missing 1 required positional argument: 'photo'",
        dumps([name, [[3], "prepare"], {}]): "unhashable type",
        dumps([name, [3, "prepare", nn.Conv2d(3, 3, 1)], {}], with_networks=True): "who is not trusted",
        len(b"nonsense").to_bytes(8, "big") + b"nonsense": "no message",
        b"nonsense": "too large",
    }
    replies = []

    def talk(reply):
        replies.append(reply)
        return list(requests)[len(replies) - 1] if len(replies) <= len(requests) else b""

    lend([name], talk)
    assert replies[0] == b"" and len(replies) == len(requests) + 1
    for words, reply in zip(requests.values(), replies[1:], strict=True):
        assert words in loads(reply)["error"][1] and "\n" not in loads(reply)["error"][1]


def test_an_error_elsewhere_is_the_same_error_here():
    def refuses(*_, **__):
        raise KeyError("levels")

    known = {"far.away": refuses}
    with pytest.raises(KeyError) as caught:
        borrowed("far.away", lambda request: _called(known, request))(1, level=2)
    assert (type(caught.value).__name__, str(caught.value)) == ("KeyError", str(KeyError("levels")))
    with pytest.raises(TypeError, match="away: an object of type object cannot travel"):
        borrowed("far.away", lambda request: _called(known, request))(object())


def test_no_probe_brings_the_course_into_the_sandbox():
    assert probes_of(load_course())
    names = [path.name for path in room_files(probes_of(load_course()))]
    assert not any(name.startswith(("lesson_", "model", "boxes", "room_model")) for name in names)


@pytest.mark.parametrize("module", ["lesson_10", "second_stage_10", "rpn_07", "yours", "saved", "room_model"])
def test_a_probe_that_brings_the_course_is_refused(module):
    with pytest.raises(CourseError, match="must not be within an answer's reach"):
        refuse_the_course(f"course_utils.exercises.{module}")


def test_every_function_that_is_lent_is_there_and_in_the_lesson():
    for source in find_sources(repo_root()):
        for released in load_course((source.stem,)):
            for exercise in released.exercises.values():
                for helper in exercise.helpers:
                    module, _, name = helper.rpartition(".")
                    assert callable(getattr(__import__(module, fromlist=[name]), name))
                    assert f"{module.rpartition('.')[2]}.{name}" in source.read_text(encoding="utf-8")

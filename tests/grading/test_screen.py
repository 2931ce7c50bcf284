"""The screen stops what no exercise asks for and lets ordinary answers through."""

import pytest
import tiny_lesson

from course_utils.classroom.grading.released import Released
from course_utils.classroom.grading.screen import NotPython, suspicions

ORDINARY = [
    *tiny_lesson.RIGHT.values(),
    "import numpy as np\nfrom math import sqrt\nimport torch.nn.functional as F",
    "class Box:\n    def __init__(self, x):\n        self.x = x\nbox = Box(1)\nbox.x = 2",
    "out = np.zeros(3)\nout[0] = 1\nout.shape = (1, 3)",
    "def overlap(a, b):\n    a.flags.writeable = True\n    return a",
    "def overlap(a, b):\n    input = a\n    return input",
    "def overlap(a, b):\n    'Not __iou__.'\n    raise TypeError(type(a).__name__)",
    "def overlap(Lesson, b):\n    return [Lesson for Lesson in b]",
    "Pair = namedtuple('Pair', 'x y')\nPair(1, 2)._replace(x=3)",
]
ODD = {
    "import os": "it imports os",
    "from course_utils.exercises.lesson_90 import LESSON": "it imports course_utils.exercises.lesson_90",
    "from . import x": "it imports .",
    "import torch.multiprocessing": "it reaches for torch.multiprocessing",
    "from random import _os": "it reaches for _os",
    "torch.os.kill(1, 9)": "it reaches for os",
    "check.__self__": "it uses check",
    "(lambda: 0).__globals__": "it reaches for __globals__",
    "operator.attrgetter('f.__globals__')": "it reaches for attrgetter",
    "x = '{0.__class__}'": "it reaches for __class__",
    "eval('1')": "it uses eval",
    "getattr(np, 'l' + 'oad')": "it uses getattr",
    "overlap = Lesson": "it uses Lesson, which is the course's own",
    "def spare(Lesson):\n    return Lesson\noverlap = Lesson": "it uses Lesson, which is the course's own",
    "def overlap(a, Lesson=Lesson):\n    return Lesson": "it uses Lesson, which is the course's own",
    "class A:\n    Lesson = 1\n    def f(self):\n        return Lesson": "it uses Lesson, which is the course's own",
    "def f():\n    global Lesson\n    Lesson = Lesson": "it uses Lesson, which is the course's own",
    "from operator import *": "it imports everything of operator",
    "typing.get_type_hints(A)": "it reaches for get_type_hints",
    "open('x')": "it uses open",
    "%timeit 1": "it uses get_ipython",
    "!ls": "it uses get_ipython",
    "np.isclose = 1": "it changes np.isclose, which is not its own",
    "# NBVAL_SKIP": "the comment NBVAL_SKIP steers the grading",
}


@pytest.mark.parametrize("source", ORDINARY)
def test_ordinary_answers_pass(source: str, released: Released) -> None:
    assert suspicions(source, released, "overlap") == []


@pytest.mark.parametrize("source", ODD)
def test_odd_answers_are_named(source: str, released: Released) -> None:
    assert ODD[source] in suspicions(source, released, "overlap")


@pytest.mark.parametrize("source", ["def f(:", "x = '\0'", "(" * 5000])
def test_what_does_not_parse_is_said_so(source: str, released: Released) -> None:
    with pytest.raises(NotPython):
        suspicions(source, released, "overlap")

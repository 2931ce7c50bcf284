"""Grades the probe and prints what it has said; run by the tests as root and as a plain user.

    probe.py FOLDER

What the probe returns is too long for a report, so the results are taken where they come out of the sandbox.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from conftest import LIMITS, tiny_released

from course_utils.classroom.grading import lesson
from course_utils.classroom.grading.choice import choose_fence
from course_utils.classroom.grading.learners import find_learners
from course_utils.classroom.grading.submission import Grader

if __name__ == "__main__":
    said: list = []
    read = lesson._read

    def keep(message: bytes) -> object:
        said.append(read(message))
        return said[-1]

    lesson._read = keep
    grader = Grader((tiny_released(),), 7, choose_fence("bubblewrap", False), replace(LIMITS, seconds=100))
    grader.grade(find_learners([Path(sys.argv[1])]).learners[0])
    print(json.dumps(next(([str(line) for line in one] for one in said if isinstance(one, list)), [str(said[:1])])))

"""Exercises of lesson 07: anchors and their grid, matching, deltas, doubles, and the network made of them."""

from course_utils.exercises.anchors_07 import ANCHORS
from course_utils.exercises.core import Lesson
from course_utils.exercises.deltas_07 import ENCODE
from course_utils.exercises.doubles_07 import SUPPRESS
from course_utils.exercises.losses_07 import LOSSES
from course_utils.exercises.matching_07 import MATCH
from course_utils.exercises.proposals_07 import PROPOSALS
from course_utils.exercises.rpn_07 import HEAD
from course_utils.exercises.sampling_07 import SAMPLE

LESSON = Lesson(7, [*ANCHORS, MATCH, SAMPLE, ENCODE, HEAD, LOSSES, SUPPRESS, PROPOSALS])

check = LESSON.check

"""The three things that the sandbox is asked to do."""

from course_utils.classroom.grading.room import reading
from course_utils.classroom.grading.room.answers import run_answer
from course_utils.classroom.grading.room.notebook import Unreadable
from course_utils.classroom.grading.room.wire import dumps, loads


def do(kind: str, body: bytes) -> bytes:
    """Do a job and give its result as a message.

    Args:
        kind: "which" (lesson a notebook belongs to), "read" (its answers), or "run" (one answer).
        body: the message with the job's particulars.
    """
    job = loads(body)
    if kind == "run":
        return run_answer(job)
    try:
        if kind == "which":
            return dumps(reading.which_lesson(job["content"], job["lessons"]))
        return dumps(reading.read_answers(job["content"], reading.LessonText(**job["lesson"])))
    except Unreadable as problem:
        return dumps({"unreadable": str(problem)})

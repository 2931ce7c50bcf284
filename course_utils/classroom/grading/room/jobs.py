"""The four things that a sandbox is asked to do."""

from course_utils.classroom.grading.room import reading
from course_utils.classroom.grading.room.answers import run_answer
from course_utils.classroom.grading.room.lending import Talk, lend
from course_utils.classroom.grading.room.notebook import Unreadable
from course_utils.classroom.grading.room.wire import dumps, loads


def do(kind: str, body: bytes, talk: Talk) -> bytes:
    """Do a job and give its result as a message.

    Args:
        kind: "which" (lesson a notebook belongs to), "read" (its answers), "run" (one answer), or "lend" (functions to
            an answer that runs in another sandbox).
        body: the message with the job's particulars.
        talk: asks the grader for something while the job is being done.
    """
    job = loads(body)
    if kind == "run":
        return run_answer(job, talk)
    if kind == "lend":
        lend(job["functions"], talk)
        return dumps(None)
    try:
        if kind == "which":
            return dumps(reading.which_lesson(job["content"], job["lessons"]))
        return dumps(reading.read_answers(job["content"], reading.LessonText(**job["lesson"])))
    except Unreadable as problem:
        return dumps({"unreadable": str(problem)})

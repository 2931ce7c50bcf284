"""Which fence a run is to have: the one that was asked for, and only if it stands on this machine."""

import os
import shutil
import sys
from collections.abc import Callable

from course_utils.classroom.grading.fences import Fence, Limits, bubblewrap, container, no_fence
from course_utils.classroom.grading.rooms import NoRoom, Room
from course_utils.errors import CourseError

_ADVICE = {
    "bubblewrap": "install it (Debian, Ubuntu: apt install bubblewrap), or use --sandbox docker",
    "docker": "start it and build the image (README: Grading)",
    "podman": "install it and build the image (README: Grading)",
}


def choose_fence(wish: str | None, no_sandbox: bool, probes: tuple[str, ...] = ()) -> Fence:
    """The fence, tried out.

    Args:
        wish: "bubblewrap", "docker" or "podman"; bubblewrap unless given.
        no_sandbox: whether the instructor does without.
        probes: modules of functions by which declarations have answers called.

    Raises:
        CourseError: it cannot be put up, or two different things are asked for.
    """
    if wish and no_sandbox:
        raise CourseError("--sandbox and --no-sandbox exclude each other")
    if not hasattr(os, "fork"):  # nor can the pipes of such a system be waited for, to a container or not
        raise CourseError(f"answers cannot be graded on {sys.platform}; on Windows, use WSL")
    if no_sandbox:
        return _tried(no_fence, "none")
    name = wish or "bubblewrap"
    if name == "bubblewrap":
        if sys.platform != "linux":
            raise CourseError(
                "bubblewrap, the sandbox, is for Linux; use --sandbox docker, or --no-sandbox if you must"
            )
        make = lambda: bubblewrap(Limits(), probes)  # noqa: E731
    else:
        make = lambda: container(name, Limits(), probes)  # noqa: E731
    if not shutil.which({"bubblewrap": "bwrap"}.get(name, name)):
        raise CourseError(f"no {name} here, so no sandbox; {_ADVICE[name]}, or --no-sandbox if you must")
    return _tried(make, name)


def _tried(make: Callable[[], Fence], name: str) -> Fence:
    fence = make()
    job = {"statements": [["answer = 1", False]], "expression": "answer", "futures": False, "course": {}}
    try:
        with Room(fence, Limits()) as room:
            status, _ = room.ask("run", job | {"values": {}, "cases": [], "probe": None, "helpers": []}, 60)
            if status != "done":
                raise NoRoom(f"a trial answer did not come back ({status})")
    except NoRoom as why:
        advice = f"; {_ADVICE[name]}, or --no-sandbox if you must" if name in _ADVICE else ""
        raise CourseError(f"the sandbox ({name}) does not work here: {why}{advice}") from None
    return fence

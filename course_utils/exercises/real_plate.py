"""A real plate among the inputs of exercises: it shows what small drawings cannot, such as overflow and a rim."""

from functools import cache

from course_utils.dataset import Scene, load


@cache
def real_plate() -> Scene:
    """A heap of eight pieces of the validation split, 320 x 320."""
    return next(scene for scene in load("val") if len(scene.instances) == 8)

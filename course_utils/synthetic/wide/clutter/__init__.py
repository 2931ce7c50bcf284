"""Things that stand on tables and lie on plates and are no food of the course."""

from course_utils.synthetic.wide.clutter.thing import ON_PLATE, ON_TABLE, Thing, make_thing

__all__ = ["ON_PLATE", "ON_TABLE", "Thing", "make_thing"]

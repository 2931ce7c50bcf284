"""The one exception that a person is meant to read."""


class CourseError(Exception):
    """Something the reader can mend; the message is one line that names the file, the item and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What notebooks show: the message, without the way it took through our code."""
        return [f"{type(self).__name__}: {self}"]

"""The one exception that a person is meant to read."""


class CourseError(Exception):
    """Something the reader can mend; the message is one line that names the file, the item and what to do."""

"""How an error that is meant to be read looks in a notebook."""

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


def test_a_notebook_shows_one_line():
    shell = InteractiveShell()
    with capture_output() as shown:
        shell.run_cell("from course_utils.errors import CourseError\nraise CourseError('data.json: is empty')")
    assert shown.stdout.strip() == "CourseError: data.json: is empty"

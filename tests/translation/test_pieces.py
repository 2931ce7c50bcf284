"""Markdown and code, taken apart for translators and put together again."""

import ast

import pytest

from course_utils.classroom.build import find_sources
from course_utils.classroom.source import read_source
from course_utils.errors import CourseError
from course_utils.paths import repo_root
from course_utils.translation.code import translate_code
from course_utils.translation.markdown import pieces, translate_markdown

PAGE = """# 01 · A title

One paragraph
over two lines.

- first;
- second, which
  goes on.

1. counted

| left | `code` |
|:--|--:|
| a *b* | 3 |

<details><summary>Answer</summary>

Yes: $x_1 < 2$.

</details>

    course evaluate FILE
"""
CODE = '''%matplotlib inline
import numpy as np

size = 3  # how far


def area(mask):
    """Pixels of a mask.

    Args:
        mask: (H, W) of bool.
    """
    # BEGIN SOLUTION
    # every True counts,
    # and nothing else
    return int(mask.sum())
    # END SOLUTION


print("# no comment")  # noqa
'''


def shout(words: str) -> str:
    """A translation that leaves formulas and code alone."""
    return " ".join(word if set(word) & set("`$") else word.upper() for word in words.split(" "))


def test_a_page_falls_into_headings_paragraphs_items_cells_and_summaries():
    assert [piece.words for piece in pieces(PAGE)] == [
        "01 · A title",
        "One paragraph over two lines.",
        "first;",
        "second, which goes on.",
        "counted",
        "left",
        "`code`",
        "a *b*",
        "3",
        "Answer",
        "Yes: $x_1 < 2$.",
    ]


def test_only_the_words_of_a_page_change():
    assert (
        translate_markdown(PAGE, shout)
        == """# 01 · A TITLE

ONE PARAGRAPH OVER TWO LINES.

- FIRST;
- SECOND, WHICH GOES ON.

1. COUNTED

| LEFT | `code` |
|:--|--:|
| A *B* | 3 |

<details><summary>ANSWER</summary>

YES: $x_1 < 2$.

</details>

    course evaluate FILE
"""
    )


def test_only_comments_and_docstrings_of_code_change():
    assert (
        translate_code(CODE, str.upper)
        == '''%matplotlib inline
import numpy as np

size = 3  # HOW FAR


def area(mask):
    """PIXELS OF A MASK.

    ARGS:
        MASK: (H, W) OF BOOL.
    """
    # BEGIN SOLUTION
    # EVERY TRUE COUNTS, AND NOTHING ELSE
    return int(mask.sum())
    # END SOLUTION


print("# no comment")  # noqa
'''
    )


def test_a_long_translation_stays_within_the_line():
    code = 'def f():\n    """Short."""\n    # short\n    return 1\n'
    made = translate_code(code, lambda words: words + " dan seterusnya" * 20)
    assert max(map(len, made.splitlines())) <= 120
    assert "dan seterusnya" in ast.get_docstring(ast.parse(made).body[0])


@pytest.mark.parametrize("said", ['ends it """', "a backslash \\"])
def test_a_translation_that_changes_the_code_is_refused(said):
    with pytest.raises(CourseError, match="change the code"):
        translate_code('def f():\n    """Short."""\n    return 1\n', lambda words: said)


@pytest.mark.parametrize("source", find_sources(repo_root()), ids=lambda path: path.stem)
def test_whatever_a_lesson_holds_comes_back_unharmed(source):
    for cell in read_source(source):
        translate = translate_code if cell.kind == "code" else translate_markdown
        assert translate(cell.text, lambda words: words) == cell.text, cell.where
        if cell.kind == "code":
            translate_code(cell.text, str.swapcase)

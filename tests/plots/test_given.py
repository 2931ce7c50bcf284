"""Words that lessons hand to figures are put into other languages, too: none is missing in the list."""

import ast
from collections.abc import Iterator

import pytest

from course_utils.classroom.build import find_sources
from course_utils.classroom.source import read_source
from course_utils.paths import repo_root
from course_utils.plots.given import WORDS, named
from course_utils.translation.current import speaking


def words_for_figures(code: str) -> set[str]:
    """Texts in the calls of a cell to figures: those with a space or a capital; others are names of things."""
    tree = ast.parse("\n".join(line for line in code.splitlines() if not line.lstrip().startswith(("%", "!"))))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    texts = {
        each.value
        for call in calls
        if isinstance(call.func.value, ast.Name) and call.func.value.id in FIGURES
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for each in whole_texts(argument)
    }
    return {text for text in texts if text != text.lower() or " " in text}


def whole_texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Texts in an expression, but not the pieces of one with places in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from whole_texts(child)


FIGURES = {path.stem for path in (repo_root() / "course_utils" / "plots").glob("*.py")} | {"figures"}
# As they are everywhere: abbreviations and file names.
SAME = {"ReLU"}


@pytest.mark.parametrize("source", find_sources(repo_root()), ids=lambda source: source.stem[:2])
def test_no_word_for_a_figure_is_missing(source):
    cells = [cell.text for cell in read_source(source) if cell.kind == "code"]
    assert set().union(*map(words_for_figures, cells)) - set(WORDS) - SAME == set()


def test_a_missing_word_would_be_found():
    assert words_for_figures('figures.cost({"Two words": 1, "slim": 2}, title=f"{x} and")') == {"Two words"}


def test_names_are_put_into_the_language():
    with speaking("id"):
        assert list(named({"known photos": 1, "slim": 2})) == ["foto yang dikenal", "slim"]

"""Every text that explorables, progress, parts and the proof show is marked for translation, in scripts too."""

import ast
import copy
import json
import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from babel.messages.extract import extract

from course_utils.explorables.page import _SAID, _source, _spoken
from course_utils.paths import repo_root

PACKAGE = repo_root() / "course_utils"
MODULES = [
    *sorted((PACKAGE / "explorables").glob("*.py")),
    *(PACKAGE / "exercises" / f"{name}.py" for name in ("part", "parts", "progress", "saved", "yours")),
    PACKAGE / "mask_rcnn" / "proof.py",
]
SCRIPTS = sorted(path.name for path in (files("course_utils.explorables") / "js").iterdir() if path.suffix == ".js")
WORDS = re.compile(r"(\b[A-Za-z]{2,}|[}0])[,;:]? [a-z]{2,}\b|^[A-Z][a-z]{2,}\b")
PLACES = {"title", "xlabel", "ylabel", "label", "alt", "name"}
"""Where even a single small word is a text: arguments and entries of these names."""
NO_TEXTS = {
    "Blues",  # a colour map
    "not attempted",  # a status, for code
    "dx 0.30, dy 0.00, dw 0.00, dh -0.40",  # names and numbers
    "kcal",
    "0 cm",
    "Enter",  # keys
    "Backspace",
}
FOR_DEVELOPERS = ("CourseError", "ValueError")


def unmarked(tree: ast.AST, place: str = "") -> Iterator[str]:
    """Texts of a module that stand in no `_()` or `N_()`."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("_", "N_", *FOR_DEVELOPERS):
        return
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return  # a docstring
    if isinstance(tree, ast.Assert):
        return
    if isinstance(tree, ast.keyword):
        place = tree.arg or ""
    if isinstance(tree, ast.Dict):
        for key, value in zip(tree.keys, tree.values, strict=True):
            yield from unmarked(key, "key") if key else ()
            yield from unmarked(value, key.value if isinstance(key, ast.Constant) else "")
        return
    if isinstance(tree, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "0" for part in tree.values)
        if WORDS.search(re.sub(r"<[^>]*>", "", text)):
            yield text
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        if WORDS.search(tree.value) or (place in PLACES and re.fullmatch("[a-z]{3,}", tree.value)):
            yield tree.value
        return
    for child in ast.iter_child_nodes(tree):
        yield from unmarked(child, place)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_text_of_a_module_is_marked(path):
    assert set(unmarked(ast.parse(path.read_text(encoding="utf-8")))) <= NO_TEXTS


class Unwrap(ast.NodeTransformer):
    """Takes the mark off the first argument of one call."""

    def __init__(self, words: str):
        self.words = words

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        marked = isinstance(node.func, ast.Name) and node.func.id in ("_", "N_")
        return node.args[0] if marked and getattr(node.args[0], "value", None) == self.words else node


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_text_without_its_mark_is_found(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_"]
    texts = [node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)]
    for words in (text for text in texts if WORDS.search(text)):
        assert words in list(unmarked(Unwrap(words).visit(copy.deepcopy(tree))))


def unmarked_in_script(script: str) -> list[str]:
    rest = _SAID.sub('""', script)
    strings = re.findall(r'"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`', rest)
    bare = [re.sub(r"\$\{[^{}]*\}", "0", text[1:-1]) for text in strings]
    return [text for text in bare if WORDS.search(text) and text not in NO_TEXTS]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_text_of_a_script_is_marked_and_comes_into_the_catalogue(name):
    script = _source(name)
    assert unmarked_in_script(script) == []
    texts = [json.loads(text) for text in _SAID.findall(script)]
    file = files("course_utils.explorables") / "js" / name
    with file.open("rb") as lines:
        assert [found[1] for found in extract("javascript", lines, keywords={"CX.say": None})] == texts
    for words in filter(WORDS.search, texts):
        assert unmarked_in_script(script.replace(f"CX.say({json.dumps(words)}", f"({json.dumps(words)}"))
    # In English a script is what its file says, to the letter.
    assert _spoken(script) == script

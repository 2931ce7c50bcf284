"""What figures and the demo say goes through `_`: no title, label or alternative text is forgotten, all can be said."""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from string import Formatter

import pytest

from course_utils.paths import repo_root

PACKAGE = repo_root() / "course_utils"
# What lessons hand to figures is another test's, tests/plots/test_given.py.
FIGURES = sorted(path for path in (PACKAGE / "plots").glob("*.py") if path.stem != "given")
OTHERS = ("calories/estimator.py", "calories/own_score.py", "demo/analysis.py", "demo/guard.py")
MODULES = [*FIGURES, *(PACKAGE / path for path in OTHERS)]

PLACES = {
    "HTML": 0, "_bar": 5, "_draw_block": 1, "_draw_numbers": 2, "_draw_signed": 2, "_instances": 2, "_node": 3,
    "_numbers": 2, "_panoptic": 2, "_step": 3, "annotate": 0, "append": 0, "as_output": 1, "block": 3, "detections": 3,
    "draw_labels": 2, "draw_photo": 2, "draw_scene": 2, "join": 0, "print": 0, "ranked_boxes": 2, "ranked_masks": 5,
    "set_title": 0, "set_xlabel": 0, "set_xticks": 1, "set_ylabel": 0, "set_yticks": 1, "show": 1, "suptitle": 0,
    "text": 2,
}  # fmt: skip
"""Function -> which of its arguments a reader sees."""
KEYWORDS = {"alt", "description", "label", "title", "xlabel", "xticklabels", "ylabel", "yticklabels"}
LOOKS = {
    "accept", "axes.titlelocation", "boxstyle", "cmap", "color", "columns", "description_width", "edgecolor", "element",
    "facecolor", "grid_template_columns", "ha", "hue", "image.interpolation", "linestyle", "loc", "palette", "stat",
    "step", "style", "textcoords", "va", "weight", "x", "y",
}  # fmt: skip
"""Arguments, and keys of dictionaries of arguments, whose values are no words for a reader."""

NAMES = {"IoU", "NMS", "ReLU", "RoIAlign", "RoIPool", "kcal", "sigmoid", "softmax"}
"""The same in all languages."""
INKS = {"white", "bold", "normal"}
EXCEPTIONS = {
    "analysis": {"photo.png"},
    "family": {"pool"},  # a level's key
    "guard": {".local"},
    "merging": {"fine[]", "coarse[]"},  # a lesson's arrays
    "overlap": {"ABCDEFGH"},  # names of outlines
    "own_score": {"photo", "there", "said"},  # columns of a file
    "results": {"occluded"},  # a scenario's key
    "style": {"image/png", "image/jpeg"},
}

SILENT = (ast.Raise, ast.Assert, ast.Compare)
"""Messages of errors stay English; and nobody reads what is only compared."""
LISTS = (ast.Tuple, ast.List, ast.IfExp)
"""Whatever words these hold are meant to be seen."""
PASSING_ON = (ast.BoolOp, ast.BinOp, ast.GeneratorExp, ast.ListComp, ast.JoinedStr, ast.FormattedValue, ast.Starred)
"""What is seen of these is seen of their parts."""


def is_saying(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "Sentence")


def forgotten(node: ast.AST, seen: bool = False) -> Iterator[tuple[int, str]]:
    """Line and words of each literal that a reader may see and that nothing translates."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if is_saying(node) or isinstance(node, SILENT) or docstring:
        return
    words = literal(node)
    if words is not None and has_words(words, seen or isinstance(node, ast.JoinedStr)):
        yield node.lineno, words
    for child, is_seen in parts(node, seen):
        yield from forgotten(child, is_seen)


def parts(node: ast.AST, seen: bool) -> Iterator[tuple[ast.AST, bool]]:
    """What a piece of code is made of, and whether a reader sees that."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        yield node.func, False
        yield from ((argument, place == PLACES.get(name)) for place, argument in enumerate(node.args))
        yield from ((one.value, one.arg in KEYWORDS) for one in node.keywords if one.arg not in LOOKS)
    elif isinstance(node, ast.Dict):
        each = zip(node.keys, node.values, strict=True)
        yield from ((value, True) for key, value in each if getattr(key, "value", "") not in LOOKS)
    elif isinstance(node, ast.Subscript):
        yield node.value, seen
    else:
        on = isinstance(node, LISTS) or seen and isinstance(node, PASSING_ON)
        # Pieces of an f-string have been looked at together.
        whole = isinstance(node, ast.JoinedStr)
        yield from ((one, on) for one in ast.iter_child_nodes(node) if not (whole and isinstance(one, ast.Constant)))


def literal(node: ast.AST) -> str | None:
    """The words of a string, of an f-string those outside of its braces."""
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    found = [piece.value for piece in pieces if isinstance(piece, ast.Constant) and isinstance(piece.value, str)]
    return "".join(found) if found else None


def has_words(text: str, seen: bool) -> bool:
    """A template or a sentence, or, where it is seen, a word of three letters."""
    if re.search(r"\{[a-z_]+[:}]", text):
        return bool(re.search(r"[A-Za-z]{2,}", re.sub(r"\{.*?\}", "", text)))
    words = [word for word in re.findall(r"[A-Za-z]{3,}|\bto\b", text) if word not in NAMES | INKS]
    is_key = re.search(r"[_#]", text)
    return bool(words) and (seen and not is_key or bool(re.search(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]{2,}", text)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_words_are_forgotten(path):
    allowed = EXCEPTIONS.get(path.stem, set())
    found = list(forgotten(ast.parse(path.read_text(encoding="utf-8"))))
    assert not [one for one in found if one[1] not in allowed]
    assert allowed <= {words for _line, words in found}, "an exception that nothing needs"


class Unwrapped(ast.NodeTransformer):
    """Takes `_` or `N_` away from the words at one place."""

    def __init__(self, place: tuple[int, int]):
        self._place = place

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: N802  (the name that `ast` looks for)
        self.generic_visit(node)
        return node.args[0] if is_saying(node) and (node.lineno, node.col_offset) == self._place else node


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_any_that_is_unwrapped_is_found(path):
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        allowed = len(list(forgotten(statement)))
        for node in ast.walk(statement):
            if is_saying(node) and isinstance(node.args[0], ast.Constant):
                changed = Unwrapped((node.lineno, node.col_offset)).visit(deepcopy(statement))
                assert len(list(forgotten(changed))) > allowed, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    "code",
    [
        'axes.set_title("Threshold")',
        'axes.set_title(f"Threshold {threshold}")',
        'axes.set_title("Threshold {threshold}".format(threshold=threshold))',
        'axes.set(xlabel="grey value")',
        'axes.plot(x, y, label="mean")',
        'axes.text(0, 1, "mean" if k else _("none"))',
        'axes.set_title(title or "Above")',
        'show(figure, _("Bars.") + " And more.")',
        'show(figure, _("Bars: {told}.").format(told="; ".join(f"{name} lost" for name in names)))',
        'titles = ("What you see", "What you believe")',
        'NAMES = {"loss_mask": "mask"}',
        'names = ["background", *CLASSES][first:]',
        'def said():\n    return "No photo yet."',
        "axes.set_title(f\"{number} {names[number] if number else 'nothing'}\")",
    ],
)
def test_a_forgotten_one_is_found(code):
    assert len(list(forgotten(ast.parse(code)))) == 1 + code.count("What you see")


@pytest.mark.parametrize(
    "code",
    [
        'def draw():\n    """Draws a figure."""\n    axes.set_title(_("Threshold {size}").format(size=3))',
        'NAMES = {"loss_mask": N_("mask")}',
        'axes.set_title(f"{kcal:.0f} kcal")',
        'axes.text(0, 1, words, ha="center", bbox={"facecolor": "white"})',
        'raise ValueError("a figure needs alt text")',
        'rows = table[table["whose one"] == "the thesis"]',
    ],
)
def test_what_is_said_or_no_text_is_left_alone(code):
    assert not list(forgotten(ast.parse(code)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_words_are_said_when_the_language_is_known(path):
    """Not while the module is imported; and never an f-string, which no catalogue could hold."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    in_time = {id(call) for function in functions for part in function.body for call in ast.walk(part)}
    calls = [node for node in ast.walk(tree) if is_saying(node)]
    assert not [call.lineno for call in calls if call.func.id == "_" and id(call) not in in_time]
    assert not [call.lineno for call in calls if isinstance(call.args[0], ast.JoinedStr)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_place_in_a_template_is_filled(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"):
            continue
        template, given = node.func.value, {keyword.arg for keyword in node.keywords}
        if is_saying(template) and isinstance(template.args[0], ast.Constant) and None not in given:
            named = {name for _text, name, _spec, _how in Formatter().parse(template.args[0].value) if name is not None}
            assert named == given, f"{path.name}:{node.lineno}"

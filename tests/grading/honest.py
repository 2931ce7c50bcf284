"""Forms in which honest people hand in one right answer; each is a change of the tiny lesson's notebook."""

import copy
import json
from collections.abc import Callable

import tiny_lesson
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

RIGHT = "def overlap(a, b):\n    return int((a & b).sum())\n"
BODY = "    return int((a & b).sum())\n"

# Source of the exercise's cell.
SOURCES = {
    "as asked": RIGHT,
    "its own helper": "def both(a, b):\n    return a & b\ndef overlap(a, b):\n    return int(both(a, b).sum())\n",
    "a class with private parts": (
        "class Count:\n    def __init__(self):\n        self._n = 0\n    def add(self, k):\n        self._n += k\n"
        "        return self._n\ndef overlap(a, b):\n    return Count().add(int((a & b).sum()))\n"
    ),
    "annotations from the future": f"from __future__ import annotations\ndef overlap(a: Mask, b: Mask) -> int:\n{BODY}",
    "type hints": f"def overlap(a: np.ndarray, b: np.ndarray) -> int:\n{BODY}",
    "a lambda": "overlap = lambda a, b: int((a & b).sum())\n",
    "logging": f"import logging\nlog = logging.getLogger(__name__)\ndef overlap(a, b):\n    log.warning('hm')\n{BODY}",
    "a warning": f"import warnings\ndef overlap(a, b):\n    warnings.warn('hm')\n{BODY}",
    "a line magic": f"%matplotlib inline\n{RIGHT}",
    "a cell magic": f"%%time\n{RIGHT}",
    "a shell line": f"!pip list\n{RIGHT}",
    "a question to IPython": f"np.sum?\n{RIGHT}",
    "a main guard": f"{RIGHT}if __name__ == '__main__':\n    print(overlap(np.array([True]), np.array([True])))\n",
    "np.testing": f"{RIGHT}np.testing.assert_equal(overlap(np.array([True]), np.array([True])), 1)\n",
    "an assert": f"{RIGHT}assert overlap(np.array([True]), np.array([True])) == 1\n",
    "a docstring set": f"{RIGHT}overlap.__doc__ = 'Pixels in common.'\n",
    "a check in the cell": f"{RIGHT}check('overlap', overlap)\n",
    "a trial with the course's data": f"{RIGHT}print(union(np.array([True]), np.array([True])), FOODS)\n",
    "prints": f"def overlap(a, b):\n    print('looking at', a)\n{BODY}",
    "a figure for each case": (
        "import matplotlib.pyplot as plt\ndef overlap(a, b):\n    plt.plot(a)\n    plt.show()\n    plt.close()\n" + BODY
    ),
    "display": f"def overlap(a, b):\n    display(a)\n{BODY}",
    "loops": (
        "def overlap(a, b):\n    n = 0\n    for x, y in zip(a, b):\n"
        "        if x and y:\n            n += 1\n    return n\n"
    ),
    "a generator inside": "def overlap(a, b):\n    return sum(1 for x, y in zip(a, b, strict=True) if x and y)\n",
    "recursion": (
        "import sys\nsys.setrecursionlimit(10_000)\ndef overlap(a, b):\n"
        "    return 0 if not len(a) else int(a[0] and b[0]) + overlap(a[1:], b[1:])\n"
    ),
    "a numpy scalar": "def overlap(a, b):\n    return (a & b).sum()\n",
    "an array without axes": "def overlap(a, b):\n    return np.array((a & b).sum())\n",
    "letters of other scripts": f"def überlappung(a, b):\n{BODY}überlappung.__name__ = 'ñ'\noverlap = überlappung\n",
    "a decorator": (
        f"import functools\n@functools.cache\ndef k():\n    return 1\n@functools.wraps(k)\ndef overlap(a, b):\n{BODY}"
    ),
    "a global that is filled later": (
        "table = {}\ntable['n'] = 1\ntable.update(m=2)\ndef overlap(a, b):\n"
        "    return int((a & b).sum()) * table['n'] * table['m'] // 2\n"
    ),
    "a function that sets a global": (
        "def init():\n    global factor\n    factor = 1\ninit()\n"
        "def overlap(a, b):\n    return int((a & b).sum()) * factor\n"
    ),
    "random numbers": f"rng = np.random.default_rng(0)\nrng.random()\n{RIGHT}",
    "a comment only behind": f"{RIGHT}\n\n# done!\n",
    "tabs": "def overlap(a, b):\n\treturn int((a & b).sum())\n",
    "the course's plain data": "def overlap(a, b):\n    return int((a & b).sum()) + len(foods) - FOODS['tahu'] + 113\n",
    "a data class": (
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: np.ndarray\n    b: np.ndarray\n"
        "def overlap(a, b):\n    pair = Pair(a, b)\n    return int((pair.a & pair.b).sum())\n"
    ),
    "slow": f"import time\ndef overlap(a, b):\n    time.sleep(0.1)\n{BODY}",
}

Change = Callable[[NotebookNode], None]


def _cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def _before(name: str, *sources: str) -> Change:
    """New cells before a cell; the exercise's own last, or its stub if nothing is said."""

    def change(notebook: NotebookNode) -> None:
        place = notebook.cells.index(_cell(notebook, name))
        notebook.cells[place:place] = [new_code_cell(source) for source in sources]

    return change


def _all(*changes: Change) -> Change:
    def change(notebook: NotebookNode) -> None:
        for one in changes:
            one(notebook)

    return change


def _answer(source: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        _cell(notebook, "overlap").source = source

    return change


def _bare(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata = {}


def _no_setup(notebook: NotebookNode) -> None:
    notebook.cells.remove(_cell(notebook, "setup"))


def _same_cell_twice(notebook: NotebookNode) -> None:
    notebook.cells.insert(3, copy.deepcopy(_cell(notebook, "overlap")))


USES = "def overlap(a, b):\n    return count(a & b)\n"
CHANGES = {
    "a helper in a cell before": _all(_before("overlap", "def count(x):\n    return int(x.sum())"), _answer(USES)),
    "a helper in a cell behind": _all(_before("normalise", "def count(x):\n    return int(x.sum())"), _answer(USES)),
    "an import in a cell before": _all(
        _before("overlap", "import operator as o"), _answer("def overlap(a, b):\n    return int(o.and_(a, b).sum())")
    ),
    "an import of everything": _all(
        _before("overlap", "from operator import *"), _answer("def overlap(a, b):\n    return int(and_(a, b).sum())")
    ),
    "a constant in another cell": _all(
        _before("setup", "ONE = 1"), _answer("def overlap(a, b):\n    return ONE * int((a & b).sum())")
    ),
    "an answer split over two cells": _all(
        _before("overlap", "def half(a, b):\n    return a & b"),
        _answer("def overlap(a, b):\n    return int(half(a, b).sum())"),
    ),
    "a new cell under the stub": _before("check-overlap", RIGHT),
    "a new cell under the check": _before("normalise", RIGHT),
    "a first attempt left above": _all(_before("overlap", "def overlap(a, b):\n    return 7"), _answer(RIGHT)),
    "an attempt that fails left above": _all(
        _before("overlap", "overlap(1"), _before("overlap", "1 / 0"), _answer(RIGHT)
    ),
    "a cell of IPython's above": _all(_before("overlap", "%%bash\nls"), _answer(RIGHT)),
    "the set-up deleted": _all(_no_setup, _answer(RIGHT)),
    "the set-up with more in it": _all(
        lambda n: _cell(n, "setup").update(source=tiny_lesson.SETUP + "\nimport math"),
        _answer("def overlap(a, b):\n    return math.floor((a & b).sum())"),
    ),
    "another answer used": _all(
        lambda n: _cell(n, "classes").update(source="classes = 6"),
        _answer("def overlap(a, b):\n    return int((a & b).sum()) + classes - 6"),
    ),
    "the cell twice, equal": _all(_answer(RIGHT), _same_cell_twice),
    "without markers and ids": _all(_answer(RIGHT), _bare),
}


def notebook(change: Change) -> NotebookNode:
    """The tiny lesson with one change."""
    made = tiny_lesson.released_notebook()
    change(made)
    return made


def _raw(change: Callable[[dict], None] = lambda raw: None, encoding: str = "utf-8", newline: str = "\n") -> bytes:
    raw = json.loads(json.dumps(notebook(_answer(RIGHT))))
    change(raw)
    return json.dumps(raw, indent=1, ensure_ascii=False).replace("\n", newline).encode(encoding)


def _format(minor: int) -> Callable[[dict], None]:
    def change(raw: dict) -> None:
        raw["nbformat_minor"] = minor
        for cell in raw["cells"]:
            if minor < 5:
                del cell["id"]

    return change


def _colab(raw: dict) -> None:
    """Format 4.0, ids in the metadata, sources as lists of lines."""
    raw["nbformat_minor"] = 0
    for cell in raw["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        cell["source"] = cell["source"].splitlines(keepends=True)


def _vscode(raw: dict) -> None:
    for number, cell in enumerate(raw["cells"]):
        cell["id"] = f"{number:08x}"
        cell["metadata"]["vscode"] = {"languageId": "python"}


def _carriage_returns(raw: dict) -> None:
    for cell in raw["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def _large_outputs(raw: dict) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 6_000_000}
    raw["cells"][1] |= {"execution_count": 1, "outputs": [output]}


FILES = {
    "6 MB of outputs": _raw(_large_outputs),
    **{f"format 4.{minor}": _raw(_format(minor)) for minor in range(6)},
    "Colab": _raw(_colab),
    "VS Code": _raw(_vscode),
    "a byte order mark": b"\xef\xbb\xbf" + _raw(),
    "UTF-16": _raw(encoding="utf-16"),
    "carriage returns": _raw(_carriage_returns, newline="\r\n"),
}

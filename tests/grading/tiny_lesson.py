"""The tiny lesson as a released notebook, and submissions to it."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SETUP = "import numpy as np\n\nfrom tiny_exercises import FOODS, check, union\n\nfoods = sorted(FOODS)"
NAME = "90_tiny"
STUBS = {
    "overlap": "def overlap(a, b):\n    ...  # your answer here",
    "normalise": "def normalise(values):\n    ...  # your answer here",
    "classes": "classes = ...  # your answer here",
}
RIGHT = {
    "overlap": "def overlap(a, b):\n    print('looking', a)\n    return sum(1 for x, y in zip(a, b) if x and y)",
    "normalise": "def normalise(values):\n    return values - values.sum() / values.size",
    "classes": "classes = 6",
}


def released_notebook() -> NotebookNode:
    """The learner's edition: set-up, prose, a cell that no graded run needs, exercises and checks."""
    cells = [
        new_markdown_cell("# Tiny"),
        _cell("setup", SETUP, {"setup": True}),
        _cell("unneeded", "UNNEEDED = 1", None),
    ]
    for name, stub in STUBS.items():
        cells += [
            _cell(name, stub, {"exercise": name}),
            _cell(f"check-{name}", f'check("{name}", {name})', {"check": name}),
        ]
    return new_notebook(cells=cells)


def submission(answers: dict[str, str]) -> NotebookNode:
    """The released notebook with answers filled in; an exercise without one keeps its stub."""
    notebook = released_notebook()
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


def _cell(name: str, source: str, course: dict | None) -> NotebookNode:
    return new_code_cell(source, id=name, metadata={"course": course} if course else {})

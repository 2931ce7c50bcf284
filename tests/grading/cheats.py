"""Every way to a pass without an answer that the course knows of, tried on the tiny lesson's first exercise."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import tiny_exercises
import tiny_lesson
from nbclient import NotebookClient
from nbformat import NotebookNode

from course_utils.exercises.core import CHECK_SEED

WRONG = "def overlap(a, b):\n    return -1\n"


@dataclass(frozen=True)
class Cheat:
    """What is handed in.

    Attributes:
        answer: source of the exercise's cell.
        edit: what is done to the notebook besides.
        files: what lies beside the notebook.
        fools_nbval: whether plain nbval takes it for right. Where it does not, `why_not` says what stops it.
    """

    answer: str = WRONG
    edit: Callable[[NotebookNode], None] = lambda notebook: None
    files: dict[str, str] = field(default_factory=dict)
    fools_nbval: bool = True
    why_not: str = ""

    def notebook(self) -> NotebookNode:
        """The submission: set-up, exercise, check, and whatever the cheat makes of them."""
        notebook = tiny_lesson.submission({"overlap": self.answer})
        notebook.cells = [cell for cell in notebook.cells if cell.id in ("setup", "overlap", "check-overlap")]
        self.edit(notebook)
        return notebook


def _check_cell(notebook: NotebookNode) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == "check-overlap")


def _delete_check(notebook: NotebookNode) -> None:
    notebook.cells.remove(_check_cell(notebook))


def _edit_check(notebook: NotebookNode) -> None:
    _check_cell(notebook).source = "print('✓ overlap: right (1 point)')"


def _tag(tag: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        _check_cell(notebook).metadata["tags"] = [tag]

    return edit


def _store_wrong_output(notebook: NotebookNode) -> None:
    """The wrong output is stored as if it were right, so that nbval finds no difference."""
    NotebookClient(notebook, allow_errors=True, kernel_name="python3").execute()
    _tag("raises-exception")(notebook)


def _visible_cases_by_heart() -> str:
    exercise = tiny_exercises.LESSON["overlap"]
    table = {f"{a.tolist()}{b.tolist()}": exercise.reference(a, b) for a, b in exercise.draw_cases(CHECK_SEED)}
    answer = "def overlap(a, b):\n    return known.get(f'{a.tolist()}{b.tolist()}', 0)\n"
    return f"known = {json.dumps(table)}\n{answer}"


_SKIP_CHECKS = "[] if any('check(' in line for line in lines) else lines"
_RIGHT_OUTCOME = (
    "import course_utils.exercises.core as core\n"
    "core.judge = lambda exercise, answer: core.Outcome(exercise, 'right')\n"
)

CHEATS = {
    "deleted check": Cheat(edit=_delete_check),
    "edited check": Cheat(edit=_edit_check),
    "nbval-skip tag": Cheat(edit=_tag("nbval-skip")),
    "raises-exception tag": Cheat(edit=_tag("raises-exception")),
    "edited stored output": Cheat(edit=_store_wrong_output),
    "visible cases by heart": Cheat(_visible_cases_by_heart()),
    "input transformer": Cheat(
        f"get_ipython().input_transformers_cleanup.append(lambda lines: {_SKIP_CHECKS})\n{WRONG}"
    ),
    "AST transformer": Cheat(
        "import ast\n"
        "class Skip(ast.NodeTransformer):\n"
        "    def visit_Call(self, node):\n"
        "        return ast.Constant(None) if getattr(node.func, 'id', '') == 'check' else node\n"
        f"get_ipython().ast_transformers.append(Skip())\n{WRONG}",
    ),
    "equal to everything": Cheat(
        "class Same(int):\n"
        "    __eq__ = __le__ = __ge__ = lambda self, other: True\n"
        "    __ne__ = lambda self, other: False\n"
        "    __hash__ = int.__hash__\n"
        "def overlap(a, b):\n    return Same()\n",
        fools_nbval=False,
        why_not="the course's check compares exact types",
    ),
    "patched builtins": Cheat(
        "import builtins\n"
        "honest_zip = zip\n"
        f"builtins.zip = lambda *items, strict=False: [] if strict else honest_zip(*items)\n{WRONG}",
    ),
    "patched library": Cheat(f"np.isclose = lambda *values, **options: True\n{WRONG}"),
    "monkeypatched course_utils": Cheat(f"{_RIGHT_OUTCOME}{WRONG}"),
    "conftest.py": Cheat(
        files={"conftest.py": "import nbval.plugin\nnbval.plugin.IPyNbCell.runtest = lambda self: None\n"}
    ),
    "pytest.ini": Cheat(files={"pytest.ini": f'[pytest]\naddopts = "--deselect={tiny_lesson.NAME}.ipynb::Cell 2"\n'}),
    "fake package beside the notebook": Cheat(
        files={
            "course_utils/__init__.py": "",
            "course_utils/exercises/__init__.py": "",
            "course_utils/exercises/core.py": (
                "class Exercise:\n    def __init__(self, **declared): pass\n"
                "class Share:\n    def __init__(self, *declared): pass\n"
                "class Lesson:\n    def __init__(self, *declared): pass\n"
                "    def check(self, name, answer): print('right')\n"
            ),
        }
    ),
}


def write(notebook: NotebookNode, folder: Path, files: dict[str, str]) -> Path:
    """Lay out a submission in a folder; the notebook's path."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = folder / f"{tiny_lesson.NAME}.ipynb"
    nbformat.write(notebook, path)
    return path


def plain_nbval(path: Path, mode: str = "--nbval-lax", *options: str) -> int:
    """Exit code of pytest as a learner or an unsuspecting instructor would run it, in the submission's own folder."""
    command = [sys.executable, "-m", "pytest", mode, "-p", "no:cacheprovider", "-q", path.name, *options]
    return subprocess.run(command, cwd=path.parent, capture_output=True, timeout=200).returncode

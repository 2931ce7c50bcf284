"""The first cell of a lesson that is opened in Google Colab: it fetches the course, and does nothing elsewhere.

There is one only when the repository's address is known: ``Repository`` under ``[project.urls]`` in pyproject.toml.
"""

import tomllib
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

TAG = "colab"
_CODE = """\
# @title In Google Colab, run this first: it fetches the course. Elsewhere it does nothing.
import importlib.util, os, subprocess, sys

if "COLAB_RELEASE_TAG" in os.environ and importlib.util.find_spec("course_utils") is None:
    subprocess.run(["git", "clone", "-q", "--depth", "1", "{address}", "course"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-e", "course"], check=True)
    sys.path.insert(0, os.path.abspath("course"))
    os.chdir("course/notebooks")"""


def repository_address(root: Path) -> str:
    """Address of the repository as pyproject.toml gives it, or an empty text."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "").rstrip("/")


def with_first_cell(notebook: NotebookNode, address: str) -> NotebookNode:
    """The notebook, with the cell above its first code when there is an address."""
    if address:
        place = next(k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code")
        metadata = {"tags": [TAG], "cellView": "form"}
        notebook.cells.insert(
            place, new_code_cell(_CODE.format(address=address), id="in-google-colab", metadata=metadata)
        )
    return notebook

"""A lesson opened in Google Colab: an empty folder, the notebook alone, and a clone in the address's place."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.classroom.colab import repository_address, with_first_cell
from course_utils.paths import repo_root

_RUN = """
import nbformat, sys
from nbclient import NotebookClient
book = nbformat.read("lesson.ipynb", as_version=4)
NotebookClient(book, timeout=300, kernel_name="python3").execute()
print(book.cells[-1].outputs[0].text)
"""


def test_without_an_address_there_is_no_such_cell(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert repository_address(tmp_path) == ""
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://example.org/a/b/"\n')
    assert repository_address(tmp_path) == "https://example.org/a/b"
    assert len(with_first_cell(new_notebook(cells=[new_code_cell("1")]), "").cells) == 1


def test_it_stands_above_the_first_code_and_does_nothing_here() -> None:
    book = with_first_cell(new_notebook(cells=[new_markdown_cell("# T"), new_code_cell("1")]), "https://example.org")
    nbformat.validate(book)
    assert [cell.cell_type for cell in book.cells] == ["markdown", "code", "code"]
    before = os.getcwd()
    exec(compile(book.cells[1].source, "cell", "exec"), {})
    assert os.getcwd() == before


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fresh Python with the libraries of this one, but without the course, as Colab's is."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return tmp_path / "venv" / "bin" / "python"


@pytest.mark.slow
def test_a_lesson_alone_sets_itself_up(python: Path, tmp_path: Path) -> None:
    if not (repo_root() / ".git").exists():
        pytest.skip("this is no clone that could stand in the address's place")
    alone = tmp_path / "alone"
    alone.mkdir()
    lesson = next((repo_root() / "notebooks").glob("02_*.ipynb"))
    book = with_first_cell(nbformat.read(lesson, as_version=4), repo_root().as_uri())
    setup = next(k for k, cell in enumerate(book.cells) if cell.metadata.get("course", {}).get("setup"))
    where = new_code_cell("import course_utils; print(course_utils.__file__)")
    book.cells = [*book.cells[: setup + 1], where]
    nbformat.write(book, alone / "lesson.ipynb")
    # No network and no second installation of all libraries in a test: pip takes those that are there.
    calm = {"PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1", "COLAB_RELEASE_TAG": "release"}
    done = subprocess.run([python, "-c", _RUN], cwd=alone, env=os.environ | calm, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == str(alone / "course" / "course_utils" / "__init__.py")

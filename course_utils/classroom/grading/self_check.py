"""The honest self-check: plain nbval over one's own notebooks, told in the words of the exercises."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat

from course_utils.classroom.grading.beforehand import warnings_of
from course_utils.classroom.grading.files import LARGEST_NOTEBOOK
from course_utils.classroom.grading.released import Released, check_calls
from course_utils.errors import CourseError
from course_utils.exercises.cards import beginning, verdict
from course_utils.translation.say import _

_COLOUR = re.compile(r"(\x1b|#x1B)\[[0-9;]*m")  # as a terminal takes it, and as pytest writes it into XML


@dataclass(frozen=True)
class SelfCheck:
    """What nbval found in one notebook.

    Attributes:
        right, open, wrong: ids of exercises: passed, not attempted, failed.
        broken: other cells that failed, each as "cell 3: why", counting code cells from 1.
        beforehand: what grading would leave to a person, or tell one, each as "exercise: why".
    """

    name: str
    right: tuple[str, ...]
    open: tuple[str, ...]
    wrong: tuple[str, ...]
    broken: tuple[str, ...]
    beforehand: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether every exercise is right and every cell runs."""
        return bool(self.right) and not (self.open or self.wrong or self.broken)

    def __str__(self) -> str:
        """One line with the count, and one for each thing left to do, in the language that is spoken."""
        asked = len(self.right) + len(self.open) + len(self.wrong)
        if not asked and not self.broken:
            words = _("{name}: no check of an exercise in it; is it the right file, and are its check cells there?")
            return words.format(name=self.name)
        lines = [_("{name}: {right} of {asked} right").format(name=self.name, right=len(self.right), asked=asked)]
        lines += [f"  {verdict('wrong', name)}" for name in self.wrong]
        lines += [f"  {verdict('not attempted', name)}" for name in self.open]
        lines += [f"  ! {problem}" for problem in self.broken]
        lines += ["  " + _("grading: {warning}").format(warning=warning) for warning in self.beforehand]
        return "\n".join(lines)


def check_notebook(path: Path, course: Sequence[Released] = (), strict: bool = False) -> SelfCheck:
    """Run `pytest --nbval-lax` on a notebook, as it is, in this environment.

    Args:
        course: lessons; of the notebook's own it is said what grading would make of the answers.
        strict: whether what cells put out must be what is stored, as with plain `pytest --nbval`.

    Raises:
        CourseError: not a notebook, or nbval could not run it.
    """
    if path.stat().st_size > LARGEST_NOTEBOOK:
        raise CourseError(
            f"{path}: {path.stat().st_size / 2**20:.0f} MB; clear its outputs, a notebook may have "
            f"{LARGEST_NOTEBOOK // 2**20} MB at most"
        )
    try:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    except Exception as error:  # nbformat raises a dozen kinds for a broken file
        why = type(error).__name__
        raise CourseError(f"{path}: no readable notebook ({why}); an older state is in .ipynb_checkpoints") from error
    failures = _failures(path, "--nbval" if strict else "--nbval-lax")
    checks = {number: name for number, cell in enumerate(cells) for name in check_calls(cell.source)}
    failed = {name: failures[number] for number, name in checks.items() if number in failures}
    open_ = tuple(name for name, text in failed.items() if beginning("not attempted", name) in text)
    return SelfCheck(
        name=path.stem,
        right=tuple(name for number, name in checks.items() if number not in failures),
        open=open_,
        wrong=tuple(name for name in failed if name not in open_),
        broken=tuple(
            _("cell {number}: {why}").format(number=n + 1, why=_why(text))
            for n, text in failures.items()
            if n not in checks
        ),
        beforehand=warnings_of(path.read_bytes(), course),
    )


def _failures(path: Path, how: str) -> dict[int, str]:
    """Number of each code cell that did not pass -> what pytest says about it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = [
            *("-p", "nbval.plugin"),
            how,
            "--nbval-current-env",
            "--nbval-cell-timeout=300",
            "--color=no",
            f"--junitxml={report}",
        ]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(path.resolve())]
        # Whatever other plugins are installed would only cost time.
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode not in (0, 1) or not report.exists():
            why = _last_line(done.stdout + done.stderr)
            raise CourseError(f"{path}: nbval could not run it (pytest exit code {done.returncode}: {why})")
        cases = list(ElementTree.parse(report).iter("testcase"))
    problems = {
        case.get("name"): [child for child in case if child.tag in ("failure", "error", "skipped")] for case in cases
    }
    return {int(str(name).removeprefix("Cell ")): found[0].text or "" for name, found in problems.items() if found}


def _why(text: str) -> str:
    """What pytest says of a cell; a skipped one has a line of nbval's own code to say it."""
    line = _last_line(text)
    return _("skipped, by a tag or a comment") if line.endswith("Skipped") else line


def _last_line(text: str) -> str:
    text = _COLOUR.sub("", text)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[-1][:200] if lines else _("it failed")

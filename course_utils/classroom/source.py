"""A lesson's source, read into cells and checked."""

import ast
import importlib
import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jupytext

from course_utils.errors import CourseError

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
_NAME = re.compile(r"(\d\d)_[a-z0-9_]+\.py")
_OPTIONS = {"exercise", "check", "setup", "uncompared"}


@dataclass(frozen=True)
class Cell:
    """One cell of a source: where it begins, what it holds, and what it is for.

    Attributes:
        kind: "markdown" or "code".
        text: the cell without its marker.
        where: file and line, for messages.
        role: "exercise", "check", "setup", "uncompared" or "" for all other cells. What an uncompared cell puts out
            may differ from run to run; its marker says why.
        exercise: id of the exercise, for the first two roles.
    """

    kind: Literal["markdown", "code"]
    text: str
    where: str
    role: str = ""
    exercise: str = ""


def lesson_number(path: Path) -> int:
    """Number of a lesson: 10 for `11_iou_and_matching.py`; CourseError for a name of another form."""
    match = _NAME.fullmatch(path.name)
    if not match:
        raise CourseError(f"{path.name}: a lesson's source is called NN_slug.py, in lower case")
    return int(match[1])


def read_source(path: Path, declared: set[str] | None = None) -> list[Cell]:
    """Cells of a lesson's source (jupytext's py:percent form), checked.

    Args:
        declared: ids of the lesson's exercises; unless given, those that the course declares for it.

    Raises:
        CourseError: the file cannot be read, or a cell breaks a rule; the message names file, line and what to do.
    """
    number = lesson_number(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path.name}: cannot be read: {error}") from None
    lines = [k for k, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    if lines[:1] != [1]:
        raise CourseError(f"{path.name}:1: a source begins with a cell marker, `# %% [markdown]`")
    notebook = jupytext.reads(text, fmt="py:percent")
    if len(notebook.cells) != len(lines):
        raise CourseError(f"{path.name}: {len(lines)} cell markers but {len(notebook.cells)} cells; is one quoted?")
    cells = [_cell(raw, f"{path.name}:{line}") for raw, line in zip(notebook.cells, lines, strict=True)]
    _check_title(cells)
    _check_exercises(cells, _declared(number, path.name) if declared is None else declared, path.name)
    _check_yours(cells)
    _check_answers(cells)
    return cells


def _cell(raw, where: str) -> Cell:
    # jupytext notes unusual blank lines in the metadata too.
    options = {key: value for key, value in raw.metadata.items() if not key.startswith("lines_to_")}
    if set(options) - _OPTIONS or len(options) > 1:
        raise CourseError(
            f'{where}: malformed cell marker; exercise="id", check="id", setup=true or uncompared="why" is allowed'
        )
    role = next(iter(options), "")
    value = options.get(role)
    if role and not (value is True if role == "setup" else isinstance(value, str) and value):
        form = {"setup": "setup=true", "uncompared": 'uncompared="why"'}.get(role, f'{role}="id"')
        raise CourseError(f"{where}: malformed cell marker; write {form}")
    exercise = value if isinstance(value, str) and role in ("exercise", "check") else ""
    cell = Cell(raw.cell_type, raw.source, where, role, exercise)
    if cell.kind == "code":
        _check_code(cell)
    return cell


def _check_code(cell: Cell) -> None:
    try:
        _tree(cell)
    except SyntaxError as error:
        raise CourseError(f"{cell.where}: not valid Python: {error.msg} (line {error.lineno} of the cell)") from None
    marks = [line.strip() for line in cell.text.splitlines() if line.strip() in (BEGIN, END)]
    if marks != [BEGIN, END] * (len(marks) // 2):
        raise CourseError(f"{cell.where}: `{BEGIN}` and `{END}` must come in pairs")
    if bool(marks) != (cell.role == "exercise"):
        raise CourseError(f"{cell.where}: an exercise cell, and no other, holds `{BEGIN}` ... `{END}`")
    for solution in re.findall(rf"{BEGIN}\n(.*?)^[ \t]*{END}", cell.text, re.DOTALL | re.MULTILINE):
        _check_solution(solution, cell.where)


def _check_solution(solution: str, where: str) -> None:
    """A solution that is cut out leaves something behind: inside a function a stub, elsewhere the names it sets."""
    if not solution.strip():
        raise CourseError(f"{where}: nothing stands between `{BEGIN}` and `{END}`")
    first = next(line for line in solution.splitlines() if line.strip())
    if first[0].isspace():
        return
    try:
        statements = ast.parse(textwrap.dedent(solution)).body
    except SyntaxError as error:
        raise CourseError(f"{where}: a solution is made of whole statements: {error.msg}") from None
    if not any(isinstance(statement, ast.Assign | ast.AnnAssign) for statement in statements):
        raise CourseError(f"{where}: a solution outside of a function assigns the answer to a name")


def _check_title(cells: list[Cell]) -> None:
    if cells[0].kind != "markdown" or not cells[0].text.startswith("# "):
        raise CourseError(f"{cells[0].where}: the first cell is Markdown and begins with the title, `# NN · Title`")


def _check_exercises(cells: list[Cell], declared: set[str], name: str) -> None:
    """Each declared exercise has one cell and one check, in this order, and there are no others."""
    seen: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        if not cell.exercise:
            continue
        seen[cell.role, cell.exercise] += 1
        if seen[cell.role, cell.exercise] > 1:
            raise CourseError(f"{cell.where}: a second {cell.role} cell for {cell.exercise!r}; ids are unique")
        if cell.exercise not in declared:
            raise CourseError(f"{cell.where}: the lesson's exercises do not declare {cell.exercise!r}")
        if cell.role == "check" and not seen["exercise", cell.exercise]:
            raise CourseError(f"{cell.where}: a check of {cell.exercise!r} without an exercise cell above it")
        if cell.role == "check" and not re.search(rf'check\(\s*"{re.escape(cell.exercise)}"', cell.text):
            raise CourseError(f'{cell.where}: the check cell must call check("{cell.exercise}", ...)')
    for exercise in sorted(declared):
        for role in ("exercise", "check"):
            if not seen[role, exercise]:
                raise CourseError(f"{name}: {exercise!r} is declared but has no {role} cell")


def _check_yours(cells: list[Cell]) -> None:
    """A part from `yours` has a name of its own, and no set-up or exercise needs it.

    Under the answer's own name a check that is run again would judge the course's part; and in a graded run there is
    only the set-up and the answer.
    """
    handed_in = set().union(*(_used(cell) for cell in cells if cell.role == "check"))
    parts = set().union(*(_parts(cell) for cell in cells if cell.kind == "code"))
    for cell in cells:
        if cell.role in ("setup", "exercise") and (_used(cell) & parts or _parts(cell)):
            raise CourseError(f"{cell.where}: a set-up or exercise cell cannot use a part from yours(...)")
        if cell.kind == "code" and _parts(cell) & handed_in:
            names = ", ".join(sorted(_parts(cell) & handed_in))
            raise CourseError(f"{cell.where}: what yours(...) gives needs another name than the answer: {names}")


def _check_answers(cells: list[Cell]) -> None:
    """What comes after an exercise takes its answer through `yours`, so that it runs while there is none yet."""
    answers: set[str] = set()
    for cell in (cell for cell in cells if cell.kind == "code"):
        if cell.role == "exercise":
            answers |= _made(cell)
        elif cell.role != "check" and (names := _taken(cell) & answers):
            raise CourseError(
                f"{cell.where}: takes an answer as it is; take it through yours(...): {', '.join(sorted(names))}"
            )


def _made(cell: Cell) -> set[str]:
    """Names that a cell gives to functions, classes and values at its top level."""
    body = _tree(cell).body
    defined = {each.name for each in body if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    return defined.union(*(_assigned(each) for each in body if isinstance(each, ast.Assign)))


def _taken(cell: Cell) -> set[str]:
    """Names that a cell reads, but for what it gives to `yours`, or lays out for `your_parts` by the exercise's id."""
    tree = _tree(cell)
    given: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.fullmatch("yours|your_parts", ast.unparse(node.func)):
            given |= set(ast.walk(node))
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given |= {value for key, value in pairs if key and _is_own(key, value)}
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in given)
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {name.id for name in names if isinstance(name.ctx, ast.Load)} - arguments


def _is_own(key: ast.AST, value: ast.AST) -> bool:
    """Whether an entry of a dictionary is an exercise's id and what is called so."""
    return isinstance(key, ast.Constant) and isinstance(value, ast.Name) and key.value == value.id.replace("_", "-")


def _used(cell: Cell) -> set[str]:
    """Names that a cell reads and does not make itself."""
    nodes = list(ast.walk(_tree(cell)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    made = {name.id for name in names if isinstance(name.ctx, ast.Store)} | {
        n.arg for n in nodes if isinstance(n, ast.arg)
    }
    return {name.id for name in names} - made


def _parts(cell: Cell) -> set[str]:
    """Names that a cell gives to what `yours` returns."""
    found: set[str] = set()
    for node in ast.walk(_tree(cell)):
        if isinstance(node, ast.Assign) and re.search(r"\byours?(_parts)?\(", ast.unparse(node.value)):
            found |= _assigned(node)
    return found


def _assigned(statement: ast.Assign) -> set[str]:
    """Names on the left of an assignment."""
    parts = [part for target in statement.targets for part in ast.walk(target)]
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _tree(cell: Cell) -> ast.Module:
    return ast.parse(_without_magics(cell.text))


def _without_magics(code: str) -> str:
    return "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines())


def _declared(number: int, name: str) -> set[str]:
    module = f"course_utils.exercises.lesson_{number:02d}"
    try:
        return set(importlib.import_module(module).LESSON.exercises)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise CourseError(f"{name}: its exercises are declared in {module}, which does not exist") from None
    except Exception as error:  # whatever is wrong with the module, its author reads it here
        raise CourseError(f"{name}: {module} cannot be used: {type(error).__name__}: {error}") from error

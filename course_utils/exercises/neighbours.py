"""Programs that are one slip away from a right answer, as candidates for what a learner may have written.

They are made from the lesson's own solution, where the course has it at hand, and from the reference.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any

from course_utils.exercises.mutants import Mutant, mutants_of, with_both
from course_utils.exercises.sentences import Sentence
from course_utils.paths import repo_root
from course_utils.translation.say import N_

_MARKS = ("# BEGIN SOLUTION", "# END SOLUTION")

# kind of a change (see changes.py) -> what to say about it. Kinds that are not here say too little to be named.
_WORDS = {
    "border": N_(
        "A border: your code compares with `<` where `<=` belongs, or `>` where `>=` does, or the other way "
        "round. What should happen to a value that lies exactly on it?"
    ),
    "comparison": N_("A comparison is the wrong way round."),
    "operator": N_(
        "Two quantities are put together by the wrong operation, such as + for -, * for /, & for |, / for //."
    ),
    "dropped term": N_(
        "A term or a factor is missing. Go through the formula part by part: which one do you not have?"
    ),
    "dropped sign": N_("A minus or a `not` is missing, or `~` in front of a mask."),
    "swapped sides": N_("Two quantities have changed places: which is taken away from which, which divided by which?"),
    "swapped arguments": N_("Two arguments have changed places in a call."),
    "order": N_("Two entries have changed places. Compare their order with the one that is asked for."),
    "axes": N_("Rows and columns have changed places: there is a transpose too many or too few."),
    "dropped condition": N_("A condition is missing: more than one thing must hold here."),
    "branch": N_(
        "One of the cases to tell apart is not treated on its own: an `if` is missing, or always goes one way."
    ),
    "range": N_("A loop or a slice begins one too late, or ends one too early or too late."),
    "early return": N_("Your loop ends after its first round. Does `return` or `break` stand too far to the right?"),
    "dropped statement": N_("A step is missing: something is worked out or checked, but never stored or acted upon."),
    "overwritten": N_(
        "Each round of a loop begins anew: what it finds takes the place of what was found before, and "
        "should come on top of it."
    ),
    "dropped index": N_("A part should be taken out of an array here, and you work with the whole of it."),
    "constant": N_("A number is another one than it should be: off by one, an index, an axis, a factor."),
    "dropped argument": N_("A call goes without one of its arguments, such as the axis: it then works on all at once."),
    "name": N_(
        "One quantity stands where another belongs. Go through your formula: is every name the one that you mean?"
    ),
    "type": N_(
        "An array is of a type that cannot hold its numbers: whole numbers lose fractions, uint8 begins again "
        "after 255."
    ),
}
_OF_FUNCTIONS = {
    "sum": N_("You add up where the mean is asked for, or the other way round."),
    "mean": N_("You take the mean where the sum, or another middle, is asked for; or the other way round."),
    "min": N_("The smallest and the largest have changed places."),
    "minimum": N_("The smaller and the larger have changed places."),
    "argmin": N_("The place of the smallest and that of the largest have changed places."),
    "any": N_("`any` asks for one, `all` for every one. Which is meant here?"),
    "floor": N_("You round in another way than is asked for: down, up, and to the nearest are three different things."),
    "log2": N_("The logarithm has another base. Which one is asked for?"),
    "repeat": N_("repeat doubles every entry where it stands, tile lays the whole beside itself."),
    "softmax": N_("A softmax lets the classes compete, a sigmoid judges each on its own. Which one is asked for?"),
}
_LOST = {
    "clip": N_("A limit is missing: numbers may not leave a certain range here."),
    "max": N_(
        "A limit is missing, or one of two numbers is always taken: which one counts, the larger or the smaller?"
    ),
    "sqrt": N_("A square root is missing."),
    "floor": N_("The rounding is missing."),
    "abs": N_("An absolute value is missing: differences to both sides count."),
    "log2": N_("The logarithm is missing."),
    "deg2rad": N_("Degrees and radians: sin and cos take radians."),
    "exp": N_("The exponential function is missing."),
    "softmax": N_("The step from logits to probabilities is missing."),
    "astype": N_("A conversion of the type is missing."),
    "sorted": N_("The sorting is missing."),
    "cumsum": N_("The running sum is missing."),
    "transpose": N_("The axes are not put into the order that is asked for."),
    "nan_to_num": N_("A division by nothing leaves NaN behind."),
}
_ALIKE = (
    ("min", "max"), ("minimum", "maximum"), ("argmin", "argmax"), ("floor", "ceil", "round", "rint", "int", "long"),
    ("any", "all"),
    ("clip", "clamp", "relu"), ("max", "min", "maximum", "minimum"), ("log2", "log", "log10"), ("repeat", "tile"),
    ("softmax", "sigmoid"), ("mean", "median", "nanmean"), ("transpose", "permute", "reshape", "squeeze"),
    ("cumsum", "accumulate"), ("deg2rad", "radians"),
)  # fmt: skip


@dataclass(frozen=True)
class Neighbour:
    """A program with one slip, the words for it, and a sentence on the argument that it concerns, if it is one."""

    mutant: Mutant
    words: str
    about: str
    build: Callable[[Any], Any]

    @property
    def answer(self) -> Any:
        """The changed answer; whatever is raised while it is made."""
        return self.build(compile(self.mutant.tree, "<neighbour>", "exec"))

    def with_other(self, other: "Neighbour") -> Any:
        """The answer with both slips, or None when they cannot be made together."""
        tree = with_both(self.mutant, other.mutant) if self.build is other.build else None
        return tree and self.build(compile(tree, "<neighbour>", "exec"))


@lru_cache(maxsize=4)
def neighbours_of(exercise_id: str, reference: Any) -> tuple[Neighbour, ...]:
    """All neighbours of the right answer to an exercise that can be put into words."""
    found = []
    for source, build in (_solution(exercise_id), _reference(reference)):
        for mutant in mutants_of(source, list(inspect.signature(reference).parameters)):
            words = _words(mutant)
            concerned = mutant.names & set(inspect.signature(reference).parameters)
            about = Sentence("It has to do with `{name}`.", name=next(iter(concerned))) if len(concerned) == 1 else ""
            if words:
                found.append(Neighbour(mutant, words, about, build))
    return tuple(found)


def _words(mutant: Mutant) -> str:
    if mutant.kind in ("function", "dropped call"):
        table = _OF_FUNCTIONS if mutant.kind == "function" else _LOST
        return table.get(_key(mutant.called, table), "")
    return _WORDS.get(mutant.kind, "")


def _key(name: str, table: dict[str, str]) -> str:
    """The entry of a table that speaks of a function."""
    if name in table:
        return name
    return next((key for family in _ALIKE if name in family for key in family if key in table), "")


def _solution(exercise_id: str) -> tuple[str, Callable[[Any], Any]]:
    """The lesson's own answer, where the sources of the course lie beside it; else an empty program."""
    for path in sorted((repo_root() / "solutions").glob("[0-9][0-9]_*.py")):
        cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        own = [cell for cell in cells if cell.startswith(f' exercise="{exercise_id}"')]
        if own:
            source = _without_marks(own[0])
            before = [cell for cell in cells[: cells.index(own[0])] if re.match(" (exercise=|setup=true)", cell)]
            return source, _in_space(_definitions(before), _answer(cells, exercise_id))
    return "", lambda code: None


def _without_marks(cell: str) -> str:
    lines = cell.split("\n")[1:]
    return textwrap.dedent("\n".join(line for line in lines if line.strip() not in _MARKS))


def _answer(cells: list[str], exercise_id: str) -> str:
    """How the check names the answer."""
    call = next(
        match for cell in cells if (match := re.search(rf'check\(\s*"{exercise_id}",\s*(.*)\)', cell, re.DOTALL))
    )
    return call[1].strip().rstrip(",")


def _definitions(cells: list[str]) -> str:
    """The imports, functions, classes and plain values of cells: what costs nothing to do again."""
    kept: list[ast.stmt] = []
    for cell in cells:
        for node in ast.parse(_without_marks(cell)).body:
            cheap = isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
            plain = isinstance(node, ast.Assign) and not any(isinstance(part, ast.Call) for part in ast.walk(node))
            if cheap or plain:
                kept.append(node)
    return ast.unparse(ast.Module(kept, []))


def _in_space(definitions: str, answer: str) -> Callable[[Any], Any]:
    space: dict[str, Any] = {"__name__": "neighbour"}

    def build(code: Any) -> Any:
        if len(space) == 1:
            _define(definitions, space)
        own = dict(space)
        exec(code, own)
        return eval(answer, own)

    return build


def _define(definitions: str, space: dict[str, Any]) -> None:
    """Run definitions one by one; one that needs what is not there is left out."""
    for node in ast.parse(definitions).body:
        try:
            exec(compile(ast.Module([node], []), "<lesson>", "exec"), space)
        except Exception:  # its neighbours then raise as well, and are no candidates
            continue


def _reference(reference: Any) -> tuple[str, Callable[[Any], Any]]:
    """The reference, where it is a plain function; else an empty program."""
    if not isinstance(reference, FunctionType) or reference.__name__ == "<lambda>" or reference.__closure__:
        return "", lambda code: None

    def build(code: Any) -> Any:
        own = dict(reference.__globals__)
        exec(code, own)
        return own[reference.__name__]

    tree = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    function = tree.body[0]
    if isinstance(function, ast.FunctionDef | ast.ClassDef):
        function.decorator_list = []
    return ast.unparse(tree), build

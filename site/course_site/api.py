"""Pages of the package's public functions and classes, read from the source: nothing is imported, nothing runs."""

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from sphinx.ext.napoleon import Config, GoogleDocstring

_CONFIG = Config(napoleon_google_docstring=True, napoleon_use_rtype=False, napoleon_attr_annotations=False)
_PROPERTIES = ("property", "cached_property")


@dataclass(frozen=True)
class Module:
    """A module with what it offers."""

    name: str
    tree: ast.Module

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def public(self) -> list[ast.stmt]:
        """Its functions and classes, without those that begin with an underscore."""
        kinds = ast.FunctionDef | ast.ClassDef
        found = [node for node in self.tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
        # Of a function with several signatures the last one is meant, which holds the code.
        return [node for node in found if not any(ast.unparse(each) == "overload" for each in node.decorator_list)]


def packages(folder: Path) -> dict[str, list[Module]]:
    """The modules of each subpackage; those at the top level belong to the package's own name.

    The commands are left out: `course COMMAND --help` tells of them.
    """
    found: dict[str, list[Module]] = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts[1:2] == ("commands",) or parts[-1] == "cli":
            continue
        module = Module(".".join(parts), ast.parse(path.read_text(encoding="utf-8")))
        package = ".".join(parts[:2]) if len(parts) > 1 and (folder / parts[1]).is_dir() else parts[0]
        found.setdefault(package, []).append(module)
    _name_in_full([module for modules in found.values() for module in modules])
    return found


def _name_in_full(modules: list[Module]) -> None:
    """Give classes of the course their full names in all annotations, so that each links to the right page."""
    trees = {module.name: module.tree for module in modules}
    imports = {name: _imported(tree) for name, tree in trees.items()}
    defined = {f"{m.name}.{node.name}" for m in modules for node in m.tree.body if isinstance(node, ast.ClassDef)}

    def full(name: str) -> str:
        """Follow a name from package to package until the place where it is defined."""
        while name not in defined and (each := name.rpartition("."))[0] in imports:
            followed = imports[each[0]].get(each[2])
            if followed is None or followed == name:
                break
            name = followed
        return name

    for name, tree in trees.items():
        known = {short: whole for short, long in imports[name].items() if (whole := full(long)) in defined}
        _Renamer(known).visit(tree)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Name in a module -> where it is imported from."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in nodes for alias in node.names}


class _Renamer(ast.NodeTransformer):
    """Replaces names by full ones."""

    def __init__(self, known: dict[str, str]):
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802
        """A name that is known becomes a dotted one."""
        return ast.parse(self._known[node.id], mode="eval").body if node.id in self._known else node


def package_page(name: str, modules: list[Module]) -> str:
    """A page, in reStructuredText, of all modules of a package that offer something."""
    own = next((module for module in modules if module.name == name), None)
    blocks = [_heading(f"``{name}``", "=")]
    blocks += [_text(own.tree)] if own else []
    for module in modules:
        members = module.public()
        if not members:
            continue
        if module is not own:
            blocks += [_heading(f"``{module.name.removeprefix(name + '.')}``", "-"), _text(module.tree)]
        blocks += [f".. py:module:: {module.name}", *(_member(node) for node in members)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}"


def _text(tree: ast.Module) -> str:
    return _without_substitutions(ast.get_docstring(tree) or "")


def _member(node: ast.stmt, kind: str = "function") -> str:
    if isinstance(node, ast.ClassDef):
        return _class(node)
    names = [ast.unparse(each).split("(")[0].split(".")[-1] for each in node.decorator_list]
    options = [name for name in names if name in ("classmethod", "staticmethod")]
    if any(name in _PROPERTIES for name in names):
        returns = f"\n   :type: {ast.unparse(node.returns)}" if node.returns else ""
        head = f".. py:property:: {node.name}{returns}"
    else:
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        arguments = _arguments(node, bound=kind == "method" and "staticmethod" not in names)
        head = f".. py:{kind}:: {node.name}({arguments}){returns}"
        head += "".join(f"\n   :{option}:" for option in options)
    return f"{head}\n\n{_body(node)}"


def _arguments(node: ast.FunctionDef, bound: bool) -> str:
    text = ast.unparse(node.args)
    return text.partition(", ")[2] if bound else text


def _class(node: ast.ClassDef) -> str:
    init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    is_data = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
    if init:
        head = f"{node.name}({_arguments(init, bound=True)})"
    elif is_data:
        head = f"{node.name}({', '.join(_field(each) for each in fields if not each.target.id.startswith('_'))})"
    else:
        head = node.name
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")]
    inner = "\n\n".join(_member(each, "method") for each in methods)
    return f".. py:class:: {head}\n\n{_body(node)}\n\n{textwrap.indent(inner, '   ')}".rstrip()


def _without_substitutions(text: str) -> str:
    """Bars mean themselves: |error| is the size of an error."""
    return "".join(
        piece if k % 2 else piece.replace("|", r"\|") for k, piece in enumerate(re.split(r"(`+[^`]+`+)", text))
    )


def _field(node: ast.AnnAssign) -> str:
    kind = ast.unparse(node.annotation)
    return f"{node.target.id}: {kind}" + (f" = {ast.unparse(node.value)}" if node.value else "")


def _body(node: ast.FunctionDef | ast.ClassDef) -> str:
    text = _without_substitutions(inspect.cleandoc(ast.get_docstring(node) or ""))
    what = "class" if isinstance(node, ast.ClassDef) else "function"
    return textwrap.indent(str(GoogleDocstring(text, _CONFIG, what=what)), "   ")


def overview(found: dict[str, list[Module]]) -> str:
    """The page that lists the packages, in reStructuredText."""
    lines = [_heading("The package", "="), _INTRODUCTION, ".. toctree::\n   :hidden:\n"]
    lines[-1] += "".join(f"\n   {name}" for name in found)
    for name, modules in found.items():
        own = next((module for module in modules if module.name == name), None)
        lines.append(f":doc:`{name}`\n   {own.summary if own else ''}")
    return "\n\n".join(lines) + "\n"


_INTRODUCTION = """Everything that the lessons stand on can be used on its own. Shapes, dtypes and units are in the
descriptions, and so is the paper that a function comes from. A module imports only from floors below its own: boxes
and masks; then ``dataset``, ``mask_rcnn`` and ``metrics``; then ``training``, ``calories`` and ``plots``; then
``exercises``; then ``classroom``."""

"""Formulas as MathML, which browsers draw themselves: no script, no other host, and screen readers can read it."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator


def as_mathml(latex: str, display: str) -> str:
    """A formula as MathML.

    Args:
        display: "block" or "inline".

    Raises:
        ValueError: it holds a command that is not known.
    """
    markup = convert(latex, display=display)
    if unknown := re.search(r"\\[a-zA-Z]+", re.sub(r"<annotation.*?</annotation>", "", markup)):
        raise ValueError(f"the formula {latex!r} holds {unknown[0]}, which is not known")
    # Bars of |A| are brackets; as operators they would stand apart.
    return markup.replace('<mo stretchy="false">&#x0007C;</mo>', '<mo stretchy="false" lspace="0" rspace="0">|</mo>')


def _write(translator: HTML5Translator, node: nodes.Node, display: str) -> None:
    try:
        markup = as_mathml(node.astext().strip(), display)
    except Exception as error:  # whatever the converter raises for a broken formula
        raise ExtensionError(f"{node.source or translator.docnames[0]}: {error}") from None
    block = display == "block"
    translator.body.append(f'<div class="formula">{markup}</div>' if block else markup)
    raise nodes.SkipNode


def _write_inline(translator: HTML5Translator, node: nodes.math) -> None:
    _write(translator, node, "inline")


def _write_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    _write(translator, node, "block")


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (_write_inline, None), (_write_block, None))
    return {"parallel_read_safe": True}

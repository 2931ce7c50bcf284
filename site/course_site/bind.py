"""Stages the pages, has Sphinx bind them, and checks what came out."""

import io
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from course_site.check import faults
from course_site.finish import finish
from course_site.fonts import write_fonts
from course_site.stage import SITE, stage
from course_site.styles import join_styles
from course_utils.errors import CourseError


def build(root: Path, out: Path) -> int:
    """Build the site of a checkout; how many pages it has.

    Args:
        out: its folder; what it held before is deleted. Pages are staged in a folder beside it.

    Raises:
        CourseError: something breaks a rule; the first faults are named.
    """
    pages = out.parent / f"{out.name}-pages"
    shutil.rmtree(out, ignore_errors=True)
    stage(root, pages)
    warnings = bind_pages(pages, out)
    shutil.copytree(pages / "_made", out / "_made")
    finish(out)
    join_styles(out)
    write_fonts(out)
    problems = [*warnings, *faults(out)]
    if problems:
        more = f" (and {len(problems) - 20} more)" if len(problems) > 20 else ""
        raise CourseError("the site has faults:\n  " + "\n  ".join(problems[:20]) + more)
    return sum(1 for _ in out.rglob("*.html"))


def bind_pages(pages: Path, out: Path) -> list[str]:
    """Run Sphinx; its warnings, one each, name the staged file and the line."""
    warnings = io.StringIO()
    trees = out.parent / f"{out.name}-doctrees"
    try:
        with patch_docutils(), docutils_namespace():
            Sphinx(pages, SITE, out, trees, "html", status=None, warning=warnings, freshenv=True).build()
    except SphinxError as error:
        raise CourseError(str(error).replace(f"{pages}/", "")) from None
    plain = re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()).replace(f"{pages}/", "")
    return [line for line in plain.splitlines() if line.strip()]

"""Stages the pages, has Sphinx bind them, and checks what came out."""

import io
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from course_site.check import faults
from course_site.finish import finish
from course_site.fonts import write_fonts
from course_site.stage import SITE, stage
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
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            pages,
            SITE,
            out,
            out.parent / f"{out.name}-doctrees",
            "html",
            status=None,
            warning=warnings,
            freshenv=True,
        )
        app.build()
    shutil.copytree(pages / "_made", out / "_made")
    finish(out)
    write_fonts(out / "_static" / "fonts")
    problems = [*_warnings(warnings.getvalue(), pages), *faults(out)]
    if problems:
        more = f" (and {len(problems) - 20} more)" if len(problems) > 20 else ""
        raise CourseError("the site has faults:\n  " + "\n  ".join(problems[:20]) + more)
    return sum(1 for _ in out.rglob("*.html"))


def _warnings(text: str, pages: Path) -> list[str]:
    """Sphinx's warnings, one each, without colours; the staged file and line are named."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", text).replace(f"{pages}/", "")
    return [line for line in plain.splitlines() if line.strip()]

"""Stages the pages of each language, has Sphinx bind them, and checks what came out."""

import io
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from course_site.check import faults
from course_site.edition import Edition
from course_site.finish import finish
from course_site.fonts import write_fonts
from course_site.stage import SITE, stage
from course_site.styles import join_styles
from course_site.switch import put_switches
from course_utils.errors import CourseError
from course_utils.translation.current import speaking
from course_utils.translation.say import _


def build(editions: list[Edition], out: Path) -> int:
    """Build the site; how many pages it has.

    Args:
        editions: the first is English and brings the front page. out: the site's folder; what it held before is
            deleted. Pages are staged in a folder beside it.

    Raises:
        CourseError: something breaks a rule; the first faults are named.
    """
    shutil.rmtree(out, ignore_errors=True)
    problems = [warning for edition in editions for warning in _build_one(edition, out)]
    put_switches(out, [edition.code for edition in editions])
    problems += faults(out)
    if problems:
        more = f" (and {len(problems) - 20} more)" if len(problems) > 20 else ""
        raise CourseError("the site has faults:\n  " + "\n  ".join(problems[:20]) + more)
    return sum(1 for _page in out.rglob("*.html"))


def _build_one(edition: Edition, out: Path) -> list[str]:
    """Build the pages of one language; Sphinx's warnings."""
    pages, folder = out.parent / f"{out.name}-pages" / edition.code, edition.folder(out)
    with speaking(edition.code):
        stage(edition, pages)
        warnings = bind_pages(pages, folder, edition.code)
        shutil.copytree(pages / "_made", folder / "_made")
        finish(folder)
        join_styles(folder)
        write_fonts(folder)
    return warnings


def bind_pages(pages: Path, out: Path, language: str = "en") -> list[str]:
    """Run Sphinx; its warnings, one each, name the staged file and the line."""
    warnings = io.StringIO()
    trees = pages.parent / f"{pages.name}-doctrees"
    words = {
        "language": language,
        "html_title": _("From Pixels to Calories"),
        "copyright": _("the authors; text and pictures CC BY 4.0, code MIT"),
    }
    try:
        with patch_docutils(), docutils_namespace():
            Sphinx(pages, SITE, out, trees, "html", words, status=None, warning=warnings, freshenv=True).build()
    except SphinxError as error:
        raise CourseError(str(error).replace(f"{pages}/", "")) from None
    plain = re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()).replace(f"{pages}/", "")
    return [line for line in plain.splitlines() if line.strip()]

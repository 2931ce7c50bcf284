"""What the theme leaves out: levels of headings, names of landmarks, sizes of pictures, a field on the search page."""

import base64
import io
import re
from functools import partial
from pathlib import Path

from PIL import Image

from course_site.describe import described

_SEARCH = """<h1>Search</h1>
<form class="search-here" role="search" action="search.html">
<input type="search" name="q" aria-label="Words to look for in all lessons"><button>Search</button>
</form>
"""
_CHANGES = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div id="search-results"></div>': _SEARCH + '<div id="search-results"></div>',
}
_UNSIZED = re.compile(
    r'<img(?![^>]* width=)[^>]* src="(?:data:image/(?:png|jpeg);base64,(?P<content>[^"]+)|(?P<file>[^":]+))"'
)


def finish(site: Path) -> None:
    """Change all pages of a site in place."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for before, after in _CHANGES.items():
            text = text.replace(before, after)
        text = described(text)
        path.write_text(_UNSIZED.sub(partial(_sized, folder=path.parent), text), encoding="utf-8")


def _sized(tag: re.Match[str], folder: Path) -> str:
    """A picture with its width and height: a page that knows them keeps the place and does not jump.

    One of its own file comes after the text.
    """
    source = io.BytesIO(base64.b64decode(tag["content"])) if tag["content"] else folder / tag["file"]
    try:
        with Image.open(source) as picture:
            width, height = picture.size
    except OSError:  # a drawing, or no file at all, which the check will say
        return tag[0]
    late = "" if tag["content"] else ' loading="lazy" decoding="async"'
    return tag[0].replace("<img", f'<img width="{width}" height="{height}"{late}', 1)

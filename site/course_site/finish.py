"""What the theme leaves out: levels of headings, names of landmarks, sizes of pictures, a field on the search page."""

import base64
import re
from functools import partial
from hashlib import sha256
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
STILLS = "_made/stills"
_UNSIZED = re.compile(
    r'<img(?![^>]* width=)[^>]* src="(?:data:image/(?P<kind>png|jpeg);base64,(?P<content>[^"]+)|(?P<file>[^":]+))"'
)


def finish(site: Path) -> None:
    """Change all pages of a site in place."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for before, after in _CHANGES.items():
            text = text.replace(before, after)
        text = described(text)
        path.write_text(_UNSIZED.sub(partial(_settled, site=site, page=path), text), encoding="utf-8")


def _settled(tag: re.Match[str], site: Path, page: Path) -> str:
    """A picture in a file of its own, with its width and height.

    A page that knows them keeps the place and does not jump. It is loaded when it comes into sight: the still twin of
    an explorable, half of a page's bytes, only where no script runs.
    """
    written = tag[0]
    if tag["content"]:
        content = base64.b64decode(tag["content"])
        file = site / STILLS / f"{sha256(content).hexdigest()[:16]}.{tag['kind']}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        address = "../" * (len(page.relative_to(site).parts) - 1) + file.relative_to(site).as_posix()
        written = f'{written[: written.rindex(" src=")]} src="{address}"'
    else:
        file = page.parent / tag["file"]
    try:
        with Image.open(file) as picture:
            width, height = picture.size
    except OSError:  # a drawing, or no file at all, which the check will say
        return tag[0]
    return written.replace("<img", f'<img width="{width}" height="{height}" loading="lazy" decoding="async"', 1)

"""What the theme leaves out: levels of headings, names of landmarks, a field on the page that searches."""

from pathlib import Path

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


def finish(site: Path) -> None:
    """Change all pages of a site in place."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for before, after in _CHANGES.items():
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")

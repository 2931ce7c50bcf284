"""What the theme leaves out: levels of headings, names of landmarks, sizes of pictures, a field on the search page."""

import base64
import json
import re
from functools import partial
from hashlib import sha256
from pathlib import Path

from PIL import Image

from course_site.describe import described
from course_utils.translation.current import spoken
from course_utils.translation.language import SOURCE
from course_utils.translation.say import N_, _

_THEME = (
    N_("Toggle site navigation sidebar"),
    N_("Toggle table of contents sidebar"),
    N_("Toggle Light / Dark / Auto color theme"),
    N_("Skip to content"),
    N_("Back to top"),
    N_("On this page"),
    N_("Made with"),
    N_("Copyright"),
    N_("Please activate JavaScript to enable the search functionality."),
    N_("Light mode"),
    N_("Dark mode"),
    N_("Expand"),
    N_("Link to this term"),
    N_("Contents"),
    N_("Next"),
    N_("Previous"),
    N_("Home"),
    N_("Search"),
    N_("Search Results"),
    N_("Permalink to this heading"),
    N_("Link to this heading"),
)
"""What the theme writes into a page in English, whatever the language, as a whole text or attribute."""
_THEMES = re.compile(rf'([>"]\s*)({"|".join(map(re.escape, sorted(_THEME, key=len, reverse=True)))})(?=\s*[<"&])')
_UNMATCHED = (
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've "
    "selected enough categories."
)
_SAID = {
    _UNMATCHED: N_("Nothing matches. Look at the spelling, or try a shorter word."),
    "Preparing search...": N_("Preparing search ..."),
}
"""What the search says -> what it should say in its stead."""
_FOUND = "Search finished, found one page matching the search query."
_FOUND_MANY = N_("Search finished, found ${resultCount} pages matching the search query.")
"""What the search says of its results, of one and of many."""
STILLS = "_made/stills"
_UNSIZED = re.compile(
    r'<img(?![^>]* width=)[^>]* src="(?:data:image/(?P<kind>png|jpeg);base64,(?P<content>[^"]+)|(?P<file>[^":]+))"'
)


def finish(site: Path) -> None:
    """Change all pages of a site in place, in the language that is spoken."""
    changes = _changes()
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for before, after in changes.items():
            text = text.replace(before, after)
        text = described(text if spoken() == SOURCE else _THEMES.sub(_said_by_theme, text))
        path.write_text(_UNSIZED.sub(partial(_settled, site=site, page=path), text), encoding="utf-8")
    if spoken() != SOURCE:
        _translate_search(site / "_static" / "translations.js")


def _translate_search(script: Path) -> None:
    """Let the search say what it found: Sphinx's own translations may lack that."""
    words = json.dumps({_FOUND: [_(_FOUND_MANY)] * 2} | {words: _(said) for words, said in _SAID.items()})
    with script.open("a", encoding="utf-8") as file:
        file.write(f"\nObject.assign(Documentation.TRANSLATIONS, {words});\n")


def _changes() -> dict[str, str]:
    """What stands in a page -> what should."""
    search = (
        f'<h1>{_("Search")}</h1>\n<form class="search-here" role="search" action="search.html">\n'
        f'<input type="search" name="q" aria-label="{_("Words to look for in all lessons")}">'
        f"<button>{_('Search')}</button>\n</form>\n"
    )
    return {
        '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
        '<aside class="sidebar-drawer">': f'<aside class="sidebar-drawer" aria-label="{_("All pages")}">',
        '<aside class="toc-drawer': f'<aside aria-label="{_("On this page")}" class="toc-drawer',
        '<div id="search-results"></div>': f'{search}<div id="search-results"></div>',
    }


def _said_by_theme(found: re.Match[str]) -> str:
    return found[1] + _(found[2])


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

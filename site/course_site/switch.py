"""The way from a page to the same page in another language."""

import html
import os
from pathlib import Path

from course_utils.translation.language import SOURCE, Language

NAMES = {"en": "English", "id": "Bahasa Indonesia"}
"""What a language calls itself; one that is not here shows its code."""
# What stays in sight while one reads: the sidebar, and where there is no room for it the bar at the top.
_SIDEBAR = '<form class="sidebar-search-container"'
_BAR = '<div class="theme-toggle-container theme-toggle-header">'
# Pages whose texts are not the same piece by piece: a place on one is none on the other.
_UNLIKE = ("glossary.html", "instructors.html", "data.html", "results.html", "search.html", "api", "models")
# Pages that are only in English, and where their readers find more in another language.
_ENGLISH_ONLY = {"models": "results.html", "api": "api/index.html"}


def put_switches(site: Path, codes: list[str]) -> None:
    """Give every page of a site a link to each of its other languages.

    Args:
        codes: of the languages; all but English lie in a folder of that name.
    """
    for code in codes:
        folder = Language(code).folder(site)
        others = [other for other in codes if other != code]
        for page in folder.rglob("*.html"):
            name = page.relative_to(folder).as_posix()
            if code == SOURCE and name.split("/")[0] in codes:
                continue  # a page of another language
            text = page.read_text(encoding="utf-8")
            page.write_text(_switched(text, page, site, name, others), encoding="utf-8")


def _switched(text: str, page: Path, site: Path, name: str, others: list[str]) -> str:
    pages = {code: _same_page(Language(code).folder(site), name) for code in others}
    ways = {code: Path(os.path.relpath(other, page.parent)).as_posix() for code, other in pages.items()}
    alike = "" if name.split("/")[0] in _UNLIKE else " data-alike"
    names = {code: html.escape(NAMES.get(code, code)) for code in others}
    full = "".join(_link(code, way, names[code], alike) for code, way in ways.items())
    short = "".join(
        _link(code, way, code.upper(), f'{alike} aria-label="{code.upper()}: {names[code]}"')
        for code, way in ways.items()
    )
    return text.replace(_SIDEBAR, full + _SIDEBAR, 1).replace(_BAR, short + _BAR, 1)


def _link(code: str, way: str, words: str, more: str) -> str:
    return f'<a class="language" lang="{code}" hreflang="{code}" href="{way}"{more}>{words}</a>'


def _same_page(folder: Path, name: str) -> Path:
    if (folder / name).exists():
        return folder / name
    return folder / _ENGLISH_ONLY.get(name.split("/")[0], "index.html")

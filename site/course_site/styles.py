"""The pages' stylesheets as one file: a page waits for each that it names before it shows anything."""

import re
from hashlib import sha256
from pathlib import Path

OWN = ("site.css", "lesson.css", "pages.css")
FONTS = ("sans.woff", "sans-bold.woff", "serif.woff", "serif-bold.woff")
"""What stands at the head of every page; these are asked for before the stylesheet that names them is there."""
_LINK = re.compile(r'[ \t]*<link rel="stylesheet"[^>]* href="(?P<up>[./]*)_static/(?P<sheet>[^"?]+)[^"]*" />\n?')
_DARK = re.compile(r'body\[data-theme="dark"\](?P<rest>[^{}]*\{[^{}]*\})')


def join_styles(site: Path) -> None:
    """Put the stylesheets of all pages, in their order, into ``_static/course.css``, and have the pages load that.

    Raises:
        ValueError: pages that load different stylesheets.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    orders = {tuple(link["sheet"] for link in _LINK.finditer(text)) for text in pages.values()}
    if len(orders) != 1:
        raise ValueError(f"pages load different stylesheets: {sorted(orders)}")
    (order,) = orders
    joined = "\n".join(_read(site / "_static" / sheet) for sheet in order)
    (site / "_static" / "course.css").write_text(joined, encoding="utf-8")
    version = sha256(joined.encode()).hexdigest()[:8]  # so that a browser does not keep an older one
    for path, text in pages.items():
        path.write_text(_one_link(text, version), encoding="utf-8")


def also_by_system(css: str) -> str:
    """The same rules, those for readers who chose the dark also for systems that are dark, unless light was chosen."""

    def twice(rule: re.Match[str]) -> str:
        system = f'@media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]){rule["rest"]} }}'
        return f"{rule[0]}\n{system}"

    return _DARK.sub(twice, css)


def _read(sheet: Path) -> str:
    css = sheet.read_text(encoding="utf-8")
    if sheet.name in OWN:
        return also_by_system(css)
    # The addresses in the theme's sheets are whole pictures; were one relative, it would change with the folder.
    if relative := re.search(r"url\((?![\"']?data:)[^)]*\)", css):
        raise ValueError(f"{sheet.name} names {relative[0]} from its own folder")
    return css


def _one_link(text: str, version: str) -> str:
    """The page with one stylesheet in the place of all."""
    first = next(_LINK.finditer(text))
    static = f"{first['up']}_static"
    lines = [
        f'<link rel="preload" href="{static}/fonts/{font}" as="font" type="font/woff" crossorigin />' for font in FONTS
    ]
    lines.append(f'<link rel="stylesheet" href="{static}/course.css?v={version}" />')
    return text[: first.start()] + "\n".join(lines) + "\n" + _LINK.sub("", text[first.start() :])

"""What must hold of the built site: links lead somewhere, pictures speak, nothing comes from another host."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

PAGE_BYTES = 2_500_000
"""What a page may weigh with its own pictures, scripts and styles."""
_LOADED = {"img": "src", "script": "src", "source": "src", "iframe": "src", "image": "href", "embed": "src"}


@dataclass
class Page:
    """What a page holds: ids, links with their lines, what it loads, and what is wrong with it."""

    ids: set[str] = field(default_factory=set)
    links: list[tuple[int, str]] = field(default_factory=list)
    loaded: list[tuple[int, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads a page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what a tag brings."""
        facts = {key: value or "" for key, value in attrs}
        line = self.getpos()[0]
        self.page.ids |= {facts[key] for key in ("id", "name") if key in facts}
        if tag == "a" and "href" in facts:
            self.page.links.append((line, facts["href"]))
        if tag == "link" and "href" in facts:
            loads = {"stylesheet", "icon", "preload"} & set(facts.get("rel", "").split())
            (self.page.loaded if loads else self.page.links).append((line, facts["href"]))
        if tag in _LOADED and _LOADED[tag] in facts:
            self.page.loaded.append((line, facts[_LOADED[tag]]))
        if tag == "img" and not facts.get("alt", "").strip() and facts.get("role") != "presentation":
            self.page.faults.append(f"line {line}: the picture {facts.get('src', '')[:60]} has no alternative text")


def faults(site: Path) -> list[str]:
    """Everything that is wrong, one line each: the page, and what."""
    site = site.resolve()
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    found = [f"{path.relative_to(site)}, {fault}" for path, page in pages.items() for fault in page.faults]
    for path, page in pages.items():
        for line, link in page.links:
            if problem := _link_fault(path, link, pages, site):
                found.append(f"{path.relative_to(site)}, line {line}: {problem}")
        found += [f"{path.relative_to(site)}, {problem}" for problem in _load_faults(path, page)]
    for path in sorted(site.rglob("*.css")):
        for address in re.findall(r"url\([\"']?((?:https?:)?//[^\"')]+)", path.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(site)}: loads {address} from another host")
    return found


def _read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def _link_fault(path: Path, link: str, pages: dict[Path, Page], site: Path) -> str:
    """Why a link leads nowhere, or an empty text; other hosts are not asked."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if site not in [target, *target.parents] or not target.exists():
        return f"the link {link} leads nowhere"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
        return f"the link {link} names a place that is not there"
    return ""


def _load_faults(path: Path, page: Page) -> Iterator[str]:
    """What a page loads from elsewhere or in vain, and whether it is too heavy."""
    weight = path.stat().st_size
    for line, address in page.loaded:
        parts = urlsplit(address)
        if parts.scheme == "data":
            continue
        if parts.scheme or parts.netloc:
            yield f"line {line}: loads {address} from another host"
            continue
        file = (path.parent / unquote(parts.path)).resolve()
        if not file.is_file():
            yield f"line {line}: loads {address}, which is not there"
        elif path.name != "search.html":
            weight += file.stat().st_size
    if weight > PAGE_BYTES:
        yield f"{weight} bytes with all that it loads; the budget is {PAGE_BYTES}"

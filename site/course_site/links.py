"""Links of the repository's texts as links of the site: to its pages, to its pictures, or to the repository itself."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from course_utils.classroom.colab import repository_address
from course_utils.errors import CourseError

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
_CODE = re.compile(r"((?P<fence>`{3,}).*?(?P=fence)|`[^`\n]+`|^(?: {4}|\t).*?$)", re.DOTALL | re.MULTILINE)


def repository(root: Path) -> str:
    """Address of the repository, or an empty text: what GitHub's workflows say, or else pyproject.toml."""
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else repository_address(root)


@dataclass
class Links:
    """How links of a text become links of the site.

    Attributes:
        root: of the repository.
        pages: file of the repository -> page of the site, without ending.
        address: of the repository; empty when it is not known.
        elsewhere: file of the repository -> its page in English, as seen from the root of a site in another language.
        pictures: files of the repository that pages show, collected as they are met.
    """

    root: Path
    pages: dict[str, str]
    address: str = ""
    elsewhere: dict[str, str] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)

    def mend(self, text: str, source: str, page: str, place: str = "") -> str:
        """A text with its links changed; those in code stay.

        Args:
            text: Markdown. source: the file it comes from, relative to the root. page: where it is going to stand.
            place: for error messages; the source by default.

        Raises:
            CourseError: a link leads nowhere, or a picture has no alternative text.
        """

        def change(match: re.Match) -> str:
            return self._change(match, source, page, place or source)

        mended, end = [], 0
        for code in _CODE.finditer(text):
            mended += [_LINK.sub(change, text[end : code.start()]), code[0]]
            end = code.end()
        return "".join([*mended, _LINK.sub(change, text[end:])])

    def _change(self, match: re.Match, source: str, page: str, place: str) -> str:
        target = match["target"]
        if match["picture"] and not match["text"].strip():
            raise CourseError(f"{place}: the picture {target} has no alternative text")
        if urlsplit(target).scheme or target.startswith("#"):
            return match[0]
        path, _, fragment = target.partition("#")
        file = os.path.normpath(PurePosixPath(source).parent / path)
        up = "../" * page.count("/")
        if file in self.pages:
            return f"[{match['text']}]({up}{self.pages[file]}.md{'#' + fragment if fragment else ''})"
        if file in self.elsewhere:
            address = f"{up}{self.elsewhere[file]}{'#' + fragment if fragment else ''}"
            return f'<a href="{address}" hreflang="en">{match["text"]}</a>'
        if file.startswith("..") or not (self.root / file).exists():
            raise CourseError(f"{place}: the link {target} leads nowhere")
        if match["picture"]:
            self.pictures.add(file)
            return f"![{match['text']}]({up}pictures/{Path(file).name})"
        if self.address:
            return f"[{match['text']}]({self.address}/blob/main/{file})"
        return match["text"]

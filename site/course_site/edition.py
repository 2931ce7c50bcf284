"""The site in one language: where its texts come from, and where its pages go."""

from dataclasses import dataclass
from pathlib import Path

from course_utils.translation.language import ENGLISH, SOURCE, Language, languages


@dataclass(frozen=True)
class Edition:
    """One language of the site of a checkout.

    Attributes:
        root: of the repository. language: of all that a reader meets. solved: folder of its solved lessons.
    """

    root: Path
    language: Language
    solved: Path

    @property
    def code(self) -> str:
        """Of the language, such as "id"."""
        return self.language.code

    @property
    def english(self) -> bool:
        """Whether it is the one that the sources are written in."""
        return self.code == SOURCE

    @property
    def readme(self) -> str:
        """The README in its language, relative to the root."""
        return self._translated("README.md")

    @property
    def data_card(self) -> str:
        """The data card, or its summary, relative to the root."""
        return self._translated("data/README.md")

    @property
    def learner(self) -> str:
        """Folder of the learner's notebooks, relative to the root."""
        return self.language.folder(Path("notebooks")).as_posix()

    def folder(self, site: Path) -> Path:
        """Where its pages go: English ones into the site's own folder, others into one below."""
        return self.language.folder(site)

    def _translated(self, file: str) -> str:
        return file if self.english else f"{file.removesuffix('.md')}.{self.code}.md"


def editions(root: Path) -> list[Edition]:
    """English, and each language whose solved lessons `course build --language CODE` has made."""
    wanted = {path.name for path in (root / "solutions").glob("[0-9][0-9]_*.ipynb")}
    found = [Edition(root, ENGLISH, root / "solutions")]
    for code in languages():
        folder = root / "build" / code
        if wanted <= {path.name for path in folder.glob("*.ipynb")}:
            found.append(Edition(root, Language(code), folder))
    return found

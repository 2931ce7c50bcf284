"""The glossary: its page, and links from the first use of each term in each lesson."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from course_utils.errors import CourseError
from course_utils.translation.catalogue import LOCALE
from course_utils.translation.current import spoken
from course_utils.translation.glossary import read_glossary
from course_utils.translation.language import SOURCE, Language
from course_utils.translation.say import _

_NO_LINKS_IN = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block)
_NO_LINKS_IN += (nodes.raw, addnodes.pending_xref)


_WITH_SHORT = re.compile(r"(.+?)(?: \(([^()]+)\))?")
"""A name, and in brackets behind it a shorter one."""
_NO_PROSE = re.compile(r"(`{3,}).*?\1|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|^#.*?$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        name: as the glossary lists it. text: what it means.
        also: other spellings, which are linked as well. note: its name in another language, as a sentence.
        everyday: it is an everyday word as well, and means the term only where a lesson sets it alone in bold.
    """

    name: str
    text: str
    also: tuple[str, ...] = ()
    note: str = ""
    everyday: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All spellings."""
        return (self.name, *self.also)


def terms_of(language: str, folder: Path) -> list[Term]:
    """The terms of a language, sorted: those of the folder, or those that its translators keep to.

    Raises:
        CourseError: as `read_terms`, or a translation's glossary is broken.
    """
    if language == SOURCE:
        return read_terms(folder)
    terms: dict[str, Term] = {}
    for term in read_glossary(LOCALE / language / "glossary.toml"):
        note = _("In English: *{word}*.").format(word=term.english)
        name, short = _WITH_SHORT.fullmatch(term.translated.replace("*", "")).groups()
        # Of two English terms with the same translation the first is the one that is searched for. What has no forms to
        # search for is an everyday word, too.
        everyday = term.everyday or not term.english_forms
        terms.setdefault(name, Term(name, term.line, (short,) if short else (), note, everyday))
    return sorted(terms.values(), key=lambda term: term.name.lower())


def read_terms(folder: Path) -> list[Term]:
    """All terms of the TOML files of a folder, sorted.

    Raises:
        CourseError: a file is no TOML, a term lacks name or text, or two terms share a name.
    """
    terms: list[Term] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            records = tomllib.loads(path.read_text(encoding="utf-8"))["term"]
            terms += [_term(**record) for record in records]
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise CourseError(f"{path}: every [[term]] needs a name and a text ({error})") from None
    names = [name for term in terms for name in term.names]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(f"{folder}: more than one term is called {twice[0]!r}")
    return sorted(terms, key=lambda term: term.name.lower())


def _term(name: str, text: str, also: Iterable[str] = (), deck: str = "", everyday: bool = False) -> Term:
    """A record of the files; ``deck`` is the deck's Indonesian word."""
    return Term(name, text, tuple(also), f"In the deck: *{deck}*." if deck else "", everyday)


def page(terms: list[Term], used_in: dict[str, tuple[str, str]]) -> str:
    """The glossary's page in MyST's Markdown.

    Args:
        used_in: name of a term -> page and title of the first lesson that uses it.
    """
    entries = []
    for term in terms:
        lines = [*term.names, f"  {term.text}"]
        notes = [term.note] if term.note else []
        if term.name in used_in:
            where, title = used_in[term.name]
            notes.append(_("First met in {lesson}.").format(lesson=f"[{title}]({where}.md)"))
        entries.append("\n".join(lines + ([f"\n  {' '.join(notes)}"] if notes else [])))
    letters = sorted({term.name[0].upper() for term in terms})
    head = _head(len(terms))
    return f"{head}\n\n{_letters(letters)}\n\n" + "\n\n".join(
        f"({anchor(letter)})=\n## {letter}\n\n```{{glossary}}\n{body}\n```"
        for letter in letters
        if (body := "\n\n".join(e for e, t in zip(entries, terms, strict=True) if t.name[0].upper() == letter))
    )


def _head(count: int) -> str:
    if spoken() == SOURCE:
        words = (
            "{count} terms of the field, as the lessons use them, with the Indonesian words of the deck where it has "
            "some. In a lesson the first use of each leads here."
        )
    else:
        words = _("{count} terms as the lessons use them, with the English ones. In a lesson the first use leads here.")
    return f"# {_('Glossary')}\n\n{words.format(count=count)}"


def anchor(letter: str) -> str:
    """Name of the place where a letter begins."""
    return f"letter-{letter.lower()}"


def _letters(letters: list[str]) -> str:
    return " · ".join(f"[{letter}](#{anchor(letter)})" for letter in letters)


class Finder:
    """Finds any spelling of any term, the longest first; capitals matter only in spellings that have some."""

    def __init__(self, terms: list[Term]):
        self._owners = {name.lower(): term for term in terms for name in term.names}
        names = sorted((name for term in terms for name in term.names), key=len, reverse=True)
        self._expression = re.compile(rf"(?<![\w-])(?:{'|'.join(map(_spellings, names))})(?![\w-])")

    def find(self, text: str) -> Iterator[tuple[re.Match, Term]]:
        """Each place of a text in which a term is named, with the term."""
        for match in self._expression.finditer(text):
            spelled = re.sub(r"\s+", " ", match[0]).lower()
            plurals = (spelled, spelled[:-1], spelled[:-2])
            yield match, next(self._owners[each] for each in plurals if each in self._owners)


def _spellings(name: str) -> str:
    """An expression for a name, its plural, and line breaks in it."""
    spelled = re.escape(name).replace(r"\ ", r"\s+") + (r"(?:e?s)?" if name[-1].isalpha() else "")
    return spelled if name != name.lower() else f"(?i:{spelled})"


def first_uses(texts: dict[str, str], terms: list[Term]) -> dict[str, str]:
    """Name of each term -> the first of the texts that uses it; code and formulas do not count."""
    finder = Finder(terms)
    uses: dict[str, str] = {}
    for page_name, text in texts.items():
        prose = _NO_PROSE.sub(" ", text)
        for match, term in finder.find(prose):
            around = prose[max(match.start() - 2, 0) : match.end() + 2]
            if not term.everyday or around == f"**{match[0]}**":
                uses.setdefault(term.name, page_name)
    return uses


def setup(app: Sphinx) -> dict:
    """Sphinx calls this: links are put into the lessons as they are read."""
    app.add_config_value("course_glossary", "", "env")
    app.connect("doctree-read", _link_first_uses)
    return {"parallel_read_safe": True}


def _link_first_uses(app: Sphinx, doctree: nodes.document) -> None:
    if not app.env.docname.startswith("lessons/"):
        return
    finder, seen = Finder(terms_of(spoken(), Path(app.config.course_glossary))), set()
    lesson = app.env.docname.removeprefix("lessons/")
    reading = {nodes.make_id(Language(spoken()).lookup(lesson)("Read more"))}
    for text in list(_prose(doctree, reading)):
        bold = isinstance(text.parent, nodes.strong)  # then this text is all that is bold
        pieces = list(_pieces(text.astext(), finder, seen, bold))
        if len(pieces) > 1 or not isinstance(pieces[0], nodes.Text):
            text.parent.replace(text, pieces)


def _prose(doctree: nodes.document, reading: set[str]) -> Iterator[nodes.Text]:
    """All text but that of headings, code and links, and of the sections with these ids."""
    for text in doctree.findall(nodes.Text):
        ancestor = text.parent
        while ancestor is not None and not isinstance(ancestor, _NO_LINKS_IN) and not reading & set(ancestor["ids"]):
            ancestor = ancestor.parent
        if ancestor is None:
            yield text


def _pieces(text: str, finder: Finder, seen: set[str], bold: bool) -> Iterator[nodes.Node]:
    """The text, with the first use of each term as a reference to the glossary."""
    end = 0
    for match, term in finder.find(text):
        if term.name in seen or (term.everyday and not (bold and match[0] == text)):
            continue
        seen.add(term.name)
        if match.start() > end:
            yield nodes.Text(text[end : match.start()])
        inner = nodes.inline("", match[0], classes=["xref", "std", "std-term"])
        yield addnodes.pending_xref(
            "", inner, refdomain="std", reftype="term", reftarget=term.name, refexplicit=True, refwarn=True
        )
        end = match.end()
    if end < len(text) or not text:
        yield nodes.Text(text[end:])

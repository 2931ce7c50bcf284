"""`course build`: one source of each lesson in, its two editions out."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.classroom.colab import repository_address, with_first_cell
from course_utils.classroom.editions import make_edition
from course_utils.classroom.execute import execute
from course_utils.classroom.inputs import inputs_hash
from course_utils.classroom.navigation import START
from course_utils.classroom.source import Cell, read_source
from course_utils.classroom.start import make_start
from course_utils.errors import CourseError
from course_utils.files import make_writable, replacing
from course_utils.paths import repo_root
from course_utils.translation.glossary_page import glossary_page, has_glossary, page_name
from course_utils.translation.language import ENGLISH, Language, editions_of

NOTEBOOK_BYTES = 1_500_000


@dataclass(frozen=True)
class Lesson:
    """A lesson's three files, its cells, and the hash of all that its outputs depend on."""

    source: Path
    learner: Path
    solved: Path
    cells: list[Cell]
    facts: dict[str, str]


def find_sources(root: Path, wanted: tuple[str, ...] = ()) -> list[Path]:
    """Sources under `root`/solutions, all or those wanted ("01", "1" or "01_what_is_segmentation").

    Raises:
        CourseError: no lesson has a wanted name.
    """
    sources = sorted((root / "solutions").glob("*.py"))
    if not wanted:
        return sources
    chosen = []
    for name in wanted:
        matches = [s for s in sources if Path(name).stem == s.stem or name.zfill(2) == s.stem.split("_")[0]]
        if not matches:
            known = ", ".join(source.stem for source in sources)
            raise CourseError(f"there is no lesson {name!r}; there are: {known}")
        chosen += matches
    return chosen


def load_lesson(source: Path) -> Lesson:
    """Read and check one source; CourseError when it breaks a rule."""
    cells = read_source(source)
    code = "\n".join(
        line
        for cell in cells
        if cell.kind == "code"
        for line in cell.text.splitlines()
        if not line.lstrip().startswith(("%", "!"))
    )
    root = source.parent.parent
    learner = root / "notebooks" / f"{source.stem}.ipynb"
    facts = {"lesson": source.stem, "inputs": inputs_hash(source, code)}
    return Lesson(source, learner, source.with_suffix(".ipynb"), cells, facts)


def build(lesson: Lesson) -> bool:
    """Write what is out of date of a lesson's editions, the translated ones too; whether anything was.

    Raises:
        CourseError: a cell fails, an output breaks a rule, or a folder cannot be written to; then nothing is written.
    """
    if not drift(lesson):
        return _build_translations(lesson)
    for edition in (lesson.solved, lesson.learner):
        _insist_on_writable(edition.parent)
    solved = make_edition(lesson.cells, solved=True, facts=lesson.facts, source=lesson.source)
    if _solved_drift(lesson):
        execute(solved, lesson.cells, lesson.source.parent)
        _write(solved, lesson.solved)
    _write(_learner_edition(lesson), lesson.learner)
    _build_translations(lesson)
    return True


def _build_translations(lesson: Lesson) -> bool:
    """Write the learner's editions in other languages; a fault in a catalogue comes after the English ones stand."""
    stale = [language for language in editions_of(lesson.source.stem) if _learner_drift(lesson, language)]
    for language in stale:
        path = language.folder(lesson.learner.parent) / lesson.learner.name
        path.parent.mkdir(exist_ok=True)
        _write(_learner_edition(lesson, language), path)
    return bool(stale)


def translated_edition(lesson: Lesson, language: Language) -> Path:
    """Where the solved edition in another language lies: it is made for the website, and not kept."""
    return lesson.source.parent.parent / "build" / language.code / lesson.solved.name


def build_solved(lesson: Lesson, language: Language) -> bool:
    """Run and write a lesson's solved edition in another language, unless it is up to date; whether it was written.

    Raises:
        CourseError: as `build`.
    """
    path = translated_edition(lesson, language)
    facts = lesson.facts | {"language": language.code, "words": language.fingerprint(lesson.source.stem)}
    if path.exists() and nbformat.read(path, as_version=4).metadata.get("course") == facts:
        return False
    solved = make_edition(lesson.cells, solved=True, facts=facts, source=lesson.source, language=language)
    execute(solved, lesson.cells, lesson.source.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(solved, path)
    return True


def build_front(root: Path, language: Language = ENGLISH) -> bool:
    """Write the pages before the lessons among the learner's notebooks where they are out of date; whether one was."""
    stale = _stale_front(root, language)
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_text(text, path)
    return bool(stale)


def front_drift(root: Path, language: Language = ENGLISH) -> str:
    """Why the pages before the lessons do not belong to the sources, or an empty string."""
    names = (str(path.relative_to(root)) for path in _stale_front(root, language))
    return "; ".join(f"{name} is not that of the sources" for name in names)


def _stale_front(root: Path, language: Language) -> dict[Path, str]:
    """Of the front page, and of the glossary where there is one, those that are out of date, with their texts."""
    folder = language.folder(root / "notebooks")
    pages = {folder / START: _text(make_start(find_sources(root), language))}
    if has_glossary(language):
        pages[folder / page_name(language)] = glossary_page(language)
    return {path: text for path, text in pages.items() if not path.exists() or path.read_bytes() != text.encode()}


def drift(lesson: Lesson) -> str:
    """Why the English editions do not belong to the source, in one line; an empty string when they do."""
    return _solved_drift(lesson) or _learner_drift(lesson, ENGLISH)


def translation_drift(lesson: Lesson) -> str:
    """Why the learner's editions in other languages do not belong to source and catalogue; empty when they do."""
    reasons = (_learner_drift(lesson, language) for language in editions_of(lesson.source.stem))
    return next(filter(None, reasons), "")


def _learner_drift(lesson: Lesson, language: Language) -> str:
    path = language.folder(lesson.learner.parent) / lesson.learner.name
    name = path.relative_to(lesson.learner.parent.parent)
    if not path.exists():
        return f"{name} is missing"
    if path.read_bytes() != _text(_learner_edition(lesson, language)).encode():
        return f"{name} differs from what {lesson.source.name} makes"
    return ""


def _solved_drift(lesson: Lesson) -> str:
    if not lesson.solved.exists():
        return f"{lesson.solved.name} is missing from solutions/"
    try:
        stored = nbformat.read(lesson.solved, as_version=4)
    except Exception as error:  # nbformat raises whatever its JSON and schema libraries raise
        return f"solutions/{lesson.solved.name} cannot be read: {type(error).__name__}"
    if stored.metadata.get("course") != lesson.facts:
        return f"solutions/{lesson.solved.name} is older than the lesson, its modules or its data"
    expected = make_edition(lesson.cells, solved=True, facts=lesson.facts, source=lesson.source)
    for old, new in zip(stored.cells, expected.cells, strict=False):
        if (old.id, old.source, old.cell_type) != (new.id, new.source, new.cell_type):
            return f"solutions/{lesson.solved.name}: cell {new.id!r} differs from {lesson.source.name}"
    return (
        "" if len(stored.cells) == len(expected.cells) else f"solutions/{lesson.solved.name}: cells were added or lost"
    )


def _learner_edition(lesson: Lesson, language: Language = ENGLISH) -> NotebookNode:
    """What is handed out; a lesson of the course itself can set itself up in Colab.

    It holds no outputs, so it changes with the source, and a translated one with its catalogue, alone.
    """
    facts = {"lesson": lesson.facts["lesson"]} | ({} if language == ENGLISH else {"language": language.code})
    notebook = make_edition(lesson.cells, solved=False, facts=facts, source=lesson.source, language=language)
    return with_first_cell(notebook, repository_address(repo_root()))


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def _write(notebook: NotebookNode, path: Path) -> None:
    """Write it whole, or leave the old one."""
    text = _text(notebook)
    if len(text.encode()) > NOTEBOOK_BYTES:
        raise CourseError(f"{path.name}: {len(text.encode())} bytes; a notebook may have {NOTEBOOK_BYTES}")
    _write_text(text, path)


def _write_text(text: str, path: Path) -> None:
    try:
        with replacing(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path}: cannot be written ({error.strerror}); the old one is untouched") from None


def _insist_on_writable(folder: Path) -> None:
    """Find out before a lesson is run, not after."""
    try:
        make_writable(folder)
    except OSError as error:
        raise CourseError(f"{folder}: notebooks cannot be written here ({error.strerror}); mend its rights") from None

"""Who handed in what, told from folders and file names as learning platforms and people make them."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from course_utils.classroom.grading.files import HandedIn, Unreadable, files_below
from course_utils.dataset.findings import counted
from course_utils.errors import CourseError

# Moodle: "Ana Silva_12345_assignsubmission_file_", a folder; Canvas: "silvaana_LATE_12345_987_name.ipynb", a file.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_\w+?_?")
_CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.+")
# Google Classroom and Drive, browsers: "17_title - Ana Silva.ipynb", "Copy of 17_title.ipynb", "17_title (1).ipynb".
_GOOGLE = re.compile(r".+ - (?P<name>((?! - ).)+)")
_COPIES = re.compile(r"^(copy of |salinan )+|( ?\(\d+\)| copy( \d+)?| - copy( \(\d+\))?)+$", re.IGNORECASE)
_LESSON = re.compile(r"\d\d_[a-z0-9_]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Learner:
    """One learner and what they handed in.

    Attributes:
        id: number or code that the platform's name holds besides; empty if none.
        late: whether the platform's name says so.
    """

    name: str
    files: tuple[HandedIn, ...] = ()
    id: str = ""
    late: bool = False

    @property
    def notebooks(self) -> tuple[HandedIn, ...]:
        """Those files that are notebooks, by their ending."""
        return tuple(file for file in self.files if file.suffix == ".ipynb")


@dataclass(frozen=True)
class Class:
    """The learners, by name; what was understood, in words; and what lies beside them, one line each."""

    learners: tuple[Learner, ...]
    understood: str
    strays: tuple[str, ...]


def find_learners(places: Sequence[Path]) -> Class:
    """Who handed in what at these places: files, archives and folders.

    Raises:
        CourseError: a place does not exist, cannot be read, or holds no notebook.
    """
    learners: list[Learner] = []
    understood, strays = [], []
    for place in places:
        try:
            if not place.exists():
                raise CourseError(f"{place}: no such file or folder")
            files, skipped = files_below(place)
        except (Unreadable, OSError) as error:
            raise CourseError(f"{place}: cannot be read: {error}") from error
        found, words, beside = _grouped(place, files)
        if not found:
            raise CourseError(
                f"{place}: no notebook in it; expected .ipynb files, or one folder of them for each learner"
            )
        learners += found
        understood.append(words)
        strays += [*skipped, *(f"{file.label}: lies beside the learners' folders" for file in beside)]
    return Class(tuple(sorted(_apart(learners), key=lambda one: one.name)), "; ".join(understood), tuple(strays))


def _grouped(place: Path, files: list[HandedIn]) -> tuple[list[Learner], str, list[HandedIn]]:
    """Learners of one place, how they were told apart, and the files of none."""
    name = place.resolve().stem if place.is_file() else place.resolve().name
    if place.is_file() and place.suffix.lower() == ".ipynb":
        return [_of_file(files[0], whole=True)], "1 notebook", []
    files, inside = _without_common_folder(files)
    flat = [file for file in files if len(file.parts) == 1]
    folders = sorted({file.parts[0] for file in files if len(file.parts) > 1 and file.suffix == ".ipynb"})
    loose = [file for file in flat if file.suffix == ".ipynb"]
    is_class = len(folders) > 1 or (folders and not any(_LESSON.fullmatch(_bare(file)) for file in loose))
    if is_class:
        every = sorted({file.parts[0] for file in files if len(file.parts) > 1})
        learners = [_of_folder(folder, [file for file in files if file.parts[0] == folder]) for folder in every]
        empty = [] if inside or not place.is_dir() else _empty_folders(place, every)
        return (
            [*learners, *(_of_folder(folder, []) for folder in empty)],
            counted(len(every) + len(empty), "folder"),
            flat,
        )
    if not loose:
        return ([_of_folder(name, files)] if folders else []), "1 folder", []
    return _flat(name, files, loose)


def _flat(name: str, files: list[HandedIn], loose: list[HandedIn]) -> tuple[list[Learner], str, list[HandedIn]]:
    """A folder of notebooks: one learner's lessons, or the files of a class."""
    several = len({_of_file(file).name for file in loose if _is_named(file)})
    own = [file for file in loose if _LESSON.fullmatch(_bare(file)) and not _is_named(file)]
    if own and not several:
        return [_of_folder(name, files)], "1 folder", []
    if several:  # a lesson without a learner's name is the instructor's own
        loose = [file for file in loose if file not in own]
    by_name: dict[str, list[HandedIn]] = {}
    for file in loose:
        by_name.setdefault(_of_file(file).name, []).append(file)
    learners = [replace(_of_file(group[0]), files=tuple(group)) for group in by_name.values()]
    late = {_of_file(file).name for file in loose if _of_file(file).late}
    learners = [replace(learner, late=learner.name in late) for learner in learners]
    return (
        learners,
        f"{counted(len(loose), 'file')}, {counted(len(learners), 'learner')} told by file name",
        [file for file in files if file not in loose],
    )


def _is_named(file: HandedIn) -> bool:
    """Whether a file's name holds a learner's, in Canvas's or Google's way."""
    stem = _stem(file)
    return bool(_CANVAS.fullmatch(stem) or _GOOGLE.fullmatch(_COPIES.sub("", stem)))


def _of_file(file: HandedIn, whole: bool = False) -> Learner:
    """The learner whom a file's name names; or, of a file that stands alone, who is called as it is."""
    stem = _stem(file)
    if match := _CANVAS.fullmatch(stem):
        return Learner(_shown(match["name"]), (file,), match["id"], bool(match["late"]))
    if (match := _GOOGLE.fullmatch(_COPIES.sub("", stem))) and not whole:
        return Learner(_shown(match["name"]), (file,))
    return Learner(_shown(stem if whole else _COPIES.sub("", stem)), (file,))


def _of_folder(name: str, files: list[HandedIn]) -> Learner:
    if match := _MOODLE.fullmatch(name):
        return Learner(_shown(match["name"]), tuple(files), match["id"])
    return Learner(_shown(name), tuple(files))


def _empty_folders(place: Path, known: list[str]) -> list[str]:
    folders = (path for path in sorted(place.iterdir()) if path.is_dir() and not path.is_symlink())
    return [path.name for path in folders if path.name not in known and not path.name.startswith((".", "__"))]


def _without_common_folder(files: list[HandedIn]) -> tuple[list[HandedIn], bool]:
    """An archive often holds one folder, and in it the class: then that folder says nothing."""
    inside = False
    while files and all(file.members for file in files) and len({file.parts[0] for file in files}) == 1:
        notebooks = [file for file in files if file.suffix == ".ipynb"]
        below = {file.parts[1] for file in notebooks if len(file.parts) > 2}
        named = {_of_file(file).name for file in notebooks if len(file.parts) == 2 and _is_named(file)}
        if len(below) < 2 and len(named) < 2:
            break
        files = [replace(file, label="/".join(file.parts[1:])) for file in files]
        inside = True
    return files, inside


def _apart(learners: list[Learner]) -> list[Learner]:
    """Learners of the same name told apart by a number, also from whoever is called as if by it."""
    taken: set[str] = set()
    apart = []
    for learner in learners:
        names = (f"{learner.name} [{number}]" if number > 1 else learner.name for number in itertools.count(1))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        apart.append(replace(learner, name=name))
    return apart


def _stem(file: HandedIn) -> str:
    return PurePosixPath(file.parts[-1]).stem


def _bare(file: HandedIn) -> str:
    return _COPIES.sub("", _stem(file))


def copy_order(file: HandedIn) -> tuple[bool, list[tuple[int, str]]]:
    """Sorts copies behind their originals, "(10)" behind "(9)"."""
    stem = _stem(file)
    pieces = [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", stem)]
    return _COPIES.sub("", stem) != stem, pieces


def _shown(name: str) -> str:
    """A name as it is shown everywhere: in composed letters, without signs that cannot be seen."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", name)).replace("/", "_").strip() or "unnamed"

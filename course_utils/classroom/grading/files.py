"""Files that were handed in: notebooks as they lie there or inside zip archives, read with limits."""

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from course_utils.exercises.sentences import Sentence
from course_utils.translation.say import N_

LARGEST_NOTEBOOK = 20 * 2**20
"""Bytes of a notebook; an executed lesson stays under 1.5 MB."""
_LARGEST_ARCHIVE = 200 * 2**20
_MOST_MEMBERS = 20_000
_DEEPEST = 2  # archives: a class's, with learners' in it
_HIDDEN = (".ipynb_checkpoints", "__MACOSX", ".git", ".DS_Store", "Thumbs.db", "desktop.ini")


class Unreadable(Exception):
    """A file that cannot be read; the message says why, in one line."""


@dataclass(frozen=True)
class HandedIn:
    """One file: its path on the disk and, inside of archives, the name of the member in each.

    Attributes:
        label: path by which a person finds it, below the folder that was given.
        moment: its own date, ISO, without a zone; empty if unknown.
    """

    path: Path
    members: tuple[str, ...]
    label: str
    moment: str

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file name, those of archives among them."""
        return PurePosixPath(self.label).parts

    @property
    def suffix(self) -> str:
        """Ending of the name, in lower case."""
        return PurePosixPath(self.label).suffix.lower()

    def read(self, largest: int = LARGEST_NOTEBOOK) -> bytes:
        """The content; Unreadable if it is too large, no plain file, or the archive is broken."""
        name = self.parts[-1]
        try:
            if self.path.is_symlink() or not self.path.is_file():
                raise _unreadable(name, N_("not a plain file"))
            with open(self.path, "rb") as file:
                return self._inside(file, largest) if self.members else _at_most(file, largest, name)
        except OSError as error:
            raise Unreadable(f"{name}: {error.strerror or error}") from None

    def _inside(self, file: io.BufferedIOBase, largest: int) -> bytes:
        content = b""
        for place, member in enumerate(self.members):
            limit = largest if place == len(self.members) - 1 else _LARGEST_ARCHIVE
            with _opened(file if place == 0 else io.BytesIO(content), self.label) as archive:
                try:
                    with archive.open(member) as inner:
                        content = _at_most(inner, limit, PurePosixPath(member).name)
                except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, EOFError, ValueError) as error:
                    locked = "password" in str(error)
                    words = N_("the archive is locked by a password") if locked else N_("the archive is broken")
                    raise _unreadable(self.label, words) from None
                except Unreadable:
                    raise
                except Exception as error:  # zlib.error, LZMAError and what else a decompressor raises
                    words = Sentence("the archive is broken ({kind})", kind=type(error).__name__)
                    raise _unreadable(self.label, words) from None
        return content


def files_below(place: Path) -> tuple[list[HandedIn], list[str]]:
    """All files below a folder, in an archive or at a path, and what was passed over, one line each.

    Links are not followed. Editors' and systems' own hidden files are passed over without a word.

    Raises:
        Unreadable: the archive at the path cannot be read.
        OSError: the folder cannot be read.
    """
    skipped: list[str] = []
    if place.is_file():
        one = HandedIn(place, (), place.name, _moment(place.stat().st_mtime))
        return (list(_members(one, "", skipped)) if one.suffix == ".zip" else [one]), skipped
    found: list[HandedIn] = []
    for path in _walk(place, skipped):
        one = HandedIn(path, (), path.relative_to(place).as_posix(), _moment(path.lstat().st_mtime))
        if one.suffix == ".zip":
            try:
                found += _members(one, f"{one.label}/", skipped)
                continue
            except Unreadable:
                pass  # whoever reads it will be told
        found.append(one)
    return found, skipped


def _walk(place: Path, skipped: list[str]) -> Iterator[Path]:
    with os.scandir(place) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        path = Path(entry.path)
        if entry.name in _HIDDEN:
            continue
        if entry.is_symlink() and not entry.name.lower().endswith((".ipynb", ".zip")):
            skipped.append(f"{entry.name}: a link, not followed")
        elif entry.is_dir(follow_symlinks=False):
            if entry.name.startswith("."):
                skipped.append(f"{entry.name}: a hidden folder")
                continue
            try:
                yield from _walk(path, skipped)
            except OSError as error:
                skipped.append(f"{entry.name}: {error.strerror}")
        elif not entry.name.startswith("."):
            yield path


def _members(outer: HandedIn, prefix: str, skipped: list[str]) -> Iterator[HandedIn]:
    """Files in an archive, and in archives in it."""
    content = io.BytesIO(outer.read(_LARGEST_ARCHIVE)) if outer.members else outer.path
    with _opened(content, outer.label) as archive:
        infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise _unreadable(outer.label, Sentence("{count} files in one archive", count=len(infos)))
    for info in sorted(infos, key=lambda info: info.filename):
        name = PurePosixPath(info.filename.replace("\\", "/"))
        parts = [part for part in name.parts if part not in ("/", "..", ".")]
        link = stat.S_ISLNK(info.external_attr >> 16)
        if info.is_dir() or not parts or any(part in _HIDDEN or part.startswith(".") for part in parts):
            continue
        if link:
            skipped.append(f"{prefix}{'/'.join(parts)}: a link, not followed")
            continue
        one = HandedIn(outer.path, (*outer.members, info.filename), prefix + "/".join(parts), _zip_moment(info))
        if one.suffix == ".zip" and len(one.members) < _DEEPEST:
            try:
                yield from _members(one, f"{one.label}/", skipped)
                continue
            except Unreadable:
                pass
        yield one


def _opened(file: io.BufferedIOBase | Path, label: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        words = Sentence("not a zip archive that can be read ({why})", why=str(error)[:80])
        raise _unreadable(label, words) from None


def _unreadable(label: str, words: str) -> Unreadable:
    return Unreadable(f"{label}: {words}")


def _at_most(file: io.BufferedIOBase | IO[bytes], largest: int, name: str) -> bytes:
    content = file.read(largest + 1)
    if len(content) > largest:
        size = os.fstat(file.fileno()).st_size if isinstance(file, io.BufferedReader) else 0
        most = largest // 2**20
        known = Sentence("{size} MB; {most} MB at most", size=f"{size / 2**20:.0f}", most=most)
        raise _unreadable(
            name, known if size else Sentence("more than {size} MB; {most} MB at most", size=most, most=most)
        )
    return content


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).isoformat(timespec="seconds")


def _zip_moment(info: zipfile.ZipInfo) -> str:
    try:
        return datetime(*info.date_time).isoformat()
    except ValueError:
        return ""

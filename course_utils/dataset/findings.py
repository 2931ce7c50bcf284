"""What is wrong with an annotation file, or strange about it: one line a thing, equal things together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

TOGETHER = 4
"""From so many equal things on they share a line."""

_VALUES = re.compile(r"\[[^\]]*\]|\([^)]*\)|'[^']*'|[-\d.,]*\d")
"""What differs between two messages that say the same: lists, texts and numbers."""


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should know about a record of an annotation file.

    Attributes:
        who: the record, as in "annotation 7"; "" for the file.
        what: in a few words.
        advice: the file can be used as it is all the same; otherwise this is an error, and the record cannot be used.
        photo: id of the photo that goes when the record is left out; None if the record has none.
    """

    who: str
    what: str
    advice: bool = False
    photo: Any = None

    def __str__(self) -> str:
        """Record and words on one line."""
        return f"{self.who}: {self.what}" if self.who else self.what

    @property
    def kind(self) -> tuple:
        """Equal for things that are equal but for their record and values."""
        return self.advice, self.who.partition(" ")[0], _VALUES.sub("#", self.what)


def counted(number: int, noun: str) -> str:
    """ "1 photo", "2 photos", "1,000 categories"."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each kind of finding, in the order in which they first came; few equal ones keep their own lines."""
    kinds: dict[tuple, list[Finding]] = defaultdict(list)
    for one in findings:
        kinds[one.kind].append(one)
    for found in kinds.values():
        if len(found) < TOGETHER or not found[0].who:
            yield from map(str, found)
            continue
        noun = found[0].who.partition(" ")[0]
        first = ", ".join(one.who.partition(" ")[2] for one in found[:3])
        same = len({one.what for one in found}) == 1
        what = found[0].what if same else f"{found[0].what}, or alike"
        yield f"{what}: {counted(len(found), noun)}, first ids {first}; --all lists them"


def marked(lines: Iterable[str], advice: bool, source: object) -> Iterator[str]:
    """Lines as a command prints them: with the file, and whether they are errors or advice."""
    return (f"{source}: {'advice' if advice else 'error'}: {line}" for line in lines)

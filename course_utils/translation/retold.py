"""Sentences that arrive as plain English text, from a sandbox or a file: told again in the reader's language."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from course_utils.translation.catalogue import LOCALE, translations
from course_utils.translation.current import spoken
from course_utils.translation.language import CLASSROOM, SOURCE

_CATALOGUES = (CLASSROOM, "exercises", "mask_rcnn")
_PLACE = re.compile(r"\{(\w+)\}")
_LEAST = 5  # letters of a sentence with places; one with fewer fits almost any text
_DEEPEST = 3  # sentences in sentences
_COLONS = 5  # behind so many a sentence is looked for


def retold(words: str, depth: int = _DEEPEST) -> str:
    """English words in the language that is spoken, as far as they consist of sentences that have a translation.

    The catalogues' originals are laid on them, their names standing for any text, in which sentences are looked for in
    turn. A sentence may also stand behind what it is about: "lesson.ipynb: not a notebook". The words may be anybody's,
    and as long as they like: nothing in them is taken for a template, and the time grows with their length alone.
    """
    if spoken() == SOURCE or not depth:
        return words
    starts = [0, *(colon.end() for colon in islice(re.finditer(": ", words), _COLONS))]
    for sentence in _sentences(spoken()):
        for start in starts:
            values = sentence.values(words[start:])
            if values is not None:
                values = {name: retold(value, depth - 1) for name, value in values.items()}
                return words[:start] + sentence.said.format(**values)
    return words


@dataclass(frozen=True)
class _Sentence:
    """An original by what stands between its places, the names of these, and its translation."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    said: str

    @property
    def letters(self) -> int:
        return sum(map(str.isalpha, "".join(self.literals)))

    @property
    def is_known_again(self) -> bool:
        """Whether it has more than a word, which may be a name in somebody's code, and enough between its places."""
        if set("{}") & set("".join(self.literals)) or not all(self.literals[1:-1]):
            return False
        return self.letters >= _LEAST if self.names else " " in self.literals[0]

    def values(self, words: str) -> dict[str, str] | None:
        """What stands in its places if it is laid on the words, each as short as may be; None if it does not fit."""
        if not self.names:
            return {} if words == self.literals[0] else None
        first, *between, last = self.literals
        end = len(words) - len(last)
        if not words.startswith(first) or not words.endswith(last):
            return None
        values, start = [], len(first)
        for literal in between:
            found = words.find(literal, start, end)
            if found < 0:
                return None
            values.append(words[start:found])
            start = found + len(literal)
        values.append(words[start:end])
        return dict(zip(self.names, values, strict=True)) if start <= end else None


@cache
def _sentences(code: str) -> list[_Sentence]:
    """All that can be known again, that of most letters first."""
    known = {words: said for name in _CATALOGUES for words, said in translations(LOCALE / code / f"{name}.po").items()}
    every = (_Sentence(tuple(_PLACE.split(w)[::2]), tuple(_PLACE.findall(w)), said) for w, said in known.items())
    return sorted((one for one in every if one.is_known_again), key=lambda one: -one.letters)

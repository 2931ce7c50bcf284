"""Which slip explains the results of a wrong answer: one that was declared, an everyday one, or two at once.

A slip is named only when it contradicts no case: where the answer is right, the slip must give the right result too.
"""

import inspect
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from itertools import chain, combinations
from typing import Any

import numpy as np

from course_utils.exercises.arrangements import arrangement
from course_utils.exercises.evidence import Evidence, size_of, why_wrong
from course_utils.exercises.patterns import pattern, proportion
from course_utils.exercises.running import Raised
from course_utils.exercises.said import said
from course_utils.exercises.slips import AFTER_OTHERS, EVERYWHERE, NO_RETURN
from course_utils.exercises.text import as_plain
from course_utils.exercises.theories import Theories, Theory
from course_utils.exercises.whole import FLOATS
from course_utils.translation.say import N_, _

_ENOUGH = 2  # how much an everyday slip must explain before it is named; see `_weight`
_SECONDS = 2.0  # of processor time for looking for two slips at once
_LONGEST = 6.0  # of processor time for all of it but the declared mistakes; a learner is waiting
_BOTH = 2 / 3  # of what is wrong: so much must two mistakes explain, each by itself
_MOST = 3 / 4  # more than that must a mistake explain that does not explain all
_AND_MORE = N_("(That is not all: once this is mended, something else remains.)")
_TWICE = N_("(In more than one place.)")
_PERHAPS = N_("(Mend it and check again: it may not be all.)")


@dataclass(frozen=True)
class Slip:
    """What was recognised: the words for it, in the reader's language, and the failing cases that it explains."""

    words: str
    cases: list[int]


def recognise(evidence: Evidence) -> Slip | None:
    """The slip that explains the wrong results of an answer, or None where none does for certain."""
    if evidence.failing == evidence.floats:
        return Slip(_(FLOATS), evidence.failing)
    return _Search(evidence).slip() or _of_results_alone(evidence)


def _of_results_alone(evidence: Evidence) -> Slip | None:
    """An everyday slip in what a probe calls the result, where all else that the probe gives hangs on that."""
    bare = evidence.within("result")
    if bare is None or bare.failing != evidence.failing:
        return None
    search = _Search(bare)
    return search._everyday_alone() or search._in_common()


class _Search:
    def __init__(self, evidence: Evidence):
        self.evidence, self.exercise, self.theories = evidence, evidence.exercise, Theories(evidence)
        # The telling cases first, and of those the small ones: most theories fall at once.
        failing = [k for k in evidence.failing if k not in evidence.floats]
        self.failing = sorted(failing, key=lambda k: (-min(self._weight(k), 2), size_of(evidence.cases[k])))
        self.right = [k for k in range(len(evidence.cases)) if k not in failing]
        self.weight = sum(map(self._weight, self.failing if self._hangs_on_inputs() else self.failing[:1]))
        self.end = float("inf")

    def _hangs_on_inputs(self) -> bool:
        """Whether wrong results change where right ones do; always the same says no more than once."""
        results, rights = (
            {_kinds(side[k]) for k in self.failing} for side in (self.evidence.results, self.evidence.expected)
        )
        return len(results) > 1 or max(map(len, results)) > 1 or len(rights) == 1

    def slip(self) -> Slip | None:
        """The best explanation: a declared mistake before an everyday one, one before two, all cases before some."""
        searches = (
            *(self._declared_alone, self._no_return, self._everyday_alone, self._given_back, self._in_common),
            self._neighbour_alone,
            *(self._two_declared, self._two_in_a_network, self._two_apart),
            *(self._declared_and_everyday, self._declared_and_factor, self._declared_of_other_inputs),
            *(self._two_neighbours, self._in_part),
        )
        for search in searches:
            slip = search()
            if slip or self._is_late():
                return slip
            if self.end == float("inf"):
                self.end = time.process_time() + _LONGEST
        return None

    def _is_late(self) -> bool:
        return time.process_time() > self.end

    def _declared_alone(self) -> Slip | None:
        found = (theory for theory in self.theories.declared if self._explains_all(theory, by_message=True))
        return self._slip(next(found, None))

    def _no_return(self) -> Slip | None:
        nothing = all(self.evidence.results[k] is None for k in self.failing)
        return Slip(_(NO_RETURN), self.failing) if nothing else None

    def _everyday_alone(self) -> Slip | None:
        """An everyday slip, or two of inputs of which one is; none where many explain the same."""
        if self.weight < _ENOUGH:
            return None
        for theories in (self.theories.of_results, self.theories.of_inputs):
            found = dict.fromkeys(
                theory.words for theory in theories if not self._shows_too_little(theory) and self._explains_all(theory)
            )
            if self._is_late():
                return None
            if found and theories is self.theories.of_results:
                return Slip(said(next(iter(found))), self.failing)
            if 0 < len(found) <= 2:
                return Slip(_one_of(list(map(said, found))), self.failing)
        return None

    def _shows_too_little(self, theory: Theory) -> bool:
        """Whether few results are wrong, and the slip would show nearly everywhere."""
        return EVERYWHERE in theory.words and len(self.failing) < len(self.right)

    def _given_back(self) -> Slip | None:
        """One of the arguments, just as it came in."""
        if not self.exercise.is_function or self.exercise.probe or self.weight < _ENOUGH:
            return None
        arguments = zip(inspect.signature(self.exercise.reference).parameters, self.evidence.cases[0], strict=False)
        for number, (name, _value) in enumerate(arguments):
            if all(self.evidence.agrees(k, self.evidence.cases[k][number]) for k in self.failing):
                words = _("You give back `{name}` as it came in. What should have become of it?")
                return Slip(words.format(name=name), self.failing)
        return None

    def _in_common(self) -> Slip | None:
        rights = [self.evidence.expected[k] for k in self.failing]
        words = arrangement(rights, [self.evidence.results[k] for k in self.failing]) or pattern(self.evidence)
        return Slip(words, self.failing) if words else None

    def _neighbour_alone(self) -> Slip | None:
        """A right answer with one thing changed, or two things of which one is; none where many come to the same."""
        if self.weight < _ENOUGH:
            return None
        found: dict[str, set[str]] = {}
        for neighbour, theory in self.theories.neighbours:
            if self._explains_all(theory):
                found.setdefault(neighbour.words, set()).add(neighbour.about)
            if self._is_late():
                return None  # of those that are left, others may explain as much
        told = [
            " ".join([_(words), *(said(each) for each in about if each and len(about) == 1)])
            for words, about in found.items()
        ]
        return Slip(_one_of(told), self.failing) if 0 < len(told) <= 2 else None

    def _two_declared(self) -> Slip | None:
        """Two declared mistakes, each of which explains cases that the other does not."""
        parts = [(theory, self._explained(theory)) for theory in self.theories.declared if self._is_possible(theory)]
        for (one, first), (other, second) in combinations(parts, 2):
            apart = set(first) - set(second) and set(second) - set(first)
            if apart and self._are_two(one, other, {*first, *second}):
                return self._perhaps(one, first)
        return None

    def _are_two(self, one: Theory, other: Theory, explained: set[int]) -> bool:
        """Whether two mistakes may have been made together that explain some cases, each by itself."""
        rest = set(self.failing) - explained
        if self._share(explained) < _BOTH:
            return False
        # Where both change the result, what they give together is neither's.
        return all(self._changes(one, k) and self._changes(other, k) for k in rest)

    def _share(self, explained: Collection[int]) -> float:
        """How much of all that is wrong some cases are: by their number, or by what they tell if that is less."""
        told = sum(map(self._weight, explained)) / sum(map(self._weight, self.failing))
        return min(len(explained) / len(self.failing), told)

    def _and_more(self, theory: Theory, cases: list[int]) -> Slip:
        """What to say of the first of two mistakes; a declared pair says it itself."""
        return _with(theory, _AND_MORE, cases)

    def _perhaps(self, theory: Theory, cases: list[int]) -> Slip:
        """What to say where two mistakes fit, and one that nobody thought of may do so as well."""
        return _with(theory, _PERHAPS, cases)

    def _two_in_a_network(self) -> Slip | None:
        """Two declared mistakes of a network in one: a class that inherits from both."""
        reference, end = self.exercise.reference, time.process_time() + _SECONDS / 2
        mistakes = self.exercise.misconceptions.items() if isinstance(reference, type) else ()
        networks = [(words, each) for words, each in mistakes if isinstance(each, type) and issubclass(each, reference)]
        for (words, one), (_words, other) in combinations(networks, 2):
            if time.process_time() > end:
                return None
            both = self.theories.of_program("", partial(type, "Both", (one, other), {}))
            if self._explains_all(both):
                return self._and_more(Theory(words, both.result), self.failing)
        return None

    def _two_apart(self) -> Slip | None:
        """Two mistakes of any kind that together explain most failing cases, each some that the other does not.

        The other failing cases must be such that both mistakes make a difference there.
        """
        kinds = (
            self.theories.declared,
            self.theories.of_results,
            self.theories.of_inputs,
            self.theories.neighbours_alone,
        )
        parts: dict[tuple[int, ...], Theory] = {}
        for theory in chain(*kinds):
            if not self._shows_too_little(theory) and self._is_possible(theory) and (cases := self._explained(theory)):
                parts.setdefault(tuple(cases), theory)  # of several that explain the same, the one of the best kind
            if self._is_late():
                return None
        for (first, one), (second, other) in combinations(parts.items(), 2):
            if self._is_late():
                return None
            alone = set(first) - set(second), set(second) - set(first)
            enough = all(sum(map(self._weight, cases)) >= _ENOUGH / 2 for cases in alone)
            if enough and self._are_two(one, other, {*first, *second}):
                return self._perhaps(one, list(first))
        return None

    def _declared_and_everyday(self) -> Slip | None:
        """A mistake, declared or of an input, whose result an everyday slip has changed once more."""
        if self.weight < 2 * _ENOUGH:
            return None
        end = time.process_time() + _SECONDS
        for theory in [*self.theories.declared, *self.theories.of_inputs]:
            if self._shows_too_little(theory) or isinstance(theory.result(self.failing[0]), Raised):
                continue
            for _words, change in AFTER_OTHERS:
                if time.process_time() > end:
                    return None
                if self._explains_all(self.theories.after(theory, "", change)):
                    return self._and_more(theory, self.failing)
        return None

    def _declared_and_factor(self) -> Slip | None:
        """A declared mistake whose result is multiplied or divided by something besides."""
        for theory in self.theories.declared:
            if _is_pair(theory):
                continue
            mistaken = [theory.result(k) for k in range(len(self.evidence.cases))]
            if proportion(Evidence(self.exercise, self.evidence.cases, mistaken, self.evidence.results)):
                return self._perhaps(theory, self.failing)
        return None

    def _declared_of_other_inputs(self) -> Slip | None:
        """A declared mistake that besides reads its inputs wrongly."""
        if self.weight < 4 * _ENOUGH:
            return None
        end = time.process_time() + _SECONDS
        for mistake in self.theories.declared:
            for theory in [] if _is_pair(mistake) else self.theories.of_inputs_with(mistake):
                if time.process_time() > end:
                    return None
                if self._explains_all(theory):
                    return self._perhaps(mistake, self.failing)
        return None

    def _two_neighbours(self) -> Slip | None:
        """A right answer with two things changed, each of which alone contradicts nothing; of so many pairs some come
        close to anything, so that much must be explained."""
        if self.weight < 4 * _ENOUGH:
            return None
        end = time.process_time() + _SECONDS
        possible = [
            neighbour
            for neighbour, theory in self.theories.neighbours
            if not isinstance(theory.result(self.failing[0]), Raised) and self._is_possible(theory)
        ]
        found: list[set[str]] = []
        for one, other in combinations(possible, 2):
            if time.process_time() > end:
                break
            both = self.theories.of_program("", partial(one.with_other, other))
            if self._explains_all(both):
                found.append({one.words, other.words})
        # Many pairs may come to the same: what is named must be in all of them.
        common = set.intersection(*found) if found else set()
        if not common:
            return None
        words = next(each for each in (neighbour.words for neighbour in possible) if each in common)
        more = _AND_MORE if all(len(pair) == 2 for pair in found) else _TWICE
        return Slip(f"{_(words)} {_(more)}", self.failing)

    def _in_part(self) -> Slip | None:
        """A mistake that explains most of what is wrong, and contradicts nothing; whether it is all is left open."""
        best: tuple[float, Theory, list[int]] | None = None
        for theory in [*self.theories.declared, *self.theories.of_results]:
            if _is_pair(theory) or not self._is_possible(theory):
                continue
            cases = self._explained(theory)
            weight = sum(map(self._weight, cases))
            if self._share(cases) > _MOST and weight >= _ENOUGH / 2 and (best is None or weight > best[0]):
                best = weight, theory, cases
        return self._perhaps(best[1], best[2]) if best else None

    def _slip(self, theory: Theory | None) -> Slip | None:
        return Slip(said(theory.words), self.failing) if theory else None

    def _explains_all(self, theory: Theory, by_message: bool = False) -> bool:
        """Whether a theory gives the answer's results in every case.

        Code may crash for many reasons: if all failing cases do, the messages must be the same too.
        """
        if self._is_late() or not all(self.evidence.agrees(k, theory.result(k)) for k in self.failing + self.right):
            return False
        pairs = [(self.evidence.results[k], theory.result(k)) for k in self.failing]
        crashed = all(isinstance(result, Raised) for result, _ in pairs)
        return not crashed or (by_message and all(result == other for result, other in pairs))

    def _explained(self, theory: Theory) -> list[int]:
        """The failing cases in which the answer gives what the theory gives; of crashes only those of one message."""

        def explains(k: int) -> bool:
            if self._is_late():
                return False
            result, other = self.evidence.results[k], theory.result(k)
            if isinstance(result, Raised):
                return isinstance(other, Raised) and other == result
            return self.evidence.agrees(k, other)

        return [k for k in self.failing if explains(k)]

    def _is_possible(self, theory: Theory) -> bool:
        """Whether a theory gives right results where the answer does."""
        return all(self.evidence.agrees(k, theory.result(k)) for k in self.right)

    def _changes(self, theory: Theory, k: int) -> bool:
        """Whether a theory gives something wrong in a case."""
        return bool(why_wrong(self.exercise, self.evidence.expected[k], theory.result(k)))

    def _weight(self, k: int) -> float:
        """How unlikely a result is to come about by another slip: much for fractions, little for None, 0 and 1."""
        result = self.evidence.results[k]
        if result is None or isinstance(result, Raised):
            return 0.5
        try:
            all_numbers = np.asarray(_numbers(result), dtype=float).round(6)
            numbers = np.unique(all_numbers)
        except Exception:  # no numbers, or too large ones, or an object that does not like to be looked at
            return 1
        telling = [number for number in numbers[:20] if abs(number) not in (0, 1)]
        weight = 0.25 * len(numbers) + sum(1 if number % 1 else 0.5 for number in telling)
        # A mask knows only two values, but many ways to lay them out.
        return min(max(weight, len(all_numbers) / 8 if len(numbers) > 1 else 0), 4)


def _with(theory: Theory, more: str, cases: list[int]) -> Slip:
    """A mistake's words, and behind them that it may not be all, unless they say so themselves."""
    words = said(theory.words)
    return Slip(words if _is_pair(theory) else f"{words} {_(more)}", cases)


def _one_of(words: list[str]) -> str:
    """One thing that may have happened, or two."""
    if len(words) == 1:
        return words[0]
    return _("{one} Or: {other}").format(one=words[0], other=words[1])


def _is_pair(theory: Theory) -> bool:
    """Whether a declared mistake is two in one, and says so."""
    return "(That is not all" in theory.words


def _kinds(value: Any) -> frozenset:
    """The different numbers of a value; of a value without numbers its text."""
    try:
        return frozenset(_numbers(value))
    except Exception:  # no numbers, or an object that does not like to be looked at
        return frozenset([repr(value)])


def _numbers(value: Any) -> list[float]:
    """The numbers of a value, at any depth, up to a thousand."""
    value = as_plain(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for item in value[:100] for number in _numbers(item)][:1000]
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "biuf":
        raise TypeError
    return numbers.ravel()[:1000].tolist()

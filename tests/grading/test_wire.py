"""What goes through the wire comes out as it was to the comparison; what is no message is refused."""

import json
import pickle
from collections import Counter, namedtuple
from enum import IntEnum

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils.classroom.grading.judging import crashed, read_result
from course_utils.classroom.grading.lesson import draw
from course_utils.classroom.grading.released import load_course
from course_utils.classroom.grading.room.answers import RECORDS
from course_utils.classroom.grading.room.wire import NotOnTheWire, Opaque, dumps, loads
from course_utils.errors import CourseError
from course_utils.exercises.compare import difference
from course_utils.exercises.core import Exercise, Outcome, Raised, assess, judge, run

Pair = namedtuple("Pair", "x y")
Level = IntEnum("Level", "LOW HIGH")

SAME = [
    *(None, ..., True, 3, -(2**60), 0.1, float("inf"), "tahu", "", b"x", 1 + 2j),
    *([1, [2, (3,)]], {"a": 1, 2: [3]}, {1}, frozenset([3])),
    *(np.float64(1.5), np.int64(3), np.bool_(True), np.str_("x"), np.uint8(255), np.float16(0.5)),
    *(np.arange(6).reshape(2, 3), np.zeros((0, 4), np.float32), np.array(3.0), np.array(["a", "bb"])),
    *(np.arange(6.0).reshape(2, 3).T, np.arange(10)[::-2], np.array([True, False]), np.array([1, 2], ">i4")),
    *(torch.arange(6.0).reshape(2, 3), torch.tensor(3), torch.tensor([1.5], dtype=torch.bfloat16)),
    *(torch.ones(2, requires_grad=True), torch.eye(3).to_sparse(), torch.zeros(2, 0)),
    *(Pair(1, 2), Counter("aab")),
]


@pytest.mark.parametrize("value", SAME, ids=lambda value: f"{type(value).__name__} {str(value)[:20]}")
def test_a_value_arrives_as_what_it_is_to_the_comparison(value: object) -> None:
    arrived = loads(dumps(value, strict=True))
    assert difference(value, arrived, 0) == difference(arrived, value, 0) == ""


def test_large_values_arrive_whole() -> None:
    large = {"picture": np.ones((700, 700, 3)), "bytes": b"x" * 5_000_000, "text": "x" * 900_000}
    arrived = loads(dumps([dumps(large), 1], strict=True))
    assert difference(large, loads(arrived[0]), 0) == ""


def test_arrays_keep_their_dtype_order_and_whether_they_can_be_written() -> None:
    locked = np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3))
    locked.flags.writeable = False
    arrived = loads(dumps(locked))
    assert arrived.dtype == np.int16 and arrived.flags.f_contiguous and not arrived.flags.writeable
    assert loads(dumps(np.zeros(3))).flags.writeable
    assert loads(dumps(torch.ones(2, requires_grad=True))).requires_grad


def test_no_two_learners_have_the_same_cases() -> None:
    """What a learner has seen of right results, their own or a neighbour's, answers no other notebook."""
    for released in load_course():
        for exercise in released.exercises.values():
            assert exercise.random or not exercise.is_function, exercise.id
            if exercise.random and exercise.probe:  # their cases hold more than arguments, and are cheap
                one, other = (exercise.random(np.random.default_rng(seed)) for seed in (1, 2))
                assert dumps(one, with_networks=True) != dumps(other, with_networks=True), exercise.id


@given(
    arrays.arrays(arrays.scalar_dtypes().filter(lambda dtype: dtype.kind in "biufc"), arrays.array_shapes(min_side=0))
)
def test_any_array_of_numbers_arrives(array: np.ndarray) -> None:
    if array.dtype.itemsize > 16 or array.dtype.str[1:] in ("f16", "c32"):
        return
    arrived = loads(dumps(array))
    assert arrived.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(arrived, array, equal_nan=array.dtype.kind in "fc")


@pytest.mark.parametrize(
    "value",
    [object(), len, Level.LOW, np.ma.array([1], mask=[True]), np.zeros(2).view(np.matrix), iter([])],
    ids=lambda value: type(value).__name__,
)
def test_other_objects_arrive_as_their_type_alone(value: object) -> None:
    arrived = loads(dumps(value))
    assert isinstance(arrived, Opaque)
    assert repr(arrived) == f"<an object of type {type(value).__name__}>"
    assert difference(1, arrived, 0) and difference([1], [arrived], 0) and difference(np.array([1]), arrived, 0)
    with pytest.raises(NotOnTheWire):
        dumps(value, strict=True)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    with pytest.raises(NotOnTheWire):
        loads(content)


def _message(text: str, buffer: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "big") + text.encode() + buffer


HOSTILE = {
    "a negative length": _message('["bytes", -1]'),
    "a length that is none": _message('["bytes", true]', b"1"),
    "bytes missing": _message('["array", "<f8", [3], true, false]', b"1"),
    "bytes left over": _message("1e5", b"1") and _message("null", b"1"),
    "a negative shape": _message('["array", "<f8", [-1], true, false]'),
    "a huge shape": _message('["array", "<f8", [99999999999999], true, false]'),
    "a shape of no bytes but many items": _message('["items", "O", [99999999999], []]'),
    "a dtype of objects": _message('["array", "|O", [1], true, false]', b"12345678"),
    "a dtype of fields": _message('["array", "i4,f8", [1], true, false]', b"123456789012"),
    "an unknown kind": _message('["pickle", "x"]'),
    "a method's name": _message('["__init__", "x"]'),
    "a record that is none": _message('["record", "Exercise", {}]'),
    "deep": _message('["list", [' * 5000 + "null" + "]]" * 5000),
    "an unhashable key": _message('["dict", [[["list", []], null]]]'),
    "a long number": _message(f'["int", "0x{"f" * 5000}"]'),
    "a lie about its length": (2**62).to_bytes(8, "big"),
    "a plain number": _message("3"),
    "nothing": b"",
    "the gradient of whole numbers": _message('["tensor", ["array", "<i8", [1], true, false], true]', b"12345678"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_refused(name: str) -> None:
    with pytest.raises(NotOnTheWire):
        loads(HOSTILE[name], RECORDS)


class Bomb:
    def __reduce__(self) -> tuple:
        return (print, ("boom",))


def test_networks_go_into_the_sandbox_and_never_come_out_of_it(capsys: pytest.CaptureFixture) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())
    message = dumps([net], strict=True, with_networks=True)
    (arrived,) = loads(message, with_networks=True)
    assert torch.equal(arrived(torch.ones(1, 2)), net(torch.ones(1, 2)))
    with pytest.raises(NotOnTheWire, match="who is not trusted"):
        loads(message)
    content = pickle.dumps(Bomb())
    with pytest.raises(NotOnTheWire, match="who is not trusted"):
        loads(_message(f'["network", {len(content)}]', content), RECORDS)
    assert "boom" not in capsys.readouterr().out
    assert isinstance(loads(dumps([net]))[0], Opaque)


def test_what_is_too_large_is_not_sent() -> None:
    loop: list = []
    loop.append(loop)
    for value in (loop, "x" * 2_000_000, np.zeros(2**24)):
        with pytest.raises(NotOnTheWire):
            dumps(value)


def _arrived(outcome: Outcome) -> tuple:
    return outcome.status, outcome.reason, outcome.case, outcome.expected, outcome.got, outcome.hint


@pytest.mark.slow
def test_every_exercise_of_the_course_is_judged_alike_here_and_across_the_wire() -> None:
    for lesson in load_course():
        for exercise in lesson.exercises.values():
            cases, messages = draw(exercise, 5)
            assert len(set(messages)) == len(messages) == len(cases)
            for answer in (exercise.reference, *list(exercise.misconceptions.values())[:3]):
                here = [run(answer, case, exercise.probe) for case in cases]
                there = [
                    run(answer, loads(message, with_networks=True), exercise.probe) for message in messages
                ]  # as the sandbox does
                there = [loads(dumps(result, RECORDS), RECORDS) for result in there]
                if not exercise.is_function:
                    assert _arrived(judge(exercise, here[0])) == _arrived(judge(exercise, there[0])), exercise.id
                    continue
                assert _arrived(assess(exercise, cases, here)) == _arrived(assess(exercise, cases, there)), exercise.id


def test_a_case_that_cannot_be_sent_is_the_authors_mistake() -> None:
    odd = Exercise(id="odd", title="", points=1, reference=len, edges=lambda: [(object(),)])
    with pytest.raises(
        CourseError, match="exercise odd: a case cannot be handed to an answer: an object of type object"
    ):
        draw(odd, 1)


def raw(text: str, behind: bytes = b"") -> bytes:
    """A message as somebody writes it who has never heard of `dumps`."""
    return len(text).to_bytes(8, "big") + text.encode() + behind


FORGED = {
    "a record without fields": raw('["record", "Raised", [1]]'),
    "a tensor of a text": raw('["tensor", "abc", false]'),
    "a scalar of nothing": raw('["scalar", null]'),
    "a dtype that is no Python": raw('["array", "(1i4", [1], true, false]', bytes(4)),
    "a dtype of fields": raw('["array", [["a", "i4"]], [1], true, false]', bytes(4)),
    "sides below 0": raw('["array", "<f4", [-1, -1], true, false]', bytes(4)),
    "a side of True": raw('["array", "<f4", [true], true, false]', bytes(4)),
    "a text longer than any that is sent": raw(f'"{"x" * 1_000_001}"'),
    "texts that take more memory than a message may": raw(json.dumps(["items", "U", [17], ["x" * 10**6, *[""] * 16]])),
    "a pickle": raw('["network", 30]', b"cbuiltins\neval\n(S'1'\ntR......"),
    "a number of no digits": raw('["int", ["0x1"]]'),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_was_made_to_trip_the_reader_is_refused_as_no_message(name: str) -> None:
    with pytest.raises(NotOnTheWire):
        loads(FORGED[name], RECORDS)
    assert read_result(FORGED[name]) == Raised("ResultError", "the result cannot be read")


def test_an_errors_own_words_have_an_end() -> None:
    error = read_result(dumps(Raised("E", "x" * 900_000, ["a list"], for_review=1), RECORDS))
    assert (len(error.message), error.where, error.for_review) == (2000, "['a list']", False)
    exercise = Exercise("x", "x", 1, reference=3)
    assert len(crashed(exercise, "NotInTheRoom", "x" * 10**6).reason) < 3000

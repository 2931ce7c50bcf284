"""Whatever an answer does becomes a result: crashes, endless loops, floods, forks, overwritten inputs, cut graphs."""

import contextlib
import linecache
import os
import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from course_utils.exercises import running, stopwatch
from course_utils.exercises.cards import Card
from course_utils.exercises.core import Exercise, judge
from course_utils.exercises.probes import with_gradient
from course_utils.exercises.running import Changed, Raised, run, run_all

MASK = np.array([[True, False], [True, True]])


def endless(value):
    while True:
        try:
            value = value + 0
        except Exception:
            continue


def test_an_endless_loop_is_stopped_and_gets_a_card(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "SECONDS", 0.3)
    start = time.monotonic()
    exercise = Exercise("e", "E", 1, lambda value: value, edges=lambda: [(k,) for k in range(9)])
    outcome = judge(exercise, endless)
    assert time.monotonic() - start < 5
    assert outcome.reason == "still running after 0 seconds" and "loop" in outcome.hint
    assert len(repr(Card(outcome)).split("\n")) < 25


@pytest.mark.parametrize("way", [stopwatch._by_alarm, stopwatch._by_thread], ids=["alarm", "thread"])
def test_both_ways_to_stop(way):
    with pytest.raises(stopwatch.Stopped), way(0.1):
        endless(1)
    with way(0.05):
        pass
    time.sleep(0.1)  # the alarm of a body that has ended is not heard any more


TRACED = """
import sys
from course_utils.exercises import stopwatch

def endless():
    while True:
        pass

def work():
    return 1

for body in (endless, work):
    try:
        with stopwatch.{way}(0.05):
            body()
    except stopwatch.Stopped:
        pass
sys.settrace(lambda *_: None)
print(work())
"""


@pytest.mark.parametrize("way", ["_by_alarm", "_by_thread"])
def test_python_can_be_traced_after_either_way(way):
    """As debuggers and coverage do; in a process of its own, since it would hang."""
    command = [sys.executable, "-c", TRACED.format(way=way)]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60).stdout == "1\n"


def test_a_swallowed_stop_comes_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stopwatch, "_AGAIN", 0.05)

    def stubborn(_):
        for _ in range(3):
            with contextlib.suppress(BaseException):
                endless(1)
        endless(1)

    assert run(stubborn, (1,), seconds=0.05).kind == "Stopped"


def test_a_flood_is_cut(capsys: pytest.CaptureFixture):
    def flood(value):
        print("looking for a mistake")
        for _ in range(100):
            print("x" * 10_000)
        return value

    assert run_all(flood, [(1,), (2,)]) == [1, 2]
    printed = capsys.readouterr().out
    assert printed.startswith("looking for a mistake\n") and len(printed) < 2_200 and "left out" in printed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_goes_on_alone():
    before = os.getpid()

    def fork(value):
        return value if os.fork() == 0 else -value

    assert run(fork, (1,)) == -1 and os.getpid() == before
    os.wait()


def test_what_a_user_interrupts_is_interrupted():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(interrupted, (1,))


class Silent(BaseException):
    def __str__(self):
        raise ValueError


def test_errors_of_any_kind_are_results():
    def crash(error):
        raise error

    assert run(crash, (Silent(),)) == Raised("Silent", "an error that cannot say what is wrong")
    assert run(crash, (ValueError("x" * 10_000),)).message == "x" * 500


def test_the_line_of_a_crash_is_quoted():
    space: dict = {}
    source = "def f(mask):\n    return mask.no_such_thing\n"
    exec(compile(source, "<cell>", "exec"), space)
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    assert run(space["f"], (MASK,)).where == "return mask.no_such_thing"


@pytest.mark.parametrize(
    "value",
    [
        *(np.arange(3.0), torch.arange(3.0), [1, [2, 3]], {"a": [1]}, [np.nan], np.array([np.nan, 1])),
        *(torch.tensor([1.0, np.nan]), np.array(["a"]), (1, "a", None)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_inputs_that_are_left_alone_are_not_changed(value):
    assert not isinstance(run(lambda first, second: 1, (7, value)), Changed)


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (np.arange(3.0), lambda array: array.__setitem__(0, 5)),
        (np.arange(3.0), lambda array: array.resize(2, refcheck=False)),
        (torch.arange(3.0), lambda tensor: tensor.add_(1)),
        (torch.arange(3.0), lambda tensor: tensor.requires_grad_().data.mul_(2)),
        ([1, [2, 3]], lambda items: items[1].pop()),
        ({"a": [1]}, lambda items: items["a"].append(2)),
        ([3, 1, 2], lambda items: items.sort()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_overwritten_inputs_are_named(value, change):
    result = run(lambda first, second: (change(second), 4)[1], (7, value))
    assert result == Changed(4, 1)
    assert pickle.loads(pickle.dumps(result)) == result


LOSS = Exercise(
    id="loss",
    title="A loss",
    points=1,
    reference=lambda values, targets: ((values - targets) ** 2).mean(),
    edges=lambda: [(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0]))],
    misconceptions={"You summed.": lambda values, targets: ((values - targets) ** 2).sum()},
    probe=with_gradient,
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda values, targets: ((values - targets) ** 2).mean().item(), "carries no gradient"),
        (lambda values, targets: ((values.detach() - targets) ** 2).mean(), "carries no gradient"),
        (lambda values, targets: torch.tensor(2.5, requires_grad=True), "does not hang on the first argument"),
        (lambda values, targets: ((values.detach() - targets) ** 2).mean() + 0 * values.sum(), "'gradient': entry [0]"),
    ],
)
def test_a_loss_through_which_nothing_is_learnt_is_wrong(answer, words):
    outcome = judge(LOSS, answer)
    assert outcome.status == "wrong" and words in outcome.reason


def test_a_loss_is_judged_with_its_gradient():
    assert judge(LOSS, lambda values, targets: torch.nn.functional.mse_loss(values, targets)).status == "right"
    assert judge(LOSS, lambda values, targets: ((values - targets) ** 2).sum()).hint == "You summed."
    assert judge(LOSS, lambda values, targets: None).status == "not attempted"


def test_gradients_are_as_before_whatever_an_answer_does():
    def switches_off(x):
        torch.set_grad_enabled(False)
        return x

    assert torch.is_grad_enabled()
    assert run(switches_off, (1,)) == 1 and torch.is_grad_enabled()
    with torch.no_grad():
        run(lambda x: torch.set_grad_enabled(True), (1,))
        assert not torch.is_grad_enabled()

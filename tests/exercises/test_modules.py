"""Networks as answers: every right way of writing one passes, and every wrong one is told what is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.classroom.grading.judging import compared
from course_utils.exercises import modules
from course_utils.exercises.core import Exercise, judge, run


class Reference(nn.Module):
    """Two convolutions and a residual, a fully connected layer behind."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Linear(channels, outputs)

    def forward(self, x):
        x = x + self.second(self.norm(self.first(x)).relu())
        return self.last(x.mean(dim=(2, 3)))


class Otherwise(nn.Module):
    """The same network with other names, another order of definition, and a convolution for the last layer."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.out = nn.Conv2d(channels, outputs, 1)
        self.b, self.a = (nn.Conv2d(channels, channels, 3, 1, 1) for _ in range(2))
        self.middle = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))

    def forward(self, x):
        y = self.b(self.middle(self.a(x)))
        return self.out((x + y).mean(dim=(2, 3), keepdim=True)).flatten(1)


class Functional(Reference):
    def forward(self, x):
        y = self.norm(F.conv2d(x, self.first.weight, self.first.bias, padding=1)).relu()
        y = F.conv2d(y, self.second.weight, self.second.bias, padding=1)
        return self.last((x + y).mean(dim=(2, 3)))


class NoShortcut(Reference):
    def forward(self, x):
        return self.last(self.second(self.norm(self.first(x)).relu()).mean(dim=(2, 3)))


class Exchanged(Reference):
    def forward(self, x):
        x = x + self.first(self.norm(self.second(x).relu()))
        return self.last(x.mean(dim=(2, 3)))


class Detached(Reference):
    def forward(self, x):
        return super().forward(x).detach()


class PartlyDetached(Reference):
    def forward(self, x):
        x = x + self.second(self.norm(self.first(x.detach())).relu())
        return self.last(x.mean(dim=(2, 3)))


class NoBias(Reference):
    def __init__(self, channels, outputs):
        super().__init__(channels, outputs)
        self.last = nn.Linear(channels, outputs, bias=False)


class TooWide(Reference):
    def __init__(self, channels, outputs):
        super().__init__(channels, outputs)
        self.last = nn.Linear(channels, outputs + 1)


class OneMore(Reference):
    def __init__(self, channels, outputs):
        super().__init__(channels, outputs)
        self.more = nn.Conv2d(channels, channels, 1)


class FrozenStatistics(Reference):
    def forward(self, x):
        self.norm.eval()
        return super().forward(x)


class Stub(nn.Module):
    def __init__(self, channels, outputs):
        super().__init__()
        ...

    def forward(self, x): ...


class NoReturn(Reference):
    def forward(self, x):
        super().forward(x)


class TwoHeads(nn.Module):
    """Two layers that read the same, as an RPN's or a box head's last ones."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.score, self.move = nn.Conv2d(channels, outputs, 1), nn.Conv2d(channels, 4 * outputs, 1)

    def forward(self, x):
        return self.score(x), self.move(x)


class Fused(nn.Module):
    """The same, computed at once."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.both, self.outputs = nn.Conv2d(channels, 5 * outputs, 1), outputs

    def forward(self, x):
        both = self.both(x)
        return both[:, : self.outputs], both[:, self.outputs :]


class Bare(nn.Module):
    """The same with weights that lie in no layer."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.score = nn.Conv2d(channels, outputs, 1)
        self.w = nn.Parameter(torch.zeros(4 * outputs, channels, 1, 1))
        self.b = nn.Parameter(torch.zeros(4 * outputs))

    def forward(self, x):
        return self.score(x), F.conv2d(x, self.w, self.b)


class Listed(TwoHeads):
    """The same with the weights in a list."""

    def __init__(self, channels, outputs):
        nn.Module.__init__(self)
        self.w = nn.ParameterList([torch.zeros(outputs, channels, 1, 1), torch.zeros(4 * outputs, channels, 1, 1)])

    def forward(self, x):
        return F.conv2d(x, self.w[0]), F.conv2d(x, self.w[1])


class Narrow(nn.Module):
    """Half of it, which no weights make right."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.score, self.move = nn.Conv2d(channels, outputs, 1), nn.Conv2d(channels, 2 * outputs, 1)

    def forward(self, x):
        return self.score(x), self.move(x)


def generator():
    return np.random.default_rng(0)


def cases(rng):
    return [modules.case(Reference, (4, 3), (torch.from_numpy(rng.normal(size=(2, 4, 6, 5))).float(),), rng)]


EXERCISE = Exercise(
    "net", "A net", 1, Reference, lambda: cases(generator()), cases, tolerance=modules.TOLERANCE, probe=modules.probe
)


@pytest.mark.parametrize("right", [Reference, Otherwise, Functional, lambda *sizes: Otherwise(*sizes)])
def test_any_right_way_of_writing_it_passes(right):
    outcome = judge(EXERCISE, right)
    assert outcome.status == "right", outcome.reason


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (NoShortcut, "'output'"),
        (Exchanged, "'output'"),
        (PartlyDetached, "'gradient of the input'"),
        (Detached, "no gradient comes back"),
        (NoBias, "your fully connected layer from 4 to 3 has no bias"),
        (TooWide, "asked for: a fully connected layer from 4 to 3. Your module has instead: a fully connected layer"),
        (OneMore, "has more than is asked for: a 1x1 convolution from 4 to 4 channels"),
        (FrozenStatistics, "'in training': 'output'"),
        (NoReturn, "the result is a NoneType without tensors; is it returned?"),
        (lambda *sizes: 3, "makes a int"),
        (lambda *sizes: nn.Flatten(), "has no weights"),
        (lambda sizes: None, "your code raised TypeError"),
    ],
)
def test_a_wrong_one_is_told_what_is_wrong(wrong, reason):
    outcome = judge(EXERCISE, wrong)
    assert outcome.status == "wrong" and reason in outcome.reason


@pytest.mark.parametrize(
    ("answer", "status"),
    [(TwoHeads, "passed"), (Fused, "needs review"), (Bare, "needs review")]
    + [(Listed, "needs review"), (Narrow, "failed")],
)
def test_weights_kept_in_another_way_are_for_review_with_a_way_out(answer, status):
    """They cannot be tried, though they may be right."""

    def two_heads(rng):
        return [modules.case(TwoHeads, (4, 3), (torch.from_numpy(rng.normal(size=(1, 4, 3, 3))).float(),), rng)]

    exercise = replace(EXERCISE, reference=TwoHeads, edges=lambda: two_heads(generator()), random=None)
    cases = exercise.draw_cases(0)
    result = compared(exercise, cases, [run(answer, case, exercise.probe) for case in cases], True)
    assert result.status == status
    advice = "keep the weights in a layer of torch.nn for each one that is asked for"
    assert (advice in result.reason) == (advice in judge(exercise, answer).reason) == (status == "needs review")


def test_layers_in_a_plain_list_are_pointed_at():
    class Listed(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.layers = [Reference(*sizes)]

        def forward(self, x):
            return self.layers[0](x)

    reason = judge(EXERCISE, Listed).reason
    assert "no weights" in reason and "the plain list `self.layers`: nn.ModuleList" in reason


def test_two_declared_mistakes_at_once_are_recognised():
    class NoReLU(Reference):
        def forward(self, x):
            x = x + self.second(self.norm(self.first(x)))
            return self.last(x.mean(dim=(2, 3)))

    class Halved(Reference):
        def __init__(self, channels, outputs):
            super().__init__(channels, outputs)
            self.second.register_forward_hook(lambda layer, inputs, output: output / 2)

    class Both(Reference):
        def forward(self, x):
            x = x + self.second(self.norm(self.first(x))) / 2
            return self.last(x.mean(dim=(2, 3)))

    exercise = replace(EXERCISE, misconceptions={"no ReLU": NoReLU, "halved": Halved})
    outcome = judge(exercise, Both)
    assert outcome.named and outcome.hint.startswith("no ReLU")


def test_a_stub_is_not_attempted():
    assert judge(EXERCISE, Stub).status == "not attempted"


def test_layers_of_one_shape_are_told_apart_by_the_maps_that_they_read():
    class Levels(nn.Module):
        def __init__(self, order):
            super().__init__()
            self.convs, self.order = nn.ModuleList(nn.Conv2d(2, 2, 1) for _ in range(3)), order

        def forward(self, maps):
            results = {k: self.convs[k](maps[k]) for k in self.order}
            return [results[k] for k in range(3)]

    def level_cases(rng):
        maps = [torch.from_numpy(rng.normal(size=(1, 2, n, n))).float() for n in (8, 4, 2)]
        return [modules.case(lambda: Levels((0, 1, 2)), (), (maps,), rng)]

    exercise = Exercise(
        "levels",
        "L",
        1,
        lambda: Levels((0, 1, 2)),
        lambda: level_cases(generator()),
        tolerance=modules.TOLERANCE,
        probe=modules.probe,
    )
    assert judge(exercise, lambda: Levels((2, 1, 0))).status == "right"


def test_the_case_for_people_is_short():
    assert modules.words(cases(np.random.default_rng(0))[0]) == "made with 4, 3\nshapes of the inputs: (2, 4, 6, 5)"

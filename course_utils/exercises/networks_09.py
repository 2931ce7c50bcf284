"""Exercises of lesson 09 whose answers are the heads themselves: two networks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.exercises import modules
from course_utils.exercises.core import Case, Exercise


class BoxHead(nn.Module):
    """The reference of the box head; what differs in a mistake is a class attribute or a method."""

    second_relu = True

    def __init__(self, inputs: int, width: int, classes: int):
        super().__init__()
        self.fc6, self.fc7 = nn.Linear(inputs, width), nn.Linear(width, width)
        self.name, self.move = nn.Linear(width, classes), nn.Linear(width, 4 * classes)

    def hidden(self, x: Tensor) -> Tensor:
        """``(R, C, 7, 7) -> (R, width)``."""
        hidden = self.fc7(self.fc6(x.flatten(1)).relu())
        return hidden.relu() if self.second_relu else hidden

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(R, C, 7, 7) -> (R, classes), (R, classes, 4)``."""
        hidden = self.hidden(x)
        return self.name(hidden), self.move(hidden).unflatten(1, (-1, 4))


class _NoFirstReLU(BoxHead):
    def hidden(self, x: Tensor) -> Tensor:
        return self.fc7(self.fc6(x.flatten(1))).relu()


class _NoSecondReLU(BoxHead):
    second_relu = False


class _Scores(BoxHead):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = super().forward(x)
        return logits.softmax(dim=1), deltas


class _Flat(BoxHead):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = super().forward(x)
        return logits, deltas.flatten(1)


class _ByNumber(BoxHead):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(x)
        return self.name(hidden), self.move(hidden).unflatten(1, (4, -1)).transpose(1, 2)


class _Chained(BoxHead):
    """Both outputs from the first hidden layer."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first = self.fc6(x.flatten(1)).relu()
        return self.name(self.fc7(first).relu()), self.move(first).unflatten(1, (-1, 4))


class _NoBackgroundBox(BoxHead):
    def __init__(self, inputs: int, width: int, classes: int):
        super().__init__(inputs, width, classes)
        self.move = nn.Linear(width, 4 * (classes - 1))


class _OnlyLogits(BoxHead):
    def forward(self, x: Tensor) -> Any:  # one tensor where two belong
        return super().forward(x)[0]


class _OutputsCutOff(BoxHead):
    """A ReLU after the last layers as well."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = super().forward(x)
        return logits.relu(), deltas.relu()


class _DeltasCutOff(BoxHead):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = super().forward(x)
        return logits, deltas.relu()


class _NoReLU(BoxHead):
    def hidden(self, x: Tensor) -> Tensor:
        return self.fc7(self.fc6(x.flatten(1)))


def _between(activation: Callable[[Tensor], Tensor]) -> type[BoxHead]:
    """Another function in place of the ReLUs."""

    def hidden(self: BoxHead, x: Tensor) -> Tensor:
        return activation(self.fc7(activation(self.fc6(x.flatten(1)))))

    return type("_Between", (BoxHead,), {"hidden": hidden})


def _given(change: Callable[[Tensor, Tensor], Any]) -> type[BoxHead]:
    """Right logits and deltas, changed on their way out."""

    class Given(BoxHead):
        def forward(self, x: Tensor) -> Any:
            return change(*super().forward(x))

    return Given


def _hidden(hidden: Callable[[BoxHead, Tensor], Tensor]) -> type[BoxHead]:
    """Other hidden layers."""
    return type("_Hidden", (BoxHead,), {"hidden": hidden})


def _outputs(names: int, moves: int) -> type[BoxHead]:
    """So many classes more than were asked for: of the logits, and of the deltas."""

    class Outputs(BoxHead):
        def __init__(self, inputs: int, width: int, classes: int):
            super().__init__(inputs, width, classes)
            self.name, self.move = nn.Linear(width, classes + names), nn.Linear(width, 4 * (classes + moves))

    return Outputs


class _OneBox(BoxHead):
    def __init__(self, inputs: int, width: int, classes: int):
        super().__init__(inputs, width, classes)
        self.move = nn.Linear(width, 4)


class _NoFirstReLUAndScores(_NoFirstReLU):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, deltas = super().forward(x)
        return logits.softmax(dim=1), deltas


class _AllInOneRow(BoxHead):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.fc7(self.fc6(x.flatten()).relu()).relu()
        return self.name(hidden), self.move(hidden).reshape(-1, self.name.out_features, 4)


class _NotFlattened(BoxHead):
    def hidden(self, x: Tensor) -> Tensor:
        return self.fc7(self.fc6(x).relu()).relu()


def _box_case(rng: Generator, rois: int, channels: int, width: int, classes: int) -> Case:
    features = torch.from_numpy(rng.normal(size=(rois, channels, 7, 7))).float()
    return modules.case(BoxHead, (channels * 49, width, classes), (features,), rng)


def _box_edges() -> list[Case]:
    rng = np.random.default_rng(9)
    return [_box_case(rng, 2, 1, 5, 3), _box_case(rng, 5, 3, 11, 7), _box_case(rng, 1, 2, 6, 2)]


# --- the mask head -----------------------------------------------------------------------------------------------


class MaskHead(nn.Module):
    """The reference of the mask head."""

    last_relu = True

    def __init__(self, channels: int, width: int, classes: int):
        super().__init__()
        layers: list[nn.Module] = []
        for inputs in (channels, width, width, width):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
        self.look = nn.Sequential(*layers)
        self.enlarge, self.draw = self.enlarging(width), nn.Conv2d(width, classes, 1)

    def enlarging(self, width: int) -> nn.Module:
        """The layer that doubles rows and columns."""
        return nn.ConvTranspose2d(width, width, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """``(R, channels, 14, 14) -> (R, classes, 28, 28)``."""
        large = self.enlarge(self.look(x))
        return self.draw(large.relu() if self.last_relu else large)


class _NoLastReLU(MaskHead):
    last_relu = False


def _changed(change: Callable[[Any, int, int], None]) -> type[MaskHead]:
    """A head whose layers are changed after they are made: ``change(head, width, classes)``."""

    class Changed(MaskHead):
        def __init__(self, channels: int, width: int, classes: int):
            super().__init__(channels, width, classes)
            change(self, width, classes)

    return Changed


def _layers(*places: int) -> type[MaskHead]:
    """Only those of the eight layers (convolutions are even, ReLUs odd) are used, all are made."""

    class Layers(MaskHead):
        def forward(self, x: Tensor) -> Tensor:
            for place in places:
                x = self.look[place](x)
            return self.draw(self.enlarge(x).relu())

    return Layers


def _drawn(draw: Callable[[MaskHead, Tensor], Tensor]) -> type[MaskHead]:
    """Another end: ``draw(head, features)``."""
    return type("_Drawn", (MaskHead,), {"forward": lambda self, x: draw(self, self.look(x))})


def _no_padding(head: MaskHead, width: int, classes: int) -> None:
    for layer in head.look:
        if isinstance(layer, nn.Conv2d):
            layer.padding = (0, 0)


def _last_of_three(head: MaskHead, width: int, classes: int) -> None:
    head.draw = nn.Conv2d(width, classes, 3, padding=1)


def _one_less(head: MaskHead, width: int, classes: int) -> None:
    head.draw = nn.Conv2d(width, classes - 1, 1)


def _one_more(head: MaskHead, width: int, classes: int) -> None:
    head.draw = nn.Conv2d(width, classes + 1, 1)


def _reads_width(head: MaskHead, width: int, classes: int) -> None:
    head.look[0] = nn.Conv2d(width, width, 3, padding=1)


def _enlarged(kernel: int, stride: int = 1, padding: int = 0, more: int = 0) -> type[MaskHead]:
    """Another transposed convolution; ``more`` is added to one side of its output."""

    def enlarging(self: MaskHead, width: int) -> nn.Module:
        return nn.ConvTranspose2d(width, width, kernel, stride, padding, more)

    return type("_Enlarged", (MaskHead,), {"enlarging": enlarging})


class _LogitsCutOff(MaskHead):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu()


class _Competing(MaskHead):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(dim=1)


class _NoLastReLUAndProbabilities(_NoLastReLU):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).sigmoid()


class _Interpolated(MaskHead):
    def enlarging(self, width: int) -> nn.Module:
        return nn.Upsample(scale_factor=2, mode="bilinear")


class _Probabilities(MaskHead):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).sigmoid()


class _ThreeConvolutions(MaskHead):
    def __init__(self, channels: int, width: int, classes: int):
        super().__init__(channels, width, classes)
        self.look = self.look[:6]


class _NoReLUs(MaskHead):
    def __init__(self, channels: int, width: int, classes: int):
        super().__init__(channels, width, classes)
        self.look = nn.Sequential(*[layer for layer in self.look if isinstance(layer, nn.Conv2d)])


class _OneMask(MaskHead):
    def __init__(self, channels: int, width: int, classes: int):
        super().__init__(channels, width, classes)
        self.draw = nn.Conv2d(width, 1, 1)


def _mask_case(rng: Generator, rois: int, channels: int, width: int, classes: int, size: int) -> Case:
    features = torch.from_numpy(rng.normal(size=(rois, channels, size, size))).float()
    return modules.case(MaskHead, (channels, width, classes), (features,), rng)


def _mask_edges() -> list[Case]:
    rng = np.random.default_rng(10)
    return [_mask_case(rng, 1, 2, 3, 4, 4), _mask_case(rng, 3, 5, 6, 7, 14)]


NETWORKS = [
    Exercise(
        id="box-head",
        title="The box head, a network",
        points=3,
        shortcuts=(
            "torchvision.models.detection.faster_rcnn.TwoMLPHead",
            "torchvision.models.detection.faster_rcnn.FastRCNNPredictor",
            "torchvision.models.detection.faster_rcnn.FastRCNNConvFCHead",
        ),
        reference=BoxHead,
        edges=_box_edges,
        random=lambda rng: [_box_case(rng, 3, 2, 6, 4)],
        tolerance=modules.TOLERANCE,
        probe=modules.probe,
        misconceptions={
            "After the first fully connected layer a ReLU is missing: two layers without one between them are no "
            "more than "
            "a single layer.": _NoFirstReLU,
            "The ReLU after the second fully connected layer is missing.": _NoSecondReLU,
            "Your class scores have been through a softmax already. Give logits: the loss and the read-out do that.": (
                _Scores
            ),
            "The deltas are still in one row: (R, classes, 4) is asked for, four to each class.": _Flat,
            "The four deltas of one class stand side by side in the layer's output: class by class, not all dx "
            "first.": (_ByNumber),
            "Only the logits come back. The deltas are asked for as well: two results.": _OnlyLogits,
            "A ReLU behind the last layers cuts off all that is negative. Logits and deltas may be.": _OutputsCutOff,
            "A ReLU behind the deltas cuts off all that is negative: no box could move to the left.": _DeltasCutOff,
            "The ReLUs are missing: without them the two fully connected layers are no more than one.": _NoReLU,
            "You put sigmoids between the layers. Here they are ReLUs.": _between(torch.sigmoid),
            "You put tanh between the layers. Here they are ReLUs.": _between(torch.tanh),
            "You put leaky ReLUs between the layers. Here they are plain ones.": _between(F.leaky_relu),
            "You put GELUs between the layers. Here they are ReLUs.": _between(F.gelu),
            "Your class scores have been through the logarithm of a softmax already. Give logits: the loss does "
            "that.": (_given(lambda logits, deltas: (logits.log_softmax(dim=1), deltas))),
            "Your class scores have been through a softmax, and one over the RoIs at that. Give logits.": (
                _given(lambda logits, deltas: (logits.softmax(dim=0), deltas))
            ),
            "A ReLU behind the layer of the classes cuts off all that is negative. Logits may be.": (
                _given(lambda logits, deltas: (logits.relu(), deltas))
            ),
            "The two have changed places: logits first, then deltas.": (
                _given(lambda logits, deltas: (deltas, logits))
            ),
            "Only the deltas come back. The logits are asked for as well: two results.": (
                _given(lambda logits, deltas: deltas)
            ),
            "Your deltas are cut into four rows for each RoI. Asked is a row of four for each class: (R, classes, "
            "4).": (_given(lambda logits, deltas: (logits, deltas.reshape(len(deltas), 4, -1)))),
            "Four deltas for each RoI are too few: each class has four of its own.": _OneBox,
            "`classes` counts the background already: as many logits as that, not one less.": _outputs(-1, 0),
            "`classes` counts the background already: as many logits as that, not one more.": _outputs(1, 0),
            "`classes` counts the background already. Logits and deltas have one class too many.": _outputs(1, 1),
            "`classes` counts the background already. Logits and deltas have one class too few.": _outputs(-1, -1),
            "You took the mean over each map. Here every place has weights of its own: flatten, so that all 7 x 7 "
            "stay.": (_hidden(lambda self, x: self.fc7(self.fc6(x.mean(dim=(2, 3))).relu()).relu())),
            "The second fully connected layer is made, and never used.": (
                _hidden(lambda self, x: self.fc6(x.flatten(1)).relu())
            ),
            "The first fully connected layer is used twice, and the second never.": (
                _hidden(lambda self, x: self.fc6(self.fc6(x.flatten(1)).relu()).relu())
            ),
            "The channels came last when you flattened. The weights expect the features as they are, (C, 7, 7), "
            "channel "
            "after channel.": (
                _hidden(lambda self, x: self.fc7(self.fc6(x.permute(0, 2, 3, 1).flatten(1)).relu()).relu())
            ),
            "After the first fully connected layer a ReLU is missing. (That is not all: logits are asked for, without "
            "a softmax.)": _NoFirstReLUAndScores,
            "You made one row of all RoIs together. Each keeps its own: x.flatten(1) begins with axis 1.": _AllInOneRow,
            "A fully connected layer wants one row of numbers for each RoI, and the features have rows, columns and "
            "channels: flatten them first.": _NotFlattened,
            "Both outputs start from the same features, those behind the second fully connected layer.": _Chained,
            "Here the background has a box too, as in torchvision: 4 * classes outputs.": _NoBackgroundBox,
        },
        hints=(
            "What does a fully connected layer want to be given, and in which shape do the features come?",
            "Four fully connected layers: two one after the other, each with a ReLU; behind them two beside each "
            "other.",
            "x.flatten(1) makes (R, C * 49) of (R, C, 7, 7). inputs -> width -> width, a ReLU after each. Then "
            "width -> classes, and width -> 4 * classes, the latter unflattened to (R, classes, 4): the four of a "
            "class stand side by side.",
        ),
    ),
    Exercise(
        id="mask-head",
        title="The mask head, a network",
        points=3,
        shortcuts=(
            "torchvision.models.detection.mask_rcnn.MaskRCNNHeads",
            "torchvision.models.detection.mask_rcnn.MaskRCNNPredictor",
        ),
        reference=MaskHead,
        edges=_mask_edges,
        random=lambda rng: [_mask_case(rng, 2, 3, 4, 3, 5)],
        tolerance=modules.TOLERANCE,
        probe=modules.probe,
        misconceptions={
            "A ReLU belongs between the transposed convolution and the 1x1.": _NoLastReLU,
            "After the fourth 3x3 convolution a ReLU is missing, as after each of the others.": (
                _layers(0, 1, 2, 3, 4, 5, 6)
            ),
            "After the first 3x3 convolution a ReLU is missing, as after each of the others.": (
                _layers(0, 2, 3, 4, 5, 6, 7)
            ),
            "After the second 3x3 convolution a ReLU is missing, as after each of the others.": (
                _layers(0, 1, 2, 4, 5, 6, 7)
            ),
            "After the third 3x3 convolution a ReLU is missing, as after each of the others.": (
                _layers(0, 1, 2, 3, 4, 6, 7)
            ),
            "Only after the first 3x3 convolution is there a ReLU. One belongs after each.": _layers(0, 1, 2, 4, 6),
            "Only after the last 3x3 convolution is there a ReLU. One belongs after each.": _layers(0, 2, 4, 6, 7),
            "The fourth 3x3 convolution is made, and never used.": _layers(0, 1, 2, 3, 4, 5),
            "A 3x3 convolution is used twice, and another never. Each has weights of its own.": (
                _layers(0, 1, 2, 3, 2, 3, 6, 7)
            ),
            "Your maps lose their border with each 3x3 convolution: padding=1 keeps the size.": _changed(_no_padding),
            "The first convolution reads the features: it has `channels` of them coming in, not `width`.": (
                _changed(_reads_width)
            ),
            "The last convolution looks at one cell: 1x1, not 3x3.": _changed(_last_of_three),
            "`classes` counts the background already: as many masks as that, not one less.": _changed(_one_less),
            "`classes` counts the background already: as many masks as that, not one more.": _changed(_one_more),
            "The transposed convolution is made, and never used: your map keeps its size.": (
                _drawn(lambda head, x: head.draw(x))
            ),
            "Your masks lie in one row. They keep rows and columns: (R, classes, 28, 28).": (
                _drawn(lambda head, x: head.draw(head.enlarge(x).relu()).flatten(2))
            ),
            "Without stride=2 a transposed convolution does not double the map: its squares overlap.": _enlarged(2),
            "Your transposed convolution has a kernel of 3. With kernel 2 and stride 2 each cell becomes a square of "
            "its own.": _enlarged(3, 2, 1, 1),
            "A ReLU behind the last convolution cuts off all that is negative: no pixel could ever be a clear "
            "no.": _LogitsCutOff,
            "Your classes compete in every pixel, by a softmax. Give logits: here each class is a yes or no of its own,"
            " and even that comes later.": _Competing,
            "A ReLU belongs between the transposed convolution and the 1x1. (That is not all: logits are asked for, "
            "without a sigmoid.)": _NoLastReLUAndProbabilities,
            "You enlarged by interpolation. Here the network learns how to enlarge: a transposed convolution of "
            "kernel 2 "
            "and stride 2.": _Interpolated,
            "Your masks have been through a sigmoid. Give logits: the loss and the read-out do that.": _Probabilities,
            "There are four 3x3 convolutions, yours has three.": _ThreeConvolutions,
            "The ReLUs after the 3x3 convolutions are missing: without them the four are no more than one.": _NoReLUs,
            "One mask for each class is asked for: the last convolution has as many outputs as there are classes.": (
                _OneMask
            ),
            "Your transposed convolution has a kernel of 4. With kernel 2 and stride 2 each cell becomes a square of "
            "its own.": _enlarged(4, 2, 1),
        },
        hints=(
            "Which of the layers changes the number of channels, and which one the size of the map?",
            "Four times a 3x3 convolution with a ReLU; a transposed convolution that doubles the size, with a ReLU; "
            "a 1x1 "
            "that makes a channel for each class.",
            "nn.Conv2d(..., 3, padding=1) four times, the first from `channels` to `width`; "
            "nn.ConvTranspose2d(width, width, "
            "2, stride=2); nn.Conv2d(width, classes, 1). ReLU after all but the last.",
        ),
    ),
]

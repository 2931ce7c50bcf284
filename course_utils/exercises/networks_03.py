"""The two exercises of lesson 03 on networks: what is right, the mistakes people make, and the cases."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.exercises.core import Case, Exercise

Batches = list[tuple[Tensor, Tensor]]
"""Images ``(B, C, H, W)`` with their targets ``(B, 1, H, W)``, batch by batch."""


def patch_logits(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    """The forward pass of a network of two convolutions; see the lesson for the arguments."""
    features = _two_layers(images, kernels, biases)
    return F.conv2d(F.max_pool2d(features.relu(), 2), last, last_bias)


def _two_layers(images: Tensor, kernels: Tensor, biases: Tensor) -> Tensor:
    return F.conv2d(images, kernels, biases, padding=1)


def _logits_without_padding(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return F.conv2d(F.max_pool2d(F.conv2d(images, kernels, biases).relu(), 2), last, last_bias)


def _logits_without_relu(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return F.conv2d(F.max_pool2d(_two_layers(images, kernels, biases), 2), last, last_bias)


def _logits_averaged(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return F.conv2d(F.avg_pool2d(_two_layers(images, kernels, biases).relu(), 2), last, last_bias)


def _logits_not_pooled(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return F.conv2d(_two_layers(images, kernels, biases).relu(), last, last_bias)


def _logits_relu_at_the_end(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return patch_logits(images, kernels, biases, last, last_bias).relu()


def _logits_squashed(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return patch_logits(images, kernels, biases, last, last_bias).sigmoid()


def _logits_no_bias(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    return patch_logits(images, kernels, torch.zeros_like(biases), last, torch.zeros_like(last_bias))


def _logits_last_padded(images: Tensor, kernels: Tensor, biases: Tensor, last: Tensor, last_bias: Tensor) -> Tensor:
    features = _two_layers(images, kernels, biases)
    return F.conv2d(F.max_pool2d(features.relu(), 2), last, last_bias, padding=1)


def _network_case(rng: Generator, images: tuple[int, int, int, int], channels: int) -> Case:
    def draw(*shape: int) -> Tensor:
        return torch.from_numpy(rng.integers(-4, 5, size=shape) / 2)

    return draw(*images), draw(channels, images[1], 3, 3), draw(channels), draw(1, channels, 1, 1), draw(1)


def _logits_edges() -> list[Case]:
    image = torch.tensor([[[[0.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]]]]).double()
    spot = torch.tensor([[[[0.0, 0, 0], [0, 3, -1], [0, 0, 0]]]]).double()
    numbers = [torch.tensor(value).double() for value in ([-0.5], [[[[-2.0]]]], [0.25])]
    rng = np.random.default_rng(3)
    # An odd side leaves a row or column without a partner; the largest one is as a learner would use it.
    sizes = [((2, 3, 6, 4), 2), ((1, 2, 5, 7), 3), ((3, 3, 32, 40), 4)]
    return [(image, spot, *numbers), *(_network_case(rng, *size) for size in sizes)]


def _logits_random(rng: Generator) -> list[Case]:
    return [_network_case(rng, (2, 3, 8, 6), 4), _network_case(rng, (1, 1, 4, 10), 2)]


def train_epoch(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    """One pass over all batches with plain gradient descent; the model's parameters change.

    Args:
        model: gives a logit for each place. batches: see `Batches`. rate: learning rate.

    Returns:
        The loss of each batch before the step that it caused.
    """
    losses = []
    parameters: list[Tensor] = list(model.parameters())
    for images, targets in batches:
        loss = F.binary_cross_entropy_with_logits(model(images), targets)
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter -= rate * slope
        losses.append(loss.item())
    return losses


Trainer = Callable[[nn.Module, Batches, float], list[float]]


def _train(
    model: nn.Module,
    batches: Batches,
    rate: float,
    loss_of: Callable[..., Tensor] = F.binary_cross_entropy_with_logits,
    collect: bool = False,
) -> list[float]:
    """The usual loop, with mistakes to choose from."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for images, targets in batches:
        loss = loss_of(model(images), targets)
        if not collect:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _train_collecting(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return _train(model, batches, rate, collect=True)


def _train_standing_still(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return train_epoch(model, batches, 0.0)


def _train_uphill(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return train_epoch(model, batches, -rate)


def _train_squashed_twice(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return _train(model, batches, rate, lambda x, y: F.binary_cross_entropy_with_logits(x.sigmoid(), y))


def _train_summed(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return _train(model, batches, rate, lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="sum"))


def _train_squares(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return _train(model, batches, rate, lambda x, y: F.mse_loss(x.sigmoid(), y))


def _train_first_batch(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    return train_epoch(model, batches[:1], rate)


def _train_loss_after(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    losses = []
    for batch in batches:
        train_epoch(model, [batch], rate)
        losses += train_epoch(model, [batch], 0.0)
    return losses


def _train_adamw(model: nn.Module, batches: Batches, rate: float) -> list[float]:
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    losses = []
    for images, targets in batches:
        loss = F.binary_cross_entropy_with_logits(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _train_mean(model: nn.Module, batches: Batches, rate: float) -> float:
    losses = train_epoch(model, batches, rate)
    return sum(losses) / max(len(losses), 1)


def _model(rng: Generator, channels: int, width: int) -> nn.Sequential:
    """A network of two convolutions with weights from a generator of its own: torch's stays where it was."""
    layers = [(channels, width, 3, 1), (width, 1, 1, 0)]
    first, last = (nn.utils.skip_init(nn.Conv2d, i, o, k, padding=p, dtype=torch.double) for i, o, k, p in layers)
    model = nn.Sequential(first, nn.ReLU(), last)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.integers(-3, 4, size=tuple(parameter.shape)) / 4))
    return model


def _training_case(rng: Generator, shapes: list[tuple[int, int, int]], rate: float) -> Case:
    """A model of 2 channels, and batches of these shapes (images, height, width)."""

    def batch(count: int, height: int, width: int) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(rng.integers(-2, 3, size=(count, 2, height, width)) / 2)
        return images, torch.from_numpy(rng.integers(0, 2, size=(count, 1, height, width)).astype(float))

    return _model(rng, 2, 3), [batch(*shape) for shape in shapes], rate


def _training_edges() -> list[Case]:
    rng = np.random.default_rng(5)
    line = nn.utils.skip_init(nn.Conv2d, 1, 1, 1, dtype=torch.double)
    with torch.no_grad():
        line.weight.fill_(0.5)
        line.bias.fill_(0.0)
    pixel = torch.full((1, 1, 1, 1), 2.0).double(), torch.zeros(1, 1, 1, 1).double()
    return [
        (line, [pixel, pixel, pixel, pixel], 1.0),
        _training_case(rng, [(2, 4, 5), (2, 4, 5), (1, 4, 5), (2, 4, 5)], 0.5),
        _training_case(rng, [(1, 3, 3)], 0.1),
        (line, [], 0.1),
    ]


def _training_random(rng: Generator) -> list[Case]:
    return [_training_case(rng, [(2, 5, 4)] * 5, rate) for rate in (0.2, 0.6)]


PATCH_LOGITS = Exercise(
    id="patch-logits",
    title="The forward pass of a small network",
    points=2,
    reference=patch_logits,
    edges=_logits_edges,
    random=_logits_random,
    misconceptions={
        "Your map is smaller than half the image: the first convolution needs padding=1, so that its 3x3 "
        "windows have a place around each pixel of the border too.": _logits_without_padding,
        "Your ReLU is missing. Without it the two convolutions are no more than one.": _logits_without_relu,
        "You pooled by the mean. Max pooling keeps the largest of each four.": _logits_averaged,
        "Your map is as large as the image: the pooling is missing.": _logits_not_pooled,
        "There is a ReLU after the last layer. A logit may be negative: it means no.": _logits_relu_at_the_end,
        "You turned the logits into probabilities. The loss will do that itself.": _logits_squashed,
        "The biases are missing: F.conv2d takes them as its third argument.": _logits_no_bias,
        "Only the first convolution is padded. A 1x1 kernel hangs over no border; padding it adds a frame of "
        "places that see nothing.": _logits_last_padded,
    },
    hints=(
        "Which shape goes into each of the four steps, and which comes out?",
        "Four steps in a row, each taking what the one before gave. Only the first convolution needs padding; the "
        "last has a kernel of 1x1.",
        "Convolve with kernels and biases and padding=1, set what is negative to 0 with relu, keep the largest of "
        "each 2 x 2 with max_pool2d, convolve with last and last_bias.",
    ),
)

TRAIN_EPOCH = Exercise(
    id="train-epoch",
    title="A training loop",
    points=3,
    reference=train_epoch,
    edges=_training_edges,
    random=_training_random,
    misconceptions={
        "Your slopes pile up: backward() adds to those that are there already. Set them back before each step, "
        "with optimizer.zero_grad().": _train_collecting,
        "The model has learnt nothing: its parameters are what they were. Either no step is taken, or the "
        "slopes are set to zero between backward() and the step.": _train_standing_still,
        "Your model climbs: the parameters have to move against the slope.": _train_uphill,
        "You squashed the logits before the loss, which does it itself. (That is what with_logits means.)": (
            _train_squashed_twice
        ),
        "You added up the losses of all places. Here it is their mean, which is what the function gives by "
        "itself.": _train_summed,
        "That is the squared error. Asked for is F.binary_cross_entropy_with_logits.": _train_squares,
        "You stopped after the first batch. Is the return inside of the loop?": _train_first_batch,
        "You measured each loss after its step. Asked for is the loss that the step was made from.": (
            _train_loss_after
        ),
        "That is AdamW. Asked for is plain gradient descent: torch.optim.SGD without momentum.": _train_adamw,
        "You gave the mean. Asked for is a list with the loss of each batch.": _train_mean,
    },
    hints=(
        "What must happen between the loss of one batch and the next batch, so that the model is a little better "
        "there?",
        "One optimizer for the whole epoch, made before the loop; in the loop the loss, three calls that make a "
        "step of it, and the list.",
        "For each batch: the loss of model(images) against targets, then zero_grad, backward and step, then append "
        "the loss as a plain number.",
    ),
)

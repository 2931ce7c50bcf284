"""The exercise of lesson 05 that counts what a convolution costs."""

from collections.abc import Callable

from numpy.random import Generator

from course_utils.exercises.core import Case, Exercise


def convolution_cost(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    """Weights of a convolution without bias, and its multiply-adds for an output of ``size`` x ``size`` pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * size**2


def _costs(
    weights: Callable[[int, int, int, int], int] = lambda i, o, k, g: o * (i // g) * k**2,
    adds: Callable[[int, int], int] = lambda weights, size: weights * size**2,
) -> Callable[..., tuple[int, int]]:
    """Other ``weights(inputs, outputs, kernel, groups)`` or multiply-adds."""

    def answer(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
        count = weights(inputs, outputs, kernel, groups)
        return count, adds(count, size)

    return answer


def _of_the_input(inputs: int, outputs: int, kernel: int, groups: int, size: int) -> tuple[int, int]:
    weights, _ = convolution_cost(inputs, outputs, kernel, groups, size)
    return weights, weights * (size + kernel - 1) ** 2


def _cost_edges() -> list[Case]:
    plain = [(2, 3, 3, 1, 4), (3, 64, 7, 1, 160), (64, 256, 1, 1, 80), (5, 4, 2, 1, 1)]
    grouped = [(4, 6, 3, 2, 5), (128, 128, 3, 32, 80), (16, 16, 5, 16, 7), (1024, 1024, 3, 32, 10)]
    return [*plain, *grouped]


def _cost_random(rng: Generator) -> list[Case]:
    cases: list[Case] = []
    for groups in (1, 2, 4, 8):
        inputs, outputs = (groups * int(rng.integers(2, 20)) for _ in range(2))
        cases.append((inputs, outputs, int(rng.choice([3, 5])), groups, int(rng.integers(5, 60))))
    return cases


COST = Exercise(
    id="convolution-cost",
    title="Weights and multiply-adds of a convolution",
    points=2,
    whole=True,
    reference=convolution_cost,
    edges=_cost_edges,
    random=_cost_random,
    misconceptions={
        "You counted as if every output channel read all input channels. With groups it reads only those of its own "
        "group: inputs / groups.": _costs(lambda i, o, k, g: o * i * k**2),
        "You divided by groups twice. Each output channel reads fewer inputs, but there are as many outputs as "
        "before.": _costs(lambda i, o, k, g: o // g * (i // g) * k**2),
        "You multiplied by the groups. They make a convolution cheaper: each output channel reads fewer inputs.": (
            _costs(lambda i, o, k, g: o * i * g * k**2)
        ),
        "You counted one output channel only. Each has a kernel of its own.": _costs(lambda i, o, k, g: i // g * k**2),
        "You counted as if an output channel read one input channel only. It reads all of its group, with a kernel for "
        "each.": _costs(lambda i, o, k, g: o * k**2),
        "A kernel is a square: it has kernel * kernel weights for each channel that it reads.": (
            _costs(lambda i, o, k, g: o * (i // g) * k)
        ),
        "You counted the bias as well. Here there is none.": _costs(lambda i, o, k, g: o * (i // g) * k**2 + o),
        "The kernel runs over each pixel, but it is not stored for each: weights do not depend on the size of the "
        "map.": lambda i, o, k, g, size: (convolution_cost(i, o, k, g, size)[1],) * 2,
        "The output has size * size pixels, and each of them costs as many multiply-adds as there are weights.": (
            _costs(adds=lambda weights, size: weights * size)
        ),
        "A multiplication and the addition after it count as one multiply-add: not twice.": (
            _costs(adds=lambda weights, size: 2 * weights * size**2)
        ),
        "For the multiply-adds you counted pixels only. At each pixel every weight is used once.": (
            _costs(adds=lambda weights, size: size**2)
        ),
        "The groups are in your weights, but not in the multiply-adds: each weight that is there is used once for "
        "every pixel.": lambda i, o, k, g, size: (o * (i // g) * k**2, o * i * k**2 * size**2),
        "The groups are in your multiply-adds, but not in the weights: what is never used is not there either.": (
            lambda i, o, k, g, size: (o * i * k**2, o * (i // g) * k**2 * size**2)
        ),
        "For the multiply-adds you left out the kernel: at each pixel every weight of it is used once.": (
            lambda i, o, k, g, size: (o * (i // g) * k**2, o * (i // g) * size**2)
        ),
        "The kernel is twice in your multiply-adds: it is in the weights already.": (
            lambda i, o, k, g, size: (o * (i // g) * k**2, o * (i // g) * k**4 * size**2)
        ),
        "The groups are twice in your multiply-adds: they are in the weights already.": (
            lambda i, o, k, g, size: (o * (i // g) * k**2, o * (i // g) * k**2 * size**2 // g)
        ),
        "You counted the pixels that go in. `size` is that of the map that comes out.": _of_the_input,
        "The two have changed places: weights first, then multiply-adds.": (
            lambda i, o, k, g, size: convolution_cost(i, o, k, g, size)[::-1]
        ),
    },
    hints=(
        "How many numbers does one output channel need for its kernel, when it reads three channels?",
        "Weights: numbers of one kernel for one channel that is read, times channels that are read, times channels "
        "that come out. Multiply-adds: each weight once for every pixel that comes out.",
        "An output channel reads inputs / groups channels, with kernel * kernel weights for each; there are `outputs` "
        "of them. The map that comes out has size * size pixels.",
    ),
)

"""Parts of the model replaced for a while by other functions and networks: how a learner's own are put to work."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from torch import nn

from course_utils.mask_rcnn.function_parts import FUNCTIONS, align, nms
from course_utils.mask_rcnn.kernels import Kernels
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.network_parts import NETWORKS

KERNELS = ("roi-align", "suppress-doubles")
PLACES = (*NETWORKS, *FUNCTIONS, *KERNELS)
"""All parts that can be plugged in."""


@contextmanager
def plugged_in(net: MaskRCNN, parts: dict[str, Callable]) -> Iterator[None]:
    """While the block runs, a model works with the given parts; what they raise comes through.

    Functions are replaced in this package, and so for every model; networks and kernels in this one.

    Args:
        net: its weights stay its own: networks that are plugged in share them.
        parts: by the names of `PLACES`, called as their exercises say.

    Raises:
        KeyError: there is no such part.
        Unpaired: a network that does not have the layers of the one that it stands for.
    """
    with ExitStack() as stack:
        kernels = net.kernels
        stack.callback(setattr, net, "kernels", kernels)
        if "roi-align" in parts:
            kernels = Kernels(align(parts["roi-align"], kernels.roi_align), kernels.nms)
        if "suppress-doubles" in parts:
            kernels = Kernels(kernels.roi_align, nms(parts["suppress-doubles"]))
        net.kernels = kernels
        for name in (each for each in parts if each not in KERNELS):
            if name in NETWORKS:
                for module, mine, fit in list(NETWORKS[name](net, parts[name])):
                    stack.enter_context(patch.object(module, "forward", fit(_in_step(mine, module))))
            else:
                owner, attribute, fit = FUNCTIONS[name]
                replacement = _outermost(fit(parts[name]), getattr(owner, attribute))
                stack.enter_context(patch.object(owner, attribute, replacement))
        yield


def _outermost(replacement: Callable, original: Callable) -> Callable:
    """A replacement within which the original is found in its place: a part may call what it stands for."""
    running: list[bool] = []

    def run(*arguments, **named):
        if running:
            return original(*arguments, **named)
        running.append(True)
        try:
            return replacement(*arguments, **named)
        finally:
            running.pop()

    return run


def _in_step(mine: nn.Module, module: nn.Module) -> Callable:
    """A network that trains when the one in whose place it stands does."""
    return lambda *inputs: mine.train(module.training)(*inputs)

"""No giants: a slip that asks PyTorch for an enormous tensor is no candidate for what a learner may have made.

A single call into the library cannot be stopped on its way, and it may take all the memory there is.
"""

import math
from typing import Any

from torch.overrides import TorchFunctionMode

_MOST = 4_000_000  # numbers that one call may ask for: four times the pixels of the largest photo in a check


class TooLarge(Exception):
    """Raised in code that asks for more than `_MOST` numbers at once."""


class NoGiants(TorchFunctionMode):
    """Within it PyTorch is not called with a giant size: `TooLarge` is raised before."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The function's result, if it does not ask for too much."""
        kwargs = kwargs or {}
        if any(_asked_for(value) > _MOST for value in (args, *args, *kwargs.values())):
            raise TooLarge
        return func(*args, **kwargs)


def _asked_for(size: Any) -> int:
    """How many numbers a size stands for: the product of its whole numbers, which may stand beside other things."""
    items = size if isinstance(size, tuple | list) else (size,)
    return math.prod(abs(item) for item in items if isinstance(item, int))

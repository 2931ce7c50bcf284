"""Stopping a network on its way: an answer that nobody waits for any more must not hold up the next one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


def ask(given_up: Callable[[], bool]) -> None:
    """Raise GivenUp if so."""
    if given_up():
        raise GivenUp


@contextmanager
def interruptible(model: nn.Module, given_up: Callable[[], bool]) -> Iterator[None]:
    """Within, every layer of the model first asks whether it is still wanted, and raises GivenUp when it is not."""

    def before(*_: Any) -> None:
        ask(given_up)

    hooks = [part.register_forward_pre_hook(before) for part in model.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()

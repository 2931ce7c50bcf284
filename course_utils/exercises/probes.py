"""Other ways to try an answer than to call it; they run beside the learner's code and know nothing of what is right."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils.exercises.running import Refused
from course_utils.exercises.sentences import Sentence


def with_gradient(answer: Callable[..., Any], first: Tensor | list[Tensor], *others: Any) -> Any:
    """The result of a function that something is to learn through, and its gradient in the first argument.

    Args:
        answer: gives a float tensor, or a number; of a tensor with axes the sum is differentiated.
        first: float, or a list of such. others: the other arguments.

    Returns:
        {"result": the tensor without its graph, "gradient": of `first`'s shape}; nothing where `answer` gives nothing.

    Raises:
        Refused: no gradient comes back from the result.
    """
    leaves = [each.detach().clone().requires_grad_() for each in (first if isinstance(first, list) else [first])]
    result = answer(leaves if isinstance(first, list) else leaves[0], *others)
    if result is None or result is ...:
        return result
    gradients = [torch.zeros_like(leaf) for leaf in leaves]
    if isinstance(result, Tensor) and result.requires_grad:
        found = torch.autograd.grad(result.sum(), leaves, allow_unused=True)
        if all(each is None for each in found):
            words = Sentence("nothing can be learnt through your result: it does not hang on the first argument")
            raise Refused(words)
        gradients = [zero if each is None else each for each, zero in zip(found, gradients, strict=True)]
        result = result.detach()
    elif not _is_zero(result):
        words = Sentence(
            "nothing can be learnt through your result: it carries no gradient (.detach(), .item(), .numpy(), "
            "float() and new tensors made of numbers cut it off)"
        )
        raise Refused(words)
    return {"result": result, "gradient": gradients if isinstance(first, list) else gradients[0]}


def _is_zero(result: Any) -> bool:
    """Whether a result is empty or nothing but 0, as where there is nothing to learn from: it needs no gradient."""
    try:
        return not np.asarray(result).any()
    except Exception:  # the learner's objects may do anything
        return False

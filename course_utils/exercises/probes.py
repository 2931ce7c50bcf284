"""Other ways to try an answer than to call it; they run beside the learner's code and know nothing of what is right."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises.running import Refused


def with_gradient(answer: Callable[..., Any], first: Tensor, *others: Any) -> Any:
    """The result of a function that something is to learn through, and its gradient in the first argument.

    Args:
        answer: gives a float tensor, or a number; of a tensor with axes the sum is differentiated.
        first: float. others: the other arguments.

    Returns:
        {"result": the tensor without its graph, "gradient": of `first`'s shape}; nothing where `answer` gives nothing.

    Raises:
        Refused: no gradient comes back from the result.
    """
    first = first.detach().clone().requires_grad_()
    result = answer(first, *others)
    if result is None or result is ...:
        return result
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise Refused(
            "nothing can be learnt through your result: it carries no gradient (.detach(), .item(), .numpy(), "
            "float() and new tensors made of numbers cut it off)"
        )
    (gradient,) = torch.autograd.grad(result.sum(), first, allow_unused=True)
    if gradient is None:
        raise Refused("nothing can be learnt through your result: it does not hang on the first argument")
    return {"result": result.detach(), "gradient": gradient}

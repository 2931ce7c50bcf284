"""A learner's part takes and gives what the course's would: inputs are copied, results are of the usual kind."""

from typing import Any

import numpy as np


def copies(value: Any) -> Any:
    """Arrays, tensors and their containers, copied; gradients flow through the copy of a tensor. Others as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if _is_tensor(value):
        return value.clone()
    if type(value) in (list, tuple):
        return type(value)(copies(item) for item in value)
    return {key: copies(item) for key, item in value.items()} if type(value) is dict else value


def unlike(copy: Any, original: Any) -> bool:
    """Whether a copy of `copies` has been changed since."""
    if isinstance(original, np.ndarray):
        same = copy.shape == original.shape and copy.dtype == original.dtype
        return not (same and copy.tobytes() == original.tobytes())
    if _is_tensor(original):
        return copy._version > 0  # torch counts what is done to a tensor in place
    if type(original) in (list, tuple):
        return len(copy) != len(original) or any(map(unlike, copy, original))
    if type(original) is dict:
        return copy.keys() != original.keys() or any(unlike(copy[key], original[key]) for key in original)
    return False


def fit(result: Any, like: Any) -> Any:
    """A right result in the kind of another: an array for a list, a tensor for an array, an int for a float."""
    if _is_tensor(like):
        import torch

        plain = result if _is_tensor(result) else torch.as_tensor(np.asarray(_numbers(result)))
        return plain.to(like.dtype) if plain.is_floating_point() != like.is_floating_point() else plain
    if isinstance(like, np.ndarray):
        array = np.asarray(_numbers(result))
        return array.astype(like.dtype) if array.dtype.kind != like.dtype.kind else array
    if isinstance(like, bool | int | float):
        return type(like)(result)
    if isinstance(like, list | tuple) and len(like):
        items = list(result)
        kinds = like if len(like) == len(items) else [like[0]] * len(items)
        return type(like)(fit(item, kind) for item, kind in zip(items, kinds, strict=True))
    return result


def _numbers(value: Any) -> Any:
    """Lists of tensors as lists of numbers; a tensor as an array."""
    if _is_tensor(value):
        return value.detach().cpu().numpy()
    return [_numbers(item) for item in value] if type(value) in (list, tuple) else value


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "requires_grad") and hasattr(value, "clone")

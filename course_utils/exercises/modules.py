"""Exercises whose answer is a network: given the reference's weights, it must give its outputs and gradients.

How the answer names its layers and in which order it makes them does not matter. `probe` runs beside the learner's
code and knows only weights and inputs; what is right is computed elsewhere, with the same probe.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.exercises.running import Case, Refused
from course_utils.exercises.sentences import Sentence
from course_utils.mask_rcnn.layers import Layer, Unpaired, copy_weights, layers_of, pair

TOLERANCE = 1e-4
"""For outputs and gradients in single precision, added up in any order."""


def case(reference: type[nn.Module], arguments: tuple, inputs: tuple, rng: np.random.Generator) -> Case:
    """One case of a module exercise.

    Args:
        reference: the right module's class.
        arguments: of its constructor.
        inputs: of its forward pass: tensors, or lists and dicts of them.
        rng: draws the weights.

    Returns:
        Arguments, inputs, and the reference's layers in order of use, each as words, size, and tensors by name.
    """
    module = reference(*arguments)
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(_draw(name, tuple(tensor.shape), rng))
    return arguments, inputs, [(each.words, each.size, each.tensors) for each in _plain(layers_of(module, *inputs))]


def _draw(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
    if "running_var" in name or ("weight" in name and len(shape) == 1):
        return torch.from_numpy(rng.uniform(0.5, 1.5, shape)).float()
    spread = 0.5 if len(shape) < 2 else 1.5 / np.sqrt(np.prod(shape[1:]))
    return torch.from_numpy(rng.normal(0, spread, shape)).float()


def _plain(layers: list[Layer]) -> list[Layer]:
    return [Layer(each.words, each.size, {k: t.detach().clone() for k, t in each.tensors.items()}) for each in layers]


def probe(answer: Any, arguments: tuple, inputs: tuple, layers: list[tuple]) -> Any:
    """What a module gives: outputs, and the gradients of inputs and weights, with the weights of a case in it.

    Args:
        answer: a class or function that makes the module.
        arguments, inputs, layers: of a `case`.

    Returns:
        A dict of plain results; None for a stub.

    Raises:
        Refused: its layers are not those that were asked for, or nothing comes out.
    """
    module = answer(*arguments)
    if module is None or module is ...:
        return None
    if not isinstance(module, nn.Module):
        words = Sentence("what you hand in makes a {kind}; it should be an nn.Module", kind=type(module).__name__)
        raise Refused(words)
    if not any(True for _ in module.parameters()):
        if module(*inputs) in (None, ...):
            return None
        words = Sentence(
            "your module has no weights: make its layers in __init__ and keep each as an attribute of self"
        )
        raise Refused(_with_what_is_out_of_sight(words, module))
    wanted = [Layer(*each) for each in layers]
    try:
        pairs = pair(wanted, layers_of(module, *inputs))
    except Unpaired as reason:
        raise Refused(_with_what_is_out_of_sight(reason.words, module), for_review=reason.may_be_same) from None
    copy_weights(pairs)
    return {mode: _results(module.train(mode == "in training"), inputs, pairs) for mode in _modes(module)}


def _with_what_is_out_of_sight(words: str, module: nn.Module) -> str:
    """The words, and a sentence on layers that lie in a plain list or dictionary, where PyTorch does not see them."""
    for name, value in vars(module).items():
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        if not name.startswith("_") and any(isinstance(item, nn.Module) for item in items):
            return Sentence(
                "{words}. PyTorch does not see what lies in the plain {kind} `self.{name}`: nn.ModuleList",
                words=words,
                kind=type(value).__name__,
                name=name,
            )
    return words


def gradients(answer: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives, and the gradients in all its floating-point arguments.

    Args:
        answer: gives a tensor or several.
        arguments: what it takes.

    Returns:
        A dict of plain results; nothing where the answer gives nothing.

    Raises:
        Refused: no gradient comes back.
    """
    leaves: list[Tensor] = []
    output = answer(*(_leaf(value, leaves) for value in arguments))
    if output is None or output is ...:
        return output
    _backward(output)
    return {"result": _detached(output), "gradients": [_gradient(leaf, leaf.shape) for leaf in leaves]}


def _backward(output: Any) -> None:
    tensors = _tensors(output)
    if not tensors:
        words = Sentence("the result is a {kind} without tensors; is it returned?", kind=type(output).__name__)
        raise Refused(words)
    # Every number of the output has a say of its own in the sum that is differentiated.
    parts = [(t * (torch.arange(t.numel()) + 1.0).sin().view(t.shape)).sum() for t in tensors if t.is_floating_point()]
    if not any(part.requires_grad for part in parts):
        words = Sentence(
            "no gradient comes back from the result: stay with torch, without .detach(), .item() or .numpy()"
        )
        raise Refused(words)
    reduce(torch.add, parts).backward()


def _modes(module: nn.Module) -> tuple[str, ...]:
    """Only normalisations behave otherwise in training."""
    normed = any(hasattr(layer, "running_mean") for layer in module.modules())
    return ("after training", "in training") if normed else ("after training",)


def _results(module: nn.Module, inputs: tuple, pairs: list[tuple[Layer, Layer]]) -> dict[str, Any]:
    module.zero_grad()
    leaves: list[Tensor] = []
    output = module(*(_leaf(value, leaves) for value in inputs))
    _backward(output)
    weights = [(source, target.module.get_parameter(n)) for source, target in pairs for n in _parameters(target)]
    return {
        "output": _detached(output),
        "gradient of the input": [_gradient(leaf, leaf.shape) for leaf in leaves],
        "gradient of the weights": [_gradient(p, _shape(source, p)) for source, p in weights],
    }


def _parameters(layer: Layer) -> list[str]:
    return sorted(name for name, _ in layer.module.named_parameters(recurse=False))


def _shape(source: Layer, parameter: Tensor) -> torch.Size:
    return next(t.shape for t in source.tensors.values() if t.numel() == parameter.numel() and t.is_floating_point())


def _gradient(tensor: Tensor, shape: torch.Size) -> Tensor:
    gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
    return gradient.reshape(shape).clone()


def _leaf(value: Any, leaves: list[Tensor]) -> Any:
    """A value whose tensors ask for gradients; they are collected."""
    if isinstance(value, Tensor):
        leaf = value.clone().requires_grad_(value.is_floating_point())
        leaves += [leaf] if leaf.requires_grad else []
        return leaf
    if isinstance(value, list | tuple):
        return type(value)(_leaf(item, leaves) for item in value)
    return {key: _leaf(item, leaves) for key, item in value.items()} if isinstance(value, dict) else value


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
    return [tensor for part in parts for tensor in _tensors(part)]


def _detached(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, list | tuple):
        return [_detached(item) for item in value]
    return {key: _detached(item) for key, item in value.items()} if isinstance(value, dict) else value


def words(exercise_case: Case) -> str:
    """A case for people: constructor's arguments and shapes of the inputs."""
    arguments, inputs, _ = exercise_case
    shapes = ", ".join(str(tuple(t.shape)) for t in _tensors(list(inputs)))
    made_with = ", ".join(map(repr, arguments))
    return Sentence("made with {arguments}\nshapes of the inputs: {shapes}", arguments=made_with, shapes=shapes)


def _shapes(exercise_case: Case) -> str:
    """A case of `gradients` for people."""
    shapes = ", ".join(str(tuple(t.shape)) for t in _tensors(list(exercise_case)))
    return Sentence("shapes of the inputs: {shapes}", shapes=shapes)


vars(probe)["words"] = words
vars(gradients)["words"] = _shapes

"""The layers of a network in the order in which it uses them, so that two ways of writing one network can be paired.

Names and the order of definition are a matter of taste; which weights are used where is not.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.exercises.sentences import Sentence


class Unpaired(Exception):
    """Two networks do not have the same layers; the message is a sentence for whoever wrote the one.

    Attributes:
        words: the message.
        may_be_same: whether they may be one network all the same, its weights kept in another way.
    """

    def __init__(self, words: str, may_be_same: bool = False):
        super().__init__(words)
        self.words = words
        self.may_be_same = may_be_same


@dataclass(frozen=True)
class Layer:
    """A layer with weights of its own.

    Attributes:
        words: what it is, "3x3 convolution from 8 to 16 channels".
        size: of the map or row that it reads first, without batch and channels; () if it was never called.
        tensors: its parameters and buffers by name.
        owner: the module itself, or None where there is only the data; see `module`.
    """

    words: str
    size: tuple[int, ...]
    tensors: dict[str, Tensor]
    owner: nn.Module | None = None

    @property
    def module(self) -> nn.Module:
        """The `owner` of a layer of which there is more than the data."""
        if self.owner is None:
            raise ValueError(f"of this {self.words} there is only the data")
        return self.owner

    @property
    def key(self) -> tuple:
        """What two layers must share to be a pair: a fully connected layer is a 1x1 convolution."""
        weight = self.tensors.get("weight")
        shape = () if weight is None else (len(weight), weight.numel(), "transposed" in self.words)
        return shape, "running_mean" in self.tensors


def layers_of(module: nn.Module, *inputs: Any) -> list[Layer]:
    """The layers with weights, in the order in which a forward pass first uses them; those it never calls come last.

    The pass is made in evaluation mode and leaves the module as it was.
    """
    seen: dict[nn.Module, tuple[int, ...]] = {}

    def note(layer: nn.Module, given: tuple) -> None:
        first = given[0] if given and isinstance(given[0], Tensor) else torch.empty(0)
        seen.setdefault(layer, tuple(first.shape[2:]))

    owners = _owners(module)
    hooks = [owner.register_forward_pre_hook(note) for owner in owners]
    was_training = module.training
    try:
        with torch.no_grad():
            module.eval()(*inputs)
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    order = [*seen, *(owner for owner in owners if owner not in seen)]
    return [Layer(describe(owner), seen.get(owner, ()), tensors_of(owner), owner) for owner in order]


def made_layers(module: nn.Module) -> list[Layer]:
    """The layers with weights in the order in which they were made, without a forward pass."""
    return [Layer(describe(owner), (), tensors_of(owner), owner) for owner in _owners(module)]


def _owners(module: nn.Module) -> list[nn.Module]:
    return [m for m in module.modules() if any(True for _ in m.parameters(recurse=False))]


def tensors_of(layer: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a layer itself."""
    return {**dict(layer.named_parameters(recurse=False)), **dict(layer.named_buffers(recurse=False))}


def describe(layer: nn.Module) -> str:
    """A layer in words."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        kind = "transposed convolution" if isinstance(layer, nn.ConvTranspose2d) else "convolution"
        grouped = f" in {layer.groups} groups" if layer.groups > 1 else ""
        size = "x".join(map(str, layer.kernel_size))
        return f"{size} {kind} from {layer.in_channels} to {layer.out_channels} channels{grouped}"
    if isinstance(layer, nn.Linear):
        return f"fully connected layer from {layer.in_features} to {layer.out_features}"
    if hasattr(layer, "num_features"):
        return f"{type(layer).__name__} of {layer.num_features} channels"
    shapes = ", ".join(f"{name} {tuple(p.shape)}" for name, p in layer.named_parameters(recurse=False))
    return f"{type(layer).__name__} with {shapes}"


def pair(wanted: list[Layer], found: list[Layer]) -> list[tuple[Layer, Layer]]:
    """Each wanted layer with the one found that has its shape, and if there are several, its place in the network.

    Raises:
        Unpaired: a layer is missing or there is one too many, or one has a bias and the other none.
    """
    pairs, left = [], list(found)
    for layer in wanted:
        alike = [other for other in left if other.key == layer.key]
        if not alike:
            continue
        # Layers of one shape may be used in any order, as those of a pyramid: the map's size tells them apart.
        partner = next((other for other in alike if other.size == layer.size), alike[0])
        left.remove(partner)
        pairs.append((layer, partner))
    lacking = [layer for layer in wanted if all(layer is not one for one, _ in pairs)]
    missing, too_many = ([layer.words for layer in layers] for layers in (lacking, left))
    if missing and too_many:
        words = Sentence(
            "asked for: {missing}. Your module has instead: {found}", missing=_list(missing), found=_list(too_many)
        )
        if not _may_be_same(lacking, left):
            raise Unpaired(words)
        advised = Sentence(
            "{words}. If it computes the same, keep the weights in a layer of torch.nn for each one that is asked for: "
            "weights are copied layer by layer",
            words=words,
        )
        raise Unpaired(advised, may_be_same=True)
    if missing:
        raise Unpaired(Sentence("your module lacks: {layers}", layers=_list(missing)))
    if too_many:
        raise Unpaired(Sentence("your module has more than is asked for: {layers}", layers=_list(too_many)))
    for layer, partner in pairs:
        if layer.tensors.keys() != partner.tensors.keys():
            if "bias" in partner.tensors:
                words = Sentence("your {layer} has a bias; here it should be the other way round", layer=partner.words)
            else:
                words = Sentence("your {layer} has no bias; here it should be the other way round", layer=partner.words)
            raise Unpaired(words)
    return pairs


def _may_be_same(lacking: list[Layer], left: list[Layer]) -> bool:
    """Whether the weights may be there, but as bare parameters, or those of several layers in one."""
    weights = [
        sum(tensor.numel() for layer in layers for tensor in layer.tensors.values()) for layers in (lacking, left)
    ]
    return any(map(_is_bare, left)) or (len(lacking) != len(left) and weights[0] == weights[1])


def _is_bare(layer: Layer) -> bool:
    """Whether a layer is none of torch's own but a module that holds parameters itself."""
    homes = {kind.__module__ for kind in type(layer.owner).__mro__ if kind is not nn.Module}
    return not any(home.startswith("torch.nn.modules.") and not home.endswith(".container") for home in homes)


def _list(words: list[str]) -> str:
    counted = {each: words.count(each) for each in words}
    return ", ".join(f"{count} times a {each}" if count > 1 else f"a {each}" for each, count in counted.items())


def copy_weights(pairs: list[tuple[Layer, Layer]]) -> None:
    """Write the weights of each first layer into its partner."""
    with torch.no_grad():
        for source, target in pairs:
            for name, tensor in target.tensors.items():
                tensor.copy_(source.tensors[name].reshape(tensor.shape))


def share_weights(pairs: list[tuple[Layer, Layer]]) -> None:
    """Let each partner use the very weights of its first layer: gradients and running means go there as well."""
    for source, target in pairs:
        module = target.module
        for name, tensor in source.tensors.items():
            own = target.tensors[name]
            table: dict[str, Any] = module._parameters if name in module._parameters else module._buffers
            del table[name]
            if own.shape == tensor.shape:
                table[name] = tensor
            else:  # a fully connected layer in place of a convolution: the same numbers, laid out differently
                object.__setattr__(module, name, tensor.view(own.shape))


def give_weights(source: nn.Module, target: nn.Module, *inputs: Any) -> None:
    """Copy the weights of one network into another that is written otherwise; inputs for one forward pass of each.

    Raises:
        Unpaired: they do not have the same layers.
    """
    copy_weights(pair(layers_of(source, *inputs), layers_of(target, *inputs)))

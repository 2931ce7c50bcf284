"""Lesson 03 takes for right what PyTorch computes, and its fixed cases tell everyday slips from right answers."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.exercises import lesson_03, networks_03
from course_utils.exercises.core import assess, run
from course_utils.exercises.lesson_03 import LESSON

NAMES = list(LESSON.exercises)


def status(name, answer):
    """The verdict of the fixed cases alone."""
    cases = LESSON[name].edges()
    return assess(LESSON[name], cases, [run(answer, case) for case in cases]).status


@pytest.mark.parametrize("number", range(len(LESSON["convolve"].edges())))
def test_the_convolution_is_that_of_pytorch(number):
    image, kernel = LESSON["convolve"].edges()[number]
    x, w = (torch.from_numpy(np.asarray(a, dtype=float))[None, None] for a in (image, kernel))
    assert np.allclose(lesson_03.convolve(image, kernel), F.conv2d(x, w)[0, 0])


def test_the_loss_is_that_of_pytorch():
    for logits, truth in LESSON["cross-entropy"].edges():
        theirs = F.cross_entropy(torch.from_numpy(np.asarray(logits, dtype=float)), torch.from_numpy(truth))
        assert lesson_03.cross_entropy(logits, truth) == pytest.approx(theirs.item(), abs=1e-12)


def test_a_step_is_that_of_autograd():
    for weight, bias, x, y, rate in LESSON["gradient-step"].edges():
        w, b = (torch.tensor(v, dtype=torch.double, requires_grad=True) for v in (weight, bias))
        x_, y_ = (torch.from_numpy(np.asarray(a, dtype=float)) for a in (x, y))
        F.binary_cross_entropy_with_logits(w * x_ + b, y_).backward()
        expected = (w - rate * w.grad).item(), (b - rate * b.grad).item()
        assert lesson_03.gradient_step(weight, bias, x, y, rate) == pytest.approx(expected)


def test_an_epoch_leaves_the_weights_of_sgd():
    for model, batches, rate in LESSON["train-epoch"].edges():
        ours, theirs = copy.deepcopy(model), copy.deepcopy(model)
        networks_03.train_epoch(ours, batches, rate)
        optimizer = torch.optim.SGD(theirs.parameters(), lr=rate)
        for images, targets in batches:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(theirs(images), targets).backward()
            optimizer.step()
        assert all(torch.allclose(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_drawing_cases_leaves_the_random_numbers_of_a_learner_alone():
    before = torch.get_rng_state()
    for name in NAMES:
        LESSON[name].draw_cases(3)
    assert torch.equal(torch.get_rng_state(), before)


def conv_by_torch(image, kernel):
    return F.conv2d(torch.tensor(image).double()[None, None], torch.tensor(kernel).double()[None, None])[0, 0]


def conv_one_kernel_side(image, kernel):
    h = kernel.shape[0]
    rows, columns = image.shape[0] - h + 1, image.shape[1] - h + 1
    return np.array([[(image[r : r + h, c : c + h] * kernel).sum() for c in range(columns)] for r in range(rows)])


def conv_in_bytes(image, kernel):
    return lesson_03.convolve(image, kernel).astype(image.dtype)


def conv_absolute(image, kernel):
    return np.abs(lesson_03.convolve(image, kernel))


def entropy_with_a_margin(logits, truth):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(shares[np.arange(len(truth)), truth] + 1e-3).mean()


def entropy_by_one_maximum(logits, truth):
    powers = np.exp(logits - logits.max())
    with np.errstate(all="ignore"):
        return -np.log((powers / powers.sum(axis=1, keepdims=True))[np.arange(len(truth)), truth]).mean()


def entropy_of_the_first_row(logits, truth):
    return lesson_03.cross_entropy(logits[:1], truth[:1])


def step_by_median(weight, bias, x, y, rate):
    error = 1 / (1 + np.exp(-(weight * x + bias))) - y
    return weight - rate * np.median(error * x), bias - rate * np.median(error)


def epoch_with_momentum(model, batches, rate):
    return epoch_of(model, batches, torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9))


def epoch_of_the_weights_only(model, batches, rate):
    return epoch_of(model, batches, torch.optim.SGD([p for p in model.parameters() if p.ndim > 1], lr=rate))


def epoch_of(model, batches, optimizer):
    losses = []
    for images, targets in batches:
        loss = F.binary_cross_entropy_with_logits(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def epoch_by_hand(model, batches, rate):
    losses = []
    for images, targets in batches:
        loss = nn.BCEWithLogitsLoss()(model(images), targets)
        model.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= rate * parameter.grad
        losses.append(loss.detach())
    return losses


def logits_pooled_first(images, kernels, biases, last, last_bias):
    return networks_03.patch_logits(F.max_pool2d(images, 2), kernels, biases, last, last_bias)


def logits_pooled_with_the_rest(images, kernels, biases, last, last_bias):
    maps = F.conv2d(images, kernels, biases, padding=1).relu()
    return F.conv2d(F.max_pool2d(maps, 2, ceil_mode=True), last, last_bias)


def logits_other_order(images, kernels, biases, last, last_bias):
    maps = F.max_pool2d(F.conv2d(images, kernels, padding=1) + biases[:, None, None], 2)
    return (maps.clamp(min=0) * last[0]).sum(dim=1, keepdim=True) + last_bias


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("convolve", conv_one_kernel_side),
        ("convolve", conv_in_bytes),
        ("convolve", conv_absolute),
        ("cross-entropy", entropy_with_a_margin),
        ("cross-entropy", entropy_by_one_maximum),
        ("cross-entropy", entropy_of_the_first_row),
        ("gradient-step", step_by_median),
        ("train-epoch", epoch_with_momentum),
        ("train-epoch", epoch_of_the_weights_only),
        ("patch-logits", logits_pooled_first),
        ("patch-logits", logits_pooled_with_the_rest),
    ],
)
def test_the_fixed_cases_alone_refuse_a_slip(name, answer):
    assert status(name, answer) == "wrong"


@pytest.mark.parametrize(
    ("name", "answer"),
    [("convolve", conv_by_torch), ("train-epoch", epoch_by_hand), ("patch-logits", logits_other_order)],
)
def test_other_right_ways_pass(name, answer):
    assert status(name, answer) == "right"


@pytest.mark.parametrize("name", NAMES)
def test_the_fixed_cases_alone_refuse_every_declared_mistake(name):
    for words, mistake in LESSON[name].misconceptions.items():
        assert status(name, mistake) == "wrong", words

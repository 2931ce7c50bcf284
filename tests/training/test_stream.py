"""The stream of training images: number k is the same for everyone, and every image has its turn."""

import re

import pytest
import torch
from helpers.training_runs import write_coco

from course_utils.errors import CourseError
from course_utils.training.samples import CocoFile
from course_utils.training.schedule import Average, learning_rate, make_optimiser
from course_utils.training.settings import TrainSettings
from course_utils.training.stream import Stream, batches, make_loader, part_of_step


@pytest.fixture
def source(tmp_path):
    return CocoFile(write_coco(tmp_path))


def test_number_k_does_not_depend_on_what_came_before(source):
    settings = TrainSettings(size=64, steps=5, batch=4)
    stream, other = Stream(source, settings), Stream(source, settings)
    stream[0]
    for a, b in zip(stream[7], other[7], strict=True):
        if isinstance(a, dict):
            assert all(torch.equal(a[name], b[name]) for name in a)
        else:
            assert torch.equal(a, b)
    assert not torch.equal(stream[7][0], stream[8][0])


def test_each_pass_shows_every_photo_once(source):
    stream = Stream(source, TrainSettings(size=64, steps=4, batch=4, augment=False, copy_paste=0))
    photos = [source[k].image for k in range(4)]
    for first in (0, 4, 8):
        seen = [next(j for j, photo in enumerate(photos) if torch.equal(stream[first + k][0], photo)) for k in range(4)]
        assert sorted(seen) == [0, 1, 2, 3]


def test_two_processes_share_a_step_between_them():
    assert [list(part_of_step(3, part, 2, 4)) for part in (0, 1)] == [[12, 13], [14, 15]]


def test_a_resumed_loader_begins_where_the_run_stopped(source):
    stream = Stream(source, TrainSettings(size=64, steps=3, batch=2))
    whole, rest = list(make_loader(stream, 0, 0, 1)), list(make_loader(stream, 2, 0, 1))
    assert len(whole) == 3 and len(rest) == 1
    assert all(torch.equal(a, b) for a, b in zip(whole[2][0], rest[0][0], strict=True))


def test_workers_prepare_the_same_images(source):
    alone = Stream(source, TrainSettings(size=64, steps=2, batch=2))
    helped = Stream(source, TrainSettings(size=64, steps=2, batch=2, workers=1))
    for one, two in zip(make_loader(alone, 0, 0, 1), make_loader(helped, 0, 0, 1), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one[0], two[0], strict=True))


@pytest.mark.parametrize("workers", [0, 1])
def test_what_is_wrong_with_a_photo_is_one_line_whoever_reads_it(source, workers):
    for image in source.images.values():
        image["height"] = 65
    loader = make_loader(Stream(source, TrainSettings(size=64, steps=2, batch=2, workers=workers)), 0, 0, 1)
    with pytest.raises(CourseError) as error:
        next(batches(loader))
    assert re.fullmatch(r"\S*\d\.png: is \(64, 64\) high and wide, coco\.json says \(65, 64\).*", str(error.value))


def test_the_learning_rate_rises_stays_and_falls():
    settings = TrainSettings(steps=100, warmup=10, flat=0.5, learning_rate=1.0)
    rates = [learning_rate(step, settings) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and rates[9:51] == [1.0] * 42
    assert rates[75] == pytest.approx(0.5) and rates[100] == pytest.approx(0, abs=1e-12)
    assert all(a >= b for a, b in zip(rates[50:], rates[51:], strict=False))


def test_norms_and_biases_are_not_decayed():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    decayed, free = make_optimiser(model, TrainSettings(weight_decay=0.1)).param_groups
    assert decayed["weight_decay"] == 0.1 and [p.dim() for p in decayed["params"]] == [4]
    assert free["weight_decay"] == 0 and [p.dim() for p in free["params"]] == [1, 1, 1]


def test_the_average_follows_slowly():
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    average = Average(model, 0.9)
    torch.nn.init.ones_(model.weight)
    average.update(model, 10**6)
    assert average.model.weight.item() == pytest.approx(0.1)
    average.update(model, 0)  # the first step keeps a tenth of the start
    assert average.model.weight.item() == pytest.approx(0.91)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"steps": 0}, "steps is 0; it must be at least 1"),
        ({"truth": "modal"}, 'truth is "modal"; choose amodal or visible'),
        ({"batch": 5, "accumulate": 2}, "a batch of 5 cannot be split into 2 equal parts"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, words):
    with pytest.raises(CourseError, match=words):
        TrainSettings(**wrong)


def test_a_photo_of_another_size_is_named(source, tmp_path):
    source.images[1]["height"] = 65
    with pytest.raises(CourseError, match=r"1\.png: is \(64, 64\) high and wide, coco\.json says \(65, 64\)"):
        source[0]


def test_a_file_that_is_no_coco_file_is_named(tmp_path):
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(CourseError, match=r"x\.json: not a COCO file"):
        CocoFile(tmp_path / "x.json")

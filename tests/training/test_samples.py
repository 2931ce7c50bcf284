"""Samples of scenes, and of photos far longer than wide."""

import torch
from helpers import tiny_set

from course_utils.dataset import load
from course_utils.mask_rcnn.preprocess import network_size, resize_image
from course_utils.training.samples import Sample, Scenes


def test_crowds_of_scenes_are_left_out(tmp_path):
    coco = tiny_set.content()
    coco["annotations"][0]["iscrowd"] = coco["annotations"][2]["iscrowd"] = 1
    with_one, with_none = Scenes(load("tiny", tiny_set.write(tmp_path, coco)))
    assert with_one.labels.tolist() == [6]
    assert torch.equal(with_one.whole, torch.from_numpy(tiny_set.FRONT)[None])
    assert torch.equal(with_one.visible, with_one.whole)
    assert with_none.labels.shape == (0,) and with_none.whole.shape == (0, *tiny_set.SIZE)


def test_a_strip_keeps_a_pixel_of_its_width():
    strip = torch.ones(1, 1, 800, dtype=torch.bool)
    small = Sample(torch.rand(3, 1, 800), strip, strip, torch.tensor([1])).resized(64)
    assert small.image.shape == (3, 1, 64) and small.whole.all()
    assert network_size(1, 800, 320, 320) == (1, 320)
    assert resize_image(torch.rand(3, 800, 1), network_size(800, 1, 320, 320)).shape == (3, 320, 1)

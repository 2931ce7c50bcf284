"""The strongest response of a channel is cut out of the right photo at the right place."""

import numpy as np

from course_utils.plots.filters import strongest


def test_the_cut_out_lies_around_the_cell_that_responds():
    photos = [np.full((64, 64, 3), shade, np.uint8) for shade in (10, 20, 30)]
    photos[1][32:40, 16:24] = 200  # the pixels of cell 4, 2: a cell is 8 pixels wide
    maps = np.zeros((3, 8, 8))
    maps[1, 4, 2] = 5.0
    maps[2, 3, 3] = 2.0
    first, second = strongest(maps, photos, around=6, count=2)
    assert first.shape == (12, 12, 3) and second.shape == (12, 12, 3)
    assert (first[2:10, 2:10] == 200).all() and (first[:2] == 20).all() and (second == 30).all()


def test_the_border_does_not_count():
    maps = np.zeros((1, 8, 8))
    maps[0, 0, 5], maps[0, 4, 4] = 9.0, 1.0
    photo = np.zeros((64, 64, 3), np.uint8)
    photo[32:40, 32:40] = 99  # cell 4, 4
    (cut,) = strongest(maps, [photo], around=4, count=1)
    assert (cut == 99).all()


def test_beyond_the_photo_it_is_white():
    maps = np.zeros((1, 8, 8))
    maps[0, 1, 1] = 1.0
    (cut,) = strongest(maps, [np.zeros((64, 64, 3), np.uint8)], around=20, count=1)
    assert (cut[:8] == 255).all() and (cut[8:, 8:] == 0).all()

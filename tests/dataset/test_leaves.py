"""The drawn leaves: the same with the same seed, their masks exact, their order what the masks say."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from course_utils.cli import cli
from course_utils.dataset import load
from course_utils.dataset.check import check_file
from course_utils.dataset.leaves import KINDS, SPLITS, draw


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("leaves")
    result = CliRunner().invoke(cli, ["data", "example", "--out", str(path)], catch_exceptions=False)
    assert result.exit_code == 0 and f"{path}/annotations/train.json: 48 photos" in result.output
    return path


@pytest.mark.parametrize("split", SPLITS)
def test_the_set_is_sound(folder, split):
    report = check_file(folder / "annotations" / f"{split}.json")
    assert not report.findings and report.amodal and report.images == SPLITS[split]
    scenes = load(split, folder)
    rates = np.concatenate([scene.occlusion_rates for scene in scenes])
    assert 0.2 < (rates > 0.05).mean() < 0.8 and rates.max() <= 0.75
    assert {label for scene in scenes for label in scene.labels.tolist()} == {1, 2, 3}
    names = [one["name"] for one in json.loads(report.path.read_text())["categories"]]
    assert names == [kind.name for kind in KINDS]


def test_who_is_in_front_hides(folder):
    for scene in load("val", folder):
        orders = scene.depth_orders
        for k, leaf in enumerate(scene.instances):
            above = scene.masks[orders < orders[k]].any(axis=0)
            assert np.array_equal(leaf.visible_mask, leaf.mask & ~above)
            hidden = leaf.mask & above
            seen = {j for j in range(len(orders)) if (scene.visible_masks[j] & hidden).any()}
            assert seen == {j for j, one in enumerate(scene.instances) if one.id in leaf.occluded_by}


def test_a_seed_draws_the_same_and_another_something_else():
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(one[0], same[0]) and not np.array_equal(one[0], other[0])
    assert all(np.array_equal(a[1], b[1]) and a[0] == b[0] for a, b in zip(one[1], same[1], strict=True))

"""Means of two models' weights, and what cannot be averaged."""

import pytest
import torch
from click.testing import CliRunner

from course_utils.cli import cli
from course_utils.errors import CourseError
from course_utils.mask_rcnn import profiles, shipped
from course_utils.mask_rcnn.blend import blend

NAMES = ("bun", "cake")


@pytest.fixture
def two(tmp_path):
    """Two tiny models with other random weights, and their files."""
    paths = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        paths.append(tmp_path / f"{seed}.safetensors")
        shipped.save_model(profiles.build("tiny", 3, 96), paths[-1], "tiny", 96, NAMES)
    return paths


@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_every_weight_lies_on_the_line_between(two, tmp_path, share):
    out = tmp_path / "mean.safetensors"
    blend(*two, share, out)
    one, other, mean = (shipped.load_model(path).state_dict() for path in (*two, out))
    moved = 0
    for name, value in mean.items():
        if value.is_floating_point():
            wanted = (1 - share) * one[name] + share * other[name]
            assert torch.allclose(value, wanted, rtol=1e-3, atol=1e-6), name
            moved += not torch.equal(one[name], other[name])
    assert moved > 20
    assert shipped.load_model(out).names == NAMES


def test_a_file_of_another_build_is_refused(two, tmp_path):
    path = tmp_path / "larger.safetensors"
    shipped.save_model(profiles.build("tiny", 3, 128), path, "tiny", 128, NAMES)
    with pytest.raises(CourseError, match=r"larger\.safetensors: is not built like .*1\.safetensors"):
        blend(two[0], path, 0.5, tmp_path / "mean.safetensors")


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_lies_between_0_and_1(two, tmp_path, share):
    with pytest.raises(CourseError, match="share is .*; it must lie between 0 and 1"):
        blend(*two, share, tmp_path / "mean.safetensors")


def test_the_command_keeps_what_was_there_when_it_fails(two, tmp_path):
    out = tmp_path / "mean.safetensors"
    arguments = ["blend", *map(str, two), "--out", str(out)]
    told = CliRunner().invoke(cli, [*arguments, "--share", "0.25"], catch_exceptions=False)
    assert told.exit_code == 0 and "75% of " in told.output and out.exists()
    before = out.read_bytes()
    two[1].write_bytes(b"no model")
    failed = CliRunner().invoke(cli, arguments)
    assert isinstance(failed.exception, CourseError) and "2.safetensors: cannot be read" in str(failed.exception)
    assert out.read_bytes() == before

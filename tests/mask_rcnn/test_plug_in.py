"""Parts plugged into the model: right ones change nothing, wrong ones are seen at the stage that they spoil."""

import pytest
import torch
from scenes import scene
from torch.nn import functional as F

from course_utils.mask_rcnn import losses, parity, postprocess, profiles
from course_utils.mask_rcnn.plug_in import PLACES, plugged_in, try_part


def candidates(class_logits, threshold):
    rois, labels = torch.where(class_logits.softmax(dim=1)[:, 1:] > threshold)
    return rois, labels + 1


def paste_mask(mask, box, height, width):
    return postprocess.paste(mask[None], box[None], height, width)[0]


def box_loss(deltas, labels, targets):
    k = labels.nonzero()[:, 0]
    return F.smooth_l1_loss(deltas[k, labels[k]], targets[k], beta=1 / 9, reduction="sum") / len(labels)


def with_background(class_logits, threshold):
    return torch.where(class_logits.softmax(dim=1) > threshold)


RIGHT = {
    "candidates": candidates,
    "own_masks": postprocess.own_class,
    "paste_mask": paste_mask,
    "box_loss": box_loss,
    "mask_loss": losses.mask_loss,
}
WRONG = {
    "candidates": (with_background, "detections: boxes"),
    "own_masks": (lambda logits, labels: logits[:, 0].sigmoid(), "raw_detections: masks"),
    "paste_mask": (lambda mask, box, height, width: torch.zeros(height, width), "detections: masks"),
    "box_loss": (lambda deltas, labels, targets: deltas.sum() * 0, "loss_box_reg"),
    "mask_loss": (lambda logits, labels, targets: logits.sum() * 0, "loss_mask"),
}


@pytest.fixture(scope="module")
def models():
    torch.manual_seed(0)
    ours = profiles.slim(size=96).configure(exact_masks=False)  # as torchvision's
    with torch.no_grad():
        ours.roi_heads.mask_predictor.mask_fcn_logits.weight *= 0.1
        ours.roi_heads.box_predictor.cls_score.weight *= 0.1
        ours.roi_heads.box_predictor.cls_score.bias[0] += 1  # most RoIs are background, as in a trained model
    return ours, parity.twin(ours)


def test_every_part_is_tried_here():
    assert set(RIGHT) == set(WRONG) == set(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_a_right_part_changes_nothing(name, models):
    before = {key: value.clone() for key, value in models[0].state_dict().items()}
    assert try_part(name, RIGHT[name], *models, *scene(2, 96, 96)) == "every stage equal to torchvision's"
    assert all(torch.equal(value, before[key]) for key, value in models[0].state_dict().items())


@pytest.mark.parametrize("name", PLACES)
def test_a_wrong_part_is_seen_where_it_works(name, models):
    part, stage = WRONG[name]
    found = try_part(name, part, *models, *scene(2, 96, 96))
    assert found.startswith("different from here on: ")
    assert stage.split(":")[0].removeprefix("raw_") in found


@pytest.mark.parametrize("name", PLACES)
def test_an_unwritten_part_is_said_to_be_unwritten(name, models):
    assert try_part(name, lambda *_: None, *models, *scene(2, 96, 96)) == "not written yet"


def test_a_part_that_breaks_is_named(models):
    def broken(mask_logits, labels):
        raise ValueError

    assert try_part("own_masks", broken, *models, *scene(2, 96, 96)) == "does not run: ValueError"


def test_the_parts_are_put_back():
    before = [getattr(module, attribute) for module, attribute, _ in PLACES.values()]
    with pytest.raises(ZeroDivisionError), plugged_in(**RIGHT):
        assert all(
            getattr(module, attribute) is not was
            for (module, attribute, _), was in zip(PLACES.values(), before, strict=True)
            if attribute not in ("own_class", "mask_loss")
        )
        raise ZeroDivisionError
    assert [getattr(module, attribute) for module, attribute, _ in PLACES.values()] == before
    with pytest.raises(KeyError), plugged_in(no_such_part=print):
        pass

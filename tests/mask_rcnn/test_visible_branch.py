"""The second mask branch: what can be seen, beside what is whole."""

import pytest
import torch
from scenes import scenes

from course_utils.errors import CourseError
from course_utils.mask_rcnn import parity, profiles, shipped
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import LOSSES

FOODS = ("bakwan", "bolu", "cireng", "serabi", "tahu", "tempe")


def tiny(visible: bool = True):
    torch.manual_seed(0)
    return profiles.build("tiny", size=96, visible=visible)


def plates():
    """Two images; of each object only the upper half can be seen."""
    images, targets = scenes((2, 96, 96), (1, 96, 80))
    for target in targets:
        target["visible_masks"] = target["masks"].clone()
        for mask, (_, y1, _, y2) in zip(target["visible_masks"], target["boxes"].long().tolist(), strict=True):
            mask[(y1 + y2) // 2 :] = 0
    return images, targets


def losses(model, images, targets):
    model.train()
    torch.manual_seed(3)
    return model(images, targets)


def test_only_a_model_with_the_branch_has_its_weights():
    without, with_it = tiny(False), tiny()
    more = with_it.state_dict().keys() - without.state_dict().keys()
    assert {name.rsplit(".", 2)[0] for name in more} == {"roi_heads.visible_predictor"}
    assert not without.state_dict().keys() - with_it.state_dict().keys()
    assert (without.has_visible_branch, with_it.has_visible_branch) == (False, True)


def test_its_loss_looks_at_the_visible_masks_alone():
    model = tiny()
    images, targets = plates()
    before = losses(model, images, targets)
    assert set(before) == {*LOSSES, "loss_visible"} == set(model.loss_names)
    # The two predictors begin as equals, so for equal truths their losses are equal, too.
    assert before["loss_visible"].item() != pytest.approx(before["loss_mask"].item(), rel=1e-3)
    whole = [target | {"visible_masks": target["masks"]} for target in targets]
    after = losses(model, images, whole)
    assert after["loss_visible"].item() == pytest.approx(after["loss_mask"].item(), rel=1e-5)
    for name in LOSSES:
        assert after[name].item() == pytest.approx(before[name].item(), rel=1e-5)


def test_it_learns_what_can_be_seen():
    """On one plate, by heart: the visible part of each box gets the upper half, the whole mask both halves."""
    model = tiny()
    images, targets = plates()
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    for step in range(60):
        torch.manual_seed(step)
        found = model(images, targets)
        optimiser.zero_grad()
        sum(found.values()).backward()
        optimiser.step()
    found = model.eval().configure(score_threshold=0.5)(images)
    whole, visible = (sum(one[name].gt(0.5).sum() for one in found) for name in ("masks", "visible_masks"))
    assert whole > 0 and 0.35 < visible / whole < 0.65


def test_targets_without_visible_masks_are_refused():
    images, targets = scenes((2, 96, 96))
    with pytest.raises(CourseError, match="target 0: no visible_masks"):
        losses(tiny(), images, targets)
    targets[0]["visible_masks"] = targets[0]["masks"][:1]
    with pytest.raises(CourseError, match="target 0: visible_masks of shape"):
        losses(tiny(), images, targets)


def test_visible_masks_are_resized_with_the_whole_ones():
    images, targets = scenes((2, 48, 48))
    targets[0]["visible_masks"] = targets[0]["masks"]
    found = losses(tiny(), images, targets)
    assert found["loss_visible"].item() == pytest.approx(found["loss_mask"].item(), rel=1e-5)


@pytest.mark.parametrize("eyes", [lambda model: model, EightLooks], ids=["one look", "eight looks"])
@torch.no_grad()
def test_detections_carry_them(eyes):
    """As long as both predictors are equal, so are their masks; another one draws others."""
    model = tiny().eval().configure(score_threshold=0.0)
    image = scenes((2, 96, 80))[0][0]
    found = eyes(model)([image])[0]
    assert len(found["masks"]) and torch.equal(found["visible_masks"], found["masks"])
    model.roi_heads.visible_predictor.mask_fcn_logits.bias += 50
    model.roi_heads.mask_predictor.mask_fcn_logits.bias -= 50
    found = eyes(model)([image])[0]
    assert found["visible_masks"].max() > 0.99 and found["masks"].max() < 0.01
    assert "visible_masks" not in eyes(tiny(False).eval().configure(score_threshold=0.0))([image])[0]


@pytest.mark.parametrize("visible", [True, False])
def test_a_file_says_whether_it_has_the_branch(tmp_path, visible):
    shipped.save_model(tiny(visible), tmp_path / "w.safetensors", "tiny", 96, FOODS)
    assert shipped.load_model(tmp_path / "w.safetensors").has_visible_branch == visible


def test_the_course_s_own_weights_load_as_before():
    assert shipped.course_model().names == FOODS


def test_it_begins_as_the_mask_predictor_of_a_file_without_it(tmp_path):
    shipped.save_model(tiny(False), tmp_path / "w.safetensors", "tiny", 96, FOODS)
    torch.manual_seed(1)
    model = profiles.build("tiny", size=96, visible=True)
    assert shipped.take_weights(model, tmp_path / "w.safetensors") == []
    for name, value in model.roi_heads.mask_predictor.state_dict().items():
        assert torch.equal(value, tiny().state_dict()[f"roi_heads.mask_predictor.{name}"].half().float())
        assert torch.equal(value, model.roi_heads.visible_predictor.state_dict()[name])


def test_all_but_the_branch_is_still_torchvision_s():
    """`tiny` rounds masks as torchvision does; in training the branch adds a loss and changes none."""
    model, (images, targets) = tiny(), plates()
    for training in (None, targets):
        rows = parity.compare(model, parity.twin(model), images, training)
        assert rows and all(row.equal for row in rows), [row.stage for row in rows if not row.equal]

"""The proof is a proof: right parts change nothing, and whatever changes a number is seen, alone and together."""

import random

import numpy as np
import pytest
import torch
from mutants.subjects import subjects
from mutants.trial import Trial, equivalent

from course_utils.dataset import load
from course_utils.dataset.torch_dataset import TorchDetection
from course_utils.exercises import saved
from course_utils.exercises.compare import difference
from course_utils.exercises.fitting import copies, fit
from course_utils.exercises.part import make_part
from course_utils.exercises.parts import PARTS
from course_utils.exercises.yours import declared
from course_utils.mask_rcnn import parity, proof
from course_utils.mask_rcnn.layers import Unpaired
from course_utils.mask_rcnn.plug_in import NETWORKS, PLACES, plugged_in
from course_utils.mask_rcnn.roi_align import roi_levels
from course_utils.paths import repo_root

EVERY_FOOD = [  # what the proof of an earlier edition took for right
    lambda logits, threshold: (lambda r, c: (r, c + 1))(*torch.where(torch.ones_like(logits[:, 1:]) > 0)),
    lambda logits, threshold: (lambda r, c: (r, c + 1))(*torch.where(logits[:, 1:].exp() > threshold)),
    lambda logits, threshold: (lambda r, c: (r, c + 1))(*torch.where(logits[:, 1:].softmax(1) > threshold)),
    lambda logits, threshold: (lambda r, c: (r, c + 1))(*torch.where(logits[:, 1:].sigmoid() > threshold)),
    lambda logits, threshold: (torch.arange(len(logits)), logits[:, 1:].argmax(1) + 1),
    lambda logits, threshold: torch.where(logits.softmax(1) > threshold),
    lambda logits, threshold: (lambda r, c: (r, c + 1))(*torch.where(logits.softmax(1)[:, 1:] > 0.9 * threshold)),
]


def solution(exercise_id):
    name = saved.lesson_names()[exercise_id]
    return saved.saved_lesson(name, repo_root() / "solutions").answer(exercise_id)


@pytest.fixture(scope="module")
def bench():
    """A doubtful model, a plate and its target, and torchvision's answers."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    plates = load("val")
    number = next(k for k, s in enumerate(plates) if s.scenario == "occluded" and len(s.instances) == 5)
    photo, target = TorchDetection(plates)[number]
    net = proof.small_model().train()
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3)
    for _ in range(25):
        loss = sum(net([photo], [target]).values())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    unsure = proof.doubtful(net, photo)
    theirs = parity.twin(unsure)
    expected = [parity.witness(theirs, [photo], each) for each in (None, [target])]
    return unsure, photo, target, expected


def tried(name, part, bench):
    return proof._try({name: part}, *bench[:3], bench[3])


def test_what_a_learner_owns_is_what_can_be_plugged_in():
    assert set(PARTS["Mask R-CNN"]) == {*PLACES, "forward-pass"}


def test_the_solutions_together_are_mask_rcnn(bench):
    parts = {name: solution(name) for name in PLACES}
    rows = proof.prove(parts, *bench[:3], solution("forward-pass"))
    assert [row.part for row in rows] == [*PLACES, proof.TOGETHER, "forward-pass"]
    assert [row.found for row in rows if not row.equal] == ["the same detections as torchvision's"]


def test_where_nothing_is_written_the_courses_parts_are_mask_rcnn_too(bench):
    """Their references call the very functions that they stand for."""
    parts = {name: make_part(declared(name)[0], None) for name in PLACES}
    rows = proof.prove(parts, *bench[:3], make_part(declared("forward-pass")[0], None))
    assert [row.found for row in rows if not row.equal] == ["the same detections as torchvision's"]
    assert {row.owner for row in rows} == {"the course's", "0 of 23 yours"}


def test_a_row_says_why_a_part_is_not_the_learners():
    part = make_part(declared("own-mask")[0], None, "yours is not right yet")
    row = proof._verdict("own-mask", [part], proof.EQUAL)
    assert str(row) == "own-mask          the course's  every stage equal to torchvision's (yours is not right yet)"
    mine = proof._verdict("own-mask", [solution("own-mask")], proof.EQUAL)
    assert str(mine) == "own-mask          yours         every stage equal to torchvision's"
    assert proof._verdict(proof.TOGETHER, [part, solution("own-mask")], proof.EQUAL).owner == "1 of 2 yours"


def test_the_plate_leaves_no_mistake_in_the_choice_of_candidates_unseen(bench):
    for wrong in EVERY_FOOD:
        assert tried("candidates", wrong, bench).startswith("different from here on: ")


@pytest.mark.parametrize("name", PLACES)
def test_whatever_changes_a_number_is_seen(name, bench):
    """Two of the declared mistakes and two mutants of each part, beside what the right part gives in the same calls."""
    calls = []
    right = solution(name)

    def recorded(*arguments):
        result = right(*arguments)
        calls.append((copies(arguments), result))
        return result

    assert tried(name, recorded, bench) == proof.EQUAL and calls
    for wrong in wrong_answers(name):
        changed = name in NETWORKS or any(differs(wrong, *call) for call in calls[:40])
        found = tried(name, wrong, bench)
        assert (found != proof.EQUAL) or not changed, f"{wrong} is taken for right"


def wrong_answers(name):
    exercise, lesson = declared(name)
    dice = random.Random(name)
    yield from dice.sample([one for one in exercise.misconceptions.values() if not only_asks_otherwise(one)], 2)
    subject = next(s for s in subjects(lesson[:2]) if s.exercise.id == name and not s.is_reference)
    listed = equivalent(lesson[:2]).get(name, {})
    mutants = [mutant for mutant in Trial(subject).mutants() if mutant.change not in listed]
    for mutant in dice.sample(mutants, min(2, len(mutants))):
        yield subject.build(compile(mutant.tree, "<mutant>", "exec"))


def only_asks_otherwise(wrong):
    """Whether a block has only another rule for when its shortcut is a convolution: in this model the rules agree."""
    return isinstance(wrong, type) and {name for name in vars(wrong) if not name.startswith("__")} == {"needs_one"}


def differs(wrong, arguments, result):
    """Whether a part gives other numbers than the right one did, or none."""
    try:
        other = wrong(*copies(arguments))
        return bool(difference(plain(result), plain(fit(other, result)), 1e-4))
    except Exception:
        return True


def plain(result):
    if isinstance(result, torch.Tensor):
        return result.detach().numpy()
    return [plain(each) for each in result] if isinstance(result, list | tuple) else np.asarray(result)


def spoilt(name, change):
    right = solution(name)
    return lambda *arguments: change(right(*arguments))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("own-mask", lambda masks: np.where(masks > 0.99, np.nan, masks)),  # NaN is larger than nothing
        ("own-mask", lambda masks: masks * np.nan),
        ("roi-level", lambda levels: np.full_like(levels, 2)),
        ("roi-level", lambda levels: levels - (levels == 2)),  # no limit below
        ("choose-rois", lambda chosen: (*chosen[:2], chosen[2].clamp(min=0))),
        ("candidates", lambda chosen: tuple(each.flip(0) for each in chosen)),
        ("box-loss", lambda loss: 1.01 * loss - 0.01 * loss.detach()),  # the right number, another gradient
        ("rpn-losses", lambda losses: (losses[0], 1.01 * losses[1])),  # by far the smallest number of the five
        ("pool-rois", lambda features: features.detach()),
    ],
)
def test_what_is_easily_overlooked_is_seen(name, change, bench):
    assert tried(name, spoilt(name, change), bench) != proof.EQUAL


def test_deltas_in_one_row_are_refused_although_the_model_takes_them(bench):
    class OneRow(solution("box-head")):
        def forward(self, x):
            logits, deltas = super().forward(x)
            return logits, deltas.flatten(1)

    assert "it should be (R, classes, 4)" in tried("box-head", OneRow, bench)


def test_the_proof_is_made_on_several_levels_and_many_detections(bench):
    stages = bench[0].stages([bench[1]])
    assert len(stages["mask_rois"][0]) >= proof.FEWEST
    for kind in ("rois", "mask_rois"):
        assert len(roi_levels(stages[kind][0], 2, 5).unique()) > 1


def test_it_says_why_a_part_does_not_run_and_that_one_gives_nothing(bench):
    def broken(mask_logits, labels):
        raise ValueError("no labels")

    assert tried("own-mask", broken, bench) == "does not run: ValueError: no labels"
    assert tried("own-mask", lambda *_: None, bench) == "own-mask gives nothing yet"


def test_a_wrong_forward_pass_is_seen(bench):
    right = solution("forward-pass")

    def small(photo, p):
        found = right(photo, p)
        return found | {"boxes": found["boxes"] / 2}

    parts = {"candidates": solution("candidates")}
    assert proof._pass(small, parts, *bench[:2], bench[3][0]) == "different boxes"
    assert proof._pass(lambda photo, p: {}, parts, *bench[:2], bench[3][0]).startswith("does not run: KeyError")
    assert proof._pass(right, parts, *bench[:2], bench[3][0]) == "the same detections as torchvision's"


def test_the_model_is_left_as_it_was(bench):
    net = bench[0]
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with pytest.raises(ZeroDivisionError), plugged_in(net, {name: solution(name) for name in PLACES}):
        raise ZeroDivisionError
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert not any("forward" in vars(module) for module in net.modules())
    with pytest.raises(KeyError), plugged_in(net, {"no-such-part": print}):
        pass


def test_a_network_of_other_layers_is_refused_in_words(bench):
    class TooNarrow(torch.nn.Module):
        def __init__(self, channels, anchors):
            super().__init__()
            self.only = torch.nn.Conv2d(channels, anchors, 1)

        def forward(self, maps):
            return [self.only(each) for each in maps], []

    with pytest.raises(Unpaired, match="lacks: a 3x3 convolution"), plugged_in(bench[0], {"rpn-head": TooNarrow}):
        pass
    assert "does not run: Unpaired" in tried("rpn-head", TooNarrow, bench)

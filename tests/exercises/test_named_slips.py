"""Everyday slips in answers of another style than the solution's: each is named in words of its own."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import boxes
from course_utils.exercises import lesson_06, lesson_07, lesson_09, lesson_10
from course_utils.exercises.core import Raised, judge, run
from course_utils.exercises.lesson_10 import LESSON


def paste(stretched=(1, 1), laid=(1, 1), framed=True, grown=2):
    """A way to paste with plain numbers; what is added to the sides of the mask, and of the place where it is laid."""

    def answer(mask, box, height, width):
        big = F.pad(mask, (1, 1, 1, 1)) if framed else mask
        (x1, y1, x2, y2), more = box.tolist(), grown / len(mask) / 2
        x1, x2 = int(x1 - (x2 - x1) * more), int(x2 + (x2 - x1) * more)
        y1, y2 = int(y1 - (y2 - y1) * more), int(y2 + (y2 - y1) * more)
        size = y2 - y1 + stretched[0], x2 - x1 + stretched[1]
        big = F.interpolate(big[None, None], size=size, mode="bilinear")[0, 0]
        image = torch.zeros(height, width)
        top, bottom = max(y1, 0), min(y2 + laid[0], height)
        left, right = max(x1, 0), min(x2 + laid[1], width)
        image[top:bottom, left:right] = big[top - y1 : bottom - y1, left - x1 : right - x1]
        return image

    return answer


def suppress(order):
    """Non-maximum suppression with flags, box by box in a certain order."""

    def answer(overlaps, scores, threshold, groups):
        struck, kept = np.zeros(len(scores), dtype=bool), []
        for box in order(scores):
            if not struck[box]:
                kept.append(int(box))
                struck |= (overlaps[box] > threshold) & (groups == groups[box])
        return kept

    return answer


def pyramid(last, join=torch.add):
    """The feature pyramid by three lists: laterals, merged maps, levels; and the last level from all of them."""

    class Answer(nn.Module):
        def __init__(self, channels, outputs):
            super().__init__()
            self.one = nn.ModuleList(nn.Conv2d(c, outputs, 1) for c in channels)
            self.three = nn.ModuleList(nn.Conv2d(outputs, outputs, 3, padding=1) for _ in channels)

        def forward(self, maps):
            inner = [layer(each) for layer, each in zip(self.one, maps, strict=True)]
            merged = inner[-1:]
            for each in inner[-2::-1]:
                merged.insert(0, join(each, F.interpolate(merged[0], size=each.shape[-2:])))
            levels = [layer(each) for layer, each in zip(self.three, merged, strict=True)]
            return [*levels, last(maps, merged, levels)]

    return Answer


def box_head(outputs=lambda classes: 4 * classes, flat=lambda x: x.flatten(1)):
    class Answer(nn.Module):
        def __init__(self, inputs, width, classes):
            super().__init__()
            self.both = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
            self.which, self.where = nn.Linear(width, classes), nn.Linear(width, outputs(classes))

        def forward(self, x):
            x = self.both(flat(x))
            return self.which(x), self.where(x).reshape(len(x), -1, 4)

    return Answer


def detect(**other):
    """The forward pass with some of its steps exchanged: functions of everything that is known at that point."""

    def answer(photo, p):
        k = {"photo": photo, "p": p}
        k["batch"], k["size"] = p.prepare(photo)
        k["maps"] = p.pyramid(p.backbone(k["batch"]))
        objectness, deltas = p.rpn_head(k["maps"])
        firsts = [each[0] for each in objectness], [each[0] for each in deltas]
        k["rois"] = p.proposals(*firsts, p.anchors(k["maps"]), k["size"])
        k["logits"], k["deltas"] = p.box_head(p.pool(k["maps"][:-1], k["rois"], other.get("bins", 7)))
        k["roi"], k["labels"] = p.candidates(k["logits"])
        found = other.get("own", lambda k: p.own_box(k["deltas"][k["roi"]], k["rois"][k["roi"]], k["labels"]))(k)
        found = boxes.clip(found, *k["size"])
        scores = other.get("scores", lambda k: k["logits"].softmax(1)[k["roi"], k["labels"]])(k)
        large = boxes.large_enough(found, 0.01)
        found, labels, scores = found[large], k["labels"][large], scores[large]
        best = p.nms(found, scores, labels)[: p.limit]
        found, labels, scores = found[best], labels[best], scores[best]
        masks = p.own_mask(p.mask_head(p.pool(k["maps"][:-1], found, 14)), labels)
        corners = boxes.resize(found, k["size"], photo.shape[1:])
        masks = p.paste(masks, corners, *photo.shape[1:])
        return other.get("end", dict)(boxes=corners, labels=labels, scores=scores, masks=masks)

    return answer


def every_second(levels):
    return levels[-1][..., ::2, ::2]


RIGHT = {
    "paste-mask": paste(),
    "suppress-doubles": suppress(lambda scores: np.argsort(-scores, kind="stable")),
    "feature-pyramid": pyramid(lambda maps, merged, levels: every_second(levels)),
    "box-head": box_head(),
    "forward-pass": detect(),
}
SLIPS = [
    ("paste-mask", paste(stretched=(0, 0), laid=(0, 0)), "One row and one column are missing"),
    ("paste-mask", paste(stretched=(0, 0)), "it is one more in both places"),
    ("paste-mask", paste(laid=(0, 0)), "its last row and column are left out"),
    ("paste-mask", paste(stretched=(1, 0), laid=(1, 0)), "One column is missing"),
    ("paste-mask", paste(framed=False), "the mask has no frame of zeros"),
    ("paste-mask", paste(grown=1), "The frame has a cell on either side"),
    ("suppress-doubles", suppress(lambda scores: np.argsort(-scores)), 'kind="stable" keeps it so'),
    ("suppress-doubles", suppress(lambda s: sorted(range(len(s)), key=s.__getitem__)[::-1]), "in yours the later one"),
    ("feature-pyramid", pyramid(lambda maps, merged, levels: every_second(maps)), "made of the map that came in"),
    ("feature-pyramid", pyramid(lambda maps, merged, levels: every_second(merged)), "3x3 convolution has not seen"),
    ("feature-pyramid", pyramid(lambda maps, merged, levels: every_second(levels[:1])), "made from the finest"),
    ("feature-pyramid", pyramid(lambda maps, merged, levels: F.max_pool2d(levels[-1], 2)), "a map of one cell has no"),
    (
        "feature-pyramid",
        pyramid(lambda maps, merged, levels: every_second(levels), lambda one, other: torch.cat([one, other], 1)),
        "You lay lateral and enlarged map side by side",
    ),
    ("box-head", box_head(outputs=lambda classes: 4), "each class has four of its own"),
    ("box-head", box_head(flat=lambda x: x.mean((2, 3))), "You took the mean over each map"),
    ("forward-pass", detect(scores=lambda k: k["logits"].softmax(1)), "a table of RoIs and classes"),
    ("forward-pass", detect(scores=lambda k: k["logits"].softmax(1)[k["roi"]]), "in the column of its label"),
    ("forward-pass", detect(own=lambda k: k["p"].own_box(k["deltas"], k["rois"], k["labels"])), "several candidates"),
    ("forward-pass", detect(bins=14), "Your boxes have 14"),
]


def exercise(exercise_id):
    return next(
        m.LESSON[exercise_id] for m in (lesson_06, lesson_07, lesson_09, lesson_10) if exercise_id in m.LESSON.exercises
    )


@pytest.mark.parametrize("exercise_id", RIGHT)
def test_without_a_slip_it_is_right(exercise_id):
    assert judge(exercise(exercise_id), RIGHT[exercise_id]).status == "right"


@pytest.mark.parametrize(("exercise_id", "answer", "words"), SLIPS)
def test_the_slip_is_named(exercise_id, answer, words):
    outcome = judge(exercise(exercise_id), answer)
    assert outcome.status == "wrong" and outcome.named and words in outcome.hint


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda **found: tuple(found.values()), "a dictionary of boxes, labels, scores, masks is asked for"),
        (lambda **found: {"mask" if k == "masks" else k: v for k, v in found.items()}, "your dictionary has no masks"),
        (lambda **found: found | {"labels": found["labels"][1:]}, "wants boxes (D, 4), labels (D,)"),
    ],
)
def test_what_comes_back_in_another_form_is_named(end, reason):
    passes = LESSON["forward-pass"]
    refused = run(detect(end=end), passes.edges()[0], passes.probe)
    assert isinstance(refused, Raised) and refused.kind == "" and reason in refused.message


def test_corners_of_pasted_boxes_lie_clear_of_whole_numbers_or_on_them():
    """The last digit of somebody's arithmetic must not decide which pixel a corner falls to."""
    for mask, box, _, _ in LESSON["paste-mask"].draw_cases(1):
        grown = (box[2:] - box[:2]) / len(mask)
        corners = torch.cat([box[:2] - grown, box[2:] + grown])
        assert ((corners - corners.round()).abs() > 1e-3).all() or torch.equal(corners, corners.round())

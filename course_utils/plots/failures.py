"""Figures of lesson 16, pictures: good cases, failed cases by kind of error and their cost, what suppression costs."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils import boxes as box_algebra
from course_utils import masks
from course_utils.dataset.classes import CLASSES
from course_utils.dataset.scene import Scene
from course_utils.metrics.errors import KINDS, Errors
from course_utils.metrics.instances import Detections
from course_utils.plots.bars import grouped_bars
from course_utils.plots.meals import SCENARIOS
from course_utils.plots.scenes import draw_box, draw_fill, draw_labels, draw_outline, draw_photo, zoom
from course_utils.plots.style import INK, class_colour, hide_axes, new_figure, show
from course_utils.translation.say import N_, _

_KIND_WORDS = dict(
    zip(
        KINDS,
        (N_("localisation"), N_("classification"), N_("duplicate"), N_("background"), N_("both"), N_("missed")),
        strict=True,
    )
)


def good_cases(scenes: Sequence[Scene], found: Sequence[Detections], ious: Sequence[np.ndarray]) -> None:
    """Plates with what was found on them, dashed where other food lies in front.

    Args:
        scenes: plates. found: detections of each, with masks or RLEs.
        ious: for each plate (N,), how well its pieces were outlined.
    """
    figure, axes = new_figure(1, len(scenes), width=3.1 * len(scenes), height=3.35)
    for panel, scene, detections, values in zip(axes[0], scenes, found, ious, strict=True):
        draw_photo(
            panel,
            scene.image,
            _("{pieces} pieces, lowest IoU {lowest:.2f}").format(pieces=len(values), lowest=values.min()),
        )
        _draw_amodal(panel, scene, detections)
        zoom(panel, np.any(scene.masks, axis=0), 10)
    low = min(values.min() for values in ious)
    show(
        figure,
        _("{heaps} heaps with predicted outlines; every piece has one of IoU {low:.2f} or more.").format(
            heaps=len(scenes), low=low
        ),
    )


def _draw_amodal(panel: Axes, scene: Scene, detections: Detections) -> None:
    """Predicted outlines: solid where the piece can be seen, dashed where another piece hides it."""
    predicted = detections.regions.to_masks().masks
    overlap = masks.iou(predicted, scene.masks)
    seen = []
    for mask, label, piece in zip(predicted, detections.labels, overlap.argmax(axis=1), strict=True):
        colour = class_colour(int(label))
        in_the_open = mask & ~np.delete(scene.visible_masks, piece, axis=0).any(axis=0)
        seen.append(in_the_open)
        draw_fill(panel, in_the_open, colour, 0.3)
        draw_outline(panel, mask, colour, "--", 1.3)
        draw_outline(panel, in_the_open, colour, width=1.8)
    names = [CLASSES[label - 1] for label in detections.labels]
    draw_labels(panel, seen, names, [class_colour(int(label)) for label in detections.labels])


def failed_cases(errors: Errors, scenes: Sequence[Scene], found: Sequence[Detections]) -> None:
    """The surest error of each kind that occurs; of missed pieces the one that is hidden least.

    Args:
        errors: of `find_errors`. scenes: the plates that it judged, in the same order.
        found: the detections that it judged, those below its score cut-off left out.
    """
    kinds = [kind for kind, count in errors.counts.items() if count]
    columns = 2 if len(kinds) in (2, 4) else 3
    rows = -(-len(kinds) // columns)
    figure, axes = new_figure(rows, columns, width=3.2 * columns, height=0.3 + 3.55 * rows)
    for panel in axes.flat:
        hide_axes(panel)
    told = []
    for panel, kind in zip(axes.flat, kinds, strict=False):
        if kind == "missed":
            words = _draw_missed(panel, errors, scenes, found)
        else:
            words = _draw_wrong(panel, errors, kind, scenes, found)
        name = _(_KIND_WORDS[kind])
        panel.set_title(f"{name} ({errors.counts[kind]})\n{words}", fontsize=10)
        told.append(f"{name}: {words}")
    figure.suptitle(_("In colour: what was said. Black and white: what is there."), x=0.01, ha="left", fontsize=11)
    show(figure, _("One failure of each kind. {told}.").format(told="; ".join(told)))


def _draw_wrong(panel: Axes, errors: Errors, kind: str, scenes: Sequence[Scene], found: Sequence[Detections]) -> str:
    candidates = np.flatnonzero(errors.kind == kind)
    worst = int(candidates[errors.score[candidates].argmax()])
    image, target = int(errors.image[worst]), int(errors.target[worst])
    number = worst - int(np.flatnonzero(errors.image == image)[0])
    scene, label = scenes[image], int(errors.label[worst])
    mask = found[image].regions.to_masks().masks[number]
    draw_photo(panel, scene.image)
    said = {"food": CLASSES[label - 1], "score": errors.score[worst]}
    words, around = _("said {food} ({score:.2f})").format(**said), mask
    if target >= 0:
        piece = scene.instances[target - int(np.flatnonzero(errors.truth_image == image)[0])]
        iou = masks.iou(mask[None], piece.mask[None])[0, 0]
        words = _("said {food} ({score:.2f}), is {name}, IoU {iou:.2f}").format(**said, name=piece.name, iou=iou)
        around = mask | piece.mask
    draw_fill(panel, mask, class_colour(label), 0.25)
    draw_outline(panel, mask, class_colour(label), width=2.4)
    if target >= 0:
        _draw_truth(panel, piece.mask)
    zoom(panel, around)
    return words


def _draw_missed(panel: Axes, errors: Errors, scenes: Sequence[Scene], found: Sequence[Detections]) -> str:
    hidden = np.concatenate([scene.occlusion_rates for scene in scenes])
    plainest = int(np.where(errors.missed, hidden, np.inf).argmin())
    image = int(errors.truth_image[plainest])
    scene = scenes[image]
    piece = scene.instances[plainest - int(np.flatnonzero(errors.truth_image == image)[0])]
    draw_photo(panel, scene.image)
    for mask, label in zip(found[image].regions.to_masks().masks, found[image].labels, strict=True):
        draw_outline(panel, mask, class_colour(int(label)), width=1.2)
    _draw_truth(panel, piece.mask)
    zoom(panel, piece.mask)
    return _("a {name}, {occlusion_rate:.0%} hidden").format(name=piece.name, occlusion_rate=piece.occlusion_rate)


def _draw_truth(panel: Axes, mask: np.ndarray) -> None:
    """An outline in black and white dashes, which stands out from food and plate alike."""
    draw_outline(panel, mask, INK, width=2.2)
    draw_outline(panel, mask, "white", "--", 2.2)


def error_bars(errors: Mapping[str, Errors]) -> None:
    """How many errors of each kind there are in each scenario, and how much average precision each kind costs."""
    figure, axes = new_figure(1, 2, width=9.4, height=3.6)
    numbers = {scenario: (one.counts, one.costs) for scenario, one in errors.items()}
    colours = [SCENARIOS[scenario][1] for scenario in numbers]
    for panel, which, unit in zip(axes[0], (0, 1), (_("errors"), _("average precision to be won")), strict=True):
        groups = {
            _(SCENARIOS[scenario][0]): [both[which][kind] for kind in KINDS] for scenario, both in numbers.items()
        }
        grouped_bars(
            panel,
            groups,
            colours,
            [_(_KIND_WORDS[kind]) for kind in KINDS],
            "{:.3f}" if which else "{:.0f}",
            lying=True,
        )
        panel.set_xlabel(unit)
    counts, costs = numbers["occluded"]
    frequent, dear = max(KINDS, key=counts.__getitem__), max(KINDS, key=costs.__getitem__)
    axes[0, 1].set_yticklabels([])
    axes[0, 0].set_title(
        _("In heaps most errors are: {frequent}").format(frequent=_(_KIND_WORDS[frequent])), fontsize=10
    )
    axes[0, 1].set_title(_("To be mended first: {dear}").format(dear=_(_KIND_WORDS[dear])), fontsize=10)
    axes[0, 1].legend(loc="lower right", fontsize=9)
    show(
        figure,
        _(
            "Bars of the number of errors by kind and of the average precision that each kind costs. In heaps "
            "{frequent} is the most frequent, with {count}, and {dear} costs most, {cost:.3f}."
        ).format(
            frequent=_(_KIND_WORDS[frequent]), count=counts[frequent], dear=_(_KIND_WORDS[dear]), cost=costs[dear]
        ),
    )


def suppressed_pair(scene: Scene) -> None:
    """The two pieces of one class whose whole boxes overlap most: with whole boxes, and with those of what is seen."""
    iou = box_algebra.iou(scene.boxes, scene.boxes)
    twins = np.triu(scene.labels[:, None] == scene.labels, 1)
    pair = np.unravel_index(int(np.where(twins, iou, -1).argmax()), iou.shape)
    figure, axes = new_figure(1, 2, width=8.2, height=4.3)
    told, whole = [], scene.masks
    kinds = (
        (whole, _("Whole boxes: IoU {overlap:.2f}"), _("whole boxes have an IoU of {overlap:.2f}")),
        (scene.visible_masks, _("Visible boxes: IoU {overlap:.2f}"), _("visible boxes have an IoU of {overlap:.2f}")),
    )
    for panel, (stack, title, words) in zip(axes[0], kinds, strict=True):
        corners = masks.to_boxes(stack[list(pair)])
        overlap = box_algebra.iou(corners[:1], corners[1:])[0, 0]
        draw_photo(panel, scene.image, title.format(overlap=overlap))
        for piece, box in zip((scene.instances[k] for k in pair), corners, strict=True):
            if stack is whole:
                draw_outline(panel, piece.mask, class_colour(piece.label), "--")
            draw_outline(panel, piece.visible_mask, class_colour(piece.label))
            draw_box(panel, box, "white")
        zoom(panel, np.any(scene.masks[list(pair)], axis=0))
        told.append(words.format(overlap=overlap))
    name = scene.instances[pair[0]].name
    show(
        figure,
        _("Two pieces of {name}, one on the other: their {first}, their {second}.").format(
            name=name, first=told[0], second=told[1]
        ),
    )


def suppression_losses(kept: Mapping[tuple[str, float], float]) -> None:
    """Pieces in heaps that suppression takes from a perfect detector.

    Args:
        kept: (kind of box, NMS threshold) -> share of the pieces that can be kept.
    """
    figure, axes = new_figure(1, 1, width=6.8, height=3.2)
    panel = axes[0, 0]
    kinds = list(dict.fromkeys(kind for kind, _ in kept))
    thresholds = list(dict.fromkeys(threshold for _, threshold in kept))
    lost = {kind: [100 * (1 - kept[kind, threshold]) for threshold in thresholds] for kind in kinds}
    grouped_bars(panel, lost, ("#0072B2", "#56B4E9"), [f"NMS {threshold:g}" for threshold in thresholds], "{:.1f}")
    panel.set(ylabel=_("pieces lost, %"))
    usual = 1 - kept[kinds[0], 0.5]
    panel.set_title(
        _("At the usual 0.5, {kind} lose {usual:.1%} of the pieces in heaps").format(kind=kinds[0], usual=usual)
    )
    panel.legend()
    show(
        figure,
        _("Bars of the share of pieces that suppression takes from a perfect detector; {usual:.1%} at 0.5.").format(
            usual=usual
        ),
    )

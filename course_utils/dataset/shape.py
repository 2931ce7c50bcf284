"""An annotation together with its outlines."""

from collections.abc import Iterator
from dataclasses import dataclass

from course_utils.dataset.faults import box_problem, short
from course_utils.dataset.findings import Finding
from course_utils.dataset.outlines import NO_OUTLINE, Outline, overlap


@dataclass
class Shape:
    """An annotation with its outlines. `visible` is None where a file knows nothing of hidden parts."""

    annotation: dict
    whole: Outline
    visible: Outline | None

    @property
    def seen(self) -> Outline:
        """What can be seen of it."""
        return self.visible or self.whole

    def findings(self) -> Iterator[Finding]:
        """What is wrong with its outlines."""
        who, photo = f"annotation {short(self.annotation.get('id'))}", self.annotation.get("image_id")
        for key, outline in (("segmentation", self.whole), ("visible_segmentation", self.visible)):
            hidden = outline is self.visible and outline is not None and outline.rle and not outline.area
            if hidden:
                yield Finding(who, "is wholly hidden: nothing of it can be seen, and it is not learned", True)
            elif outline and outline.fault:
                yield Finding(who, f"{key}: {outline.fault}", photo=photo)
            elif outline and outline.advice:
                yield Finding(who, f"{key}: {outline.advice}", True)
        if self.usable and self.visible and self.visible.rle != self.whole.rle:
            outside = self.visible.area - overlap(self.visible, self.whole)
            if outside:
                yield Finding(who, f"{outside} visible pixels lie outside of the amodal mask", photo=photo)

    @property
    def usable(self) -> bool:
        """Whether both outlines could be read; the visible one may be empty."""
        return not self.whole.fault and (self.visible is None or self.visible.rle is not None)


def with_only_boxes(shape: Shape) -> Iterator[Finding]:
    """`Shape.findings`; where there is no outline but a box, they say so."""
    for one in shape.findings():
        boxed = one.what.endswith(NO_OUTLINE) and shape.annotation.get("bbox")
        yield Finding(one.who, f"{one.what}, only a box", photo=one.photo) if boxed else one


def take_boxes(annotations: list[dict]) -> int:
    """Where there is no outline but a sound box, make the box the outline; how many there were."""
    taken = 0
    for one in annotations:
        if one.get("segmentation") in (None, []) and one.get("bbox") and not box_problem(one["bbox"]):
            x, y, width, height = one["bbox"]
            one["segmentation"] = [[x, y, x + width, y, x + width, y + height, x, y + height]]
            if "visible_segmentation" in one:
                one["visible_segmentation"] = one["segmentation"]
            taken += 1
    return taken

"""A stand-in for a trained model: it knows the truth about the scenes it is given."""

import torch

from course_utils.training.samples import to_tensor


class FindsAll(torch.nn.Module):
    """Finds every piece of the scenes with its true amodal mask, those of one class left out if so wished.

    With ``visible`` it also draws what can be seen, and a little beyond its piece, as a network may.
    """

    def __init__(self, scenes, missed_label: int | None = None, visible: bool = False):
        super().__init__()
        self.visible = visible
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.scenes, self.missed_label = list(scenes), missed_label
        self.turn = 0

    def forward(self, images):
        scene = self.scenes[self.turn % len(self.scenes)]
        self.turn += 1
        assert torch.equal(images[0], to_tensor(scene.image)), "photos come in the order of the scenes"
        keep = scene.labels != self.missed_label
        labels = torch.from_numpy(scene.labels[keep])
        masks = torch.from_numpy(scene.masks[keep]).float()
        found = {"labels": labels, "masks": masks, "scores": torch.linspace(0.98765, 0.6, len(labels))}
        if self.visible:
            found["visible_masks"] = torch.from_numpy(scene.visible_masks[keep] | ~scene.masks[keep]).float()
        return [found]

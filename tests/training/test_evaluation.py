"""The scores in a run's log are those of the detections."""

import pytest
import torch
from helpers.training_runs import write_coco

from course_utils.training.evaluation import evaluate
from course_utils.training.samples import CocoFile


class Oracle(torch.nn.Module):
    """Finds the objects of the photos it is told, those in `missed` left out."""

    def __init__(self, source, missed=()):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.samples = [source[k] for k in range(len(source))]
        self.missed = set(missed)

    def forward(self, images):
        sample = next(s for s in self.samples if torch.equal(s.image, images[0]))
        keep = [k for k, label in enumerate(sample.labels.tolist()) if label not in self.missed]
        return [
            {
                "labels": sample.labels[keep],
                "masks": sample.whole[keep].float(),
                "scores": torch.full((len(keep),), 0.9),
            }
        ]


@pytest.fixture
def source(tmp_path):
    return CocoFile(write_coco(tmp_path))


def test_a_perfect_model_scores_one(source):
    scores = evaluate(Oracle(source), source, progress=False)
    assert scores == {name: 1.0 for name in ("f1_50", "f1_75", "f1_85", "f1_90")}


def test_a_class_that_is_never_found_scores_zero(source):
    scores = evaluate(Oracle(source, missed={2}), source, progress=False)
    assert scores["f1_50"] == pytest.approx(0.5)


def test_detections_below_the_cut_off_do_not_count(source):
    assert evaluate(Oracle(source), source, min_score=0.95, progress=False)["f1_50"] == 0


def test_the_mode_is_kept(source):
    model = Oracle(source).train()
    evaluate(model, source, progress=False)
    assert model.training

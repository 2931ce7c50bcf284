"""`course evaluate`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_utils.metrics.coco import CocoTruth
    from course_utils.metrics.instances import Detections


def require_classes(names: Sequence[str], truth: "CocoTruth", weights: Path) -> None:
    """Raise a CourseError if a model's classes are not the categories of the truth, in the order of their ids."""
    wanted = list(truth.categories.values())
    if list(names) != wanted:
        raise CourseError(
            f"{weights}: its classes are {', '.join(names)}; the categories of {truth.source} are {', '.join(wanted)}"
        )


def with_category_ids(found: "Detections", ids: Sequence[int]) -> "Detections":
    """A model's labels count from 1; those of the truth may have gaps. ``ids``: of the categories, ascending."""
    return replace(found, labels=[ids[label - 1] for label in found.labels])


def in_words(told: dict[str, float]) -> str:
    """The scores of `course_utils.metrics.visibility.visibility_scores` as a sentence."""
    if not told["pieces"]:
        return "no piece was found, so nothing is said about what is hidden"
    front = f"the front piece is right in {told['front']:.1%} of {told['pairs']} overlapping pairs"
    hidden = f"the hidden share is within 10 points for {told['hidden']:.1%} of {told['pieces']} found pieces"
    return f"{front if told['pairs'] else 'no two found pieces overlap'}; {hidden}"


@click.command()
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--split", "splits", multiple=True, default=("val", "test_occluded", "test_non_occluded"))
@click.option("--folder", type=click.Path(path_type=Path), help="A data set like the course's, which is the default.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the predictions, as compressed COCO results.")
@click.option("--min-score", default=0.5, show_default=True, help="Detections below do not count.")
@click.option(
    "--eight-looks", is_flag=True, help="Turn and mirror each photo in all eight ways; takes eight times as long."
)
def evaluate(
    weights: Path,
    splits: tuple[str, ...],
    folder: Path | None,
    out: Path | None,
    min_score: float,
    eight_looks: bool,
) -> None:
    """Precision, recall and F1 of a trained model's masks, by split and IoU threshold.

    WEIGHTS is a run's weights.safetensors; its classes must be the categories of the split, in the order of their ids.
    """
    from course_utils.dataset import load
    from course_utils.mask_rcnn.looks import EightLooks
    from course_utils.mask_rcnn.shipped import load_model
    from course_utils.metrics import coco
    from course_utils.metrics.visibility import visibility_scores
    from course_utils.paths import data_dir
    from course_utils.training.evaluation import THRESHOLDS
    from course_utils.training.results import predict_scenes, score_table, write_results

    model = load_model(weights)
    eyes = EightLooks(model) if eight_looks else model
    for split in splits:
        scenes = load(split, folder)
        truth = coco.read_truth((folder or data_dir()) / "annotations" / f"{split}.json")
        require_classes(model.names, truth, weights)
        found = predict_scenes(eyes, scenes)
        found = {image: with_category_ids(detections, truth.classes) for image, detections in found.items()}
        if out:
            write_results(found, out / f"{split}.json.gz")
        table = score_table(list(truth.pair(found)), THRESHOLDS, truth.classes, min_score)
        click.echo(f"\n{split}, scores from {min_score} on, mean over the classes\n{table.round(3).to_string()}")
        if any(each.visible is not None for each in found.values()):
            click.echo(in_words(visibility_scores(scenes, found, min_score)))

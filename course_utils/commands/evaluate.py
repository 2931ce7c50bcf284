"""`course evaluate`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_utils.dataset import Split
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


def scenes_of(splits: Sequence[str], folder: Path | None, data: Path | None, images: Path | None) -> "Iterator[Split]":
    """The data sets to evaluate on, without errors."""
    from course_utils.dataset import Split, load
    from course_utils.dataset.annotations import AnnotationFile, outline_findings

    if images and not data:
        raise CourseError(f"--images {images}: goes with a COCO file of your own; give that with --data")
    if data and folder:
        raise CourseError(f"--folder {folder}: cannot be joined with --data {data}; choose one of them")
    for scenes in [Split(AnnotationFile(data, images))] if data else (load(split, folder) for split in splits):
        scenes.file.findings += outline_findings(scenes.file)
        scenes.file.insist()
        yield scenes


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
@click.option("--data", type=click.Path(path_type=Path), help="A COCO file of your own, instead of splits.")
@click.option(
    "--images", type=click.Path(path_type=Path), help="Folder of its photos; by default found as by `data check`."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the predictions, as compressed COCO results.")
@click.option("--min-score", default=0.5, show_default=True, help="Detections below do not count.")
@click.option(
    "--eight-looks", is_flag=True, help="Turn and mirror each photo in all eight ways; takes eight times as long."
)
def evaluate(
    weights: Path,
    splits: tuple[str, ...],
    folder: Path | None,
    data: Path | None,
    images: Path | None,
    out: Path | None,
    min_score: float,
    eight_looks: bool,
) -> None:
    """Precision, recall and F1 of a trained model's masks, by split and IoU threshold.

    WEIGHTS is a run's folder or its weights.safetensors; its classes must be the categories of the split, in the order
    of their ids.
    """
    from course_utils.dataset.findings import counted
    from course_utils.metrics import coco
    from course_utils.metrics.visibility import visibility_scores
    from course_utils.prediction import load_model
    from course_utils.training.evaluation import THRESHOLDS
    from course_utils.training.results import predict_scenes, score_table, write_results

    eyes = load_model(weights, eight_looks=eight_looks)
    names = eyes.names
    for scenes in scenes_of(splits, folder, data, images):
        truth = replace(coco.read_truth(scenes.file.outlined()), source=str(scenes.file.path))
        require_classes(names, truth, weights)
        found = predict_scenes(eyes, scenes)
        found = {image: with_category_ids(detections, truth.classes) for image, detections in found.items()}
        name = scenes.source.split(".json")[0]
        if out:
            write_results(found, out / f"{name}.json.gz")
        table = score_table(list(truth.pair(found)), THRESHOLDS, truth.classes, min_score)
        objects = counted(len(scenes.file.annotations), "object")
        click.echo(
            f"\n{name}: {counted(len(scenes), 'photo')}, {objects}; scores from {min_score} on, mean over the classes"
        )
        click.echo(table.round(3).to_string())
        if any(each.visible is not None for each in found.values()):
            click.echo(in_words(visibility_scores(scenes, found, min_score)))

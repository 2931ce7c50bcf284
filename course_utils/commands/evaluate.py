"""`course evaluate`."""

from pathlib import Path

import click


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

    WEIGHTS is a run's weights.safetensors.
    """
    from course_utils.dataset import CLASSES, load
    from course_utils.mask_rcnn.looks import EightLooks
    from course_utils.mask_rcnn.shipped import load_model
    from course_utils.metrics import coco
    from course_utils.paths import data_dir
    from course_utils.training.evaluation import THRESHOLDS
    from course_utils.training.results import predict_scenes, score_table, write_results

    model = load_model(weights)
    eyes = EightLooks(model) if eight_looks else model
    for split in splits:
        found = predict_scenes(eyes, load(split, folder))
        if out:
            write_results(found, out / f"{split}.json.gz")
        truth = coco.read_truth((folder or data_dir()) / "annotations" / f"{split}.json")
        table = score_table(list(truth.pair(found)), THRESHOLDS, range(1, len(CLASSES) + 1), min_score)
        click.echo(f"\n{split}, scores from {min_score} on, mean over the classes\n{table.round(3).to_string()}")

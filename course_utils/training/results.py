"""Predictions of a trained model on a split, kept in a file, so that every table can be computed again from them."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from course_utils.dataset import Scene
from course_utils.dataset.split import annotation_file
from course_utils.errors import CourseError
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import LOSSES, VISIBLE_LOSS, MaskRCNN
from course_utils.metrics import coco
from course_utils.metrics.batch import match_images
from course_utils.metrics.instances import Detections, GroundTruth
from course_utils.metrics.scores import count_matches
from course_utils.paths import data_dir
from course_utils.training.checkpoint import read_log, whole
from course_utils.training.evaluation import predict
from course_utils.training.samples import to_tensor


def predict_scenes(
    model: MaskRCNN | EightLooks, scenes: Iterable[Scene], progress: bool = True
) -> dict[int, Detections]:
    """What a model finds on every photo of a split: image id -> detections."""
    model.eval()
    bar = tqdm(scenes, "photos", disable=None if progress else True)
    return {scene.id: predict(model, to_tensor(scene.image), scene.id) for scene in bar}


def write_results(found: Mapping[int, Detections], path: Path) -> None:
    """Write detections as a COCO results file, compressed; the same detections give the same bytes."""
    rows = [row | {"score": round(row["score"], 4)} for row in coco.results(found)]
    content = gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), mtime=0)
    with whole(path) as beside:
        beside.write_bytes(content)


def stored_results(model: str, split: str) -> tuple[coco.CocoTruth, dict[int, Detections]]:
    """The truth of one of the course's splits, and what one of the course's models found on it.

    Raises:
        CourseError: there are no predictions of that model on that split.
    """
    truth = coco.read_truth(annotation_file(split))
    return truth, coco.read_results(data_dir() / "results" / model / f"{split}.json.gz", truth)


def logged_losses(model: str) -> tuple[dict[str, list[float]], list[int]]:
    """The losses of one of the course's models over all of its training.

    Args:
        model: name of a folder of ``data/results`` with the logs ``log_1.csv.gz``, ``log_2.csv.gz``, ... of its runs,
            each of which went on from the weights of the one before.

    Returns:
        Each loss that all its runs have over the steps; and at which step (from 0) each run but the first begins.

    Raises:
        CourseError: there are no logs of that model, or one is missing between others.
    """
    folder = data_dir() / "results" / model
    logs = [read_log(folder / f"log_{k}.csv.gz") for k in range(1, 1 + len(list(folder.glob("log_*.csv.gz"))))]
    if not logs:
        raise CourseError(f"{folder}: there is no log of a training run")
    if [] in logs:
        number = 1 + logs.index([])
        raise CourseError(f"{folder / f'log_{number}.csv.gz'}: is missing or empty; runs are numbered without gaps")
    starts = np.cumsum([len(log) for log in logs])[:-1].tolist()
    names = [name for name in (*LOSSES, VISIBLE_LOSS) if all(name in log[0] for log in logs)]
    return {name: [float(row[name]) for log in logs for row in log] for name in names}, starts


def score_table(
    pairs: Sequence[tuple[GroundTruth, Detections]],
    thresholds: Sequence[float],
    classes: Sequence[int],
    min_score: float = 0.5,
) -> pd.DataFrame:
    """Macro-averaged precision, recall and F1, a row for each IoU threshold."""
    matches = match_images(pairs, thresholds, classes=classes)
    rows = [count_matches(matches, t, min_score, zero_division=np.nan).macro | {"IoU": t} for t in thresholds]
    return pd.DataFrame(rows).set_index("IoU")[["precision", "recall", "f1"]]

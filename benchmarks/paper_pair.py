"""The two backbones of the paper, ResNet-101-FPN and ResNeXt-101-FPN, trained and judged on one GPU within minutes.

Both are trained at the same time, each by a process of its own: one alone would leave the GPU idle half of the time.
What lesson 16 needs of each is kept in OUT/resnet101 and OUT/resnext101: its predictions on three splits, the log, the
settings, the scores, and the facts of the machine. Weights are not kept; they are too large for the course.

usage: python benchmarks/paper_pair.py OUT MINUTES [FOLDER ...]     FOLDER: more plates, like the course's
       python benchmarks/paper_pair.py                              a rehearsal: ten steps with tiny photos, anywhere
"""

import json
import math
import multiprocessing
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

import torch

from course_utils.commands.train import split_to_learn
from course_utils.dataset import Scene, load
from course_utils.dataset.split import annotation_file
from course_utils.metrics import coco
from course_utils.metrics.visibility import visibility_scores
from course_utils.training import results
from course_utils.training.evaluation import THRESHOLDS
from course_utils.training.loop import Run
from course_utils.training.samples import Scenes
from course_utils.training.settings import TrainSettings
from course_utils.training.timebox import train_until

PROFILES = ("resnet101", "resnext101")
SPLITS = ("val", "test_occluded", "test_non_occluded")
JUDGING = 75
"""Seconds kept for the predictions, 350 photos and their masks."""
RECIPE = {"size": 320, "batch": 16, "learning_rate": 1e-3, "warmup": 200, "copy_paste": 0.25, "workers": 7}
REHEARSAL = {"size": 64, "batch": 2, "steps": 10, "warmup": 2}


def main(out: Path, minutes: float, folders: list[Path]) -> int:
    """Both models; the number of those that failed."""
    deadline = time.monotonic() + 60 * minutes - JUDGING if minutes else None
    start = multiprocessing.get_context("spawn").Process
    processes = [start(target=one_model, args=(profile, out / profile, deadline, folders)) for profile in PROFILES]
    if deadline is None:
        # A rehearsal may be on a small machine: one after the other.
        for process in processes:
            process.start()
            process.join()
    else:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    return sum(process.exitcode != 0 for process in processes)


def one_model(profile: str, out: Path, deadline: float | None, folders: list[Path]) -> None:
    """Train, predict, keep."""
    began = time.monotonic()
    scenes = [*load("train"), *(scene for folder in folders for scene in load(split_to_learn(folder), folder))]
    recipe = RECIPE if deadline else REHEARSAL
    settings = TrainSettings(profile, visible=True, pretrained=False, evaluate_every=0, **recipe)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if deadline:
            model = train_until(deadline, settings, Scenes(scenes), folder)
        else:
            model = Run(settings, Scenes(scenes), folder).train(progress=False)
        trained = time.monotonic()
        out.mkdir(parents=True, exist_ok=True)
        for name in ("log.csv", "settings.json"):
            stem, ending = name.split(".")
            shutil.copy(folder / name, out / f"{stem}_1.{ending}")
    scores = {split: judge(model, split, out, rehearsal=not deadline) for split in SPLITS}
    (out / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")
    facts = {
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine(),
        "torch": torch.__version__,
        "photos": len(scenes),
        "seconds of training": round(trained - began),
        "seconds of judging": round(time.monotonic() - trained),
    }
    (out / "machine.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(f"{profile}: {json.dumps(facts | scores['test_occluded'])}", flush=True)


def judge(model: torch.nn.Module, split: str, out: Path, rehearsal: bool) -> dict[str, float]:
    """Keep what the model finds on a split; F1 at each threshold, and what is told about hidden parts."""
    scenes: list[Scene] = load(split)[: 4 if rehearsal else None]
    found = results.predict_scenes(model, scenes, progress=False)
    results.write_results(found, out / f"{split}.json.gz")
    truth = coco.read_truth(annotation_file(split))
    pairs = [(truth.images[scene.id], found[scene.id]) for scene in scenes]
    table = results.score_table(pairs, THRESHOLDS, truth.classes)
    scores = {f"f1_{round(100 * threshold)}": round(float(f1), 4) for threshold, f1 in table["f1"].items()}
    told = visibility_scores(scenes, found).items()
    return scores | {name: None if math.isnan(value) else round(value, 4) for name, value in told}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(main(Path(sys.argv[1]), float(sys.argv[2]), [Path(folder) for folder in sys.argv[3:]]))
    with tempfile.TemporaryDirectory() as nowhere:
        sys.exit(main(Path(nowhere), 0, []))

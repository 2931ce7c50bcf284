"""How far a trained model's answers can be trusted: fit it on train and val, store it, and judge it on what is left.

usage: python benchmarks/trust.py [MODEL] [--store] [--photos FOLDER]

MODEL (slim by default) has its weights in data/weights and its predictions in data/results. Fitted, and with --store
kept beside the predictions, are what the training plates look like, the distance from which on a photo is strange
(between plates of val, and the same plates cut into tiles and mixed), the temperature of the scores, and the bounds of
the intervals. Then: how often the intervals hold on the test splits, how many of their plates are refused, and on how
many photos that show no plate of the course a meal is served, before and after. --photos adds one's own to these.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from skimage import data as free_photos

from course_utils.calories.claims import claims, fitted_bounds, held
from course_utils.calories.estimator import Estimator
from course_utils.calories.photo import detect, rivals
from course_utils.calories.trust import Trust, write_trust
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset import load
from course_utils.dataset.torch_dataset import to_tensor
from course_utils.errors import CourseError
from course_utils.mask_rcnn.familiarity import Familiarity, in_tiles, pooled_features, threshold
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.mask_rcnn.shipped import course_model
from course_utils.metrics.calibration import expected_calibration_error, fit_temperature, reliability, with_temperature
from course_utils.metrics.instances import Detections
from course_utils.metrics.matching import NOBODY, match_image
from course_utils.paths import data_dir
from course_utils.prediction.predict import read_any_photo
from course_utils.training.results import stored_results

TESTS = ("test_occluded", "test_non_occluded", "test_foreign")
FREE = (
    "astronaut", "brick", "camera", "cat", "cell", "checkerboard", "clock", "coffee", "coins", "colorwheel", "grass",
    "gravel", "horse", "hubble_deep_field", "immunohistochemistry", "logo", "microaneurysms", "moon", "page", "retina",
    "rocket", "shepp_logan_phantom", "text",
)  # fmt: skip
"""Photos that scikit-image brings along."""


def main() -> None:
    """Fit, store, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="slim")
    parser.add_argument("--store", action="store_true", help="keep it in data/results/MODEL")
    parser.add_argument("--photos", type=Path, help="folder of JPEG photos that show no plate of the course")
    arguments = parser.parse_args()
    model = course_model(arguments.model)
    weights = WeightModel(weighings())
    trust = fit(model, weights, arguments.model)
    measured = judged(model, Estimator(weights, trust.bounds), trust, arguments.model)
    print(pd.Series(measured).to_string())
    if arguments.store:
        command = f"python benchmarks/trust.py {arguments.model} --store"
        write_trust(trust, data_dir() / "results" / arguments.model, command, measured)
    if arguments.photos:
        photos = (read_any_photo(path) for path in sorted(arguments.photos.glob("*.jp*g")))
        print(pd.Series(refusals(model, trust, photos)).to_string())


def fit(model: MaskRCNN, weights: WeightModel, name: str) -> Trust:
    """Everything that is stored; from train the cloud, all else from val."""
    val, rng = load("val"), np.random.default_rng(0)
    temperature = fit_temperature(*verdicts(name, "val"))
    bounds = fitted_bounds(*claims(val, Estimator(weights), found_on(name, "val")))
    cloud = Familiarity.of(features(model, (scene.image for scene in load("train")[::3])))
    known = distances(model, cloud, (scene.image for scene in val))
    strange = distances(model, cloud, (in_tiles(scene.image, rng) for scene in val))
    return Trust(cloud, round(threshold(known, strange), 3), round(temperature, 3), rounded(bounds))


def judged(model: MaskRCNN, estimator: Estimator, trust: Trust, name: str) -> dict[str, float]:
    """What the promises are worth on the test splits and on free photos."""
    measured = {}
    for split in TESTS:
        scenes, found = load(split), found_on(name, split)
        plates, pieces = claims(scenes, estimator, found)
        measured[f"{split}: interval holds, plates"] = held(plates).mean()
        measured[f"{split}: interval holds, pieces"] = held(pieces).mean()
        scores, right = verdicts(name, split)
        for words, some in (("raw", scores), ("calibrated", with_temperature(scores, trust.temperature))):
            measured[f"{split}: calibration error, {words}"] = expected_calibration_error(reliability(some, right))
        measured[f"{split}: names in doubt"] = np.mean(
            [bool(rival) for one in found.values() for rival in rivals(one, trust.temperature)]
        )
        far = distances(model, trust.familiarity, (scene.image for scene in scenes)) > trust.farthest
        measured[f"{split}: plates refused"] = far.mean()
    served = refusals(model, trust, (free_photo(one) for one in FREE))
    measured |= {f"free photos: {words}": number for words, number in served.items()}
    return {words: round(float(number), 4) for words, number in measured.items()}


def refusals(model: MaskRCNN, trust: Trust, photos: Iterable[np.ndarray]) -> dict[str, int]:
    """On how many photos something is found, how many are refused, and on how many a meal is served all the same."""
    found, far = [], []
    for photo in photos:
        found.append(len(detect(model, photo)) > 0)
        far.append(trust.familiarity.distance(pooled_features(model, to_tensor(photo))) > trust.farthest)
    found, far = np.array(found), np.array(far)
    return {"photos": len(far), "meals before": found.sum(), "refused": far.sum(), "meals": (found & ~far).sum()}


def features(model: MaskRCNN, photos: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The vector of each photo."""
    return (pooled_features(model, to_tensor(photo)) for photo in photos)


def distances(model: MaskRCNN, cloud: Familiarity, photos: Iterable[np.ndarray]) -> np.ndarray:
    """How unusual each photo is, ``(N,)``."""
    return np.array([cloud.distance(vector) for vector in features(model, photos)])


def found_on(name: str, split: str) -> dict[int, Detections]:
    """The stored detections of a split, unsure ones too; photos without any have none."""
    truth, found = stored_results(name, split)
    missing = [scene for scene in load(split) if scene.id not in found]
    if missing:
        raise CourseError(f"{name} on {split}: no predictions for image {missing[0].id}")
    return found


def verdicts(name: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Scores of all stored detections ``(D,)``, and whether each is right: name, and IoU of at least one half."""
    truth, found = stored_results(name, split)
    pairs = list(truth.pair(found))
    right = [match_image(one, detections).truth_of != NOBODY for one, detections in pairs]
    return np.concatenate([detections.scores for _, detections in pairs]), np.concatenate(right)


def free_photo(name: str) -> np.ndarray:
    """A photo of scikit-image's as ``(H, W, 3) uint8``."""
    photo = np.asarray(getattr(free_photos, name)())
    photo = photo if photo.ndim == 3 else np.repeat(photo[..., None], 3, axis=2)
    scale = 1 if photo.dtype == np.uint8 else 255
    return np.ascontiguousarray((photo[..., :3] * scale).astype(np.uint8))


def rounded(bounds: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Bounds to three decimals, outward, so that no plate on the edge falls out."""
    return {
        group: (float(np.floor(1000 * low) / 1000), float(np.ceil(1000 * high) / 1000))
        for group, (low, high) in bounds.items()
    }


if __name__ == "__main__":
    main()

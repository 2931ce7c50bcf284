"""What a rendered plate costs and how clean it is: seconds at 320 px, and the error of its pixels against 512 samples.

usage: python benchmarks/rendering.py [PLATES]     (how many, half of them heaped; 8 by default)
"""

import copy
import resource
import sys
import time

import numpy as np

from course_utils.synthetic import engine
from course_utils.synthetic.annotation import describe_image, describe_pieces
from course_utils.synthetic.denoise import denoise
from course_utils.synthetic.layout import look
from course_utils.synthetic.memory import keep_memory
from course_utils.synthetic.rendering import SAMPLES, develop, make_scene, trace

SPLIT, SEED, SIZE = "val", 2022, 320
MANY, PASS = 512, 32  # samples a pixel; so many at a time fit into memory


def main(plates: int) -> None:
    """Print medians over the first heaped and the first laid-out plates of the validation split."""
    keep_memory()
    count, heaped = engine.SPLITS[SPLIT].count, engine.SPLITS[SPLIT].occluded
    chosen = [*range(1, plates // 2 + 1), *range(heaped + 1, heaped + plates - plates // 2 + 1)]
    engine.make_layout(SPLIT, count, SEED, count, 64)  # loading and compiling is not part of a plate
    rows = []
    print(f"{'plate':>6} {'pieces':>6} {'s':>6} {'s of CPU':>9} {'RMSE raw':>9} {'denoised':>9} {'reference':>10}")
    for index in chosen:
        rows.append(measure(index, count))
        print("{:6d} {:6d} {:6.1f} {:9.1f} {:9.2f} {:9.2f} {:10.2f}".format(index, *rows[-1]), flush=True)
    _, wall, cpu, raw, clean, reference = np.median(np.array(rows), axis=0)
    print(f"median of {len(rows)}: {wall:.1f} s a plate, {cpu:.1f} s of CPU")
    print(f"RMSE in levels of 255 against {MANY} samples: {SAMPLES} samples {raw:.2f}, denoised {clean:.2f}")
    print(f"noise of the {MANY} samples themselves: about {reference:.2f}")


def measure(index: int, count: int) -> tuple[int, float, float, float, float, float]:
    """Pieces; wall and CPU seconds of one plate, all included but the JPEG; three errors in levels of 255."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    layout, rng = engine.make_layout(SPLIT, index, SEED, count, SIZE)
    seen = look(layout.pieces, layout.camera, SIZE)
    describe_image(layout, SIZE), describe_pieces(layout, seen)
    scene = make_scene(layout, rng, SIZE)
    seed = int(rng.integers(2**31))
    layers = trace(scene, SAMPLES, seed)
    clean = denoise(*layers)
    photo = develop(clean, copy.deepcopy(rng))
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu

    passes = [trace(scene, PASS, seed + k)[0] for k in range(1, MANY // PASS + 1)]
    # The same generator state: exposure, white balance and the sensor's own noise are equal, only the light differs.
    truth = develop(np.mean(passes, axis=0), copy.deepcopy(rng))
    raw = develop(layers[0], copy.deepcopy(rng))
    halves = [develop(np.mean(passes[k::2], axis=0), copy.deepcopy(rng)) for k in (0, 1)]
    # Two halves differ by twice the noise of their mean.
    return len(layout.pieces), wall, cpu, rmse(raw, truth), rmse(photo, truth), rmse(*halves) / 2


def rmse(first: np.ndarray, second: np.ndarray) -> float:
    """Root mean square difference of two photos, levels of 255."""
    return float(np.sqrt(np.mean((first.astype(float) - second.astype(float)) ** 2)))


def cpu_seconds() -> float:
    """Of this process, all threads: unlike the clock's, not lengthened by what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)

"""What a rendered plate costs and how clean it is: seconds at 320 px, and the error of its pixels against 512 samples.

usage: python benchmarks/rendering.py [PLATES]          (how many, half of them heaped; 8 by default)
       python benchmarks/rendering.py PLATES stream     (plates of the wider world: their time only)
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
from course_utils.synthetic.rendering import SAMPLES, develop, make_scene, render, trace

SPLIT, SEED, SIZE = "val", 2022, 320
MANY, PASS = 512, 32  # samples a pixel; so many at a time fit into memory


def main(plates: int) -> None:
    """Print the median time of the first heaped and laid-out plates of a split, and the error of the first of each."""
    keep_memory()
    count, heaped = engine.SPLITS[SPLIT].count, engine.SPLITS[SPLIT].occluded
    chosen = [*range(1, plates // 2 + 1), *range(heaped + 1, heaped + plates - plates // 2 + 1)]
    engine.make_layout(SPLIT, count, SEED, count, 64)  # loading and compiling is not part of a plate
    times = []
    for index in chosen:
        times.append(seconds(index, count))
        print("plate {:2d}, {} pieces: {:.1f} s, {:.1f} s of CPU".format(index, *times[-1]), flush=True)
    _, wall, cpu = np.median(np.array(times), axis=0)
    print(f"median of {len(times)}: {wall:.1f} s a plate, {cpu:.1f} s of CPU")
    for index in (1, heaped + 1):
        raw, clean, reference = errors(index, count)
        print(f"plate {index}, RMSE in levels of 255 against {MANY} samples:", end=" ")
        print(
            f"{SAMPLES} samples {raw:.2f}, denoised {clean:.2f}; the {MANY} themselves about {reference:.2f}",
            flush=True,
        )


def wide(plates: int, split: str) -> None:
    """Print what the first plates of a split of the wider world cost; one in ten of them is empty."""
    keep_memory()
    engine.wide_picture(split, engine.SPLITS[split].count, SEED, 64)
    times = []
    for index in range(1, plates + 1):
        start = cpu_seconds()
        _, _, pieces = engine.wide_picture(split, index, SEED, SIZE)
        times.append(cpu_seconds() - start)
        print(f"plate {index:2d}, {len(pieces)} pieces: {times[-1]:.1f} s of CPU", flush=True)
    print(f"{len(times)} plates: mean {np.mean(times):.1f}, median {np.median(times):.1f} s of CPU a plate")


def seconds(index: int, count: int) -> tuple[int, float, float]:
    """Pieces, and wall and CPU seconds of a plate from its seed to its pixels and annotations."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    layout, rng = engine.make_layout(SPLIT, index, SEED, count, SIZE)
    describe_pieces(layout.pieces, look(layout.pieces, layout.camera, SIZE))
    describe_image(layout, SIZE)
    render(layout, rng, SIZE)
    return len(layout.pieces), time.perf_counter() - wall, cpu_seconds() - cpu


def errors(index: int, count: int) -> tuple[float, float, float]:
    """RMSE of the noisy and of the denoised photo, and how noisy the photo is that they are compared with."""
    layout, rng = engine.make_layout(SPLIT, index, SEED, count, SIZE)
    scene = make_scene(layout, rng, SIZE)
    seed = int(rng.integers(2**31))

    def photo(linear: np.ndarray) -> np.ndarray:
        # The same state of the generator: exposure, white balance and sensor noise are equal, only the light differs.
        return develop(linear, copy.deepcopy(rng)).astype(float)

    layers = trace(scene, SAMPLES, seed)
    passes = [trace(scene, PASS, seed + k)[0] for k in range(1, MANY // PASS + 1)]
    truth = photo(np.mean(passes, axis=0))
    # Two halves differ by twice the noise of their mean.
    halves = rmse(photo(np.mean(passes[::2], axis=0)), photo(np.mean(passes[1::2], axis=0))) / 2
    return rmse(photo(layers[0]), truth), rmse(photo(denoise(*layers)), truth), halves


def rmse(first: np.ndarray, second: np.ndarray) -> float:
    """Root mean square difference of two photos."""
    return float(np.sqrt(np.mean((first - second) ** 2)))


def cpu_seconds() -> float:
    """Of this process, all threads: unlike the clock's, not lengthened by what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if len(sys.argv) > 2:
        wide(int(sys.argv[1]), sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)

"""Processor time and memory of the COCO evaluation beside every evaluator that is installed, one thread each.

usage: python benchmarks/metrics.py [WORKLOAD ...]

Six workloads: boolean masks (encoding included for those that need it), one such image, RLEs and boxes as the
dictionaries that COCO's files hold, boxes of 1,200 classes, and files of the size of COCO's validation set. Each tool
has a process of its own. Memory is what the first evaluation adds to the inputs. All precisions and recalls must be
equal to the last bit to pycocotools' (or, where that takes minutes, to hotcoco's, which equal pycocotools' elsewhere).
The peers come with `pip install -e ".[bench]"`.
"""

import contextlib
import hashlib
import importlib.util
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from helpers import current_memory, forget_peak, peak_memory
from helpers import workloads as make
from helpers.evaluators import MODULES, TOOLS, from_masks

RUNS, ENOUGH = 4, 5.0  # at most so many runs of a tool, none after so many processor seconds
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
REFERENCES = ("pycocotools", "hotcoco")


@dataclass(frozen=True)
class Workload:
    """What is measured.

    Attributes:
        title: in words.
        kind: "masks" or "boxes".
        source: "arrays", "content" or "files".
        images, classes: how many; of arrays there are always six classes.
        left_out: tools that take minutes, or cannot do it.
    """

    title: str
    kind: str
    source: str
    images: int
    classes: int = 80
    left_out: tuple[str, ...] = ("torchmetrics",)


WORKLOADS = {
    "masks": Workload("500 images of 8 + 10 boolean masks, 256 x 256", "masks", "arrays", 500, left_out=()),
    "one": Workload("one such image", "masks", "arrays", 1, left_out=()),
    "rles": Workload("500 images of 100 RLEs, 480 x 640, 80 classes", "masks", "content", 500),
    "boxes": Workload("1,000 images of 100 boxes, 80 classes", "boxes", "content", 1000),
    "classes": Workload(
        "1,000 images of 100 boxes, 1,200 classes", "boxes", "content", 1000, 1200, ("torchmetrics", "pycocotools")
    ),
    "files": Workload(
        "5,000 images of 100 boxes, from files", "boxes", "files", 5000, left_out=("torchmetrics", "pycocotools")
    ),
}


def write(name: str, folder: Path) -> None:
    """Write the files of a workload; arrays are made where they are used, in no time."""
    work = WORKLOADS[name]
    if work.source != "arrays":
        (make.write_rles if work.kind == "masks" else make.write_boxes)(folder, work.images, classes=work.classes)


def measure(name: str, tool: str, folder: str) -> None:
    """Print what one tool takes for one workload."""
    work, seconds, spent, mib = WORKLOADS[name], np.inf, 0.0, 0.0
    run = from_masks(tool) if work.source == "arrays" else TOOLS[tool]
    warm_up(tool)
    for number in range(RUNS):
        inputs = read(work, Path(folder))  # anew each time: some tools write into what they are given
        forget_peak()
        before, start = current_memory(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            found = run(*inputs, work.kind)
        elapsed = time.process_time() - start
        if number == 0:
            mib = max(peak_memory() - before, 0) / 2**20
        seconds, spent = min(seconds, elapsed), spent + elapsed
        if spent > ENOUGH:
            break
    print(json.dumps({"seconds": seconds, "mib": mib, "answer": answer(found)}))


def read(work: Workload, folder: Path) -> tuple:
    """The inputs of a workload."""
    if work.source == "arrays":
        return make.mask_images(work.images), None
    return make.files(folder) if work.source == "files" else make.read(folder)


def warm_up(tool: str) -> None:
    """Have a tool import what it needs."""
    images = make.mask_images(2)
    with contextlib.redirect_stdout(io.StringIO()):
        from_masks(tool)(images, None, "masks")


def answer(found) -> str:
    """What a tool found: a fingerprint of its arrays, or a mean."""
    if isinstance(found, float):
        return f"{found:.6f}"
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in found)).hexdigest()[:12]


def report(name: str) -> None:
    """Measure all tools on a workload and print a row for each."""
    work, rows = WORKLOADS[name], {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / name
        write(name, place)
        for tool in TOOLS:
            if tool not in work.left_out and importlib.util.find_spec(MODULES[tool]):
                command = [sys.executable, __file__, "measure", name, tool, str(place)]
                done = subprocess.run(command, env=os.environ | ONE_THREAD, check=True, stdout=subprocess.PIPE)
                rows[tool] = json.loads(done.stdout)
    reference = next((tool for tool in REFERENCES if tool in rows), "course_utils")
    ours = rows["course_utils"]
    print(f"{work.title}\n    {'':22} processor s   to ours   memory, MiB   precision and recall", flush=True)
    for tool, row in rows.items():
        words = f"{'equal to' if row['answer'] == rows[reference]['answer'] else 'not bit-equal to'} {reference}"
        if "." in row["answer"]:
            words = f"only a mean, {row['answer']}"
        print(
            f"    {tool:22} {row['seconds']:11.3f} {row['seconds'] / ours['seconds']:9.1f} {row['mib']:13.0f}   {words}"
        )
    if ours["answer"] != rows[reference]["answer"]:
        sys.exit(f"ours differs from {reference}")


def main(names: list[str]) -> None:
    """Print everything."""
    missing = [tool for tool, module in MODULES.items() if not importlib.util.find_spec(module)]
    if missing:
        print(f'left out, since not installed: {", ".join(missing)} (pip install -e ".[bench]")')
    for name in names or WORKLOADS:
        report(name)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    measure(*sys.argv[2:]) if sys.argv[1:2] == ["measure"] else main(sys.argv[1:])

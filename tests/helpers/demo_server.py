"""The demo's server in a thread, with a model that knows the truth about the course's plates."""

import asyncio
import contextlib
import json
import threading
import urllib.error
import urllib.request

import numpy as np
import torch

from course_utils.calories.estimator import Estimator
from course_utils.calories.trust import course_trust
from course_utils.calories.weight import WeightModel, weighings
from course_utils.dataset import load
from course_utils.demo.analysis import Analyst
from course_utils.demo.server import example_plates, serve


class KnowsThePlates(torch.nn.Module):
    """Finds the true masks of the example plates, and nothing on any other photo; may say what can be seen, too."""

    def __init__(self, visible: bool = True):
        super().__init__()
        self.visible = visible
        self.plates = list(example_plates().values())

    def forward(self, images):
        pixels = (images[0] * 255).round().byte().permute(1, 2, 0).numpy()
        for scene in self.plates:
            if np.array_equal(scene.image, pixels):
                return [self.found(scene.masks, scene.visible_masks, scene.labels)]
        nothing = np.zeros((0, *pixels.shape[:2]), bool)
        return [self.found(nothing, nothing, np.zeros(0, np.int64))]

    def found(self, whole, visible, labels) -> dict[str, torch.Tensor]:
        masks = {"masks": whole} | ({"visible_masks": visible} if self.visible else {})
        found = {name: torch.from_numpy(mask).float() for name, mask in masks.items()}
        return found | {"labels": torch.from_numpy(labels), "scores": torch.linspace(0.99, 0.6, len(labels))}


def quick_analyst(visible: bool = True) -> Analyst:
    """An analyst whose regressions saw only a part of the weighing set, so that tests start sooner."""
    weights = WeightModel(weighings(load("weighing")[::5]))
    return Analyst(KnowsThePlates(visible), Estimator(weights, course_trust().bounds))


def ask(address: str, body: bytes | None = None) -> tuple[int, dict]:
    """Status and content of a JSON answer, to a POST where there is a body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body), timeout=60) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@contextlib.contextmanager
def running(analyst: Analyst, language: str = "en"):
    """The address of a server that speaks this language at first."""
    loop, address = asyncio.new_event_loop(), []
    started = threading.Event()

    async def start():
        address.append(f"http://127.0.0.1:{await serve(analyst, '127.0.0.1', 0, language)}")
        started.set()

    def run():
        asyncio.set_event_loop(loop)
        loop.create_task(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(30)
    yield address[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()

"""An answer that nobody waits for any more is not computed."""

import http.client
import time

import pytest
import torch
from helpers import demo_server

from course_utils.demo.interrupt import GivenUp, interruptible
from course_utils.demo.server import example_plates

LAYERS = 20


class Layer(torch.nn.Module):
    def __init__(self, ran: list[str]):
        super().__init__()
        self.ran = ran

    def forward(self, images):
        time.sleep(0.03)
        self.ran.append("a layer")
        return images


class Slow(demo_server.KnowsThePlates):
    """Takes its time, layer by layer, as a network does."""

    def __init__(self):
        super().__init__()
        self.ran = []
        self.layers = torch.nn.Sequential(*(Layer(self.ran) for _ in range(LAYERS)))

    def forward(self, images):
        return super().forward(self.layers(images))


def asking(address: str, name: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("POST", f"/plates/{name}", b"")
    return connection


@pytest.fixture
def slow():
    analyst = demo_server.quick_analyst()
    analyst.model = Slow()
    return analyst


def test_of_twelve_quick_clicks_only_the_last_is_computed(slow):
    with demo_server.running(slow) as address:
        *others, last = example_plates()
        for name in others:
            connection = asking(address, name)
            time.sleep(0.05)
            connection.close()
        answer = asking(address, last).getresponse()
        assert answer.status == 200 and b'"pieces"' in answer.read()
    # Eleven at a layer or two each while they were wanted, instead of twenty each.
    assert LAYERS <= len(slow.model.ran) <= LAYERS * 3
    ran = len(slow.model.ran)
    time.sleep(0.2)
    assert len(slow.model.ran) == ran


def test_two_visitors_who_both_wait_both_get_their_answer(slow):
    with demo_server.running(slow) as address:
        both = [asking(address, name) for name in list(example_plates())[:2]]
        assert [one.getresponse().status for one in both] == [200, 200]
    assert len(slow.model.ran) == 2 * LAYERS


def test_the_same_plate_again_does_not_run_the_network(slow):
    scene = next(iter(example_plates().values()))
    first = slow.analyse(scene.image, scene.px_per_cm)
    again = slow.analyse(scene.image, 2 * scene.px_per_cm, 0.7)
    assert len(slow.model.ran) == LAYERS and again["total"]["kcal"] < first["total"]["kcal"]


def test_what_comes_after_the_network_is_given_up_as_well(slow):
    """A plate that was looked at before spares the network; its pieces are still drawn one by one."""
    scene = next(one for one in example_plates().values() if len(one.labels) >= 4)
    slow.analyse(scene.image, scene.px_per_cm, scene=scene)
    for patience in range(3):
        asked = []

        def given_up(asked=asked, patience=patience) -> bool:
            asked.append(1)
            return len(asked) > patience

        with pytest.raises(GivenUp):
            slow.analyse(scene.image, scene.px_per_cm, scene=scene, given_up=given_up)
        assert len(asked) == patience + 1


def test_a_model_is_left_as_it_was():
    model = torch.nn.Sequential(torch.nn.Identity())
    with pytest.raises(GivenUp), interruptible(model, lambda: True):
        model(1)
    assert not any(part._forward_pre_hooks for part in model.modules())
    assert model(1) == 1

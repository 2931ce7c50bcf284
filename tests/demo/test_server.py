"""The demo's answers, without a browser."""

import io
import re
import urllib.error
import urllib.request
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import demo_server
from helpers.demo_server import ask
from PIL import Image
from skimage import data

from course_utils.calories.estimator import course_estimator
from course_utils.calories.photo import estimate_photo
from course_utils.calories.trust import course_trust
from course_utils.dataset import CLASSES
from course_utils.dataset.upload import read_upload
from course_utils.demo.analysis import Analyst
from course_utils.demo.server import example_plates
from course_utils.paths import data_dir


@pytest.fixture(scope="module")
def address():
    with demo_server.running(demo_server.quick_analyst()) as address:
        yield address


def photo_of(name: str) -> bytes:
    return (data_dir() / "images" / example_plates()[name].file_name).read_bytes()


def test_twelve_plates_to_pick_from(address):
    plates = ask(f"{address}/plates")[1]["plates"]
    assert [plate["scenario"] for plate in plates] == ["occluded"] * 6 + ["non_occluded"] * 6


def test_a_picked_plate_is_weighed(address):
    for name, scene in list(example_plates().items())[::5]:
        status, answer = ask(f"{address}/plates/{name}", b"")
        assert status == 200 and (answer["width"], answer["height"]) == (320, 320)
        assert [piece["name"] for piece in answer["pieces"]] == [CLASSES[label - 1] for label in scene.labels]
        total = answer["total"]
        assert total["kcal"] == pytest.approx(sum(piece["kcal"] for piece in answer["pieces"]))
        assert total["low"] < total["kcal"] < total["high"]
        assert total["grams"] == pytest.approx(scene.weights_g.sum(), rel=0.3)
        assert all(piece["visible"].startswith("M") for piece in answer["pieces"])


def test_hidden_parts_are_dashed_only_where_something_is_hidden(address):
    heaped, apart = (next(n for n in example_plates() if n.startswith(s)) for s in ("test_occ", "test_non"))
    assert any(piece["hidden"] for piece in ask(f"{address}/plates/{heaped}", b"")[1]["pieces"])
    assert not any(piece["hidden"] for piece in ask(f"{address}/plates/{apart}", b"")[1]["pieces"])


def test_the_share_that_is_hidden_is_the_truth_s_when_the_model_knows_it(address):
    for name, scene in list(example_plates().items())[:3]:
        pieces = ask(f"{address}/plates/{name}", b"")[1]["pieces"]
        shares = [piece["hidden_share"] for piece in pieces]
        assert shares == pytest.approx(scene.occlusion_rates.tolist(), abs=0.03)


def test_a_model_that_does_not_say_what_is_hidden_gets_no_guess():
    scene = next(iter(example_plates().values()))
    pieces = demo_server.quick_analyst(visible=False).analyse(scene.image, scene.px_per_cm)["pieces"]
    assert len(pieces) == len(scene.labels) and scene.occlusion_rates.max() > 0.1
    assert all(piece["hidden"] == "" and piece["hidden_share"] == 0 for piece in pieces)


def test_a_photo_that_is_no_plate_of_the_course_gets_a_sentence_and_no_meal():
    answer = Analyst().analyse(data.astronaut(), 20.0)
    assert answer["pieces"] == [] and "total" not in answer
    assert answer["refusal"].startswith("this photo looks unlike the rendered plates")
    scene = next(iter(example_plates().values()))
    plate = Analyst().analyse(scene.image, scene.px_per_cm)
    assert plate["refusal"] == "" and plate["total"]["low"] < plate["total"]["kcal"] < plate["total"]["high"]


def test_a_name_in_doubt_is_told_with_its_rival():
    class Undecided(demo_server.KnowsThePlates):
        """Finds each piece twice: surely as what it is, and with a score that does not count as tempe."""

        def found(self, whole, visible, labels):
            found = super().found(whole, visible, labels)
            found = {name: torch.cat([value, value]) for name, value in found.items()}
            found["labels"][len(labels) :] = 6
            found["scores"][len(labels) :] = 0.4
            return found

    scene = next(one for one in example_plates().values() if 6 not in one.labels)
    trust = replace(course_trust(), farthest=np.inf)
    found, meal = estimate_photo(Undecided(), course_estimator(), scene.image, scene.px_per_cm, trust)
    assert len(meal.pieces) == len(scene.labels) and {piece.rival for piece in meal.pieces} == {"tempe"}


def test_an_upload_with_a_larger_plate_weighs_more(address):
    name, scene = next(iter(example_plates().items()))
    share = scene.px_per_cm * scene.plate_diameter_cm / 320
    answers = [
        ask(f"{address}/photo?plate_share={share}&diameter_cm={scene.plate_diameter_cm * factor}", photo_of(name))[1]
        for factor in (1, 1.3)
    ]
    picked = ask(f"{address}/plates/{name}", b"")[1]["total"]["kcal"]
    assert answers[0]["total"]["kcal"] == pytest.approx(picked, rel=1e-6)
    assert answers[1]["total"]["kcal"] > 1.2 * picked


@pytest.mark.parametrize(
    ("question", "body", "status", "words"),
    [
        ("/photo?plate_share=0.8&diameter_cm=20", b"<html>", 400, "not a picture"),
        ("/photo?plate_share=0.8&diameter_cm=20", b"\xff" * (21 * 2**20), 400, "has 21 MB; please send at most 20"),
        ("/photo?plate_share=0.8", None, 400, "the diameter of the plate, in cm, is missing or no number"),
        ("/photo?plate_share=0.8&diameter_cm=nan", None, 400, "the diameter of the plate, in cm, is nan"),
        ("/photo?plate_share=0.8&diameter_cm=900", None, 400, "should lie between 2 and 100"),
        ("/photo?plate_share=0.8&diameter_cm=0", None, 400, "should lie between 2 and 100"),
        (
            "/photo?plate_share=x&diameter_cm=20",
            None,
            400,
            "the length of the ruler, as a share of the photo's width, is missing",
        ),
        ("/photo?score=2", None, 400, "the smallest score is 2; it should lie between 0.05 and 0.95"),
        ("/picture", b"<html>", 400, "not a picture"),
        ("/nothing", b"", 404, "there is nothing here"),
        ("/plates/test_occluded-99999", b"", 404, "there is no plate test_occluded-99999"),
    ],
)
def test_refusals_are_one_sentence(address, question, body, status, words):
    body = photo_of(next(iter(example_plates()))) if body is None else body
    got, answer = ask(address + question, body)
    assert got == status and words in answer["error"] and "\n" not in answer["error"]
    assert not re.search("plate_share|diameter_cm", answer["error"])


def test_files_of_the_machine_are_not_served(address):
    for path in ("/plates/../../foods.csv", "/plates/%2e%2e%2fREADME.md", "/page/server.py", "/page/..%2fserver.py"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address + path, timeout=60)


def test_a_taken_port_is_named(address):
    import asyncio

    from course_utils.demo.server import serve
    from course_utils.errors import CourseError

    with pytest.raises(CourseError, match="cannot be listened on: .*; try another --port"):
        asyncio.run(serve(None, "127.0.0.1", int(address.rsplit(":", 1)[1])))


def test_a_host_that_is_no_name_is_named():
    import asyncio

    from course_utils.demo.server import serve
    from course_utils.errors import CourseError

    with pytest.raises(CourseError, match=r"^a\.\.b:0: cannot be listened on: 'a\.\.b' is no name of a host$"):
        asyncio.run(serve(None, "a..b", 0))


def test_a_host_that_is_not_known_is_named():
    import asyncio

    from course_utils.demo.server import serve
    from course_utils.errors import CourseError

    with pytest.raises(CourseError, match=r"^nowhere\.invalid:0: cannot be listened on: no machine is called"):
        asyncio.run(serve(None, "nowhere.invalid", 0))


def test_a_photo_is_shown_as_the_model_will_see_it(address):
    file = io.BytesIO()
    Image.fromarray(np.arange(900 * 1300 * 3, dtype=np.uint8).reshape(900, 1300, 3)).save(file, "WEBP")
    with urllib.request.urlopen(urllib.request.Request(f"{address}/picture", file.getvalue()), timeout=60) as response:
        shown = Image.open(io.BytesIO(response.read()))
    assert shown.format == "PNG" and np.array_equal(np.asarray(shown), read_upload(file.getvalue()))

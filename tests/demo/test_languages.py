"""The demo's server answers each visitor in the language that they ask for."""

import http.client
import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import demo_server
from helpers.demo_server import ask
from helpers.english import english_words
from helpers.pseudo import speak_pseudo

from course_utils.calories.estimator import Estimator
from course_utils.calories.photo import STRANGE
from course_utils.calories.weight import WeightModel, weighings
from course_utils.cli import cli
from course_utils.dataset import load
from course_utils.demo import analysis
from course_utils.demo.guard import host_problem, origin_problem
from course_utils.demo.server import example_plates
from course_utils.translation.current import speaking

PLATE = next(iter(example_plates()))
REFUSED = (
    ("/photo", b"<html>", "berkas ini bukan gambar"),
    ("/picture", b"<html>", "berkas ini bukan gambar"),
    (f"/plates/{PLATE}?score=2", b"", "skor terkecil bernilai 2; seharusnya antara 0.05 dan 0.95"),
    (f"/plates/{PLATE}?score=x", b"", "skor terkecil tidak diberikan atau bukan angka"),
    ("/plates/test_occluded-99999", b"", "tidak ada piring test_occluded-99999"),
    ("/plates/test_occluded-99999.jpg", None, "tidak ada piring test_occluded-99999"),
    ("/nothing", None, "tidak ada apa-apa di sini: 404"),
    ("/page/nothing.js", None, "tidak ada apa-apa di sini: 404"),
)


@pytest.fixture(scope="module")
def unweighed():
    """An analyst who has weighed bakwan only, and so has a sentence for every other piece."""
    analyst = demo_server.quick_analyst()
    analyst.estimator = Estimator(WeightModel(weighings(load("weighing")[::5]).of_class(1)))
    return analyst


@pytest.fixture(scope="module")
def address(unweighed):
    with demo_server.running(unweighed) as address:
        yield address


def in_language(address: str, question: str, code: str) -> str:
    return f"{address}{question}{'&' if '?' in question else '?'}language={code}"


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as response:
        assert response.headers["Content-Type"].startswith("text/html")
        return response.read().decode()


def test_the_page_says_its_language_and_leads_to_the_other(address):
    english, indonesian = page(f"{address}/"), page(f"{address}/?language=id")
    assert '<html lang="en">' in english and '<html lang="id">' in indonesian
    assert '<a href="?language=id" lang="id" hreflang="id">Bahasa Indonesia</a>' in english
    assert '<a href="?language=en" lang="en" hreflang="en">In English</a>' in indonesian
    assert "What is on this plate?" in english and "Apa isi piring ini?" in indonesian


def test_the_scripts_words_come_with_the_page(address):
    words = [
        json.loads(re.search(r'<script type="application/json" id="words">(.*)</script>', text)[1])
        for text in (page(f"{address}/"), page(f"{address}/?language=id"))
    ]
    assert words[0] == {} and words[1]["Nothing found"] == "Tidak ada yang ditemukan"


def test_a_demo_that_is_started_in_indonesian_speaks_it_until_it_is_asked_for_english(unweighed):
    with demo_server.running(unweighed, "id") as address:
        assert '<html lang="id">' in page(f"{address}/") and '<html lang="en">' in page(f"{address}/?language=en")
        assert ask(f"{address}/nothing")[1]["error"].startswith("tidak ada apa-apa")


@pytest.mark.parametrize(("question", "body", "words"), REFUSED)
def test_refusals_in_indonesian(address, question, body, words):
    error = ask(in_language(address, question, "id"), body)[1]["error"]
    assert error.startswith(words) and not english_words(error)


def test_an_unknown_language_is_refused_in_one_line(address):
    for question in ("/", "/plates", "/page/page.js"):
        assert ask(in_language(address, question, "zz")) == (
            400,
            {"error": "there is no language 'zz'; there are: en, id"},
        )
    error = ask(in_language(address, f"/plates/{PLATE}", "<b>" * 20), b"")[1]["error"]
    assert len(error) < 80 and "\n" not in error


def test_strangers_are_turned_away_in_their_language():
    with speaking("id"):
        assert host_problem("evil.example", []).startswith("demo ini tidak bernama 'evil.example'")
        assert origin_problem("https://evil.example", "localhost").startswith("hanya halaman demo ini")


def test_problems_of_pieces_come_in_the_language_of_who_asks(unweighed):
    scene = next(one for one in example_plates().values() if len(set(one.labels.tolist()) - {1}) > 1)
    with speaking("id"):
        indonesian = unweighed.analyse(scene.image, scene.px_per_cm)["total"]["problems"]
    english = unweighed.analyse(scene.image, scene.px_per_cm)["total"]["problems"]
    assert len(indonesian) == len(english) > 1
    assert all("jajanan jenis ini tidak pernah ditimbang" in one for one in indonesian)
    assert all("no piece of this food was weighed" in one for one in english)


def test_a_photo_that_is_no_plate_is_refused_in_both(unweighed, monkeypatch):
    monkeypatch.setattr(analysis, "detect_and_judge", lambda *_: (None, True))
    monkeypatch.setattr(unweighed, "trust", object())
    photo = np.zeros((40, 40, 3), np.uint8)
    with speaking("id"):
        assert unweighed.analyse(photo, None)["refusal"].startswith("foto ini tidak mirip")
    assert unweighed.analyse(photo, None)["refusal"] == STRANGE


def test_foods_are_explained_in_english_only(address):
    said = {code: ask(in_language(address, f"/plates/{PLATE}", code), b"")[1]["pieces"] for code in ("en", "id")}
    assert all(piece["english"] for piece in said["en"]) and not any(piece["english"] for piece in said["id"])
    assert [piece["name"] for piece in said["en"]] == [piece["name"] for piece in said["id"]]


def test_what_is_saved_is_the_same_data_in_both(address):
    one, two = (ask(in_language(address, f"/plates/{PLATE}", code), b"")[1] for code in ("en", "id"))
    assert one["csv"] == two["csv"] and one["coco"] == two["coco"]


def test_two_visitors_at_once_each_get_their_language(address):
    """The worker's thread, its cache and the connections are shared; the language is not."""
    codes = [code for code, _ in zip(cycle(["en", "id", "id", "en", "en"]), range(20), strict=False)]
    asked = [in_language(address, f"/plates/{name}", code) for name, code in zip(cycle(example_plates()), codes)]
    with ThreadPoolExecutor(8) as visitors:
        answers = list(visitors.map(lambda one: ask(one, b"")[1]["total"]["problems"], asked))
    words = {"en": "no piece of this food", "id": "jajanan jenis ini"}
    for code, problems in zip(codes, answers, strict=True):
        assert all(words[code] in problem for problem in problems)
    assert sum(map(len, answers)) > 20


def test_on_one_connection_each_answer_has_its_own_language(address):
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    said = []
    for language in ("?language=id", "", "?language=id", "?language=en"):
        connection.request("POST", f"/plates/none-1{language}", b"")
        said.append(json.loads(connection.getresponse().read())["error"].split(" none")[0])
    assert said == ["tidak ada piring", "there is no plate", "tidak ada piring", "there is no plate"]


@pytest.mark.parametrize(("question", "body", "words"), REFUSED)
def test_no_refusal_forgets_to_be_translated(address, tmp_path, monkeypatch, question, body, words):
    speak_pseudo(tmp_path, monkeypatch, "demo", "dataset")
    assert ask(in_language(address, question, "xx"), body)[1]["error"].startswith("«")


def test_the_command_refuses_a_language_that_there_is_not():
    error = CliRunner().invoke(cli, ["demo", "--language", "zz"]).exception
    assert str(error) == "no language 'zz'; there are: en, id"

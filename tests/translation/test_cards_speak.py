"""Cards, hints and the self-check in a made-up language; what is compared on the way stays English."""

import ast
import copy
import json
import re
from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
import pytest
from test_words_of_figures import PACKAGE, forgotten, is_saying

from course_utils.classroom.grading import self_check
from course_utils.classroom.grading.room.answers import RECORDS, _result
from course_utils.classroom.grading.room.wire import dumps, loads
from course_utils.classroom.grading.self_check import SelfCheck, check_notebook
from course_utils.exercises import modules
from course_utils.exercises.cards import Card
from course_utils.exercises.compare import ordinal
from course_utils.exercises.core import Exercise, Lesson, judge
from course_utils.exercises.crashes import words_for_crash
from course_utils.exercises.running import Raised, Refused
from course_utils.exercises.said import said
from course_utils.exercises.sentences import Sentence
from course_utils.exercises.slips import of_inputs
from course_utils.translation import language
from course_utils.translation.current import speaking
from course_utils.translation.language import language_of

SPOKEN = {
    "not right yet": "belum benar",
    "not attempted yet": "belum dicoba",
    "worth {points} points": "nilai {points}",
    "{right} of {asked} right in this session": "{right} dari {asked} benar",
    "What happened": "Terjadi",
    "Hint": "Petunjuk",
    "Input": "Masukan",
    "Expected": "Harusnya",
    "Got": "Dapat",
    "To do": "Tugas",
    "Next hint": "Berikutnya",
    "expected": "harusnya",
    "got {result} where {right} is right": "dapat {result}, benar {right}",
    "your code raised {kind}: {message}": "{kind} dari kodemu: {message}",
    "{height} x {width} mask": "topeng {height} kali {width}",
    "rows {first} to {last}": "baris {first} sampai {last}",
    "{verdict} - see the box above": "{verdict} - lihat di atas",
    "The area of a mask": "Luas topeng",
    "{title}. Write your answer in the cell above, run it, then run this one.": "{title}. Tulis jawabanmu.",
    "You counted every pixel.": "Semua piksel terhitung.",
    "You counted twice.": "Terhitung dua kali.",
    "What is True worth?": "Berapa nilai True?",
    "One sum.": "Satu jumlah.",
    "Hint {number} of {count}: {hint}": "Petunjuk {number}/{count}: {hint}",
    "(Mend it and check again: it may not be all.)": "(Mungkin masih ada.)",
    "`{one}` and `{other}` have changed places.": "`{other}` dan `{one}` tertukar.",
    "{one} Or: {other}": "{one} Atau: {other}",
    "{number}nd": "ke-{number}",
    "your module lacks: {layers}": "kurang: {layers}",
    "{words}. PyTorch does not see what lies in the plain {kind} `self.{name}`: nn.ModuleList": "{words}; lihat {name}",
    "shapes of the inputs: {shapes}": "bentuk: {shapes}",
    "question 2": "pertanyaan 2",
    "{place} is not right": "{place} salah",
    "An index must be a whole number. What is its type here?": "Indeks harus bulat.",
    "{name}: {right} of {asked} right": "{name}: {right} dari {asked} benar",
    "grading: {warning}": "penilaian: {warning}",
}
TALL = np.eye(12, dtype=bool)
AREA = Exercise(
    id="area",
    title="The area of a mask",
    points=2,
    reference=lambda mask: int(mask.sum()),
    edges=lambda: [(TALL,)],
    misconceptions={"You counted every pixel.": lambda mask: mask.size},
    hints=("What is True worth?", "One sum.", "Sum it."),
)


@pytest.fixture(autouse=True)
def _language(monkeypatch):
    monkeypatch.setattr("course_utils.translation.say._known", lambda code: SPOKEN)
    with speaking("xx"):
        yield


def test_the_card_of_a_wrong_answer():
    card = Card(judge(AREA, lambda mask: mask.size), "0 dari 1")
    assert repr(card).split("\n")[:5] == [
        "✗ area: belum benar (nilai 2; 0 dari 1)",
        "  Terjadi: dapat 144, benar 12",
        "  Petunjuk: Semua piksel terhitung.",
        "  Masukan:",
        "    mask = topeng 12 kali 12, baris 0 sampai 4",
    ]
    assert repr(card).endswith('  Harusnya: 12\n  Dapat: 144\n  Berikutnya: hint("area")')
    page = card._repr_html_()
    assert "<summary><b>Berikutnya</b></summary>" in page and "Berapa nilai True?" in page and "Satu jumlah." in page
    # The picture takes the place of the mask in characters, whatever its title is called.
    assert "topeng 12 kali 12<" in page and "#..." not in page


def test_a_value_and_its_answer_keep_their_looks_in_the_page():
    page = Card(judge(AREA, lambda mask: mask.size))._repr_html_()
    assert '<b>Harusnya</b>: <code style="background:none">12</code>' in page


def test_the_card_of_an_open_one_and_the_hints(capsys):
    assert "  Tugas: Luas topeng. Tulis jawabanmu. If you" in repr(Card(judge(AREA, lambda mask: None)))
    lesson = Lesson(90, [AREA])
    with pytest.raises(Exception, match="belum benar") as failed:
        lesson.check("area", lambda mask: 7)
    assert failed.value._render_traceback_() == ["✗ area: belum benar - lihat di atas"]
    lesson.hint("area")  # the card has shown the first
    assert "0 dari 1 benar" in (told := capsys.readouterr().out) and told.endswith("Petunjuk 2/3: Satu jumlah.\n")


def test_what_stands_behind_a_hint_is_said_by_itself():
    cases = [(np.array([k, 1.5 * k, 2.25]),) for k in range(1, 9)]
    summed = Exercise(
        "summed",
        "Sum",
        1,
        lambda values: float(values.sum()) + 0.125,
        lambda: cases,
        misconceptions={"You counted twice.": lambda values: 2 * float(values.sum()) + 0.125},
    )
    outcome = judge(summed, lambda v: float(v.sum()) + 0.5 if v[0] == 8 else 2 * float(v.sum()) + 0.125)
    assert outcome.hint == "Terhitung dua kali. (Mungkin masih ada.)"


def test_an_everyday_slip_is_compared_in_english_and_said_with_its_names():
    left = Exercise("left", "Left", 1, lambda a, b: a - b, lambda: [(2.5, 1.25), (7.75, 3.5), (1.5, 9.25)])
    hint = judge(left, lambda a, b: b - a).hint
    english = "The sign is the wrong way round. Which of the two is taken away from the other?"
    assert hint in (english, "`b` dan `a` tertukar.")
    words = next(words for words, _inputs in of_inputs(["a", "b"], (1, 2)))
    assert words == "`a` and `b` have changed places." and said(words) == "`b` dan `a` tertukar."
    assert said(copy.deepcopy(words)) == said(words) and copy.copy(words) == words


def test_what_a_probe_refuses_and_says_of_a_case():
    def probe(answer, mask):
        if answer is not AREA.reference:
            lacks = Sentence("your module lacks: {layers}", layers="a 3x3 convolution")
            raise Refused(modules._with_what_is_out_of_sight(lacks, NET))
        return answer(mask)

    NET = SimpleNamespace(blocks=[modules.nn.ReLU()])
    refused = Exercise("net", "A net", 1, AREA.reference, AREA.edges, probe=probe)
    assert judge(refused, lambda mask: 3).reason == "kurang: a 3x3 convolution; lihat blocks"
    with speaking("en"):
        assert judge(refused, lambda mask: 3).reason == (
            "your module lacks: a 3x3 convolution. PyTorch does not see what lies in the plain list `self.blocks`: "
            "nn.ModuleList"
        )
    assert said(modules._shapes((modules.torch.ones(2, 3),))) == "bentuk: (2, 3)"


def test_from_where_answers_are_graded_a_refusal_travels_as_plain_text():
    def probe(answer, number):
        raise Refused(Sentence("your module lacks: {layers}", layers=number))

    message = loads(_result(len, dumps((3,)), probe), RECORDS).message
    assert type(message) is str and message == "your module lacks: 3"


def test_places_ordinals_and_crashes():
    value = Exercise("value", "Value", 1, ["a", "b"], parts=("question 1", "question 2"))
    assert judge(value, ["a", "a"]).reason == "pertanyaan 2 salah"
    assert (ordinal(1), ordinal(11)) == ("ke-2", "12th")
    assert words_for_crash(Raised("TypeError", "list indices must be integers")) == "Indeks harus bulat."


def test_the_self_check_speaks_and_knows_an_open_exercise_in_every_language(tmp_path, monkeypatch):
    cells = [{"cell_type": "code", "source": f'check("{name}", {name})'} for name in ("a", "b", "c")]
    cells = [each | {"metadata": {}, "outputs": [], "execution_count": None} for each in cells]
    path = tmp_path / "90_tiny.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    failures = {0: "… a: belum dicoba - lihat di atas", 1: "✗ b: belum benar (nilai 2)\n… a: belum dicoba"}
    monkeypatch.setattr(self_check, "_failures", lambda path, how: failures)
    found = check_notebook(path)
    assert (found.open, found.wrong, found.right) == (("a",), ("b",), ("c",))
    assert str(SelfCheck("tiny", ("c",), ("a",), ("b",), (), ("c: x",))).split("\n") == [
        "tiny: 1 dari 3 benar",
        "  ✗ b: belum benar",
        "  … a: belum dicoba",
        "  penilaian: c: x",
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"metadata": {"course": {"language": "xx"}}}, "xx"),
        ({"metadata": {"course": {"language": "yy"}}}, "en"),
        ({"metadata": {"course": {"language": ["xx"]}}}, "en"),
        ({"metadata": {"course": {}}}, "en"),
        ([], "en"),
    ],
)
def test_a_notebook_says_which_language_it_speaks(content, code, tmp_path, monkeypatch):
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "exercises.po").touch()
    monkeypatch.setattr(language, "LOCALE", tmp_path)
    path = tmp_path / "any.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert language_of(path) == code
    assert language_of(tmp_path / "absent.ipynb") == "en"


SPEAKING = [
    *(PACKAGE / "exercises" / f"{name}.py" for name in (
        *("arrangements", "cards", "compare", "core", "drawing", "evidence", "feedback", "modules", "neighbours"),
        *("patterns", "pictures", "probes", "recognise", "room", "room_shapes", "slips", "text", "theories", "whole"),
        *("words",),
    )),
    *(PACKAGE / "classroom" / "grading" / f"{name}.py" for name in ("self_check", "beforehand")),
    *(PACKAGE / "commands" / f"{name}.py" for name in ("check", "progress")),
]  # fmt: skip
MARKUP = re.compile(r"<[^>]*>|<[a-z].*|.*>$", re.DOTALL)
EXCEPTIONS = {
    "feedback": {"not attempted"},  # a status
    "cards": {"not attempted"},
    "self_check": {"not attempted"},
    "check": {"Of all lessons, if none is given: en, or id."},  # --help stays English
    "progress": {"Of the notebooks in notebooks/: en, or id."},
    "modules": {"after training", "in training"},  # keys of results
    "neighbours": {"# BEGIN SOLUTION", "# END SOLUTION"},
    "room_shapes": {"of each level p.proposals", "whoever calls you"},  # in the words of an error
    "slips": {"sign is lost", "upside down", "has the wrong sign"},  # compared
}


def sentences(tree: ast.AST) -> set[str]:
    """Whatever nothing translates and has two words in a row."""
    return only_sentences(words for _line, words in forgotten(tree))


def only_sentences(texts: Iterable[str]) -> set[str]:
    plain = {MARKUP.sub(" ", text) for text in texts}
    return {text for text in plain if re.search(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]{3,}", text)}


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.stem)
def test_no_sentence_is_forgotten(path):
    assert sentences(ast.parse(path.read_text(encoding="utf-8"))) <= EXCEPTIONS.get(path.stem, set())


class Unwrapped(ast.NodeTransformer):
    """Takes `_`, `N_` and `Sentence` away from all words."""

    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: N802  (the name that `ast` looks for)
        self.generic_visit(node)
        return node.args[0] if is_saying(node) else node


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.stem)
def test_any_sentence_that_is_unwrapped_is_found(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said_here = [node.args[0] for node in ast.walk(tree) if is_saying(node)]
    wrapped = only_sentences(one.value for one in said_here if isinstance(one, ast.Constant))
    assert wrapped <= sentences(Unwrapped().visit(tree))


def test_every_crash_has_words_to_translate():
    tree = ast.parse((PACKAGE / "exercises" / "crashes.py").read_text(encoding="utf-8"))
    (rows,) = (node.value.elts for node in tree.body if isinstance(node, ast.AnnAssign))
    assert len(rows) > 30 and all(is_saying(row.elts[2]) for row in rows)

"""Who handed in what: told from folders, files and archives as people and learning platforms make them."""

import unicodedata
import zipfile
from pathlib import Path

import pytest

from course_utils.classroom.grading.files import Unreadable, files_below
from course_utils.classroom.grading.learners import copy_order, find_learners
from course_utils.errors import CourseError

LESSON = "17_from_mask_to_weight"


def lay_out(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


def found(*places: Path) -> dict[str, list[str]]:
    return {one.name: [file.label for file in one.files] for one in find_learners(places).learners}


def test_a_folder_a_learner(tmp_path: Path) -> None:
    lay_out(tmp_path, "ana/17_x.ipynb", "ana/.ipynb_checkpoints/17_x-checkpoint.ipynb", "ben/deeper/17_x.IPYNB")
    (tmp_path / "cem").mkdir()
    assert found(tmp_path) == {"ana": ["ana/17_x.ipynb"], "ben": ["ben/deeper/17_x.IPYNB"], "cem": []}
    assert found(tmp_path / "ana") == {"ana": ["17_x.ipynb"]}
    assert found(tmp_path / "ana/17_x.ipynb") == {"17_x": ["17_x.ipynb"]}


def test_moodle(tmp_path: Path) -> None:
    lay_out(
        tmp_path, *(f"{name}_{k}_assignsubmission_file_/{LESSON}.ipynb" for k, name in enumerate(["Ana Silva", "Ben"]))
    )
    learners = find_learners([tmp_path]).learners
    assert [(one.name, one.id) for one in learners] == [("Ana Silva", "0"), ("Ben", "1")]


def test_canvas(tmp_path: Path) -> None:
    lay_out(
        tmp_path, f"silvaana_12_98_{LESSON}.ipynb", f"wubo_LATE_13_99_{LESSON}-1.ipynb", "wubo_LATE_13_97_18_x.ipynb"
    )
    learners = find_learners([tmp_path]).learners
    assert [(one.name, one.id, one.late, len(one.files)) for one in learners] == [
        ("silvaana", "12", False, 1),
        ("wubo", "13", True, 2),
    ]


def test_google(tmp_path: Path) -> None:
    names = [
        f"{LESSON} - Ana Silva.ipynb",
        f"{LESSON} - Ben Wu.ipynb",
        f"Copy of {LESSON} - Ben Wu.ipynb",
        f"{LESSON}.ipynb",
    ]
    lay_out(tmp_path, *names)
    assert found(tmp_path) == {"Ana Silva": [names[0]], "Ben Wu": [names[1], names[2]]}
    assert find_learners([tmp_path]).strays == (f"{LESSON}.ipynb: lies beside the learners' folders",)


def test_files_named_after_learners(tmp_path: Path) -> None:
    lay_out(tmp_path, "ana.ipynb", "ben (1).ipynb", "learner-05.ipynb", "learner-06.ipynb")
    assert list(found(tmp_path)) == ["ana", "ben", "learner-05", "learner-06"]


def test_one_learners_lessons_and_copies_are_one_learner(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path / "eva",
        f"{LESSON}.ipynb",
        f"Copy of {LESSON}.ipynb",
        f"{LESSON} (1).ipynb",
        "18_y.ipynb",
        "id/18_y.ipynb",
    )
    assert list(found(folder)) == ["eva"]
    names = [file.label for file in sorted(find_learners([folder]).learners[0].files, key=copy_order)]
    assert names == [f"{LESSON}.ipynb", "18_y.ipynb", "id/18_y.ipynb", f"{LESSON} (1).ipynb", f"Copy of {LESSON}.ipynb"]


@pytest.mark.parametrize("stray", ["scratch.ipynb", f"{LESSON}.ipynb"])
def test_a_stray_notebook_does_not_swallow_the_class(tmp_path: Path, stray: str) -> None:
    lay_out(tmp_path, "ana/17_x.ipynb", "ben/17_x.ipynb", stray)
    assert list(found(tmp_path)) == ["ana", "ben"]
    assert find_learners([tmp_path]).strays == (f"{stray}: lies beside the learners' folders",)


def test_archives(tmp_path: Path) -> None:
    inner = tmp_path / "hw.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("17_x.ipynb", "{}")
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("download/ana/17_x.ipynb", "1")
        archive.write(inner, "download/ben/hw.zip")
        archive.writestr("__MACOSX/download/ana/._17_x.ipynb", "")
        archive.writestr("download/../../cem/17_x.ipynb", "2")
    learners = find_learners([tmp_path / "class.zip"]).learners
    assert {one.name: [file.label for file in one.files] for one in learners} == {
        "ana": ["ana/17_x.ipynb"],
        "ben": ["ben/hw.zip/17_x.ipynb"],
        "cem": ["cem/17_x.ipynb"],
    }
    assert [one.files[0].read() for one in learners] == [b"1", b"{}", b"2"]
    assert found(inner) == {"hw": ["17_x.ipynb"]}


def test_archives_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("17_x.ipynb", b"\0" * 2**26)
    with pytest.raises(Unreadable, match="17_x.ipynb: more than 20 MB; 20 MB at most"):
        files_below(tmp_path / "bomb.zip")[0][0].read()
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}", "")
    with pytest.raises(Unreadable, match="many.zip: 20001 files in one archive"):
        files_below(tmp_path / "many.zip")
    (tmp_path / "no.zip").write_text("no")
    with pytest.raises(CourseError, match="no.zip: not a zip archive that can be read"):
        find_learners([tmp_path / "no.zip"])
    broken = bytearray((tmp_path / "bomb.zip").read_bytes())
    broken[60:90] = b"x" * 30
    (tmp_path / "broken.zip").write_bytes(broken)
    with pytest.raises(Unreadable, match="broken.zip|the archive is broken"):
        files_below(tmp_path / "broken.zip")[0][0].read()


def test_links_are_not_followed(tmp_path: Path) -> None:
    lay_out(tmp_path, "ana/17_x.ipynb", "ben/17_x.ipynb")
    (tmp_path / "cem").symlink_to(tmp_path / "ana")
    (tmp_path / "ben/18_y.ipynb").symlink_to("/etc/passwd")
    one = find_learners([tmp_path])
    assert [learner.name for learner in one.learners] == ["ana", "ben"]
    assert one.strays == ("cem: a link, not followed",)
    with pytest.raises(Unreadable, match="18_y.ipynb: not a plain file"):
        one.learners[1].files[1].read()


def test_names_that_look_the_same_are_told_apart(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        lay_out(tmp_path, f"{unicodedata.normalize(form, 'éva')}/17_x.ipynb")
    lay_out(tmp_path, "a\u202eb/17_x.ipynb", ".hidden/17_x.ipynb")
    one = find_learners([tmp_path])
    assert [learner.name for learner in one.learners] == ["ab", "éva", "éva [2]"]
    assert one.strays == (".hidden: a hidden folder",)


@pytest.mark.parametrize("name, words", [("missing", "no such file or folder"), ("empty", "no notebook in it")])
def test_bad_places_are_named(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match=words):
        find_learners([tmp_path / name])


def test_nobody_can_be_called_as_somebody_else_is_told_apart(tmp_path: Path) -> None:
    lay_out(tmp_path, *(f"{name}/17_x.ipynb" for name in ("ana", "ana [2]", "ana\u200b", "ana\u2028")))
    assert sorted(found(tmp_path)) == ["ana", "ana [2]", "ana [3]", "ana [4]"]

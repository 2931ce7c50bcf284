"""The score on a reader's own photos."""

import pytest

from course_utils.calories.own_score import in_words, keep, read, score
from course_utils.errors import CourseError


def test_a_score_of_three_photos(tmp_path):
    path = tmp_path / "my_photos.csv"
    assert in_words(path) == "No photo has been written down yet."
    keep(path, "a.jpg", {"tahu": 4}, {"tahu": 1})
    keep(path, "a.jpg", {"tahu": 4}, {"tahu": 2, "bolu": 1})  # looked at again
    keep(path, 'b, "c".jpg', {"serabi": 5, "tempe": 1}, {"bolu": 2})
    keep(path, "d.jpg", {"bakwan": 1}, {})
    told = score(read(path))
    assert told["photos"] == 3 and told["counted"] == pytest.approx(2 / 3) and told["main_food"] == pytest.approx(1 / 3)
    assert told["precision"] == pytest.approx(2 / 5) and told["recall"] == pytest.approx(2 / 11)
    assert told["f1"] == pytest.approx(2 * 2 / (5 + 11))
    assert in_words(path).startswith("3 photos: the main food is right on 33%, the count within 2 on 67%; names have")


def test_nothing_said_has_no_precision(tmp_path):
    keep(tmp_path / "a.csv", "a.jpg", {"tahu": 1}, {})
    assert "precision nan, recall 0.00" in in_words(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file yet"), ("a,b\n1,2", "its columns are not those"), ("", "cannot be read as a table")],
)
def test_another_file_is_named(tmp_path, content, words):
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CourseError, match=f"x.csv: .*{words}"):
        read(path)


@pytest.mark.parametrize("count", ["-1", "1.5", "many", ""])
def test_counts_are_whole_numbers(tmp_path, count):
    path = tmp_path / "x.csv"
    keep(path, "a.jpg", {}, {})
    path.write_text(path.read_text().replace("a.jpg,0", f"a.jpg,{count}"))
    with pytest.raises(CourseError, match="counts are whole numbers from 0 on"):
        read(path)


def test_a_folder_that_takes_no_file(tmp_path):
    with pytest.raises(CourseError, match="cannot be written"):
        keep(tmp_path / "none" / "x.csv", "a.jpg", {}, {})

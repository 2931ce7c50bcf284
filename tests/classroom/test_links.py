"""Links between lessons lead somewhere, and call the lesson by its name."""

import re

import pytest

from course_utils.classroom.build import front_drift
from course_utils.classroom.navigation import with_ways, without_next, without_ways
from course_utils.classroom.source import read_source
from course_utils.errors import CourseError
from course_utils.exercises.titles import SECTIONS, minutes_of
from course_utils.paths import repo_root

SOURCES = sorted((repo_root() / "solutions").glob("*.py"))
TITLES = {
    source.stem: re.search(r"^# # (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)[1] for source in SOURCES
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_lessons_are_called_by_their_titles(source):
    for words, target in re.findall(r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)", source.read_text(encoding="utf-8")):
        assert TITLES.get(target) == words


def ways(source, solved):
    cells = with_ways(without_next(read_source(source)), source, solved)
    return [re.findall(r"\]\(([^)]+\.ipynb)\)", cells[k]) for k in (0, -1)]


@pytest.mark.parametrize("solved", [False, True], ids=["learner", "solved"])
def test_every_lesson_leads_to_its_neighbours_the_contents_and_its_other_edition(solved):
    for place, source in enumerate(SOURCES):
        folder = source.parent if solved else source.parent.parent / "notebooks"
        near = [f"{each.stem}.ipynb" for each in SOURCES[max(place - 1, 0) : place + 2] if each != source]
        contents = "../notebooks/start.ipynb" if solved else "start.ipynb"
        other = f"../{'notebooks' if solved else 'solutions'}/{source.stem}.ipynb"
        head, foot = ways(source, solved)
        assert {*near, contents} <= set(head) and {*near, contents} <= set(foot)
        assert other in head + foot
        assert len(foot) == len(set(foot)), "the link by hand has given way"
        assert all((folder / target).exists() for target in head + foot)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_links_can_be_taken_away_again(source):
    cells = read_source(source)
    assert [without_ways(text) for text in with_ways(cells, source, solved=True)][:-1] == [
        cell.text.rstrip() for cell in cells[:-1]
    ]
    assert ".ipynb" not in without_ways("\n\n".join(with_ways(cells, source, solved=True)[-1].split("\n\n")[-1:]))


def test_the_front_page_is_that_of_the_sources():
    assert front_drift(repo_root()) == ""


def test_a_lesson_that_does_not_say_its_time_is_named(tmp_path):
    source = tmp_path / "50_a_lesson.py"
    source.write_text("# %% [markdown]\n# # 50 · A lesson\n")
    with pytest.raises(CourseError, match="50_a_lesson.py: its first cell has no line"):
        minutes_of(source)


def test_the_readme_says_the_minutes_of_every_lesson_and_the_hours_of_all():
    readme = (repo_root() / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[.+?\]\(notebooks/(\w+)\.ipynb\) \|.*\| (\d+) \|$", readme, re.MULTILINE))
    minutes = {source.stem: minutes_of(source) for source in SOURCES}
    assert {name: int(said) for name, said in rows.items()} == minutes
    assert f"about {round(sum(minutes.values()) / 60)} hours" in readme
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", readme, re.MULTILINE) == list(SECTIONS.values())


def test_the_readme_lists_every_lesson():
    readme = (repo_root() / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\(notebooks/(\d\d_\w+)\.ipynb\)", readme)
    assert listed == list(TITLES)


def test_the_readme_s_results_are_those_of_the_model_card_and_of_lesson_18():
    readme, card = (
        (repo_root() / name).read_text(encoding="utf-8") for name in ("README.md", "data/results/slim/README.md")
    )
    rows = re.findall(r"^\| test_\w+ \|.*$", readme, re.MULTILINE)
    assert len(rows) == 2 and all(row in card for row in rows)
    told = re.search(r"mean error of (\d+)% in heaps and (\d+)% where nothing is hidden", readme)
    lesson = (repo_root() / "solutions" / "18_calories_end_to_end.ipynb").read_text(encoding="utf-8")
    assert all(f"MAPE {share}%" in lesson for share in told.groups())


def test_pictures_are_there_small_and_told_in_words():
    readme = (repo_root() / "README.md").read_text(encoding="utf-8")
    for words, name in re.findall(r"!\[([^\]]*)\]\((pictures/[^)]+)\)", readme):
        assert len(words) > 40 and (repo_root() / name).stat().st_size <= 80_000

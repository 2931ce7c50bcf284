"""Links between lessons lead somewhere, and call the lesson by its name."""

import re

import pytest

from course_utils.paths import repo_root

SOURCES = sorted((repo_root() / "solutions").glob("*.py"))
TITLES = {
    source.stem: re.search(r"^# # (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)[1] for source in SOURCES
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_lessons_are_called_by_their_titles(source):
    for words, target in re.findall(r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)", source.read_text(encoding="utf-8")):
        assert TITLES.get(target) == words


def test_the_readme_lists_every_lesson():
    readme = (repo_root() / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\(notebooks/(\d\d_\w+)\.ipynb\)", readme)
    assert listed == list(TITLES)

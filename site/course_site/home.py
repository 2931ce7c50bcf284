"""The front page's pieces: the map of the course, its numbers, the order of all pages; and the head of a lesson."""

import html
from pathlib import Path

from course_site.course_map import Lesson, parts
from course_site.notebook import read

# What becomes of a photo, step by step, and the lesson that builds the step.
_ROAD = (
    ("photo", "01"),
    ("feature maps", "05"),
    ("pyramid", "06"),
    ("proposals", "07"),
    ("regions", "08"),
    ("classes, boxes, masks", "09"),
    ("whole outlines", "15"),
    ("cm²", "17"),
    ("grams", "17"),
    ("kilocalories", "18"),
)


def road(lessons: list[Lesson]) -> str:
    """The way of a photo through the course as HTML; each step leads to its lesson."""
    slugs = {lesson.number: lesson.slug for lesson in lessons}
    steps = "".join(
        f'<li><a href="lessons/{slugs[number]}.html">{step} <small>{number}</small></a></li>'
        for step, number in _ROAD
        if number in slugs
    )
    return f'<ol class="road">{steps}</ol>'


def course_map(lessons: list[Lesson]) -> str:
    """The map: a band for each part, a card for each lesson with what one builds in it."""
    bands = []
    for number, (part, members) in enumerate(parts(lessons).items(), 1):
        cards = "".join(_card(lesson) for lesson in members)
        hours = sum(lesson.minutes for lesson in members) / 60
        bands.append(
            f'<section class="part part-{number}"><h3>{html.escape(part)}<span>{hours:.0f} hours</span></h3>'
            f'<ol class="cards">{cards}</ol></section>'
        )
    return f'<div class="course-map">{"".join(bands)}</div>'


def _card(lesson: Lesson) -> str:
    return (
        f'<li><a class="card" href="lessons/{lesson.slug}.html"><span class="card-number">{lesson.number}</span>'
        f'<strong>{html.escape(lesson.name)}</strong><span class="card-builds">{html.escape(lesson.builds)}</span>'
        f'<span class="card-minutes">{lesson.minutes} min</span></a></li>'
    )


def facts(lessons: list[Lesson], folder: Path, found: list) -> str:
    """How large the course is, counted."""
    exercises = sum(
        "exercise" in cell.metadata.get("course", {})
        for lesson in lessons
        for cell in read(folder / f"{lesson.slug}.ipynb").cells
    )
    hours = round(sum(lesson.minutes for lesson in lessons) / 60)
    return f"{len(lessons)} lessons · about {hours} hours · {exercises} graded exercises · {len(found)} moving pictures"


def toctrees(grouped: dict[str, list[Lesson]]) -> str:
    """The order of all lessons, for the sidebar and for previous and next."""
    blocks = []
    for part, members in grouped.items():
        pages = "\n".join(f"lessons/{lesson.slug}" for lesson in members)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {part}\n\n{pages}\n```")
    return "\n\n".join(blocks)


def lesson_head(lesson: Lesson, exercises: int, address: str, in_colab: bool) -> str:
    """What stands below a lesson's title: its part, its size, and where it can be run.

    Args:
        address: of the repository, or an empty text. in_colab: whether the notebook can set itself up in Colab.
    """
    size = f"{html.escape(lesson.part)} · {lesson.minutes} minutes · {exercises} exercises"
    return f'<p class="lesson-size">{size}</p>{_buttons(lesson, address, in_colab)}'


def _buttons(lesson: Lesson, address: str, in_colab: bool) -> str:
    """Buttons to run the lesson, when the repository's address on GitHub is known."""
    if not address.startswith("https://github.com/"):
        return ""
    name = address.removeprefix("https://github.com/")
    notebook = f"notebooks/{lesson.slug}.ipynb"
    places = {
        "Binder": f"https://mybinder.org/v2/gh/{name}/main?labpath={notebook}",
        "Codespaces": f"https://codespaces.new/{name}",
    }
    if in_colab:
        places["Colab"] = f"https://colab.research.google.com/github/{name}/blob/main/{notebook}"
    links = "".join(f'<a href="{html.escape(where)}">{place}</a>' for place, where in places.items())
    return f'<p class="run-it"><span>Run it in</span> {links}</p>'

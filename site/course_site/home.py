"""The front page's pieces: the map of the course, its numbers, the order of all pages; and the head of a lesson."""

import html
import re
from pathlib import Path

from course_site.course_map import Lesson, parts
from course_site.notebook import read
from course_utils.translation.say import N_, _

# What becomes of a photo, step by step, and the lesson that builds the step.
_ROAD = (
    (N_("photo"), "01"),
    (N_("feature maps"), "05"),
    (N_("pyramid"), "06"),
    (N_("proposals"), "07"),
    (N_("regions"), "08"),
    (N_("classes, boxes, masks"), "09"),
    (N_("whole outlines"), "15"),
    ("cm²", "17"),
    (N_("grams"), "17"),
    (N_("kilocalories"), "18"),
)


def road(lessons: list[Lesson]) -> str:
    """The way of a photo through the course as HTML; each step leads to its lesson."""
    slugs = {lesson.number: lesson.slug for lesson in lessons}
    steps = "".join(
        f'<li><a href="lessons/{slugs[number]}.html">{_(step)} <small>{number}</small></a></li>'
        for step, number in _ROAD
        if number in slugs
    )
    return f'<ol class="road">{steps}</ol>'


def course_map(lessons: list[Lesson]) -> str:
    """The map: a band for each part, a card for each lesson with what one builds in it."""
    bands = []
    for number, (part, members) in enumerate(parts(lessons).items(), 1):
        cards = "".join(_card(lesson) for lesson in members)
        hours = _("{hours} hours").format(hours=round(sum(lesson.minutes for lesson in members) / 60))
        bands.append(
            f'<section class="part part-{number}"><h3>{html.escape(part)}<span>{hours}</span></h3>'
            f'<ol class="cards">{cards}</ol></section>'
        )
    return f'<div class="course-map">{"".join(bands)}</div>'


def _card(lesson: Lesson) -> str:
    builds = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", html.escape(lesson.builds))
    return (
        f'<li><a class="card" href="lessons/{lesson.slug}.html"><span class="card-number">{lesson.number}</span>'
        f'<strong>{html.escape(lesson.name)}</strong><span class="card-builds">{builds}</span>'
        f'<span class="card-minutes">{lesson.minutes} {_("min")}</span></a></li>'
    )


def facts(lessons: list[Lesson], folder: Path, found: list) -> str:
    """How large the course is, counted."""
    exercises = sum(
        "exercise" in cell.metadata.get("course", {})
        for lesson in lessons
        for cell in read(folder / f"{lesson.slug}.ipynb").cells
    )
    hours = round(sum(lesson.minutes for lesson in lessons) / 60)
    words = _("{lessons} lessons · about {hours} hours · {exercises} graded exercises · {pictures} moving pictures")
    return words.format(lessons=len(lessons), hours=hours, exercises=exercises, pictures=len(found))


def lead() -> str:
    """What the course is, in two sentences."""
    words = _(
        "A course on image segmentation with deep learning, in Python notebooks. You begin with a mask, build every "
        "part of Mask R-CNN and every number that it is judged by, and end at a plate of Indonesian street food: how "
        "many kilocalories lie on it, even where one piece hides another."
    )
    return f'<p class="lead">{words}</p>'


def ways(lessons: list[Lesson]) -> str:
    """Where to begin: the first lesson, one's own machine, or play."""
    places = {
        f"lessons/{lessons[0].slug}.html": _("Begin with lesson 01"),
        "start.html": _("Set it up on your machine"),
        "play.html": _("Just play"),
    }
    links = "".join(
        f'<a class="way{" quiet" if k else ""}" href="{where}">{html.escape(words)}</a>\n'
        for k, (where, words) in enumerate(places.items())
    )
    return f'<p class="ways">{links}</p>'


def toctrees(grouped: dict[str, list[Lesson]]) -> str:
    """The order of all pages, for the sidebar and for previous and next."""
    pages = {part: [f"lessons/{lesson.slug}" for lesson in members] for part, members in grouped.items()}
    pages[_("Look around")] = ["start", "play", "play_more", "gallery", "results", "glossary"]
    pages[_("Go further")] = ["own_data", "instructors", "api/index", "data", "cite"]
    return "\n\n".join(
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(names) + "\n```"
        for caption, names in pages.items()
    )


def lesson_head(lesson: Lesson, exercises: int, address: str, in_colab: bool, folder: str = "notebooks") -> str:
    """What stands below a lesson's title: its part, its size, and where it can be run.

    Args:
        address: of the repository, or an empty text. in_colab: whether the notebook can set itself up in Colab.
        folder: that the notebook lies in.
    """
    size = _("{part} · {minutes} minutes · {exercises} exercises")
    size = html.escape(size.format(part=lesson.part, minutes=lesson.minutes, exercises=exercises))
    return f'<p class="lesson-size">{size}</p>{_buttons(lesson, address, in_colab, folder)}'


def _buttons(lesson: Lesson, address: str, in_colab: bool, folder: str) -> str:
    """Buttons to run the lesson, when the repository's address on GitHub is known."""
    if not address.startswith("https://github.com/"):
        return ""
    name = address.removeprefix("https://github.com/")
    notebook = f"{folder}/{lesson.slug}.ipynb"
    places = {
        "Binder": f"https://mybinder.org/v2/gh/{name}/main?labpath={notebook}",
        "Codespaces": f"https://codespaces.new/{name}",
    }
    if in_colab:
        places["Colab"] = f"https://colab.research.google.com/github/{name}/blob/main/{notebook}"
    links = "".join(f'<a href="{html.escape(where)}">{place}</a>' for place, where in places.items())
    return f'<p class="run-it"><span>{_("Run it in")}</span> {links}</p>'

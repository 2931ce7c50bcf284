"""The page on which all explorables of the lessons stand together."""

import re
from pathlib import Path

from course_site.course_map import Lesson
from course_site.notebook import read
from course_site.outputs import raw
from course_utils.translation.say import N_, _


def explorables(folder: Path, lessons: list[Lesson]) -> list[tuple[Lesson, str, str]]:
    """The first of each explorable in the lessons: lesson, name and HTML."""
    found: dict[str, tuple[Lesson, str, str]] = {}
    for lesson in lessons:
        for cell in read(folder / f"{lesson.slug}.ipynb").cells:
            for output in cell.get("outputs", []):
                markup = output.get("data", {}).get("text/html", "")
                if name := re.match(r'<div class="cx" data-cx="([\w-]+)"', markup):
                    found.setdefault(name[1], (lesson, name[1], markup))
    return list(found.values())


def pages(found: list[tuple[Lesson, str, str]]) -> dict[str, str]:
    """All of them on two pages, each with the lesson it is from; one page would be slow on a phone."""
    half = (len(found) + 1) // 2
    head = _(_HEAD).format(count=len(found))
    more = f"[{_('The other half')}](play_more.md)"
    return {
        "play": _page([f"# {_('Play')}", head], found[:half]) + f"\n{more}\n",
        "play_more": _page([f"# {_('Play on')}"], found[half:]),
    }


def _page(blocks: list[str], found: list[tuple[Lesson, str, str]]) -> str:
    for lesson, name, markup in found:
        where = _("From {lesson}").format(lesson=f"[{lesson.number} · {lesson.name}](lessons/{lesson.slug}.md)")
        blocks += [f"## {_title(name)}", raw(f'<div class="output">{markup}</div>'), where]
    return "\n\n".join(blocks) + "\n"


def chosen(found: list[tuple[Lesson, str, str]], name: str) -> str:
    """The HTML of one of them, or of the first when the lessons have none of this name; empty without any."""
    by_name = {each: markup for _, each, markup in found}
    return by_name.get(name) or next(iter(by_name.values()), "")


def _title(name: str) -> str:
    return _(_TITLES[name]) if name in _TITLES else name.replace("-", " ").replace("_", " ").capitalize()


_HEAD = N_(
    "{count} pictures that move while you drag, by mouse, finger or arrow keys. Each asks you something first: "
    "answer in your head before you touch it."
)

_TITLES = {
    "curve": N_("The precision-recall curve"),
    "cutoff": N_("The cut-off"),
    "deltas": N_("Box deltas"),
    "descent": N_("Gradient descent"),
    "diameter": N_("The plate's diameter"),
    "field": N_("The receptive field"),
    "frames": N_("Covered, and what two models say"),
    "iou": N_("Intersection over union"),
    "kernel": N_("A kernel slid over a photo"),
    "kinds": N_("Three kinds of segmentation"),
    "nms": N_("Non-maximum suppression on a heap"),
    "outline": N_("Draw what you cannot see"),
    "pyramid": N_("The pyramid's way down"),
    "ranked": N_("Detections in order of score"),
    "roi": N_("RoIPool against RoIAlign"),
    "threshold": N_("Threshold"),
}

"""Writes all pages that Sphinx binds, from the lessons, the repository's texts, the package and the data."""

import shutil
from pathlib import Path

from course_site import api, glossary, home, play, results
from course_site.course_map import Lesson, parts, read_map
from course_site.gallery import gallery
from course_site.links import Links, repository
from course_site.notebook import as_page, read
from course_site.outputs import Shelf, raw
from course_site.sections import section
from course_utils.classroom.colab import TAG

SITE = Path(__file__).resolve().parent.parent


def stage(root: Path, folder: Path) -> None:
    """Write the pages.

    Args:
        root: of the repository. folder: for the pages; what it held before is deleted.

    Raises:
        CourseError: something that the site shows is missing or breaks a rule; file and cell are named.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SITE / "pages", folder)
    lessons = read_map(root / "README.md")
    links = Links(root, _pages(root, lessons), repository(root))
    texts = {f"lessons/{lesson.slug}": _lesson(root, folder, lesson, links) for lesson in lessons}
    _glossary(folder, texts, lessons)
    found = play.explorables(root / "solutions", lessons)
    (folder / "play.md").write_text(play.page(found), encoding="utf-8")
    _write_api(root, folder)
    _fill(folder / "gallery.md", plates=raw(gallery(folder / "_made" / "plates", "_made/plates")))
    _fill(
        folder / "index.md",
        road=raw(home.road(lessons)),
        map=raw(home.course_map(lessons)),
        play=raw(f'<div class="output">{play.chosen(found, "kinds")}</div>'),
        toctrees=home.toctrees(parts(lessons)),
        facts=home.facts(lessons, root / "solutions", found),
    )
    _repository_texts(root, folder, links)
    for picture in sorted(links.pictures | {"data/contact_sheet.jpg"}):
        (folder / "pictures").mkdir(exist_ok=True)
        shutil.copyfile(root / picture, folder / "pictures" / Path(picture).name)


def _pages(root: Path, lessons: list[Lesson]) -> dict[str, str]:
    """File of the repository -> page of the site."""
    pages = {"README.md": "index", "CONTRIBUTING.md": "instructors", "data/README.md": "data"}
    pages |= {f"data/results/{name}/README.md": f"models/{name}" for name in results.cards(root / "data" / "results")}
    for lesson in lessons:
        for edition in ("notebooks", "solutions"):
            pages[f"{edition}/{lesson.slug}.ipynb"] = f"lessons/{lesson.slug}"
    return pages


def _lesson(root: Path, folder: Path, lesson: Lesson, links: Links) -> str:
    """Write the page of a lesson; its text."""
    source = f"solutions/{lesson.slug}.ipynb"
    page = f"lessons/{lesson.slug}"
    shelf = Shelf(folder / "_made" / lesson.slug, lesson.slug, f"../_made/{lesson.slug}")
    solved, learner = read(root / source), read(root / "notebooks" / f"{lesson.slug}.ipynb")
    text = as_page(solved, learner, source, shelf, lambda text, place: links.mend(text, source, page, place))
    exercises = sum("exercise" in cell.metadata.get("course", {}) for cell in solved.cells)
    in_colab = any(TAG in cell.metadata.get("tags", []) for cell in learner.cells)
    title, _, rest = text.partition("\n")
    text = f"{title}\n\n{raw(home.lesson_head(lesson, exercises, links.address, in_colab))}\n{rest}"
    (folder / "lessons").mkdir(exist_ok=True)
    (folder / f"{page}.md").write_text(text, encoding="utf-8")
    return text


def _glossary(folder: Path, texts: dict[str, str], lessons: list[Lesson]) -> None:
    terms = glossary.read_terms(SITE / "glossary")
    titles = {f"lessons/{lesson.slug}": f"lesson {lesson.number}" for lesson in lessons}
    used = {name: (page, titles[page]) for name, page in glossary.first_uses(texts, terms).items()}
    (folder / "glossary.md").write_text(glossary.page(terms, used), encoding="utf-8")


def _write_api(root: Path, folder: Path) -> None:
    found = api.packages(root / "course_utils")
    (folder / "api").mkdir()
    (folder / "api" / "index.rst").write_text(api.overview(found), encoding="utf-8")
    for name, modules in found.items():
        (folder / "api" / f"{name}.rst").write_text(api.package_page(name, modules), encoding="utf-8")


def _repository_texts(root: Path, folder: Path, links: Links) -> None:
    """The README's and CONTRIBUTING's sections, the data card and the model cards."""

    def part(file: str, heading: str, page: str) -> str:
        return links.mend(section(root / file, heading), file, page)

    _fill(
        folder / "instructors.md",
        grading=part("README.md", "Grading", "instructors"),
        exercise=part("CONTRIBUTING.md", "An exercise", "instructors"),
        own=part("CONTRIBUTING.md", "Exercises of your own", "instructors"),
        lesson=part("CONTRIBUTING.md", "A lesson", "instructors"),
    )
    _fill(folder / "start.md", start=part("README.md", "Start", "start"), demo=part("README.md", "Demo", "start"))
    _fill(folder / "own_data.md", own_data=part("README.md", "Your own data", "own_data"))
    _copy(root, "data/README.md", folder, links)
    cards = results.cards(root / "data" / "results")
    (folder / "models").mkdir()
    for name in cards:
        _copy(root, f"data/results/{name}/README.md", folder, links)
    _fill(
        folder / "results.md",
        thesis=results.thesis_table(root / "data" / "results" / "thesis.csv"),
        cards="\n".join(f"models/{name}" for name in cards),
    )
    _fill(folder / "cite.md", citation=(root / "CITATION.cff").read_text(encoding="utf-8").strip())


def _copy(root: Path, file: str, folder: Path, links: Links) -> None:
    page = links.pages[file]
    text = links.mend((root / file).read_text(encoding="utf-8"), file, page)
    (folder / f"{page}.md").write_text(text, encoding="utf-8")


def _fill(path: Path, **texts: str) -> None:
    """Put texts in the place of ``<!-- name -->`` in a page."""
    page = path.read_text(encoding="utf-8")
    for name, text in texts.items():
        mark = f"<!-- {name} -->"
        if mark not in page:
            raise ValueError(f"{path} has no place for {name!r}")
        page = page.replace(mark, text)
    path.write_text(page, encoding="utf-8")

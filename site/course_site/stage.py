"""Writes all pages that Sphinx binds, from the lessons, the repository's texts, the package and the data."""

import shutil
from pathlib import Path

from course_site import api, glossary, home, play, results
from course_site.course_map import Lesson, parts, read_map
from course_site.edition import Edition
from course_site.gallery import gallery, switches
from course_site.links import Links, repository
from course_site.notebook import as_page, read
from course_site.outputs import Shelf, raw
from course_site.sections import section
from course_utils.classroom.colab import TAG
from course_utils.translation.markdown import parted, translate_markdown
from course_utils.translation.say import _

SITE = Path(__file__).resolve().parent.parent


def stage(edition: Edition, folder: Path) -> None:
    """Write the pages in the language that is spoken.

    Args:
        edition: where the texts come from. folder: for the pages; what it held before is deleted.

    Raises:
        CourseError: something that the site shows is missing or breaks a rule; file and cell are named.
    """
    root = edition.root
    shutil.rmtree(folder, ignore_errors=True)
    _own_pages(folder)
    lessons = read_map(root / edition.readme)
    links = _links(edition, lessons)
    texts = {f"lessons/{lesson.slug}": _lesson(edition, folder, lesson, links) for lesson in lessons}
    _glossary(edition, folder, texts, lessons)
    found = play.explorables(edition.solved, lessons)
    for name, text in play.pages(found).items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    _write_api(edition, folder)
    _fill(
        folder / "gallery.md",
        switches=raw(switches()),
        plates=raw(gallery(folder / "_made" / "plates", "_made/plates")),
    )
    _fill(
        folder / "index.md",
        lead=raw(home.lead()),
        ways=raw(home.ways(lessons)),
        road=raw(home.road(lessons)),
        map=raw(home.course_map(lessons)),
        play=raw(f'<div class="output">{play.chosen(found, "kinds")}</div>'),
        toctrees=home.toctrees(parts(lessons)),
        facts=raw(f'<p class="facts">{home.facts(lessons, edition.solved, found)}</p>'),
    )
    _repository_texts(edition, folder, links)
    for picture in sorted(links.pictures | {"data/contact_sheet.jpg"}):
        (folder / "pictures").mkdir(exist_ok=True)
        shutil.copyfile(root / picture, folder / "pictures" / Path(picture).name)


def _own_pages(folder: Path) -> None:
    """The site's own pages, in the language that is spoken."""
    shutil.copytree(SITE / "pages", folder)
    for path in folder.glob("*.md"):
        settings, text = parted(path.read_text(encoding="utf-8"))
        path.write_text(settings + translate_markdown(text, _), encoding="utf-8")


def _links(edition: Edition, lessons: list[Lesson]) -> Links:
    root = edition.root
    cards = {f"data/results/{name}/README.md": f"models/{name}" for name in results.cards(root / "data" / "results")}
    pages = {edition.readme: "index", edition.data_card: "data"}
    for lesson in lessons:
        for folder in ("notebooks", edition.learner, "solutions", f"build/{edition.code}"):
            pages[f"{folder}/{lesson.slug}.ipynb"] = f"lessons/{lesson.slug}"
    english = {"README.md": "index", "CONTRIBUTING.md": "instructors", "data/README.md": "data"} | cards
    if edition.english:
        return Links(root, pages | english, repository(root))
    elsewhere = {file: f"../{page}.html" for file, page in english.items()}
    return Links(root, pages, repository(root), elsewhere)


def _lesson(edition: Edition, folder: Path, lesson: Lesson, links: Links) -> str:
    """Write the page of a lesson; its text."""
    name = f"{lesson.slug}.ipynb"
    source = f"solutions/{name}" if edition.english else f"build/{edition.code}/{name}"
    page = f"lessons/{lesson.slug}"
    shelf = Shelf(folder / "_made" / lesson.slug, lesson.slug, f"../_made/{lesson.slug}")
    solved, learner = read(edition.solved / name), read(edition.root / edition.learner / name)
    text = as_page(solved, learner, source, shelf, lambda text, place: links.mend(text, source, page, place))
    exercises = sum("exercise" in cell.metadata.get("course", {}) for cell in solved.cells)
    in_colab = any(TAG in cell.metadata.get("tags", []) for cell in learner.cells)
    title, _line, rest = text.partition("\n")
    head = home.lesson_head(lesson, exercises, links.address, in_colab, edition.learner)
    text = f"{title}\n\n{raw(head)}\n{rest}"
    (folder / "lessons").mkdir(exist_ok=True)
    (folder / f"{page}.md").write_text(text, encoding="utf-8")
    return text


def _glossary(edition: Edition, folder: Path, texts: dict[str, str], lessons: list[Lesson]) -> None:
    terms = glossary.terms_of(edition.code, SITE / "glossary")
    titles = {f"lessons/{lesson.slug}": _("lesson {number}").format(number=lesson.number) for lesson in lessons}
    used = {name: (page, titles[page]) for name, page in glossary.first_uses(texts, terms).items()}
    (folder / "glossary.md").write_text(glossary.page(terms, used), encoding="utf-8")


def _write_api(edition: Edition, folder: Path) -> None:
    """The pages of the package in English, or one page that leads to them."""
    (folder / "api").mkdir()
    if not edition.english:
        title, words = _("The package"), _("The package's functions and classes are described in English: {link}.")
        link = '<a href="../../api/index.html" hreflang="en"><code>course_utils</code></a>'
        (folder / "api" / "index.md").write_text(f"# {title}\n\n{words.format(link=link)}\n", encoding="utf-8")
        return
    found = api.packages(edition.root / "course_utils")
    (folder / "api" / "index.rst").write_text(api.overview(found), encoding="utf-8")
    for name, modules in found.items():
        (folder / "api" / f"{name}.rst").write_text(api.package_page(name, modules), encoding="utf-8")


def _repository_texts(edition: Edition, folder: Path, links: Links) -> None:
    """The README's and CONTRIBUTING's sections, the data card and the model cards."""
    root = edition.root

    def part(heading: str, page: str) -> str:
        text = section(root / edition.readme, heading, root / "README.md")
        return links.mend(text, edition.readme, page)

    def guide(heading: str, place: str) -> str:
        """A section for those who write lessons; in English, where it stands once."""
        if edition.english:
            return links.mend(section(root / "CONTRIBUTING.md", heading), "CONTRIBUTING.md", "instructors")
        return _("This part is in English: {link}.").format(
            link=f'<a href="../instructors.html#{place}" hreflang="en" lang="en">{heading}</a>'
        )

    _fill(
        folder / "instructors.md",
        grading=part("Grading", "instructors"),
        exercise=guide("An exercise", "writing-an-exercise"),
        own=guide("Exercises of your own", "exercises-of-your-own"),
        lesson=guide("A lesson", "writing-a-lesson"),
    )
    _fill(folder / "start.md", start=part("Start", "start"), demo=part("Demo", "start"))
    _fill(folder / "own_data.md", own_data=part("Your own data", "own_data"))
    _copy(root, edition.data_card, folder, links)
    cards = results.cards(root / "data" / "results")
    _fill(
        folder / "results.md",
        thesis=results.thesis_table(root / "data" / "results" / "thesis.csv"),
        cards=results.card_list(cards, edition.english),
    )
    if edition.english:
        (folder / "models").mkdir()
        for name in cards:
            _copy(root, f"data/results/{name}/README.md", folder, links)
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

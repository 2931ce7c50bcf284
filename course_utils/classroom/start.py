"""The course's front page in JupyterLab: `notebooks/start.ipynb`, made from the lessons' sources by `course build`."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.classroom.editions import KERNEL
from course_utils.exercises.titles import SECTIONS, minutes_of
from course_utils.translation.current import mark
from course_utils.translation.glossary_page import has_glossary, page_name
from course_utils.translation.language import CLASSROOM, ENGLISH, Language
from course_utils.translation.markdown import pieces, translate_markdown

_WELCOME = """# From Pixels to Calories

{lessons} lessons, about {hours} hours. They lead from "what is a mask" through every part of Mask R-CNN, and every
number that it is judged by, to the kilocalories on a plate of Indonesian street food. You build the parts yourself,
and what you have built runs the lessons after it.

**Where am I?** Click into the next cell and press <kbd>Shift</kbd> + <kbd>Enter</kbd>. It checks what your saved
notebooks hold (up to a minute) and says what comes next. `{progress}` does the same in a terminal."""
_MAP = """## The map

| lesson | minutes |
|---|---|"""
_PROGRESS = "from course_utils.exercises.progress import show_progress\n\nshow_progress()"
_HOW = """## How it works

- **Run** a lesson from top to bottom, cell by cell, with <kbd>Shift</kbd> + <kbd>Enter</kbd>. Where it asks for a
  prediction, make one before you run on.
- **Exercises** wait where it says `...  # your answer here`. Write your answer, run it, and run the check below it. A
  card says whether it is right; if not, it shows the smallest input on which it is wrong, and names the slip where it
  knows it. *Next hint* opens one hint after the other; none of them is the finished code.
- **Skip** what you like: unanswered exercises stop nothing. Where a later lesson needs an answer that you have not
  given, the course's own takes its place and says so.
- **Find your way** by the links at the head and the foot of each lesson, and by its headings: *Table of Contents*,
  the list at the left edge of the window.
- **Save** with <kbd>Ctrl</kbd> + <kbd>S</kbd>: progress and later lessons read the saved file.
- **Solved editions**, with all outputs, lie in the folder `solutions`; each lesson ends with a link to its own. Look
  when your answer is right, to compare; or when the last hint does not help any more.
- If something does not work, `course doctor` in a terminal says what and what to do."""

_WORDS = """- All terms, with their English names, are in the [glossary]({page})."""


def make_start(sources: list[Path], language: Language = ENGLISH) -> nbformat.NotebookNode:
    """The page for the lessons of these sources."""
    say = language.lookup(CLASSROOM)
    lines = _MAP.splitlines()
    for source in sources:
        number = int(source.name[:2])
        if number in SECTIONS:
            lines.append(f"| **{SECTIONS[number]}** | |")
        lines.append(f"| [{language.title(source)}]({source.stem}.ipynb) | {minutes_of(source)} |")
    hours = round(sum(map(minutes_of, sources)) / 60)
    progress = "course progress" + ("" if language == ENGLISH else f" --language {language.code}")
    welcome = translate_markdown(_WELCOME, say).format(lessons=len(sources), hours=hours, progress=progress)
    how = translate_markdown(_HOW, say)
    if has_glossary(language):
        how += "\n" + translate_markdown(_WORDS, say).format(page=page_name(language))
    cells = [
        new_markdown_cell(welcome, id="welcome"),
        new_code_cell(mark(_PROGRESS, language.code), id="progress"),
        new_markdown_cell(translate_markdown("\n".join(lines), say), id="map"),
        new_markdown_cell(how, id="how-it-works"),
    ]
    page = new_notebook(cells=cells, metadata=KERNEL)
    nbformat.validate(page)
    return page


def start_words() -> list[str]:
    """All entries of the page but the lessons' titles."""
    sections = "\n\n".join(f"**{title}**" for title in SECTIONS.values())
    return [piece.words for text in (_WELCOME, _MAP, sections, _HOW, _WORDS) for piece in pieces(text)]

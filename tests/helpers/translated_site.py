"""The solved lessons in another language with the English outputs: enough for their pages, and no lesson is run."""

from pathlib import Path

import nbformat

from course_utils.classroom.build import find_sources, load_lesson
from course_utils.classroom.editions import make_edition
from course_utils.paths import repo_root
from course_utils.translation.language import Language


def write_solved(language: Language, folder: Path) -> None:
    """Write them into a folder."""
    for source in find_sources(repo_root()):
        lesson = load_lesson(source)
        solved = make_edition(lesson.cells, solved=True, facts=lesson.facts, source=source, language=language)
        stored = {cell.id: cell for cell in nbformat.read(lesson.solved, as_version=4).cells}
        for cell in solved.cells:
            if cell.cell_type == "code":
                cell.outputs = stored[cell.id].outputs
        nbformat.write(solved, folder / lesson.solved.name)

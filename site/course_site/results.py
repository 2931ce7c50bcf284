"""The page of results: the thesis's table, the cards of the models, and what each found."""

import csv
from pathlib import Path

from course_utils.translation.say import N_, _

_COLUMNS = {
    "IoU": "IoU",
    "scenario": N_("scenario"),
    "backbone": "backbone",
    "precision": N_("precision"),
    "recall": N_("recall"),
    "f1": "F1",
}


def thesis_table(path: Path) -> str:
    """The rows of the thesis as a Markdown table."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    titles, *rows = csv.reader(lines)
    table = [[_(_COLUMNS[title]) for title in titles], ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(row).replace('_', '-')} |" for row in table)


def cards(folder: Path) -> dict[str, Path]:
    """Name -> model card, of all models that left results."""
    return {path.parent.name: path for path in sorted(folder.glob("*/README.md"))}


def card_list(found: dict[str, Path], english: bool) -> str:
    """The cards as pages below this one; they are in English, and other languages link to them."""
    if english:
        return "```{toctree}\n:maxdepth: 1\n\n" + "\n".join(f"models/{name}" for name in found) + "\n```"
    titles = {name: path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for name, path in found.items()}
    links = [f'- <a href="../models/{name}.html" hreflang="en" lang="en">{title}</a>' for name, title in titles.items()]
    return "\n".join([_("The cards are in English:"), "", *links])

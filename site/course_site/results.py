"""The page of results: the thesis's table, the cards of the models, and what each found."""

import csv
from pathlib import Path


def thesis_table(path: Path) -> str:
    """The rows of the thesis as a Markdown table."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.reader(lines))
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row).replace('_', '-')} |" for row in rows)


def cards(folder: Path) -> dict[str, Path]:
    """Name -> model card, of all models that left results."""
    return {path.parent.name: path for path in sorted(folder.glob("*/README.md"))}

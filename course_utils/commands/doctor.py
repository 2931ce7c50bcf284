"""`course doctor`."""

import sys

import click


@click.command()
def doctor() -> None:
    """Look for what is missing or broken in this installation, and say what to do."""
    from course_utils.classroom.doctor import examine

    sick = False
    for finding in examine():
        sign = "ok" if finding.ok else "WRONG" if finding.needed else "-"
        sick |= not finding.ok and finding.needed
        click.echo(f"{sign:>5}  {finding.name:9} {finding.text}")
    sys.exit(1 if sick else 0)

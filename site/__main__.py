"""The course as a website, in build/site, in each language. No lesson is run here; what is shown are stored outputs."""

import sys
import time
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.paths import repo_root
from course_utils.translation.language import languages

_NEEDED = 'install what the site needs with: pip install -c requirements.lock -e ".[site]"'


def main(out: Path) -> None:
    """Build and check the site.

    Raises:
        CourseError: a package is missing, or something on the site breaks a rule.
    """
    try:
        import furo  # noqa: F401
        import myst_parser  # noqa: F401
        from course_site import bind
        from course_site.edition import editions
    except ModuleNotFoundError as error:
        raise CourseError(f"{error.name} is missing; {_NEEDED}") from None
    begin = time.perf_counter()
    made = editions(repo_root())
    for code in set(languages()) - {edition.code for edition in made}:
        print(f"left out: {code}, whose solved lessons are not there; make them with: course build --language {code}")
    pages = bind.build(made, out)
    print(f"{pages} pages in {time.perf_counter() - begin:.0f} s: {out / 'index.html'}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else repo_root() / "build" / "site")
    except CourseError as error:
        sys.exit(f"make site: {error}")

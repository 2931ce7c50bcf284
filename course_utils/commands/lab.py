"""`course lab`."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from course_utils.errors import CourseError
from course_utils.paths import repo_root

# JupyterLab's own defaults, changed: a course must not be greeted by questions about news and updates, and must open
# without a network. They are layered below the user's own settings.
SETTINGS = Path(__file__).with_name("lab_settings")
# Small things that JupyterLab cannot be set to do; see the file.
EXTENSIONS = SETTINGS / "labextensions"
_OPTIONS = (
    "--KernelManager.transport_encryption=auto",  # or each kernel warns that others on this machine might listen
    "--LanguageServerManager.autodetect=False",  # or the log begins with a list of all that is not installed
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--language", "code", default="en", show_default=True, help="Of the notebooks: en, or id.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(code: str, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the course's front page; ARGUMENTS go to JupyterLab, such as --no-browser or --port 9999."""
    from course_utils.classroom.navigation import START
    from course_utils.translation.language import Language

    start = Language(code).folder(Path("notebooks")) / START
    if not (repo_root() / start).exists():
        raise CourseError(f"{repo_root() / start} is missing; make it with: course build")
    # All of the course, so that the solved editions can be opened, too.
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={repo_root()}"]
    command += [f"--LabApp.default_url=/lab/tree/{start.as_posix()}"]
    command += [f"--LabApp.extra_labextensions_path={EXTENSIONS}", *_OPTIONS]
    # Containers run as root, where Jupyter would otherwise refuse.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # JupyterLab's own menus in that language, if its language pack is installed.
    menus = [str(SETTINGS / code)] if find_spec(f"jupyterlab_language_pack_{code}_{code.upper()}") else []
    folders = [os.environ.get("JUPYTER_CONFIG_PATH", ""), *menus, str(SETTINGS)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, folders))
    sys.exit(hand_over([*command, *arguments]))


def hand_over(command: list[str]) -> int:
    """Give the terminal to a program until it ends; its exit code, as a shell would say it.

    Becoming the program would be simpler, but on Windows that gives the prompt back while the program goes on. A Ctrl-C
    reaches it by itself, and it says what it makes of it; a request to end is passed on.
    """
    interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command) as program:
        terminate = signal.signal(signal.SIGTERM, lambda *_: program.terminate())
        code = program.wait()
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)
    return code if code >= 0 else 128 - code

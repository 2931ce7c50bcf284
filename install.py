"""Set the course up in .venv, with the releases of requirements.lock: `python install.py`, or `python install.py test`.

`make` calls it; where there is no make, as on Windows, it is the command. uv does the work in a fraction of pip's time.
Where uv cannot be had, or pip is set up in a way that uv does not know, pip does it.
"""

import ast
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-c", str(HERE / "requirements.lock")]
# What pip can be told about where packages are, with uv's name for it and what stands between several values there.
SAME = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "cert": ("SSL_CERT_FILE", " "),
}
# What does not change which packages are found.
NO_MATTER = {"cache-dir", "default-timeout", "disable-pip-version-check", "no-cache-dir", "no-warn-script-location"}
NO_MATTER |= {"progress-bar", "quiet", "retries", "root-user-action", "timeout", "verbose"}


def main(extras: list[str]) -> int:
    """Install the course with some extras; pip's exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older one is asked to run
        sys.exit("Python 3.11 or newer is needed")
    if "test" in extras and sys.platform == "linux":
        extras = [*extras, "render"]  # the renderer's wheels exist for Linux; elsewhere its tests are skipped
    course = ["-e", f"{HERE}[{','.join(extras)}]" if extras else str(HERE)]
    if not PYTHON.exists():
        venv.create(PYTHON.parent.parent, with_pip=True)
    told = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True)
    settings = uv_settings(told.stdout)
    if settings is not None and subprocess.run([*PIP, "--quiet", "uv"]).returncode == 0:
        uv = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "-c", str(HERE / "requirements.lock")]
        if subprocess.run([*uv, *course], env=settings | os.environ).returncode == 0:
            return 0
    print("pip installs the course; this takes a few minutes ...", flush=True)
    return subprocess.run([*PIP, *course]).returncode


def uv_settings(told: str) -> dict[str, str] | None:
    """uv's settings for the lines of `pip config list`; None where pip knows something that cannot be said to uv."""
    found: dict[str, tuple[int, str]] = {}
    for line in told.splitlines():  # global.find-links='/a/folder'
        key, _, value = line.partition("=")
        command, _, name = key.rpartition(".")
        rank = {"global": 0, "install": 1, ":env:": 2}.get(command, -1)
        if rank >= found.get(name, (0, ""))[0]:
            found[name] = rank, str(ast.literal_eval(value))
    if set(found) - set(SAME) - NO_MATTER:
        return None
    settings = {SAME[name][0]: SAME[name][1].join(value.split()) for name, (_, value) in found.items() if name in SAME}
    # pip takes the best release of all places, uv by default that of the first place that has any.
    return settings | {"UV_INDEX_STRATEGY": "unsafe-best-match"} if "UV_INDEX" in settings else settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

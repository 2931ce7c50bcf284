"""What may be wrong with an installation, and what to do about it."""

import hashlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.paths import data_dir

_GIGABYTE = 2**30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, whether the course needs it, and what to say."""

    name: str
    ok: bool
    text: str
    needed: bool = True


def examine() -> Iterator[Finding]:
    """All checks, one after the other."""
    yield check_python()
    yield check_torch_pair()
    yield check_data(data_dir())
    yield check_disk(data_dir())
    yield check_renderer()
    yield check_browser()


def check_python() -> Finding:
    """Python 3.11 or newer."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), f"{version}; 3.11 or newer is needed")


def check_torch_pair() -> Finding:
    """Whether torch and torchvision fit: beside a CPU-only torch the usual torchvision cannot be imported."""
    versions = {}
    for name in ("torch", "torchvision"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return Finding("torch", False, f"{name} is not installed; run: make lab")
    pair = ", ".join(f"{name} {version}" for name, version in versions.items())
    # In a process of its own: a failed import of torchvision leaves half of it behind.
    result = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return Finding("torch", True, pair)
    return Finding("torch", False, f"{pair}: {explain_torch(result.stderr)}")


def explain_torch(message: str) -> str:
    """What a failed import of torchvision means, in one line."""
    last = message.strip().splitlines()[-1] if message.strip() else "no message"
    if "torchvision::nms" in message or "undefined symbol" in message or "libcud" in message:
        return (
            "torchvision was built for another torch; mend the pair with: "
            "pip install --force-reinstall -c requirements.lock torch torchvision"
        )
    return f"torchvision cannot be imported: {last}"


def check_data(folder: Path) -> Finding:
    """The data set against its checksums."""
    sums = folder / "SHA256SUMS"
    if not sums.exists():
        return Finding("data", False, f"{sums} is missing; get it back with: git checkout data")
    wrong, count = [], 0
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, name = line.split("  ", 1)
        count += 1
        path = folder / name
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            wrong.append(name)
    if wrong:
        text = f"{len(wrong)} of {count} files are missing or changed, the first: {wrong[0]}"
        return Finding("data", False, f"{text}; get them back with: git checkout data")
    return Finding("data", True, f"{count} files, as they were released")


def check_disk(folder: Path) -> Finding:
    """A gigabyte free, for what learners make."""
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free / _GIGABYTE
    return Finding("disk", free > 1, f"{free:.0f} GB free" if free > 1 else f"{free:.1f} GB free; 1 GB is needed")


def check_renderer() -> Finding:
    """The extra that makes new plates; whoever only takes the course needs none of it."""
    missing = [name for name in ("mitsuba", "mujoco", "oidn") if importlib.util.find_spec(name) is None]
    text = (
        f'not installed ({", ".join(missing)}); for new plates: pip install -e ".[render]"' if missing else "installed"
    )
    return Finding("renderer", not missing, text, needed=False)


def check_browser() -> Finding:
    """Chromium, which the browser tests drive."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return Finding("chromium", bool(found), found or "not found; only the browser tests need it", needed=False)

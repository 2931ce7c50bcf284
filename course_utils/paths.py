"""Where the repository and its data lie."""

import os
from pathlib import Path


def repo_root() -> Path:
    """Folder of the checkout that this package is installed from."""
    return Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Folder of the course's data set; the environment variable COURSE_DATA names another one."""
    return Path(os.environ.get("COURSE_DATA") or repo_root() / "data")

"""Shared by all tests: helpers can be imported, plots need no screen, and lessons share the processors."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the test processes have a core each; more threads only get in their way

settings.register_profile(
    "thorough", max_examples=10_000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadscope` the tests of a module stay together; those of the lessons only lesson by lesson."""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByLesson(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            scope = super()._split_scope(nodeid)
            return f"{scope}[{nodeid.rsplit('[')[-1]}" if scope.endswith("test_lessons.py") else scope

    return ByLesson(config, log)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium, or a skip."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no chromium here; on Debian and Ubuntu: apt install chromium")
    return path

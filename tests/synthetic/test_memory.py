"""Kept memory: the same arrays cost pages once, not every time."""

import platform
import subprocess
import sys

import pytest

CODE = """
import resource, sys
import numpy as np
from course_utils.synthetic.memory import keep_memory
kept = keep_memory() if sys.argv[1] == "keep" else True
def work():
    for _ in range(30):
        arrays = [np.ones(3 * 2**17) for _ in range(4)]  # four of 3 MiB, freed together
        del arrays
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(mode: str) -> int:
    result = subprocess.run([sys.executable, "-c", CODE, mode], capture_output=True, text=True, check=True)
    kept, faults = result.stdout.split()
    assert kept == "True"
    return int(faults)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc hands memory back")
def test_memory_is_fetched_once():
    assert page_faults("keep") < 0.1 * page_faults("leave")

"""Mitsuba, set up for this machine: compiled by LLVM where a version of it fits, interpreted where none does."""

import ctypes.util
import glob
import importlib.util
import os
import sys
from functools import cache
from types import ModuleType

from course_utils.errors import CourseError

# 14 is refused by Dr.Jit and 15 aborts, so the search begins with 16, newest first.
_VERSIONS = range(25, 15, -1)
_FOLDERS = ("/usr/lib/*-linux-gnu", "/usr/lib/llvm-*/lib", "/usr/lib64", "/opt/homebrew/opt/llvm*/lib")


def insist_on_extra() -> None:
    """Say at once what is not installed, and not after the first minute of work.

    Raises:
        CourseError: a package of the extra `render` is missing.
    """
    missing = [name for name in ("mitsuba", "mujoco", "oidn") if importlib.util.find_spec(name) is None]
    if missing:
        raise CourseError(f'{", ".join(missing)} missing; install the renderer: pip install -e ".[render]"')


@cache
def mitsuba() -> ModuleType:
    """The module, its variant chosen and one thread a process.

    Raises:
        CourseError: the extra `render` is not installed.
    """
    library = os.environ.get("DRJIT_LIBLLVM_PATH") or find_llvm()
    if library:
        os.environ["DRJIT_LIBLLVM_PATH"] = library
    try:
        import drjit
        import mitsuba as mi
    except ImportError as error:
        raise CourseError(f'{error.name} is missing; install the renderer: pip install -e ".[render]"') from None
    mi.set_log_level(mi.LogLevel.Error)
    if library:
        mi.set_variant("llvm_ad_rgb")
    else:
        print(
            "LLVM 16 or newer was not found (Debian: apt install libllvm19); rendering without it, slower",
            file=sys.stderr,
        )
        mi.set_variant("scalar_rgb")
    # Two processes of one thread each finish sooner than one of two.
    drjit.set_thread_count(1)
    return mi


def find_llvm() -> str:
    """Path of an LLVM library that Dr.Jit works with, or an empty string."""
    for version in _VERSIONS:
        for folder in _FOLDERS:
            found = sorted(glob.glob(f"{folder}/libLLVM*{version}*"))
            if found:
                return found[0]
        named = ctypes.util.find_library(f"LLVM-{version}")
        if named:
            return named
    return ""

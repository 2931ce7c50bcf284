"""Keeping freed memory: glibc hands large arrays back to the system, and fetching them again page by page is slow."""

import ctypes
from functools import cache

# glibc's malloc.h. The first is its own upper limit: larger values are refused.
_SETTINGS = (
    (-3, 32 * 2**20),  # M_MMAP_THRESHOLD: smaller arrays lie on the heap
    (-1, 2**31 - 1),  # M_TRIM_THRESHOLD: free memory at the heap's end stays
    (-2, 64 * 2**20),  # M_TOP_PAD: the heap grows in large steps
)


@cache
def keep_memory() -> bool:
    """Let this process keep what it frees; whether that is possible here. Nothing that is computed changes.

    A picture needs and frees like arrays hundreds of times, in physics, tracing and noise. Where the C library is not
    glibc nothing is done.
    """
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - other libraries have a mallopt that means something else
        return all(library.mallopt(parameter, value) for parameter, value in _SETTINGS)
    except (OSError, AttributeError, TypeError):
        return False

"""What several benchmarks measure with."""

import resource
import sys


def peak_memory() -> int:
    """Most memory, in bytes, that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

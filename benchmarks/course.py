"""What it costs to import the package: the time that `course` and every notebook pay before anything else.

usage: python benchmarks/course.py
"""

import re
import subprocess
import sys

LIMIT = 0.3  # seconds
RUNS = 5


def main() -> None:
    """Print the seconds of the import, the best of several runs, beside Python's own start; fail over the limit."""
    reports = [_import_times() for _ in range(RUNS)]
    seconds = min(report["course_utils"] for report in reports)
    heavy = sorted({"torch", "numpy", "matplotlib", "pandas"} & reports[0].keys())
    start = min(report["site"] for report in reports)
    print(f"import course_utils: {seconds:.4f} s (limit {LIMIT} s), beside {start:.4f} s for Python's own `site`")
    print(f"heavy modules that it brings: {', '.join(heavy) or 'none'}")
    if seconds >= LIMIT or "torch" in heavy:
        sys.exit("import course_utils is too heavy")


def _import_times() -> dict[str, float]:
    """Seconds, with all that it imports in turn, of every module that `python -X importtime` lists."""
    command = [sys.executable, "-X", "importtime", "-c", "import course_utils"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    rows = re.findall(r"^import time:\s+\d+ \|\s+(\d+) \|\s+(\S+)$", report, re.MULTILINE)
    return {name: int(microseconds) / 1e6 for microseconds, name in rows}


if __name__ == "__main__":
    main()

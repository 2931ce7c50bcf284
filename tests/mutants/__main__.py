"""Try all mutants: `python -m tests.mutants`, of some lessons or exercises: `python -m tests.mutants 07 otsu`."""

import os
import sys
import time

os.environ.setdefault("MPLBACKEND", "agg")

from .subjects import sources, subjects
from .trial import Count, Trial, equivalent


def main(wanted: list[str]) -> int:
    """Print what became of every mutant; 1 when one survives that is not listed, or a listed one is gone."""
    lessons = [name for name in sources() if name in wanted] or list(sources())
    names = [name for name in wanted if name not in sources()]
    total, faults = Count(), 0
    for number in lessons:
        faults += _lesson(number, names, total)
    print(f"{total.made} made, {total.killed} killed, {len(total.listed)} listed, {len(total.survivors)} survive")
    return int(faults > 0)


def _lesson(number: str, names: list[str], total: Count) -> int:
    """Try one lesson's mutants, print what came out, add it to the total, and give the number of faults."""
    listed, counts, start = equivalent(number), {}, time.process_time()
    for subject in subjects(number):
        name = subject.exercise.id
        if names and name not in names:
            continue
        count = counts.setdefault(name, Count())
        trial = Trial(subject)
        for mutant in trial.mutants():
            count.made += 1
            if trial.is_noticed(mutant):
                count.killed += 1
            elif mutant.change in listed.get(name, {}):
                count.listed.add(mutant.change)
            else:
                count.survivors.append(f"{'reference' if subject.is_reference else 'solution'}: {mutant.change}")
    faults = 0
    for name, count in counts.items():
        stale = [change for change in listed.get(name, {}) if change not in count.listed]
        print(f"{number} {name}: {count.made} made, {count.killed} killed, {len(count.listed)} listed, "
              f"{len(count.survivors)} survive")  # fmt: skip
        print("".join(f"    {line}\n" for line in count.survivors), end="")
        print("".join(f"    listed, but noticed or gone: {line}\n" for line in stale), end="")
        faults += len(count.survivors) + len(stale)
        total.made, total.killed = total.made + count.made, total.killed + count.killed
        total.listed |= {f"{name}: {change}" for change in count.listed}
        total.survivors += count.survivors
    print(f"{number}: {time.process_time() - start:.0f} s", flush=True)
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

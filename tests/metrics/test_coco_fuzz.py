"""Files with something wrong in them: read or refused in one line, and alike from a file and from its content."""

import copy
import json
import random

import pytest
import theirs
from random_sets import Recipe, make

from course_utils.errors import CourseError
from course_utils.metrics.coco import read_results, read_truth, results

STRANGE = [None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**30, "x", "1", "", [], {}, [1], [[1, 2, 3, 4, 5, 6]]]
STRANGE += [{"size": [40, 48], "counts": "0"}, {"size": [40, 48], "counts": [1920]}, {"size": "a"}, {"image_id": 1}]


def spoiled(content, rng: random.Random):
    """A copy in which one or two values, somewhere, are others or are missing."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(1, 2)):
        place = content
        while place:
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
            if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.75:
                place = place[key]
                continue
            if rng.random() < 0.3:
                del place[key]
            else:
                place[key] = copy.deepcopy(rng.choice(STRANGE))
            break
    return content


def attempt(action):
    """What an action gives, or what the CourseError says; any other error goes through."""
    try:
        return action()
    except CourseError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("kind", ["masks", "boxes"])
def test_spoiled_results(kind, tmp_path):
    annotations, rows = theirs.content(make(Recipe(4), kind))
    truth, rng, path = read_truth(annotations, kind), random.Random(0), tmp_path / "mine.json"
    outcomes = []
    for _ in range(400):
        content = spoiled(rows, rng)
        path.write_text(json.dumps(content))
        given = attempt(lambda content=content: results(read_results(content, truth)))
        filed = attempt(lambda: results(read_results(path, truth)))
        assert filed == (given.replace("refused: results", f"refused: {path}") if isinstance(given, str) else given)
        outcomes.append(given)
    refused = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert 100 < len(refused) < 400 and not any("Error" in words or "\n" in words for words in refused)


@pytest.mark.parametrize("kind", ["masks", "boxes"])
def test_spoiled_annotations(kind):
    annotations, _ = theirs.content(make(Recipe(4), kind))
    rng = random.Random(0)
    contents = [spoiled(annotations, rng) for _ in range(400)]
    outcomes = [attempt(lambda content=content: read_truth(content, kind)) for content in contents]
    refused = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert 100 < len(refused) < 400 and not any("Error" in words or "\n" in words for words in refused)
    for content, outcome in zip(contents, outcomes, strict=True):
        if not isinstance(outcome, str):
            assert sum(map(len, outcome.images.values())) == len(content["annotations"]), "none is lost"

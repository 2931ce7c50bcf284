"""The practitioner's path: the commands and the code of the README's section on own data, run as they stand there."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner
from helpers import foreign, tiny_set

from course_utils.cli import cli
from course_utils.paths import repo_root

# Only to be quick: two steps on tiny photos.
SHORT = "--steps 2 --size 64 --batch 2 --evaluate-every 0 --no-bf16"


def section() -> str:
    text = (repo_root() / "README.md").read_text(encoding="utf-8")
    return re.search(r"^## Your own data\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with somebody else's annotations and photos, and nothing more."""
    tiny_set.write(tmp_path / "my_set")
    (tmp_path / "my_set" / "annotations" / "tiny.json").unlink()
    (tmp_path / "theirs.json").write_text(json.dumps(foreign.to_kins_2019(tiny_set.content())))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_from_a_foreign_file_to_a_trained_model(place):
    commands = re.findall(r"^    \.venv/bin/course (.*)$", section(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["data", "data", "train"]
    outputs = []
    for command in commands:
        words = shlex.split(command) + (SHORT.split() if command.startswith("train") else [])
        result = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        outputs.append(result.output)
    assert "2 images, 3 annotations; 0 faults left out" in outputs[0]
    assert "2 images, 3 annotations (amodal): no problems" in outputs[1]
    assert (place / "runs" / "mine" / "weights.safetensors").stat().st_size > 10**6
    settings = json.loads((place / "runs" / "mine" / "settings.json").read_text())
    assert settings["classes"] == [category["name"] for category in tiny_set.content()["categories"]]

    (code,) = re.findall(r"```python\n(.*?)```", section(), re.DOTALL)
    names: dict = {}
    exec(code, names)  # noqa: S102 - our own README
    assert len(names["scenes"]) == 2 and names["scenes"][0].masks.shape == (2, *tiny_set.SIZE)

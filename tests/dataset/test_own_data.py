"""The practitioner's path: the commands and the code of the README's section on own data, run as they stand there."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from helpers import foreign, tiny_set

from course_utils.cli import cli
from course_utils.dataset import load
from course_utils.paths import repo_root

# Only to be quick: two steps on small photos.
SHORT = "--steps 2 --size 64 --batch 2 --evaluate-every 0 --no-bf16"


def section() -> str:
    text = (repo_root() / "README.md").read_text(encoding="utf-8")
    return re.search(r"^## Your own data\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]


def run(words: list[str]) -> str:
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.slow
def test_the_readmes_commands_and_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs.json").write_text(json.dumps(foreign.to_kins_2019(tiny_set.content())))
    (tmp_path / "data").symlink_to(repo_root() / "data")
    commands = [shlex.split(one) for one in re.findall(r"^    \.venv/bin/course (.*)$", section(), re.MULTILINE)]
    first = [" ".join(words[:2]) if words[0] == "data" else words[0] for words in commands]
    assert first == ["data example", "data check", "data import", "train", "evaluate", "predict"]
    said = {
        name: run(words + (SHORT.split() if name == "train" else []))
        for name, words in zip(first, commands, strict=True)
    }
    assert said["data check"].count("no problems") == 2
    assert "my_set/annotations/train.json: 2 photos, 3 objects" in said["data import"]
    assert "train.json: 48 photos, 245 objects of 3 classes" in said["train"]
    assert "val: 16 photos, 82 objects; scores from 0.5 on" in said["evaluate"]
    assert "predicted: 16 photos, " in said["predict"]
    assert len(list(Path("predicted/pictures").iterdir())) == 16

    (code,) = re.findall(r"```python\n(.*?)```", section(), re.DOTALL)
    names: dict = {}
    exec(code, names)  # noqa: S102 - our own README
    assert names["scene"].masks.shape[1:] == (256, 256) and names["found"].image.shape == (256, 256, 3)


FILES = {
    "plain COCO": foreign.to_coco,
    "KINS 2019": foreign.to_kins_2019,
    "KINS 2020": foreign.to_kins_2020,
    "the course's own": lambda coco: coco,
}


@pytest.mark.parametrize("kind", FILES)
def test_the_code_opens_what_the_readme_names(tmp_path, kind):
    """Plain COCO and the course's own as they are, the others once they are imported."""
    tiny_set.write(tmp_path)
    path = tmp_path / "annotations" / "theirs.json"
    path.write_text(json.dumps(FILES[kind](tiny_set.content())))
    name = "theirs"
    if "KINS" in kind:
        run(["data", "import", str(path), "--out", str(path.with_name("train.json"))])
        name = "train"
    scene = load(name, tmp_path)[0]
    amodal = kind != "plain COCO"
    behind = tiny_set.BEHIND if amodal else tiny_set.BEHIND & ~tiny_set.FRONT
    assert scene.amodal == amodal and np.array_equal(scene.masks, [behind, tiny_set.FRONT])
    assert np.array_equal(scene.visible_masks, [tiny_set.BEHIND & ~tiny_set.FRONT, tiny_set.FRONT])
    assert scene.boxes.shape == (2, 4) and scene.image.shape == (24, 32, 3)
    assert [piece.label for piece in scene.instances] == [1, 6]

"""What other programs read: workflows against their schema and a security linter, conda's environment, imports."""

import json
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_all_workflows_are_there():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "grade.yml", "pages.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_githubs_schema(path):
    result = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(path))
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_broken_workflow_does_not_fit(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert (
        run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(broken)).returncode == 1
    )


def test_ci_runs_on_three_systems_and_three_pythons_as_the_readme_says():
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["test"]
    matrix = job["strategy"]["matrix"]
    assert [system.split("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    readme = (ROOT / "README.md").read_text()
    for step in job["steps"]:
        for command in step.get("run", "").splitlines():
            if command.startswith(("make", "python")):
                assert f"    {command} " in readme.replace("py install", "python install")
            for place in re.findall(r"tests/\w+", command):
                assert (ROOT / place).is_dir()


def test_files_are_the_same_bytes_on_every_system():
    assert run("git", "check-attr", "text", "data/foods.csv").stdout == "data/foods.csv: text: unset\n"


def test_workflows_are_safe():
    result = run(str(BIN / "zizmor"), "--offline", "--no-progress", *map(str, WORKFLOWS))
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_commit_is_looked_at_as_by_make_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    commands = [line.strip().replace("$(BIN)", ".venv/bin").removesuffix(" .") for line in recipe.splitlines()]
    assert [hook["entry"].removesuffix(" --force-exclude") for hook in hooks] == commands
    assert all(hook["language"] == "system" for hook in hooks)  # nothing is fetched, no second set of versions


def test_conda_installs_what_pip_installs():
    lines = [line.strip() for line in (ROOT / "environment.yml").read_text().splitlines()]
    packages = lines[lines.index("dependencies:") + 1 :]
    assert packages == ["- python=3.11", "- pip", "- pip:", "- -c requirements.lock", "- -e ."]


def test_the_devcontainer_is_json():
    assert "make" in json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())["postCreateCommand"]


def test_the_lock_names_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock and "--index" not in lock and "torch==2.14.1" in lock and "torchvision==0.29.1" in lock


def test_the_lock_pins_all_that_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    pinned = {name(line) for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}
    assert {name(requirement) for requirement in asked} <= pinned


def name(requirement: str) -> str:
    """The name of a requirement, in the one form that names are compared in."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement.strip())[0]).lower()


def test_importing_the_package_is_quick_and_brings_no_torch():
    code = (
        "import sys, time; t = time.perf_counter(); import course_utils; "
        "print(time.perf_counter() - t); sys.exit('torch' in sys.modules)"
    )
    results = [run(sys.executable, "-c", code) for _ in range(3)]
    assert all(result.returncode == 0 for result in results)
    assert min(float(result.stdout) for result in results) < 0.3

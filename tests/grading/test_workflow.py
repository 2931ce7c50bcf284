"""The workflow that grades a fork is valid, safe and asks for nothing that it does not need."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from course_utils.paths import repo_root

WORKFLOW = repo_root() / ".github/workflows/grade.yml"


def lint(*command: str) -> subprocess.CompletedProcess:
    tool = Path(sys.executable).with_name(command[0])
    return subprocess.run([tool, *command[1:], WORKFLOW], capture_output=True, text=True)


def test_it_is_a_valid_workflow() -> None:
    done = lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
    assert done.returncode == 0, done.stdout


def test_the_security_linter_finds_nothing() -> None:
    done = lint("zizmor", "--offline", "--no-progress")
    assert done.returncode == 0, done.stdout


def test_it_may_only_read_and_its_actions_are_pinned() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["grade"]["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in workflow["jobs"]["grade"]["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action) for action in used)


def test_the_summary_goes_to_the_job_page() -> None:
    assert 'grades/summary.md >> "$GITHUB_STEP_SUMMARY"' in WORKFLOW.read_text()

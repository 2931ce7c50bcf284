"""A run killed at any moment ends with the weights of an unbroken one; several processes learn as one does."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from helpers import ctrl_c
from helpers import training_runs as runs

from course_utils.training import checkpoint


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    return runs.write_coco(tmp_path_factory.mktemp("coco"))


@pytest.fixture(scope="module")
def unbroken(coco, tmp_path_factory):
    out = tmp_path_factory.mktemp("unbroken")
    result = runs.run(coco, out)
    assert result.returncode == 0, result.stderr
    return out


def losses(out) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in checkpoint.read_log(out / "log.csv")]


def wait_for_rows(process, path, count: int) -> None:
    deadline = time.monotonic() + 120
    while len(checkpoint.read_log(path)) < count:
        assert process.poll() is None and time.monotonic() < deadline, "the run ended before it could be stopped"
        time.sleep(0.01)


def assert_same_end(out, other):
    assert losses(out) == losses(other)
    mine, theirs = (checkpoint.load_state(folder / "checkpoint.pt") for folder in (out, other))
    for part in ("model", "average"):
        assert all(torch.equal(mine[part][name], theirs[part][name]) for name in mine[part])
    assert (out / "weights.safetensors").read_bytes() == (other / "weights.safetensors").read_bytes()


def test_killed_and_resumed(coco, unbroken, tmp_path):
    process = subprocess.Popen(runs.command(coco, tmp_path), env=runs.environment(), stderr=subprocess.DEVNULL)
    wait_for_rows(process, tmp_path / "log.csv", 2)
    process.kill()
    process.wait()
    assert len(losses(tmp_path)) < 4
    assert runs.run(coco, tmp_path).returncode == 0
    assert_same_end(tmp_path, unbroken)


def test_asked_to_stop_and_resumed(coco, unbroken, tmp_path):
    process = subprocess.Popen(runs.command(coco, tmp_path), env=runs.environment(), stderr=subprocess.PIPE, text=True)
    wait_for_rows(process, tmp_path / "log.csv", 1)
    process.send_signal(signal.SIGTERM)
    words = process.communicate(timeout=60)[1]
    assert process.returncode != 0 and "Traceback" not in words
    done = checkpoint.load_state(tmp_path / "checkpoint.pt")["step"]
    assert done == len(losses(tmp_path)) < 4
    assert runs.run(coco, tmp_path).returncode == 0
    assert_same_end(tmp_path, unbroken)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_loses_nothing(coco, tmp_path, number):
    command = runs.command(coco, tmp_path, "--workers=1", "--save-every=1000", "--steps=1000")
    with ctrl_c.start(command, env=runs.environment()) as process:
        wait_for_rows(process, tmp_path / "log.csv", 1)
        os.killpg(process.pid, number)
        words = process.communicate(timeout=60)[1]
    assert process.returncode != 0 and "Traceback" not in words, words
    assert checkpoint.load_state(tmp_path / "checkpoint.pt")["step"] == len(losses(tmp_path)) < 1000


def test_two_processes_learn_as_one(coco, tmp_path):
    alone = runs.run(coco, tmp_path / "one", "--accumulate=2", "--steps=3")
    together = runs.run(coco, tmp_path / "two", "--steps=3", processes=2)
    assert alone.returncode == together.returncode == 0, alone.stderr + together.stderr
    rows = zip(losses(tmp_path / "one"), losses(tmp_path / "two"), strict=True)
    for one, two in rows:
        for name in one:
            assert float(two[name]) == pytest.approx(float(one[name]), rel=2e-3, abs=2e-3), name


EACH_ITS_OWN_FOLDER = """
import os, sys
from course_utils.cli import main
sys.argv[sys.argv.index("--out") + 1] += os.environ["RANK"]
main()
"""
"""As on machines that share no disk."""


def test_processes_with_folders_of_their_own_are_refused(coco, unbroken, tmp_path):
    shutil.copytree(unbroken, tmp_path / "run0")
    script = tmp_path / "train.py"
    script.write_text(EACH_ITS_OWN_FOLDER)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    command += ["train", "--data", str(coco), "--out", str(tmp_path / "run"), *runs.SETTINGS]
    result = subprocess.run(command, env=runs.environment(), capture_output=True, text=True, timeout=300)
    assert result.returncode != 0
    words = "the processes found different states in it, of the steps 4, 0; all processes must see the same --out"
    assert words in result.stderr
    assert not (tmp_path / "run1").exists()


def test_other_settings_are_refused(coco, unbroken):
    before = (unbroken / "checkpoint.pt").read_bytes()
    result = runs.run(coco, unbroken, "--learning-rate=0.5")
    assert result.returncode != 0
    assert "checkpoint.pt: was trained with learning_rate 0.0007; use those settings" in result.stderr
    assert "Traceback" not in result.stderr
    assert (unbroken / "checkpoint.pt").read_bytes() == before


def test_a_loss_that_explodes_stops_with_one_line(coco, tmp_path):
    result = runs.run(coco, tmp_path, "--learning-rate=1e18", "--warmup=0", "--clip=1e30", "--steps=30")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert "is not a number; the last good checkpoint in" in result.stderr
    kept = checkpoint.load_state(tmp_path / "checkpoint.pt")
    assert kept["step"] == len(losses(tmp_path)) < 30

"""A training that ends when it is to end."""

import time
from dataclasses import replace

import pytest
from helpers import training_runs as runs

from course_utils.errors import CourseError
from course_utils.training import timebox
from course_utils.training.checkpoint import load_state, read_log
from course_utils.training.samples import CocoFile
from course_utils.training.settings import TrainSettings

TINY = TrainSettings(profile="tiny", size=64, batch=1, bf16=False, evaluate_every=0)


def test_steps_that_fit_leave_a_little_time():
    assert timebox.steps_that_fit(0.5, 100) == 186
    assert timebox.steps_that_fit(1, 1.1) == 1
    with pytest.raises(CourseError, match="a step takes 2 s and 2 s are left; nothing can be trained"):
        timebox.steps_that_fit(2, 2)
    with pytest.raises(CourseError, match="nothing can be trained"):
        timebox.steps_that_fit(2, -5)


def test_all_steps_of_the_schedule_are_done_in_time(monkeypatch, tmp_path):
    monkeypatch.setattr(timebox, "seconds_per_step", lambda *_: 10.0)
    model = timebox.train_until(time.monotonic() + 60, TINY, CocoFile(runs.write_coco(tmp_path)), tmp_path / "run")
    log = read_log(tmp_path / "run/log.csv")
    assert [row["step"] for row in log] == ["1", "2", "3", "4", "5"] and float(log[-1]["learning_rate"]) < 7e-5 * 5
    assert not model.training


def test_a_run_that_is_slower_than_it_was_is_stopped_and_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(timebox, "seconds_per_step", lambda *_: 1e-4)
    source = CocoFile(runs.write_coco(tmp_path))
    timebox.train_until(time.monotonic() + 2, TINY, source, tmp_path / "run")
    state = load_state(tmp_path / "run/checkpoint.pt")
    assert 0 < state["step"] == len(read_log(tmp_path / "run/log.csv")) < state["settings"]["steps"]


def test_a_trial_measures_steps(monkeypatch, tmp_path):
    monkeypatch.setattr(timebox, "TRIAL_STEPS", 12)
    source = CocoFile(runs.write_coco(tmp_path))
    start = time.perf_counter()
    each = timebox.seconds_per_step(replace(TINY, steps=9), source, tmp_path / "trial")
    assert 0 < 2 * each < time.perf_counter() - start

"""Files of a run are whole at any moment: a failed write leaves the old one."""

import errno
import subprocess
import sys

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.training import checkpoint


def test_state_comes_back(tmp_path):
    checkpoint.save_state(tmp_path / "a" / "state.pt", {"step": 3, "weights": {"w": torch.arange(4.0)}})
    state = checkpoint.load_state(tmp_path / "a" / "state.pt")
    assert state["step"] == 3 and torch.equal(state["weights"]["w"], torch.arange(4.0))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["state.pt"]


def test_a_full_disk_keeps_the_last_good_one(tmp_path):
    path = tmp_path / "state.pt"
    checkpoint.save_state(path, {"step": 1})
    with (
        pytest.raises(CourseError, match=r"state\.pt: cannot be written: the disk is full; the last good one is kept"),
        checkpoint.whole(path) as beside,
    ):
        beside.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert checkpoint.load_state(path) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_torch_s_own_writer_runs_into_the_limit(tmp_path):
    """The operating system really refuses: files of this process may not grow beyond 64 KiB."""
    checkpoint.save_state(tmp_path / "state.pt", {"step": 1})
    code = f"""
import resource, torch
from pathlib import Path
from course_utils.training import checkpoint
resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))
try:
    checkpoint.save_state(Path({str(tmp_path / "state.pt")!r}), {{"w": torch.zeros(2**20)}})
except checkpoint.CourseError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert "cannot be written" in result.stdout and "the last good one is kept" in result.stdout, result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert checkpoint.load_state(tmp_path / "state.pt") == {"step": 1}


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut short"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(CourseError, match=r"state\.pt: cannot be read as a checkpoint: .*start anew") as caught:
        checkpoint.load_state(tmp_path / "state.pt")
    assert "\n" not in str(caught.value)


def test_a_stranger_s_checkpoint_runs_no_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save(Evil(), tmp_path / "state.pt")
    with pytest.raises(CourseError):
        checkpoint.load_state(tmp_path / "state.pt")
    assert not (tmp_path / "owned").exists()


def test_a_log_forgets_what_came_after_the_checkpoint(tmp_path):
    path = tmp_path / "log.csv"
    log = checkpoint.Log(path, 0)
    for step in (1, 2, 3):
        log.append({"step": step, "loss": f"{1 / step:.2f}"})
    path.write_text(path.read_text() + "4,0.")  # cut short by a kill
    log = checkpoint.Log(path, 2)
    log.append({"step": 3, "loss": "0.30"})
    assert [(row["step"], row["loss"]) for row in checkpoint.read_log(path)] == [
        ("1", "1.00"),
        ("2", "0.50"),
        ("3", "0.30"),
    ]


def test_a_row_cut_short_is_not_glued_to_the_next(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,loss,seconds\n1,0.9,1\n2,0.8,1\n3,0.")
    checkpoint.Log(path, 2).append({"step": 3, "loss": 0.7, "seconds": 1})
    assert [row["loss"] for row in checkpoint.read_log(path)] == ["0.9", "0.8", "0.7"]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"step\nx\n", b"\xff\xfe\n"])
def test_another_file_in_the_log_s_place_is_named(tmp_path, content):
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=r"log\.csv: "):
        checkpoint.Log(path, 2)
    assert path.read_bytes() == content


def test_a_file_in_the_folder_s_place_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        checkpoint.write_json(tmp_path / "out" / "settings.json", {})


def test_no_log_is_an_empty_log(tmp_path):
    assert checkpoint.read_log(tmp_path / "none.csv") == []

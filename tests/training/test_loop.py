"""Choices of the loop that depend on the machine."""

import pytest
import torch
from helpers import training_runs as runs

from course_utils.training.loop import Run, computes_bf16
from course_utils.training.samples import CocoFile
from course_utils.training.settings import TrainSettings

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("has", "expected"),
    [({}, False), ({"avx512_bf16": False}, False), ({"amx_bf16": True}, True), ({"bf16": True}, True)],
)
def test_bfloat16_needs_instructions_for_it(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    assert computes_bf16(CPU) is expected


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("can", [True, False])
def test_layout_and_arithmetic_go_together(monkeypatch, tmp_path, wanted, can):
    """Channels last is quicker in bfloat16 and slower in float32 on a CPU."""
    monkeypatch.setattr("course_utils.training.loop.pick_device", lambda: CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": can})
    source = CocoFile(runs.write_coco(tmp_path))
    run = Run(TrainSettings(profile="tiny", size=64, bf16=wanted), source, tmp_path / "run")
    weight = run.model.backbone.body.layer1[0].conv1.weight
    assert run.bf16 is (wanted and can)
    assert weight.is_contiguous(memory_format=torch.channels_last) is run.bf16

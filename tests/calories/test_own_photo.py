"""The widget with which a reader weighs a photo of their own."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from test_photo import Stub

from course_utils.calories.photo import STRANGE, detect_all
from course_utils.plots import own_photo


@pytest.fixture
def widget(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        own_photo, "detect_and_judge", lambda model, _, image: (detect_all(model, image), image.mean() < 100)
    )
    return own_photo.Widget(Stub(), None, lambda found, px_per_cm: [px_per_cm * 10] * len(found), "my_photos.csv")


def chosen(widget, grey: int, name: str = "a.jpg", content: bytes | None = None) -> str:
    """What the widget says about a photo."""
    file = io.BytesIO()
    Image.fromarray(np.full((160, 160, 3), grey, np.uint8)).save(file, "PNG")
    one = {"name": name, "type": "image/png", "size": 1, "content": memoryview(content or file.getvalue())}
    widget.upload.value = ({**one, "last_modified": pd.Timestamp("2024-01-01", tz="UTC").to_pydatetime()},)
    return widget.line.value


def test_a_plate_is_weighed_by_the_reader_s_code_and_again_when_the_scale_changes(widget):
    assert chosen(widget, 255) == "<b>58 kcal</b> in 1 piece, by your own code."  # 0.8 * 160 px over 22 cm, times 10
    widget.diameter.value = 11
    assert widget.line.value.startswith("<b>116 kcal</b>")


def test_a_strange_photo_gets_a_sentence_and_a_meal_only_when_asked_for(widget):
    widget._model = lambda images: Stub()([images[0] * 0 + 1])
    assert chosen(widget, 50) == f"{STRANGE.capitalize()}."
    widget.anyway.value = True
    assert "58 kcal" in widget.line.value and widget.line.value.endswith(f"But {STRANGE}.")


def test_what_lies_there_is_kept(widget, tmp_path):
    assert widget.button.disabled
    chosen(widget, 255)
    widget.there["tahu"].value = 3
    widget.keep()
    row = pd.read_csv(tmp_path / "my_photos.csv").iloc[0]
    assert (row["photo"], row["tahu_there"], row["tempe_said"], row["tahu_said"]) == ("a.jpg", 3, 1, 0)


def test_what_is_no_photo_is_said(widget):
    assert chosen(widget, 0, content=b"text").startswith("Sorry: ") and widget.button.disabled
    widget.diameter.value = 11
    assert widget.line.value.startswith("Sorry: ")
